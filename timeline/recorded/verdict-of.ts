import type { Cause, Verdict } from '../model';
import type { RecordedAlarmChange, RecordedInstanceEvent, Recording } from '../recording';
import { DAEMON_TYPE, daemonArnOf, type DaemonProperties, type DaemonRequests } from './daemon-requests';
import type { RecordedDeployment } from './deployments';
import { ownReason, type Report } from './reported';

export interface VerdictSources {
  readonly recording: Recording;
  readonly requests: DaemonRequests;
  readonly deployments: readonly RecordedDeployment[];
  readonly report: Report | undefined;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly stalledInstances: readonly string[];
}

/** How a rollout ended: from the statuses of its deployments, then from the answer to CloudFormation. */
export function verdictOf(sources: VerdictSources): Verdict {
  const { requests, report } = sources;
  const failed = requests.events.find(({ status }) => status.endsWith('_FAILED'));
  const reason = ownReason(failed?.statusReason) ?? report?.reason;
  return {
    ...outcomeOf(sources, failed !== undefined),
    ...(reason !== undefined && { reason }),
    stackStatus: requests.operation.status,
  };
}

function outcomeOf(sources: VerdictSources, hasFailed: boolean): Verdict {
  const { deployments, stalledInstances } = sources;
  const last = deployments.at(-1);
  const reverted = deployments.find(({ reverts, rollbackAt }) => reverts || rollbackAt !== undefined);
  if (last && last.to === undefined) return running(stalledInstances);
  if (last?.status === 'ROLLBACK_FAILED') return { outcome: 'FAILED', cause: { kind: 'other', text: 'ECS could not roll back', ...at(sources, last.to) } };
  if (reverted) {
    const byEcs = reverted.rollbackAt !== undefined || reverted.kind === 'rollback';
    return { outcome: 'ROLLED_BACK', rolledBackBy: byEcs ? 'ECS' : 'stack', cause: byEcs ? rollbackCause(sources, reverted) : stackCause(sources) };
  }
  if (sources.report?.outcome === 'TIMED_OUT') return { outcome: 'TIMED_OUT' };
  if (sources.report?.outcome === 'SUPERSEDED' || last?.status === 'STOPPED') return { outcome: 'SUPERSEDED' };
  if (hasFailed) return { outcome: 'FAILED', cause: { kind: 'refused', ...at(sources, sources.end), ...text(ownLine(sources)) } };
  if (last) return { outcome: 'SUCCEEDED' };
  if (sources.requests.to === undefined) return { outcome: 'RUNNING' };
  const changed = changedSettings(sources);
  return { outcome: 'UNCHANGED', ...(changed !== undefined && { cause: { kind: 'settings', name: changed } }) };
}

function running(stalledInstances: readonly string[]): Verdict {
  if (stalledInstances.length === 0) return { outcome: 'RUNNING' };
  return { outcome: 'STALLED', cause: { kind: 'drain', name: stalledInstances[0]!, instances: stalledInstances.length } };
}

function rollbackCause(sources: VerdictSources, deployment: RecordedDeployment): Cause {
  const stopped = sources.deployments.find(({ status }) => status === 'STOPPED');
  const reason = deployment.rollbackReason ?? stopped?.changes.at(-1)!.statusReason ?? '';
  const when = deployment.rollbackAt ?? stopped?.to ?? deployment.from;
  const [, alarm] = /^CloudWatch alarm (.+) entered ALARM\.$/.exec(reason) ?? [];
  if (alarm !== undefined) {
    return { kind: 'alarm', name: alarm, ...at(sources, when), ...text(alarmReason(sources.recording.alarmChanges, alarm, when)) };
  }
  const failures = failedStarts(sources, deployment);
  if (reason.includes('circuit breaker') && failures.length > 0) {
    const instances = new Set(failures.map(({ instanceId }) => instanceId)).size;
    return { kind: 'start-failure', name: failures[0]!.image, instances, ...at(sources, when), ...text(failures[0]!.reason) };
  }
  return { kind: 'other', ...at(sources, when), ...text(reason) };
}

const ROLLOUT_SETTINGS = ['DrainPercent', 'BakeTimeInMinutes', 'AlarmNames'] as const;

/** What an update without a deployment changed, by the properties of the request before. */
function changedSettings({ recording, requests: { daemonArn, operation, properties } }: VerdictSources): string | undefined {
  const before = recording.stackEvents.findLast((event) => event.resourceType === DAEMON_TYPE && !operation.events.includes(event)
    && Date.parse(event.time) <= operation.from && daemonArnOf(event) === daemonArn)?.properties as DaemonProperties | undefined;
  if (!before) return undefined;
  const differs = (name: keyof DaemonProperties): boolean => JSON.stringify(before[name]) !== JSON.stringify(properties[name]);
  const changed = [...(differs('Tags') ? ['tags'] : []), ...(ROLLOUT_SETTINGS.some(differs) ? ['rollout settings'] : [])];
  return changed.length === 0 ? undefined : `${changed.join(' and ')} only`;
}

/** The stack rolled back a rollout that had succeeded: another resource had failed. */
function stackCause(sources: VerdictSources): Cause {
  const { operation } = sources.requests;
  const failed = operation.events.find(({ status }) => status.endsWith('_FAILED'));
  return { kind: 'stack', ...(failed && { name: failed.logicalId }), ...at(sources, operation.rollbackAt), ...text(ownReason(failed?.statusReason)) };
}

function failedStarts({ recording, start }: VerdictSources, { changes, targetRevisionArn }: RecordedDeployment): RecordedInstanceEvent[] {
  return recording.instanceEvents.filter(({ event, daemonArn, revisionArn, time }) => event === 'DAEMON_TASK_START_FAILED'
    && daemonArn === changes[0]!.daemonArn && revisionArn === targetRevisionArn && Date.parse(time) >= start);
}

const alarmReason = (changes: readonly RecordedAlarmChange[], alarm: string, before: number): string | undefined =>
  changes.findLast(({ alarmName, to, time }) => alarmName === alarm && to === 'ALARM' && Date.parse(time) <= before)?.reason;

const ownLine = ({ requests, report }: VerdictSources): string | undefined =>
  ownReason(requests.events.find(({ status }) => status.endsWith('_FAILED'))?.statusReason) ?? report?.reason;

const at = ({ start }: VerdictSources, moment: number | undefined): { at?: number } => moment === undefined ? {} : { at: moment - start };
const text = (words: string | undefined): { text?: string } => words === undefined || words === '' ? {} : { text: words };
