import { AwsError } from '../core/aws-error';
import type { Input, Operation, Permission, Service } from '../core/aws-service';
import { arnOf, type World } from '../core/world';
import { describeAlarm, type Alarm, type AlarmStateChange, type AlarmType } from './alarm';
import { ALARM_STATES, parseAlarmRule, type AlarmState } from './alarm-rule';
import { permissionsFor } from './required-permissions';

export type { AlarmStateChange, AlarmType } from './alarm';
export type { AlarmState } from './alarm-rule';

/** How long a new composite alarm has no state of its own. */
const FIRST_EVALUATION_SECONDS = 10;

/**
 * Amazon CloudWatch, as far as rollouts need it: alarms.
 *
 * There are neither metrics nor queries of logs here, so that the state of their alarms changes by `SetAlarmState` only; composite alarms
 * follow their rule.
 */
export class CloudWatch implements Service {
  public readonly operations: Readonly<Record<string, Operation>> = {
    PutMetricAlarm: (input) => this.putMetricAlarm(input),
    PutCompositeAlarm: (input) => this.putCompositeAlarm(input),
    PutLogAlarm: (input) => this.putLogAlarm(input),
    DescribeAlarms: (input) => this.describeAlarms(input),
    SetAlarmState: (input) => this.setAlarmState(input),
    DeleteAlarms: (input) => this.deleteAlarms(input),
    ListTagsForResource: (input) => this.listTagsForResource(input),
    TagResource: (input) => this.tagResource(input),
    UntagResource: (input) => this.untagResource(input),
  };

  private readonly alarms = new Map<string, Alarm>();
  private readonly tags = new Map<string, Map<string, string>>();
  private readonly listeners = new Set<(change: AlarmStateChange) => void>();
  /** Alarms of which a change is being propagated to the composite alarms that name them. */
  private readonly carrying = new Set<Alarm>();

  constructor(private readonly world: World) {}

  public requiredPermissions(operation: string, input: Input): Permission[] {
    return permissionsFor(this.world, operation, input);
  }

