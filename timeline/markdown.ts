import { clock, count, counted, duration, minutes } from './duration';
import type { Rollout, Timeline } from './model';
import { overallOf } from './overall';
import { textPicture } from './text-picture';
import { summaryOf, type Tone } from './verdict';
import { drainsInWords, revisionName, whereOf } from './words/place';

/** A comment on a pull request: a glance first, the rest folded. Texts are Markdown; use `escapeMarkdown` for names and reasons. */
export interface Comment {
  /** Tells one comment from others, so that it is kept up to date instead of repeated: `app=shop`. */
  readonly marker: string;
  /** How it ends and how many instances drain; then how long; then limits, if there are any. */
  readonly lines: readonly string[];
  readonly rows: readonly CommentRow[];
  readonly sections: readonly CommentSection[];
  readonly footer?: string;
}

/** One daemon. */
export interface CommentRow {
  readonly daemon: string;
  readonly change: string;
  readonly cause: string;
  /** Absent if it is not known. */
  readonly drains?: number;
  readonly of?: number;
  readonly batches?: number;
  /** `30 (22–50)`. */
  readonly minutes: string;
}

/** A folded part. */
export interface CommentSection {
  readonly summary: string;
  readonly body: string;
}

/** GitHub refuses a longer comment. */
const MOST_CHARACTERS = 65_536;
const MARKER = 'cdk-ecs-managed-daemons';
const EMOJI: Readonly<Record<Tone, string>> = { ok: '✅', alarm: '🟧', warning: '⚠️', new: '🔄', muted: '⏸️' };
const MOST_ROWS = 200;

/** A timeline as a comment; sections that do not fit are left out, and counted. */
export const toMarkdown = (timeline: Timeline, marker = 'timeline'): string => renderComment(commentOf(timeline, marker));

/** The comment that a timeline makes: the plan of several stacks joins several. */
export function commentOf(timeline: Timeline, marker: string): Comment {
  const { sentence, subLine, tone } = summaryOf(timeline);
  const { measures, duration: took, decisive: { estimate } } = overallOf(timeline);
  const isPlan = timeline.kind === 'plan';
  const uncovered = measures.uncovered ? `${counted(measures.uncovered.most, 'instance')} without the daemon` : 'cover is not known';
  const time = isPlan && estimate ? `**Likely ${minutes(estimate.likely)}** (least ${minutes(estimate.least)}, most ${minutes(estimate.most)})` : `**${duration(took)}**`;
  return {
    marker,
    lines: [
      `### ${EMOJI[tone]} ${escapeMarkdown(sentence)}`,
      `${time} · ${drainsInWords(measures)} · ${uncovered}`,
      ...(subLine === '' ? [] : [escapeMarkdown(subLine)]),
    ],
    rows: timeline.rollouts.map((rollout) => rowOf(rollout, isPlan)),
    sections: timeline.rollouts.filter(({ batches }) => batches.length > 0).map((rollout) => sectionOf(rollout)),
  };
}

/** The row of a rollout; a plan says why it happens. */
export function rowOf(rollout: Rollout, isPlan: boolean): CommentRow {
  const { request, verdict, causes = [], measures, instances, batches, estimate, duration: took } = rollout;
  const forward = batches.filter(({ isRollback }) => !isRollback).length;
  const time = isPlan && estimate ? `${inMinutes(estimate.likely)} (${inMinutes(estimate.least)}–${inMinutes(estimate.most)})` : inMinutes(took);
  return {
    daemon: escapeMarkdown(whereOf(rollout)),
    change: verdict.outcome === 'UNCHANGED' ? verdict.cause?.name ?? 'unchanged' : verdict.outcome === 'NOT_BEGUN' ? 'not begun' : request,
    cause: escapeMarkdown(causes.join(', ')),
    ...(measures.drains !== undefined && { drains: measures.drains }),
    ...(instances !== undefined && measures.rollbackDrains === 0 && { of: instances }),
    ...(forward > 0 && { batches: forward }),
    minutes: verdict.outcome === 'NOT_BEGUN' ? '–' : time,
  };
}

