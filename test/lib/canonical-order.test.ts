import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_secretsmanager as secretsmanager, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import {
  DaemonCapability, DaemonCapacityProvider, DaemonIpcMode, DaemonPidMode, DaemonTaskDefinition, DaemonVolume, ManagedDaemon,
  type DaemonContainerDefinitionOptions, type DaemonTaskDefinitionProps,
} from '../../lib';
import { everyContainerProperty, everyTaskDefinitionProperty } from './everything';
import { image } from './stack-with-daemon';

/** Puts a list, or the entries of a map, into another order. */
interface Order {
  <T>(entries: T[]): T[];
  map<T>(entries: { [key: string]: T }): { [key: string]: T };
}

const definedOrder: Order = Object.assign(<T>(entries: T[]) => entries, { map: <T>(entries: T) => entries });

function shuffled(seed: number): Order {
  let state = seed;
  const next = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const order = <T>(entries: T[]): T[] =>
    entries.map((entry): [number, T] => [next(), entry]).sort(([one], [other]) => one - other).map(([, entry]) => entry);
  return Object.assign(order, { map: <T>(entries: { [key: string]: T }) => Object.fromEntries(order(Object.entries(entries))) });
}

/** Every property of a container, with several entries in each list that ECS gives no order. */
function everyContainerList(stack: Stack, task: DaemonTaskDefinition, order: Order): Required<DaemonContainerDefinitionOptions> {
  const [first, second] = ['first', 'second'].map((id) => task.addContainer(id, { image, memoryLimitMiB: 64, healthCheck: { command: ['/health'] } }));
  const secrets = Object.fromEntries(['A', 'B', 'C'].map((id) => [id, ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, id))]));
  const every = everyContainerProperty(stack, first);
  const linuxParameters = new ecs.LinuxParameters(stack, 'Further', { initProcessEnabled: true });
  linuxParameters.addCapabilities(...order([ecs.Capability.SYS_ADMIN, ecs.Capability.NET_ADMIN, ecs.Capability.SYS_PTRACE]));
  linuxParameters.dropCapabilities(...order([ecs.Capability.CHOWN, ecs.Capability.KILL]));
  linuxParameters.addDevices(...order(['/dev/fuse', '/dev/kmsg', '/dev/null'].map((hostPath) =>
    ({ hostPath, permissions: order([ecs.DevicePermission.READ, ecs.DevicePermission.WRITE]) }))));
  linuxParameters.addTmpfs(...order(['/tmp', '/tmp/a', '/tmp-a', '/var'].map((containerPath) => ({ containerPath, size: 1 }))));
  return {
    ...every,
    environment: order.map({ A1: '1', B1: '2', [Lazy.string({ produce: () => 'C1' })]: '3', [Lazy.string({ produce: () => 'D1' })]: '4' }),
    secrets: order.map(secrets),
    linuxParameters,
    additionalCapabilities: order([DaemonCapability.BPF, DaemonCapability.PERFMON]),
    ulimits: order([ecs.UlimitName.CORE, ecs.UlimitName.NOFILE, ecs.UlimitName.CPU].map((name) => ({ name, softLimit: 1, hardLimit: 1 }))),
    systemControls: order(['net.core.somaxconn', 'kernel.msgmax', 'fs.mqueue.msg_max'].map((namespace) => ({ namespace, value: '1' }))),
    logging: new ecs.GenericLogDriver({
      logDriver: 'splunk', options: order.map({ 'splunk-url': 'u', 'splunk-source': 's', 'tag': 't' }), secretOptions: order.map(secrets),
    }),
    containerDependencies: order([first, second].map((container) => ({ container, condition: ecs.ContainerDependencyCondition.HEALTHY }))),
    restartIgnoredExitCodes: order([2, 10, 100]),
    mountPoints: order(['/host', '/host/proc', '/host-a', '/logs', Lazy.string({ produce: () => '/late' }), Lazy.string({ produce: () => '/later' })]
      .map((containerPath) => ({ containerPath, sourceVolume: 'proc', readOnly: true }))),
    listeningPorts: order([{ port: 1 }, { port: 2 }]),
  };
}

function everyTaskDefinitionList(stack: Stack, order: Order): Required<DaemonTaskDefinitionProps> {
  return {
    ...everyTaskDefinitionProperty(stack),
    volumes: order([
      ...['proc', 'sys', 'var'].map((name) => DaemonVolume.host(name, `/${name}`)),
      DaemonVolume.logFiles('logs'),
    ]),
    tags: order.map({ team: 'platform', stage: 'production', cost: '1' }),
  };
}

/** What ECS is told of task definitions and daemons; statements of policies keep the order of grants, and drain nothing. */
function templateOf(build: (stack: Stack) => void): string {
  const stack = new Stack(new App(), 'Stack');
  build(stack);
  const template = Template.fromStack(stack);
  const resources = ['AWS::ECS::DaemonTaskDefinition', 'Custom::ECSManagedDaemon'].map((type) => template.findResources(type));
  return JSON.stringify(resources, undefined, 1);
}

const daemonIn = (order: Order) => (stack: Stack): void => {
  const daemonTaskDefinition = new DaemonTaskDefinition(stack, 'Task', everyTaskDefinitionList(stack, order));
  daemonTaskDefinition.addContainer('agent', everyContainerList(stack, daemonTaskDefinition, order));
  const alarms = ['One', 'Two', 'Three'].map((id) => new cloudwatch.Alarm(stack, id, {
    metric: new cloudwatch.Metric({ namespace: 'Agent', metricName: id }), threshold: 1, evaluationPeriods: 1,
  }));
  new ManagedDaemon(stack, 'Daemon', {
    cluster: ecs.Cluster.fromClusterArn(stack, 'Cluster', 'arn:aws:ecs:eu-west-1:111122223333:cluster/fleet'),
    daemonTaskDefinition,
    capacityProviders: order([
      ...['a', 'b'].map((name) => DaemonCapacityProvider.fromCapacityProviderName(stack, name)),
      DaemonCapacityProvider.fromCapacityProvider(new ecs.CfnCapacityProvider(stack, 'Plain')),
    ]),
    alarms: order([...alarms, cloudwatch.Alarm.fromAlarmName(stack, 'Four', 'four')]),
    bakeTime: Duration.minutes(5),
    tags: order.map({ team: 'platform', stage: 'production' }),
  });
};

