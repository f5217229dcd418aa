// Observability: an OpenTelemetry collector on every instance receives the traces and metrics of its applications.
import { App, aws_ec2 as ec2, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';

const stack = new Stack(new App(), 'OpenTelemetryCollector');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, flowLogs: { all: {} } });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
  subnets: vpc.privateSubnets,
  securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
});
cluster.addManagedInstancesCapacityProvider(instances);

const metricsLog = new logs.LogGroup(stack, 'MetricsLog');
const configuration = {
  extensions: { health_check: {} },
  receivers: { otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' }, http: { endpoint: '0.0.0.0:4318' } } } },
  processors: { batch: {} },
  exporters: { awsxray: {}, awsemf: { namespace: 'Applications', log_group_name: metricsLog.logGroupName } },
  service: {
    extensions: ['health_check'],
    pipelines: {
      traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['awsxray'] },
      metrics: { receivers: ['otlp'], processors: ['batch'], exporters: ['awsemf'] },
    },
  },
};

const collector = new DaemonTaskDefinition(stack, 'Collector', { cpu: 512, memoryMiB: 512 });
collector.addContainer('collector', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0'),
  memoryLimitMiB: 512,
  environment: {
    AOT_CONFIG_CONTENT: stack.toJsonString(configuration),
    AWS_REGION: stack.region, // daemons have no access to instance metadata
  },
  // 13133 (health) and 8888 (own metrics) listen on loopback only, which all daemons of an instance share
  listeningPorts: [{ port: 4317 }, { port: 4318 }, { port: 13133 }, { port: 8888 }],
  readonlyRootFilesystem: true,
  healthCheck: { command: ['CMD', '/healthcheck'], interval: Duration.seconds(10), startPeriod: Duration.seconds(10) },
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'collector', logRetention: logs.RetentionDays.ONE_MONTH }),
});
metricsLog.grantWrite(collector.taskRole);
collector.addToTaskRolePolicy(new iam.PolicyStatement({
  actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  resources: ['*'],
}));

const daemon = new ManagedDaemon(stack, 'Daemon', {
  cluster,
  capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
  daemonTaskDefinition: collector,
  critical: false, // an instance without a working collector keeps its applications
});

const application = new ecs.TaskDefinition(stack, 'Application', {
  compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '512', memoryMiB: '1024',
});
application.addContainer('web', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
  // the address of the daemons on the same instance; some SDKs use gRPC by default
  environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://169.254.172.2:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
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
daemon.verifyAfter(service); // fails the deployment while instances are without the collector
