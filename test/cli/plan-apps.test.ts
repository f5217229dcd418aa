import { App, aws_cloudwatch as cloudwatch, aws_ec2 as ec2, aws_ecs as ecs, CfnResource, NestedStack, Stack, Stage, type AppProps } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';
import type { Construct } from 'constructs';
import { plan } from '../../cli/plan';
import { ACCOUNT, capacityProviderArn, clusterArn, FLEET, REGION } from '../../simulation/app/agent-app';
import { assemblyOf } from './plan-bench';

const ENV = { account: ACCOUNT, region: REGION };

interface MoreSettings {
  readonly alarms?: cloudwatch.IAlarm[];
  readonly region?: string;
  readonly capacityProvider?: string;
  readonly drainPercent?: number;
}

function addDaemon(scope: Construct, id: string, imageTag: string, settings: MoreSettings = {}): ManagedDaemon {
  const { alarms, region = REGION, capacityProvider = 'managed', drainPercent = 100 } = settings;
  const task = new DaemonTaskDefinition(scope, `${id}Task`, { cpu: 256, memoryMiB: 256 });
  task.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(`example.com/agent:${imageTag}`), memoryLimitMiB: 256 });
  return new ManagedDaemon(scope, id, {
    cluster: ecs.Cluster.fromClusterArn(scope, `${id}Cluster`, clusterArn('apps').replace(REGION, region)),
    capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(capacityProviderArn(capacityProvider).replace(REGION, region))],
    daemonTaskDefinition: task,
    daemonName: id.toLowerCase(),
    drainPercent,
    alarms,
  });
}

/** Plans the change of the image from 1 to 2. */
const planOf = (make: (props: AppProps, imageTag: string) => App, instances = 4): ReturnType<typeof plan> => {
  const [from, app] = ['1', '2'].map((imageTag) => assemblyOf((props) => make(props, imageTag)));
  return plan(app!, { from, fleets: [{ ...FLEET, instances }] });
};

describe('a plan reads', () => {
  test('the stacks of a stage', async () => {
    const result = await planOf((props, imageTag) => {
      const app = new App(props);
      addDaemon(new Stack(new Stage(app, 'Prod', { env: ENV }), 'Agents'), 'Agent', imageTag);
      return app;
    });

    expect(result).toMatchObject({ drainedInstances: 4, daemons: [{ stack: 'Prod-Agents', change: 'update' }] });
  });

  test('a nested stack', async () => {
    const result = await planOf((props, imageTag) => {
      const app = new App(props);
      addDaemon(new NestedStack(new Stack(app, 'Outer', { env: ENV }), 'Inner'), 'Agent', imageTag);
      return app;
    });

    expect(result).toMatchObject({ drainedInstances: 4, daemons: [{ change: 'update', causes: ['image 1 → 2'] }] });
  });

  test('stacks of two Regions, whose rollouts follow one another', async () => {
    const result = await planOf((props, imageTag) => {
      const app = new App(props);
      addDaemon(new Stack(app, 'First', { env: ENV }), 'Agent', imageTag);
      addDaemon(new Stack(app, 'Second', { env: { ...ENV, region: 'eu-west-1' } }), 'Agent', imageTag, { region: 'eu-west-1' });
      return app;
    });

    const [first, second] = result.daemons;
    expect(result).toMatchObject({ drainedInstances: 8, instances: 8, timeline: { rollouts: [{ requestedAt: 0 }, { stack: 'Second' }] } });
    expect(second!.startsAfterMinutes).toBe(Math.round(first!.minutes!.likely));
    expect(result.minutes!.likely).toBeCloseTo(2 * first!.minutes!.likely, 0);
  });
});

test('a rollout that waits for its turn has the minutes of the wait', async () => {
  const [from, app] = ['1', '2'].map((imageTag) => assemblyOf((props) => {
    const made = new App(props);
    const outer = new Stack(made, 'Outer', { env: ENV });
    const [first, second] = ['One', 'Two'].map((name) => new NestedStack(outer, name));
    addDaemon(first!, 'First', imageTag, { drainPercent: 25 });
    const brief = addDaemon(second!, 'Brief', imageTag, { capacityProvider: 'other' });
    addDaemon(second!, 'Second', imageTag).node.addDependency(brief);
    return made;
  }));

  const result = await plan(app!, { from, fleets: [FLEET, { ...FLEET, capacityProvider: 'other', instances: 1 }] });

  const waits = Object.fromEntries(result.daemons.map(({ name, queuedMinutes }) => [name, queuedMinutes]));
  expect(waits).toEqual({ first: undefined, brief: undefined, second: expect.any(Number) });
  expect(waits.second).toBeGreaterThanOrEqual(10);
});

