import { uncoveredAt, type Moment } from '../model';
import type { TimeScale } from './time-scale';

/** So many moments of one picture fit into its 40 KB. */
const MOST_MOMENTS = 200;
const WIDEST_COLUMN = 64;

/**
 * Merges moments that fall on one column of pixels: its smallest and largest number of instances stay, its largest number without the
 * daemon, and its last moment. A column is as wide as the size of the picture demands.
 */
export function columnsOf(moments: readonly Moment[], scale: TimeScale, most = MOST_MOMENTS): readonly Moment[] {
  for (let width = 1; moments.length > most && width <= WIDEST_COLUMN; width *= 2) {
    const kept = merged(moments, scale, width);
    if (kept.length <= most || width === WIDEST_COLUMN) return kept;
  }
  return moments;
}

function merged(moments: readonly Moment[], scale: TimeScale, width: number): Moment[] {
  const columns = new Map<number, Moment[]>();
  for (const moment of moments) {
    const column = Math.floor(scale(moment.at) / width);
    const known = columns.get(column);
    if (known) known.push(moment);
    else columns.set(column, [moment]);
  }
  return [...columns.values()].flatMap((column) => {
    const least = column.reduce((one, other) => total(other) < total(one) ? other : one);
    const largest = column.reduce((one, other) => total(other) > total(one) ? other : one);
    const uncovered = column.reduce((one, other) => uncoveredAt(other) > uncoveredAt(one) ? other : one);
    const chosen = new Set([least, largest, ...(uncoveredAt(uncovered) > 0 ? [uncovered] : []), column.at(-1)!]);
    return column.filter((moment) => chosen.has(moment));
  });
}

/** All instances at a moment. */
export const total = ({ new: fresh, old, mid }: Moment): number =>
  [fresh, old, mid].reduce((sum, counts) => sum + (counts ? counts.runs + counts.uncovered + counts.starting + counts.draining : 0), 0);
