import { lastPartOf } from '../../arn';
import { CLOCK_MARGIN_SECONDS, FIRST_LOOK_SECONDS, LONGEST_DEPLOYMENT_SECONDS, type Pace, secondsSince, WAIT_SECONDS } from '../../timing';
import type { Command } from '../decision';
import { watchesAlarms } from '../facts/alarm-watch';
import { RANKS } from '../facts/deployment-status';
import { paceOf } from '../facts/pace';
import { stackTagsFor } from '../facts/stack-tags';
import { deletedDaemonArn, deletedDaemonName } from '../facts/subject';
import { canFinish, tooLate } from '../guards/time-left';
import type { ObservedDaemon, Reads } from '../observation';
import { fail, succeed } from '../report/response';
import type { Rollout } from '../rollout';
import { poll, type State, type WatchedDeployment } from '../state';

export function readDaemonToDelete(state: State, rollout: Rollout, seconds = 0, ...logLines: string[]): State {
  return poll({ ...state, stage: 'drain' }, seconds, { daemon: { arn: deletedDaemonArn(state, rollout), tags: true } }, ...logLines);
}

export function afterDeletionOfPrevious(state: State, rollout: Rollout, ...logLines: string[]): State {
  const sideEffects = state.ownedCreatedAt !== undefined ? [`the daemon ${deletedDaemonName(state, rollout)} was deleted`] : undefined;
  const next: State = {
    ...state, phase: 'PREFLIGHT', deletesPrevious: false, sideEffects, ecsStarted: undefined, ownedCreatedAt: undefined, seenSince: undefined, write: undefined, blockedOn: undefined,
    furtherProviderArns: undefined,
  };
  return readSettings(next, rollout, 0, ...logLines);
}

/** Reads, after the end of a deployment, what the daemon runs and whether a newer deployment has started. */
export function readOutcome(state: State, rollout: Rollout, seconds: number, ...logLines: string[]): State {
  const succeeded = state.watched!.endSeen?.status === 'SUCCESSFUL';
  const alarms = succeeded && watchesAlarms(rollout) ? { alarms: true as const } : {};
  const reads: Reads = { daemon: { arn: rollout.daemonArn, latest: true, settings: true, tags: true }, ...alarms };
  return poll({ ...state, stage: 'verify' }, seconds, reads, ...logLines);
}

