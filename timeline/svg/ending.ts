import { minutes } from '../duration';
import type { Rollout, Timeline } from '../model';
import type { Summary } from '../verdict';
import type { Drawing } from './drawing';
import { element, line, rect, text, widthOf } from './element';
import { verdictRule } from './frame';
import { GUTTER, laneName } from './lanes';

/** The verdict at its end; of a plan and of what runs, the likely end and what may come after it. */
export function ending(drawing: Drawing, { kind }: Timeline, rollout: Rollout, summary: Summary, y: number, bottom: number): void {
  const { duration: until, verdict, estimate } = rollout;
  const { scale, id } = drawing;
  const isOpen = kind === 'plan' || verdict.outcome === 'RUNNING' || verdict.outcome === 'STALLED';
  const word = kind === 'plan' ? summary.word : verdict.outcome === 'RUNNING' && estimate ? 'likely end' : summary.word;
  if (kind === 'plan' && estimate && estimate.most > until) {
    drawing.area(rect(scale(until), y + 66, scale.x1 - scale(until), bottom - y - 66, `url(#${id}-plan)`));
  }
  verdictRule(drawing, { summary, word, isOpen }, scale(until), y, bottom);
}

/** The bracket "least – likely – most" of a plan. Returns its height. */
export function bounds(drawing: Drawing, { estimate, duration: until }: Rollout, bottom: number): number {
  const { palette, scale } = drawing;
  const { least, likely, most } = estimate!;
  const y = bottom + 12;
  const [from, middle, to] = [scale(least), scale(Math.min(likely, until)), scale(most)];
  laneName(drawing, y + 4, 'may end');
  drawing.area(line(from, y, to, y, palette.ink, { 'stroke-width': '1.5' }));
  drawing.area(...[from, to].map((x) => line(x, y - 5, x, y + 5, palette.ink, { 'stroke-width': '1.5' })));
  drawing.area(element('path', { d: `M${Math.round(middle)} ${y - 5}l5 5-5 5-5-5Z`, fill: palette.ink }));
  const labels = [
    { words: `least ${minutes(least)}`, x: from, anchor: 'end' as const },
    { words: `likely ${minutes(likely)}`, x: middle, anchor: 'middle' as const },
    { words: `most ${minutes(most)}`, x: to, anchor: 'end' as const },
  ];
  const likelyEnd = middle + widthOf(labels[1]!.words) / 2;
  const shown = labels.filter(({ words, x }, index) => index < 2 || x - widthOf(words) > likelyEnd + 6);
  const leastFits = from < middle - widthOf(labels[1]!.words) / 2 - 4 && from - widthOf(labels[0]!.words) > GUTTER - 70;
  const kept = shown.filter((_, index) => index > 0 || leastFits);
  drawing.label(...kept.map(({ words, x, anchor }) => text(x, y + 20, words, { fill: palette.muted, anchor })));
  return 32;
}
