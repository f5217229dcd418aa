import type { DeploymentStatus, Observation, ObservedDeployment, Reads } from '../observation';
import type { Rollout } from '../rollout';
import { CLOCK_MARGIN_SECONDS, CONFIRM_SECONDS, type Followed, lookAgain, READ_LAG_SECONDS, secondsSince, type State, VISIBLE_SECONDS } from '../state';
import { fail, succeed } from '../verdict';
import { claim } from './claiming';
import { alarmSentence, causeOf, guards, unheeded, withAlarms, withMonitoring } from './guarding';
import { judgeMissing, lookAround, takenBack } from './judging';
import { type Pace, paceOf } from './pace';
import { progress, withProgress } from './progress';

const FIRST_LOOK_SECONDS = 5;
/** A provider without instances may leave its deployment PENDING for ever (A10). */
const EMPTY_PROVIDER_SECONDS = 300;

/** How far a status is on its way; only greater ranks are believed (A28). A terminal status is judged apart (A29). */
const RANKS: Readonly<Record<DeploymentStatus, number>> = {
  PENDING: 0,
  IN_PROGRESS: 1,
  STOP_REQUESTED: 2,
  ROLLBACK_IN_PROGRESS: 3,
  SUCCESSFUL: 4,
  STOPPED: 4,
  ROLLBACK_SUCCESSFUL: 4,
  ROLLBACK_FAILED: 4,
};

/** How far a deployment certainly is: what ends it may turn out otherwise (A11, A29), but nothing that goes back goes forward again. */
function certainRank(status: DeploymentStatus): number {
  if (status === 'SUCCESSFUL') return RANKS.IN_PROGRESS;
  return isOver({ status }) ? RANKS.STOP_REQUESTED : RANKS[status];
}

/** Where the daemon has failed to start there are instances, though they do not register (R28). */
const awaitsInstances = ({ status, target, sources, failureCount }: ObservedDeployment): boolean => status === 'PENDING' && failureCount === 0
  && [target, ...sources].every((counts) => !counts || counts.running + counts.withoutDaemon + counts.draining === 0);

/** Whether a deployment has waited so long for instances that nobody may ever launch them (A10): to replace it drains nothing. */
export const lacksInstances = (deployment: ObservedDeployment, now: number): boolean =>
  awaitsInstances(deployment) && secondsSince(deployment.createdAt, now) >= EMPTY_PROVIDER_SECONDS;

/** A status that is new to us ends nothing (A33). */
export const isOver = ({ status }: Pick<ObservedDeployment, 'status'>): boolean => RANKS[status as DeploymentStatus] === RANKS.SUCCESSFUL;

/** Whether a deployment is certainly in progress: a status that is absent or new to us does not tell (A38). */
export const isUnderWay = ({ status }: Pick<ObservedDeployment, 'status'>): boolean => status in RANKS && !isOver({ status });

