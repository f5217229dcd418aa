import { toHtml as reportOf } from '../../timeline/html';
import { section, table, type Row } from '../../timeline/html/markup';
import { page } from '../../timeline/html/page';
import { escape } from '../../timeline/svg/element';
import { limitsInWords } from './limits';
import type { PlannedDaemon, PlanResult } from './result';
import { batchesInWords, headline, inWords, placeOf, rollingCount, withoutPlaces } from './summary';

/** The plan as one page without scripts. If no rollout drains, it has the daemons and what the plan rests on. */
export function toHtml(result: PlanResult): string {
  const limits = result.limits ? `<p>${escape(limitsInWords(result.limits)!)}</p>` : '';
  const extra = `${limits}${daemonsOf(result)}${assumptionsOf(result)}`;
  if (result.timeline) return reportOf(result.timeline, { extra, footer: headline(result) });
  return page(headline(result), `<main>
<h1>${escape(headline(result))}</h1>
<p>${escape(rollingCount(result))}</p>
${extra}
</main>`);
}

function daemonsOf({ daemons }: PlanResult): string {
  const columns = ['Daemon', 'On', 'Change', 'Cause', 'Drains', 'Batches', 'Minutes'].map((name) => ({ name }));
  return section('Daemons', table('What the deployment does to each daemon', columns, daemons.map(rowOf)), 'daemons');
}

function rowOf(daemon: PlannedDaemon): Row {
  const { name, change, outcome, causes, drainedInstances, instances, batches, minutes, reason, manualChanges } = daemon;
  const cells = [
    name, placeOf(daemon), outcome === undefined || outcome === 'succeeds' ? change : `${change}, ${outcome}`,
    [...causes, ...manualChanges === undefined ? [] : [`changed outside CloudFormation: ${manualChanges.join(', ')}`], ...reason === undefined ? [] : [withoutPlaces(reason)]].join(', '),
    drainedInstances === undefined ? 'not known' : drainedInstances > 0 ? `${drainedInstances} of ${instances}` : '0',
    batches.length > 0 ? batchesInWords(batches) : '–',
    minutes ? inWords(minutes) : '–',
  ];
  return { cells, isFailed: reason !== undefined };
}

const assumptionsOf = ({ assumptions }: PlanResult): string => (assumptions.length === 0 ? ''
  : section('What the plan rests on', `<ul>${assumptions.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`));
