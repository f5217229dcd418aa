import { App, aws_ecr as ecr, aws_ecs as ecs, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, type DaemonListeningPort, type ManagedDaemonProps } from '../../lib';
import { image, StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

const problems = (): string[] => [stack, ...stack.node.findAll()].flatMap((construct) => construct.node.validate())
  .filter((problem, index, all) => all.indexOf(problem) === index);

describe('two daemons that listen on the same port of the same instances (R50)', () => {
  function addListener(id: string, listeningPorts: DaemonListeningPort[], props: Partial<ManagedDaemonProps> = {}): void {
    const daemonTaskDefinition = stack.addTaskDefinition(`${id}TaskDefinition`);
    daemonTaskDefinition.addContainer('listener', { image, memoryLimitMiB: 64, listeningPorts });
    stack.addDaemon(id, { daemonTaskDefinition, ...props });
  }
  const other = (): DaemonCapacityProvider =>
    DaemonCapacityProvider.fromCapacityProviderArn('arn:aws:ecs:eu-west-1:111122223333:capacity-provider/other');

  test('fail at synth', () => {
    addListener('First', [{ port: 4317 }, { port: 4318 }]);
    addListener('Second', [{ port: 4318 }]);

    expect(problems()).toEqual([
      'each port can be listened on by one daemon of a capacity provider, got: 4318/tcp of "Stack/First", "Stack/Second" on "Stack/Instances"',
    ]);
    expect(() => Template.fromStack(stack)).toThrow(/4318\/tcp of "Stack\/First", "Stack\/Second"/);
  });

  test('fail for any form of the capacity provider, and for one of several', () => {
    const same = DaemonCapacityProvider.fromCapacityProvider(stack.instances.node.defaultChild as ecs.CfnCapacityProvider);
    addListener('First', [{ port: 80 }]);
    addListener('Second', [{ port: 80 }], { capacityProviders: [other(), same] });

    expect(problems()).toEqual([expect.stringContaining('80/tcp of "Stack/First", "Stack/Second"')]);
  });

  test('fail if it is named by name and by ARN', () => {
    addListener('First', [{ port: 80 }], { capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(stack, 'other')] });
    addListener('Second', [{ port: 80 }], { capacityProviders: [other()] });

    expect(problems()).toEqual([expect.stringContaining('80/tcp of "Stack/First", "Stack/Second"')]);
  });

  test('fail if they have the same task definition with a port', () => {
    const daemonTaskDefinition = stack.addTaskDefinition();
    daemonTaskDefinition.addContainer('listener', { image, memoryLimitMiB: 64, listeningPorts: [{ port: 80 }] });
    stack.addDaemon('First', { daemonTaskDefinition });
    stack.addDaemon('Second', { daemonTaskDefinition });

    expect(problems()).toEqual([expect.stringContaining('80/tcp of "Stack/First", "Stack/Second"')]);
  });

  test('fail if a port is added after the daemon', () => {
    const daemonTaskDefinition = stack.addTaskDefinition();
    addListener('First', [{ port: 80 }]);
    stack.addDaemon('Second', { daemonTaskDefinition });
    daemonTaskDefinition.addContainer('listener', { image, memoryLimitMiB: 64 }).addListeningPorts({ port: 80 });

    expect(problems()).toEqual([expect.stringContaining('80/tcp of "Stack/First", "Stack/Second"')]);
  });

  test.each<[string, () => void]>([
    ['on different ports', () => addListener('Second', [{ port: 81 }])],
    ['with different protocols', () => addListener('Second', [{ port: 80, protocol: ecs.Protocol.UDP }])],
    ['on different capacity providers', () => addListener('Second', [{ port: 80 }], { capacityProviders: [other()] })],
    ['without saying on what', () => addListener('Second', [])],
  ])('succeed if they listen %s', (_, addSecond) => {
    addListener('First', [{ port: 80 }]);
    addSecond();

    expect(problems()).toEqual([]);
  });
});

