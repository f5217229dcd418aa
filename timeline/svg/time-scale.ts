import { scaleLinear } from 'd3-scale';
import { duration, HOUR, MINUTE } from '../duration';
import type { Elapsed } from '../model';
import { widthOf } from './element';

/** A stretch of time that is drawn short, and says how long it is. */
export interface Cut {
  readonly from: Elapsed;
  readonly to: Elapsed;
  /** A stall is cut too, but is never quiet. */
  readonly isStall: boolean;
}

export interface TimeScale {
  (at: Elapsed): number;
  readonly x0: number;
  readonly x1: number;
  readonly end: Elapsed;
  readonly cuts: readonly Cut[];
  readonly ticks: readonly Elapsed[];
}

const CUT_WIDTH = 64;
const STALL_WIDTH = 150;
const QUIET_AFTER = 15 * MINUTE;
const QUIET_SHARE = 0.2;
const TICK_STEPS = [
  10_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR,
];
const TICK_DISTANCE = 56;

/** The intervals in which nothing changes, if they are long and a large part of the whole. What is still to come is never cut. */
export function quietIntervals(changes: readonly Elapsed[], until: Elapsed, end: Elapsed): Cut[] {
  const moments = [...new Set([0, ...changes.filter((at) => at >= 0 && at <= until), until])].sort((one, other) => one - other);
  return moments.slice(1).map((to, index) => ({ from: moments[index]!, to, isStall: false }))
    .filter(({ from, to }) => to - from > QUIET_AFTER && to - from > QUIET_SHARE * end);
}

/** Linear but for the cuts. `labelled` are moments with bold labels: ticks that would touch them are dropped. */
export function timeScale(x0: number, x1: number, end: Elapsed, cuts: readonly Cut[], labelled: readonly Elapsed[]): TimeScale {
  const widthOfCut = ({ isStall }: Cut): number => isStall ? STALL_WIDTH : CUT_WIDTH;
  const drawn = Math.max(1, end - cuts.reduce((sum, { from, to }) => sum + to - from, 0));
  const perMillisecond = (x1 - x0 - cuts.reduce((sum, cut) => sum + widthOfCut(cut), 0)) / drawn;
  const domain = [0];
  const range = [x0];
  for (const cut of cuts) {
    const start = range.at(-1)! + (cut.from - domain.at(-1)!) * perMillisecond;
    domain.push(cut.from, cut.to);
    range.push(start, start + widthOfCut(cut));
  }
  const scale = scaleLinear().domain([...domain, Math.max(1, end)]).range([...range, x1]).clamp(true);
  const at = (moment: Elapsed): number => scale(moment);
  return Object.assign(at, { x0, x1, end, cuts, ticks: ticksOf(at, end, cuts, perMillisecond, labelled) });
}

function ticksOf(
  at: (moment: Elapsed) => number, end: Elapsed, cuts: readonly Cut[], perMillisecond: number, labelled: readonly Elapsed[],
): Elapsed[] {
  const step = TICK_STEPS.find((one) => one * perMillisecond >= TICK_DISTANCE) ?? TICK_STEPS.at(-1)!;
  const all = Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
  const touches = (tick: Elapsed, other: Elapsed): boolean => Math.abs(at(tick) - at(other)) < tickDistance(tick, other);
  const kept: Elapsed[] = [];
  for (const tick of all) {
    if (cuts.some(({ from, to }) => tick > from && tick < to) || labelled.some((label) => touches(tick, label))) continue;
    if (kept.length > 0 && touches(tick, kept.at(-1)!)) continue;
    kept.push(tick);
  }
  return kept;
}

/** Labels are centred on their moments. */
const tickDistance = (tick: Elapsed, bold: Elapsed): number =>
  (widthOf(tickLabel(tick)) + widthOf(duration(bold), { weight: 650 })) / 2 + 6;

export const tickLabel = (tick: Elapsed): string => tick === 0 ? '0' : duration(tick);