describe('a stack without daemons', () => {
  test('is deployed as far as daemons need it, and not reported', async () => {
    const result = await planOf((props, imageTag) => {
      const app = new App(props);
      const base = new Stack(app, 'Base', { env: ENV });
      const alarm = new cloudwatch.Alarm(base, 'Errors', { metric: new cloudwatch.Metric({ namespace: 'A', metricName: 'E' }), threshold: 1, evaluationPeriods: 1 });
      new CfnResource(base, 'Macro', { type: 'AWS::EC2::Subnet', properties: { CidrBlock: { 'Fn::Cidr': ['10.0.0.0/16', 1, 8] } } });
      addDaemon(new Stack(app, 'Agents', { env: ENV }), 'Agent', imageTag, { alarms: [alarm] });
      return app;
    });

    expect(result).toMatchObject({ drainedInstances: 4, stacks: [{ name: 'Agents', status: 'UPDATE_COMPLETE' }] });
  });
});

describe('a stack that depends on one whose rollout fails', () => {
  test('is not deployed, with the name of the one that fails', async () => {
    const [from, app] = ['1', 'broken'].map((imageTag) => assemblyOf((props) => {
      const made = new App(props);
      const [canary, rest] = ['Canary', 'Rest'].map((name) => new Stack(made, name, { env: ENV }));
      rest!.addStackDependency(canary!);
      addDaemon(canary!, 'Canary', imageTag);
      addDaemon(rest!, 'Rest', imageTag);
      return made;
    }));

    const result = await plan(app!, { from, fleets: [FLEET], failures: { failingImages: ['*:broken'] } });

    expect(result.daemons).toEqual([
      expect.objectContaining({ stack: 'Canary', change: 'update', outcome: 'rolled back' }),
      expect.objectContaining({ stack: 'Rest', change: 'not deployed', reason: 'the stack Canary fails before' }),
    ]);
  });
});

describe('a capacity provider that the app creates', () => {
  const ownApp = (services: number) => (props: AppProps, imageTag: string): App => {
    const app = new App(props);
    const stack = new Stack(app, 'Own', { env: ENV });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-a', availabilityZones: ['a'], privateSubnetIds: ['subnet-a'], privateSubnetRouteTableIds: ['rtb-a'],
    });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
      subnets: vpc.privateSubnets, securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'SecurityGroup', 'sg-a')],
    });
    cluster.addManagedInstancesCapacityProvider(instances);
    const task = new DaemonTaskDefinition(stack, 'Task', { cpu: 256, memoryMiB: 256 });
    task.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(`example.com/agent:${imageTag}`), memoryLimitMiB: 256 });
    new ManagedDaemon(stack, 'Agent', {
      cluster,
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
      daemonTaskDefinition: task,
    });
    if (services > 0) {
      new ecs.CfnService(stack, 'Service', {
        cluster: cluster.clusterName, taskDefinition: 'web:1', desiredCount: services,
        capacityProviderStrategy: [{ capacityProvider: instances.capacityProviderName, weight: 1 }],
      });
    }
    return app;
  };

  test('has the instances that its services need', async () => {
    const [from, app] = ['1', '2'].map((imageTag) => assemblyOf((props) => ownApp(5)(props, imageTag)));

    expect(await plan(app!, { from })).toMatchObject({ exitCode: 2, instances: 3, drainedInstances: 3 });
    expect(await plan(app!, { from, applicationTasksPerInstance: 5 })).toMatchObject({ instances: 1, drainedInstances: 1 });
  });

  test('is named by the id of its construct, and is not known without a service', async () => {
    const [from, app] = ['1', '2'].map((imageTag) => assemblyOf((props) => ownApp(0)(props, imageTag)));
    const fleets = [{ cluster: 'Cluster', capacityProvider: 'Instances', instances: 7 }];

    expect(await plan(app!, { from })).toMatchObject({ exitCode: 5, unknownFleets: ['Cluster/Instances'] });
    expect(await plan(app!, { from, fleets })).toMatchObject({ exitCode: 2, drainedInstances: 7 });
  });

  test('is not known without an old app, because it may exist already', async () => {
    const app = assemblyOf((props) => ownApp(0)(props, '1'));

    expect(await plan(app)).toMatchObject({ exitCode: 5, unknownFleets: ['Cluster/Instances'] });
  });
});