describe('the warning of an image with a mutable tag', () => {
  const warning = (name: string): string => `the image "${name}" can change without a change of the template, and no rollout would follow`
    + '; name a version or a digest, or set rolloutToken [ack: cdk-ecs-managed-daemons:mutableImageTag]';
  const addWithImage = (name: string, props: Partial<ManagedDaemonProps> = {}): void => {
    const daemonTaskDefinition = stack.addTaskDefinition();
    stack.addDaemon('Daemon', { daemonTaskDefinition, ...props });
    daemonTaskDefinition.addContainer('other', { image: ecs.ContainerImage.fromRegistry(name), memoryLimitMiB: 64 });
  };

  test.each(['agent', 'agent:latest', 'registry:5000/agent', 'public.ecr.aws/datadog/agent:latest'])('is given for %s', (name) => {
    addWithImage(name);

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', warning(name));
  });

  test.each([
    'agent:1', 'registry:5000/agent:1.2.3', `agent@sha256:${'0'.repeat(64)}`, `agent:latest@sha256:${'0'.repeat(64)}`,
  ])('is not given for %s', (name) => {
    addWithImage(name);

    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('is not given with a rolloutToken, which can be changed to roll it out', () => {
    addWithImage('agent:latest', { rolloutToken: '1' });

    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test.each([['latest', 1], ['1.0', 0]])('is given for ECR by its tag %s: %i', (tag, count) => {
    const daemonTaskDefinition = stack.addTaskDefinition();
    daemonTaskDefinition.addContainer('other', {
      image: ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Repository', 'agent'), tag), memoryLimitMiB: 64,
    });
    stack.addDaemon('Daemon', { daemonTaskDefinition });

    expect(Annotations.fromStack(stack).findWarning('/Stack/Daemon', Match.stringLikeRegexp('can change without a change'))).toHaveLength(count);
  });
});

describe('a capacity provider and the cluster of the daemon', () => {
  const message = (cluster: string): string =>
    `the capacity provider "Stack/Instances" must belong to the cluster "${cluster}" of the daemon, got: "Stack/Cluster"`;

  test('fail at synth for another cluster of the app, an L1 too', () => {
    stack.addDaemon('First', { cluster: new ecs.Cluster(stack, 'Other', { vpc: stack.cluster.vpc }) });
    stack.addDaemon('Second', { cluster: new ecs.CfnCluster(stack, 'Plain') });

    expect(problems()).toEqual([message('Stack/Other'), message('Stack/Plain')]);
  });

  test('succeed for the same cluster by another name', () => {
    stack.addDaemon('Daemon', { cluster: stack.cluster.node.defaultChild as ecs.CfnCluster });

    expect(problems()).toEqual([]);
  });

  test('succeed for an imported cluster, which may be the same', () => {
    stack.addDaemon('Daemon', { cluster: ecs.Cluster.fromClusterArn(stack, 'Imported', 'arn:aws:ecs:eu-west-1:111122223333:cluster/agents') });

    expect(problems()).toEqual([]);
  });
});

test('daemons of different stacks are not compared', () => {
  const app = new App();
  const stacks = ['One', 'Two'].map((id) => new StackWithDaemon(app, id));
  for (const each of stacks) {
    const daemonTaskDefinition = each.addTaskDefinition();
    daemonTaskDefinition.addContainer('listener', { image, memoryLimitMiB: 64, listeningPorts: [{ port: 80 }] });
    each.addDaemon('Daemon', { daemonTaskDefinition });
  }

  expect(stacks.flatMap((each: Stack) => each.node.validate())).toEqual([]);
});

describe('two daemons of one name', () => {
  const clusterArn = 'arn:aws:ecs:eu-west-1:111122223333:cluster/apps';
  const env = { account: '111122223333', region: 'eu-west-1' };

  test('fail synth in one stack with the paths of both', () => {
    stack.addDaemon('First', { daemonName: 'agent' });
    stack.addDaemon('Second', { daemonName: 'agent' });

    expect(() => Template.fromStack(stack)).toThrow(
      'each daemon of a cluster must have a name of its own, got: "agent" of "Stack/First", "Stack/Second"; change the daemonName of one, or leave it out',
    );
  });

  test('fail synth in two stacks of an app, be the cluster of one of them or imported by its ARN', () => {
    const other = new StackWithDaemon(stack.node.root as App, 'Other');
    stack.addDaemon('First', { daemonName: 'agent' });
    other.addDaemon('Second', { daemonName: 'agent', cluster: stack.cluster });

    expect(stack.node.root.node.validate()).toEqual([expect.stringContaining('got: "agent" of "Stack/First", "Other/Second"')]);
  });

  test.each([[clusterArn, 1], [`${clusterArn}-two`, 0]])('are compared by the ARN of an imported cluster: %s', (arn, found) => {
    const app = new App();
    for (const [id, imported] of [['One', clusterArn], ['Two', arn]] as const) {
      const one = new StackWithDaemon(app, id, { env });
      one.addDaemon('Daemon', { daemonName: 'agent', cluster: ecs.Cluster.fromClusterArn(one, 'Imported', imported) });
    }

    expect(app.node.validate()).toHaveLength(found);
  });

  test('fail synth in one stack that imports the cluster by its name and by its ARN', () => {
    const { vpc } = stack.cluster;
    const byName = ecs.Cluster.fromClusterAttributes(stack, 'ByName', { clusterName: 'apps', vpc });
    stack.addDaemon('First', { daemonName: 'agent', cluster: byName });
    stack.addDaemon('Second', { daemonName: 'agent', cluster: ecs.Cluster.fromClusterArn(stack, 'ByArn', clusterArn) });

    expect(stack.node.root.node.validate()).toEqual([expect.stringContaining('got: "agent" of "Stack/First", "Stack/Second"')]);
  });

  test('fail synth in two stacks of one environment that import the cluster by its name and by its ARN', () => {
    const app = new App();
    const [one, two] = ['One', 'Two'].map((id) => new StackWithDaemon(app, id, { env })) as [StackWithDaemon, StackWithDaemon];
    const { vpc } = one.cluster;
    one.addDaemon('Daemon', { daemonName: 'agent', cluster: ecs.Cluster.fromClusterAttributes(one, 'Imported', { clusterName: 'apps', vpc }) });
    two.addDaemon('Daemon', { daemonName: 'agent', cluster: ecs.Cluster.fromClusterArn(two, 'Imported', clusterArn) });

    expect(app.node.validate()).toEqual([expect.stringContaining('got: "agent" of "One/Daemon", "Two/Daemon"')]);
  });

  test('are allowed if the stacks may be deployed to different accounts', () => {
    const app = new App();
    for (const id of ['Test', 'Prod']) {
      const one = new StackWithDaemon(app, id);
      const { vpc } = one.cluster;
      one.addDaemon('Daemon', {
        daemonName: 'agent', cluster: ecs.Cluster.fromClusterAttributes(one, 'Imported', { clusterName: 'apps', vpc }),
      });
    }

    expect(app.node.validate()).toEqual([]);
  });
});
