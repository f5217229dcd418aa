import { App, aws_ecr as ecr, aws_ecs as ecs, aws_secretsmanager as secretsmanager, Duration, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { DaemonTaskDefinition, DaemonVolume, type DaemonContainerDefinitionOptions } from '../../lib';
import { image } from './stack-with-daemon';

const type = 'AWS::ECS::DaemonTaskDefinition';
let stack: Stack;
let taskDefinition: DaemonTaskDefinition;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
  taskDefinition = new DaemonTaskDefinition(stack, 'Agent');
});

function addContainer(options: Partial<DaemonContainerDefinitionOptions>): void {
  taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512, ...options });
}

function expectContainer(properties: Record<string, unknown>): void {
  Template.fromStack(stack).hasResourceProperties(type, { ContainerDefinitions: [properties] });
}

describe('the rendered container', () => {
  test('contains the given properties', () => {
    addContainer({
      containerName: 'collector',
      command: ['run', '--all'],
      entryPoint: ['/agent'],
      cpu: 128,
      memoryReservationMiB: 256,
      environment: { MODE: 'host', LEVEL: 'info' },
      privileged: true,
    });

    expectContainer({
      Name: 'collector',
      Command: ['run', '--all'],
      EntryPoint: ['/agent'],
      Cpu: 128,
      Memory: 512,
      MemoryReservation: 256,
      Essential: true,
      Environment: [{ Name: 'LEVEL', Value: 'info' }, { Name: 'MODE', Value: 'host' }],
      Privileged: true,
    });
  });

  test('omits properties that are not given', () => {
    addContainer({});

    expectContainer(Object.fromEntries([
      'Command', 'Cpu', 'EntryPoint', 'Environment', 'HealthCheck', 'LinuxParameters', 'LogConfiguration', 'MemoryReservation', 'MountPoints',
      'Privileged', 'RepositoryCredentials', 'Secrets',
    ].map((property) => [property, Match.absent()])));
  });

  test('adds and drops capabilities', () => {
    const linuxParameters = new ecs.LinuxParameters(stack, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.addCapabilities(ecs.Capability.SYS_ADMIN, ecs.Capability.NET_ADMIN);
    linuxParameters.dropCapabilities(ecs.Capability.CHOWN);
    addContainer({ linuxParameters });

    expectContainer({
      LinuxParameters: { Capabilities: { Add: ['NET_ADMIN', 'SYS_ADMIN'], Drop: ['CHOWN'] }, InitProcessEnabled: true },
    });
  });

  test('mounts volumes', () => {
    taskDefinition.addVolume(DaemonVolume.host('proc', '/proc'));
    addContainer({ mountPoints: [{ containerPath: '/host/proc', sourceVolume: 'proc', readOnly: true }] });

    expectContainer({ MountPoints: [{ ContainerPath: '/host/proc', SourceVolume: 'proc', ReadOnly: true }] });
  });

  test('mounts volumes later', () => {
    taskDefinition.addVolume(DaemonVolume.host('proc', '/proc'));
    const container = taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512 });
    container.addMountPoints({ containerPath: '/host/proc', sourceVolume: 'proc', readOnly: true });

    expectContainer({ MountPoints: [{ ContainerPath: '/host/proc', SourceVolume: 'proc', ReadOnly: true }] });
  });

  test.each([
    [['agent health'], ['CMD-SHELL', 'agent health']],
    [['agent'], ['CMD-SHELL', 'agent']],
    [['/healthcheck'], ['CMD', '/healthcheck']],
    [['/agent~1/health=ö%20!#'], ['CMD', '/agent~1/health=ö%20!#']],
    [['/agent?'], ['CMD-SHELL', '/agent?']],
    [['/opt/agent-1.2/bin/health_check'], ['CMD', '/opt/agent-1.2/bin/health_check']],
    [['/healthcheck --deep'], ['CMD-SHELL', '/healthcheck --deep']],
    [['/healthcheck||exit'], ['CMD-SHELL', '/healthcheck||exit']],
    [['/bin/$AGENT'], ['CMD-SHELL', '/bin/$AGENT']],
    [['CMD-SHELL', '/healthcheck'], ['CMD-SHELL', '/healthcheck']],
    [['agent', 'health'], ['CMD', 'agent', 'health']],
    [['CMD', 'agent', 'health'], ['CMD', 'agent', 'health']],
    [['CMD-SHELL', 'agent health || exit 1'], ['CMD-SHELL', 'agent health || exit 1']],
  ])('checks health with %j', (command, rendered) => {
    addContainer({ healthCheck: { command } });

    expectContainer({ HealthCheck: { Command: rendered } });
  });

  test('checks health at the given interval', () => {
    addContainer({
      healthCheck: { command: ['true'], interval: Duration.seconds(20), timeout: Duration.seconds(4), retries: 2, startPeriod: Duration.minutes(1) },
    });

    expectContainer({ HealthCheck: { Command: ['CMD-SHELL', 'true'], Interval: 20, Timeout: 4, Retries: 2, StartPeriod: 60 } });
  });
});

