import { lastPartOf } from '../../arn';
import { CLOCK_MARGIN_SECONDS, FIRST_LOOK_SECONDS, LONGEST_DEPLOYMENT_SECONDS, type Pace, secondsSince, WAIT_SECONDS } from '../../timing';
import type { Command } from '../decision';
import { watchesAlarms } from '../facts/alarm-watch';
import { RANKS } from '../facts/deployment-status';
import { paceOf } from '../facts/pace';
import { stackTagsFor } from '../facts/stack-tags';
import { canFinish, tooLate } from '../guards/time-left';
import type { ObservedDaemon, Reads } from '../observation';
import { fail, succeed } from '../report/response';
import type { Rollout } from '../rollout';
import type { DeletePlan, Deletion, DeploymentEnd, DeployPlan, WatchedDeployment } from '../stage';
import { poll, type State, type StateIn, withSighting } from '../state';

export const readDaemonToDelete = (state: State, deletion: Deletion, seconds = 0, ...logLines: string[]): State =>
  poll({ ...state, stage: { name: 'drain', deletion } }, seconds, { daemon: { arn: deletion.arn, tags: true } }, ...logLines);

/** Plans the deployment once the daemon that a failed change of name or cluster has left behind is gone, or is not ours. */
export function afterDeletionOfPrevious(
  state: State, { name, createdAt }: Deletion, rollout: Rollout, now: number, ...logLines: string[]
): State {
  const next: State = {
    ...withSighting(state, 'daemon-gone', false, now), phase: 'PREFLIGHT', ecsStarted: undefined, write: undefined, blockedOn: undefined,
    sideEffects: createdAt === undefined ? undefined : [`the daemon ${name} was deleted`], furtherProviderArns: undefined,
  };
  return readSettings(next, rollout, 0, ...logLines);
}

/** Reads, after the end of a deployment, what the daemon runs and whether a newer deployment has started. */
export function readOutcome(
  state: StateIn<'watch' | 'verify'>, end: DeploymentEnd, rollout: Rollout, seconds: number, ...logLines: string[]
): State {
  const { watched } = state.stage;
  const alarms = watched.endSeen?.status === 'SUCCESSFUL' && watchesAlarms(rollout) ? { alarms: true as const } : {};
  const reads: Reads = { daemon: { arn: rollout.daemonArn, latest: true, settings: true, tags: true }, ...alarms };
  return poll({ ...state, stage: { name: 'verify', watched, end } }, seconds, reads, ...logLines);
}

/** Reads whether the deployment of a peer drains instances that this rollout is going to drain. */
export function readPeers(
  state: State, plan: DeployPlan | DeletePlan, seconds: number, now: number, rollout: Rollout, ...logLines: string[]
): State {
  // This poll may have the most reads. After a wait, a pause lets the budget of reads delay it.
  const pause = state.blocker ? Math.max(1, seconds) : seconds;
  return poll({ ...state, stage: { name: 'turn', plan } }, pause, peerReads(state, now, rollout), ...logLines);
}

/** All daemons of the cluster on the capacity providers that we drain, those that are just leaving them included (A27). */
export const peerReads = (state: State, now: number, rollout: Rollout): Reads & Required<Pick<Reads, 'peers' | 'requests'>> => ({
  requests: rollout.stackId,
  peers: {
    clusterArn: rollout.desired.ClusterArn,
    capacityProviderArns: drainedProviders(state, rollout),
    updatedSince: now - LONGEST_DEPLOYMENT_SECONDS * 1000,
  },
});

/** A removed capacity provider is drained as well (A27), one that a person has added included. */
export const drainedProviders = ({ furtherProviderArns = [] }: State, { desired, previous }: Rollout): string[] =>
  [...new Set([...desired.CapacityProviderArns, ...previous?.CapacityProviderArns ?? [], ...furtherProviderArns])];

/** Polls the blocking deployment again while there is time left. */
export function keepWaiting(state: State, seconds: number, reads: Reads, now: number, rollout: Rollout, ...logLines: string[]): State {
  return mustFinish(rollout) && !canFinish(rollout, now) ? giveUp(state, now, rollout) : poll(state, seconds, reads, ...logLines);
}

