import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_iam as iam, aws_secretsmanager as secretsmanager, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon,
  type DaemonContainerDefinitionOptions, type DaemonTaskDefinitionProps, type ManagedDaemonProps,
} from '../../lib';
import { image, StackWithDaemon } from './stack-with-daemon';

const env = { account: '111122223333', region: 'eu-west-1' };
let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon(new App(), 'Stack', { env });
});

const arn = (resource: string, region = 'eu-west-1', account = '111122223333'): string => `arn:aws:ecs:${region}:${account}:${resource}`;
const provider = (capacityProviderArn: string): Partial<ManagedDaemonProps> =>
  ({ capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(capacityProviderArn)] });
const cluster = (clusterArn: string): Partial<ManagedDaemonProps> => ({ cluster: ecs.Cluster.fromClusterArn(stack, 'Imported', clusterArn) });
const alarm = (alarmArn: string): Partial<ManagedDaemonProps> => ({ alarms: [cloudwatch.Alarm.fromAlarmArn(stack, 'Alarm', alarmArn)] });
const role = (roleArn: string): iam.IRole => iam.Role.fromRoleArn(stack, 'Role', roleArn);

describe('a daemon that fails at synth', () => {
  test.each<[string, () => Partial<ManagedDaemonProps>, string]>([
    ['a name in place of the ARN of a capacity provider', () => provider('managed'),
      'capacityProviderArn must be the ARN of a capacity provider, arn:aws:ecs:<Region>:<account>:capacity-provider/<name>, got: "managed"'],
    ['FARGATE', () => provider('FARGATE'), 'got: "FARGATE"'],
    ['the ARN of FARGATE', () => provider(arn('capacity-provider/FARGATE')), `got: "${arn('capacity-provider/FARGATE')}"`],
    ['the ARN of a cluster for that of a capacity provider', () => provider(arn('cluster/fleet')), `got: "${arn('cluster/fleet')}"`],
    ['a capacity provider of another Region', () => provider(arn('capacity-provider/a', 'us-east-1')),
      `capacityProviderArn must be of the Region eu-west-1 of the daemon, got: "${arn('capacity-provider/a', 'us-east-1')}"`],
    ['a capacity provider of another account', () => provider(arn('capacity-provider/a', 'eu-west-1', '444455556666')),
      'capacityProviderArn must be of the account 111122223333 of the daemon, got: '],
    ['a capacity provider of another partition', () => provider('arn:aws-cn:ecs:eu-west-1:111122223333:capacity-provider/a'),
      'capacityProviderArn must be of the partition aws, that of the Region eu-west-1, got: "arn:aws-cn:ecs:eu-west-1:111122223333:capacity-provider/a"'],
    ['an alarm of another partition', () => alarm('arn:aws-us-gov:cloudwatch:eu-west-1:111122223333:alarm:silent'), 'must be of the partition aws,'],
    ['a role of another partition', () => ({ passedRoles: [role('arn:aws-cn:iam::111122223333:role/agent')] }), 'must be of the partition aws,'],
    ['an ARN whose name is too long', () => provider(arn(`capacity-provider/${'a'.repeat(256)}`)), 'must be the ARN of a capacity provider'],
    ['an alarm whose name is too long', () => alarm(`arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${'a'.repeat(256)}`), 'must be the ARN of an alarm'],
    ['a cluster whose name differs from that in its ARN',
      () => ({ cluster: ecs.Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'other', clusterArn: arn('cluster/fleet'), vpc: stack.cluster.vpc }) }),
      `the name of the cluster must be the one in its ARN "${arn('cluster/fleet')}", got: "other"`],
    ['a role of an imported task definition in another account',
      () => ({
        daemonTaskDefinition: DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Revision', {
          daemonTaskDefinitionArn: arn('daemon-task-definition/agent:7'), taskRole: role('arn:aws:iam::444455556666:role/agent'),
        }),
      }),
      'each role of daemonTaskDefinition must be of the account 111122223333'],
    ['every cluster', () => cluster(arn('cluster/*')),
      `cluster must be the ARN of a cluster, arn:aws:ecs:<Region>:<account>:cluster/<name>, got: "${arn('cluster/*')}"`],
    ['a cluster of another Region', () => cluster(arn('cluster/fleet', 'us-east-1')), 'cluster must be of the Region eu-west-1'],
    ['an alarm of another Region, for which a local one would guard', () => alarm('arn:aws:cloudwatch:us-east-1:111122223333:alarm:silent'),
      'each entry of alarms must be of the Region eu-west-1 of the daemon, got: "arn:aws:cloudwatch:us-east-1:111122223333:alarm:silent"'],
    ['an alarm of another account', () => alarm('arn:aws:cloudwatch:eu-west-1:444455556666:alarm:silent'), 'must be of the account 111122223333'],
    ['the ARN of something else for an alarm', () => alarm('arn:aws:sns:eu-west-1:111122223333:topic:a'), 'each entry of alarms must be the ARN of an alarm'],
    ['a pattern of roles', () => ({ passedRoles: [role('arn:aws:iam::111122223333:role/*')] }),
      'each entry of passedRoles must be the ARN of a role, arn:aws:iam::<account>:role/<name>, got: "arn:aws:iam::111122223333:role/*"'],
    ['a role of another account', () => ({ passedRoles: [role('arn:aws:iam::444455556666:role/agent')] }), 'must be of the account 111122223333'],
    ['a task definition of another Region',
      () => ({
        passedRoles: [],
        daemonTaskDefinition: DaemonTaskDefinition.fromDaemonTaskDefinitionArn(stack, 'Revision', arn('daemon-task-definition/agent:7', 'us-east-1')),
      }),
      'daemonTaskDefinition must be of the Region eu-west-1'],
  ])('has %s', (_, props, message) => {
    expect(() => stack.addDaemon('Daemon', props())).toThrow(message);
  });

  test.each<[string, unknown, string]>([
    ['no properties', undefined, 'props must have cluster, capacityProviders and daemonTaskDefinition, got: undefined'],
    ['a string for a capacity provider', { capacityProviders: ['managed'] },
      'each entry of capacityProviders must be created with DaemonCapacityProvider, for example by DaemonCapacityProvider.fromManagedInstances(), got: the string "managed"'],
    ['a string for a cluster', { cluster: 'fleet' }, 'cluster must be an ecs.Cluster or another reference to a cluster, got: the string "fleet"'],
    ['a string for an alarm', { alarms: ['silent'] }, 'each entry of alarms must be an alarm, as of cloudwatch.Alarm.fromAlarmName(), got: the string "silent"'],
    ['a string for a drain percent', { drainPercent: '25' }, 'drainPercent must be a number, got: the string "25"'],
    ['a number for a bake time', { bakeTime: 5 }, 'bakeTime must be a Duration, got: 5'],
  ])('has, from JavaScript, %s', (_, props, message) => {
    const valid = {
      cluster: stack.cluster,
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.instances)],
      daemonTaskDefinition: stack.addTaskDefinition(),
    };
    const given = props === undefined ? undefined : { ...valid, ...props };

    expect(() => new ManagedDaemon(stack, 'Daemon', given as ManagedDaemonProps)).toThrow(`[Stack/Daemon] ${message}`);
  });
});

