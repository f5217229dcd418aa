import { App, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DaemonTaskDefinition, DaemonVolume, type DaemonContainerDefinitionOptions } from '../../lib';
import cloudwatchAgent from './vendor-definitions/cloudwatch-agent.json';
import datadogDaemonApm from './vendor-definitions/datadog-daemon-apm.json';
import systemProbeBeginning from './vendor-definitions/datadog-daemon-system-probe-beginning.json';
import datadogDaemon from './vendor-definitions/datadog-daemon.json';
import guideExample from './vendor-definitions/guide-example.json';

/** The lists whose order has no meaning to ECS, and which we therefore sort. */
const unordered = ['environment', 'mountPoints', 'volumes', 'add', 'drop'];
function withoutOrder<T>(definition: T): T {
  return JSON.parse(JSON.stringify(definition), (key, value: unknown) => unordered.includes(key)
    ? (value as unknown[]).map((entry) => JSON.stringify(entry, Object.keys(Object(entry)).sort())).sort() : value) as T;
}

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: '123456789012', region: 'af-south-1' } });
});

/** The definition as RegisterDaemonTaskDefinition would be told: CloudFormation writes the first letters large, but for free maps. */
function registered(taskDefinition: DaemonTaskDefinition): Record<string, unknown> {
  const resource = stack.getLogicalId(taskDefinition.node.defaultChild as ecs.CfnDaemonTaskDefinition);
  const lowerCase = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(lowerCase);
    }
    return typeof value !== 'object' || value === null ? value : Object.fromEntries(Object.entries(value).map(([key, inner]) =>
      [key.charAt(0).toLowerCase() + key.slice(1), key === 'Options' ? inner : lowerCase(inner)]));
  };
  return withoutOrder(lowerCase(Template.fromStack(stack).toJSON().Resources[resource].Properties) as Record<string, unknown>);
}

/** What we add to a published definition: a task role of its own, and the memory of the container, without which ECS refuses it (R46). */
function withOurAdditions<T extends { containerDefinitions: object[] }>(published: T, memoryReservation?: number): object {
  const definition = withoutOrder(published);
  const [container] = definition.containerDefinitions;
  return {
    taskRoleArn: { 'fn::GetAtt': [expect.stringContaining('TaskRole'), 'Arn'] },
    ...definition,
    containerDefinitions: [{ ...container, ...memoryReservation === undefined ? {} : { memoryReservation } }],
  };
}

const datadogVolumes = [
  DaemonVolume.host('containerd_sock', '/var/run/containerd/containerd.sock'),
  DaemonVolume.host('proc', '/proc/'),
  DaemonVolume.host('cgroup', '/sys/fs/cgroup/'),
];
const datadogContainer: DaemonContainerDefinitionOptions = {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/datadog/agent:latest'),
  memoryReservationMiB: 512,
  environment: {
    DD_API_KEY: '<YOUR_DATADOG_API_KEY>',
    DD_SITE: '<YOUR_DATADOG_SITE>',
    ECS_MANAGED_INSTANCES: 'true',
    DD_CRI_SOCKET_PATH: '/var/run/containerd/containerd.sock',
  },
  mountPoints: [
    { containerPath: '/var/run/containerd/containerd.sock', sourceVolume: 'containerd_sock', readOnly: true },
    { containerPath: '/host/sys/fs/cgroup', sourceVolume: 'cgroup', readOnly: true },
    { containerPath: '/host/proc', sourceVolume: 'proc', readOnly: true },
  ],
};

/** A name of the placeholder's kind is not one that ECS takes, so it is put in place afterwards. */
function addDatadogAgent(id: string): DaemonTaskDefinition {
  const taskDefinition = new DaemonTaskDefinition(stack, id, { cpu: 256, memoryMiB: 512, volumes: datadogVolumes });
  (taskDefinition.node.defaultChild as ecs.CfnDaemonTaskDefinition).family = '<TASK_NAME>';
  return taskDefinition;
}

test('the agent of Datadog is rendered as its vendor defines it', () => {
  const taskDefinition = addDatadogAgent('Agent');
  taskDefinition.addContainer('datadog-agent', datadogContainer);

  expect(registered(taskDefinition)).toEqual(withOurAdditions(datadogDaemon, 512));
});

