import { count, counted } from '../duration';
import type { Alarm, Outcome, Rollout, Timeline } from '../model';
import { endOf, mergedMoments, overallOf } from '../overall';
import { signOf, summaryOf } from '../verdict';
import { Drawing } from './drawing';
import { fitting, line, text, widthOf } from './element';
import { alarmRule, axis, headline, key, zigzags } from './frame';
import { alarmLanes, phaseBand, RIGHT, uncoveredLane } from './lanes';
import { paletteOf } from './palette';
import { changesOf } from './changes';
import { columnsOf, total } from './columns';
import { describe, svg } from './document';
import type { SvgOptions } from './picture';
import { sign, toneText } from './signs';
import { Stack } from './stack';
import { quietIntervals, timeScale } from './time-scale';

const X0 = 128;
const X1 = 592;
const LANE_HEIGHT = 66;
const STACK_HEIGHT = 34;
const MOST_PLACES = 8;
/** Lanes of their own among more places. */
const MOST_SINGLE = 12;
/** Of one place. */
const MOST_MOMENTS = 40;

/** Small multiples on one time axis: a lane for each place, or for each wave if there are many places. */
export function wavesPicture(timeline: Timeline, { theme = 'light', id = 't', headline: hasHeadline = true }: SvgOptions): string {
  const overall = overallOf(timeline);
  const summary = summaryOf(timeline);
  const palette = paletteOf(theme);
  const lanes = lanesOf(timeline.rollouts.map(onOneClock));
  const end = overall.duration;
  const alarms = alarmsOf(lanes);
  const fired = alarms.flatMap(({ states }) => states.filter(({ state, from }) => state === 'ALARM' && from > 0));
  const alarmAt = fired.map(({ from }) => from).sort((one, other) => one - other)[0];
  const cuts = quietIntervals([...lanes.flatMap(changesOf), ...(alarmAt === undefined ? [] : [alarmAt])], end, end);
  const scale = timeScale(X0, X1, end, cuts, [end, ...(alarmAt === undefined ? [] : [alarmAt])]);
  const drawing = new Drawing(id, palette, scale, alarmAt);
  const axisY = hasHeadline ? 78 : 16;
  let y = axisY + 13;
  y += alarmLanes(drawing, alarms, y, end, timeline.kind === 'plan') + 4;
  lanes.forEach((lane, index) => {
    if (index > 0) drawing.hairline(line(16, y - 4, X1, y - 4, palette.hairline));
    laneOf(drawing, lane, y, end);
    y += LANE_HEIGHT;
  });
  const isDeletion = lanes.every(({ request }) => request === 'delete');
  uncoveredLane(drawing, { moments: columnsOf(mergedMoments(lanes), scale), instances: overall.instances ?? 0, isDeletion }, y + 6, end);
  const bottom = y + 6 + 22 + 8;
  axis(drawing, timeline, axisY, bottom, 118);
  zigzags(drawing, y + 6, y + 28);
  alarmRule(drawing, axisY + 6, bottom);
  drawing.line(line(scale.x1, axisY + 6, scale.x1, bottom, toneText(summary.tone, palette), { 'stroke-width': 2 }));
  const height = bottom + 20 + key(drawing, lanes, bottom + 20, true);
  const texts = { summary, description: describe(timeline, summary) };
  return svg({ id, theme, palette, height, ...texts }, hasHeadline ? headline({ palette }, summary) : '', drawing);
}

/** A rollout with all its times since the start of the timeline. */
function onOneClock(rollout: Rollout): Rollout {
  const { requestedAt: start } = rollout;
  const later = <T extends { readonly from: number; readonly to?: number }>(period: T): T =>
    ({ ...period, from: period.from + start, ...(period.to !== undefined && { to: period.to + start }) });
  return {
    ...rollout,
    requestedAt: 0,
    duration: endOf(rollout),
    phases: rollout.phases.map(later),
    batches: rollout.batches.map(later),
    gates: rollout.gates.map(later),
    moments: rollout.moments.map((moment) => ({ ...moment, at: moment.at + start })),
    alarms: rollout.alarms.map(({ name, states: [first, ...others] }) => ({
      name, states: [first!, ...others.map((state) => ({ ...state, from: state.from + start }))],
    })),
  };
}

/** Of more than eight places a wave is one lane, but for the places that did not succeed. */
function lanesOf(rollouts: readonly Rollout[]): Rollout[] {
  const ordered = [...rollouts].sort((one, other) => (one.place?.waveNumber ?? 0) - (other.place?.waveNumber ?? 0));
  if (ordered.length <= MOST_PLACES) return ordered;
  const calm: readonly Outcome[] = ['SUCCEEDED', 'UNCHANGED', 'RUNNING', 'NOT_BEGUN'];
  const single = new Set(ordered.filter(({ verdict }) => !calm.includes(verdict.outcome)).slice(0, MOST_SINGLE));
  const waves = [...new Set(ordered.map(({ place }) => place?.wave))];
  return waves.flatMap((wave) => {
    const ofWave = ordered.filter(({ place }) => place?.wave === wave);
    const others = ofWave.filter((rollout) => !single.has(rollout));
    return [...ofWave.filter((rollout) => single.has(rollout)), ...(others.length > 1 ? [summed(others)] : others)];
  });
}

