import { clock, count, counted, dateAndTime, duration, minutes, timeOfDay } from '../duration';
import { timelineOf, uncoveredAt, type Batch, type Moment, type Rollout, type Timeline } from '../model';
import { overallOf, type Overall } from '../overall';
import { instancesPicture } from '../svg/instances';
import { toSvg } from '../svg';
import { nextStep } from '../words/next-step';
import { revisionName, whereOf } from '../words/place';
import { escape, folded, section, table, type Row } from './markup';

/** The five numbers that answer how many, how far and how long. */
export function numbers(timeline: Timeline, overall: Overall): string {
  const { measures, instances, decisive, duration: took } = overall;
  const of = instances === undefined ? '' : ` of ${count(instances)}`;
  const { uncovered, applicationTasks: tasks, ran } = measures;
  const isPlan = timeline.kind === 'plan';
  const entries = [
    drainsNumber(overall),
    number(`${isPlan ? 'run' : 'ran'} ${revisionName(decisive, 'new')}`, ran === undefined ? 'not known' : `${count(ran)}${of}`, periodOf(overall)),
    number('without the daemon', uncovered ? count(uncovered.most) : 'not known', !uncovered ? ''
      : uncovered.most === 0 ? 'at any moment' : `at most, for ${duration(uncovered.duration)}`, !uncovered ? '' : uncovered.most === 0 ? 'ok' : 'alarm'),
    number('application tasks', tasks ? count(tasks.start) : 'not known', !tasks ? ''
      : tasks.fewest < tasks.start ? `${count(tasks.fewest)} at the least` : 'never fewer', tasks && tasks.fewest < tasks.start ? 'warning' : ''),
    isPlan && decisive.estimate
      ? number('likely', minutes(decisive.estimate.likely), `least ${minutes(decisive.estimate.least)}, most ${minutes(decisive.estimate.most)}`)
      : number('in all', duration(took), recovery(overall)),
  ];
  return `<dl class="numbers">${entries.join('')}</dl>`;
}

function drainsNumber({ measures: { drains, rollbackDrains = 0 }, instances }: Overall): string {
  if (drains === undefined) return number('drains', 'not known', '');
  const each = drains === instances && drains > 0 ? 'each instance once' : '';
  return number('drains', count(drains), rollbackDrains > 0 ? `${count(drains - rollbackDrains)} for the update, ${count(rollbackDrains)} for the rollback` : each);
}

const number = (name: string, value: string, note: string, css = ''): string =>
  `<div${css === '' ? '' : ` class="${css}"`}><dt>${escape(name)}</dt><dd>${escape(value)}</dd>${note === '' ? '' : `<dd class="note">${escape(note)}</dd>`}</div>`;

function periodOf({ measures: { ranFrom, ranUntil } }: Overall): string {
  if (ranFrom === undefined) return '';
  return ranUntil === undefined ? `from ${clock(ranFrom)}` : `from ${clock(ranFrom)} to ${clock(ranUntil)}`;
}

function recovery({ outcome, decisive, duration: took }: Overall): string {
  const at = decisive.verdict.cause?.at;
  return outcome === 'ROLLED_BACK' && at !== undefined ? `${duration(took - decisive.requestedAt - at)} from the cause to the end of the rollback` : '';
}

/** Why, and what to do; nothing for what went well. */
export function reason(rollout: Rollout): string {
  const { verdict: { outcome, cause, reason: line } } = rollout;
  if (outcome === 'SUCCEEDED' || outcome === 'RUNNING') return '';
  const words = cause?.text ?? line;
  const next = nextStep(rollout);
  if (words === undefined && next === undefined) return '';
  return `<div class="reason">${words === undefined ? '' : `<p><b>Reason.</b> ${escape(words)}</p>`}`
    + `${next === undefined ? '' : `<p><b>Next.</b> ${escape(next)}</p>`}</div>`;
}

/** The whole picture; the headline of the page stands above it. */
export function picture(timeline: Timeline): string {
  return `<figure><div class="scroll" tabindex="0" role="region" aria-label="Picture">${toSvg(timeline, { theme: 'auto', id: 'picture', headline: false })}</div>`
    + '<figcaption>One column of the stack is the whole fleet at one moment. Above the dotted line: instances that drain while their '
    + 'replacements are already up.</figcaption></figure>';
}

