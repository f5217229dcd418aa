// A log router on instances whose applications stop slowly: 8 % of the instances at a time, for up to eight hours.
import { App, aws_cloudwatch as cloudwatch, aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, ManagedDaemonAddress } from 'cdk-ecs-managed-daemons';

const app = new App();
const stack = new Stack(app, 'LongRollout');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, flowLogs: { all: {} } });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
  subnets: vpc.privateSubnets,
  securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
});
cluster.addManagedInstancesCapacityProvider(instances);

const applicationLogs = new logs.LogGroup(stack, 'ApplicationLogs', { retention: logs.RetentionDays.ONE_MONTH });
const router = new DaemonTaskDefinition(stack, 'Router', { cpu: 256, memoryMiB: 256 });
router.addContainer('fluent-bit', {
  image: ecs.ContainerImage.fromRegistry(`public.ecr.aws/aws-observability/aws-for-fluent-bit:${app.node.tryGetContext('imageTag') ?? '3.4.17'}`),
  entryPoint: ['/fluent-bit/bin/fluent-bit'],
  command: [
    '--http', // on port 2020, for the health check
    '--grace=30', // seconds in which it sends buffered logs before it stops
    '-i', 'forward', '-p', 'listen=0.0.0.0', '-p', 'port=24224', '-p', 'mem_buf_limit=50M',
    '-o', 'cloudwatch_logs', '-m', '*', '-p', `region=${stack.region}`,
    '-p', `log_group_name=${applicationLogs.logGroupName}`, '-p', 'log_stream_prefix=router-',
  ],
  memoryLimitMiB: 256,
  stopTimeout: Duration.seconds(60),
  listeningPorts: [{ port: 24224 }, { port: 2020 }],
  // checks that the router runs, not that its backend responds: that could fail on all instances at once
  healthCheck: {
    command: ['CMD', 'curl', '--fail', '--silent', '--output', '/dev/null', 'http://127.0.0.1:2020/api/v1/uptime'],
    interval: Duration.seconds(10),
    startPeriod: Duration.seconds(10),
  },
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'fluent-bit', logRetention: logs.RetentionDays.ONE_MONTH }),
});

applicationLogs.grantWrite(router.taskRole);

// the applications publish this metric: without data the alarm protects nothing
const dropped = new cloudwatch.Alarm(stack, 'Dropped', {
  alarmName: 'router-drops-events',
  metric: new cloudwatch.Metric({ namespace: 'Router', metricName: 'DroppedEvents', period: Duration.minutes(1) }),
  threshold: 100,
  evaluationPeriods: 3,
});

// 13 batches of 25 minutes with these applications, and a bake: 5.5 hours, and time for a rollback
const daemon = new ManagedDaemon(stack, 'Daemon', {
  cluster,
  capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
  daemonTaskDefinition: router,
  critical: false, // a replaced instance would lose the logs that the router has buffered
  drainPercent: 8,
  bakeTime: Duration.minutes(10),
  alarms: [dropped],
  timeout: Duration.hours(8),
});
new CfnOutput(stack, 'Rollout', { value: daemon.rolloutArn, description: 'The durable execution whose result is the report of the latest rollout' });

const application = new ecs.TaskDefinition(stack, 'Application', {
  compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '1024', memoryMiB: '2048',
});
application.addContainer('web', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
  environment: { FLUENTD_HOST: ManagedDaemonAddress.IPV4, FLUENTD_PORT: '24224' }, // the address of the daemons on the same instance
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'web', logRetention: logs.RetentionDays.ONE_MONTH }),
});
const service = new ecs.FargateService(stack, 'Service', {
  cluster,
  taskDefinition: application,
  desiredCount: 24,
  minHealthyPercent: 100,
  circuitBreaker: { rollback: true },
  capacityProviderStrategies: [{ capacityProvider: instances.capacityProviderName, weight: 1 }],
});
daemon.startBefore(service);
