import { alarmMoment } from './changes';
import type { Rollout, Timeline } from '../model';
import { summaryOf, type Summary } from '../verdict';
import { columnsOf, total } from './columns';
import { describe, svg } from './document';
import { Drawing } from './drawing';
import { text } from './element';
import { bounds, ending } from './ending';
import { fleetLane, STACK_HEIGHT } from './fleet-lane';
import { alarmRule, axis, headline, key, zigzags } from './frame';
import { alarmLanes, batchBrackets, gateLane, laneName, phaseBand, tasksLane, uncoveredLane } from './lanes';
import { paletteOf, type Theme } from './palette';
import { scaleOf, X0 } from './picture-scale';

export interface SvgOptions {
  /** @default light */
  readonly theme?: Theme;
  /** The beginning of all ids in the picture: several pictures of one page need different ones. @default t */
  readonly id?: string;
  /** Whether the verdict stands above the plot. @default true */
  readonly headline?: boolean;
}

/** The picture of one rollout. */
export function pictureOf(timeline: Timeline, { theme = 'light', id = 't', headline: hasHeadline = true }: SvgOptions): string {
  const whole = timeline.rollouts[0]!;
  const summary = summaryOf(timeline);
  const palette = paletteOf(theme);
  const scale = scaleOf(timeline, whole);
  const rollout = { ...whole, moments: columnsOf(whole.moments, scale) };
  const drawing = new Drawing(id, palette, scale, alarmMoment(rollout));
  const head = hasHeadline ? 78 : 16;
  const bottom = plot(drawing, timeline, rollout, summary, head);
  return svg({ id, theme, palette, height: bottom, summary, description: describe(timeline, summary) },
    hasHeadline ? headline({ palette }, summary) : '', drawing);
}

/** The lanes from top to bottom; returns the height of the picture. */
function plot(drawing: Drawing, timeline: Timeline, rollout: Rollout, summary: Summary, axisY: number): number {
  const { palette } = drawing;
  const { moments, duration: until, instances = 0 } = rollout;
  const isPlan = timeline.kind === 'plan';
  let y = axisY + 10;
  laneName(drawing, y + 14, 'phase');
  phaseBand(drawing, rollout.phases, y, 20);
  y += 24;
  if (rollout.batches.length > 0) {
    batchBrackets(drawing, rollout.batches, y + 1, until);
    y += 25;
  }
  y += alarmLanes(drawing, rollout.alarms, y, until, isPlan);
  const largest = Math.max(0, ...moments.map(total));
  const stackTop = y + 5;
  if (largest === 0) {
    const words = moments.length > 0 ? 'no instances: the rollout succeeds at once' : 'the instances are not known';
    drawing.label(text(X0 + 8, y + 24, words, { size: 12, fill: palette.ink }));
    y += 44;
  } else {
    fleetLane(drawing, timeline, rollout, largest, stackTop);
    y += 5 + STACK_HEIGHT + 14;
    uncoveredLane(drawing, { moments, instances, isDeletion: rollout.request === 'delete' }, y, until);
    tasksLane(drawing, moments, y + 34, until);
    y += 56;
  }
  if (rollout.gates.length > 0) {
    gateLane(drawing, rollout.gates, y + 10);
    y += 23;
  }
  const bottom = y + 6;
  axis(drawing, timeline, axisY, bottom);
  zigzags(drawing, largest === 0 ? bottom : stackTop, bottom);
  alarmRule(drawing, axisY + 6, bottom);
  ending(drawing, timeline, rollout, summary, axisY + 6, bottom);
  y = bottom + (isPlan && rollout.estimate ? bounds(drawing, rollout, bottom) : 0);
  return y + 20 + key(drawing, [rollout], y + 20, false);
}
