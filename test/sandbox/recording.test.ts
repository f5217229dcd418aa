import { startSandbox, type Recording, type Sandbox } from '../../sandbox';

const TEMPLATE = JSON.stringify({ Resources: { Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'agents' } } } });
const STARTED = '2026-01-01T00:00:00.000Z';

let sandbox: Sandbox;
let recording: Recording;

beforeAll(async () => {
  sandbox = await startSandbox({ clock: 'manual', fleets: [{ cluster: 'apps', capacityProvider: 'main', instances: 1 }] });
  await sandbox.call('cloudformation', 'CreateStack', { StackName: 'Agents', TemplateBody: TEMPLATE });
  await sandbox.clock.advance(3600);
  await sandbox.call('monitoring', 'PutMetricAlarm', { AlarmName: 'errors', EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });
  await sandbox.call('monitoring', 'SetAlarmState', { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'three datapoints' });
  await sandbox.call('logs', 'CreateLogStream', { logGroupName: 'agents', logStreamName: 'one' });
  await sandbox.call('logs', 'PutLogEvents', { logGroupName: 'agents', logStreamName: 'one', logEvents: [{ timestamp: Date.now(), message: 'begins' }] });
  await sandbox.call('logs', 'DeleteLogGroup', { logGroupName: 'agents' });
  const { daemonTaskDefinitionArn } = await sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
    family: 'agent', containerDefinitions: [{ name: 'agent', image: 'agent:1', memory: 64 }],
  });
  await sandbox.call('ecs', 'CreateDaemon', {
    daemonName: 'agent', clusterArn: 'apps', daemonTaskDefinitionArn,
    capacityProviderArns: [`arn:aws:ecs:us-east-1:${sandbox.accountId}:capacity-provider/main`],
  });
  await sandbox.clock.advance(60);
  recording = sandbox.recording();
});

afterAll(() => sandbox.close());

describe('the recording of a run', () => {
  test('has the virtual time of stack events, whose own timestamps are of the wall clock', async () => {
    const events = recording.stackEvents.map(({ time, stack, logicalId, status }) => [time, stack, logicalId, status]);
    expect(events).toContainEqual([STARTED, 'Agents', 'Agents', 'CREATE_IN_PROGRESS']);
    expect(events).toContainEqual([STARTED, 'Agents', 'Group', 'CREATE_COMPLETE']);
    const { StackEvents } = await sandbox.call('cloudformation', 'DescribeStackEvents', { StackName: 'Agents' });
    expect(new Date(StackEvents[0].Timestamp).getFullYear()).toBe(new Date().getFullYear());
  });

  test('has the virtual time of log lines, of deleted log groups too', () => {
    expect(recording.logLines).toEqual([{ time: '2026-01-01T01:00:00.000Z', logGroup: 'agents', message: 'begins' }]);
  });

  test('has the changes of alarms with their reasons', () => {
    expect(recording.alarmChanges).toEqual([{
      time: '2026-01-01T01:00:00.000Z', alarmName: 'errors', alarmType: 'MetricAlarm', from: 'INSUFFICIENT_DATA', to: 'ALARM', reason: 'three datapoints',
    }]);
  });

  test('has the statuses of deployments, and the images of the revisions that they aim at', () => {
    const [first, second] = recording.deploymentChanges;
    expect([first, second]).toMatchObject([
      { time: '2026-01-01T01:00:00.000Z', kind: 'create', status: 'PENDING' }, { time: '2026-01-01T01:00:40.000Z', status: 'IN_PROGRESS' },
    ]);
    expect(recording.revisions).toMatchObject([{ arn: first!.targetRevisionArn, daemonArn: first!.daemonArn, images: ['agent:1'] }]);
  });

  test('ends now', () => {
    expect(recording.until).toBe('2026-01-01T01:01:00.000Z');
    expect(recording.instanceEvents.at(-1)!.event).toBe('INSTANCE_DRAINING');
  });
});
