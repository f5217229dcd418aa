import { counted } from '../../timeline/duration';
import { textPicture } from '../../timeline/text-picture';
import { whereOf } from '../../timeline/words/place';
import { limitsInWords } from './limits';
import type { PlannedDaemon, PlanResult } from './result';
import { batchesInWords, headline, placeOf, rollingCount, withoutPlaces } from './summary';

/** What the terminal can show. */
export interface Terminal {
  readonly style: (format: 'bold' | 'dim', text: string) => string;
  /** Whether it has block characters. */
  readonly unicode: boolean;
}

/** More pictures than that are for a file. */
const MOST_PICTURES = 12;

/** The plan for a terminal: what matters first, then a row for each daemon, and the rollouts over time. */
export function planText(result: PlanResult, { style, unicode }: Terminal): string {
  const { daemons } = result;
  const rows = daemons.map(rowOf);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map(({ cells }) => cells[column]!.length)));
  const lines = rows.flatMap(({ cells, details }) => [
    `  ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}`,
    ...details.map((detail) => `    ${style('dim', detail)}`),
  ]);
  const failed = result.stacks.filter(({ status }) => !/^(CREATE|UPDATE)_COMPLETE$/.test(status));
  return [
    style('bold', headline(result)),
    rollingCount(result),
    ...result.limits ? [limitsInWords(result.limits)!] : [],
    '',
    ...lines,
    ...picturesOf(result, unicode),
    ...failed.length > 0 ? ['', ...failed.map(({ name, status }) => `  Stack ${name}: ${status}`)] : [],
    ...result.assumptions.length > 0 ? ['', 'The plan rests on:', ...result.assumptions.map((line) => `  ${line}`)] : [],
    '',
  ].join('\n');
}

function picturesOf({ timeline }: PlanResult, unicode: boolean): string[] {
  const rollouts = timeline?.rollouts ?? [];
  const pictures = rollouts.slice(0, MOST_PICTURES).flatMap((rollout) => ['', whereOf(rollout), ...textPicture(rollout, { unicode }).map((line) => `  ${line}`)]);
  const more = rollouts.length - MOST_PICTURES;
  return more > 0 ? [...pictures, '', `${more} more ${more === 1 ? 'rollout' : 'rollouts'}: --html FILE shows all`] : pictures;
}

interface Row {
  readonly cells: readonly string[];
  readonly details: readonly string[];
}

function rowOf(daemon: PlannedDaemon): Row {
  const { name, change, drainedInstances, batches, minutes } = daemon;
  const drains = drainedInstances === undefined ? 'not known' : `${drainedInstances} ${drainedInstances === 1 ? 'drains' : 'drain'}`;
  const course = [...batches.length > 0 ? [batchesInWords(batches)] : [], ...minutes ? [`${Math.round(minutes.likely)} min`] : []].join(', ');
  return { cells: [name, placeOf(daemon), change, drains, course], details: detailsOf(daemon) };
}

function detailsOf(daemon: PlannedDaemon): string[] {
  const { change, outcome, causes, drainedInstances, reason, gates, queuedMinutes, startsAfterMinutes, wave } = daemon;
  return [
    ...wave ? [`wave ${wave.name}`] : [],
    ...causes.length > 0 ? [causes.join(', ')] : [],
    ...daemon.manualChanges ? [`changed outside CloudFormation: ${daemon.manualChanges.join(', ')}`] : [],
    ...startsAfterMinutes ? [`starts after ${startsAfterMinutes} min`] : [],
    ...queuedMinutes ? [`waits ${queuedMinutes} min for other deployments`] : [],
    ...gates > 0 && drainedInstances !== 0 ? [`${counted(gates, 'gate')} hold${gates === 1 ? 's' : ''} the stack`] : [],
    ...outcome !== undefined && outcome !== 'succeeds' ? [outcome] : [],
    ...reason !== undefined ? [withoutPlaces(reason)] : [],
    ...change === 'settings only' ? ['takes effect with the next update'] : [],
  ];
}
