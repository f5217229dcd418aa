import type { Rollout } from '../../timeline/model';
import { minutes as inMinutes } from '../../timeline/duration';
import type { PlannedDaemon, PlanResult } from './result';
import { batchesInWords, headline, inWords, placeOf, plural, rollingCount, withoutPlaces } from './summary';

/** GitHub refuses longer comments. */
const MOST_CHARACTERS = 65_536;

/** Finds the comment of an earlier plan, so that a pull request keeps one. */
const MARKER = '<!-- cdk-ecs-managed-daemons:plan -->';

/** The plan as a comment of a pull request: verdict, instances and minutes first, then a row for each daemon, the rest folded. */
export function toMarkdown(result: PlanResult): string {
  const { daemons, assumptions } = result;
  const head = [
    MARKER,
    `### ${SIGNS[result.verdict]} Plan: ${headline(result)}`,
    `${rollingCount(result)}${result.stacks.map(({ name, status }) => ` · ${name}: ${status}`).join('')}`,
    '',
  ];
  const table = [
    '| Daemon | Change | Cause | Drains | Batches | Minutes |', '|:--|:--|:--|--:|--:|--:|', ...daemons.map(rowOf), '',
  ];
  const folded = [
    ...daemons.flatMap((daemon) => batchesOf(daemon, result.timeline?.rollouts ?? [])),
    ...assumptions.length > 0 ? fold('What the plan rests on', assumptions.map((line) => `- ${cell(line)}`)) : [],
  ];
  return fitting([...head, ...table], folded);
}

const SIGNS: Readonly<Record<PlanResult['verdict'], string>> = {
  'nothing drains': '✅', 'instances drain': '🔄', 'refused': '⛔', 'fleet not known': '❔',
};

function rowOf(daemon: PlannedDaemon): string {
  const { name, change, causes, drainedInstances, instances, batches, minutes, outcome } = daemon;
  const drains = drainedInstances === undefined ? 'not known' : drainedInstances > 0 ? `**${drainedInstances} of ${instances}**` : '0';
  const ended = outcome === undefined || outcome === 'succeeds' ? change : `${change}, ${outcome}`;
  return `| ${[
    `${cell(name)} on ${cell(placeOf(daemon))}`, ended, causes.map(cell).join(', '), drains, batches.length || '–', minutes ? inWords(minutes) : '–',
  ].join(' | ')} |`;
}

function batchesOf(daemon: PlannedDaemon, rollouts: readonly Rollout[]): string[] {
  const rollout = rollouts.find(({ resource, daemon: name }) => resource === daemon.logicalId && name === daemon.name);
  const reason = daemon.reason === undefined ? [] : ['', `> ${cell(withoutPlaces(daemon.reason))}`];
  if (!rollout) return reason.length > 0 ? fold(`${cell(daemon.name)}: ${daemon.change}`, reason) : [];
  const rows = rollout.batches.map(({ number, isRollback, from, to, instances }) =>
    `| ${isRollback ? 'rollback ' : ''}${number} | ${inMinutes(from)} | ${to === undefined ? '–' : inMinutes(to - from)} | ${instances} |`);
  const title = daemon.batches.length > 0 ? batchesInWords(daemon.batches) : `${daemon.drainedInstances} ${plural('drain', daemon.drainedInstances ?? 0)}`;
  return fold(`<b>${cell(daemon.name)}</b>: ${title}`, ['| Batch | After | Takes | Drains |', '|:--|--:|--:|--:|', ...rows, ...reason]);
}

const fold = (summary: string, lines: readonly string[]): string[] => [`<details><summary>${summary}</summary>`, '', ...lines, '', '</details>'];

/** Names and reasons come from templates: they must neither end a cell nor begin markup. */
const cell = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_|[\]<>]/g, (sign) => `\\${sign}`);

function fitting(lines: readonly string[], folded: readonly string[]): string {
  const whole = [...lines, ...folded, ''].join('\n');
  if (whole.length <= MOST_CHARACTERS) return whole;
  const note = '\nShortened: the plan is too long for a comment.\n';
  const kept: string[] = [];
  let length = note.length;
  for (const line of lines) {
    length += line.length + 1;
    if (length > MOST_CHARACTERS) break;
    kept.push(line);
  }
  return kept.join('\n') + note;
}