/** Fails a rollout that could no longer be finished, and names what it waited for. */
export const giveUp = (state: State, now: number, rollout: Rollout): State =>
  fail({ ...state, phase: 'WAITING_TURN' }, rollout, 'TIMED_OUT', `TIMED_OUT: ${blockedOnWhat(state)}; ${tooLate(state, rollout, now)}`);

/** The rollout may have been planned again since the wait, which clears `blockedOn`. */
const blockedOnWhat = ({ blockedOn, blocker }: State): string => blockedOn ?? (blocker ? `it waited for the daemon ${lastPartOf(blocker.arn)}` : 'it waited');

/** A deletion and the way back of a stack begin however late it is: left undone they are worse than unfinished. */
export const mustFinish = ({ request, rollingBack }: Rollout): boolean => request !== 'delete' && !rollingBack;

/** Reads the deployment alarms to judge them again. */
export const readAlarms = (state: State, plan: DeployPlan, seconds: number, ...logLines: string[]): State =>
  poll({ ...state, phase: 'PREFLIGHT', stage: { name: 'preflight', plan } }, seconds, { alarms: true }, ...logLines);

/** Requests a write. A repeated attempt keeps what was known before the first. */
export function requestWrite(state: State, command: Command, now: number, ...logLines: string[]): State {
  const first = state.write?.command === command && state.write.interruptedAt !== undefined ? state.write : undefined;
  const notBefore = state.newest?.createdAt || now - CLOCK_MARGIN_SECONDS * 1000;
  const write = first ?? { command, notBefore, latestArn: state.latestArn ?? '' };
  return { ...state, phase: 'APPLYING', write, decision: { kind: 'write', command }, logLines: [...state.logLines, ...logLines] };
}

/** The write of the plan; tags come first, since they reach tasks only when a task is created (R12). */
export function carryOutPlan(before: State, plan: DeployPlan, now: number, rollout: Rollout): State {
  const state: State = { ...before, stage: { name: 'write', plan } };
  const { latestArn = '', tagsDiffer } = state;
  const { DaemonName } = rollout.desired;
  if (tagsDiffer) return requestWrite(state, 'tag-daemon', now, 'APPLYING: changes the tags', ...withoutRoom(rollout));
  switch (plan.kind) {
    case 'create-daemon': return requestWrite(state, 'create-daemon', now, `APPLYING: creates the daemon ${DaemonName}`, ...withoutRoom(rollout));
    case 'update-daemon': return requestWrite(state, 'update-daemon', now, `APPLYING: updates the daemon ${DaemonName}`);
    case 'follow-deployment':
    case 'follow-rollback': return watch(state, latestArn, plan.kind, now, rollout);
    case 'none': return succeed(state, rollout, 'UNCHANGED', `the daemon ${DaemonName} needed no rollout`);
  }
}

/** ECS allows 50 tags: those of the stack come last. */
function withoutRoom({ desired, stackTags = {} }: Rollout): string[] {
  const { left } = stackTagsFor(desired, stackTags);
  return left.length > 0 ? [`APPLYING: the daemon has no room for the tags ${left.join(', ')} of the stack`] : [];
}

/** Looks at the settings, and at what the stack has not completed yet. */
export function readSettingsAndOperations(state: State, { daemonArn, stackId }: Rollout, others: Pick<Reads, 'requests'> = {}): State {
  const reads: Reads = { daemon: { arn: daemonArn, latest: true, settings: true, tags: true }, openOperations: stackId, ...others };
  return poll({ ...state, stage: { name: 'plan' } }, 0, reads);
}

/** Looks at all actual settings: four calls (R15). */
export function readSettings(state: State, { daemonArn }: Rollout, seconds: number, ...logLines: string[]): State {
  return poll({ ...state, stage: { name: 'plan' } }, seconds, { daemon: { arn: daemonArn, latest: true, settings: true, tags: true } }, ...logLines);
}

/** Where the daemon runs that its properties do not name, because a person has added it, or a rollback was not completed. */
export function furtherProviders({ revisions }: ObservedDaemon, { desired, previous }: Rollout): string[] | undefined {
  const named = [...desired.CapacityProviderArns, ...previous?.CapacityProviderArns ?? []];
  const further = revisions.flatMap(({ capacityProviderArns }) => capacityProviderArns).filter((arn) => !named.includes(arn));
  return further.length > 0 ? [...new Set(further)] : undefined;
}

