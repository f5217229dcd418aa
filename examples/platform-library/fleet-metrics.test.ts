import { App, aws_ec2 as ec2, aws_ecs as ecs, Stack } from 'aws-cdk-lib';
import { plan, type PlanOptions, type PlanResult } from 'cdk-ecs-managed-daemons/plan';
import { FleetMetrics, type FleetMetricsProps } from './fleet-metrics';

/** The app of a team, on a cluster of its own. */
function appWith(props: Partial<FleetMetricsProps> = {}): App {
  const app = new App();
  const stack = new Stack(app, 'Team');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['a'], privateSubnetIds: ['subnet-a'], privateSubnetRouteTableIds: ['rtb-a'],
  });
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
    subnets: vpc.privateSubnets,
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'SecurityGroup', 'sg-a')],
  });
  cluster.addManagedInstancesCapacityProvider(instances);
  new FleetMetrics(stack, 'Metrics', { cluster, instances, ...props });
  return app;
}

/** A fleet of twelve instances; the construct of its capacity provider has the id Instances. */
const planOf = (change: Partial<FleetMetricsProps>, options: PlanOptions = {}): Promise<PlanResult> =>
  plan(appWith(change), { from: appWith(), fleets: [{ cluster: 'Cluster', capacityProvider: 'Instances', instances: 12 }], ...options });

test('a new version replaces a quarter of the instances at a time, within an hour', async () => {
  const result = await planOf({ version: '1.300073.0' });

  expect(result.summary).toMatchSnapshot();
  expect(result.minutes?.most).toBeLessThan(60);
});

test('another drain percent replaces no instance', async () => {
  const result = await planOf({ drainPercent: 50 });

  expect(result.verdict).toBe('nothing drains');
  expect(result.summary).toMatchSnapshot();
});

test('a version that uses too much CPU is rolled back within an hour', async () => {
  const result = await planOf({ version: '1.300073.0' }, { failures: { alarms: [{ alarm: '*CpuHigh*', minutes: 7 }] } });

  expect(result.daemons[0]).toMatchObject({ name: 'fleet-metrics', outcome: 'rolled back' });
  expect(result.minutes?.most).toBeLessThan(60);
});
