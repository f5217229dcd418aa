import { toSvg } from '../../timeline/svg';
import type { PlannedDaemon, PlanResult } from './result';
import { batchesInWords, headline, inWords, placeOf, rollingCount, withoutPlaces } from './summary';

/** The plan as one page without scripts: what matters first, then the daemons, the picture, and what the plan rests on. */
export function toHtml(result: PlanResult): string {
  const { daemons, assumptions, timeline } = result;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Plan: ${escaped(headline(result))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(headline(result))}</h1>
<p>${escaped(rollingCount(result))}</p>
<table>
<thead><tr><th>Daemon</th><th>On</th><th>Change</th><th>Cause</th><th>Drains</th><th>Batches</th><th>Minutes</th></tr></thead>
<tbody>
${daemons.map(rowOf).join('\n')}
</tbody>
</table>
${timeline ? `<figure>${toSvg(timeline)}</figure>` : ''}
${assumptions.length > 0 ? `<h2>What the plan rests on</h2>\n<ul>${assumptions.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>` : ''}
</body>
</html>
`;
}

function rowOf(daemon: PlannedDaemon): string {
  const { name, change, outcome, causes, drainedInstances, instances, batches, minutes, reason } = daemon;
  const cells = [
    name, placeOf(daemon), outcome === undefined || outcome === 'succeeds' ? change : `${change}, ${outcome}`,
    [...causes, ...reason === undefined ? [] : [withoutPlaces(reason)]].join(', '),
    drainedInstances === undefined ? 'not known' : drainedInstances > 0 ? `${drainedInstances} of ${instances}` : '0',
    batches.length > 0 ? batchesInWords(batches) : '–',
    minutes ? inWords(minutes) : '–',
  ];
  return `<tr>${cells.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`;
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 960px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
figure { margin: 2rem 0; overflow-x: auto; }
`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
