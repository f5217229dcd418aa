import { CloudWatch, type PutLogAlarmInput, type PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { VirtualClock } from '../../../sandbox/core/clock';
import { CloudWatch as CloudWatchService } from '../../../sandbox/cloudwatch';
import { parseAlarmRule } from '../../../sandbox/cloudwatch/alarm-rule';
import type { World } from '../../../sandbox/core/world';
import { startSandbox, type Sandbox } from '../../../sandbox';

let sandbox: Sandbox;
let cloudWatch: CloudWatch;

beforeEach(async () => {
  sandbox = await startSandbox({ clock: 'manual' });
  cloudWatch = new CloudWatch({
    endpoint: sandbox.endpoint, region: sandbox.region, maxAttempts: 1, credentials: { accessKeyId: sandbox.environment.AWS_ACCESS_KEY_ID!, secretAccessKey: 'x' },
  });
});

afterEach(async () => {
  cloudWatch.destroy();
  await sandbox.close();
});

const put = (AlarmName: string, more: Partial<PutMetricAlarmInput> = {}) => cloudWatch.putMetricAlarm({
  AlarmName, Namespace: 'App', MetricName: 'Errors', Statistic: 'Sum', Period: 60, EvaluationPeriods: 3, Threshold: 1,
  ComparisonOperator: 'GreaterThanThreshold', ...more,
});
const set = (AlarmName: string, StateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA', StateReason = 'because') =>
  cloudWatch.setAlarmState({ AlarmName, StateValue, StateReason });
const stateOf = async (name: string): Promise<string | undefined> => {
  const { MetricAlarms, CompositeAlarms } = await cloudWatch.describeAlarms({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
  return [...MetricAlarms!, ...CompositeAlarms!][0]?.StateValue;
};

describe('metric alarms', () => {
  test('a new one has INSUFFICIENT_DATA, and shows what it was made of', async () => {
    await put('errors', { AlarmDescription: 'too many errors', Dimensions: [{ Name: 'Service', Value: 'web' }] });
    expect((await cloudWatch.describeAlarms({ AlarmNames: ['errors'] })).MetricAlarms).toMatchObject([{
      AlarmName: 'errors', AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors', AlarmDescription: 'too many errors',
      StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation', EvaluationPeriods: 3, Period: 60,
      Dimensions: [{ Name: 'Service', Value: 'web' }], StateUpdatedTimestamp: new Date('2026-01-01T00:00:00Z'),
    }]);
  });

  test('SetAlarmState changes state, reason and times; the time of transition only with the state', async () => {
    await put('errors');
    await sandbox.clock.advance(60);
    await set('errors', 'ALARM', 'first');
    await sandbox.clock.advance(60);
    await set('errors', 'ALARM', 'second');
    expect((await cloudWatch.describeAlarms({})).MetricAlarms).toMatchObject([{
      StateValue: 'ALARM', StateReason: 'second', StateTransitionedTimestamp: new Date('2026-01-01T00:01:00Z'), StateUpdatedTimestamp: new Date('2026-01-01T00:02:00Z'),
    }]);
  });

  test('keep their state when the configuration changes', async () => {
    await put('errors');
    await set('errors', 'OK');
    await put('errors', { Threshold: 5 });
    expect((await cloudWatch.describeAlarms({})).MetricAlarms).toMatchObject([{ StateValue: 'OK', Threshold: 5 }]);
  });

  test('reject invalid requests', async () => {
    await expect(set('unknown', 'OK')).rejects.toMatchObject({ name: 'ResourceNotFound' });
    await expect(cloudWatch.deleteAlarms({ AlarmNames: ['unknown'] })).rejects.toMatchObject({ name: 'ResourceNotFound' });
    await expect(cloudWatch.describeAlarms({ AlarmNames: ['a'], AlarmNamePrefix: 'a' })).rejects.toMatchObject({ name: 'InvalidParameterCombinationException' });
    await expect(cloudWatch.putCompositeAlarm({ AlarmName: 'any', AlarmRule: 'ALARM(' })).rejects.toMatchObject({ name: 'ValidationException' });
    await put('errors');
    await expect(cloudWatch.putCompositeAlarm({ AlarmName: 'errors', AlarmRule: 'TRUE' })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('DescribeAlarms', () => {
  beforeEach(async () => {
    for (const name of ['a-2', 'a-1', 'b-1']) await put(name);
    await cloudWatch.putCompositeAlarm({ AlarmName: 'a-any', AlarmRule: 'ALARM("a-1") OR ALARM("a-2")' });
  });

  test('returns only metric alarms without AlarmTypes', async () => {
    const { MetricAlarms, CompositeAlarms } = await cloudWatch.describeAlarms({ AlarmNames: ['a-1', 'a-any', 'unknown'] });
    expect([MetricAlarms!.length, CompositeAlarms!.length]).toEqual([1, 0]);
    const both = await cloudWatch.describeAlarms({ AlarmNames: ['a-1', 'a-any'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'] });
    expect([both.MetricAlarms!.length, both.CompositeAlarms!.length]).toEqual([1, 1]);
    expect(both.CompositeAlarms![0]).toMatchObject({ AlarmRule: 'ALARM("a-1") OR ALARM("a-2")', StateValue: 'INSUFFICIENT_DATA' });
  });

  test('filters by prefix and state, in pages', async () => {
    await set('a-2', 'OK');
    expect((await cloudWatch.describeAlarms({ AlarmNamePrefix: 'a' })).MetricAlarms!.map(({ AlarmName }) => AlarmName)).toEqual(['a-1', 'a-2']);
    expect((await cloudWatch.describeAlarms({ StateValue: 'OK' })).MetricAlarms!.map(({ AlarmName }) => AlarmName)).toEqual(['a-2']);
    const first = await cloudWatch.describeAlarms({ MaxRecords: 2 });
    const second = await cloudWatch.describeAlarms({ MaxRecords: 2, NextToken: first.NextToken });
    expect([first.MetricAlarms!.length, second.MetricAlarms!.map(({ AlarmName }) => AlarmName), second.NextToken]).toEqual([2, ['b-1'], undefined]);
  });
});

test('DescribeAlarms takes at most 100 names', async () => {
  const AlarmNames = Array.from({ length: 101 }, (_, index) => `alarm-${index}`);
  await expect(cloudWatch.describeAlarms({ AlarmNames })).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(cloudWatch.describeAlarms({ AlarmNames: AlarmNames.slice(1) })).resolves.toMatchObject({ MetricAlarms: [] });
});

describe('log alarms', () => {
  const LOG_ALARM: Omit<PutLogAlarmInput, 'AlarmName'> = {
    QueryResultsToEvaluate: 3, QueryResultsToAlarm: 2, Threshold: 5, ComparisonOperator: 'GreaterThanThreshold',
    ScheduledQueryConfiguration: {
      QueryString: 'fields @message | filter @message like /ERROR/', LogGroupIdentifiers: ['app'], AggregationExpression: 'count(*)',
      ScheduledQueryRoleARN: 'arn:aws:iam::123456789012:role/queries',
      ScheduleConfiguration: { ScheduleExpression: 'rate(5 minutes)', StartTimeOffset: 300 },
    },
  };
  const described = async () => (await cloudWatch.describeAlarms({ AlarmTypes: ['LogAlarm'] })).LogAlarms!;

  test('a new one has INSUFFICIENT_DATA, and shows what it was made of', async () => {
    await cloudWatch.putLogAlarm({ AlarmName: 'errors', ...LOG_ALARM });
    expect(await described()).toMatchObject([{
      ...LOG_ALARM, AlarmName: 'errors', AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors',
      StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation',
    }]);
  });

  test('are set to a state, and count in the rule of a composite alarm', async () => {
    await cloudWatch.putLogAlarm({ AlarmName: 'errors', ...LOG_ALARM });
    await cloudWatch.putCompositeAlarm({ AlarmName: 'any', AlarmRule: 'ALARM(errors)' });
    await set('errors', 'ALARM');
    expect((await described())[0]).toMatchObject({ StateValue: 'ALARM', StateReason: 'because' });
    expect(await stateOf('any')).toBe('ALARM');
  });

  test('are returned only if requested', async () => {
    await put('latency');
    await cloudWatch.putLogAlarm({ AlarmName: 'errors', ...LOG_ALARM });
    expect(await cloudWatch.describeAlarms({ AlarmNames: ['latency', 'errors'] })).toMatchObject({ MetricAlarms: [{ AlarmName: 'latency' }], LogAlarms: [] });
    expect(await cloudWatch.describeAlarms({ AlarmNames: ['latency', 'errors'], AlarmTypes: ['LogAlarm'] }))
      .toMatchObject({ MetricAlarms: [], LogAlarms: [{ AlarmName: 'errors' }] });
  });

  test('share their names with the other kinds, and need a query', async () => {
    await put('errors');
    await expect(cloudWatch.putLogAlarm({ AlarmName: 'errors', ...LOG_ALARM })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(cloudWatch.putLogAlarm({ AlarmName: 'other', ...LOG_ALARM, ScheduledQueryConfiguration: undefined }))
      .rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('composite alarms', () => {
  test.each([
    { circle: 'an alarm upon itself', rules: { one: 'NOT ALARM(one)' } },
    { circle: 'two alarms upon each other', rules: { one: 'NOT ALARM(two)', two: 'ALARM(one)' } },
  ])('$circle: the evaluation ends', async ({ rules }) => {
    for (const [AlarmName, AlarmRule] of Object.entries(rules)) await cloudWatch.putCompositeAlarm({ AlarmName, AlarmRule });
    await sandbox.clock.advance(3600);
    expect(await stateOf('one')).not.toBe('INSUFFICIENT_DATA');
  });

  test('follow their rules, also of other composite alarms', async () => {
    await put('errors');
    await put('latency');
    await cloudWatch.putCompositeAlarm({ AlarmName: 'both', AlarmRule: 'ALARM(errors) AND ALARM(latency)' });
    await cloudWatch.putCompositeAlarm({ AlarmName: 'page', AlarmRule: 'ALARM("both") AND NOT ALARM("maintenance")' });
    expect(await stateOf('both')).toBe('INSUFFICIENT_DATA');
    await sandbox.clock.advance(10);
    expect(await stateOf('both')).toBe('OK');
    await set('errors', 'ALARM');
    expect(await stateOf('page')).toBe('OK');
    await set('latency', 'ALARM');
    expect([await stateOf('both'), await stateOf('page')]).toEqual(['ALARM', 'ALARM']);
    await set('errors', 'OK');
    expect([await stateOf('both'), await stateOf('page')]).toEqual(['OK', 'OK']);
  });

  test.each([
    ['ALARM(a)', true], ['ALARM("b")', false], ["OK('b')", true], ['INSUFFICIENT_DATA(c)', true], ['NOT ALARM(a)', false],
    ['ALARM(b) OR ALARM(a) AND OK(b)', true], ['(ALARM(b) OR ALARM(a)) AND ALARM(b)', false], ['NOT (ALARM(b) OR OK(a))', true],
    ['TRUE', true], ['FALSE OR ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:a)', false], ['ALARM(unknown)', false],
  ])('have the state of the rule %s', (rule, holds) => {
    const states = new Map([['a', 'ALARM'], ['b', 'OK'], ['c', 'INSUFFICIENT_DATA']] as const);
    expect(parseAlarmRule(rule).holds((name) => states.get(name as 'a'))).toBe(holds);
  });

  test.each(['', 'ALARM', 'ALARM(a', 'ALARM(a) OK(b)', 'AND ALARM(a)', 'FIRING(a)', 'alarm(a)'])('reject the rule %j', (rule) => {
    expect(() => parseAlarmRule(rule)).toThrow('Error in AlarmRule');
  });
});

test('tags of an alarm are added, listed and removed', async () => {
  await put('errors', { Tags: [{ Key: 'team', Value: 'a' }] });
  const ResourceARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors';
  await cloudWatch.tagResource({ ResourceARN, Tags: [{ Key: 'tier', Value: '1' }] });
  await cloudWatch.untagResource({ ResourceARN, TagKeys: ['team'] });
  expect((await cloudWatch.listTagsForResource({ ResourceARN })).Tags).toEqual([{ Key: 'tier', Value: '1' }]);
  await cloudWatch.deleteAlarms({ AlarmNames: ['errors'] });
  await expect(cloudWatch.listTagsForResource({ ResourceARN })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('the permission of DescribeAlarms has no resource if composite alarms are requested', () => {
  const rights = (operation: string, input: object) => sandbox.cloudWatch.requiredPermissions(operation, input);
  expect(rights('DescribeAlarms', { AlarmNames: ['a'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] })).toEqual([{ action: 'cloudwatch:DescribeAlarms', resources: ['*'] }]);
  expect(rights('SetAlarmState', { AlarmName: 'a' })).toEqual([
    { action: 'cloudwatch:SetAlarmState', resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:a'] },
  ]);
});

test('listeners and the event bus receive changes of state only', () => {
  const emitted: Parameters<World['emit']>[0][] = [];
  const service = new CloudWatchService({
    partition: 'aws', region: 'eu-west-1', accountId: '111122223333', endpoint: '', clock: new VirtualClock('manual', new Date(0)),
    random: () => 0, call: () => Promise.reject(new Error('unused')), emit: (event) => void emitted.push(event),
  });
  const call = (operation: string, input: object) => service.operations[operation]!(input, { caller: { kind: 'operator' }, parked: (promise) => promise });
  const heard: string[] = [];
  const stop = service.onStateChange(({ alarmName, from, to, reason }) => heard.push(`${alarmName}: ${from} to ${to}, ${reason}`));
  call('PutMetricAlarm', { AlarmName: 'errors', EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });
  call('SetAlarmState', { AlarmName: 'errors', StateValue: 'OK', StateReason: 'fine' });
  call('SetAlarmState', { AlarmName: 'errors', StateValue: 'OK', StateReason: 'still fine' });
  stop();
  call('SetAlarmState', { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'bad' });
  expect(heard).toEqual(['errors: INSUFFICIENT_DATA to OK, fine']);
  expect(emitted).toHaveLength(2);
  expect(emitted[1]).toMatchObject({
    source: 'aws.cloudwatch', detailType: 'CloudWatch Alarm State Change', resources: ['arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors'],
    detail: { alarmName: 'errors', state: { value: 'ALARM', reason: 'bad' }, previousState: { value: 'OK', reason: 'still fine' } },
  });
});
