import { CONFIRM_SECONDS, EMPTY_PROVIDER_SECONDS, READ_LAG_SECONDS, secondsSince, VISIBLE_SECONDS } from '../../timing';
import type { DeploymentStatus, ObservedDeployment } from '../observation';
import { type Rollout, showsOlderWrites } from '../rollout';
import { type WatchedDeployment, poll, type State } from '../state';
import { fail, succeed } from '../report/response';
import { awaitsInstances, bakesOn, certainRank, RANKS } from '../facts/deployment-status';
import { alarmSentence, causeOf, watchesAlarms, alarmIgnoredByEcs } from '../facts/alarm-watch';
import { progress, withProgress } from '../facts/progress';
import { pollDeployment, readOutcome } from './transitions';

/** Judges a rollback by ECS itself. */
export function rolledBackByEcs(
  state: State, status: 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED', deployment: ObservedDeployment, now: number, rollout: Rollout,
): State {
  const watched = state.watched!;
  const { DaemonName } = rollout.desired;
  if (status === 'ROLLBACK_SUCCESSFUL' && watched.direction === 'adopted-rollback') {
    if (mayBeReplaced(state, now, rollout)) return readOutcome(state, rollout, VISIBLE_SECONDS);
    return succeed({ ...state, revisionArn: deployment.rollbackTargetArn }, rollout, 'SUCCEEDED', `ECS has rolled the daemon ${DaemonName} back to the desired settings`);
  }
  const cause = `${causeOf(watched, deployment)} after ${progress(watched)}`;
  const named: State = { ...state, phase: watched.phase };
  return status === 'ROLLBACK_SUCCESSFUL'
    ? fail(named, rollout, 'ROLLED_BACK', `ECS rolled the daemon ${DaemonName} back: ${cause}`)
    : fail(named, rollout, 'FAILED', `ECS could not roll the daemon ${DaemonName} back, so that it may run several revisions: ${cause}`);
}

/**
 * Whether an older request may have replaced a deployment that this one has not begun, and reads not show it yet (FM24, A28). The read that
 * showed the deployment in progress may have been as old.
 */
export const mayBeReplaced = ({ plan }: State, now: number, rollout: Rollout): boolean =>
  (plan === 'follow-deployment' || plan === 'follow-rollback') && (rollout.previous !== undefined || rollout.rollingBack)
  && !showsOlderWrites(rollout, now);

/** What the status of the deployment leads to, wherever it was read. */
export function judgeStatus(before: State, deployment: ObservedDeployment, now: number, rollout: Rollout): State {
  const status = bakesOn(deployment, now, rollout) ? 'IN_PROGRESS' : deployment.status;
  if (!isKnown(status)) return waitOnUnknown(before, deployment.status, now, rollout);
  const { furthestRank, direction, endSeen, alarm } = before.watched!;
  const rank = RANKS[status];
  if (rank < furthestRank) return pollDeployment(before, now, rollout);
  if (status === 'SUCCESSFUL' && furthestRank > RANKS.IN_PROGRESS && direction === 'forward') {
    const succeededAt = endSeen?.status === status ? endSeen.at : now;
    if (secondsSince(succeededAt, now) < READ_LAG_SECONDS) return olderSuccess(before, succeededAt, now, rollout);
  }
  const certain = Math.max(furthestRank, certainRank(status));
  const fired = firedSince(alarm, deployment, rollout);
  if (fired !== undefined) {
    const watched: WatchedDeployment = { ...before.watched!, furthestRank: certain, alarm: { name: fired, reason: '', since: now } };
    return poll({ ...before, watched }, 0, { alarms: true, deployment: watched.arn }, `${before.phase}: the alarm ${fired} has fired`);
  }
  const where = rank <= RANKS.IN_PROGRESS ? 'forward' : rank === RANKS.SUCCESSFUL ? 'ended' : 'back';
  const state = deployment.target ? withProgress(before, deployment, where, now) : before;
  return followStatus(status, state, { ...state.watched!, furthestRank: certain, endSeen: undefined }, deployment, now, rollout);
}

