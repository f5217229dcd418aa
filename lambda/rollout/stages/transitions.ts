import { lastPartOf } from '../../arn';
import { CLOCK_MARGIN_SECONDS, FIRST_LOOK_SECONDS, LONGEST_DEPLOYMENT_SECONDS, type Pace, secondsSince, WAIT_SECONDS } from '../../timing';
import { canFinish, tooLate } from '../guards/time-left';
import type { ObservedDaemon, Reads } from '../observation';
import type { Rollout } from '../rollout';
import { stackTagsFor } from '../facts/stack-tags';
import { type Command, type Followed, lookAgain, type State } from '../state';
import { fail, succeed } from '../report/response';
import { RANKS } from '../facts/deployment-status';
import { guards } from '../facts/alarm-watch';
import { paceOf } from '../facts/pace';
import { doomedArn, nameOf } from '../facts/subject';

export function lookForDaemon(state: State, rollout: Rollout, seconds = 0, ...says: string[]): State {
  return lookAgain({ ...state, stage: 'deletion' }, seconds, { daemon: { arn: doomedArn(state, rollout), tags: true } }, ...says);
}

export function afterLeftover(state: State, rollout: Rollout, ...says: string[]): State {
  const changed = state.ownedCreatedAt !== undefined ? [`the daemon ${nameOf(state, rollout)} was deleted`] : undefined;
  const next: State = {
    ...state, phase: 'PREFLIGHT', leftover: false, changed, begun: undefined, ownedCreatedAt: undefined, agreedSince: undefined, attempt: undefined, obstacle: undefined,
    furtherProviderArns: undefined,
  };
  return lookAtSettings(next, rollout, 0, ...says);
}

/** After the end of a deployment: what does the daemon run, and has anything newer begun? */
export function lookAround(state: State, rollout: Rollout, seconds: number, ...says: string[]): State {
  const succeeded = state.followed!.endSeen?.status === 'SUCCESSFUL';
  const alarms = succeeded && guards(rollout) ? { alarms: true as const } : {};
  const reads: Reads = { daemon: { arn: rollout.daemonArn, latest: true, settings: true, tags: true }, ...alarms };
  return lookAgain({ ...state, stage: 'verdict' }, seconds, reads, ...says);
}

/** Looks whether another daemon's deployment drains instances that ours is going to drain. */
export function takeTurn(state: State, seconds: number, now: number, rollout: Rollout, ...says: string[]): State {
  return lookAgain({ ...state, stage: 'turn' }, seconds, turnReads(state, now, rollout), ...says);
}

/** All daemons of the cluster on the capacity providers that we drain, those that are just leaving them included (A27). */
export const turnReads = (state: State, now: number, rollout: Rollout): Reads & Required<Pick<Reads, 'neighbours' | 'requests'>> => ({
  requests: rollout.stackId,
  neighbours: {
    clusterArn: rollout.desired.ClusterArn,
    capacityProviderArns: drainedProviders(state, rollout),
    updatedSince: now - LONGEST_DEPLOYMENT_SECONDS * 1000,
  },
});

/** A removed capacity provider is drained as well (A27), one that a person has added included. */
export const drainedProviders = ({ furtherProviderArns = [] }: State, { desired, previous }: Rollout): string[] =>
  [...new Set([...desired.CapacityProviderArns, ...previous?.CapacityProviderArns ?? [], ...furtherProviderArns])];

/** Looks again at what stands in the way, while there is time left. */
export function waitOn(state: State, seconds: number, reads: Reads, now: number, rollout: Rollout, ...says: string[]): State {
  return mustFinish(rollout) && !canFinish(rollout, now) ? giveUp(state, now, rollout) : lookAgain(state, seconds, reads, ...says);
}

/** What can no longer be finished is not begun, and whom it has waited for is named. */
export const giveUp = (state: State, now: number, rollout: Rollout): State =>
  fail({ ...state, phase: 'WAITING_TURN' }, rollout, 'TIMED_OUT', `${obstacleOf(state)}; ${tooLate(state, rollout, now)}`);

/** What there is to do may have been looked at again since the wait. */
const obstacleOf = ({ obstacle, waitedFor }: State): string => obstacle ?? `it waited for the daemon ${lastPartOf(waitedFor!.arn)}`;

/** A deletion and the way back of a stack begin however late it is: left undone they are worse than unfinished. */
export const mustFinish = ({ request, rollingBack }: Rollout): boolean => request !== 'delete' && !rollingBack;

/** The alarms have to be judged anew. */
export const lookAtAlarms = (state: State, seconds: number, ...says: string[]): State =>
  lookAgain({ ...state, phase: 'PREFLIGHT', stage: 'preflight' }, seconds, { alarms: true }, ...says);

/** Requests a write. A repeated attempt keeps what was known before the first. */
export function want(state: State, command: Command, now: number, ...says: string[]): State {
  const first = state.attempt?.command === command && state.attempt.cutOffAt !== undefined ? state.attempt : undefined;
  const notBefore = state.newest?.createdAt || now - CLOCK_MARGIN_SECONDS * 1000;
  const attempt = first ?? { command, notBefore, latestArn: state.latestArn ?? '' };
  return { ...state, phase: 'APPLYING', attempt, want: { command }, says: [...state.says, ...says] };
}