/** ECS may call a deployment SUCCESSFUL before its bake, in which it still watches the alarms and takes it back should one fire (A11). */
function bakesOn({ status, endedAt, alarmsStatus, configuration }: ObservedDeployment, now: number, { desired }: Rollout): boolean {
  const { bakeTimeInMinutes = desired.BakeTimeInMinutes, alarmNames = [] } = configuration;
  const mayWatch = ['MONITORING', 'TRIGGERED'].includes(alarmsStatus) || (alarmsStatus === '' && endedAt !== undefined && alarmNames.length > 0);
  const mayBake = endedAt === undefined || secondsSince(endedAt, now) < bakeTimeInMinutes * 60 + CLOCK_MARGIN_SECONDS;
  return status === 'SUCCESSFUL' && mayWatch && bakeTimeInMinutes > 0 && mayBake;
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

export function followDeployment(from: State, seen: Observation, now: number, rollout: Rollout): State {
  const before = claim(from, seen.daemon, now, rollout);
  if (before.stage !== 'deployment') return before;
  const state = seen.alarms ? withAlarms(before, seen.alarms, now, rollout) : before;
  const { deployment } = seen;
  if (deployment === undefined) return again(state, now, rollout, 0);
  if (deployment === 'missing') return missing(state, now, rollout);
  const visible = { ...state, followed: { ...state.followed!, missingSince: undefined } };
  return judgeStatus(withMonitoring(visible, deployment, now, rollout), deployment, now, rollout);
}

/** What the status of the deployment leads to, wherever it was read. */
export function judgeStatus(before: State, deployment: ObservedDeployment, now: number, rollout: Rollout): State {
  const known = bakesOn(deployment, now, rollout) ? 'IN_PROGRESS' : deployment.status in RANKS ? deployment.status as DeploymentStatus : undefined;
  if (!known) {
    const told = `${before.phase}: ECS reports the status ${deployment.status}, which is new to us; waits on`;
    const followed: Followed = { ...before.followed!, told };
    return again({ ...before, followed }, now, rollout, undefined, ...(told === before.followed!.told ? [] : [told]));
  }
  const rank = RANKS[known];
  if (rank < before.followed!.rank) return again(before, now, rollout);
  if (known === 'SUCCESSFUL' && before.followed!.rank > RANKS.IN_PROGRESS && before.followed!.direction === 'forward') {
    const succeededAt = before.followed!.endSeen?.status === known ? before.followed!.endSeen.at : now;
    if (secondsSince(succeededAt, now) < READ_LAG_SECONDS) return beforeItWent(before, succeededAt, now, rollout);
  }

  const certain = Math.max(before.followed!.rank, certainRank(known));
  const [alarmName] = deployment.triggeredAlarmNames;
  if (alarmName && before.followed!.alarm?.name !== alarmName && rollout.desired.AlarmNames.includes(alarmName)) {
    const followed: Followed = { ...before.followed!, rank: certain, alarm: { name: alarmName, reason: '', since: now } };
    return lookAgain({ ...before, followed }, 0, { alarms: true, deployment: followed.arn }, `${before.phase}: the alarm ${alarmName} has fired`);
  }
  const where = rank <= RANKS.IN_PROGRESS ? 'forward' : rank === RANKS.SUCCESSFUL ? 'ended' : 'back';
  const state = deployment.target ? withProgress(before, deployment, where, now) : before;
  const followed: Followed = { ...state.followed!, rank: certain, endSeen: undefined };

  switch (known) {
    case 'PENDING':
    case 'IN_PROGRESS': {
      const ahead: State = { ...state, phase: followed.phase, followed };
      if (awaitsInstances(deployment) && secondsSince(followed.since, now) >= EMPTY_PROVIDER_SECONDS) return nobodyThere(ahead, rollout);
      const fired = unheeded(followed, now);
      return fired && guards(rollout) ? notStopped(ahead, fired, rollout) : again(ahead, now, rollout);
    }
    case 'STOP_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS': {
      const told = state.phase === 'ROLLING_BACK' ? [] : [`ROLLING_BACK: ECS takes the deployment back after ${progress(followed)}: ${causeOf(followed, deployment)}`];
      return again({ ...state, phase: 'ROLLING_BACK', followed }, now, rollout, undefined, ...told);
    }
    case 'SUCCESSFUL':
      return lookAround({ ...state, followed: { ...state.followed!, endSeen: { status: known, at: now } } }, rollout, 0);
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED':
      if (state.followed!.endSeen?.status !== known) {
        const ended: Followed = { ...followed, endSeen: { status: known, at: now } };
        return lookAgain({ ...state, followed: ended }, CONFIRM_SECONDS, { deployment: ended.arn }, `${state.phase}: the deployment is ${known}; looks once more`);
      }
      if (known === 'STOPPED') return lookAround({ ...state, followed: { ...state.followed!, cause: causeOf(state.followed!, deployment) } }, rollout, 0);
      return takenBack(state, known, deployment, now, rollout);
  }
}

/** What ECS takes back has perhaps been SUCCESSFUL before (A11): a read that tells so is older, until it must not be any more (A28). */
const beforeItWent = (state: State, at: number, now: number, rollout: Rollout): State =>
  again({ ...state, followed: { ...state.followed!, endSeen: { status: 'SUCCESSFUL', at } } }, now, rollout);

/** ECS has no call that stops a deployment (R2): the rollback of the stack is what takes it back. */
const notStopped = (state: State, alarm: NonNullable<Followed['alarm']>, rollout: Rollout): State =>
  fail(state, rollout, 'FAILED', `${alarmSentence(alarm)} after ${progress(state.followed!)}, and ECS did not act on it; `
    + 'its deployment goes on until the rollback of the stack replaces it');

export const nobodyThere = (state: State, rollout: Rollout): State =>
  succeed({ ...state, revisionArn: state.followed!.targetArn }, rollout, 'SUCCEEDED',
    `the capacity providers have no instances, and new ones will start with the daemon ${rollout.desired.DaemonName}`);

/** A deployment that ECS no longer returns is judged by the daemon itself (A15). */
function missing(state: State, now: number, rollout: Rollout): State {
  const followed = state.followed!;
  if (secondsSince(followed.since, now) < READ_LAG_SECONDS) return again(state, now, rollout, VISIBLE_SECONDS);
  const told = followed.missingSince === undefined ? [`${state.phase}: ECS does not show the deployment any more; looks at the daemon instead`] : [];
  return judgeMissing({ ...state, followed: { ...followed, missingSince: followed.missingSince ?? now } }, rollout, ...told);
}

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
