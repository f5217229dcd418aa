import type { AlarmPolicy } from '../../contract';
import { ALARM_POLL_SECONDS, CONFIRM_SECONDS, LEAST_SECONDS_WITHOUT_DATA, MOST_SECONDS_WITHOUT_DATA, secondsSince } from '../../timing';
import { canFinish, tooLate } from './time-left';
import type { ObservedAlarm } from '../observation';
import type { Rollout } from '../rollout';
import { planOf, type State } from '../state';
import { untouched } from '../report/response';

/** What the guard alarms mean for the write. */
export type AlarmJudgement =
  | { readonly kind: 'refuse'; readonly sentence: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly what: string }
  /** `ignoredAlarms`: the alarms in ALARM, which ECS will ignore (R33). */
  | { readonly kind: 'go'; readonly notes: readonly string[]; readonly ignoredAlarms: readonly string[] };

/** In a rollback nothing is checked (A13). */
export const isGuarded = ({ desired, rollingBack }: Rollout): boolean => desired.AlarmNames.length > 0 && !rollingBack;

export const inAlarm = (alarms: readonly ObservedAlarm[]): ObservedAlarm | undefined => alarms.find(isInAlarm);

/** Judges the guard alarms before a write, since ECS ignores one that is in ALARM or misspelt (R33, R34). */
export function judgeAlarms(state: State, alarms: readonly ObservedAlarm[], now: number, rollout: Rollout): AlarmJudgement {
  const judgements = [judgeMissing(state, alarms, rollout), ...present(state, alarms, now, rollout)];
  return judgements.find(({ kind }) => kind === 'refuse') ?? judgements.find(({ kind }) => kind === 'wait') ?? together(judgements);
}

function together(judgements: readonly AlarmJudgement[]): AlarmJudgement {
  const go = judgements.filter((judgement) => judgement.kind === 'go');
  return { kind: 'go', notes: go.flatMap(({ notes }) => notes), ignoredAlarms: go.flatMap(({ ignoredAlarms }) => ignoredAlarms) };
}

/** Missing alarms are refused always; one made a moment ago may not be listed yet. */
function judgeMissing(state: State, alarms: readonly ObservedAlarm[], { desired }: Rollout): AlarmJudgement {
  const name = desired.AlarmNames.find((wanted) => !alarms.some((alarm) => alarm.name === wanted));
  if (name === undefined) return go();
  if (state.sightings['alarm-missing'] === undefined) return { kind: 'wait', seconds: CONFIRM_SECONDS, what: `the alarm ${name} to be visible` };
  return refuse(`the alarm ${name} does not exist in this account and Region, so that ECS would roll out without it; ${untouched(state)}`);
}

function present(state: State, alarms: readonly ObservedAlarm[], now: number, rollout: Rollout): AlarmJudgement[] {
  const firing = alarms.filter(isInAlarm);
  const unknown = alarms.filter(isWithoutData);
  // a state that is new to us does not say that there is no data
  const others = alarms.filter((alarm) => isUnclear(alarm) && !isWithoutData(alarm));
  if (makesDaemon(state, rollout)) {
    // nothing to roll back to, alarms of the same stack have no data yet, and a heartbeat alarm is in ALARM until the daemon runs
    return [...firing, ...unknown, ...others].map(({ name, state: value }) => go(`the alarm ${name} is ${value}`));
  }
  return [
    ...firing.map((alarm) => judgeInAlarm(state, alarm, now, rollout)),
    ...unknown.length > 0 ? [judgeUnknown(state, unknown, rollout.desired.PreflightAlarmWithoutData, now, rollout)] : [],
    ...others.length > 0 ? [judgeUnknown(state, others, undefined, now, rollout)] : [],
  ];
}

const makesDaemon = (state: State, { request }: Rollout): boolean => request === 'create' || planOf(state)?.kind === 'create-daemon';

function judgeInAlarm(state: State, { name, stateReason }: ObservedAlarm, now: number, rollout: Rollout): AlarmJudgement {
  const why = `("${stateReason.slice(0, 300)}")`;
  switch (rollout.desired.PreflightAlarmInAlarm ?? 'FAIL') {
    case 'FAIL':
      return refuse(`the alarm ${name} is in ALARM already ${why}, so that ECS would ignore it; ${untouched(state)}; `
        + 'if this update repairs what is wrong, set preflight.alarmInAlarm to PROCEED');
    case 'WAIT':
      return canFinish(rollout, now) ? { kind: 'wait', seconds: ALARM_POLL_SECONDS, what: `the alarm ${name}, which is in ALARM ${why}, to be OK` }
        : refuse(`the alarm ${name} is still in ALARM ${why}; ${tooLate(state, rollout, now)}`);
    case 'PROCEED':
      return go(`continues although the alarm ${name} is in ALARM already: ECS ignores it during this deployment`, name);
  }
}

function judgeUnknown(
  state: State, unknown: readonly ObservedAlarm[], policy: AlarmPolicy | undefined, now: number, rollout: Rollout,
): AlarmJudgement {
  const names = unknown.map(({ name }) => name).join(', ');
  switch (policy) {
    case undefined: {
      const periods = 2 * Math.max(...unknown.map(({ evaluationSeconds }) => evaluationSeconds));
      const patience = Math.min(MOST_SECONDS_WITHOUT_DATA, Math.max(LEAST_SECONDS_WITHOUT_DATA, periods));
      return secondsSince(state.sightings['alarm-unclear'] ?? now, now) < patience
        ? { kind: 'wait', seconds: ALARM_POLL_SECONDS, what: `data of the alarms ${names}, for up to ${patience} s` }
        : go(`continues although there is no data yet for the alarms ${names}`);
    }
    case 'FAIL':
      return refuse(`there is no data yet for the alarms ${names}; ${untouched(state)}; preflight.alarmWithoutData can be set to WAIT or PROCEED`);
    case 'WAIT':
      return canFinish(rollout, now) ? { kind: 'wait', seconds: ALARM_POLL_SECONDS, what: `data of the alarms ${names}` }
        : refuse(`there is still no data for the alarms ${names}; ${tooLate(state, rollout, now)}`);
    case 'PROCEED':
      return go(`continues although there is no data yet for the alarms ${names}`);
  }
}

const isInAlarm = ({ state }: ObservedAlarm): boolean => state === 'ALARM';

const isWithoutData = ({ state }: ObservedAlarm): boolean => state === 'INSUFFICIENT_DATA';

/** Whether the alarm says neither that all is well nor that it is not (A38). */
export const isUnclear = ({ state }: ObservedAlarm): boolean => state !== 'OK' && state !== 'ALARM';

const refuse = (sentence: string): AlarmJudgement => ({ kind: 'refuse', sentence });

const go = (note?: string, ...ignoredAlarms: string[]): AlarmJudgement => ({ kind: 'go', notes: note === undefined ? [] : [note], ignoredAlarms });
