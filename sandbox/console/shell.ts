import { escape } from '../../timeline/html/markup';
import { paletteOf, themeStyle } from '../../timeline/svg/palette';
import { patterns } from '../../timeline/svg/patterns';
import { sign } from '../../timeline/svg/signs';
import type { Shape, Tone } from '../../timeline/verdict';

const SIGNS: readonly (readonly [Shape, Tone])[] = [
  ['check', 'ok'], ['equals', 'muted'], ['back', 'alarm'], ['cross', 'alarm'], ['double-arrow', 'muted'], ['clock', 'new'], ['warning', 'warning'],
];

/** The colours of the timeline, for the rules that follow. */
export const THEME = themeStyle(':root');

/** The page without its content, which the script fills in. It has the patterns and signs of the timeline. */
export function shell(title: string): string {
  const palette = paletteOf('auto');
  const symbols = SIGNS.map(([shape, tone]) => `<symbol id="sign-${shape}" viewBox="-9 -9 18 18">${sign({ shape, tone }, 0, 0, 1, palette)}</symbol>`).join('');
  const pane = (id: string, name: string): string => `<section aria-labelledby="${id}-title"><h2 id="${id}-title">${name}</h2><div id="${id}"></div></section>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/console/style.css">
<script type="module" src="/console/main.js"></script>
</head>
<body>
<a class="skip" href="#rollouts">Skip to the rollouts</a>
<svg class="sprites" aria-hidden="true">${symbols}${patterns('c', ['new', 'old', 'mid'], palette)}</svg>
<header><h1>Sandbox</h1><span id="clock"></span><span id="about" class="muted"></span><span id="connection" class="muted">connecting</span></header>
<p id="announcement" class="skip" role="status"></p>
<div class="page">
<main>
<dl id="numbers" class="numbers"></dl>
${pane('rollouts', 'Rollouts')}
${pane('clusters', 'Clusters')}
${pane('earlier', 'Earlier rollouts')}
</main>
<aside aria-label="Alarms, log and requests">
${pane('alarms', 'Alarms')}
${pane('log', 'Log')}
${pane('requests', 'Requests')}
</aside>
</div>
<noscript><p>The console needs JavaScript.</p></noscript>
</body>
</html>
`;
}
