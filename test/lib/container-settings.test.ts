import { App, aws_ecs as ecs, aws_secretsmanager as secretsmanager, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  DaemonCapability, DaemonTaskDefinition, DaemonVolume, type DaemonContainerDefinition, type DaemonContainerDefinitionOptions,
} from '../../lib';
import { image } from './stack-with-daemon';

type Options = Partial<DaemonContainerDefinitionOptions>;

const path = '[Stack/Agent/agent]';
let stack: Stack;
let taskDefinition: DaemonTaskDefinition;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
  taskDefinition = new DaemonTaskDefinition(stack, 'Agent');
});

function addContainer(options: Options = {}): DaemonContainerDefinition {
  return taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512, ...options });
}

function rendered(): Record<string, unknown> {
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::DaemonTaskDefinition'));
  return Properties.ContainerDefinitions[0];
}

const nofile = (softLimit: number, hardLimit: number): ecs.Ulimit => ({ name: ecs.UlimitName.NOFILE, softLimit, hardLimit });
const mount = (containerPath: string): ecs.MountPoint => ({ containerPath, sourceVolume: 'data', readOnly: true });
const { FLUENTBIT } = ecs.FirelensLogRouterType;
const wrongUlimit = (limits: string): string =>
  `the ulimit "nofile" must have whole limits, -1 for none, and a soft limit up to its hard limit, got: ${limits}`;

