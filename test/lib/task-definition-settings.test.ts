import { App, aws_ecs as ecs, aws_iam as iam, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  DaemonIpcMode, DaemonPidMode, DaemonTaskDefinition, DaemonTaskDefinitionGrants, DaemonVolume,
  type DaemonContainerDefinitionOptions, type DaemonTaskDefinitionProps,
} from '../../lib';
import { image } from './stack-with-daemon';

const type = 'AWS::ECS::DaemonTaskDefinition';
let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
});

function addTaskDefinition(
  props: DaemonTaskDefinitionProps = {}, ...containers: Partial<DaemonContainerDefinitionOptions>[]
): DaemonTaskDefinition {
  const taskDefinition = new DaemonTaskDefinition(stack, 'Agent', props);
  containers.forEach((options, index) => taskDefinition.addContainer(`c${index + 1}`, { image, memoryLimitMiB: 64, ...options }));
  return taskDefinition;
}

const numberedTags = (count: number): { [key: string]: string } =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 'value']));

describe('the namespaces of a task definition', () => {
  test.each([
    [{}, { PidMode: Match.absent(), IpcMode: Match.absent() }],
    [{ pidMode: DaemonPidMode.SHARED }, { PidMode: 'shared', IpcMode: Match.absent() }],
    [{ pidMode: DaemonPidMode.NONE, ipcMode: DaemonIpcMode.SHARED }, { PidMode: Match.absent(), IpcMode: 'shared' }],
  ])('are rendered from %j', (props, rendered) => {
    addTaskDefinition(props, {});

    Template.fromStack(stack).hasResourceProperties(type, rendered);
  });
});

describe('the volumes of a task definition', () => {
  test('are those of the properties and added ones, of the instance and of log files', () => {
    addTaskDefinition({ volumes: [DaemonVolume.host('proc', '/proc')] }, {})
      .addVolume(DaemonVolume.logFiles('logs'));

    Template.fromStack(stack).hasResourceProperties(type, {
      Volumes: [
        { Name: 'logs', Host: Match.absent(), LogDriverVolumeConfiguration: { Driver: 'json-file' } },
        { Name: 'proc', Host: { SourcePath: '/proc' }, LogDriverVolumeConfiguration: Match.absent() },
      ],
    });
  });

  test('fail for a path on the instance that is not absolute (R47)', () => {
    const message = 'the host path of the volume "data" must be an absolute path, got: "proc"';
    const volume = DaemonVolume.host('data', 'proc');

    expect(() => addTaskDefinition().addVolume(volume)).toThrow(new Error(`[Stack/Agent] ${message}`));
    expect(() => new DaemonTaskDefinition(stack, 'Other', { volumes: [volume] })).toThrow(new Error(`[Stack/Other] ${message}`));
  });

  test('fail for a name that ECS rejects', () => {
    expect(() => addTaskDefinition().addVolume(DaemonVolume.host('my data'))).toThrow(
      new Error('[Stack/Agent] the name of a volume must have 1 to 255 letters, digits, hyphens and underscores, got: "my data"'));
  });
});

describe('the tags of a task definition', () => {
  test('are those of the property and of Tags.of()', () => {
    addTaskDefinition({ tags: { team: 'platform' } }, {});
    Tags.of(stack).add('stage', 'production');

    Template.fromStack(stack).hasResourceProperties(type, {
      Tags: [{ Key: 'stage', Value: 'production' }, { Key: 'team', Value: 'platform' }],
    });
  });

  test.each<[string, { [key: string]: string }, string]>([
    ['too many', numberedTags(51), 'a daemon task definition can have at most 50 tags, got: 51'],
    ['a reserved key', { 'aws:team': 'x' }, 'the key of a tag must not begin with "aws:", which is reserved, got: "aws:team"'],
    ['a long key', { ['k'.repeat(129)]: 'x' }, `the key of a tag must have 1 to 128 characters, got: 129 characters in "${'k'.repeat(129)}"`],
    ['a long value', { team: 'v'.repeat(257) }, 'the value of a tag must have at most 256 characters, got: 257 characters in the value of "team"'],
    ['a character in a key', { 'a<b': 'x' }, 'a tag must consist of letters, digits, spaces and + - = . _ : / @, got: "<" in the tag "a<b"'],
    ['a character in a value', { team: 'größe, 😀' }, 'a tag must consist of letters, digits, spaces and + - = . _ : / @, got: "," in the tag "team"'],
  ])('fail at synth for %s', (_, tags, message) => {
    expect(addTaskDefinition({ tags }, {}).node.validate()).toEqual([message]);
  });

  test('can have the maximum number and length of ECS', () => {
    expect(addTaskDefinition({ tags: { ...numberedTags(49), ['k'.repeat(128)]: 'v'.repeat(256) } }, {}).node.validate()).toEqual([]);
  });
});

