import type { Alarm, Batch, Cause, Outcome, Rollout, Timeline, Verdict } from './model';
import { OUTCOMES } from './model';
import { parseReport, reportedPhases, type Report } from './recorded/reported';

/**
 * The timeline of a rollout from the report of its execution, as `aws lambda get-durable-execution` prints it in `Result`. It knows phases,
 * alarms and how many instances were replaced at which poll; it knows no drains, no single instances and no application tasks.
 *
 * @throws Error if the text is not the report of a rollout
 */
export function timelineOfReport(result: string): Timeline {
  const report = parseReport(result);
  if (!report?.rollout || report.startedAt === undefined) {
    throw new Error('the result must be the report of a rollout: a JSON object with "rollout" and "startedAt"');
  }
  const start = Date.parse(report.startedAt);
  const end = endOf(report, start);
  const { daemonArn, batches, coverage } = report.rollout;
  const [, cluster = '', daemon = ''] = daemonArn.split('/');
  const instances = batches.at(-1)?.of;
  const rollout: Rollout = {
    daemon, daemonArn, cluster, capacityProviders: [],
    ...(report.resource !== undefined && { resource: report.resource }),
    request: (report.request ?? 'Update').toLowerCase() as Rollout['request'],
    requestedAt: 0,
    duration: end - start,
    ...(instances !== undefined && { instances }),
    revisions: {},
    settings: { alarmNames: report.rollout.alarms.map(({ name }) => name) },
    phases: reportedPhases(report, start, end),
    batches: batchesOf(report, start),
    moments: [],
    alarms: alarmsOf(report, start),
    gates: [],
    ecsEvents: report.rollout.deploymentStatus === undefined ? [] : [{ at: end - start, status: report.rollout.deploymentStatus }],
    instanceHistories: [],
    measures: {
      ...(batches.length > 0 && { ran: Math.max(...batches.map(({ moved }) => moved)) }),
      ...(coverage && report.outcome === 'SUCCEEDED' && { runsNew: coverage.running }),
      ...(coverage && { uncovered: { most: coverage.withoutDaemon, duration: 0 } }),
    },
    verdict: verdictOf(report, start),
  };
  return { version: 1, kind: 'recorded', source: 'the report of its execution', startedAt: report.startedAt, rollouts: [rollout], stackEvents: [], log: [] };
}

const endOf = ({ endedAt }: Report, start: number): number => endedAt === undefined ? start : Math.max(start, Date.parse(endedAt));

/** Each poll that found more instances replaced. */
function batchesOf({ rollout }: Report, start: number): Batch[] {
  const all = rollout!.batches;
  return all.map(({ moved, at }, index) => {
    const before = all[index - 1];
    const from = before ? Date.parse(before.at) - start : deployingSince(rollout!.phases, start);
    return { number: index + 1, isRollback: false, from, to: Date.parse(at) - start, instances: moved - (before?.moved ?? 0) };
  });
}

const deployingSince = (phases: NonNullable<Report['rollout']>['phases'], start: number): number =>
  Math.max(0, Date.parse(phases.find(({ phase }) => phase === 'DEPLOYING')?.from ?? new Date(start).toISOString()) - start);

const alarmsOf = ({ rollout }: Report, start: number): Alarm[] => rollout!.alarms.map(({ name, reason, at }) => ({
  name, states: [{ state: 'OK', from: 0 }, { state: 'ALARM', from: Math.max(0, Date.parse(at) - start), reason }],
}));

function verdictOf({ outcome, reason, rollout }: Report, start: number): Verdict {
  const known = (OUTCOMES as readonly string[]).includes(outcome) ? outcome as Outcome : outcome === 'CONTINUING' ? 'RUNNING' : 'FAILED';
  const [alarm] = rollout!.alarms;
  if (known !== 'ROLLED_BACK') return { outcome: known, ...(known === 'FAILED' && { cause: { kind: 'refused', text: reason } }), reason };
  const cause: Cause = alarm
    ? { kind: 'alarm', name: alarm.name, at: Math.max(0, Date.parse(alarm.at) - start), text: alarm.reason }
    : { kind: 'other', text: reason };
  return { outcome: known, rolledBackBy: 'ECS', cause, reason };
}
