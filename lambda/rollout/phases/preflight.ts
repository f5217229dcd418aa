import type { Observation, ObservedAlarm } from '../observation';
import type { Rollout } from '../rollout';
import { CONFIRM_SECONDS, lookAgain, secondsSince, type State } from '../state';
import { fail } from '../verdict';
import { apply } from './applying';

const NO_DATA_LOOK_SECONDS = 30;
/** An alarm without data is waited for: two evaluation periods, within these bounds (A13). */
const NO_DATA_LEAST_SECONDS = 120;
const NO_DATA_MOST_SECONDS = 600;

/** Looks at the guard alarms before the write, since ECS ignores one that is red or misspelt (R33, R34). */
export function preflight(state: State, now: number, rollout: Rollout): State {
  if (!isGuarded(rollout)) return apply(state, now, rollout);
  return lookAgain({ ...state, stage: 'preflight' }, 0, { alarms: true });
}

/** In a rollback nothing is checked (A13). */
export const isGuarded = ({ desired, rollingBack }: Rollout): boolean => desired.AlarmNames.length > 0 && !rollingBack;

export function checkAlarms(state: State, { alarms = [] }: Observation, now: number, rollout: Rollout): State {
  const missing = missingAlarm(alarms, rollout);
  if (missing) {
    // an alarm made a moment ago may not be listed yet
    if (state.alarmsMissingSince === undefined) return lookAgain({ ...state, alarmsMissingSince: now }, CONFIRM_SECONDS, { alarms: true });
    return fail({ ...state, phase: 'PREFLIGHT' }, rollout, 'FAILED', missing);
  }
  const red = inAlarm(alarms);
  const unknown = alarms.filter((alarm) => alarm.state === 'INSUFFICIENT_DATA');
  if (state.plan !== 'update-daemon') {
    // nothing to roll back to, alarms of the same stack have no data yet, and a heartbeat alarm is red until the daemon runs
    const notes = [red, ...unknown].filter((alarm) => alarm !== undefined).map(({ name, state: value }) => `PREFLIGHT: the alarm ${name} is ${value}`);
    return apply({ ...state, says: [...state.says, ...notes] }, now, rollout);
  }
  if (red) return fail({ ...state, phase: 'PREFLIGHT' }, rollout, 'FAILED', redSentence(red));
  if (unknown.length > 0) {
    const since = state.alarmsUnknownSince ?? now;
    const periods = 2 * Math.max(...unknown.map(({ evaluationSeconds }) => evaluationSeconds));
    const patience = Math.min(NO_DATA_MOST_SECONDS, Math.max(NO_DATA_LEAST_SECONDS, periods));
    const names = unknown.map(({ name }) => name).join(', ');
    if (secondsSince(since, now) < patience) {
      const told = state.alarmsUnknownSince === undefined ? [`PREFLIGHT: waits up to ${patience} s for data of the alarms ${names}`] : [];
      return lookAgain({ ...state, alarmsUnknownSince: since }, NO_DATA_LOOK_SECONDS, { alarms: true }, ...told);
    }
    return apply({ ...state, says: [...state.says, `PREFLIGHT: goes on although there is no data yet for the alarms ${names}`] }, now, rollout);
  }
  return apply(state, now, rollout);
}

/** Why the write must not be sent, judged once more right before it; undefined if it may. */
export function unsafe(alarms: readonly ObservedAlarm[], rollout: Rollout): string | undefined {
  const red = inAlarm(alarms);
  return missingAlarm(alarms, rollout) ?? (red && redSentence(red));
}

export const inAlarm = (alarms: readonly ObservedAlarm[]): ObservedAlarm | undefined => alarms.find(({ state }) => state === 'ALARM');

function missingAlarm(alarms: readonly ObservedAlarm[], { desired }: Rollout): string | undefined {
  const name = desired.AlarmNames.find((wanted) => !alarms.some((alarm) => alarm.name === wanted));
  return name && `the alarm ${name} does not exist in this account and Region, so that ECS would roll out without it; nothing was changed`;
}

const redSentence = ({ name, stateReason }: ObservedAlarm): string =>
  `the alarm ${name} is in ALARM already ("${stateReason.slice(0, 300)}"), so that ECS would ignore it; nothing was changed`;