describe('synth of a task definition', () => {
  const router = { firelensConfig: { type: ecs.FirelensLogRouterType.FLUENTBIT } };
  const firelens = { logging: ecs.LogDrivers.firelens({}) };
  const foreignAwslogs = { logging: new ecs.GenericLogDriver({ logDriver: 'awslogs', options: {} }) };

  test.each<[string, DaemonTaskDefinitionProps, Partial<DaemonContainerDefinitionOptions>[], string]>([
    ['if the limits of the containers exceed the memory', { memoryMiB: 127 }, [{}, {}],
      'the containers must not reserve more memory than the 127 MiB of the task definition, got: 128 MiB'],
    ['if the reservations of the containers exceed the memory', { memoryMiB: 63 }, [{ memoryReservationMiB: 32 }, { memoryReservationMiB: 32 }],
      'the containers must not reserve more memory than the 63 MiB of the task definition, got: 64 MiB'],
    ['if the limit of one container exceeds the memory', { memoryMiB: 63 }, [{ memoryReservationMiB: 32 }],
      'memoryLimitMiB of container "c1" must not exceed the 63 MiB of the task definition, got: 64 MiB'],
    ['if two containers listen on the same port', {}, [{ listeningPorts: [{ port: 80 }] }, { listeningPorts: [{ port: 80 }] }],
      'each port can be listened on by one container, got: 80/tcp of "c1", "c2"'],
    ['if awsfirelens has no log router', {}, [firelens],
      'one container must be the log router (firelensConfig) of those that log with awsfirelens, got: none for "c1"'],
    ['if there are two log routers', {}, [firelens, router, router], 'at most one container can be the log router, got: "c2", "c3"'],
    ['if awslogs has no execution role', {}, [foreignAwslogs],
      'there must be an executionRole to write the logs of awslogs, got: none for "c1" (use obtainExecutionRole)'],
  ])('%s', (_, props, containers, message) => {
    expect(addTaskDefinition(props, ...containers).node.validate()).toEqual([message]);
  });

  test.each<[string, DaemonTaskDefinitionProps, Partial<DaemonContainerDefinitionOptions>[]]>([
    ['the limits are exactly the memory', { memoryMiB: 128 }, [{}, {}]],
    ['the reservations are exactly the memory', { memoryMiB: 64 }, [{ memoryReservationMiB: 32 }, { memoryReservationMiB: 32 }]],
    ['the memory is known only at deployment', { memoryMiB: Lazy.number({ produce: () => 1 }) }, [{}, {}]],
    ['the memory of a container is known only at deployment', { memoryMiB: 64 }, [{ memoryLimitMiB: Lazy.number({ produce: () => 1 }) }, {}]],
    ['two containers listen with different protocols', {}, [
      { listeningPorts: [{ port: 8125 }] }, { listeningPorts: [{ port: 8125, protocol: ecs.Protocol.UDP }] },
    ]],
    ['awsfirelens has its log router', {}, [firelens, router]],
  ])('succeeds if %s', (_, props, containers) => {
    expect(addTaskDefinition(props, ...containers).node.validate()).toEqual([]);
  });

  test('succeeds if the execution role is added later', () => {
    const taskDefinition = addTaskDefinition({}, foreignAwslogs);
    taskDefinition.obtainExecutionRole();

    expect(taskDefinition.node.validate()).toEqual([]);
  });
});

