import { clock, counted } from '../duration';
import type { InstanceHistory, Revisions, Rollout } from '../model';
import { Drawing } from './drawing';
import { element, line, rect, text } from './element';
import { WIDTH } from './frame';
import { paletteOf } from './palette';
import { patterns } from './patterns';
import { alarmMoment } from './changes';
import type { SvgOptions } from './picture';
import { scaleOf } from './picture-scale';

const ROW = 12;

/** A row for each instance, in the order of registration, on the time axis of the picture of the rollout. */
export function instancesPicture(rollout: Rollout, { theme = 'light', id = 'i' }: Pick<SvgOptions, 'theme' | 'id'>): string {
  const { instanceHistories: histories, duration: end } = rollout;
  const palette = paletteOf(theme);
  const scale = scaleOf({ kind: 'recorded' }, rollout);
  const drawing = new Drawing(id, palette, scale, alarmMoment(rollout));
  let y = 4;
  for (const [from, group] of groups(histories)) {
    drawing.area(text(16, y + 12, from === 0 ? `${counted(group.length, 'instance')} at the start` : `${group.length} registered at ${clock(from)}`, {
      size: 12, weight: 650, fill: palette.ink,
    }));
    y += 18;
    for (const history of group) {
      row(drawing, history, rollout.revisions, end, y);
      y += ROW;
    }
    y += 6;
  }
  if (drawing.rule !== undefined) drawing.line(line(drawing.rule, 0, drawing.rule, y, palette.alarm, { 'stroke-width': '1.8' }));
  return element('svg', {
    xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${y}`, width: WIDTH, height: y, role: 'img', 'aria-label': 'Each instance over time',
    'font-family': 'ui-sans-serif,system-ui,-apple-system,Segoe UI,Helvetica Neue,Arial,sans-serif',
  }, patterns(id, ['new', 'old', 'mid'], palette), String(drawing));
}

function row(drawing: Drawing, { id, states, to, note }: InstanceHistory, revisions: Revisions, end: number, y: number): void {
  const { palette, scale } = drawing;
  drawing.area(text(102, y + 9, `…${id.slice(-8)}`, { fill: palette.muted, anchor: 'end' }));
  states.forEach(({ from, role, state }, index) => {
    const [x, stop] = [scale(from), scale(states[index + 1]?.from ?? to ?? end)];
    if (state === 'uncovered') {
      drawing.area(rect(x + 1, y + 1, stop - x - 2, ROW - 3, palette.surface, { stroke: palette.alarm, 'stroke-width': 2 }));
    } else {
      const fill = state === 'runs' ? palette[role] : `url(#${drawing.id}-${role}-${state === 'draining' ? 'd' : 's'})`;
      drawing.area(rect(x, y, stop - x, ROW - 2, fill));
    }
  });
  if (to !== undefined) drawing.area(line(scale(to), y - 1, scale(to), y + ROW - 1, palette.ink, { 'stroke-width': '1.5' }));
  drawing.label(text(600, y + 9, stateOf(states.at(-1), to, revisions), { fill: note === undefined ? palette.muted : palette.alarm }));
}

function stateOf(last: InstanceHistory['states'][number] | undefined, to: number | undefined, revisions: Revisions): string {
  if (to !== undefined) return `gone ${clock(to)}`;
  if (last?.state === 'uncovered') return '▲ without';
  if (last?.state === 'draining') return '▲ still drains';
  const name = last && revisions[last.role];
  const running = last?.state === 'starting' ? 'starts' : 'runs';
  return name !== undefined && name.length <= 9 ? `${running} ${name}` : running;
}

function groups(histories: readonly InstanceHistory[]): Map<number, InstanceHistory[]> {
  const byStart = new Map<number, InstanceHistory[]>();
  for (const history of histories) {
    const group = byStart.get(history.from);
    if (group) group.push(history);
    else byStart.set(history.from, [history]);
  }
  return new Map([...byStart].sort(([one], [other]) => one - other));
}
