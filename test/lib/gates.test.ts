import { App, aws_ecs as ecs, CfnResource, Duration, Lazy, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, type ManagedDaemonProps } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';
import { TemplateOrder, type OrderedTemplate } from './template-order';

const daemonType = 'Custom::ECSManagedDaemon';
const gateType = 'Custom::ECSManagedDaemonGate';
const deletionGateType = 'Custom::ECSManagedDaemonDeletionGate';
const mostBytes = 700;

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

type Resource = OrderedTemplate['Resources'][string] & { readonly Properties: Record<string, unknown>; readonly DeletionPolicy?: string };

const template = (of: Stack = stack): { readonly Resources: Record<string, Resource> } => Template.fromStack(of).toJSON() as never;
const order = (): TemplateOrder => new TemplateOrder(template());
/** The ids of the resources of a type that a daemon has, by the number of the gate. */
const idsOf = (type: string, of = 'Daemon'): string[] => Object.entries(template().Resources)
  .filter(([id, { Type }]) => Type === type && id.startsWith(of))
  .sort(([, one], [, other]) => Number(one.Properties.GateNumber) - Number(other.Properties.GateNumber)).map(([id]) => id);
const propertiesOf = (id: string): Record<string, unknown> => template().Resources[id].Properties;
const onCapacityProvider = (name: string): Partial<ManagedDaemonProps> => ({
  capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(stack, name)],
});
const addService = (): ecs.FargateService => {
  const taskDefinition = new ecs.TaskDefinition(stack, 'Application', {
    compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '256', memoryMiB: '512', networkMode: ecs.NetworkMode.AWS_VPC,
  });
  taskDefinition.addContainer('app', { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/nginx:1.29') });
  return new ecs.FargateService(stack, 'Service', {
    cluster: stack.cluster,
    taskDefinition,
    capacityProviderStrategies: [{ capacityProvider: stack.instances.capacityProviderName, weight: 1 }],
  });
};

describe('a timeout', () => {
  test.each([
    [1, 0], [55, 0], [56, 1], [110, 1], [111, 2], [240, 4], [2160, 39],
  ])('of %i minutes needs %i gates', (minutes, gates) => {
    stack.addDaemon('Daemon', { timeout: Duration.minutes(minutes) });

    expect(idsOf(gateType)).toHaveLength(gates);
    expect(propertiesOf(idsOf(daemonType)[0])).toMatchObject({ TimeoutInMinutes: minutes });
  });

  test.each<[string, Partial<ManagedDaemonProps>, number]>([
    ['four batches', {}, 55],
    ['five batches', { drainPercent: 20 }, 55],
    ['six batches', { drainPercent: 19 }, 60],
    ['a hundred batches', { drainPercent: 1 }, 1000],
    ['four batches and bakes that fit', { bakeTime: Duration.minutes(3) }, 55],
    ['four batches, and a bake after each (A11)', { bakeTime: Duration.minutes(4) }, 56],
    ['ten batches, and a bake after each (A11)', { drainPercent: 10, bakeTime: Duration.hours(1) }, 700],
    ['more than any timeout', { bakeTime: Duration.hours(24) }, 2160],
    ['what is known only at deployment', { drainPercent: Lazy.number({ produce: () => 10 }) }, 55],
  ])('has a default that the settings need: for %s', (_, props, minutes) => {
    stack.addDaemon('Daemon', props);

    expect(propertiesOf(idsOf(daemonType)[0])).toMatchObject({ TimeoutInMinutes: minutes });
  });

  test.each<[string, Partial<ManagedDaemonProps>, number]>([
    ['for five batches', { drainPercent: 20 }, 0],
    ['for six', { drainPercent: 19 }, 1],
    ['for twenty', { drainPercent: 5 }, 3],
    ['for a hundred', { drainPercent: 1 }, 18],
    ['for four, however long a rollout may take', { timeout: Duration.hours(36) }, 0],
    ['for four, however long they bake: a deletion does not', { bakeTime: Duration.hours(24) }, 0],
    ['for ten, however short a rollout may take', { drainPercent: 10, timeout: Duration.minutes(55) }, 1],
    ['for as many as only the deployment knows, as the timeout says', { drainPercent: Lazy.number({ produce: () => 10 }), timeout: Duration.hours(4) }, 4],
  ])('of a deletion needs gates by the number of its batches: %s', (_, props, gates) => {
    stack.addDaemon('Daemon', props);

    expect(idsOf(deletionGateType)).toHaveLength(gates);
  });

  test('of a deletion is a property of the daemon, and omitted if one answer is enough', () => {
    stack.addDaemon('Daemon', { drainPercent: 5 });
    stack.addDaemon('Short', { drainPercent: 20, ...onCapacityProvider('other') });

    expect(propertiesOf(idsOf(daemonType)[0])).toMatchObject({ DeletionTimeoutInMinutes: 200 });
    expect(propertiesOf(idsOf(daemonType, 'Short')[0])).not.toHaveProperty('DeletionTimeoutInMinutes');
  });

  test('within one answer adds only its number to the template', () => {
    stack.addDaemon();
    const other = new StackWithDaemon();
    other.addDaemon('Daemon', { timeout: Duration.minutes(54) });

    expect(JSON.parse(JSON.stringify(template(other)).replace('"TimeoutInMinutes":54', '"TimeoutInMinutes":55'))).toEqual(template());
  });
});

describe('the gates of a daemon', () => {
  const lastGate = (of = 'Daemon'): string => idsOf(gateType, of).at(-1)!;

  test('depend on each other, the first on the daemon', () => {
    stack.addDaemon('Daemon', { timeout: Duration.hours(3) });
    const [daemon] = idsOf(daemonType);
    const gates = idsOf(gateType);

    expect(gates.map(propertiesOf)).toEqual([daemon, ...gates.slice(0, -1)].map((previous, index) => ({
      ServiceToken: { 'Fn::GetAtt': ['ManagedDaemonProviderDispatcher80D9A1E6', 'Arn'] },
      ServiceTimeout: 3600,
      DaemonArn: { 'Fn::GetAtt': [previous, 'DaemonArn'] },
      RolloutArn: { 'Fn::GetAtt': [previous, 'RolloutArn'] },
      GateNumber: index + 1,
      GateCount: 3,
    })));
    expect(gates.map((id) => template().Resources[id].DependsOn)).toEqual([undefined, undefined, undefined]);
  });

  test('provide the attributes of the daemon with the last of them', () => {
    const { daemonArn, daemonRef, deploymentArn, rolloutArn, revisionArn } = stack.addDaemon('Daemon', { timeout: Duration.hours(2) });

    expect(stack.resolve([daemonArn, daemonRef.daemonArn, deploymentArn, rolloutArn, revisionArn])).toEqual(
      ['DaemonArn', 'DaemonArn', 'DeploymentArn', 'RolloutArn', 'RevisionArn'].map((name) => ({ 'Fn::GetAtt': [lastGate(), name] })));
  });

  test.each<[string, (daemon: ManagedDaemon, other: CfnResource) => void]>([
    ['a construct', (daemon, other) => other.node.addDependency(daemon)],
    ['a reference', (daemon, other) => other.addPropertyOverride('Daemon', daemon.daemonArn)],
  ])('delay resources that depend on the daemon: %s', (_, depend) => {
    const daemon = stack.addDaemon('Daemon', { timeout: Duration.hours(2) });
    const other = new CfnResource(stack, 'Other', { type: 'Test::Other' });
    depend(daemon, other);

    expect(order().outlives('Other')).toContain(lastGate());
  });

  test('delay services, and their verification', () => {
    const daemon = stack.addDaemon('Daemon', { timeout: Duration.hours(2) });
    daemon.verifyAfter(addService());
    const [service] = order().idsOf('AWS::ECS::Service');
    const [verification] = order().idsOf('Custom::ECSManagedDaemonVerification');

    expect(template().Resources[service].DependsOn).toContain(lastGate());
    expect(template().Resources[verification].Properties).toMatchObject({ RevisionArn: { 'Fn::GetAtt': [lastGate(), 'RevisionArn'] } });
  });

  test('delay the next daemon on the capacity provider, and its deletion gates', () => {
    stack.addDaemon('First', { timeout: Duration.hours(2) });
    stack.addDaemon('Daemon', { drainPercent: 5 });
    const [next] = idsOf(daemonType);

    expect(template().Resources[next].DependsOn).toContain(lastGate('First'));
    expect(template().Resources[idsOf(deletionGateType).at(-1)!].DependsOn).toContain(lastGate('First'));
  });

  test('delay a daemon that rolls out after it, on other instances', () => {
    const first = stack.addDaemon('First', { timeout: Duration.hours(2) });
    const next = stack.addDaemon('Daemon', { timeout: Duration.hours(2), ...onCapacityProvider('other') });
    next.rolloutAfter(first);

    expect(template().Resources[idsOf(daemonType)[0]].DependsOn).toContain(lastGate('First'));
    expect(idsOf(gateType).map((id) => template().Resources[id].DependsOn)).toEqual([undefined, undefined]);
  });

  test('delay even a daemon that depends only on the resource itself', () => {
    const first = stack.addDaemon('First', { timeout: Duration.hours(2) });
    const next = stack.addDaemon('Daemon');
    (next.node.defaultChild as CfnResource).addResourceDependency(first.node.defaultChild as CfnResource);

    expect(template().Resources[idsOf(daemonType)[0]].DependsOn).toEqual(expect.arrayContaining([lastGate('First'), idsOf(daemonType, 'First')[0]]));
  });

  test('are omitted from the message about daemons that wait for each other', () => {
    const first = stack.addDaemon('First', { timeout: Duration.hours(2) });
    const second = stack.addDaemon('Second', { timeout: Duration.hours(2) });
    first.rolloutAfter(second);
    new CfnResource(stack, 'Between', { type: 'Test::Between', properties: { Daemon: first.daemonArn } });
    second.node.addDependency(stack.node.findChild('Between'));

    expect(() => Template.fromStack(stack)).toThrow(
      'daemons must not wait for each other in a circle, got: "Stack/First" waits for "Stack/Second" waits for "Stack/Between" waits for "Stack/First"');
  });

  test('have no removal policy, since nothing of them can be retained', () => {
    stack.addDaemon('Daemon', { timeout: Duration.hours(2), removalPolicy: RemovalPolicy.RETAIN });

    Template.fromStack(stack).hasResource(gateType, { DeletionPolicy: Match.absent(), UpdateReplacePolicy: Match.absent() });
  });
});

describe('the deletion gates of a daemon', () => {
  test('precede it and each other, and have its ARN as their id', () => {
    stack.addDaemon('Daemon', { drainPercent: 5, daemonName: 'agent' });
    const [first, second, last] = idsOf(deletionGateType);

    expect(template().Resources[idsOf(daemonType)[0]].DependsOn).toContain(first);
    expect([first, second, last].map(propertiesOf)).toMatchObject([
      { GateNumber: 1, GateCount: 3, DaemonArn: { Ref: second } },
      { GateNumber: 2, GateCount: 3, DaemonArn: { Ref: last } },
      {
        GateNumber: 3,
        GateCount: 3,
        ServiceTimeout: 3600,
        DaemonArn: { 'Fn::Sub': 'arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:daemon/${ClusterEB0386A7}/agent' },
      },
    ]);
  });

  test('have the ARN of a daemon on a cluster of another stack too', () => {
    const user = new Stack(stack.node.root as App, 'User');
    new ManagedDaemon(user, 'Daemon', {
      cluster: stack.cluster,
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.instances)],
      daemonTaskDefinition: DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(user, 'TaskDefinition', {
        daemonTaskDefinitionArn: 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:7',
      }),
      drainPercent: 10,
      daemonName: 'agent',
    });

    const [gate] = Object.values(Template.fromStack(user).findResources(deletionGateType));
    expect(gate.Properties.DaemonArn['Fn::Join'][1]).toEqual(expect.arrayContaining([
      ':daemon/', { 'Fn::ImportValue': expect.stringContaining('Cluster') }, '/agent',
    ]));
  });

  test('are deleted before the cluster, capacity provider, roles, permissions and provider that the daemon needs', () => {
    stack.addDaemon('Daemon', { drainPercent: 5 });
    const all = order();
    const needed = ['AWS::ECS::Cluster', 'AWS::ECS::CapacityProvider', 'AWS::ECS::ClusterCapacityProviderAssociations', 'AWS::IAM::Role', 'AWS::IAM::Policy',
      'AWS::Lambda::Function', 'AWS::Lambda::Alias', 'AWS::Events::Rule', 'AWS::Lambda::Permission'].flatMap((type) => all.idsOf(type));
    const last = idsOf(deletionGateType).at(-1)!;

    expect(needed.length).toBeGreaterThan(12);
    expect(needed.filter((id) => all.outlives(idsOf(daemonType)[0]).has(id) && !all.outlives(last).has(id))).toEqual([]);
    expect(needed.filter((id) => id.startsWith('ManagedDaemonProvider') && !all.outlives(last).has(id))).toEqual([]);
  });

  test('are deleted before other dependencies of the daemon: by the user, by reference, of a nested stack', () => {
    const daemon = stack.addDaemon('Daemon', { drainPercent: 5 });
    const [direct, referred] = ['Direct', 'Referred'].map((id) => new CfnResource(stack, id, { type: 'Test::Needed' }));
    const nested = new NestedStack(stack, 'Nested');
    new CfnResource(nested, 'Inner', { type: 'Test::Needed' });
    (daemon.node.defaultChild as CfnResource).addResourceDependency(direct);
    (daemon.node.defaultChild as CfnResource).addPropertyOverride('Needed', referred.ref);
    (daemon.node.defaultChild as CfnResource).node.addDependency(nested);
    const needed = ['Direct', 'Referred', stack.getLogicalId(nested.nestedStackResource as CfnResource)];

    expect([...order().outlives(idsOf(deletionGateType).at(-1)!)]).toEqual(expect.arrayContaining(needed));
  });

  test.each<[string, (daemon: ManagedDaemon) => void]>([
    ['when the daemon is made', () => undefined],
    ['later', (daemon) => daemon.applyRemovalPolicy(RemovalPolicy.RETAIN)],
    ['on its resource', (daemon) => (daemon.node.defaultChild as CfnResource).applyRemovalPolicy(RemovalPolicy.RETAIN)],
  ])('have the removal policy of the daemon, stated %s', (when, state) => {
    const removalPolicy = when === 'when the daemon is made' ? RemovalPolicy.RETAIN : undefined;
    state(stack.addDaemon('Daemon', { drainPercent: 5, removalPolicy }));

    expect(idsOf(deletionGateType).map((id) => template().Resources[id])).toMatchObject(
      Array(3).fill({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }));
  });
});

