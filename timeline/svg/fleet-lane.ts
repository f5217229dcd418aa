import { count, counted, duration } from '../duration';
import type { Rollout, Timeline } from '../model';
import type { Drawing } from './drawing';
import { line, rect, text, widthOf } from './element';
import { WIDTH } from './frame';
import { GUTTER, RIGHT } from './lanes';
import { Stack } from './stack';

/** The height of the instances of one place. */
export const STACK_HEIGHT = 150;
/** Up to this fleet an instance is one line of the stack. */
const SMALL_FLEET = 24;

/** The instances over time, with their counts at the end. */
export function fleetLane(drawing: Drawing, timeline: Timeline, rollout: Rollout, largest: number, top: number): void {
  const { palette, scale, id } = drawing;
  const { instances = 0, duration: until, moments, revisions } = rollout;
  const bottom = top + STACK_HEIGHT;
  const stack = new Stack({ id, moments, scale, until, largest, top, bottom, palette });
  drawing.area(stack.areas());
  if (largest <= SMALL_FLEET) drawing.area(stack.grid(largest));
  drawing.area(line(scale.x0, bottom, scale.x1, bottom, palette.rule));
  if (instances > 0) {
    drawing.area(line(scale.x0, stack.y(instances), scale.x1, stack.y(instances), palette.ink, { 'stroke-dasharray': '2 3' }));
    const fleet = { weight: 600, fill: palette.ink, anchor: 'end' } as const;
    drawing.area(text(GUTTER, stack.y(instances) + 4, counted(instances, 'instance'), fleet));
    const half = Math.round(instances / 2);
    if ((instances % 2 === 0 || instances > SMALL_FLEET) && stack.y(half) - stack.y(instances) > 14) {
      drawing.area(text(GUTTER, stack.y(half) + 4, count(half), { fill: palette.muted, anchor: 'end' }));
    }
  }
  drawing.area(text(GUTTER, bottom + 3, '0', { fill: palette.muted, anchor: 'end' }));
  drawing.label(stack.labels(revisions, reachOf(timeline, rollout), drawing.rule));
  finalCounts(drawing, rollout, stack, timeline.kind === 'plan');
  stallFrame(drawing, rollout, top, bottom);
}

/** How many ran a revision that did not stay, the longest form first. */
function reachOf({ kind }: Timeline, { verdict, measures: { ran }, instances, revisions }: Rollout): string[] {
  if (verdict.outcome !== 'ROLLED_BACK' || !ran || instances === undefined) return [];
  const [share, verb] = [`${count(ran)} of ${count(instances)}`, kind === 'plan' ? 'run' : 'ran'];
  const name = revisions.new ?? 'it';
  return [`${share} ${verb} ${name}`, `${count(ran)} ${verb} ${name}`, `${share} ${verb} it`, `${count(ran)} of ${count(instances)}`];
}

/** The counts at the end beside the plot, or beside the line of now. */
function finalCounts(drawing: Drawing, { moments, revisions, duration: until }: Rollout, stack: Stack, isPlan: boolean): void {
  const { palette, scale } = drawing;
  const last = moments.at(-1)!;
  const x = !isPlan && scale(until) < scale.x1 - 40 ? scale(until) + 8 : RIGHT;
  const draining = last.old.draining + last.new.draining + (last.mid?.draining ?? 0);
  const ends = [
    { value: draining, words: 'draining', name: undefined, at: stack.lastMiddle('old', 'draining') ?? stack.lastMiddle('new', 'draining') },
    { value: last.old.runs, words: 'run', name: revisions.old, at: stack.lastMiddle('old', 'runs') },
    { value: last.mid?.runs ?? 0, words: 'run', name: revisions.mid, at: stack.lastMiddle('mid', 'runs') },
    { value: last.new.runs, words: 'run', name: revisions.new, at: stack.lastMiddle('new', 'runs') },
  ].filter(({ value, at }) => value > 0 && at !== undefined);
  let free = -Infinity;
  for (const { value, words, name, at } of ends) {
    const shown = name !== undefined && widthOf(name) <= WIDTH - x - 4 ? name : undefined;
    const y = Math.max(at! + (shown === undefined ? 4 : -3), free);
    drawing.label(text(x, y, `${count(value)} ${words}`, { size: 12, weight: 650, fill: palette.ink, halo: palette.surface }));
    if (shown !== undefined) drawing.label(text(x, y + 14, shown, { fill: palette.muted, halo: palette.surface }));
    free = y + (shown === undefined ? 16 : 30);
  }
}

/** A dashed frame around the time in which nothing has changed. */
function stallFrame(drawing: Drawing, { phases, duration: until }: Rollout, top: number, bottom: number): void {
  const { palette, scale } = drawing;
  const stall = phases.find(({ phase }) => phase === 'STALLED');
  if (!stall) return;
  const [x, end] = [scale(stall.from), scale(until)];
  const frame = { stroke: palette.warning, 'stroke-width': '1.5' };
  drawing.line(rect(x, top, end - x, bottom - top, 'none', { ...frame, 'stroke-dasharray': '4 3' }));
  const width = Math.min(136, end - x - 12);
  drawing.label(rect(x + (end - x - width) / 2, bottom - 56, width, 38, palette.surface, { rx: 4, ...frame }));
  const middle = (x + end) / 2;
  drawing.label(text(middle, bottom - 41, 'nothing has changed', { fill: palette.warningText, anchor: 'middle' }));
  const label = { size: 12, weight: 650, fill: palette.warningText, anchor: 'middle' } as const;
  drawing.label(text(middle, bottom - 26, `for ${duration(until - stall.from)}`, label));
}
