import { App, aws_cloudwatch as cloudwatch, Duration, Stack, Validations, type CfnResource } from 'aws-cdk-lib';
import { DaemonTagPropagation, DaemonTaskDefinition, DaemonVolume, type ManagedDaemonProps } from '../../lib';
import { addEverything } from './everything';
import { addNativeTwin } from './native-twin';
import { StackWithDaemon } from './stack-with-daemon';
import { findings } from './template-validator';

let app: App;
let stack: StackWithDaemon;

beforeEach(() => {
  app = new App();
  stack = new StackWithDaemon(app);
});

describe('the validator without findings', () => {
  test('accepts the smallest daemon and its provider', () => {
    stack.addDaemon();

    expect(findings(app)).toEqual([]);
  });

  test('accepts a task definition with every property', () => {
    stack.addDaemon('Daemon', { daemonTaskDefinition: addEverything(stack) });

    expect(findings(app)).toEqual([]);
  });

  test.each<[string, (stack: Stack) => Partial<ManagedDaemonProps>]>([
    ['all defaults', () => ({})],
    ['the lower bounds', () => ({ daemonName: 'a', drainPercent: 20, bakeTime: Duration.minutes(0) })],
    ['the upper bounds', () => ({ daemonName: 'a'.repeat(255), drainPercent: 100, bakeTime: Duration.minutes(45) })],
    ['everything', (scope) => ({
      alarms: [cloudwatch.Alarm.fromAlarmName(scope, 'Alarm', 'agent-silent')],
      bakeTime: Duration.minutes(5),
      critical: false,
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      propagateTags: DaemonTagPropagation.DAEMON,
      tags: { ['k'.repeat(128)]: 'v'.repeat(256) },
    })],
  ])('accepts the native twin of a daemon with %s', (_, props) => {
    const daemon = stack.addDaemon('Daemon', props(stack));
    addNativeTwin(stack, daemon);

    expect(findings(app)).toEqual([]);
  });
});

describe('a log-driver volume, which the validator does not support', () => {
  const acknowledged = ({ node }: DaemonTaskDefinition): unknown[] =>
    node.defaultChild!.node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .map(({ data }) => Object.keys(data));
  const volume = DaemonVolume.logFiles('logs');

  test('is acknowledged on the resource, from the properties and when it is added', () => {
    const taskDefinition = stack.addTaskDefinition();
    taskDefinition.addVolume(volume);
    const other = new DaemonTaskDefinition(stack, 'Other', { volumes: [volume] });

    expect([taskDefinition, other].map(acknowledged)).toEqual([[['CloudFormation-Validate::F3002']], [['CloudFormation-Validate::F3002']]]);
  });

  test('causes the acknowledgement, unlike a volume of the instance', () => {
    const taskDefinition = new DaemonTaskDefinition(stack, 'Other', { volumes: [DaemonVolume.host('proc', '/proc')] });

    expect(acknowledged(taskDefinition)).toEqual([]);
  });
});

describe('the validator with a wrong value', () => {
  test.each([
    ['DrainPercent', 101],
    ['BakeTimeInMinutes', 1441],
    ['CapacityProviderArns', []],
    ['PropagateTags', 'TASK'],
  ])('finds %s %j in the native twin of a daemon', (property, value) => {
    const daemon = stack.addDaemon();
    (daemon.node.defaultChild as CfnResource).addPropertyOverride(property, value);
    addNativeTwin(stack, daemon);

    expect(findings(app)).toEqual([expect.stringMatching(new RegExp(`DaemonTwin.*${property}`))]);
  });

  test('finds a property that a daemon task definition does not have', () => {
    const taskDefinition = stack.addTaskDefinition();
    (taskDefinition.node.defaultChild as CfnResource).addPropertyOverride('NetworkMode', 'host');

    expect(findings(app)).toEqual([expect.stringMatching(/TaskDefinition.*NetworkMode/)]);
  });
});
