import { clock, count, duration } from './duration';
import { uncoveredAt, type Elapsed, type Moment, type PhaseName, type Rollout } from './model';
import { phaseWord } from './words/phases';

export interface TextPictureOptions {
  /** How many characters are the time. @default 58 */
  readonly columns?: number;
  /** Whether block characters can be printed: otherwise digits and `A`. @default true */
  readonly unicode?: boolean;
}

const NAME_WIDTH = 12;
const BARS = '▁▂▃▄▅▆▇█';
const DIGITS = '123456789A';

/** A rollout in lines of text: time from left to right, a bar for each share of the fleet. */
export function textPicture(rollout: Rollout, { columns = 58, unicode = true }: TextPictureOptions = {}): string[] {
  const { duration: end, moments, revisions, instances = 0 } = rollout;
  if (moments.length === 0 || end === 0) return [];
  const cells = cellsOf(moments, end, columns);
  const bar = (value: number): string => barOf(value, Math.max(instances, 1), unicode);
  const row = (name: string, value: (cell: readonly Moment[]) => number, last: number): string =>
    `${name.padEnd(NAME_WIDTH)}${cells.map((cell) => bar(value(cell))).join('')} ${count(last).padStart(2)}`;
  const now = moments.at(-1)!;
  const ofMiddle = (number: (moment: Moment) => number) => (cell: readonly Moment[]): number => number(cell[0]!);
  const draining = (moment: Moment): number => moment.new.draining + moment.old.draining + (moment.mid?.draining ?? 0);
  const hasRole = (role: 'new' | 'old'): boolean => moments.some((moment) => Object.values(moment[role]).some((value) => value > 0));
  return [
    axisOf(rollout, columns),
    `${'Phase'.padEnd(NAME_WIDTH)}${phasesOf(rollout, columns, unicode)}`,
    ...(rollout.batches.length > 0 ? [`${'Batch'.padEnd(NAME_WIDTH)}${batchesOf(rollout, columns, unicode)}`.trimEnd()] : []),
    ...(hasRole('new') ? [row(nameOf(revisions.new, 'new'), ofMiddle((moment) => moment.new.runs), now.new.runs)] : []),
    ...(hasRole('old') ? [row(nameOf(revisions.old, 'old'), ofMiddle((moment) => moment.old.runs), now.old.runs)] : []),
    row('Draining', ofMiddle(draining), draining(now)),
    row('Uncovered', (cell) => Math.max(...cell.map(uncoveredAt)), uncoveredAt(now)),
  ];
}

const nameOf = (name: string | undefined, role: string): string => name !== undefined && name.length < NAME_WIDTH ? name : role;

/** The moment at the middle of each cell first, and then all that begin in it. */
function cellsOf(moments: readonly Moment[], end: Elapsed, columns: number): Moment[][] {
  return Array.from({ length: columns }, (_, index) => {
    const [from, to] = [end * index / columns, end * (index + 1) / columns];
    const middle = moments.findLast(({ at }) => at <= (from + to) / 2) ?? moments[0]!;
    return [middle, ...moments.filter(({ at }) => at >= from && at < to)];
  });
}

/** Eighths of the fleet, and never less than one for an instance. */
function barOf(value: number, fleet: number, unicode: boolean): string {
  if (value === 0) return unicode ? '·' : '.';
  const bars = unicode ? BARS : DIGITS;
  return bars[Math.min(bars.length, Math.max(1, Math.round(value / fleet * bars.length))) - 1]!;
}

/** Labels of the axis, without those that would touch the moment of an alarm or the end. */
function axisOf({ duration: end, verdict }: Rollout, columns: number): string {
  const line = Array<string>(columns + 4).fill(' ');
  const taken: [number, number][] = [];
  const put = (label: string, start: number): void => {
    const from = Math.max(0, Math.min(start, line.length - label.length));
    if (taken.some(([first, last]) => from < last + 2 && from + label.length > first - 2)) return;
    taken.push([from, from + label.length]);
    [...label].forEach((letter, index) => line[from + index] = letter);
  };
  const at = (moment: Elapsed): number => Math.round(moment / end * columns);
  put('0', 0);
  put(clock(end), columns - clock(end).length);
  if (verdict.cause?.kind === 'alarm' && verdict.cause.at !== undefined) put(`▲ ${clock(verdict.cause.at)}`, at(verdict.cause.at));
  const step = STEPS.find((one) => one / end * columns >= 9) ?? STEPS.at(-1)!;
  for (let tick = step; tick < end; tick += step) put(duration(tick), at(tick));
  return `${' '.repeat(NAME_WIDTH)}${line.join('')}`.trimEnd();
}

const STEPS = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000];

function phasesOf({ phases, duration: end }: Rollout, columns: number, unicode: boolean): string {
  const line = Array<string>(columns).fill(unicode ? '·' : '.');
  for (const { phase, from, to } of phases) {
    const [start, stop] = [Math.round(from / end * columns), Math.round(to / end * columns)];
    const forms = [`${phaseWord(phase)} ${duration(to - from)}`, phaseWord(phase)].slice(isLabelled(phase) ? 0 : 1);
    const words = forms.find((form) => form.length < stop - start) ?? '';
    [...words, ...words === '' ? [] : [' ']].forEach((letter, index) => line[start + index] = letter);
  }
  return line.join('');
}

const isLabelled = (phase: PhaseName): boolean => phase === 'BAKING' || phase === 'WAITING_TURN';

function batchesOf({ batches, duration: end }: Rollout, columns: number, unicode: boolean): string {
  const line = Array<string>(columns).fill(' ');
  const [open, dash, close] = unicode ? ['├', '─', '┤'] : ['|', '-', '|'];
  for (const { number, of, isRollback, from, to } of batches) {
    const [start, stop] = [Math.round(from / end * columns), Math.round((to ?? end) / end * columns)];
    const room = stop - start - 2;
    const forms = isRollback ? [`rollback ${number}`, String(number)] : [...(number === 1 && of !== undefined ? [`1 of ${of}`] : []), String(number)];
    const words = forms.find((form) => form.length <= room) ?? '';
    if (room < 0) continue;
    const drawn = `${open}${words}${dash!.repeat(Math.max(0, room - words.length))}${to === undefined ? '' : close}`;
    [...drawn].slice(0, stop - start).forEach((letter, index) => line[start + index] = letter);
  }
  return line.join('');
}
