import {
  App, aws_ecs as ecs, aws_iam as iam, CfnOutput, CfnResource, Duration, Fn, Lazy, NestedStack, Stack,
} from 'aws-cdk-lib';
import { Annotations, Match, Template, type Matcher } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, ManagedDaemon, type ManagedDaemonProps } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;
let services: number;

beforeEach(() => {
  stack = new StackWithDaemon();
  services = 0;
});

const resourceOf = (daemon: ManagedDaemon): CfnResource => daemon.node.defaultChild as CfnResource;

/** The ids of the daemons that each daemon waits for by a dependency of its own. */
const waitsFor = (of: Stack = stack): Record<string, string[]> => {
  const { Resources } = Template.fromStack(of).toJSON() as { Resources: Record<string, { DependsOn?: string[] }> };
  const daemons = of.node.findAll().filter((child) => child instanceof ManagedDaemon);
  const idOf = new Map(daemons.map((daemon) => [of.getLogicalId(resourceOf(daemon)), daemon.node.id]));
  return Object.fromEntries([...idOf].map(([logicalId, id]) => [
    id, (Resources[logicalId].DependsOn ?? []).filter((other) => idOf.has(other)).map((other) => idOf.get(other)!),
  ]));
};
const addDaemons = (...ids: string[]): ManagedDaemon[] => ids.map((id) => stack.addDaemon(id));
const arnOf = (name: string): string => `arn:aws:ecs:eu-west-1:111122223333:capacity-provider/${name}`;
const on = (...names: string[]): Partial<ManagedDaemonProps> => ({
  capacityProviders: names.map((name) => DaemonCapacityProvider.fromCapacityProviderArn(arnOf(name))),
});
const addService = (scope: Stack = stack): ecs.FargateService => {
  const taskDefinition = new ecs.TaskDefinition(scope, `ServiceTaskDefinition${++services}`, {
    compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '256', memoryMiB: '512', networkMode: ecs.NetworkMode.AWS_VPC,
  });
  taskDefinition.addContainer('app', { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/nginx:1.29') });
  return new ecs.FargateService(scope, `Service${services}`, {
    cluster: stack.cluster,
    taskDefinition,
    capacityProviderStrategies: [{ capacityProvider: stack.instances.capacityProviderName, weight: 1 }],
  });
};
const circle = (path: string): string => `[Stack] daemons must not wait for each other in a circle, got: ${path}`;

describe('daemons that share a capacity provider roll out one after the other', () => {
  test('have the order of definition', () => {
    addDaemons('C', 'A', 'B');

    expect(waitsFor()).toEqual({ C: [], A: ['C'], B: ['A'] });
  });

  test('follow the last one before them on each of their capacity providers', () => {
    stack.addDaemon('A', on('one'));
    stack.addDaemon('B', on('two'));
    stack.addDaemon('C', on('one', 'two', 'three'));
    stack.addDaemon('D', on('three', 'two'));
    stack.addDaemon('E', on('one'));

    expect(waitsFor()).toEqual({ A: [], B: [], C: ['A', 'B'], D: ['C'], E: ['C'] });
  });

  test('are found by name and by ARN of the capacity provider', () => {
    stack.addDaemon('A', { capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(stack, 'one')] });
    stack.addDaemon('B', on('one'));

    expect(waitsFor()).toEqual({ A: [], B: ['A'] });
  });

  test('do not delay others', () => {
    stack.addDaemon('A', on('one'));
    stack.addDaemon('B', on('two'));

    expect(waitsFor()).toEqual({ A: [], B: [] });
  });

  test('are found by any form of the capacity provider\'s name', () => {
    stack.addDaemon('A');
    stack.addDaemon('B', {
      capacityProviders: [DaemonCapacityProvider.fromCapacityProvider(stack.instances.node.defaultChild as ecs.CfnCapacityProvider)],
    });
    stack.addDaemon('C', { capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(Fn.importValue('provider'))] });
    stack.addDaemon('D', { capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(Fn.importValue('provider'))] });

    expect(waitsFor()).toEqual({ A: [], B: ['A'], C: [], D: ['C'] });
  });

  test('do not include resources of the same logical id in different stacks', () => {
    const app = new App();
    const [one, two] = ['One', 'Two'].map((id) => new StackWithDaemon(app, id));
    stack = new StackWithDaemon(app);
    for (const { node: { id }, instances, cluster } of [one, two]) {
      stack.addDaemon(id, { cluster, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)] });
    }

    expect(waitsFor()).toEqual({ One: [], Two: [] });
  });

  test('follow each other also if a template is rendered early', () => {
    const [a, b] = addDaemons('A', 'B');
    stack.resolve(resourceOf(b)._toCloudFormation());
    a.rolloutAfter(b);

    expect(waitsFor()).toEqual({ A: ['B'], B: [] });
  });

  test('follow each other in every synthesis of the app', () => {
    const [a, b] = addDaemons('A', 'B');
    (stack.node.root as App).synth();
    a.rolloutAfter(b);
    (stack.node.root as App).synth({ force: true });

    expect(waitsFor()).toEqual({ A: ['B'], B: [] });
  });

  test('have no dependency in the app', () => {
    const [, b] = addDaemons('A', 'B');
    waitsFor();

    expect(resourceOf(b).obtainDependencies().map(({ node }) => node.path)).toEqual(['Stack/ManagedDaemonProvider/WatchdogPermission']);
  });
});