describe('a value that is known only at deployment', () => {
  test('is accepted as a token', () => {
    const later = Lazy.string({ produce: () => 'later' });

    expect(() => stack.addDaemon('Daemon', provider(later))).not.toThrow();
    expect(() => DaemonTaskDefinition.fromDaemonTaskDefinitionArn(stack, 'Revision', later)).not.toThrow();
  });

  test('is accepted as a location that cannot be compared in a stack without an environment', () => {
    stack = new StackWithDaemon();

    expect(() => stack.addDaemon('Daemon', { ...provider(arn('capacity-provider/a', 'us-east-1')), ...cluster(arn('cluster/fleet', 'us-east-1')) })).not.toThrow();
  });
});

describe('a daemon in a stack without an environment, located by its cluster', () => {
  beforeEach(() => {
    stack = new StackWithDaemon();
  });

  test.each<[string, () => Partial<ManagedDaemonProps>]>([
    ['a capacity provider of another Region', () => provider(arn('capacity-provider/a', 'us-east-1'))],
    ['an alarm of another Region', () => ({ ...alarm('arn:aws:cloudwatch:us-east-1:111122223333:alarm:silent'), ...provider(arn('capacity-provider/a')) })],
  ])('fails for %s', (_, props) => {
    expect(() => stack.addDaemon('Daemon', { ...props(), ...cluster(arn('cluster/fleet')) })).toThrow('must be of the Region eu-west-1 of the daemon, got: ');
  });

  test('fails for an alarm of another Region that is added later', () => {
    const daemon = stack.addDaemon('Daemon', { ...provider(arn('capacity-provider/a')), ...cluster(arn('cluster/fleet')) });
    const silent = cloudwatch.Alarm.fromAlarmArn(stack, 'Alarm', 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:silent');
    expect(() => daemon.addAlarm(silent)).toThrow('each entry of alarms must be of the Region eu-west-1 of the daemon');
  });
});

describe('an import', () => {
  test.each(['agent', arn('task-definition/agent:7'), arn('daemon-task-definition/agent'), arn('daemon-task-definition/*:1'), arn('daemon-task-definition/agent:0')])('fails for the revision %s', (value) => {
    const message = `[Stack] daemonTaskDefinitionArn must be the ARN of a revision of a daemon task definition, arn:aws:ecs:<Region>:<account>:daemon-task-definition/<family>:<revision>, got: "${value}"`;

    expect(() => DaemonTaskDefinition.fromDaemonTaskDefinitionArn(stack, 'Revision', value)).toThrow(message);
    expect(() => DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Revision', { daemonTaskDefinitionArn: value })).toThrow(message);
  });

  test.each(['agent', arn('daemon/agent'), arn('daemon/fleet/*'), arn('cluster/fleet')])('fails for the daemon %s', (value) => {
    expect(() => ManagedDaemon.fromDaemonArn(stack, 'Daemon', value)).toThrow(
      `[Stack] daemonArn must be the ARN of a daemon, arn:aws:ecs:<Region>:<account>:daemon/<cluster>/<name>, got: "${value}"`);
  });
});

describe('a capacity provider of an Auto Scaling group of the app', () => {
  let group: ecs.CfnCapacityProvider;

  beforeEach(() => {
    group = new ecs.CfnCapacityProvider(stack, 'Group', { name: 'group', autoScalingGroupProvider: { autoScalingGroupArn: 'group' } });
  });

  test.each<[string, () => DaemonCapacityProvider]>([
    ['its L1', () => DaemonCapacityProvider.fromCapacityProvider(group)],
    ['its reference', () => DaemonCapacityProvider.fromCapacityProviderName(stack, group.ref)],
    ['its name', () => DaemonCapacityProvider.fromCapacityProviderName(stack, 'group')],
    ['its ARN', () => DaemonCapacityProvider.fromCapacityProviderArn(arn('capacity-provider/group'))],
  ])('is rejected by %s', (_, capacityProvider) => {
    stack.addDaemon('Daemon', { capacityProviders: [capacityProvider()] });

    expect(() => Template.fromStack(stack)).toThrow(/must be one of Managed Instances, got one of an Auto Scaling group: "Stack\/Group"/);
  });

  test('is not confused with one of the same name in another Region', () => {
    const other = new StackWithDaemon(stack.node.root as App, 'Other', { env: { ...env, region: 'us-east-1' } });
    other.addDaemon('Daemon', { capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(other, 'group')] });

    expect(() => Template.fromStack(other)).not.toThrow();
  });

  test('is rejected in place of one of Managed Instances', () => {
    const wrong = { autoScalingGroup: {}, capacityProviderName: 'group' } as unknown as ecs.ManagedInstancesCapacityProvider;

    expect(() => DaemonCapacityProvider.fromManagedInstances(wrong)).toThrow('a capacity provider of a daemon must be one of Managed Instances');
    expect(() => DaemonCapacityProvider.fromManagedInstances('group' as unknown as ecs.ManagedInstancesCapacityProvider)).toThrow(/got: the string "group"/);
  });
});

describe('a task definition', () => {
  test.each<[string, DaemonTaskDefinitionProps]>([
    ['taskRole', { taskRole: 'agent' as unknown as iam.IRole }], ['executionRole', { executionRole: 'agent' as unknown as iam.IRole }],
  ])('rejects a string for %s', (property, props) => {
    expect(() => new DaemonTaskDefinition(stack, 'Task', props)).toThrow(`[Stack/Task] ${property} must be an iam.Role, got: the string "agent"`);
  });

  test('rejects more than 64 KiB, as ECS does', () => {
    const task = stack.addTaskDefinition('Task');
    task.addContainer('large', { image, memoryLimitMiB: 64, environment: { CONFIG: 'x'.repeat(65536) } });

    expect(() => Template.fromStack(stack)).toThrow(/\[Stack\/Task\] a daemon task definition must have at most 65536 bytes as JSON, got: 65\d+, of which the container "large" has/);
  });

  test.each<[string, (scope: Stack) => secretsmanager.ISecret, number]>([
    ['its name', (scope) => secretsmanager.Secret.fromSecretNameV2(scope, 'Imported', 'agent/key'), 1],
    ['a partial ARN', (scope) => secretsmanager.Secret.fromSecretPartialArn(scope, 'Imported', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:key'), 1],
    ['its ARN', (scope) => secretsmanager.Secret.fromSecretCompleteArn(scope, 'Imported', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-AbCdEf'), 0],
    ['a reference', (scope) => new secretsmanager.Secret(scope, 'Secret'), 0],
  ])('warns of a secret that is imported by %s if ECS would not find it', (_, secret, warnings) => {
    new DaemonTaskDefinition(stack, 'Task').addContainer('agent', {
      image, memoryLimitMiB: 64, secrets: { KEY: ecs.Secret.fromSecretsManager(secret(stack), 'field') },
    });

    expect(Annotations.fromStack(stack).findWarning('/Stack/Task/agent', Match.stringLikeRegexp('fromSecretCompleteArn'))).toHaveLength(warnings);
  });
});

describe('a container', () => {
  const add = (options: Partial<DaemonContainerDefinitionOptions>): unknown =>
    new DaemonTaskDefinition(stack, 'Task').addContainer('agent', { image, memoryLimitMiB: 64, ...options });
  const secret = (secretArn: string): ecs.Secret => ({ arn: secretArn, grantRead: () => undefined }) as unknown as ecs.Secret;

  test('rejects a secret with an ARN of another service', () => {
    expect(() => add({ secrets: { KEY: secret('arn:aws:s3:::secrets/key') } })).toThrow(
      'the secret "KEY" must be the ARN of a secret of Secrets Manager, arn:aws:secretsmanager:<Region>:<account>:secret:<name>, or that of a parameter'
      + ' of Systems Manager, arn:aws:ssm:<Region>:<account>:parameter/<name>, got: "arn:aws:s3:::secrets/key"');
  });

  test('rejects a log option with an ARN of another service', () => {
    const logging = ecs.LogDrivers.splunk({ url: 'https://splunk', secretToken: secret('arn:aws:kms:eu-west-1:111122223333:key/a') });
    expect(() => add({ logging })).toThrow('the log option "splunk-token" must be the ARN of a secret');
  });

  test('rejects credentials of an image with the ARN of a parameter', () => {
    const credentials = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:ssm:eu-west-1:111122223333:parameter/registry-AbCdEf');
    expect(() => add({ image: ecs.ContainerImage.fromRegistry('example.com/agent:1', { credentials }) })).toThrow(
      'the credentials of the image must be the ARN of a secret of Secrets Manager');
  });

  test.each([
    'arn:aws:secretsmanager:us-east-1:444455556666:secret:team/key-AbCdEf:field::', 'arn:aws:ssm:us-east-1:444455556666:parameter/team/key', 'key',
    'arn:aws-cn:secretsmanager:cn-north-1:444455556666:secret:key-AbCdEf',
  ])('accepts %s', (secretArn) => {
    expect(() => add({ secrets: { KEY: secret(secretArn) } })).not.toThrow();
  });
});

test.each([
  ['agent', 1], ['agent:latest', 1], ['agent:stable', 1], ['agent:nightly-alpine', 1], ['agent:main', 1], ['agent:master', 1], ['agent:edge', 1],
  ['agent:3.x', 1], ['agent:v3.x-alpine', 1], ['agent:alpine-latest', 1], ['agent:prod', 1], ['agent:slim', 1], ['agent:1.x.y', 1], ['agent:release-arm64', 1], ['localhost:5000/agent', 1],
  ['agent:3.4.17', 0], ['agent:1.300', 0], ['agent:main-3f2a9c1', 0], ['agent:nightly-20260101', 0], ['agent:latest@sha256:0123', 0],
])('the image %s causes %i warnings of a mutable tag', (name, warnings) => {
  const daemonTaskDefinition = new DaemonTaskDefinition(stack, 'Task');
  daemonTaskDefinition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(name), memoryLimitMiB: 64 });
  const daemon = stack.addDaemon('Daemon', { daemonTaskDefinition });

  expect(daemon.node.metadata.filter(({ data }) => String(data).includes('mutableImageTag'))).toHaveLength(warnings);
});