  /** Calls `listener` whenever an alarm enters another state; returns how to stop that. */
  public onStateChange(listener: (change: AlarmStateChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** The alarm's present state and type, undefined when there is no such alarm. */
  public alarm(name: string): { readonly state: AlarmState; readonly type: AlarmType; readonly stateReason: string } | undefined {
    return this.alarms.get(name);
  }

  /** Every alarm as it is now, by name. */
  public get present(): readonly Pick<Alarm, 'name' | 'state' | 'stateReason' | 'stateTransitionedAt'>[] {
    return [...this.alarms.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  private putMetricAlarm(input: Input): Input {
    required(input, 'AlarmName', 'EvaluationPeriods', 'ComparisonOperator');
    this.put(input, 'MetricAlarm');
    return {};
  }

  private putCompositeAlarm(input: Input): Input {
    required(input, 'AlarmName', 'AlarmRule');
    const rule = parseAlarmRule(String(input.AlarmRule));
    const alarm = this.put(input, 'CompositeAlarm');
    alarm.rule = rule;
    this.world.clock.after(FIRST_EVALUATION_SECONDS, () => this.evaluate(alarm));
    return {};
  }

  private putLogAlarm(input: Input): Input {
    required(input, 'AlarmName', 'ScheduledQueryConfiguration', 'QueryResultsToEvaluate', 'QueryResultsToAlarm', 'Threshold', 'ComparisonOperator');
    this.put(input, 'LogAlarm');
    return {};
  }

  private put(input: Input, type: AlarmType): Alarm {
    const name = String(input.AlarmName);
    const now = this.world.clock.now();
    const existing = this.alarms.get(name);
    if (existing && existing.type !== type) {
      throw new AwsError('ValidationException', `An alarm of another type with the name ${name} already exists`);
    }
    if (existing) {
      // a changed configuration leaves the state as it is
      existing.configuration = input;
      existing.configurationUpdatedAt = now;
      return existing;
    }
    const alarm: Alarm = {
      name,
      type,
      arn: arnOf(this.world, 'cloudwatch', `alarm:${name}`),
      configuration: input,
      configurationUpdatedAt: now,
      state: 'INSUFFICIENT_DATA',
      stateReason: 'Unchecked: Initial alarm creation',
      stateUpdatedAt: now,
      stateTransitionedAt: now,
    };
    this.alarms.set(name, alarm);
    this.tags.set(alarm.arn, new Map((input.Tags ?? []).map((tag: Input) => [String(tag.Key), String(tag.Value)])));
    return alarm;
  }

  private describeAlarms(input: Input): Input {
    if (input.AlarmNames?.length && input.AlarmNamePrefix) {
      throw new AwsError('InvalidParameterCombinationException', 'AlarmNames and AlarmNamePrefix must not be used together');
    }
    if (input.AlarmNames?.length > 100) {
      throw new AwsError('ValidationException', "1 validation error detected: Value at 'alarmNames' failed to satisfy constraint: Member must have length less than or equal to 100");
    }
    // without AlarmTypes only metric alarms are returned
    const types: AlarmType[] = input.AlarmTypes?.length ? input.AlarmTypes : ['MetricAlarm'];
    const names = input.AlarmNames?.length ? new Set<string>(input.AlarmNames) : undefined;
    const matching = [...this.alarms.values()]
      .filter((alarm) => types.includes(alarm.type))
      .filter((alarm) => !names || names.has(alarm.name))
      .filter((alarm) => !input.AlarmNamePrefix || alarm.name.startsWith(input.AlarmNamePrefix))
      .filter((alarm) => !input.StateValue || alarm.state === input.StateValue)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const pageSize = Number(input.MaxRecords ?? 50);
    if (!(pageSize >= 1 && pageSize <= 100)) {
      throw new AwsError('InvalidParameterValueException', 'MaxRecords must be between 1 and 100');
    }
    const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
    if (!Number.isInteger(start)) throw new AwsError('InvalidNextToken', 'The next token specified is invalid');
    const end = start + Math.min(pageSize, this.world.longestPage ?? pageSize);
    const page = matching.slice(start, end);
    return {
      MetricAlarms: page.filter((alarm) => alarm.type === 'MetricAlarm').map(describeAlarm),
      CompositeAlarms: page.filter((alarm) => alarm.type === 'CompositeAlarm').map(describeAlarm),
      LogAlarms: page.filter((alarm) => alarm.type === 'LogAlarm').map(describeAlarm),
      ...(end < matching.length && { NextToken: String(end) }),
    };
  }

  private setAlarmState(input: Input): Input {
    required(input, 'AlarmName', 'StateValue', 'StateReason');
    const alarm = this.alarms.get(String(input.AlarmName));
    if (!alarm) throw new AwsError('ResourceNotFound', `Alarm ${input.AlarmName} does not exist`, 404);
    if (!ALARM_STATES.includes(input.StateValue)) {
      throw new AwsError('InvalidParameterValueException', `StateValue must be one of ${ALARM_STATES.join(', ')}`);
    }
    this.enter(alarm, input.StateValue, String(input.StateReason), input.StateReasonData);
    return {};
  }

  private deleteAlarms(input: Input): Input {
    const names: string[] = input.AlarmNames ?? [];
    const missing = names.find((name) => !this.alarms.has(name));
    if (missing !== undefined) throw new AwsError('ResourceNotFound', `Alarm ${missing} does not exist`, 404);
    for (const name of names) {
      this.tags.delete(this.alarms.get(name)!.arn);
      this.alarms.delete(name);
    }
    return {};
  }

  private enter(alarm: Alarm, state: AlarmState, reason: string, reasonData?: string): void {
    const now = this.world.clock.now();
    const previous = { value: alarm.state, reason: alarm.stateReason, timestamp: new Date(alarm.stateUpdatedAt).toISOString() };
    alarm.stateReason = reason;
    alarm.stateReasonData = reasonData;
    alarm.stateUpdatedAt = now;
    if (alarm.state === state) return;
    alarm.state = state;
    alarm.stateTransitionedAt = now;
    this.world.emit({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm State Change',
      resources: [alarm.arn],
      detail: {
        alarmName: alarm.name,
        state: { value: state, reason, ...(reasonData !== undefined && { reasonData }), timestamp: new Date(now).toISOString() },
        previousState: previous,
        configuration: alarm.rule
          ? { alarmRule: alarm.configuration.AlarmRule }
          : { ...(alarm.configuration.AlarmDescription !== undefined && { description: alarm.configuration.AlarmDescription }) },
      },
    });
    const change: AlarmStateChange = { alarmName: alarm.name, alarmType: alarm.type, from: previous.value, to: state, reason };
    for (const listener of [...this.listeners]) listener(change);
    this.carrying.add(alarm);
    for (const parent of this.alarms.values()) {
      if (parent.rule?.children.some((child) => child === alarm.name || child === alarm.arn)) this.evaluate(parent);
    }
    this.carrying.delete(alarm);
  }

  private evaluate(alarm: Alarm): void {
    if (this.alarms.get(alarm.name) !== alarm || !alarm.rule) return;
    if (this.carrying.has(alarm)) return; // CloudWatch stops evaluating when composite alarms form a circle
    const inAlarm = alarm.rule.holds((child) => this.byNameOrArn(child)?.state);
    const states = alarm.rule.children.map((child) => `${child} is ${this.byNameOrArn(child)?.state ?? 'missing'}`).join(', ');
    const state: AlarmState = inAlarm ? 'ALARM' : 'OK';
    if (state !== alarm.state) this.enter(alarm, state, `${alarm.arn} transitioned to ${state}: ${states}`);
  }

  private byNameOrArn(name: string): Alarm | undefined {
    return this.alarms.get(name.replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, ''));
  }

  private tagsOf(input: Input): Map<string, string> {
    const tags = this.tags.get(String(input.ResourceARN));
    if (!tags) throw new AwsError('ResourceNotFoundException', `${input.ResourceARN} does not exist`, 404);
    return tags;
  }

  private listTagsForResource(input: Input): Input {
    return { Tags: [...this.tagsOf(input)].map(([Key, Value]) => ({ Key, Value })) };
  }

  private tagResource(input: Input): Input {
    const tags = this.tagsOf(input);
    for (const tag of input.Tags ?? []) tags.set(String(tag.Key), String(tag.Value));
    return {};
  }

  private untagResource(input: Input): Input {
    const tags = this.tagsOf(input);
    for (const key of input.TagKeys ?? []) tags.delete(String(key));
    return {};
  }
}

function required(input: Input, ...names: string[]): void {
  for (const name of names) {
    if (input[name] === undefined || input[name] === '') {
      throw new AwsError('ValidationException', `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`);
    }
  }
}