/** The course of a rollout, folded: its picture in text, and its batches. */
export function sectionOf(rollout: Rollout): CommentSection {
  const { batches, instances, moments, measures } = rollout;
  const rows = batches.map(({ number, isRollback, from, to, instances: size }) => {
    const ran = moments.findLast(({ at }) => to !== undefined && at <= to)?.new.runs;
    const cells = [`${isRollback ? 'rollback ' : ''}${number}`, clock(from), to === undefined ? '' : clock(to - from), count(size)];
    return `| ${[...cells, ran === undefined ? '' : `${count(ran)}${instances === undefined ? '' : ` of ${count(instances)}`}`].join(' | ')} |`;
  });
  const tasks = measures.applicationTasks;
  const body = [
    '```text', ...textPicture(rollout).map((line) => line.replace(/`/g, "'")), '```', '',
    `| Batch | After | Takes | Drains | ${escapeMarkdown(revisionName(rollout, 'new'))} |`, '|--:|--:|--:|--:|--:|', ...rows,
    ...(tasks ? ['', tasks.fewest < tasks.start ? `Application tasks: ${count(tasks.start)}, at the least ${count(tasks.fewest)}` : `Application tasks: ${count(tasks.start)}, never fewer`] : []),
    ...(rollout.estimate ? ['', `The estimate rests on: ${escapeMarkdown(rollout.estimate.restsOn.join(', '))}.`] : []),
    ...(rollout.verdict.reason === undefined || rollout.verdict.outcome === 'SUCCEEDED' ? [] : ['', `> ${escapeMarkdown(rollout.verdict.reason)}`]),
  ].join('\n');
  return { summary: `<b>${escapeMarkdown(rollout.daemon)}</b>: ${counted(batches.length, 'batch', 'batches')}`, body };
}

/** The comment as Markdown, with its marker, and never longer than GitHub takes. */
export function renderComment({ marker, lines, rows, sections, footer }: Comment): string {
  const head = [
    `<!-- ${MARKER}:plan ${marker.replace(/[<>\s]/g, '-').replace(/-{2,}/g, '-')} -->`,
    ...lines.map((line, index) => index > 0 && index < lines.length - 1 ? `${line}\\` : line), '',
    '| Daemon | Change | Cause | Drains | Batches | Minutes |', '|:--|:--|:--|--:|--:|--:|',
    ...rows.slice(0, MOST_ROWS).map(renderRow),
    ...(rows.length > MOST_ROWS ? ['', `and ${counted(rows.length - MOST_ROWS, 'daemon')} more`] : []),
  ].join('\n');
  const foot = footer === undefined ? '' : `\n\n<sub>${footer}</sub>`;
  const room = MOST_CHARACTERS - foot.length - 120;
  let text = head;
  let left = sections.length;
  for (const { summary, body } of sections) {
    const section = `\n\n<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
    if (text.length + section.length > room) break;
    text += section;
    left--;
  }
  const more = left === 0 ? '' : `\n\n${counted(left, 'part')} more ${left === 1 ? 'is' : 'are'} left out: the comment would be too long.`;
  return `${text}${more}${foot}\n`;
}

function renderRow({ daemon, change, cause, drains, of, batches, minutes: time }: CommentRow): string {
  const bold = (words: string): string => drains !== undefined && drains > 0 ? `**${words}**` : words;
  const drained = drains === undefined ? 'not known' : `${count(drains)}${of === undefined || drains === 0 ? '' : ` of ${count(of)}`}`;
  return `| ${[bold(daemon), change, cause, bold(drained), batches === undefined ? '–' : count(batches), time].join(' | ')} |`;
}

const inMinutes = (milliseconds: number): string => milliseconds > 0 && milliseconds < 30_000 ? '< 1' : String(Math.round(milliseconds / 60_000));

/** Names and reasons come from templates: on one line, and without markup of their own. */
export const escapeMarkdown = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  .replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/[\\`*_[\]|~@]/g, (character) => `\\${character}`);
