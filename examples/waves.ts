// The node exporter of Prometheus on two clusters, in three waves: a canary, the rest of its cluster, the other cluster.
import { App, aws_cloudwatch as cloudwatch, aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemonWaves, type DaemonPlace } from 'cdk-ecs-managed-daemons';
import { acknowledgeCommonFindings } from './acknowledgements';

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

const exporter = new DaemonTaskDefinition(stack, 'Exporter', { cpu: 256, memoryMiB: 128 });
exporter.addVolume({ name: 'root', host: { sourcePath: '/' } });
exporter.addContainer('node-exporter', {
  image: ecs.ContainerImage.fromRegistry(`quay.io/prometheus/node-exporter:${app.node.tryGetContext('imageTag') ?? 'v1.10.2'}`),
  command: ['--path.rootfs=/host'],
  memoryLimitMiB: 128,
  mountPoints: [{ sourceVolume: 'root', containerPath: '/host', readOnly: true }],
  listeningPorts: [{ port: 9100 }],
  readonlyRootFilesystem: true,
  healthCheck: { command: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:9100/'], interval: Duration.seconds(10) },
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'node-exporter', logRetention: logs.RetentionDays.ONE_MONTH }),
});

const errors = new cloudwatch.Alarm(stack, 'Errors', {
  alarmName: 'shop-errors',
  metric: new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Errors', period: Duration.minutes(1) }), threshold: 10, evaluationPeriods: 3,
});

// the name of a place identifies its daemon: it may move to another wave, but should keep its name
const place = (placeName: string, cluster: ecs.ICluster, instances: ecs.ManagedInstancesCapacityProvider): DaemonPlace =>
  ({ placeName, cluster, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)] });
const waves = new ManagedDaemonWaves(stack, 'NodeExporter', {
  daemonTaskDefinition: exporter,
  alarms: [errors],
  bakeTime: Duration.minutes(10),
  waves: [
    // few instances, and time for a fault to show
    { waveName: 'canary', places: [place('shop-canary', shop, canaryInstances)], drainPercent: 50, bakeTime: Duration.minutes(30) },
    { waveName: 'early', places: [place('shop', shop, shopInstances)] },
    { waveName: 'rest', places: [place('search', search, searchInstances)] },
  ],
});

const application = new ecs.TaskDefinition(stack, 'Application', {
  compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '512', memoryMiB: '1024',
});
application.addContainer('web', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'web', logRetention: logs.RetentionDays.ONE_MONTH }),
});
function addService(placeName: string, cluster: ecs.Cluster, instances: ecs.ManagedInstancesCapacityProvider, desiredCount: number): void {
  const service = new ecs.FargateService(stack, `Service-${placeName}`, {
    cluster,
    taskDefinition: application,
    desiredCount,
    minHealthyPercent: 100,
    circuitBreaker: { rollback: true },
    capacityProviderStrategies: [{ capacityProvider: instances.capacityProviderName, weight: 1 }],
  });
  waves.daemonAt(placeName).startBefore(service);
}
addService('shop-canary', shop, canaryInstances, 4);
addService('shop', shop, shopInstances, 8);
addService('search', search, searchInstances, 12);

acknowledgeCommonFindings(stack);
