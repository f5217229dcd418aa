// Security: Falco on every instance watches the system calls of all processes of the instance.
import { App, aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, Duration, Stack } from 'aws-cdk-lib';
import { DaemonCapability, DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';

const stack = new Stack(new App(), 'Falco');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, flowLogs: { all: {} } });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
  subnets: vpc.privateSubnets,
  securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
});
cluster.addManagedInstancesCapacityProvider(instances);

// the fewest capabilities that Falco documents for its eBPF driver; `privileged` and the instance's process namespace are not needed
const linuxParameters = new ecs.LinuxParameters(stack, 'LinuxParameters');
linuxParameters.dropCapabilities(ecs.Capability.ALL);
linuxParameters.addCapabilities(ecs.Capability.SYS_PTRACE, ecs.Capability.SYS_RESOURCE);

const falco = new DaemonTaskDefinition(stack, 'Sensor', { cpu: 512, memoryMiB: 1024 });
const container = falco.addContainer('falco', {
  image: ecs.ContainerImage.fromRegistry('docker.io/falcosecurity/falco:0.45.0'),
  // only the health check of its own container calls the web server
  command: ['/usr/bin/falco', '-o', 'json_output=true', '-o', 'webserver.listen_address=127.0.0.1'],
  memoryLimitMiB: 1024,
  linuxParameters,
  additionalCapabilities: [DaemonCapability.BPF, DaemonCapability.PERFMON],
  listeningPorts: [{ port: 8765 }],
  healthCheck: {
    command: ['CMD', 'curl', '--fail', '--silent', '--output', '/dev/null', 'http://127.0.0.1:8765/healthz'],
    interval: Duration.seconds(10),
    startPeriod: Duration.seconds(60),
  },
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'falco', logRetention: logs.RetentionDays.ONE_YEAR }),
});

// Falco reads the files of the instance below /host
container.addHostMount({ hostPath: '/proc', containerPath: '/host/proc' });
container.addHostMount({ hostPath: '/etc', containerPath: '/host/etc' });
// the path of its containerd engine; the other default path is for the CRI, which only Kubernetes has
container.addHostMount({ hostPath: '/run/containerd/containerd.sock', containerPath: '/host/run/host-containerd/containerd.sock' });
container.addHostMount({ hostPath: '/sys/kernel/tracing' });

const daemon = new ManagedDaemon(stack, 'Daemon', {
  cluster,
  capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
  daemonTaskDefinition: falco,
  critical: true, // the default, stated because an instance without the sensor would not be monitored
});

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
daemon.startBefore(service);