describe('an invalid container', () => {
  test.each<[Options, string]>([
    [{ workingDirectory: 'agent' }, 'workingDirectory must be an absolute path, got: "agent"'],
    [{ startTimeout: Duration.seconds(0) }, 'startTimeout must be at least 1 whole seconds, got: 0 seconds'],
    [{ stopTimeout: Duration.millis(1500) }, 'stopTimeout must be at least 1 whole seconds, got: 1.5 seconds'],
    [{ restartAttemptPeriod: Duration.seconds(59) }, 'restartAttemptPeriod must be 60 to 1800 whole seconds, got: 59 seconds'],
    [{ restartAttemptPeriod: Duration.seconds(1801) }, 'restartAttemptPeriod must be 60 to 1800 whole seconds, got: 1801 seconds'],
    [{ restartIgnoredExitCodes: Array(51).fill(0) }, 'restartIgnoredExitCodes must have at most 50 entries, got: 51'],
    [{ restartIgnoredExitCodes: [-1] }, 'restartIgnoredExitCodes must be whole numbers from 0 to 255, got: -1'],
    [{ restartIgnoredExitCodes: [256] }, 'restartIgnoredExitCodes must be whole numbers from 0 to 255, got: 256'],
    [{ enableRestartPolicy: false, restartIgnoredExitCodes: [0] },
      'enableRestartPolicy must not be false when the policy is described, got: false and restartIgnoredExitCodes'],
    [{ ulimits: [nofile(2, 1)] }, wrongUlimit('soft 2, hard 1')],
    [{ ulimits: [nofile(-1, 1)] }, wrongUlimit('soft -1, hard 1')],
    [{ ulimits: [nofile(-2, -1)] }, wrongUlimit('soft -2, hard -1')],
    [{ ulimits: [nofile(0.5, 1)] }, wrongUlimit('soft 0.5, hard 1')],
    [{ ulimits: [nofile(1, 1), nofile(2, 2)] }, 'ulimits must name each name once, got more than once: "nofile"'],
    [{ systemControls: [{ namespace: 'net.core.somaxconn', value: '1' }, { namespace: 'net.core.somaxconn', value: '2' }] },
      'systemControls must name each namespace once, got more than once: "net.core.somaxconn"'],
    [{ mountPoints: [mount('data')] }, 'containerPath of a mount point must be an absolute path, got: "data"'],
    [{ mountPoints: [mount('/data'), mount('/data')] }, 'mountPoints must name each containerPath once, got more than once: "/data"'],
    [{ listeningPorts: [{ port: 0 }] }, 'the port of listeningPorts must be a whole number from 1 to 65535, got: 0'],
    [{ listeningPorts: [{ port: 65536 }] }, 'the port of listeningPorts must be a whole number from 1 to 65535, got: 65536'],
    [{ listeningPorts: [{ port: 80 }, { port: 80, protocol: ecs.Protocol.TCP }] },
      'listeningPorts must name each port once, got more than once: "80/tcp"'],
    [{ healthCheck: { command: ['x'], timeout: Duration.seconds(6), interval: Duration.seconds(5) } },
      'healthCheck.timeout must not exceed healthCheck.interval, got: timeout 6 seconds, interval 5 seconds'],
    [{ firelensConfig: { type: FLUENTBIT, options: { configFileType: ecs.FirelensConfigFileType.S3 } } },
      'firelensConfig.options.configFileValue must be given with configFileType, got: only "s3"'],
    [{ firelensConfig: { type: FLUENTBIT, options: { configFileType: ecs.FirelensConfigFileType.S3, configFileValue: '/router.conf' } } },
      'firelensConfig.options.configFileValue must be the ARN of an object on S3 for the configFileType "s3", got: "/router.conf"'],
    [{ firelensConfig: { type: FLUENTBIT, options: { configFileValue: Lazy.string({ produce: () => 'x' }) } } },
      'firelensConfig.options.configFileType must be given with a configFileValue that is known only at deployment, got: undefined'],
  ])('fails for %j', (options, message) => {
    expect(() => addContainer(options)).toThrow(new Error(`${path} ${message}`));
  });

  test.each<[string, object, string]>([
    ['an image that is only its name', { image: 'agent:1' }, 'image must be an ecs.ContainerImage, got: the string "agent:1"'],
    ['a log driver that is only its name', { logging: 'awslogs' }, 'logging must be an ecs.LogDriver, got: the string "awslogs"'],
    ['a memory that is a string', { memoryLimitMiB: '512' }, 'memoryLimitMiB must be a whole number of MiB above 0, got: the string "512"'],
    ['a timeout that is a number', { stopTimeout: 30 }, 'stopTimeout must be a Duration, got: 30'],
    ['a health check that is only its command', { healthCheck: 'agent health' },
      'healthCheck must be an ecs.HealthCheck with a command, got: the string "agent health"'],
    ['a capability that is only its name', { additionalCapabilities: ['BPF'] },
      'each of additionalCapabilities must be created with DaemonCapability.of(), got: the string "BPF"'],
    ['a capability with its prefix', { additionalCapabilities: [DaemonCapability.of('CAP_BPF')] },
      'a capability must be named in capital letters and without CAP_, got: "CAP_BPF"'],
    ['a name that is too long', { containerName: 'a'.repeat(300) },
      `containerName must have at most 255 characters, got: 300 characters in "${'a'.repeat(40)}…"`],
    ['a secret that is only its value', { secrets: { API_KEY: 'value' } },
      'the secret "API_KEY" must be an ecs.Secret, use ecs.Secret.fromSecretsManager() or fromSsmParameter()'],
  ])('fails for %s', (_, options, message) => {
    expect(() => addContainer(options)).toThrow(`${path} ${message}`);
  });

  test('fails for a variable that is stated by its value and by a secret', () => {
    const secret = ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret'));

    expect(() => addContainer({ environment: { API_KEY: 'value' }, secrets: { API_KEY: secret } })).toThrow(
      new Error(`${path} each variable must be given once, in environment or in secrets, got more than once: "API_KEY"`));
  });

  test('fails later too, when an invalid setting is added', () => {
    const secret = ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret'));
    const container = addContainer({
      environment: { MODE: 'host' }, ulimits: [nofile(1, 1)], mountPoints: [mount('/data')], listeningPorts: [{ port: 80 }],
    });

    expect(() => container.addEnvironment('MODE', 'task')).toThrow(/got more than once: "MODE"/);
    expect(() => container.addSecret('MODE', secret)).toThrow(/got more than once: "MODE"/);
    expect(() => container.addUlimits(nofile(2, 2))).toThrow(/got more than once: "nofile"/);
    expect(() => container.addMountPoints(mount('/data'))).toThrow(/got more than once: "\/data"/);
    expect(() => container.addListeningPorts({ port: 80 })).toThrow(/got more than once: "80\/tcp"/);
  });
});

