// Networking: an Envoy on every instance is the egress proxy of its applications, to an allow list of hosts.
import { App, aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, ManagedDaemonAddress } from 'cdk-ecs-managed-daemons';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const stack = new Stack(new App(), 'Envoy');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, flowLogs: { all: {} } });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
  subnets: vpc.privateSubnets,
  securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
});
cluster.addManagedInstancesCapacityProvider(instances);

const readinessCheck = "exec 3<>/dev/tcp/127.0.0.1/9901; printf 'GET /ready HTTP/1.1\\r\\nHost: envoy\\r\\nConnection: close\\r\\n\\r\\n' >&3; grep -q LIVE <&3";

const envoy = new DaemonTaskDefinition(stack, 'Proxy', { cpu: 512, memoryMiB: 512 });
envoy.addContainer('envoy', {
  image: ecs.ContainerImage.fromRegistry('docker.io/envoyproxy/envoy:v1.39.3'),
  command: ['envoy', '--config-yaml', readFileSync(join(__dirname, 'envoy.yaml'), 'utf8')],
  memoryLimitMiB: 512,
  // all daemons of an instance share these ports: no other daemon may listen on one of them
  listeningPorts: [{ port: 3128 }, { port: 9901 }],
  // each proxied connection takes two file descriptors
  ulimits: [{ name: ecs.UlimitName.NOFILE, softLimit: 65_536, hardLimit: 65_536 }],
  readonlyRootFilesystem: true,
  healthCheck: {
    command: ['CMD', 'bash', '-c', readinessCheck],
    interval: Duration.seconds(10),
    startPeriod: Duration.seconds(10),
  },
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'envoy', logRetention: logs.RetentionDays.ONE_MONTH }),
});

const daemon = new ManagedDaemon(stack, 'Daemon', {
  cluster,
  capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
  daemonTaskDefinition: envoy,
  critical: true, // the default, stated because the applications reach nothing without the proxy
});

const proxy = `http://${ManagedDaemonAddress.IPV4}:3128`; // the address of the daemons on the same instance
const application = new ecs.TaskDefinition(stack, 'Application', {
  compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '512', memoryMiB: '1024',
});
application.addContainer('web', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
  // reached without the proxy: the endpoint for credentials and metadata, other daemons, and the task itself
  environment: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: `169.254.170.2,${ManagedDaemonAddress.IPV4},localhost` },
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
daemon.startBefore(service);