/** Waits for somebody else with one read a look, and says so when it begins. */
export function waitFor(state: State, reads: Reads, whom: string, now: number, rollout: Rollout): State {
  const blockedOn = `it waited for ${whom}`;
  const logLines = state.blockedOn === blockedOn ? [] : [`WAITING_TURN: waits for ${whom}`];
  return keepWaiting({ ...state, phase: 'WAITING_TURN', stage: { name: 'await-deployment' }, blockedOn }, WAIT_SECONDS, reads, now, rollout, ...logLines);
}

/** Watches a deployment from now on: that of the plan, or the one by which ECS rolls it back. */
export function watch(state: State, deploymentArn: string, carries: DeployPlan['kind'] | RolledBack, now: number, rollout: Rollout): State {
  const direction = typeof carries === 'object' ? 'ecs-rollback' : carries === 'follow-rollback' ? 'adopted-rollback' : 'forward';
  const watched: WatchedDeployment = {
    arn: deploymentArn, since: now, createdAt: now, furthestRank: direction === 'forward' ? 0 : RANKS.ROLLBACK_IN_PROGRESS,
    ...typeof carries === 'object' ? knownOf(carries.rolledBack) : {
      updatedInstances: 0, totalInstances: 0, uncoveredInstances: 0, phase: 'DEPLOYING',
      isFound: carries === 'follow-deployment' || carries === 'follow-rollback',
      inAlarmBefore: carries === 'update-daemon' ? state.ignoredAlarms ?? [] : undefined,
    },
    drainingInstances: 0, taskFailures: 0, counts: '', progressedAt: now, direction, targetArn: '', sourceArns: [], lastLogged: '',
  };
  const verb = direction === 'forward' ? 'follows the deployment' : "follows ECS's rollback by the deployment";
  const next: StateIn<'watch'> = {
    ...state, phase: direction === 'forward' ? 'DEPLOYING' : 'ROLLING_BACK', stage: { name: 'watch', watched }, ecsStarted: 'certainly', blockedOn: undefined,
  };
  return poll(next, FIRST_LOOK_SECONDS, readsOf(next, rollout), `${next.phase}: ${verb} ${deploymentArn}`);
}

/** The deployment that ECS rolls back. */
interface RolledBack {
  readonly rolledBack: WatchedDeployment;
}

type Known = 'alarm' | 'notMonitored' | 'cause' | 'updatedInstances' | 'totalInstances' | 'uncoveredInstances' | 'phase' | 'isFound';

const knownOf = (
  { alarm, notMonitored, cause, updatedInstances, totalInstances, uncoveredInstances, phase, isFound }: WatchedDeployment,
): Pick<WatchedDeployment, Known> => ({ alarm, notMonitored, cause, updatedInstances, totalInstances, uncoveredInstances, phase, isFound });

const readsOf = ({ stage, ownerUnconfirmed }: StateIn<'watch'>, { daemonArn }: Rollout): Reads =>
  ({ deployment: stage.watched.arn, ...ownerUnconfirmed && { daemon: { arn: daemonArn, tags: true } } });

/** Polls the deployment again, and the deployment alarms whenever they are due. */
export function pollDeployment(state: StateIn<'watch'>, now: number, rollout: Rollout, seconds?: number, ...logLines: string[]): State {
  const { watched } = state.stage;
  const isGuarded = watchesAlarms(rollout) && watched.direction === 'forward' && state.phase !== 'ROLLING_BACK';
  const pace: Pace = paceOf(isGuarded ? (state.phase === 'BAKING' ? 'baking' : 'deploying') : 'unguarded', rollout.startedAt, now);
  const look = seconds ?? pace.lookSeconds;
  const lastSeconds = secondsSince(watched.alarmsAt ?? watched.since, now);
  const due = isGuarded && (watched.inAlarmBefore === undefined || lastSeconds + look >= pace.alarmSeconds);
  const reads: Reads = { ...readsOf(state, rollout), ...(due ? { alarms: true as const } : {}) };
  return poll(state, look, reads, ...logLines);
}
