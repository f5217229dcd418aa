import type { Timeline } from './model';
import { escape } from './html/markup';
import { batches, context, events, log, numbers, picture, pictureTable, reason } from './html/sections';
import { page } from './html/page';
import { overallOf } from './overall';
import { element } from './svg/element';
import { paletteOf } from './svg/palette';
import { sign, toneText } from './svg/signs';
import { summaryOf } from './verdict';

export interface HtmlOptions {
  /** Markup that follows the numbers, such as the daemons of a plan that do not drain. @default - nothing */
  readonly extra?: string;
  /** The last line of the page. @default - the version of the timeline */
  readonly footer?: string;
}

/** A report in one file, which needs no script and no network: the verdict and the numbers first. The same input gives the same bytes. */
export function toHtml(timeline: Timeline, { extra = '', footer }: HtmlOptions = {}): string {
  const summary = summaryOf(timeline);
  const overall = overallOf(timeline);
  const palette = paletteOf('auto');
  const mark = element('svg', { width: 32, height: 32, viewBox: '0 0 32 32', 'aria-hidden': 'true' }, sign(summary, 16, 16, 1.6, palette));
  const foot = footer ?? `timeline version ${timeline.version} · cdk-ecs-managed-daemons`;
  return page(summary.sentence, `<a class="skip" href="#batches">Skip to the batches</a>
<main>
<header style="--edge:${toneText(summary.tone, palette)}">${mark}<div><h1>${escape(summary.sentence)}</h1>
<p>${escape(summary.subLine)}</p><p>${escape(context(timeline, overall))}</p></div></header>
${numbers(timeline, overall)}
${extra}${reason(overall.decisive)}
${picture(timeline)}
${batches(timeline)}
${events(timeline)}
${log(timeline)}
${pictureTable(timeline)}
<footer>${escape(foot)}</footer>
</main>`);
}
