// Compliance: osquery reports every process that starts on an instance. No application runs on an instance without it.
import { App, aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, aws_ssm as ssm, Duration, Size, Stack } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonPidMode, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';

const stack = new Stack(new App(), 'Osquery');

const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, flowLogs: { all: {} } });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
  subnets: vpc.privateSubnets,
  securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
  instanceRequirements: {
    vCpuCountMin: 2,
    memoryMin: Size.gibibytes(4),
    // the image of the daemon exists for x86-64 only
    cpuManufacturers: [ec2.CpuManufacturer.INTEL, ec2.CpuManufacturer.AMD],
  },
});
cluster.addManagedInstancesCapacityProvider(instances);

const capabilities = new ecs.LinuxParameters(stack, 'Capabilities');
capabilities.addCapabilities(ecs.Capability.AUDIT_CONTROL, ecs.Capability.DAC_READ_SEARCH, ecs.Capability.SYS_PTRACE);

// the kernel sends audit records only to the process namespace of the instance
const auditor = new DaemonTaskDefinition(stack, 'Auditor', { cpu: 256, memoryMiB: 512, pidMode: DaemonPidMode.SHARED });
const osquery = auditor.addContainer('osquery', {
  image: ecs.ContainerImage.fromRegistry('docker.io/osquery/osquery:5.17.0-ubuntu22.04'),
  command: [
    'osqueryd', '--host_identifier=uuid', '--tls_hostname=fleet.example.com',
    '--enroll_tls_endpoint=/api/osquery/enroll', '--enroll_secret_env=ENROLL_SECRET',
    '--config_plugin=tls', '--config_tls_endpoint=/api/osquery/config',
    '--logger_plugin=tls', '--logger_tls_endpoint=/api/osquery/log',
    '--disable_audit=false', '--audit_allow_config=true', '--audit_allow_process_events=true',
  ],
  secrets: {
    ENROLL_SECRET: ecs.Secret.fromSsmParameter(
      ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'EnrollSecret', { parameterName: '/osquery/enroll' })),
  },
  memoryLimitMiB: 512,
  linuxParameters: capabilities,
  healthCheck: { command: ['CMD', 'pidof', 'osqueryd'], interval: Duration.seconds(10) },
  logging: ecs.LogDriver.awsLogs({ streamPrefix: 'osquery', logRetention: logs.RetentionDays.ONE_YEAR }),
});
osquery.addHostMount({ hostPath: '/etc', containerPath: '/host/etc' });
// keeps the node key and unsent events when the container is replaced
osquery.addHostMount({ hostPath: '/var/lib/osquery', containerPath: '/var/osquery', readOnly: false });

const daemon = new ManagedDaemon(stack, 'Daemon', {
  cluster,
  capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
  daemonTaskDefinition: auditor,
  // the default, stated because compliance rests on it: an instance without a working auditor is drained and replaced
  critical: true,
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
daemon.startBefore(service); // the first instances run it before an application too
