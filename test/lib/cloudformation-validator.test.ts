import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_secretsmanager as secretsmanager, Duration, Stack, type CfnResource } from 'aws-cdk-lib';
import { DaemonTagPropagation, type ManagedDaemonProps } from '../../lib';
import { addNativeTwin } from './native-twin';
import { image, StackWithDaemon } from './stack-with-daemon';
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

  test('in a task definition that uses everything', () => {
    const linuxParameters = new ecs.LinuxParameters(stack, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.addCapabilities(ecs.Capability.SYS_ADMIN);
    linuxParameters.addDevices({ hostPath: '/dev/fuse', permissions: [ecs.DevicePermission.READ] });
    linuxParameters.addTmpfs({ containerPath: '/tmp', size: 64, mountOptions: [ecs.TmpfsMountOption.NOEXEC] });
    const taskDefinition = stack.addTaskDefinition('TaskDefinition', { family: 'agent', cpu: 256, memoryMiB: 1024 });
    taskDefinition.addVolume({ name: 'proc', host: { sourcePath: '/proc' } });
    taskDefinition.addVolume({ name: 'scratch', host: {} });
    taskDefinition.addContainer('everything', {
      image,
      containerName: 'all',
      command: ['run'],
      entryPoint: ['/agent'],
      cpu: 128,
      memoryLimitMiB: 256,
      memoryReservationMiB: 128,
      essential: false,
      environment: { MODE: 'host' },
      secrets: { API_KEY: ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'ApiKey')) },
      privileged: true,
      linuxParameters,
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'agent' }),
      healthCheck: { command: ['agent health'], interval: Duration.seconds(30), timeout: Duration.seconds(5), retries: 3, startPeriod: Duration.seconds(15) },
      mountPoints: [{ containerPath: '/host/proc', sourceVolume: 'proc', readOnly: true }],
    });
    stack.addDaemon('Daemon', { daemonTaskDefinition: taskDefinition });

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
