// A team's application on a cluster whose metrics agent comes from the library of a platform team, which plans each change in a test.
import { App, aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, Stack } from 'aws-cdk-lib';
import { FleetMetrics } from './fleet-metrics';

const stack = new Stack(new App(), 'PlatformLibrary');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, flowLogs: { all: {} } });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
  subnets: vpc.privateSubnets,
  securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
});
cluster.addManagedInstancesCapacityProvider(instances);

const application = new ecs.TaskDefinition(stack, 'Application', {
  compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '512', memoryMiB: '1024',
});
application.addContainer('web', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'web', logRetention: logs.RetentionDays.ONE_MONTH }),
});
const service = new ecs.FargateService(stack, 'Service', {
  cluster,
  taskDefinition: application,
  desiredCount: 6,
  minHealthyPercent: 100,
  circuitBreaker: { rollback: true },
  capacityProviderStrategies: [{ capacityProvider: instances.capacityProviderName, weight: 1 }],
});

new FleetMetrics(stack, 'Metrics', { cluster, instances }).serve(service);
