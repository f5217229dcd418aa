import { duration, timeOfDay } from '../duration';
import type { Moment, Rollout, Timeline } from '../model';
import type { Summary } from '../verdict';
import type { Drawing } from './drawing';
import { element, fitting, line, rect, text, widthOf } from './element';
import { GUTTER, RIGHT } from './lanes';
import { sign, toneColour, toneText } from './signs';
import { zigzag } from './stack';
import { tickLabel } from './time-scale';

export const WIDTH = 700;

export function headline({ palette }: Pick<Drawing, 'palette'>, summary: Summary): string {
  return sign(summary, 24, 25, 1.15, palette)
    + text(42, 31, summary.headline, { size: 16, weight: 650, fill: palette.ink })
    + text(42, 50, summary.subLine, { size: 12, fill: palette.muted });
}

/** The axis above the plot, and its hairlines through all lanes. */
export function axis(drawing: Drawing, { kind, startedAt }: Timeline, y: number, bottom: number, gutter = GUTTER): void {
  const { palette, scale, rule } = drawing;
  const start = kind === 'plan' ? 'minutes' : startedAt === undefined ? '' : `${timeOfDay(startedAt).slice(0, 5)} UTC`;
  drawing.area(text(gutter, y, start, { fill: palette.muted, anchor: 'end' }));
  for (const tick of scale.ticks) {
    drawing.hairline(line(scale(tick), y + 6, scale(tick), bottom, palette.hairline));
    drawing.area(text(scale(tick), y, tickLabel(tick), { fill: palette.muted, anchor: 'middle' }));
  }
  cutLabels(drawing, y);
  drawing.label(text(scale.x1, y, duration(scale.end), { weight: 650, fill: palette.ink, anchor: 'middle' }));
  const isClear = rule !== undefined && scale.x1 - rule > (widthOf(duration(scale.end), { weight: 650 }) + 70) / 2;
  if (isClear) drawing.label(text(rule, y, duration(drawing.alarmAt!), { weight: 650, fill: palette.alarm, anchor: 'middle' }));
}

/** How long a cut is, or that there is one, beside ticks and bold labels. */
function cutLabels(drawing: Drawing, y: number): void {
  const { scale, palette, rule } = drawing;
  const occupied = [
    ...scale.ticks.map((tick) => ({ x: scale(tick), width: widthOf(tickLabel(tick)) })),
    { x: scale.x1, width: widthOf(duration(scale.end), { weight: 650 }) },
    ...(rule === undefined ? [] : [{ x: rule, width: widthOf(duration(drawing.alarmAt!), { weight: 650 }) }]),
  ];
  for (const { from, to, isStall } of scale.cuts) {
    const x = cutMiddle(drawing, from, to, isStall);
    const room = Math.min(...occupied.map((label) => 2 * (Math.abs(label.x - x) - label.width / 2) - 8));
    const words = fitting([`// ${duration(to - from)} //`, `// ${duration(to - from)}`, '//'], room);
    if (words !== undefined) drawing.area(text(x, y, words, { fill: palette.muted, anchor: 'middle' }));
  }
}

/** Where the zigzag of a cut runs: a stall's stands right of its box. */
export function cutMiddle({ scale }: Drawing, from: number, to: number, isStall: boolean): number {
  return isStall ? scale(to) - 75 : (scale(from) + scale(to)) / 2;
}

/** The moment of an alarm, through all lanes. */
export function alarmRule(drawing: Drawing, y: number, bottom: number): void {
  const { rule, palette } = drawing;
  if (rule === undefined) return;
  drawing.line(line(rule, y, rule, bottom, palette.surface, { 'stroke-width': 4 }));
  drawing.line(line(rule, y, rule, bottom, palette.alarm, { 'stroke-width': '1.8' }));
}

