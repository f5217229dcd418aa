import type { DescribeAlarmsOutput, LogAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type {
  DaemonDeployment, DaemonDeploymentRevisionDetail, DaemonDetail, DaemonRevision, DaemonRevisionDetail,
} from '@aws-sdk/client-ecs';
import { required } from '../../required';
import type { ObservedAlarm, ObservedDeployment, RevisionCounts, RevisionSettings } from '../observation';

/*
 * The replies of ECS and CloudWatch in our own words. A field that AWS leaves out is unknown (A38): what a decision needs is read again,
 * and everything else stays undefined. Lists are the exception, since an empty one may be left out.
 */

export const observedDaemon = (daemon: DaemonDetail) => ({
  status: daemon.status ?? 'UNKNOWN',
  createdAt: daemon.createdAt?.getTime() ?? 0,
  revisions: (daemon.currentRevisions ?? []).map((revision: DaemonRevisionDetail): RevisionCounts => ({
    revisionArn: required(revision.arn, 'the ARN of a revision'),
    capacityProviderArns: (revision.capacityProviders ?? []).map(({ arn }) => required(arn, 'the ARN of a capacity provider')),
    running: required(revision.totalRunningCount, 'totalRunningCount'),
    withoutDaemon: required(revision.totalWithoutDaemonCount, 'totalWithoutDaemonCount'),
    draining: 0,
  })),
});

export const observedDeployment = (deployment: DaemonDeployment): ObservedDeployment => ({
  arn: required(deployment.daemonDeploymentArn, 'daemonDeploymentArn'),
  status: deployment.status ?? 'UNKNOWN',
  statusReason: deployment.statusReason ?? '',
  createdAt: required(deployment.createdAt, 'createdAt').getTime(),
  endedAt: (deployment.finishedAt ?? deployment.stoppedAt)?.getTime(),
  target: deployment.targetDaemonRevision && revisionCounts(deployment.targetDaemonRevision),
  sources: (deployment.sourceDaemonRevisions ?? []).map(revisionCounts),
  ...failuresOf(deployment),
  ...rollbackOf(deployment),
  configuration: configurationOf(deployment),
});

const failuresOf = ({ circuitBreaker, alarms }: DaemonDeployment) => ({
  failureCount: circuitBreaker?.failureCount,
  failureThreshold: circuitBreaker?.threshold,
  circuitBreakerStatus: circuitBreaker?.status ?? '',
  alarmsStatus: alarms?.status ?? '',
  triggeredAlarmNames: alarms?.triggeredAlarmNames ?? [],
});

const rollbackOf = ({ rollback }: DaemonDeployment) => ({
  rollbackReason: rollback?.reason ?? '',
  rollbackTargetArn: rollback?.rollbackTargetDaemonRevisionArn ?? '',
  rollbackCapacityProviderArns: rollback?.rollbackCapacityProviders ?? [],
});

function configurationOf({ deploymentConfiguration: configuration }: DaemonDeployment): ObservedDeployment['configuration'] {
  const { enable, alarmNames = [] } = configuration?.alarms ?? {};
  return {
    drainPercent: configuration?.drainPercent,
    bakeTimeInMinutes: configuration?.bakeTimeInMinutes,
    alarmNames: enable === undefined ? undefined : enable ? alarmNames : [],
  };
}

const revisionCounts = (revision: DaemonDeploymentRevisionDetail): RevisionCounts => ({
  revisionArn: required(revision.arn, 'the ARN of a revision'),
  capacityProviderArns: (revision.capacityProviders ?? []).map(({ arn }) => required(arn, 'the ARN of a capacity provider')),
  running: required(revision.totalRunningInstanceCount, 'totalRunningInstanceCount'),
  withoutDaemon: required(revision.totalWithoutDaemonInstanceCount, 'totalWithoutDaemonInstanceCount'),
  draining: required(revision.totalDrainingInstanceCount, 'totalDrainingInstanceCount'),
});

export const observedRevision = (revision: DaemonRevision): RevisionSettings => ({
  taskDefinitionArn: required(revision.daemonTaskDefinitionArn, 'daemonTaskDefinitionArn'),
  propagateTags: revision.propagateTags as RevisionSettings['propagateTags'],
  enableECSManagedTags: revision.enableECSManagedTags,
  enableExecuteCommand: revision.enableExecuteCommand,
  critical: revision.critical,
});

export const observedAlarms = ({ MetricAlarms, CompositeAlarms, LogAlarms }: DescribeAlarmsOutput): ObservedAlarm[] => [
  ...(MetricAlarms ?? []).map((alarm) => ({ ...alarm, seconds: periodSeconds(alarm) * (alarm.EvaluationPeriods ?? 1) })),
  ...(CompositeAlarms ?? []).map((alarm) => ({ ...alarm, seconds: 0 })),
  ...(LogAlarms ?? []).map((alarm) => ({ ...alarm, seconds: querySeconds(alarm) })),
].map(({ AlarmName, StateValue, StateReason = '', seconds }) => ({
  name: required(AlarmName, 'AlarmName'), state: required(StateValue, 'StateValue'), stateReason: StateReason, evaluationSeconds: seconds,
}));

/** Of an alarm on metric math the longest period counts. */
const periodSeconds = ({ Period, Metrics }: MetricAlarm): number =>
  Period ?? Math.max(60, ...(Metrics ?? []).map((metric) => metric.MetricStat?.Period ?? metric.Period ?? 0));

/** How often the query of a log alarm runs; 0 if its schedule says otherwise than by a rate. */
function rateSeconds(expression: string = ''): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return Number(count ?? 0) * { minute: 60, hour: 3600, day: 86_400 }[(unit ?? 'minute') as 'minute' | 'hour' | 'day'];
}

const querySeconds = ({ ScheduledQueryConfiguration: query, QueryResultsToEvaluate = 1 }: LogAlarm): number =>
  rateSeconds(query?.ScheduleConfiguration?.ScheduleExpression) * QueryResultsToEvaluate;
