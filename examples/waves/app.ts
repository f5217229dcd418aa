// The CloudWatch agent on two clusters, in three waves: a canary, the rest of its cluster, the other cluster.
import { App, aws_cloudwatch as cloudwatch, aws_ec2 as ec2, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemonAddress, ManagedDaemonWaves, type DaemonTarget } from 'cdk-ecs-managed-daemons';

const app = new App();
const stack = new Stack(app, 'Waves');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, flowLogs: { all: {} } });
const securityGroups = [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })];
const newCluster = (id: string): ecs.Cluster => new ecs.Cluster(stack, id, { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
const newInstances = (id: string, cluster: ecs.Cluster): ecs.ManagedInstancesCapacityProvider => {
  const instances = new ecs.ManagedInstancesCapacityProvider(stack, id, { subnets: vpc.privateSubnets, securityGroups });
  cluster.addManagedInstancesCapacityProvider(instances);
  return instances;
};
const shop = newCluster('Shop');
const search = newCluster('Search');
const canaryInstances = newInstances('CanaryInstances', shop);
const shopInstances = newInstances('ShopInstances', shop);
const searchInstances = newInstances('SearchInstances', search);

const agent = new DaemonTaskDefinition(stack, 'AgentTask', { cpu: 256, memoryMiB: 512 });
agent.addContainer('cloudwatch-agent', {
  image: ecs.ContainerImage.fromRegistry(`public.ecr.aws/cloudwatch-agent/cloudwatch-agent:${app.node.tryGetContext('imageTag') ?? '1.300072.0b1766'}`),
  memoryLimitMiB: 512,
  environment: { CW_CONFIG_CONTENT: JSON.stringify({ metrics: { namespace: 'Applications', metrics_collected: { statsd: {} } } }) },
  listeningPorts: [{ port: 8125, protocol: ecs.Protocol.UDP }],
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'agent', logRetention: logs.RetentionDays.ONE_MONTH }),
});
agent.addToTaskRolePolicy(new iam.PolicyStatement({
  actions: ['cloudwatch:PutMetricData'],
  resources: ['*'],
  conditions: { StringEquals: { 'cloudwatch:namespace': 'Applications' } },
}));

const errors = new cloudwatch.Alarm(stack, 'Errors', {
  alarmName: 'shop-errors',
  metric: new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Errors', period: Duration.minutes(1) }), threshold: 10, evaluationPeriods: 3,
});

// the name of a target identifies its daemon: it may move to another wave, but should keep its name
const target = (targetName: string, cluster: ecs.ICluster, instances: ecs.ManagedInstancesCapacityProvider): DaemonTarget =>
  ({ targetName, cluster, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)] });
const waves = new ManagedDaemonWaves(stack, 'Agent', {
  daemonTaskDefinition: agent,
  critical: false, // an instance without metrics keeps its applications
  alarms: [errors],
  bakeTime: Duration.minutes(10),
  waves: [
    // few instances, and time to detect a fault
    { waveName: 'canary', targets: [target('shop-canary', shop, canaryInstances)], drainPercent: 50, bakeTime: Duration.minutes(30) },
    { waveName: 'early', targets: [target('shop', shop, shopInstances)] },
    { waveName: 'rest', targets: [target('search', search, searchInstances)] },
  ],
});

const application = new ecs.TaskDefinition(stack, 'Application', {
  compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '512', memoryMiB: '1024',
});
application.addContainer('web', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
  environment: { STATSD_HOST: ManagedDaemonAddress.IPV4, STATSD_PORT: '8125' }, // the address of the daemons on the same instance
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'web', logRetention: logs.RetentionDays.ONE_MONTH }),
});
function addService(targetName: string, cluster: ecs.Cluster, instances: ecs.ManagedInstancesCapacityProvider, desiredCount: number): void {
  const service = new ecs.FargateService(stack, `Service-${targetName}`, {
    cluster,
    taskDefinition: application,
    desiredCount,
    minHealthyPercent: 100,
    circuitBreaker: { rollback: true },
    capacityProviderStrategies: [{ capacityProvider: instances.capacityProviderName, weight: 1 }],
  });
  waves.daemonFor(targetName).startBefore(service);
}
addService('shop-canary', shop, canaryInstances, 4);
addService('shop', shop, shopInstances, 8);
addService('search', search, searchInstances, 12);