describe('an image', () => {
  test('of ECR is pulled with the execution role', () => {
    addContainer({ image: ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Repository', 'agent'), '1.0') });

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['ecr:BatchGetImage']) })]) },
      Roles: [{ Ref: Match.stringLikeRegexp('^AgentExecutionRole') }],
    });
  });

  test('of an asset is built for the container', () => {
    addContainer({ image: ecs.ContainerImage.fromAsset(__dirname, { file: 'daemon-container-definition.test.ts' }) });

    expectContainer({ Image: { 'Fn::Sub': Match.stringLikeRegexp('container-assets') } });
  });

  test('of a private registry is pulled with its credentials', () => {
    const credentials = new secretsmanager.Secret(stack, 'Credentials');
    addContainer({ image: ecs.ContainerImage.fromRegistry('registry.example.com/agent:1', { credentials }) });

    expectContainer({ RepositoryCredentials: { CredentialsParameter: { Ref: Match.stringLikeRegexp('^Credentials') } } });
  });
});

describe('a log driver', () => {
  test('awslogs creates a log group and grants the execution role the permission to write', () => {
    addContainer({ logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'agent' }) });

    expectContainer({
      LogConfiguration: {
        LogDriver: 'awslogs',
        Options: {
          'awslogs-group': { Ref: Match.stringLikeRegexp('^AgentagentLogGroup') },
          'awslogs-stream-prefix': 'agent',
          'awslogs-region': { Ref: 'AWS::Region' },
        },
      },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] })] },
      Roles: [{ Ref: Match.stringLikeRegexp('^AgentExecutionRole') }],
    });
  });

  test('reads secret options with the execution role', () => {
    const token = ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Token'));
    addContainer({ logging: ecs.LogDrivers.splunk({ secretToken: token, url: 'https://splunk.example.com' }) });

    expectContainer({ LogConfiguration: { LogDriver: 'splunk', SecretOptions: [{ Name: 'splunk-token', ValueFrom: { Ref: Match.stringLikeRegexp('^Token') } }] } });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: Match.stringLikeRegexp('^AgentExecutionRole') }] });
  });

  test.each<[string, () => ecs.LogDriver]>([
    ['awslogs', () => ecs.LogDrivers.awsLogs({ streamPrefix: 'agent' })],
    ['splunk', () => ecs.LogDrivers.splunk({
      secretToken: ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Token')), url: 'https://splunk.example.com',
    })],
    ['awsfirelens', () => ecs.LogDrivers.firelens({})],
  ])('%s causes no warning', (_, logging) => {
    addContainer({ logging: logging() });
    taskDefinition.addContainer('router', { image, memoryLimitMiB: 64, firelensConfig: { type: ecs.FirelensLogRouterType.FLUENTBIT } });

    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test.each<[string, ecs.LogDriver]>([
    ['fluentd', ecs.LogDrivers.fluentd()],
    ['gelf', ecs.LogDrivers.gelf({ address: 'udp://127.0.0.1:12201' })],
    ['journald', ecs.LogDrivers.journald()],
    ['json-file', ecs.LogDrivers.jsonFile()],
    ['syslog', ecs.LogDrivers.syslog()],
  ])('%s causes a warning (A21)', (name, logging) => {
    addContainer({ logging });

    Annotations.fromStack(stack).hasWarning('/Stack/Agent/agent', Match.stringLikeRegexp(
      `ECS documents the log drivers awslogs, splunk, awsfirelens for daemons and may refuse "${name}"`));
  });

  test('fails with a reason if it uses a member that a daemon does not have', () => {
    class PortDriver extends ecs.LogDriver {
      public bind(_: Construct, container: ecs.ContainerDefinition): ecs.LogDriverConfig {
        return { logDriver: 'custom', options: { port: String(container.containerPort) } };
      }
    }

    expect(() => addContainer({ logging: new PortDriver() })).toThrow(
      '[Stack/Agent/agent] the image or log driver uses "containerPort" of its daemon container, which has no such member');
  });

  test('fails with a reason if it uses a member that only ordinary task definitions have', () => {
    class NetworkDriver extends ecs.LogDriver {
      public bind(_: Construct, container: ecs.ContainerDefinition): ecs.LogDriverConfig {
        return { logDriver: 'custom', options: { mode: container.taskDefinition.networkMode } };
      }
    }

    expect(() => addContainer({ logging: new NetworkDriver() })).toThrow(
      '[Stack/Agent/agent] the image or log driver uses "networkMode" of its daemon task definition, which has no such member');
  });
});

describe('secrets', () => {
  test('are read with the execution role', () => {
    addContainer({ secrets: { API_KEY: ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'ApiKey')) } });

    expectContainer({ Secrets: [{ Name: 'API_KEY', ValueFrom: { Ref: Match.stringLikeRegexp('^ApiKey') } }] });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'] })] },
      Roles: [{ Ref: Match.stringLikeRegexp('^AgentExecutionRole') }],
    });
  });
});

