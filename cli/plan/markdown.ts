import { escapeMarkdown, renderComment, sectionOf, type CommentRow, type CommentSection } from '../../timeline/markdown';
import { limitsInWords } from './limits';
import type { PlannedDaemon, PlanResult } from './result';
import { headline, placeOf, rollingCount, withoutPlaces } from './summary';

const SIGNS: Readonly<Record<PlanResult['verdict'], string>> = {
  'nothing drains': '✅', 'instances drain': '🔄', 'refused': '⛔', 'fleet not known': '❔',
};

/** The plan as a comment of a pull request: verdict, instances and minutes first, then a row for each daemon, the rest folded. */
export function toMarkdown(result: PlanResult): string {
  const { daemons, timeline, assumptions, limits } = result;
  const drawn = new Set((timeline?.rollouts ?? []).map(({ daemon }) => daemon));
  const reasons = daemons.flatMap(({ name, change, reason }) => (reason === undefined || drawn.has(name) ? []
    : [{ summary: `<b>${escapeMarkdown(name)}</b>: ${change}`, body: `> ${escapeMarkdown(withoutPlaces(reason))}` }]));
  return renderComment({
    marker: `stacks=${result.stacks.map(({ name }) => name).join(',')}`,
    lines: [
      `### ${result.exitCode === 3 ? '⚠️' : SIGNS[result.verdict]} Plan: ${escapeMarkdown(headline(result))}`,
      [rollingCount(result), ...result.stacks.map(({ name, status }) => `${escapeMarkdown(name)}: ${escapeMarkdown(status)}`)].join(' · '),
      ...limits ? [limitsInWords(limits)!] : [],
    ],
    rows: daemons.map(rowOf),
    sections: [...(timeline?.rollouts ?? []).map(sectionOf), ...reasons, ...assumptions.length > 0 ? [restsOn(assumptions)] : []],
  });
}

const restsOn = (assumptions: readonly string[]): CommentSection =>
  ({ summary: 'What the plan rests on', body: assumptions.map((line) => `- ${escapeMarkdown(line)}`).join('\n') });

function rowOf(daemon: PlannedDaemon): CommentRow {
  const { name, change, outcome, causes, drainedInstances: drains, instances = 0, batches, minutes, manualChanges } = daemon;
  return {
    daemon: escapeMarkdown(`${name} on ${placeOf(daemon)}`),
    change: outcome === undefined || outcome === 'succeeds' ? change : `${change}, ${outcome}`,
    cause: escapeMarkdown([...causes, ...manualChanges ? [`changed outside CloudFormation: ${manualChanges.join(', ')}`] : []].join(', ')),
    ...(drains !== undefined && { drains }),
    ...(drains !== undefined && drains <= instances && { of: instances }),
    ...(batches.length > 0 && { batches: batches.length }),
    minutes: minutes ? `${Math.round(minutes.likely)} (${Math.floor(minutes.least)}–${Math.ceil(minutes.most)})` : '–',
  };
}