/** Reads whether the deployment of a peer drains instances that this rollout is going to drain. */
export function readPeers(state: State, seconds: number, now: number, rollout: Rollout, ...logLines: string[]): State {
  // This poll may have the most reads. After a wait, a pause lets the budget of reads delay it.
  const pause = state.blocker ? Math.max(1, seconds) : seconds;
  return poll({ ...state, stage: 'turn' }, pause, peerReads(state, now, rollout), ...logLines);
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
const blockedOnWhat = ({ blockedOn, blocker }: State): string => blockedOn ?? `it waited for the daemon ${lastPartOf(blocker!.arn)}`;

/** A deletion and the way back of a stack begin however late it is: left undone they are worse than unfinished. */
export const mustFinish = ({ request, rollingBack }: Rollout): boolean => request !== 'delete' && !rollingBack;

/** Reads the deployment alarms to judge them again. */
export const readAlarms = (state: State, seconds: number, ...logLines: string[]): State =>
  poll({ ...state, phase: 'PREFLIGHT', stage: 'preflight' }, seconds, { alarms: true }, ...logLines);

/** Requests a write. A repeated attempt keeps what was known before the first. */
export function requestWrite(state: State, command: Command, now: number, ...logLines: string[]): State {
  const first = state.write?.command === command && state.write.interruptedAt !== undefined ? state.write : undefined;
  const notBefore = state.newest?.createdAt || now - CLOCK_MARGIN_SECONDS * 1000;
  const write = first ?? { command, notBefore, latestArn: state.latestArn ?? '' };
  return { ...state, phase: 'APPLYING', write, decision: { kind: 'write', command }, logLines: [...state.logLines, ...logLines] };
}

/** The write of the plan; tags come first, since they reach tasks only when a task is created (R12). */
export function carryOutPlan(state: State, now: number, rollout: Rollout): State {
  if (state.tagsDiffer) return requestWrite(state, 'tag-daemon', now, 'APPLYING: changes the tags', ...withoutRoom(rollout));
  const { DaemonName } = rollout.desired;
  switch (state.plan) {
    case 'create-daemon': return requestWrite(state, 'create-daemon', now, `APPLYING: creates the daemon ${DaemonName}`, ...withoutRoom(rollout));
    case 'update-daemon': return requestWrite(state, 'update-daemon', now, `APPLYING: updates the daemon ${DaemonName}`);
    case 'follow-deployment': return watch(state, state.latestArn!, 'forward', now, rollout);
    case 'follow-rollback': return watch(state, state.latestArn!, 'adopted-rollback', now, rollout);
    case 'none':
    case undefined:
      return succeed(state, rollout, 'UNCHANGED', `the daemon ${DaemonName} needed no rollout`);
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
  return poll({ ...state, stage: 'plan' }, 0, reads);
}

/** Looks at all actual settings: four calls (R15). */
export function readSettings(state: State, { daemonArn }: Rollout, seconds: number, ...logLines: string[]): State {
  return poll({ ...state, stage: 'plan' }, seconds, { daemon: { arn: daemonArn, latest: true, settings: true, tags: true } }, ...logLines);
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
  return keepWaiting({ ...state, phase: 'WAITING_TURN', stage: 'await-deployment', blockedOn }, WAIT_SECONDS, reads, now, rollout, ...logLines);
}

/** Watches a deployment from now on. */
export function watch(state: State, deploymentArn: string, direction: WatchedDeployment['direction'], now: number, rollout: Rollout): State {
  const furthestRank = direction === 'forward' ? 0 : RANKS.ROLLBACK_IN_PROGRESS;
  const known: Pick<WatchedDeployment, 'alarm' | 'notMonitored' | 'cause' | 'updatedInstances' | 'totalInstances' | 'uncoveredInstances' | 'phase'> =
    direction === 'ecs-rollback' ? state.watched! : { updatedInstances: 0, totalInstances: 0, uncoveredInstances: 0, phase: 'DEPLOYING' };
  const { alarm, notMonitored, cause, updatedInstances, totalInstances, uncoveredInstances, phase } = known;
  const watched: WatchedDeployment = {
    arn: deploymentArn, since: now, createdAt: now, furthestRank, updatedInstances, totalInstances, uncoveredInstances, drainingInstances: 0, taskFailures: 0, counts: '', progressedAt: now,
    phase, alarm, notMonitored, cause, direction, targetArn: '', sourceArns: [], lastLogged: '', inAlarmBefore: state.plan === 'update-daemon' ? state.ignoredAlarms ?? [] : undefined,
  };
  const verb = direction === 'forward' ? 'follows the deployment' : "follows ECS's rollback by the deployment";
  const next: State = { ...state, phase: direction === 'forward' ? 'DEPLOYING' : 'ROLLING_BACK', stage: 'watch', watched, ecsStarted: 'certainly', blockedOn: undefined };
  return poll(next, FIRST_LOOK_SECONDS, readsOf(next, rollout), `${next.phase}: ${verb} ${deploymentArn}`);
}

const readsOf = ({ watched, ownerUnconfirmed }: State, { daemonArn }: Rollout): Reads =>
  ({ deployment: watched!.arn, ...ownerUnconfirmed && { daemon: { arn: daemonArn, tags: true } } });

/** Looks at the deployment again, and at the guard alarms whenever it is time to. */
export function pollDeployment(state: State, now: number, rollout: Rollout, seconds?: number, ...logLines: string[]): State {
  const watched = state.watched!;
  const isGuarded = watchesAlarms(rollout) && watched.direction === 'forward' && state.phase !== 'ROLLING_BACK';
  const pace: Pace = paceOf(isGuarded ? (state.phase === 'BAKING' ? 'baking' : 'deploying') : 'unguarded', rollout.startedAt, now);
  const look = seconds ?? pace.lookSeconds;
  const lastSeconds = secondsSince(watched.alarmsAt ?? watched.since, now);
  const due = isGuarded && (watched.inAlarmBefore === undefined || lastSeconds + look >= pace.alarmSeconds);
  const reads: Reads = { ...readsOf(state, rollout), ...(due ? { alarms: true as const } : {}) };
  return poll(state, look, reads, ...logLines);
}
