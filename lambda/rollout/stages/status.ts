import { CONFIRM_SECONDS, EMPTY_PROVIDER_SECONDS, secondsSince, VISIBLE_SECONDS } from '../../timing';
import { VERIFY_RULES } from '../consistency/verify';
import { WATCH_RULES, type WatchRead } from '../consistency/watch';
import type { DeploymentStatus, ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';
import type { WatchedDeployment } from '../stage';
import { poll, type State, type StateIn, withWatched } from '../state';
import { fail, succeed } from '../report/response';
import { awaitsInstances, certainRank, RANKS } from '../facts/deployment-status';
import { alarmSentence, causeOf, watchesAlarms, alarmIgnoredByEcs } from '../facts/alarm-watch';
import { progress, withProgress } from '../facts/progress';
import { pollDeployment, readOutcome } from './transitions';

/** Judges a rollback by ECS itself. */
export function rolledBackByEcs(
  state: StateIn<'watch'>, status: 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED', at: number, deployment: ObservedDeployment, now: number, rollout: Rollout,
): State {
  const { watched } = state.stage;
  const { DaemonName } = rollout.desired;
  if (status === 'ROLLBACK_SUCCESSFUL' && watched.direction === 'adopted-rollback') {
    const verifying: StateIn<'verify'> = { ...state, stage: { name: 'verify', watched, end: { status, at } } };
    if (VERIFY_RULES['found-deployment-replaced'].applies({ state: verifying, now, rollout })) return readOutcome(verifying, { status, at }, rollout, VISIBLE_SECONDS);
    return succeed({ ...state, revisionArn: deployment.rollbackTargetArn }, rollout, 'SUCCEEDED', `ECS has rolled the daemon ${DaemonName} back to the desired settings`);
  }
  const cause = `${causeOf(watched, deployment)} after ${progress(watched)}`;
  const named: State = { ...state, phase: watched.phase };
  return status === 'ROLLBACK_SUCCESSFUL'
    ? fail(named, rollout, 'ROLLED_BACK', `ECS rolled the daemon ${DaemonName} back: ${cause}`)
    : fail(named, rollout, 'FAILED', `ECS could not roll the daemon ${DaemonName} back, so that it may run several revisions: ${cause}`);
}

/** What the status of the deployment leads to, wherever it was read. */
export function judgeStatus(before: StateIn<'watch'>, deployment: ObservedDeployment, now: number, rollout: Rollout): State {
  const status = WATCH_RULES['success-before-bake'].applies({ deployment, now, rollout }) ? 'IN_PROGRESS' : deployment.status;
  if (!isKnown(status)) return waitOnUnknown(before, deployment.status, now, rollout);
  const { watched } = before.stage;
  const { arn, furthestRank, endSeen, alarm } = watched;
  const read: WatchRead = { watched, deployment, status, now, rollout };
  if (WATCH_RULES['status-goes-back'].applies(read)) return pollDeployment(before, now, rollout);
  if (WATCH_RULES['success-before-rollback'].applies(read)) {
    return pollDeployment(withWatched(before, { endSeen: endSeen?.status === status ? endSeen : { status, at: now } }), now, rollout);
  }
  const certain = Math.max(furthestRank, certainRank(status));
  const fired = firedSince(alarm, deployment, rollout);
  if (fired !== undefined) {
    const state = withWatched(before, { furthestRank: certain, alarm: { name: fired, reason: '', since: now } });
    return poll(state, 0, { alarms: true, deployment: arn }, `${before.phase}: the alarm ${fired} has fired`);
  }
  const rank = RANKS[status];
  const where = rank <= RANKS.IN_PROGRESS ? 'forward' : rank === RANKS.SUCCESSFUL ? 'ended' : 'back';
  const state = deployment.target ? withProgress(before, deployment, where, now) : before;
  return followStatus(status, withWatched(state, { furthestRank: certain, endSeen: undefined }), endSeen, deployment, now, rollout);
}

/** The deployment alarm that ECS reports as triggered, unless it is the one that is known. */
function firedSince(known: WatchedDeployment['alarm'], { triggeredAlarmNames: [name] }: ObservedDeployment, { desired }: Rollout): string | undefined {
  return name !== undefined && known?.name !== name && desired.AlarmNames.includes(name) ? name : undefined;
}

const isKnown = (status: string): status is DeploymentStatus => status in RANKS;

/** AWS may add a status (A33). */
function waitOnUnknown(state: StateIn<'watch'>, status: string, now: number, rollout: Rollout): State {
  const line = `${state.phase}: ECS reports the status ${status}, which is unknown; keeps polling`;
  const lines = line === state.stage.watched.lastLogged ? [] : [line];
  return pollDeployment(withWatched(state, { lastLogged: line }), now, rollout, undefined, ...lines);
}

/** Follows a status that is believed. `endSeen`: the end that the read before has shown. */
function followStatus(
  status: DeploymentStatus, state: StateIn<'watch'>, endSeen: WatchedDeployment['endSeen'], deployment: ObservedDeployment, now: number, rollout: Rollout,
): State {
  const { watched } = state.stage;
  switch (status) {
    case 'PENDING':
    case 'IN_PROGRESS':
      return inProgress({ ...state, phase: watched.phase }, deployment, now, rollout);
    case 'STOP_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS': {
      const line = `ROLLING_BACK: ECS rolls the deployment back after ${progress(watched)}: ${causeOf(watched, deployment)}`;
      return pollDeployment({ ...state, phase: 'ROLLING_BACK' }, now, rollout, undefined, ...state.phase === 'ROLLING_BACK' ? [] : [line]);
    }
    case 'SUCCESSFUL':
      return readOutcome(withWatched(state, { endSeen: { status, at: now } }), { status, at: now }, rollout, 0);
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED': {
      const at = endSeen?.status === status ? endSeen.at : now;
      const ended = withWatched(state, { endSeen: { status, at } });
      if (WATCH_RULES['failure-once'].applies({ watched: { endSeen }, status })) {
        return poll(ended, CONFIRM_SECONDS, { deployment: watched.arn }, `${state.phase}: the deployment is ${status}; reads it again`);
      }
      if (status !== 'STOPPED') return rolledBackByEcs(ended, status, at, deployment, now, rollout);
      return readOutcome(withWatched(ended, { cause: causeOf(watched, deployment) }), { status, at }, rollout, 0);
    }
  }
}