/** The batches of all rollouts, and each rollout that is one of several in a picture of its own. */
export function batches(timeline: Timeline): string {
  const several = timeline.rollouts.length > 1;
  const drained = timeline.rollouts.filter((rollout) => rollout.batches.length > 0);
  const parts: string[] = [];
  for (const [index, rollout] of drained.entries()) {
    const ofRollout = several ? ` of ${whereOf(rollout)}` : '';
    const body = batchTable(timeline, rollout, ofRollout) + instances(rollout, index, ofRollout);
    const own = several ? `<h3>${escape(whereOf(rollout))}</h3>${ownPicture(timeline, rollout, index)}` : '';
    if (parts.join('').length + own.length + body.length > MOST_CHARACTERS) break;
    parts.push(own + body);
  }
  const left = drained.length - parts.length;
  const more = left > 0 ? `<p class="note">The batches of ${counted(left, 'daemon')} more are left out.</p>` : '';
  return drained.length === 0 ? '' : section('Batches', parts.join('') + more, 'batches');
}

function ownPicture(timeline: Timeline, rollout: Rollout, index: number): string {
  const drawn = toSvg(timelineOf(timeline, rollout), { theme: 'auto', id: `p${index + 1}`, headline: false });
  return folded('Its picture', `<figure><div class="scroll" tabindex="0" role="region" aria-label="Picture of ${escape(whereOf(rollout))}">${drawn}</div></figure>`);
}

const MOST_BATCHES = 120;
/** Of all batches: the report has at most 150 KB. */
const MOST_CHARACTERS = 80_000;

function batchTable({ kind, startedAt }: Timeline, rollout: Rollout, ofRollout: string): string {
  const hasTime = kind !== 'plan' && startedAt !== undefined;
  const columns = [
    { name: 'batch' }, { name: 'after', isNumber: true }, ...(hasTime ? [{ name: 'UTC', isNumber: true }] : []),
    { name: 'took', isNumber: true }, { name: 'instances', isNumber: true }, { name: 'revision' }, { name: 'result' },
  ];
  const rows = rollout.batches.slice(0, MOST_BATCHES).map((batch): Row => {
    const { number: ordinal, of, isRollback, from, to, instances: size } = batch;
    const isFailed = alarmIn(rollout, batch) !== undefined;
    const name = isRollback ? `rollback ${ordinal}` : `${ordinal}${of === undefined ? '' : ` of ${of}`}`;
    return {
      isFailed,
      cells: [
        isFailed ? `${name} ▲` : name, clock(from), ...(hasTime ? [timeOfDay(startedAt, rollout.requestedAt + from)] : []),
        to === undefined ? '' : clock(to - from), count(size),
        isRollback ? `${revisionName(rollout, 'new')} → ${revisionName(rollout, 'old')}` : `${rollout.revisions.old ?? 'none'} → ${rollout.revisions.new ?? 'none'}`,
        resultOf(rollout, batch),
      ],
    };
  });
  const more = rollout.batches.length - rows.length;
  return table(`Batches${ofRollout}`, columns, rows) + (more > 0 ? `<p class="note">and ${counted(more, 'batch', 'batches')} more</p>` : '');
}

const alarmIn = ({ verdict: { cause } }: Rollout, { from, to, isRollback }: Batch): number | undefined =>
  !isRollback && cause?.at !== undefined && cause.at >= from && (to === undefined || cause.at <= to) ? cause.at - from : undefined;

function resultOf(rollout: Rollout, batch: Batch): string {
  const { cause } = rollout.verdict;
  const after = alarmIn(rollout, batch);
  if (after !== undefined) {
    return `${cause!.kind === 'alarm' ? 'alarm' : 'failure'} ${clock(after)} after its start${batch.to === undefined ? '' : '; ECS completed the batch'}`;
  }
  if (batch.to === undefined) return 'under way';
  return batch.isRollback ? 'rolled back' : rollout.request === 'delete' ? 'drained' : 'replaced';
}

function instances(rollout: Rollout, index: number, ofRollout: string): string {
  const { instanceHistories: histories, instances: fleet } = rollout;
  if (histories.length === 0) return '';
  const note = fleet !== undefined && fleet > 24
    ? `Of ${count(fleet)} instances only those that failed, stalled or took longest are listed.`
    : `${counted(histories.length, 'instance')} took part.`;
  const drawn = instancesPicture(rollout, { theme: 'auto', id: `i${index + 1}` });
  return `<h3>Instances</h3><figure><div class="scroll" tabindex="0" role="region" aria-label="${escape(`Instances${ofRollout}`)}">${drawn}</div></figure>`
    + `<p class="note">${escape(note)}</p>`;
}

