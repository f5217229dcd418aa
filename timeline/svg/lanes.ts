import { count, duration } from '../duration';
import { uncoveredAt, type Alarm, type Batch, type Gate, type Moment, type Phase } from '../model';
import { area, curveStepAfter, line as lineShape } from 'd3-shape';
import { uncoveredFor } from '../measures';
import { PHASE_WORDS } from '../words/phases';
import type { Drawing } from './drawing';
import { CompactPath, element, fitting, line, rect, text, widthOf } from './element';

export const GUTTER = 102;
export const RIGHT = 600;

/** The name of a lane, at the left. */
export function laneName(drawing: Drawing, y: number, ...lines: string[]): void {
  drawing.area(...lines.map((words, index) => text(GUTTER, y + index * 12, words, { fill: drawing.palette.muted, anchor: 'end' })));
}

export function phaseBand(drawing: Drawing, phases: readonly Phase[], y: number, height: number): void {
  const { palette, scale, id } = drawing;
  for (const { phase, from, to } of phases) {
    const [x, end] = [scale(from), scale(to)];
    if (end - x < 1.2) continue;
    const isQuiet = phase !== 'DEPLOYING' && phase !== 'ROLLING_BACK' && phase !== 'DRAINING';
    const fill = phase === 'STALLED' ? `url(#${id}-stall)` : phase === 'ROLLING_BACK' ? palette.alarm : isQuiet ? palette.band : palette.new;
    drawing.area(rect(x, y, end - x - 1.5, height, fill, { rx: 2, ...(isQuiet && phase !== 'STALLED' && { stroke: palette.rule, 'stroke-width': '.8' }) }));
    const [long, short] = PHASE_WORDS[phase];
    const forms = [...(phase === 'BAKING' || phase === 'WAITING_TURN' ? [`${long} ${duration(to - from)}`] : []), long, short];
    const words = fitting(forms, end - x - 1, { weight: 600 });
    if (words === undefined) continue;
    const halo = phase === 'STALLED' ? palette.surface : undefined;
    drawing.label(text((x + end - 1.5) / 2, y + height / 2 + 4, words, {
      weight: 600, fill: isQuiet ? palette.ink : palette.surface, anchor: 'middle', halo,
    }));
  }
}

export function batchBrackets(drawing: Drawing, batches: readonly Batch[], y: number, until: number): void {
  const { palette, scale } = drawing;
  const sizes = new Set(batches.map(({ instances }) => instances));
  laneName(drawing, y + 12, sizes.size === 1 ? `batches of ${count([...sizes][0]!)}` : 'batches');
  for (const { number, of, isRollback, from, to, instances } of batches) {
    const [x, end] = [scale(from), to === undefined ? scale(until) : scale(to) - 1.5];
    if (end - x < 2) continue;
    const colour = isRollback ? palette.alarm : palette.ink;
    const isOpen = to === undefined;
    const bracket = isOpen ? `M${at(x)} ${y + 14}v-4H${at(end)}` : `M${at(x)} ${y + 14}v-4H${at(end)}v4`;
    drawing.area(element('path', { d: bracket, fill: 'none', stroke: colour, 'stroke-width': '1.2', 'stroke-dasharray': isOpen ? '3 2' : undefined }));
    const size = sizes.size === 1 ? '' : `: ${count(instances)}`;
    const plain = `${number}${size}`;
    const forms = isRollback ? [`rollback ${plain}`, plain] : number === 1 && of !== undefined ? [`1 of ${of}${size}`, plain] : [plain];
    const longest = drawing.middle(x, end, widthOf(forms[0]!));
    const words = fitting(forms, longest.room);
    if (words !== undefined) drawing.label(text(longest.x, y + 7.5, words, { fill: colour, anchor: 'middle' }));
  }
}

const MOST_ALARMS = 3;

/** One lane each; the alarms that fired come first. Returns the height. */
export function alarmLanes(drawing: Drawing, alarms: readonly Alarm[], y: number, until: number, isPlan: boolean): number {
  if (alarms.length === 0) return 0;
  const fired = (alarm: Alarm): boolean => alarm.states.some(({ state }) => state === 'ALARM');
  const ordered = [...alarms.filter(fired), ...alarms.filter((alarm) => !fired(alarm))];
  const shown = ordered.slice(0, MOST_ALARMS);
  const others = ordered.slice(MOST_ALARMS);
  laneName(drawing, y + 10, alarms.length === 1 ? 'alarm' : 'alarms');
  shown.forEach((alarm, index) => alarmLane(drawing, alarm, y + index * 18, until, isPlan));
  if (others.length > 0) {
    const states = others.some(fired) ? 'some in ALARM' : 'OK';
    drawing.area(text(drawing.scale.x0 + 6, y + shown.length * 18 + 10, `and ${others.length} more: ${states}`, { fill: drawing.palette.muted }));
  }
  return shown.length * 18 + (others.length > 0 ? 16 : 0);
}

