import type { InstanceHistory } from '../model';
import type { ReplayedInstance } from './fleet-replay';

/** Up to this fleet every instance has a row; of a larger one only those that a person looks for. */
export const SMALL_FLEET = 24;
const MOST_NOTED = 8;

/** Times are epoch milliseconds. */
interface HistoryOptions {
  readonly start: number;
  readonly end: number;
  readonly fleet: number;
  readonly stalled: readonly string[];
}

/** The instances of a small fleet, or those of a large one that failed, stalled or took longest to go. Times are since `start`. */
export function historiesOf(
  instances: Iterable<ReplayedInstance>, { start, end, fleet, stalled }: HistoryOptions,
): InstanceHistory[] {
  const during = [...instances].filter(({ from, to }) => from <= end && (to === undefined || to > start));
  const noted = during.map((instance) => ({ instance, history: history(instance, start, end, noteOf(instance, stalled)) }));
  if (fleet <= SMALL_FLEET) return noted.map(({ history: ofOne }) => ofOne);
  const slowest = [...noted].filter(({ instance }) => instance.to !== undefined && instance.to <= end)
    .sort((one, other) => drainTime(other.instance) - drainTime(one.instance)).map(({ history: ofOne }) => ({ ...ofOne, note: 'slow' as const }));
  return [...noted.map(({ history: ofOne }) => ofOne).filter(({ note }) => note !== undefined), ...slowest].slice(0, MOST_NOTED);
}

function noteOf({ failures, id }: ReplayedInstance, stalled: readonly string[]): InstanceHistory['note'] {
  if (failures > 0) return 'failed';
  return stalled.includes(id) ? 'stalled' : undefined;
}

function history({ id, from, to, periods }: ReplayedInstance, start: number, end: number, note: InstanceHistory['note']): InstanceHistory {
  const states = periods.filter((period, index) => period.from <= end && (periods[index + 1]?.from ?? Infinity) > start)
    .map((period) => ({ ...period, from: Math.max(0, period.from - start) }));
  return { id, from: Math.max(0, from - start), ...(to !== undefined && to <= end && { to: to - start }), states, ...(note && { note }) };
}

/** From the beginning of its drain to its end. */
function drainTime({ periods, to }: ReplayedInstance): number {
  const drain = periods.find(({ state }) => state === 'draining');
  return drain && to !== undefined ? to - drain.from : 0;
}
