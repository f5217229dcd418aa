import type { Alarm, Rollout } from '../model';

/** The moments at which something changes: counts, phases, batches, alarms and gates. */
export function changesOf({ moments, phases, batches, alarms, gates }: Rollout): number[] {
  return [
    ...moments.map(({ at }) => at),
    ...phases.flatMap(({ from, to }) => [from, to]),
    ...batches.flatMap(({ from, to }) => to === undefined ? [from] : [from, to]),
    ...alarms.flatMap(({ states }) => states.map(({ from }) => from)),
    ...gates.flatMap(({ from, to }) => to === undefined ? [from] : [from, to]),
  ];
}

/** When an alarm ended the rollout; otherwise the first that fired during it. */
export function alarmMoment({ verdict, alarms, duration: until }: Pick<Rollout, 'verdict' | 'alarms' | 'duration'>): number | undefined {
  if (verdict.cause?.kind === 'alarm' && verdict.cause.at !== undefined) return verdict.cause.at;
  const fired = ({ states }: Alarm): Alarm['states'] => states.filter(({ state, from }) => state === 'ALARM' && from > 0 && from < until);
  return alarms.flatMap(fired).map(({ from }) => from).sort((one, other) => one - other)[0];
}
