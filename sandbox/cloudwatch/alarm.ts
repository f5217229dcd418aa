import type { Input } from '../core/aws-service';
import type { AlarmRule, AlarmState } from './alarm-rule';

export type AlarmType = 'MetricAlarm' | 'CompositeAlarm' | 'LogAlarm';

export interface Alarm {
  readonly name: string;
  readonly arn: string;
  readonly type: AlarmType;
  /** The request that created it, which `DescribeAlarms` echoes. */
  configuration: Input;
  configurationUpdatedAt: number;
  /** Of composite alarms. */
  rule?: AlarmRule;
  state: AlarmState;
  stateReason: string;
  stateReasonData?: string;
  stateUpdatedAt: number;
  stateTransitionedAt: number;
}

/** A change of an alarm's state, as listeners receive it. */
export interface AlarmStateChange {
  readonly alarmName: string;
  readonly alarmType: AlarmType;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
}

const COMMON_FIELDS = ['AlarmDescription', 'ActionsEnabled', 'OKActions', 'AlarmActions', 'InsufficientDataActions'];

const FIELDS: Readonly<Record<AlarmType, readonly string[]>> = {
  MetricAlarm: [
    'MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit', 'EvaluationPeriods', 'DatapointsToAlarm',
    'Threshold', 'ComparisonOperator', 'TreatMissingData', 'EvaluateLowSampleCountPercentile', 'Metrics', 'ThresholdMetricId',
  ],
  CompositeAlarm: ['AlarmRule', 'ActionsSuppressor', 'ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod'],
  LogAlarm: [
    'ScheduledQueryConfiguration', 'QueryResultsToEvaluate', 'QueryResultsToAlarm', 'Threshold', 'ComparisonOperator', 'TreatMissingData',
    'ActionLogLineCount', 'ActionLogLineRoleArn', 'WarmUpConfiguration', 'ActionConfiguration',
  ],
};

/** An alarm as `DescribeAlarms` shows it. */
export function describeAlarm(alarm: Alarm): Input {
  const fields = [...COMMON_FIELDS, ...FIELDS[alarm.type]];
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    ...(alarm.type === 'MetricAlarm' && { Dimensions: [] }),
    ...Object.fromEntries(fields.filter((field) => alarm.configuration[field] !== undefined)
      .map((field) => [field, alarm.configuration[field]])),
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configurationUpdatedAt),
    StateValue: alarm.state,
    StateReason: alarm.stateReason,
    ...(alarm.stateReasonData !== undefined && { StateReasonData: alarm.stateReasonData }),
    StateUpdatedTimestamp: new Date(alarm.stateUpdatedAt),
    StateTransitionedTimestamp: new Date(alarm.stateTransitionedAt),
  };
}