function alarmLane(drawing: Drawing, { name, states }: Alarm, y: number, until: number, isPlan: boolean): void {
  const { palette, scale } = drawing;
  const end = scale(until);
  drawing.area(line(scale.x0, y + 6, end, y + 6, palette.rule, { 'stroke-width': '1.2' }));
  const bars = states.flatMap(({ state, from }, index) => state === 'ALARM' ? [{ x: scale(from), end: scale(states[index + 1]?.from ?? until), from }] : []);
  for (const bar of bars) drawing.area(rect(bar.x, y, Math.max(2, bar.end - bar.x), 12, palette.alarm));
  const [bar] = bars;
  const first = states[0]!.state;
  const calm = isPlan && bars.length === 0 ? `${name}: stays OK, assumed` : `${name}: ${first === 'INSUFFICIENT_DATA' ? 'no data' : first}`;
  if (first !== 'ALARM') {
    const words = fitting([calm, first === 'OK' ? 'OK' : undefined], (bar?.x ?? end) - scale.x0 - 14);
    if (words !== undefined) {
      drawing.area(rect(scale.x0 + 3, y, widthOf(words) + 6, 12, palette.surface));
      drawing.area(text(scale.x0 + 6, y + 10, words, { fill: palette.muted }));
    }
  }
  if (!bar) return;
  const words = fitting([`▲ ${name} in ALARM`, '▲ in ALARM', '▲'], bar.end - bar.x - 8, { weight: 600 });
  if (words !== undefined) drawing.label(text(bar.x + 6, y + 10, words, { weight: 600, fill: palette.surface }));
  else drawing.label(text(bar.x - 4, y + 10, '▲', { weight: 600, fill: palette.alarm, anchor: 'end', halo: palette.surface }));
}

/** Always drawn: zero is a line with dots at both ends. */
export function uncoveredLane(
  drawing: Drawing, { moments, instances, isDeletion }: { moments: readonly Moment[]; instances: number; isDeletion: boolean },
  y: number, until: number,
): void {
  const { palette, scale } = drawing;
  const [x0, end] = [scale.x0, scale(until)];
  laneName(drawing, y + 9, 'without', 'the daemon');
  drawing.area(rect(x0, y, end - x0, 22, palette.band, { 'fill-opacity': '.6' }));
  if (isDeletion) {
    drawing.label(text(x0 + 10, y + 14, 'not counted: the daemon is being deleted', { fill: palette.muted }));
    return;
  }
  const most = Math.max(0, ...moments.map(uncoveredAt));
  if (most === 0) {
    drawing.area(line(x0, y + 22, end, y + 22, palette.ok, { 'stroke-width': '2.5' }));
    drawing.area(...[x0, end].map((cx) => element('circle', { cx, cy: y + 22, r: 3, fill: palette.ok })));
    drawing.label(text(RIGHT, y + 9, 'never', { size: 12, weight: 650, fill: palette.okText }));
    const words = fitting([`0 of ${count(instances)} at any moment`, '0'], end - x0 - 14, { weight: 600 });
    if (words !== undefined) drawing.label(text(x0 + 10, y + 14, words, { weight: 600, fill: palette.okText, halo: palette.surface }));
    return;
  }
  drawing.area(element('path', { d: steps(drawing, moments, until, (moment) => y + 22 - 22 * uncoveredAt(moment) / most, y + 22), fill: palette.alarm }));
  drawing.label(text(RIGHT, y + 9, `up to ${count(most)}`, { size: 12, weight: 650, fill: palette.alarm }));
  drawing.label(text(RIGHT, y + 22, `for ${duration(uncoveredFor(moments, until))}`, { fill: palette.alarm }));
}

export function tasksLane(drawing: Drawing, moments: readonly Moment[], y: number, until: number): void {
  const { palette } = drawing;
  laneName(drawing, y + 9, 'application', 'tasks');
  const tasks = moments.map(({ applicationTasks }) => applicationTasks);
  const most = Math.max(1, ...tasks);
  const height = ({ applicationTasks }: Moment): number => y + 22 - 22 * applicationTasks / most;
  drawing.area(element('path', { d: steps(drawing, moments, until, height, y + 22), fill: palette.band }));
  drawing.area(element('path', { d: steps(drawing, moments, until, height), fill: 'none', stroke: palette.ink, 'stroke-width': '1.3' }));
  const [start, fewest] = [tasks[0] ?? 0, Math.min(...tasks)];
  const isFewer = fewest < start;
  drawing.label(text(RIGHT, y + 9, isFewer ? `${count(start)} → ${count(fewest)}` : count(start), {
    size: 12, weight: 650, fill: isFewer ? palette.warningText : palette.ink,
  }));
  drawing.label(text(RIGHT, y + 22, isFewer ? 'at the least' : 'never fewer', { fill: isFewer ? palette.warningText : palette.muted }));
}

/** What holds the stack: the daemon's own resource, then its gates. */
export function gateLane(drawing: Drawing, gates: readonly Gate[], y: number): void {
  const { palette, scale } = drawing;
  laneName(drawing, y + 10, 'stack held by');
  for (const { name, from, to } of gates) {
    const [x, end] = [scale(from), scale(to ?? scale.end)];
    if (end - x < 3) continue;
    drawing.area(rect(x, y, end - x - 1.5, 13, palette.band, { rx: 2, stroke: palette.rule, 'stroke-width': '.8' }));
    const words = fitting([name, name.replace(/^gate /, '')], end - x - 6);
    if (words !== undefined) drawing.label(text((x + end - 1.5) / 2, y + 10.5, words, { fill: palette.ink, anchor: 'middle' }));
  }
}

/** Steps over time: an area down to `base`, or a line without one. */
function steps({ scale }: Drawing, moments: readonly Moment[], until: number, height: (moment: Moment) => number, base?: number): string {
  const ends = [...moments.map((moment) => ({ moment, at: moment.at })), { moment: moments.at(-1)!, at: until }];
  const points = ends.map(({ moment, at: end }) => [scale(end), height(moment)] as const);
  const path = new CompactPath();
  if (base === undefined) lineShape<readonly [number, number]>().curve(curveStepAfter).context(path as never)(points);
  else area<readonly [number, number]>().x(([x]) => x).y1(([, y]) => y).y0(base).curve(curveStepAfter).context(path as never)(points);
  return String(path);
}

const at = (value: number): number => Math.round(value * 10) / 10;