test('the template is the same in another order, for every list and map to which ECS gives no order (R64)', () => {
  const template = templateOf(daemonIn(definedOrder));

  fc.assert(fc.property(fc.integer({ min: 1, max: 2147483647 }), (seed) => {
    expect(templateOf(daemonIn(shuffled(seed)))).toBe(template);
  }), { numRuns: 20 });
}, 60_000);

describe('the template is the same with a stated and with an omitted default', () => {
  type Options = Partial<DaemonContainerDefinitionOptions>;
  const containerTemplate = (options: (stack: Stack) => Options, props: DaemonTaskDefinitionProps = {}): string => templateOf((stack) => {
    const task = new DaemonTaskDefinition(stack, 'Task', props);
    task.addContainer('agent', { image, memoryLimitMiB: 64, ...options(stack) });
  });
  const healthCheck = { command: ['/health'] };
  const router = { type: ecs.FirelensLogRouterType.FLUENTBIT };
  const device = { hostPath: '/dev/fuse' };
  const devices = (stack: Stack, permissions?: ecs.DevicePermission[]): Options => {
    const linuxParameters = new ecs.LinuxParameters(stack, 'LinuxParameters');
    linuxParameters.addDevices({ ...device, permissions });
    return { linuxParameters };
  };

  test.each<[string, Options, Options]>([
    ['essential', { essential: true }, {}],
    ['privileged', { privileged: false }, {}],
    ['readonlyRootFilesystem', { readonlyRootFilesystem: false }, {}],
    ['pseudoTerminal', { pseudoTerminal: false }, {}],
    ['interactive', { interactive: false }, {}],
    ['enableRestartPolicy', { enableRestartPolicy: false }, {}],
    ['enableRestartPolicy of a described policy',
      { restartIgnoredExitCodes: [1], enableRestartPolicy: true }, { restartIgnoredExitCodes: [1] }],
    ['restartAttemptPeriod', { enableRestartPolicy: true, restartAttemptPeriod: Duration.minutes(5) }, { enableRestartPolicy: true }],
    ['restartIgnoredExitCodes', { enableRestartPolicy: true, restartIgnoredExitCodes: [] }, { enableRestartPolicy: true }],
    ['a repeated exit code', { restartIgnoredExitCodes: [1, 1] }, { restartIgnoredExitCodes: [1] }],
    ['a repeated capability',
      { additionalCapabilities: [DaemonCapability.BPF, DaemonCapability.BPF] }, { additionalCapabilities: [DaemonCapability.BPF] }],
    ['each setting of a health check',
      {
        healthCheck: {
          ...healthCheck, interval: Duration.seconds(30), timeout: Duration.seconds(5), retries: 3, startPeriod: Duration.seconds(0),
        },
      },
      { healthCheck }],
    ['the options of a log router', { firelensConfig: { ...router, options: { enableECSLogMetadata: true } } }, { firelensConfig: router }],
    ['empty lists and maps', {
      environment: {}, environmentFiles: [], secrets: {}, additionalCapabilities: [], ulimits: [], systemControls: [],
      containerDependencies: [], mountPoints: [], listeningPorts: [], command: [], entryPoint: [], user: '',
    }, {}],
  ])('for %s', (_, stated, absent) => {
    expect(containerTemplate(() => stated)).toBe(containerTemplate(() => absent));
  });

  test('for namespaces', () => {
    expect(containerTemplate(() => ({}), { pidMode: DaemonPidMode.NONE, ipcMode: DaemonIpcMode.NONE, volumes: [], tags: {} }))
      .toBe(containerTemplate(() => ({})));
  });

  test('for Linux parameters', () => {
    const stated = (stack: Stack): Options => ({
      linuxParameters: new ecs.LinuxParameters(stack, 'LinuxParameters', { initProcessEnabled: false }),
    });

    expect(containerTemplate(stated)).toBe(containerTemplate(() => ({})));
  });

  test('for the path of a device in the container', () => {
    const at = (containerPath?: string) => (stack: Stack): Options => {
      const linuxParameters = new ecs.LinuxParameters(stack, 'LinuxParameters');
      linuxParameters.addDevices({ ...device, containerPath });
      return { linuxParameters };
    };

    expect(containerTemplate(at(device.hostPath))).toBe(containerTemplate(at()));
  });

  test('for the permissions of a device', () => {
    const { MKNOD, READ, WRITE } = ecs.DevicePermission;

    expect(containerTemplate((stack) => devices(stack, [READ, WRITE, MKNOD]))).toBe(containerTemplate((stack) => devices(stack)));
  });
});

test('a command, an entry point and the containers keep the order in which they are given', () => {
  const names = (ids: string[]): string => templateOf((stack) => {
    const task = new DaemonTaskDefinition(stack, 'Task');
    ids.forEach((id) => task.addContainer(id, { image, memoryLimitMiB: 64, command: ids, entryPoint: ids }));
  });

  expect(names(['b', 'a'])).toMatch(/"Command": \[\s*"b",\s*"a"\s*\][^]*"EntryPoint": \[\s*"b",\s*"a"\s*\][^]*"Name": "b"[^]*"Name": "a"/);
});