describe('a warning', () => {
  const socket = DaemonVolume.host('socket', '/var/run/containerd/containerd.sock');
  const mount = (readOnly: boolean): ecs.MountPoint => ({ containerPath: '/containerd.sock', sourceVolume: 'socket', readOnly });
  const message = 'container "c1" can replace the socket /var/run/containerd/containerd.sock of the instance; mount it with readOnly true'
    + ' [ack: cdk-ecs-managed-daemons:writableSocket]';

  test('is given for a socket that a container can write, whichever comes last', () => {
    const [first, second, third] = ['First', 'Second', 'Third'].map((id) => new DaemonTaskDefinition(stack, id));
    first.addVolume(socket);
    first.addContainer('c1', { image, memoryLimitMiB: 64, mountPoints: [mount(false)] });
    second.addContainer('c1', { image, memoryLimitMiB: 64, mountPoints: [mount(false)] });
    second.addVolume(socket);
    third.addVolume(socket);
    third.addContainer('c1', { image, memoryLimitMiB: 64 }).addMountPoints(mount(false));

    ['First', 'Second', 'Third'].forEach((id) => Annotations.fromStack(stack).hasWarning(`/Stack/${id}`, message));
  });

  test('is given once, however often synth checks', () => {
    const taskDefinition = addTaskDefinition({ volumes: [socket] }, { mountPoints: [mount(false)] }, {}, {});

    expect(taskDefinition.node.metadata.filter(({ data }) => data === message)).toHaveLength(1);
  });

  test('is not given for a read-only socket, nor for other files', () => {
    addTaskDefinition({ volumes: [socket, DaemonVolume.host('data', '/data')] },
      { mountPoints: [mount(true), { containerPath: '/data', sourceVolume: 'data', readOnly: false }] });

    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test.each([
    ['/var/run/docker.sock', 'Docker', 'the socket of containerd is /var/run/containerd/containerd.sock'],
    ['/run/docker.sock', 'Docker', 'the socket of containerd is /var/run/containerd/containerd.sock'],
    ['/var/run/docker/containerd/containerd.sock', 'Docker', 'the socket of containerd is /var/run/containerd/containerd.sock'],
    ['/var/lib/docker/', 'Docker', 'DaemonVolume.logFiles() is a volume of the log files of the other tasks'],
    ['/var/lib/docker/containers', 'Docker', 'DaemonVolume.logFiles() is a volume of the log files of the other tasks'],
    ['/var/log/ecs', 'the ECS-optimized AMIs', 'no log of the ECS agent is documented there'],
    ['/var/run/../run/docker.sock', 'Docker', 'the socket of containerd is /var/run/containerd/containerd.sock'],
    ['/var/./log//docker', 'Docker', 'DaemonVolume.logFiles() is a volume of the log files of the other tasks'],
    ['/usr/bin/docker', 'Docker', 'the socket of containerd is /var/run/containerd/containerd.sock'],
    ['/run/podman/podman.sock', 'Podman', 'the socket of containerd is /var/run/containerd/containerd.sock'],
    ['/var/log/pods', 'Kubernetes', 'DaemonVolume.logFiles() is a volume of the log files of the other tasks'],
    ['/var/lib/kubelet/pods', 'Kubernetes', 'the containers of a daemon read ${ECS_CONTAINER_METADATA_URI_V4}/tasks to know the tasks of the instance'],
    ['/cgroup/', 'the ECS-optimized AMIs', 'the control groups are at /sys/fs/cgroup'],
  ])('is given for the host path %s, with the alternative on Managed Instances', (sourcePath, owner, instead) => {
    const volume = DaemonVolume.host('host', sourcePath);
    const mountPoints = [{ sourceVolume: 'host', containerPath: '/host', readOnly: false }];
    new DaemonTaskDefinition(stack, 'First', { volumes: [volume] }).addContainer('c1', { image, memoryLimitMiB: 64, mountPoints });
    const second = new DaemonTaskDefinition(stack, 'Second');
    second.addContainer('c1', { image, memoryLimitMiB: 64, mountPoints });
    second.addVolume(volume);

    ['First', 'Second'].forEach((id) => expect(Annotations.fromStack(stack).findWarning(`/Stack/${id}`, Match.anyValue())).toMatchObject([{
      entry: {
        data: `the volume "host" mounts ${sourcePath}, a path of ${owner}, which Managed Instances do not have: ${instead}`
          + ' [ack: cdk-ecs-managed-daemons:foreignHostPath]',
      },
    }]));
  });

  test.each(['/', '/proc', '/sys/fs/cgroup', '/var/run/datadog', '/var/lib/dockerized', '/var/run/containerd/containerd.sock'])(
    'not for the host path %s', (sourcePath) => {
      addTaskDefinition({ volumes: [DaemonVolume.host('host', sourcePath)] }, {});

      Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    });

  test.each([[10, 0], [11, 1], [12, 1]])('is given for %i containers: %i (A20)', (count, warnings) => {
    addTaskDefinition({}, ...Array(count).fill({}));

    expect(Annotations.fromStack(stack).findWarning('/Stack/Agent', Match.stringLikeRegexp('ECS accepts 10 containers'))).toHaveLength(warnings);
  });
});

describe('a grant', () => {
  const statement = (resource: unknown): object => ({
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'ecs:DescribeDaemonTaskDefinition', Resource: resource }] },
  });

  test('includes the permission to read a revision of the app', () => {
    addTaskDefinition({}, {}).grants.describe(new iam.User(stack, 'User'));

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', statement({ 'Fn::GetAtt': [Match.anyValue(), 'DaemonTaskDefinitionArn'] }));
  });

  test('includes the permission to read an imported one, and an L1', () => {
    const arn = 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:7';
    DaemonTaskDefinition.fromDaemonTaskDefinitionArn(stack, 'Imported', arn).grants.describe(new iam.User(stack, 'User'));
    const plain = new ecs.CfnDaemonTaskDefinition(stack, 'Plain');
    DaemonTaskDefinitionGrants.fromDaemonTaskDefinition(plain).describe(new iam.User(stack, 'Other'));

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', statement(arn));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', statement({ Ref: 'Plain' }));
  });
});

test('the L1 of a task definition is the default child, so that it can be overridden', () => {
  const resource = addTaskDefinition({}, {}).node.defaultChild as ecs.CfnDaemonTaskDefinition;
  resource.addPropertyOverride('PidMode', 'shared');

  Template.fromStack(stack).hasResourceProperties(type, { PidMode: 'shared' });
});

test('a task definition is distinguished from other constructs', () => {
  expect(DaemonTaskDefinition.isDaemonTaskDefinition(addTaskDefinition({}, {}))).toBe(true);
  expect(DaemonTaskDefinition.isDaemonTaskDefinition(stack)).toBe(false);
});
