import { count, duration } from '../duration';
import type { Rollout, Timeline } from '../model';
import type { Summary } from '../verdict';
import type { Drawing } from './drawing';
import { element, escape, rect } from './element';
import { WIDTH } from './frame';
import { themeStyle, type Palette, type Theme } from './palette';
import { patterns } from './patterns';

/** A picture of hundreds of batches has a table of them beside it. */
const MOST_BATCHES = 24;
const MOST_ROLLOUTS = 12;

/** The root of a picture, with its texts for those who do not see it. */
export function svg(
  { id, theme, palette, height, summary, description }: {
    readonly id: string; readonly theme: Theme; readonly palette: Palette; readonly height: number;
    readonly summary: Summary; readonly description: string;
  }, head: string, drawing: Drawing,
): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${Math.round(height)}`, width: WIDTH, height: Math.round(height), id,
    role: 'img', 'aria-labelledby': `${id}-title ${id}-desc`,
    'font-family': 'ui-sans-serif,system-ui,-apple-system,Segoe UI,Helvetica Neue,Arial,sans-serif',
    style: 'font-variant-numeric:tabular-nums',
  };
  return element('svg', attributes,
    element('title', { id: `${id}-title` }, escape(summary.sentence)),
    element('desc', { id: `${id}-desc` }, escape(description)),
    ...(theme === 'auto' ? [element('style', {}, themeStyle(`#${id}`))] : []),
    patterns(id, ['new', 'old', 'mid'], palette),
    rect(0, 0, WIDTH, Math.round(height), palette.surface),
    head, String(drawing));
}

/** Phases with times, batches with counts, and the largest number without the daemon, in words. */
export function describe({ rollouts }: Timeline, { sentence, subLine }: Summary): string {
  const more = rollouts.length > MOST_ROLLOUTS ? [`${rollouts.length - MOST_ROLLOUTS} more rollouts`] : [];
  const parts = [sentence, subLine, ...rollouts.slice(0, MOST_ROLLOUTS).flatMap(describeRollout), ...more];
  return parts.map((part) => `${part}.`).join(' ');
}

function describeRollout({ place, phases, batches, measures: { uncovered } }: Rollout): string[] {
  const ofPhases = phases.map(({ phase, from, to }) => `${phase} from ${duration(from)} to ${duration(to)}`);
  const ofBatches = batches.slice(0, MOST_BATCHES).map(({ number, isRollback, instances, from }) =>
    `${isRollback ? 'rollback ' : ''}${number}: ${count(instances)} at ${duration(from)}`);
  const more = batches.length > MOST_BATCHES ? [`${batches.length - MOST_BATCHES} more`] : [];
  return [
    `${place ? `${place.name}: ` : ''}Phases: ${ofPhases.join('; ') || 'none'}`,
    `Batches: ${[...ofBatches, ...more].join('; ') || 'none'}`,
    `Instances with application tasks but without the daemon: ${uncovered ? `at most ${count(uncovered.most)}` : 'not known'}`,
  ];
}