describe('the constructor', () => {
  const path = '[Stack/Agent/agent]';
  const twoWays = 'use ["CMD", "/agent", "health"] to run a program, or ["CMD-SHELL", "agent health || exit 1"] for a line of the shell';
  test.each<[Partial<DaemonContainerDefinitionOptions>, string]>([
    [{ containerName: 'a b' }, `${path} containerName must have 1 to 255 letters, digits, hyphens and underscores, got: "a b"`],
    [{ cpu: -1 }, `${path} cpu must be a whole number of CPU units from 0 up, got: -1`],
    [{ memoryLimitMiB: 0 }, `${path} memoryLimitMiB must be a whole number of MiB above 0, got: 0`],
    [{ memoryReservationMiB: 1.5 }, `${path} memoryReservationMiB must be a whole number of MiB above 0, got: 1.5`],
    [{ memoryReservationMiB: 513 }, `${path} memoryReservationMiB must not exceed memoryLimitMiB, got: reservation 513, limit 512`],
    [{ healthCheck: { command: [] } }, `${path} healthCheck.command must have at least one entry, got: []`],
    ...([
      [['NONE'], 'must not be NONE: ECS ignores the health check of an image anyway; leave healthCheck out, got: ["NONE"]'],
      [['CMD'], `must name what is run; ${twoWays}, got: ["CMD"]`],
      [['CMD-SHELL'], `must name what is run; ${twoWays}, got: ["CMD-SHELL"]`],
      [[' '], `must name what is run; ${twoWays}, got: [" "]`],
      [['CMD', ''], `must name what is run; ${twoWays}, got: ["CMD",""]`],
      [['CMD-SHELL', 'curl', '-f', 'http://127.0.0.1'],
        `must have one entry after CMD-SHELL, since the shell runs only the first; ${twoWays}, got: ["CMD-SHELL","curl","-f","http://127.0.0.1"]`],
      [['CMD', 'agent health'],
        `must have an entry for each word, since no shell takes "agent health" apart; ${twoWays}, got: ["CMD","agent health"]`],
      [['agent health', '--deep'],
        `must have an entry for each word, since no shell takes "agent health" apart; ${twoWays}, got: ["agent health","--deep"]`],
    ] as [string[], string][]).map(([command, problem]): [Partial<DaemonContainerDefinitionOptions>, string] =>
      [{ healthCheck: { command } }, `${path} healthCheck.command ${problem}`]),
    [{ healthCheck: { command: ['x'], interval: Duration.seconds(4) } }, `${path} healthCheck.interval must be 5 to 300 whole seconds, got: 4 seconds`],
    [{ healthCheck: { command: ['x'], interval: Duration.seconds(301) } }, `${path} healthCheck.interval must be 5 to 300 whole seconds, got: 301 seconds`],
    [{ healthCheck: { command: ['x'], timeout: Duration.seconds(1) } }, `${path} healthCheck.timeout must be 2 to 60 whole seconds, got: 1 seconds`],
    [{ healthCheck: { command: ['x'], timeout: Duration.seconds(61) } }, `${path} healthCheck.timeout must be 2 to 60 whole seconds, got: 61 seconds`],
    [{ healthCheck: { command: ['x'], timeout: Duration.millis(2500) } }, `${path} healthCheck.timeout must be 2 to 60 whole seconds, got: 2.5 seconds`],
    [{ healthCheck: { command: ['x'], startPeriod: Duration.seconds(301) } }, `${path} healthCheck.startPeriod must be 0 to 300 whole seconds, got: 301 seconds`],
    [{ healthCheck: { command: ['x'], retries: 0 } }, `${path} healthCheck.retries must be a whole number from 1 to 10, got: 0`],
    [{ healthCheck: { command: ['x'], retries: 11 } }, `${path} healthCheck.retries must be a whole number from 1 to 10, got: 11`],
  ])('for %j', (options, message) => {
    expect(() => addContainer(options)).toThrow(new Error(message));
  });

  test.each<[Partial<DaemonContainerDefinitionOptions>]>([
    [{ memoryReservationMiB: 512 }],
    [{ memoryReservationMiB: 1 }],
    [{ healthCheck: { command: ['x'], interval: Duration.seconds(5), timeout: Duration.seconds(2), retries: 1, startPeriod: Duration.seconds(0) } }],
    [{ healthCheck: { command: ['x'], interval: Duration.seconds(300), timeout: Duration.seconds(60), retries: 10, startPeriod: Duration.seconds(300) } }],
  ])('accepts %j', (options) => {
    expect(() => addContainer(options)).not.toThrow();
  });
});

test('synth fails for Linux parameters that a daemon does not support', () => {
  addContainer({ linuxParameters: new ecs.LinuxParameters(stack, 'LinuxParameters', { sharedMemorySize: 64, maxSwap: Size.mebibytes(128), swappiness: 10 }) });

  expect(() => Template.fromStack(stack)).toThrow(/\[Stack\/Agent\/agent\] linuxParameters must not set maxSwap: a daemon has capabilities, devices, tmpfs and initProcessEnabled, got: maxSwap 128/);
  expect(() => Template.fromStack(stack)).toThrow(/for shared memory, mount a tmpfs of that size at \/dev\/shm with addTmpfs\(\), got: sharedMemorySize 64/);
  expect(() => Template.fromStack(stack)).toThrow(/swappiness 10/);
});