describe('a valid container', () => {
  test.each<[Options]>([
    [{ workingDirectory: '/' }],
    [{ startTimeout: Duration.seconds(1), stopTimeout: Duration.hours(1) }],
    [{ restartAttemptPeriod: Duration.seconds(60), restartIgnoredExitCodes: [0, 255] }],
    [{ restartAttemptPeriod: Duration.seconds(1800), restartIgnoredExitCodes: Array(50).fill(1) }],
    [{ enableRestartPolicy: false }],
    [{ ulimits: [nofile(1, 1)] }],
    [{ ulimits: [nofile(0, -1), { name: ecs.UlimitName.MEMLOCK, softLimit: -1, hardLimit: -1 }] }],
    [{ listeningPorts: [{ port: 1 }, { port: 65535 }, { port: 8125 }, { port: 8125, protocol: ecs.Protocol.UDP }] }],
    [{ healthCheck: { command: ['x'], timeout: Duration.seconds(5), interval: Duration.seconds(5) } }],
    [{ firelensConfig: { type: FLUENTBIT } }],
  ])('accepts %j', (options) => {
    expect(() => addContainer(options)).not.toThrow();
  });

  test('accepts values that are known only at deployment', () => {
    const text = Lazy.string({ produce: () => 'later' });
    const number = Lazy.number({ produce: () => 7 });

    expect(() => addContainer({
      containerName: text, workingDirectory: text, cpu: number, stopTimeout: Duration.seconds(number), ulimits: [nofile(number, 1)],
      mountPoints: [mount(text)], listeningPorts: [{ port: number }], restartIgnoredExitCodes: [number],
    })).not.toThrow();
  });
});

describe('the rendering of a container', () => {
  test.each<[string, Options, unknown]>([
    ['RestartPolicy', { enableRestartPolicy: true }, { Enabled: true }],
    ['RestartPolicy', { enableRestartPolicy: false }, undefined],
    ['RestartPolicy', { restartIgnoredExitCodes: [0] }, { Enabled: true, IgnoredExitCodes: [0] }],
    ['RestartPolicy', { restartAttemptPeriod: Duration.minutes(2) }, { Enabled: true, RestartAttemptPeriod: 120 }],
    ['RestartPolicy', {}, undefined],
    ['LinuxParameters', { additionalCapabilities: [DaemonCapability.BPF, DaemonCapability.PERFMON] }, { Capabilities: { Add: ['BPF', 'PERFMON'] } }],
    ['StopTimeout', { stopTimeout: Duration.minutes(1) }, 60],
    ['Cpu', { cpu: 0 }, undefined],
    ['LinuxParameters', { additionalCapabilities: [DaemonCapability.of('AUDIT_READ'), DaemonCapability.CHECKPOINT_RESTORE] },
      { Capabilities: { Add: ['AUDIT_READ', 'CHECKPOINT_RESTORE'] } }],
    ['User', { user: '1000' }, '1000'],
  ])('contains %s of %j', (property, options, value) => {
    addContainer(options);

    expect(rendered()[property]).toEqual(value);
  });

  test('merges capabilities of both kinds, also those added later', () => {
    const linuxParameters = new ecs.LinuxParameters(stack, 'LinuxParameters');
    addContainer({ linuxParameters, additionalCapabilities: [DaemonCapability.BPF] });
    linuxParameters.addCapabilities(ecs.Capability.SYS_ADMIN);
    linuxParameters.dropCapabilities(ecs.Capability.CHOWN);

    expect(rendered().LinuxParameters).toEqual({ Capabilities: { Add: ['BPF', 'SYS_ADMIN'], Drop: ['CHOWN'] } });
  });

  test('adds capabilities to Linux parameters without any', () => {
    addContainer({ linuxParameters: new ecs.LinuxParameters(stack, 'LinuxParameters', { initProcessEnabled: true }), additionalCapabilities: [DaemonCapability.BPF] });

    expect(rendered().LinuxParameters).toEqual({ Capabilities: { Add: ['BPF'] }, InitProcessEnabled: true });
  });

  test('contains settings that were added later', () => {
    taskDefinition.addVolume(DaemonVolume.host('data'));
    const container = addContainer({ environment: { MODE: 'host' } });
    container.addEnvironment('LEVEL', 'info');
    container.addSecret('API_KEY', ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret')));
    container.addUlimits(nofile(1, 2));
    container.addMountPoints(mount('/data'));

    expect(rendered()).toMatchObject({
      Environment: [{ Name: 'LEVEL', Value: 'info' }, { Name: 'MODE', Value: 'host' }],
      Secrets: [{ Name: 'API_KEY' }],
      Ulimits: [{ Name: 'nofile', SoftLimit: 1, HardLimit: 2 }],
      MountPoints: [{ ContainerPath: '/data', SourceVolume: 'data', ReadOnly: true }],
    });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: Match.stringLikeRegexp('^AgentExecutionRole') }] });
  });

  test('omits listening ports, which are only validated', () => {
    addContainer({ listeningPorts: [{ port: 80 }] });

    expect(rendered()).toEqual({ Name: 'agent', Image: expect.any(String), Essential: true, Memory: 512 });
  });
});
