import { toSvg } from '../../timeline/svg';
import { toMarkdown } from './markdown';
import { toHtml } from './html';
import type { PlanResult } from './result';
import { headline } from './summary';

/** The forms in which a plan is written to a file. */
export const FORMS: Readonly<Record<'json' | 'svg' | 'html' | 'markdown', (result: PlanResult) => string>> = {
  json: (result) => `${JSON.stringify(result, undefined, 2)}\n`,
  svg: (result) => (result.timeline ? toSvg(result.timeline) : svgWithoutRollouts(headline(result))),
  html: toHtml,
  markdown: toMarkdown,
};

/** A picture of a plan in which no rollout drains, or of which the instances are not known. */
function svgWithoutRollouts(text: string): string {
  const title = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="700" height="60" viewBox="0 0 700 60" role="img"><title>${title}</title>`
    + `<rect width="700" height="60" fill="#fff"/><text x="20" y="36" font-family="system-ui, sans-serif" font-size="18">${title}</text></svg>\n`;
}