describe('the stated order', () => {
  test.each<[string, (...daemons: ManagedDaemon[]) => void]>([
    ['by rolloutAfter()', (first, second) => first.rolloutAfter(second)],
    ['by a dependency of constructs', (first, second) => first.node.addDependency(second)],
    ['by a dependency of resources', (first, second) => resourceOf(first).addResourceDependency(resourceOf(second))],
  ])('%s', (_, state) => {
    const [a, b] = addDaemons('A', 'B', 'C');
    state(a, b);

    expect(waitsFor()).toEqual({ A: ['B'], B: [], C: ['A'] });
  });

  test.each<[string, (first: ManagedDaemon, second: ManagedDaemon) => void]>([
    ['a reference', (first, second) => resourceOf(first).addPropertyOverride('RolloutToken', second.deploymentArn)],
    ['a Ref', (first, second) => resourceOf(first).addPropertyOverride('RolloutToken', resourceOf(second).ref)],
    ['a resource that refers to it', (first, second) => {
      first.node.addDependency(new iam.CfnGroup(stack, 'Group', { groupName: Lazy.string({ produce: () => second.daemonArn }) }));
    }],
    ['a resource that depends on it', (first, second) => {
      const group = new iam.CfnGroup(stack, 'Group');
      group.node.addDependency(second);
      resourceOf(first).addPropertyOverride('RolloutToken', group.ref);
    }],
    ['a service', (first, second) => {
      const service = addService();
      second.startBefore(service);
      first.node.addDependency(service);
    }],
    ['a nested stack that depends on it', (first, second) => {
      const nested = new NestedStack(stack, 'Nested');
      new iam.CfnGroup(nested, 'Group');
      nested.node.addDependency(second);
      first.node.addDependency(nested);
    }],
    ['two resources of a nested stack', (first, second) => {
      const nested = new NestedStack(stack, 'Nested');
      new iam.CfnGroup(nested, 'Behind', { groupName: second.daemonArn });
      resourceOf(first).addPropertyOverride('RolloutToken', new iam.CfnGroup(nested, 'Before').ref);
    }],
  ])('takes precedence over %s', (_, state) => {
    const [a, b] = addDaemons('A', 'B', 'C');
    state(a, b);
    const waits = waitsFor();

    expect(waits.B).toEqual([]);
    expect(waits.C).toEqual(['A']);
  });

  test('applies to daemons without a common capacity provider', () => {
    const a = stack.addDaemon('A', on('one'));
    const b = stack.addDaemon('B', on('two'));
    a.rolloutAfter(b);

    expect(waitsFor()).toEqual({ A: ['B'], B: [] });
  });

  test('leaves the others in the order of definition', () => {
    const [a, , , d] = addDaemons('A', 'B', 'C', 'D');
    a.rolloutAfter(d);

    expect(waitsFor()).toEqual({ D: [], A: ['D'], B: ['A'], C: ['B'] });
  });

  test('applies to several daemons at once', () => {
    const [a, b, c] = [stack.addDaemon('A', on('one')), stack.addDaemon('B', on('two')), stack.addDaemon('C', on('three'))];
    a.rolloutAfter(b, c);

    expect(waitsFor()).toEqual({ A: ['B', 'C'], B: [], C: [] });
  });

  test('makes a dependency on a daemon of another stack one of the stacks', () => {
    const other = new StackWithDaemon(stack.node.root as App, 'Other');
    other.addDaemon('Second').rolloutAfter(stack.addDaemon('First'));
    (stack.node.root as App).synth();

    expect(other.dependencies).toEqual([stack]);
  });
});

