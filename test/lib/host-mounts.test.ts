import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DaemonTaskDefinition, DaemonVolume, type DaemonContainerDefinition, type DaemonHostMount } from '../../lib';
import { image } from './stack-with-daemon';

let stack: Stack;
let taskDefinition: DaemonTaskDefinition;
let container: DaemonContainerDefinition;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
  taskDefinition = new DaemonTaskDefinition(stack, 'Agent');
  container = taskDefinition.addContainer('agent', { image, memoryLimitMiB: 64 });
});

const volumes = (): unknown => rendered().Volumes;
const mountPoints = (index = 0): unknown => rendered().ContainerDefinitions[index]!.MountPoints;
const rendered = (): { Volumes?: unknown; ContainerDefinitions: { MountPoints?: unknown }[] } =>
  Object.values(Template.fromStack(stack).findResources('AWS::ECS::DaemonTaskDefinition'))[0]!.Properties;

describe('addHostMount()', () => {
  test('mounts a path of the instance at the same path, read-only', () => {
    container.addHostMount({ hostPath: '/var/log/agent' });

    expect(volumes()).toEqual([{ Name: 'var-log-agent', Host: { SourcePath: '/var/log/agent' } }]);
    expect(mountPoints()).toEqual([{ SourceVolume: 'var-log-agent', ContainerPath: '/var/log/agent', ReadOnly: true }]);
  });

  test('mounts a path at another path, for writing', () => {
    container.addHostMount({ hostPath: '/', containerPath: '/rootfs', readOnly: false });

    expect(volumes()).toEqual([{ Name: 'root', Host: { SourcePath: '/' } }]);
    expect(mountPoints()).toEqual([{ SourceVolume: 'root', ContainerPath: '/rootfs', ReadOnly: false }]);
  });

  test('uses the volume that the task definition has at the path', () => {
    const second = taskDefinition.addContainer('second', { image, memoryLimitMiB: 64 });
    taskDefinition.addVolume(DaemonVolume.host('processes', '/proc'));
    container.addHostMount({ hostPath: '/proc' });
    second.addHostMount({ hostPath: '/proc', containerPath: '/host/proc' });

    expect(volumes()).toEqual([{ Name: 'processes', Host: { SourcePath: '/proc' } }]);
    expect(mountPoints(1)).toEqual([{ SourceVolume: 'processes', ContainerPath: '/host/proc', ReadOnly: true }]);
  });

  test('gives each path its own volume, even if the names would be equal', () => {
    for (const hostPath of ['/a/b', '/a-b', '/a.b']) container.addHostMount({ hostPath });

    expect(volumes()).toEqual([
      { Name: 'a-b', Host: { SourcePath: '/a/b' } },
      { Name: 'a-b-2', Host: { SourcePath: '/a-b' } },
      { Name: 'a-b-3', Host: { SourcePath: '/a.b' } },
    ]);
  });

  test.each<[string, DaemonHostMount, string]>([
    ['a relative path on the instance', { hostPath: 'proc' }, 'hostPath must be an absolute path, got: "proc"'],
    ['a relative path in the container', { hostPath: '/proc', containerPath: 'proc' }, 'containerPath of a mount point must be an absolute path, got: "proc"'],
    ['a number', { hostPath: 5 } as never, 'hostPath must be a string, got: 5'],
    ['nothing', undefined as never, 'the host mount must be an object, got: undefined'],
  ])('rejects %s, and adds no volume', (_, mount, message) => {
    expect(() => container.addHostMount(mount)).toThrow(`[Stack/Agent/agent] ${message}`);
    expect(volumes()).toBeUndefined();
  });

  test('rejects a path in the container that already has a volume', () => {
    container.addHostMount({ hostPath: '/proc' });

    expect(() => container.addHostMount({ hostPath: '/sys', containerPath: '/proc' })).toThrow('[Stack/Agent/agent]');
    expect(volumes()).toHaveLength(1);
  });
});