/** Several places of a wave as one. */
function summed(rollouts: readonly Rollout[]): Rollout {
  const { decisive, ...sums } = overallOf({ version: 1, kind: 'recorded', rollouts, stackEvents: [], log: [] });
  const { instances, duration, moments, measures } = sums;
  const place = decisive.place && { ...decisive.place, name: counted(rollouts.length, 'place') };
  const daemon = place ? decisive.daemon : counted(rollouts.length, 'daemon');
  return { ...decisive, daemon, place, instances, duration, moments, measures, batches: [] };
}

function laneOf(drawing: Drawing, rollout: Rollout, y: number, end: number): void {
  const { palette, scale, id } = drawing;
  const { place, cluster, instances = 0, phases, moments } = rollout;
  const title = place ? `wave ${place.waveNumber}: ${place.wave}` : rollout.daemon;
  const name = fitting([title, place ? `wave ${place.waveNumber}` : undefined], 112, { size: 12, weight: 650 }) ?? 'daemon';
  drawing.area(text(16, y + 11, name, { size: 12, weight: 650, fill: palette.ink }));
  const lines = [place?.name ?? cluster, fitting([`${count(instances)} in cluster ${cluster}`, counted(instances, 'instance')], 113)!];
  lines.filter((words) => widthOf(words) <= 113).forEach((words, index) => {
    drawing.area(text(16, y + 27 + index * 14, words, { fill: index === 0 ? palette.ink : palette.muted }));
  });
  waiting(drawing, rollout, y + 7, end);
  phaseBand(drawing, phases, y, 14);
  const largest = Math.max(0, ...moments.map(total));
  if (largest > 0) {
    const [top, bottom] = [y + 18, y + 18 + STACK_HEIGHT];
    const shown = columnsOf(fromTheStart(rollout), scale, MOST_MOMENTS);
    const stack = new Stack({ id, moments: shown, scale, until: end, largest, top, bottom, palette });
    drawing.area(stack.areas());
    drawing.area(line(scale.x0, stack.y(instances), scale.x1, stack.y(instances), palette.ink, { 'stroke-dasharray': '2 3' }));
    zigzags(drawing, y + 14, bottom);
    drawing.area(line(scale.x0, bottom, scale.x1, bottom, palette.rule));
  }
  outcomeOf(drawing, rollout, y);
}

/** The counts stand from the start of the timeline, also for a place that waits. */
function fromTheStart({ moments }: Rollout): Rollout['moments'] {
  const [first] = moments;
  return first && first.at > 0 ? [{ ...first, at: 0 }, ...moments.slice(1)] : moments;
}

/** A dotted line while a wave waits, or never began. */
function waiting(drawing: Drawing, { phases, verdict }: Rollout, y: number, end: number): void {
  const { palette, scale } = drawing;
  const isNotBegun = verdict.outcome === 'NOT_BEGUN';
  const until = isNotBegun ? scale(end) : scale(phases[0]?.from ?? 0) - 2;
  if (until - scale.x0 < 10) return;
  drawing.area(line(scale.x0, y, until, y, palette.rule, { 'stroke-dasharray': '2 3', 'stroke-width': '1.2' }));
  const words = fitting([isNotBegun ? 'not begun' : 'waits'], until - scale.x0 - 8);
  const width = words === undefined ? 0 : widthOf(words);
  const { x } = drawing.middle(scale.x0, until, width);
  if (words !== undefined) drawing.label(text(x, y + 4, words, { fill: palette.muted, anchor: 'middle', halo: palette.surface }));
}

function outcomeOf(drawing: Drawing, rollout: Rollout, y: number): void {
  const { palette } = drawing;
  const outcome = signOf(rollout);
  const { verdict, measures, revisions } = rollout;
  const isNotBegun = verdict.outcome === 'NOT_BEGUN';
  if (!isNotBegun) drawing.label(sign(outcome, RIGHT + 7, y + 7, 0.85, palette));
  const fill = isNotBegun ? palette.muted : toneText(outcome.tone, palette);
  drawing.label(text(isNotBegun ? RIGHT : RIGHT + 20, y + 11, outcome.word, { weight: 650, fill }));
  const isNew = (measures.runsNew ?? 0) >= (measures.runsOld ?? 0);
  const [runs, name] = isNew ? [measures.runsNew, revisions.new] : [measures.runsOld, revisions.old];
  const state = runs === undefined ? undefined : fitting([`${count(runs)} run ${name ?? ''}`.trimEnd(), `${count(runs)} run`], 94);
  if (state !== undefined) drawing.label(text(RIGHT, y + 28, state, { fill: palette.ink }));
  const by = isNotBegun ? 'undisturbed' : verdict.rolledBackBy === 'stack' ? 'by the stack' : verdict.rolledBackBy === 'ECS' ? 'by ECS' : undefined;
  if (by !== undefined) drawing.label(text(RIGHT, y + 42, by, { fill: palette.muted }));
}

/** The alarms of all places; one name is one alarm, with the states that its longest rollout saw. */
function alarmsOf(lanes: readonly Rollout[]): Alarm[] {
  const byName = new Map<string, Alarm>();
  for (const alarm of lanes.flatMap(({ alarms }) => alarms)) {
    const known = byName.get(alarm.name);
    const more = alarm.states.length - (known?.states.length ?? 0);
    if (!known || more > 0 || (more === 0 && firstChange(alarm) < firstChange(known))) byName.set(alarm.name, alarm);
  }
  return [...byName.values()];
}

const firstChange = ({ states }: Alarm): number => states[1]?.from ?? 0;