describe('a stack with gates', () => {
  const fill = (): void => {
    const first = stack.addDaemon('First', { drainPercent: 5 });
    const second = stack.addDaemon('Second', { drainPercent: 10, bakeTime: Duration.minutes(30) });
    stack.addDaemon('Third', { drainPercent: 10 });
    second.verifyAfter(addService());
    first.rolloutAfter(stack.addDaemon('Zeroth', { drainPercent: 10 }));
  };

  test('has no circle', () => {
    fill();
    const all = order();

    expect(Object.keys(template().Resources).filter((id) => all.outlives(id).has(id))).toEqual([]);
  });

  test('keeps the provider until the last gate is deleted', () => {
    fill();
    const all = order();
    const provider = Object.keys(template().Resources).filter((id) => id.startsWith('ManagedDaemonProvider'));
    const gates = [...all.idsOf(gateType), ...all.idsOf(deletionGateType)];

    expect(gates.length).toBeGreaterThan(10);
    expect(gates.flatMap((gate) => provider.filter((id) => !all.outlives(gate).has(id)))).toEqual([]);
  });
});

test.each([
  ['whose place is known', { env: { account: '111122223333', region: 'eu-west-1' } }],
  ['whose place is known only at deployment', {}],
])(`a gate takes at most ${mostBytes} bytes of the template of a stack %s`, (_, props) => {
  stack = new StackWithDaemon(new App({ context: { 'aws:cdk:enable-path-metadata': true } }), 'Observability', props);
  stack.addDaemon('OtherAgent');
  stack.addDaemon('Agent', { drainPercent: 5, bakeTime: Duration.minutes(10), timeout: Duration.hours(36) });
  const gates = [...idsOf(gateType, 'Agent'), ...idsOf(deletionGateType, 'Agent')];
  const bytesOf = (ids: string[]): number =>
    Buffer.byteLength(JSON.stringify({ Resources: Object.fromEntries(ids.map((id) => [id, template().Resources[id]])) }, undefined, 1));
  const [all, none] = [bytesOf(gates), bytesOf([])];

  expect(gates).toHaveLength(39 + 3);
  expect((all - none) / gates.length).toBeLessThanOrEqual(mostBytes);
  expect(gates.filter((gate) => bytesOf([gate]) - none > mostBytes)).toEqual([]);
});