const MOST_EVENTS = 100;

export function events({ stackEvents, kind }: Timeline): string {
  if (stackEvents.length === 0) return '';
  const several = new Set(stackEvents.map(({ stack }) => stack)).size > 1;
  const columns = [{ name: 'after', isNumber: true }, { name: 'resource', isWord: true }, { name: 'status', isWord: true }, { name: 'reason' }];
  const rows = stackEvents.slice(0, MOST_EVENTS).map(({ at, stack, resource, status, reason: why }): Row => {
    const isFailed = status.endsWith('_FAILED');
    return { isFailed, cells: [clock(at), several ? `${stack}: ${resource}` : resource, isFailed ? `✕ ${status}` : status, clipped(why ?? '', isFailed ? 1024 : 240)] };
  });
  const more = stackEvents.length - rows.length;
  return section(kind === 'plan' ? 'Events of the stack on the sandbox' : 'Events of the stack',
    table('Events of the stack', columns, rows) + (more > 0 ? `<p class="note">and ${counted(more, 'event')} more</p>` : ''));
}

const MOST_LINES = 160;

export function log({ log: lines }: Timeline): string {
  if (lines.length === 0) return '';
  const shown = lines.slice(0, MOST_LINES).map(({ at, text }) => `${clock(at).padStart(8)}  ${clipped(text, 240)}`);
  if (lines.length > MOST_LINES) shown.push(`and ${counted(lines.length - MOST_LINES, 'line')} more`);
  return folded(`Log of the rollout, ${counted(lines.length, 'line')}`, `<pre>${escape(shown.join('\n'))}</pre>`);
}

const clipped = (words: string, length: number): string => words.length <= length ? words : `${words.slice(0, length - 1)}…`;

const MOST_MOMENTS = 200;

/** What the picture shows, for those who do not see it: a row for each moment of change, or one a batch if there are many. */
export function pictureTable(timeline: Timeline): string {
  const { moments, decisive } = overallOf(timeline);
  if (moments.length === 0) return '';
  const names = ['after', `run ${revisionName(decisive, 'new')}`, `run ${revisionName(decisive, 'old')}`, 'starting', 'draining'];
  const columns = [...names, 'without the daemon', 'application tasks'].map((name) => ({ name, isNumber: true }));
  const chosen = moments.length <= MOST_MOMENTS ? moments : atEndsOfBatches(timeline, moments);
  const all = (moment: Moment, state: 'starting' | 'draining'): number => moment.new[state] + moment.old[state] + (moment.mid?.[state] ?? 0);
  const rows = chosen.map((moment): Row => ({
    isFailed: uncoveredAt(moment) > 0,
    cells: [
      clock(moment.at), count(moment.new.runs), count(moment.old.runs), count(all(moment, 'starting')), count(all(moment, 'draining')),
      count(uncoveredAt(moment)), count(moment.applicationTasks),
    ],
  }));
  return folded('The picture as a table', table('The picture as a table', columns, rows));
}

function atEndsOfBatches({ rollouts }: Timeline, moments: readonly Moment[]): Moment[] {
  const ends = rollouts.flatMap(({ batches: all, requestedAt }) => all.map(({ from, to }) => (to ?? from) + requestedAt));
  const times = [...new Set([0, ...ends])].sort((one, other) => one - other).slice(0, MOST_MOMENTS);
  return times.map((end) => ({ ...moments.findLast(({ at }) => at <= end) ?? moments[0]!, at: end }));
}

/** Where and when: the daemon, its stack, and its times in UTC. */
export function context(timeline: Timeline, { decisive, duration: took }: Overall): string {
  const { rollouts, startedAt, kind, source } = timeline;
  const what = rollouts.length === 1 ? `Daemon ${whereOf(decisive)}` : counted(rollouts.length, 'daemon');
  const stacks = [...new Set(rollouts.flatMap(({ stack }) => stack ?? []))];
  const when = kind === 'plan' || startedAt === undefined ? [] : [`${dateAndTime(startedAt)} to ${timeOfDay(startedAt, took)} UTC`];
  const parts = [what, ...(stacks.length > 0 ? [`stack ${stacks.join(', ')}`] : []), ...when, ...(source === undefined ? [] : [`on ${source}`])];
  return `${parts.join(', ')}.`;
}