describe('synth fails', () => {
  test.each<[string, (a: ManagedDaemon, b: ManagedDaemon, c: ManagedDaemon) => void, string]>([
    ['two daemons', (a, b) => {
      a.rolloutAfter(b);
      b.rolloutAfter(a);
    }, circle('"Stack/A" waits for "Stack/B" waits for "Stack/A"')],
    ['three daemons', (a, b, c) => {
      a.rolloutAfter(c);
      b.rolloutAfter(a);
      c.rolloutAfter(b);
    }, circle('"Stack/A" waits for "Stack/C" waits for "Stack/B" waits for "Stack/A"')],
    ['daemons with a resource between them', (a, b) => {
      const group = new iam.CfnGroup(stack, 'Group', { groupName: b.daemonArn });
      a.node.addDependency(group);
      b.rolloutAfter(a);
    }, circle('"Stack/A" waits for "Stack/Group" waits for "Stack/B" waits for "Stack/A"')],
    ['a daemon and a resource', (a) => {
      a.node.addDependency(new iam.CfnGroup(stack, 'Group', { groupName: a.daemonArn }));
    }, circle('"Stack/A" waits for "Stack/Group" waits for "Stack/A"')],
  ])('contains a circle of %s, which the error names', (_, state, message) => {
    const [a, b, c] = addDaemons('A', 'B', 'C');
    state(a, b, c);

    expect(() => Template.fromStack(stack)).toThrow(message);
  });
});

describe('the services of a cluster', () => {
  test('start after the daemon', () => {
    const daemon = stack.addDaemon();
    daemon.startBefore(addService(), addService());

    Template.fromStack(stack).allResources('AWS::ECS::Service', { DependsOn: Match.arrayWith([stack.getLogicalId(resourceOf(daemon))]) });
  });

  test('wait alone, without their other resources', () => {
    stack.addDaemon().startBefore(addService());

    const [securityGroup] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup'));
    expect(securityGroup.DependsOn).toEqual([expect.stringMatching(/^ServiceTaskDefinition1TaskRole/)]);
  });

  test('of a lower level start after the daemon', () => {
    const daemon = stack.addDaemon();
    daemon.startBefore(new ecs.CfnService(stack, 'Plain'));

    Template.fromStack(stack).hasResource('AWS::ECS::Service', { DependsOn: [stack.getLogicalId(resourceOf(daemon))] });
  });

  test('of another stack start after the stack of the daemon', () => {
    const other = new Stack(stack.node.root as App, 'Other');
    stack.addDaemon().startBefore(new ecs.CfnService(other, 'Plain'));
    (stack.node.root as App).synth();

    expect(other.dependencies).toEqual([stack]);
  });

  test('that are imported cannot be ordered', () => {
    const service = ecs.FargateService.fromFargateServiceArn(stack, 'Elsewhere', 'arn:aws:ecs:eu-west-1:111122223333:service/cluster/web');

    expect(() => stack.addDaemon().startBefore(service)).toThrow(expect.objectContaining({
      name: 'ValidationError', message: '[Stack/Daemon] services must be defined in this app, got an imported one: "Stack/Elsewhere"',
    }));
  });

  const warning = Match.stringLikeRegexp('the daemon waits for the service "Stack/Service1", whose tasks can therefore start on instances without the daemon');

  test.each<[string, (daemon: ManagedDaemon, service: ecs.FargateService) => void]>([
    ['by a dependency', (daemon, service) => daemon.node.addDependency(service)],
    ['by a reference', (daemon, service) => resourceOf(daemon).addPropertyOverride('RolloutToken', service.serviceArn)],
    ['over another resource', (daemon, service) => daemon.node.addDependency(new iam.CfnGroup(stack, 'Group', { groupName: service.serviceName }))],
  ])('that a daemon depends on %s cause a warning', (_, state) => {
    state(stack.addDaemon(), addService());

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', warning);
  });

  test('that a daemon does not depend on cause no warning', () => {
    stack.addDaemon().startBefore(addService());

    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('waits for the service'));
  });
});

describe('many daemons on one capacity provider', () => {
  const total = (count: number, minutes: number): Matcher => Match.stringLikeRegexp(
    `the ${count} daemons on the capacity provider "Stack/Instances" roll out one after the other; a deployment that changes all of them is`
    + ` estimated at ${minutes} minutes`);

  test('cause a warning from five on, with the time of all of them', () => {
    addDaemons('A', 'B', 'C', 'D');
    stack.addDaemon('E', { drainPercent: 50, bakeTime: Duration.minutes(10) });

    Annotations.fromStack(stack).hasWarning('/Stack', total(5, 4 * 40 + 2 * (10 + 10)));
  });

  test('cause no warning up to four', () => {
    addDaemons('A', 'B', 'C', 'D');
    stack.addDaemon('Elsewhere', on('one'));

    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

test('an output of a daemon does not change the order', () => {
  const [a] = addDaemons('A', 'B');
  new CfnOutput(stack, 'Arn', { value: a.daemonArn });

  expect(waitsFor()).toEqual({ A: [], B: ['A'] });
});