/** The deployment alarm that ECS reports as triggered, unless it is the one that is known. */
function firedSince(known: WatchedDeployment['alarm'], { triggeredAlarmNames: [name] }: ObservedDeployment, { desired }: Rollout): string | undefined {
  return name !== undefined && known?.name !== name && desired.AlarmNames.includes(name) ? name : undefined;
}

const isKnown = (status: string): status is DeploymentStatus => status in RANKS;

/** AWS may add a status (A33). */
function waitOnUnknown(state: State, status: string, now: number, rollout: Rollout): State {
  const watched = state.watched!;
  const line = `${state.phase}: ECS reports the status ${status}, which is unknown; keeps polling`;
  const lines = line === watched.lastLogged ? [] : [line];
  return pollDeployment({ ...state, watched: { ...watched, lastLogged: line } }, now, rollout, undefined, ...lines);
}

/** Follows a status that is believed. `watched`: the deployment with this status; `state` has it as before. */
function followStatus(
  status: DeploymentStatus, state: State, watched: WatchedDeployment, deployment: ObservedDeployment, now: number, rollout: Rollout,
): State {
  switch (status) {
    case 'PENDING':
    case 'IN_PROGRESS':
      return inProgress({ ...state, phase: watched.phase, watched }, deployment, now, rollout);
    case 'STOP_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS': {
      const line = `ROLLING_BACK: ECS rolls the deployment back after ${progress(watched)}: ${causeOf(watched, deployment)}`;
      return pollDeployment({ ...state, phase: 'ROLLING_BACK', watched }, now, rollout, undefined, ...state.phase === 'ROLLING_BACK' ? [] : [line]);
    }
    case 'SUCCESSFUL':
      return readOutcome({ ...state, watched: { ...state.watched!, endSeen: { status, at: now } } }, rollout, 0);
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED':
      if (state.watched!.endSeen?.status !== status) {
        const ended: WatchedDeployment = { ...watched, endSeen: { status, at: now } };
        return poll({ ...state, watched: ended }, CONFIRM_SECONDS, { deployment: ended.arn }, `${state.phase}: the deployment is ${status}; reads it again`);
      }
      if (status === 'STOPPED') return readOutcome({ ...state, watched: { ...state.watched!, cause: causeOf(state.watched!, deployment) } }, rollout, 0);
      return rolledBackByEcs(state, status, deployment, now, rollout);
  }
}

function inProgress(state: State, deployment: ObservedDeployment, now: number, rollout: Rollout): State {
  const watched = state.watched!;
  const isEmpty = awaitsInstances(deployment) && secondsSince(watched.since, now) >= EMPTY_PROVIDER_SECONDS;
  if (isEmpty) return succeedWithoutInstances(state, rollout);
  const fired = alarmIgnoredByEcs(watched, now);
  return fired && watchesAlarms(rollout) ? failIgnoredAlarm(state, fired, rollout) : pollDeployment(state, now, rollout);
}

/** A deployment that ECS rolls back may have been SUCCESSFUL before (A11): within the consistency window such a read is stale (A28). */
const olderSuccess = (state: State, at: number, now: number, rollout: Rollout): State =>
  pollDeployment({ ...state, watched: { ...state.watched!, endSeen: { status: 'SUCCESSFUL', at } } }, now, rollout);

/** ECS has no call that stops a deployment (R2): the rollback of the stack is what takes it back. */
const failIgnoredAlarm = (state: State, alarm: NonNullable<WatchedDeployment['alarm']>, rollout: Rollout): State =>
  fail(state, rollout, 'FAILED', `${alarmSentence(alarm)} after ${progress(state.watched!)}, and ECS did not act on it; `
    + 'its deployment continues until the rollback of the stack replaces it');

export const succeedWithoutInstances = (state: State, rollout: Rollout): State =>
  succeed({ ...state, revisionArn: state.watched!.targetArn }, rollout, 'SUCCEEDED',
    `the capacity providers have no instances, and new ones will start with the daemon ${rollout.desired.DaemonName}`);