test('the agent of Datadog with APM is rendered as its vendor defines it', () => {
  const taskDefinition = addDatadogAgent('AgentWithApm');
  taskDefinition.addVolume(DaemonVolume.host('dd-sockets', '/var/run/datadog'));
  taskDefinition.addContainer('datadog-agent', datadogContainer)
    .addMountPoints({ containerPath: '/var/run/datadog', sourceVolume: 'dd-sockets', readOnly: false });

  expect(registered(taskDefinition)).toEqual(withOurAdditions(datadogDaemonApm, 512));
});

test('the agent of Datadog with system-probe is rendered as far as its definition is public', () => {
  const taskDefinition = addDatadogAgent('AgentWithSystemProbe');
  const linuxParameters = new ecs.LinuxParameters(stack, 'LinuxParameters');
  linuxParameters.addCapabilities(
    ecs.Capability.SYS_ADMIN, ecs.Capability.SYS_RESOURCE, ecs.Capability.SYS_PTRACE, ecs.Capability.NET_ADMIN,
    ecs.Capability.NET_BROADCAST, ecs.Capability.NET_RAW, ecs.Capability.IPC_LOCK, ecs.Capability.CHOWN,
  );
  taskDefinition.addVolume(DaemonVolume.host('debug', '/sys/kernel/debug'));
  const container = taskDefinition.addContainer('datadog-agent', { ...datadogContainer, linuxParameters });
  container.addEnvironment('DD_SYSTEM_PROBE_NETWORK_ENABLED', 'true');
  container.addMountPoints({ containerPath: '/sys/kernel/debug', sourceVolume: 'debug', readOnly: false });

  expect(registered(taskDefinition)).toMatchObject(withoutOrder(systemProbeBeginning));
});

test('the CloudWatch agent is rendered as AWS defines it', () => {
  const role = (name: string): iam.IRole => iam.Role.fromRoleArn(stack, name, `arn:aws:iam::123456789012:role/${name}`);
  const taskDefinition = new DaemonTaskDefinition(stack, 'CloudWatchAgent', {
    family: 'cloudwatch-agent',
    taskRole: role('CloudWatchAgentRole'),
    executionRole: role('ecsTaskExecutionRole'),
    cpu: 512,
    memoryMiB: 1024,
    volumes: [DaemonVolume.host('proc', '/proc'), DaemonVolume.host('sys', '/sys')],
  });
  taskDefinition.addContainer('cloudwatch-agent', {
    image: ecs.ContainerImage.fromRegistry('public.ecr.aws/cloudwatch-agent/cloudwatch-agent:latest'),
    memoryReservationMiB: 1024,
    mountPoints: [
      { sourceVolume: 'proc', containerPath: '/host/proc', readOnly: true },
      { sourceVolume: 'sys', containerPath: '/host/sys', readOnly: true },
    ],
    environment: {
      CW_CONFIG_CONTENT: JSON.stringify({
        metrics: {
          namespace: 'MyApplication/Monitoring',
          metrics_collected: { cpu: { measurement: [{ name: 'cpu_usage_idle' }] }, mem: { measurement: [{ name: 'mem_used_percent' }] } },
        },
      }),
    },
    logging: ecs.LogDrivers.awsLogs({
      logGroup: logs.LogGroup.fromLogGroupName(stack, 'AgentLog', '/ecs/cloudwatch-agent'), streamPrefix: 'cw-agent',
    }),
  });

  expect(registered(taskDefinition)).toEqual(withOurAdditions(cloudwatchAgent, 1024));
});

test('the example of the guide is rendered as AWS defines it', () => {
  const taskDefinition = new DaemonTaskDefinition(stack, 'GuideExample', { family: 'my-daemon-task' });
  taskDefinition.addContainer('daemon-container', {
    image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/busybox:latest'),
    command: ['sh', '-c', 'while true; do echo \'Daemon running\'; sleep 30; done'],
    memoryReservationMiB: 512,
  });

  expect(registered(taskDefinition)).toEqual(withOurAdditions(guideExample));
});
