import { CONFIRM_SECONDS, EMPTY_PROVIDER_SECONDS, READ_LAG_SECONDS, secondsSince, VISIBLE_SECONDS } from '../../timing';
import type { DeploymentStatus, ObservedDeployment } from '../observation';
import { type Rollout, showsOlderWrites } from '../rollout';
import { type Followed, lookAgain, type State } from '../state';
import { fail, succeed } from '../report/response';
import { awaitsInstances, bakesOn, certainRank, RANKS } from '../facts/deployment-status';
import { alarmSentence, causeOf, guards, unheeded } from '../facts/alarm-watch';
import { progress, withProgress } from '../facts/progress';
import { again, lookAround } from './transitions';

/** ECS has taken the deployment back by itself. */
export function takenBack(
  state: State, status: 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED', deployment: ObservedDeployment, now: number, rollout: Rollout,
): State {
  const followed = state.followed!;
  const { DaemonName } = rollout.desired;
  if (status === 'ROLLBACK_SUCCESSFUL' && followed.direction === 'adopted-rollback') {
    if (mayBeReplaced(state, now, rollout)) return lookAround(state, rollout, VISIBLE_SECONDS);
    return succeed({ ...state, revisionArn: deployment.rollbackTargetArn }, rollout, 'SUCCEEDED', `ECS has rolled the daemon ${DaemonName} back to what is wanted`);
  }
  const cause = `${causeOf(followed, deployment)} after ${progress(followed)}`;
  const named: State = { ...state, phase: followed.phase };
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