/** The line at which the rollout ended, or stands now, with the sign and the word of its verdict. */
export function verdictRule(
  drawing: Drawing, { summary, word, isOpen }: { summary: Pick<Summary, 'shape' | 'tone'>; word: string; isOpen: boolean },
  at: number, y: number, bottom: number,
): void {
  const { palette } = drawing;
  const dashes = isOpen ? '4 3' : undefined;
  drawing.line(line(at, y, at, bottom, toneColour(summary.tone, palette), { 'stroke-width': 2, 'stroke-dasharray': dashes }));
  drawing.label(sign(summary, RIGHT + 8, y + 14, 0.9, palette));
  const words = fitting([word], WIDTH - RIGHT - 20, { weight: 650 }) ?? word.split(' ')[0]!;
  drawing.label(text(RIGHT + 20, y + 18, words, { weight: 650, fill: toneText(summary.tone, palette) }));
}

/** The zigzags of the cuts through a lane. */
export function zigzags(drawing: Drawing, y: number, bottom: number): void {
  for (const { from, to, isStall } of drawing.scale.cuts) {
    drawing.line(zigzag(cutMiddle(drawing, from, to, isStall), y, bottom, drawing.palette));
  }
}

/** What colours and patterns mean, for those that occur. Returns the height. */
export function key(drawing: Drawing, rollouts: readonly Rollout[], y: number, isBrief: boolean): number {
  const { palette, id, scale } = drawing;
  const moments = rollouts.flatMap((rollout) => rollout.moments);
  const { revisions } = rollouts.find((rollout) => rollout.revisions.new !== undefined) ?? rollouts[0]!;
  const occurs = (state: 'starting' | 'draining' | 'uncovered' | 'runs', role?: 'new' | 'old' | 'mid'): boolean =>
    moments.some((moment) => roles(moment, role).some((counts) => counts && counts[state] > 0));
  const draining = occurs('draining', 'old') ? 'old' : occurs('draining', 'new') ? 'new' : undefined;
  const starting = occurs('starting', 'new') ? 'new' : occurs('starting', 'old') ? 'old' : undefined;
  const swatch = (fill: string): string => rect(0, -9, 14, 11, fill, { stroke: palette.surface });
  const outline = rect(1, -8, 12, 9, palette.surface, { stroke: palette.alarm, 'stroke-width': 2 });
  const entries = [
    ...(revisions.new !== undefined && occursRole(moments, 'new') ? [{ mark: swatch(palette.new), words: named(revisions.new, 'new') }] : []),
    ...(occursRole(moments, 'mid') ? [{ mark: swatch(palette.mid), words: named(revisions.mid, 'between') }] : []),
    ...(occursRole(moments, 'old') ? [{ mark: swatch(palette.old), words: named(revisions.old, 'old') }] : []),
    ...(draining ? [{ mark: swatch(`url(#${id}-${draining}-d)`), words: isBrief ? 'draining' : 'draining: takes no new tasks' }] : []),
    ...(starting ? [{ mark: swatch(`url(#${id}-${starting}-s)`), words: isBrief ? 'starting' : 'starting: daemon first' }] : []),
    ...(occurs('uncovered') ? [{ mark: outline, words: 'without the daemon' }] : []),
    ...(scale.cuts.length > 0 ? [{ mark: zigzag(7, -10, 3, palette), words: 'time left out' }] : []),
  ];
  let [x, row] = [scale.x0, 0];
  for (const { mark, words } of entries) {
    const width = 20 + widthOf(words) + 18;
    if (x + width - 18 > WIDTH - 8 && x > scale.x0) [x, row] = [scale.x0, row + 1];
    const baseline = y + row * 18;
    drawing.area(element('g', { transform: `translate(${Math.round(x * 10) / 10} ${baseline})` }, mark));
    drawing.area(text(x + 20, baseline, words, { fill: palette.muted }));
    x += width;
  }
  return (row + 1) * 18;
}

const named = (name: string | undefined, part: string): string =>
  name === undefined || widthOf(name) > 260 ? `${part} revision` : `${name} (${part})`;

const roles = (moment: Moment, role?: 'new' | 'old' | 'mid'): Moment['mid'][] =>
  role ? [moment[role]] : [moment.new, moment.mid, moment.old];

const occursRole = (moments: readonly Moment[], role: 'new' | 'old' | 'mid'): boolean =>
  moments.some((moment) => Object.values(moment[role] ?? {}).some((value) => value > 0));