/** The write of the plan; tags come first, since they reach tasks only when a task is created (R12). */
export function apply(state: State, now: number, rollout: Rollout): State {
  if (state.tagsDiffer) return want(state, 'tag-daemon', now, 'APPLYING: changes the tags', ...withoutRoom(rollout));
  const { DaemonName } = rollout.desired;
  switch (state.plan) {
    case 'create-daemon': return want(state, 'create-daemon', now, `APPLYING: creates the daemon ${DaemonName}`, ...withoutRoom(rollout));
    case 'update-daemon': return want(state, 'update-daemon', now, `APPLYING: updates the daemon ${DaemonName}`);
    case 'follow-deployment': return follow(state, state.latestArn!, 'forward', now, rollout);
    case 'follow-rollback': return follow(state, state.latestArn!, 'adopted-rollback', now, rollout);
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
export function lookWithOperations(state: State, { daemonArn, stackId }: Rollout, others: Pick<Reads, 'requests'> = {}): State {
  const reads: Reads = { daemon: { arn: daemonArn, latest: true, settings: true, tags: true }, openOperations: stackId, ...others };
  return lookAgain({ ...state, stage: 'planning' }, 0, reads);
}

/** Looks at all actual settings: four calls (R15). */
export function lookAtSettings(state: State, { daemonArn }: Rollout, seconds: number, ...says: string[]): State {
  return lookAgain({ ...state, stage: 'planning' }, seconds, { daemon: { arn: daemonArn, latest: true, settings: true, tags: true } }, ...says);
}

/** Where the daemon runs that its properties do not name, because a person has added it, or a rollback was not completed. */
export function furtherProviders({ revisions }: ObservedDaemon, { desired, previous }: Rollout): string[] | undefined {
  const named = [...desired.CapacityProviderArns, ...previous?.CapacityProviderArns ?? []];
  const further = revisions.flatMap(({ capacityProviderArns }) => capacityProviderArns).filter((arn) => !named.includes(arn));
  return further.length > 0 ? [...new Set(further)] : undefined;
}

/** Waits for somebody else with one read a look, and says so when it begins. */
export function wait(state: State, reads: Reads, whom: string, now: number, rollout: Rollout): State {
  const obstacle = `it waited for ${whom}`;
  const says = state.obstacle === obstacle ? [] : [`WAITING_TURN: waits for ${whom}`];
  return waitOn({ ...state, phase: 'WAITING_TURN', stage: 'waiting', obstacle }, WAIT_SECONDS, reads, now, rollout, ...says);
}

/** Watches a deployment from now on. */
export function follow(state: State, deploymentArn: string, direction: Followed['direction'], now: number, rollout: Rollout): State {
  const rank = direction === 'forward' ? 0 : RANKS.ROLLBACK_IN_PROGRESS;
  const known: Pick<Followed, 'alarm' | 'unmonitored' | 'cause' | 'moved' | 'total' | 'lacking' | 'phase'> =
    direction === 'ecs-rollback' ? state.followed! : { moved: 0, total: 0, lacking: 0, phase: 'DEPLOYING' };
  const { alarm, unmonitored, cause, moved, total, lacking, phase } = known;
  const followed: Followed = {
    arn: deploymentArn, since: now, createdAt: now, rank, moved, total, lacking, draining: 0, failures: 0, counts: '', changedAt: now,
    phase, alarm, unmonitored, cause, direction, targetArn: '', sourceArns: [], told: '', redBefore: state.plan === 'update-daemon' ? state.unguarding ?? [] : undefined,
  };
  const verb = direction === 'forward' ? 'follows the deployment' : "follows ECS's rollback by the deployment";
  const next: State = { ...state, phase: direction === 'forward' ? 'DEPLOYING' : 'ROLLING_BACK', stage: 'deployment', followed, begun: 'certainly', obstacle: undefined };
  return lookAgain(next, FIRST_LOOK_SECONDS, readsOf(next, rollout), `${next.phase}: ${verb} ${deploymentArn}`);
}

const readsOf = ({ followed, unclaimed }: State, { daemonArn }: Rollout): Reads =>
  ({ deployment: followed!.arn, ...unclaimed && { daemon: { arn: daemonArn, tags: true } } });

/** Looks at the deployment again, and at the guard alarms whenever it is time to. */
export function again(state: State, now: number, rollout: Rollout, seconds?: number, ...says: string[]): State {
  const followed = state.followed!;
  const watched = guards(rollout) && followed.direction === 'forward' && state.phase !== 'ROLLING_BACK';
  const pace: Pace = paceOf(watched ? (state.phase === 'BAKING' ? 'baking' : 'deploying') : 'unguarded', rollout.startedAt, now);
  const look = seconds ?? pace.lookSeconds;
  const lastSeconds = secondsSince(followed.alarmsAt ?? followed.since, now);
  const due = watched && (followed.redBefore === undefined || lastSeconds + look >= pace.alarmSeconds);
  const reads: Reads = { ...readsOf(state, rollout), ...(due ? { alarms: true as const } : {}) };
  return lookAgain(state, look, reads, ...says);
}
