import { READ_LAG_SECONDS, secondsSince } from '../../timing';
import type { ObservedAlarm, ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';
import type { WatchedDeployment } from '../stage';
import { type StateIn, withLog, withWatched } from '../state';
import { failuresSentence, quoted } from './progress';

/**
 * Whether we watch the guard alarms of a rollout beside ECS. A first deployment has nothing to go back to, and a rollback must not
 * fail for an alarm (A13); in both, ECS watches alone.
 */
export const watchesAlarms = ({ request, rollingBack, desired }: Rollout): boolean => request === 'update' && !rollingBack && desired.AlarmNames.length > 0;

/**
 * Takes note of the alarms that have fired since the write, with their own reasons.
 *
 * One that was in ALARM before does not guard (R33), and counts once it has cleared and fires again.
 */
export function withAlarms(
  from: StateIn<'watch'>, alarms: readonly ObservedAlarm[], now: number, rollout: Rollout,
): StateIn<'watch'> {
  const before = from.stage.watched;
  const firing = alarms.filter((alarm) => alarm.state === 'ALARM');
  // of a deployment that this rollout did not start, alarms that are in ALARM now count as in ALARM before it
  const known = before.inAlarmBefore ?? firing.map(({ name }) => name);
  const inAlarmBefore = known.filter((name) => firing.some((alarm) => alarm.name === name));
  const state = withWatched(from, { inAlarmBefore, alarmsAt: now });
  const named = firing.find(({ name }) => name === before.alarm?.name);
  if (named && before.alarm) return withWatched(state, { alarm: { ...before.alarm, reason: named.stateReason.slice(0, 300) } });
  const fired = firing.find(({ name }) => !inAlarmBefore.includes(name));
  if (before.alarm || !fired || !watchesAlarms(rollout)) return state;
  const alarm = { name: fired.name, reason: fired.stateReason.slice(0, 300), since: now };
  return withWatched(withLog(state, `${state.phase}: ${alarmSentence(alarm)}`), { alarm });
}

const MONITORED = ['MONITORING', 'TRIGGERED', 'MONITORING_COMPLETE'];

/** Takes note of whether ECS watches the alarms that it was told to watch (R31), which only the deployment itself tells (A13). */
export function withMonitoring(
  state: StateIn<'watch'>, { status, alarmsStatus }: ObservedDeployment, now: number, rollout: Rollout,
): StateIn<'watch'> {
  const { watched } = state.stage;
  // before its first batch a deployment may not watch yet, and one that goes back does not any more
  const tells = status === 'IN_PROGRESS' || status === 'SUCCESSFUL';
  if (rollout.desired.AlarmNames.length === 0 || watched.direction !== 'forward' || !tells) return state;
  if (MONITORED.includes(alarmsStatus)) return withWatched(state, { notMonitored: undefined });
  if (alarmsStatus !== 'DISABLED') return state; // one that is absent or new tells nothing (A38)
  const notMonitored = { status: alarmsStatus, since: watched.notMonitored?.since ?? now };
  const whoDoes = watchesAlarms(rollout) ? 'only this rollout watches them' : 'nothing watches them';
  const lines = watched.notMonitored ? [] : [`${state.phase}: ECS does not monitor the deployment alarms (their status is ${notMonitored.status}): ${whoDoes}`];
  return withWatched(withLog(state, ...lines), { notMonitored });
}

/**
 * The alarm that has fired without ECS acting on it, because it ignores the alarm or cannot watch it (R33, A13): what ECS does
 * shows within the read lag (A28).
 */
export const alarmIgnoredByEcs = ({ alarm, notMonitored }: WatchedDeployment, now: number): WatchedDeployment['alarm'] => {
  const nobodyElseWatches = notMonitored?.status === 'DISABLED' && secondsSince(notMonitored.since, now) >= READ_LAG_SECONDS;
  return alarm && (nobodyElseWatches || secondsSince(alarm.since, now) >= READ_LAG_SECONDS) ? alarm : undefined;
};

export const alarmSentence = ({ name, reason }: { readonly name: string; readonly reason: string }): string =>
  `alarm ${name} went into ALARM${reason ? ` ("${reason.slice(0, 300)}")` : ''}`;

/** Why ECS gave a deployment up. */
export function causeOf(watched: Pick<WatchedDeployment, 'alarm'>, deployment: ObservedDeployment): string {
  const unfinished = deployment.status === 'ROLLBACK_FAILED' && deployment.statusReason ? `, and ${quoted(deployment.statusReason)}` : '';
  const tripped = deployment.circuitBreakerStatus === 'TRIGGERED';
  const [name] = deployment.triggeredAlarmNames;
  const alarm = name === undefined || name === watched.alarm?.name ? watched.alarm : { name, reason: '' };
  if (alarm && (name !== undefined || !tripped)) return alarmSentence(alarm) + unfinished;
  const { failureCount = 0, failureThreshold } = deployment;
  const failures = tripped || failureCount > 0 ? failuresSentence(failureCount, failureThreshold) : '';
  const reasons = [...new Set([deployment.rollbackReason, deployment.statusReason])].filter(Boolean).map(quoted);
  return [failures, ...reasons].filter(Boolean).join(', ') || 'ECS names no reason';
}
