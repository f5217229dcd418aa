// The CloudWatch agent on every instance of a cluster: started before the application, stopped after it.
import {
  App, aws_cloudwatch as cloudwatch, aws_ec2 as ec2, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Duration, RemovalPolicy, Stack,
  Tags,
} from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, ManagedDaemonAddress } from 'cdk-ecs-managed-daemons';

const app = new App();
const setting = (key: string, fallback: string): string => app.node.tryGetContext(key) ?? fallback;
const stack = new Stack(app, 'CloudWatchAgent');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
  subnets: vpc.privateSubnets,
  securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
});
cluster.addManagedInstancesCapacityProvider(instances);

const metricNamespace = 'Applications';
const configuration = {
  agent: { omit_hostname: true }, // ECS replaces instances: each host name would create new metrics
  metrics: { namespace: metricNamespace, metrics_collected: { statsd: { service_address: ':8125' } } },
};

const agent = new DaemonTaskDefinition(stack, 'Agent', { cpu: 1024, memoryMiB: 512 });
agent.addContainer('cloudwatch-agent', {
  image: ecs.ContainerImage.fromRegistry(`public.ecr.aws/cloudwatch-agent/cloudwatch-agent:${setting('imageTag', '1.300072.0b1766')}`),
  memoryReservationMiB: 512,
  environment: { CW_CONFIG_CONTENT: JSON.stringify(configuration) }, // without a configuration the agent exits at once
  listeningPorts: [{ port: 8125, protocol: ecs.Protocol.UDP }],
  // no health check: the image has neither a shell nor a client, and ECS detects an agent that exits
  logging: ecs.LogDriver.awsLogs({
    streamPrefix: 'agent',
    logGroup: new logs.LogGroup(stack, 'AgentLog', { removalPolicy: RemovalPolicy.DESTROY }),
  }),
});
agent.addToTaskRolePolicy(new iam.PolicyStatement({
  actions: ['cloudwatch:PutMetricData'],
  resources: ['*'],
  conditions: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
}));

// ECS rolls back an update during which this alarm fires
const daemonName = 'cloudwatch-agent';
const cpuHigh = new cloudwatch.Alarm(stack, 'AgentCpuHigh', {
  alarmName: 'agent-cpu-high',
  metric: new cloudwatch.Metric({
    namespace: 'AWS/ECS',
    metricName: 'CPUUtilization',
    dimensionsMap: { ClusterName: cluster.clusterName, ServiceName: `daemon:${daemonName}` },
    period: Duration.minutes(1),
  }),
  threshold: 90,
  comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
  evaluationPeriods: 3,
});

const daemon = new ManagedDaemon(stack, 'Daemon', {
  cluster,
  capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
  daemonTaskDefinition: agent,
  daemonName,
  critical: false, // an instance without metrics keeps its applications
  drainPercent: Number(setting('drainPercent', '25')),
  bakeTime: Duration.minutes(Number(setting('bakeMinutes', '10'))),
  alarms: [cpuHigh],
});
Tags.of(daemon).add('costCenter', setting('costCenter', '4242'));

// the application, for whose tasks ECS launches instances: created after the daemon, deleted before it
const application = new ecs.TaskDefinition(stack, 'Application', {
  compatibility: ecs.Compatibility.MANAGED_INSTANCES,
  cpu: '1024',
  memoryMiB: '2048',
});
application.addContainer('web', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
  environment: { STATSD_HOST: ManagedDaemonAddress.IPV4, STATSD_PORT: '8125' }, // the address of the daemons on the same instance
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
