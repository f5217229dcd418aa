import { App, aws_cloudwatch as cloudwatch, Duration, Stack, type CfnResource } from 'aws-cdk-lib';
import { DaemonTagPropagation, type ManagedDaemonProps } from '../../lib';
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

describe('finds nothing', () => {
  test('in the smallest daemon and its provider', () => {
    stack.addDaemon();

    expect(findings(app)).toEqual([]);
  });

  test('in a task definition that uses everything, but for what is newer than the validator', () => {
    stack.addDaemon('Daemon', { daemonTaskDefinition: addEverything(stack) });

    expect(findings(app)).toEqual([expect.stringContaining("('LogDriverVolumeConfiguration' was unexpected)")]);
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
  ])('in the native twin of a daemon with %s', (_, props) => {
    const daemon = stack.addDaemon('Daemon', props(stack));
    addNativeTwin(stack, daemon);

    expect(findings(app)).toEqual([]);
  });
});

describe('finds a wrong value that was planted', () => {
  test.each([
    ['DrainPercent', 101],
    ['BakeTimeInMinutes', 1441],
    ['CapacityProviderArns', []],
    ['PropagateTags', 'TASK'],
  ])('%s %j in the native twin of a daemon', (property, value) => {
    const daemon = stack.addDaemon();
    (daemon.node.defaultChild as CfnResource).addPropertyOverride(property, value);
    addNativeTwin(stack, daemon);

    expect(findings(app)).toEqual([expect.stringMatching(new RegExp(`DaemonTwin.*${property}`))]);
  });

  test('a property that a daemon task definition does not have', () => {
    const taskDefinition = stack.addTaskDefinition();
    (taskDefinition.node.defaultChild as CfnResource).addPropertyOverride('NetworkMode', 'host');

    expect(findings(app)).toEqual([expect.stringMatching(/TaskDefinition.*NetworkMode/)]);
  });
});