function inProgress(state: StateIn<'watch'>, deployment: ObservedDeployment, now: number, rollout: Rollout): State {
  const { watched } = state.stage;
  const isEmpty = awaitsInstances(deployment) && secondsSince(watched.since, now) >= EMPTY_PROVIDER_SECONDS;
  if (isEmpty) return succeedWithoutInstances(state, rollout);
  const fired = alarmIgnoredByEcs(watched, now);
  return fired && watchesAlarms(rollout) ? failIgnoredAlarm(state, fired, rollout) : pollDeployment(state, now, rollout);
}

/** ECS has no call that stops a deployment (R2): the rollback of the stack is what takes it back. */
const failIgnoredAlarm = (state: StateIn<'watch'>, alarm: NonNullable<WatchedDeployment['alarm']>, rollout: Rollout): State =>
  fail(state, rollout, 'FAILED', `${alarmSentence(alarm)} after ${progress(state.stage.watched)}, and ECS did not act on it; `
    + 'its deployment continues until the rollback of the stack replaces it');

export const succeedWithoutInstances = (state: StateIn<'watch' | 'verify'>, rollout: Rollout): State =>
  succeed({ ...state, revisionArn: state.stage.watched.targetArn }, rollout, 'SUCCEEDED',
    `the capacity providers have no instances, and new ones will start with the daemon ${rollout.desired.DaemonName}`);
