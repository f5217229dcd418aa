import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  DaemonCapacityProvider, DaemonTaskDefinition, DaemonVolume, ManagedDaemon, ManagedDaemonProvider, ManagedDaemonWaves,
  type DaemonContainerDefinitionOptions, type DaemonTaskDefinitionProps, type ManagedDaemonAttributes,
  type ManagedDaemonProps, type ManagedDaemonProviderProps,
} from '../../lib';
import { image } from './stack-with-daemon';

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
});

type Given = Record<string, unknown>;
type Properties<T> = Record<keyof Required<T>, true>;

const containerProperties: Properties<DaemonContainerDefinitionOptions> = {
  additionalCapabilities: true, command: true, containerDependencies: true, containerName: true, cpu: true, enableRestartPolicy: true,
  entryPoint: true, environment: true, environmentFiles: true, essential: true, firelensConfig: true, healthCheck: true, image: true,
  interactive: true, linuxParameters: true, listeningPorts: true, logging: true, memoryLimitMiB: true, memoryReservationMiB: true,
  mountPoints: true, privileged: true, pseudoTerminal: true, readonlyRootFilesystem: true, restartAttemptPeriod: true,
  restartIgnoredExitCodes: true, secrets: true, startTimeout: true, stopTimeout: true, systemControls: true, ulimits: true, user: true,
  workingDirectory: true,
};
const taskDefinitionProperties: Properties<DaemonTaskDefinitionProps> = {
  cpu: true, executionRole: true, family: true, ipcMode: true, memoryMiB: true, pidMode: true, retainOldRevisions: true, tags: true,
  taskRole: true, volumes: true,
};
const volumeProperties: Properties<Pick<DaemonVolume, 'name' | 'sourcePath'>> = { name: true, sourcePath: true };
const daemonProperties: Properties<ManagedDaemonProps> = {
  adoptExisting: true, alarms: true, bakeTime: true, capacityProviders: true, cluster: true, critical: true, daemonName: true,
  daemonTaskDefinition: true, drainPercent: true, enableECSManagedTags: true, enableExecuteCommand: true, passedRoles: true,
  preflight: true, propagateTags: true, removalPolicy: true, rolloutToken: true, tags: true, timeout: true,
};
const providerProperties: Properties<ManagedDaemonProviderProps> = {
  logEncryptionKey: true, logLevel: true, logRetention: true, tracing: true,
};
const attributes: Properties<ManagedDaemonAttributes> = { cluster: true, daemonName: true };

function addTaskDefinition(container: Given = {}, props: Given = {}): DaemonTaskDefinition {
  const taskDefinition = new DaemonTaskDefinition(stack, 'TaskDefinition', props as DaemonTaskDefinitionProps);
  taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512, ...container } as DaemonContainerDefinitionOptions);
  return taskDefinition;
}

const addDaemon = (props: unknown): ManagedDaemon => new ManagedDaemon(stack, 'Daemon', props as ManagedDaemonProps);
const validDaemon = (): Given => ({
  cluster: { clusterRef: { clusterName: 'apps', clusterArn: 'arn:aws:ecs:us-east-1:111122223333:cluster/apps' }, node: stack.node, env: stack.env },
  capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(stack, 'managed')],
  daemonTaskDefinition: addTaskDefinition(),
});
const importTaskDefinition = (given: unknown): unknown => DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Import', given as never);
const importDaemon = (given: unknown): unknown => ManagedDaemon.fromManagedDaemonAttributes(stack, 'Import', given as never);
const arn = 'arn:aws:ecs:us-east-1:111122223333:daemon-task-definition/agent:1';

/** What JavaScript lets through where TypeScript demands something else. */
const values: [shown: string, value: unknown][] = [
  ['null', null], ['a string', 'x'], ['a number', 5], ['true', true], ['a function', (): void => {}], ['an object', {}],
  ['a list of nothing', [undefined]], ['a list of null', [null]], ['a list of strings', ['x']], ['a list of objects', [{}]],
];

const targets: [what: string, properties: object, use: (given: Given) => unknown][] = [
  ['a container', containerProperties, (given) => addTaskDefinition(given)],
  ['a task definition', taskDefinitionProperties, (given) => addTaskDefinition({}, given)],
  ['a volume', volumeProperties, ({ name = 'logs', sourcePath }) =>
    addTaskDefinition({}, { volumes: [DaemonVolume.host(name as string, sourcePath as string)] })],
  ['a mount point', { containerPath: true, readOnly: true, sourceVolume: true }, (given) =>
    addTaskDefinition({ mountPoints: [{ containerPath: '/logs', sourceVolume: 'logs', readOnly: true, ...given }] }, { volumes: [DaemonVolume.host('logs')] })],
  ['a health check', { command: true, interval: true, retries: true, startPeriod: true, timeout: true }, (given) =>
    addTaskDefinition({ healthCheck: { command: ['/agent', 'health'], ...given } })],
  ['a daemon', daemonProperties, (given) => addDaemon({ ...validDaemon(), ...given })],
  ['the functions', providerProperties, (given) => {
    ManagedDaemonProvider.configure(stack, given);
    addDaemon(validDaemon());
  }],
  ['an imported daemon', attributes, (given) => importDaemon({ ...validDaemon(), daemonName: 'agent', ...given })],
  ['an imported task definition', { daemonTaskDefinitionArn: true, executionRole: true, taskRole: true }, (given) =>
    addDaemon({ ...validDaemon(), daemonTaskDefinition: importTaskDefinition({ daemonTaskDefinitionArn: arn, ...given }) })],
];

/** The error of a use and of the synthesis after it; undefined if both accept it. */
function errorOf(use: () => unknown): Error | undefined {
  try {
    use();
    Template.fromStack(stack);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

describe.each(targets)('a value of the wrong type for %s', (_what, properties, use) => {
  test.each(Object.keys(properties))('is accepted, or rejected with a message and a path: %s', (property) => {
    const raw = values.map(([shown, value]) => {
      stack = new Stack(new App(), 'Stack');
      const error = errorOf(() => use({ [property]: value }));
      return error === undefined || /(^|\n)\s*\[Stack[\]/]/.test(error.message) ? undefined : `${shown}: ${error.message}`;
    });
    expect(raw.filter((message) => message !== undefined)).toEqual([]);
  });
});

describe('a value of the wrong type', () => {
  test.each<[string, () => unknown, string]>([
    ['a flag from the environment', () => addDaemon({ ...validDaemon(), critical: 'false' }), 'critical must be true or false, got: the string "false"'],
    ['an unknown value of an enumeration', () => addDaemon({ ...validDaemon(), propagateTags: 'SERVICE' }), 'propagateTags must be one of '],
    ['a number for a variable', () => addTaskDefinition({ environment: { PORT: 8080 } }), 'environment.PORT must be a string, got: 8080'],
    ['a variable that is not set', () => addTaskDefinition({ environment: { TOKEN: undefined } }), 'environment.TOKEN must be given, got: undefined'],
    ['an entry of a list', () => addTaskDefinition({ mountPoints: [undefined] }), 'mountPoints[0] must be given, got: undefined'],
    ['a number in a tag', () => addTaskDefinition({}, { tags: { owner: 5 } }), 'tags.owner must be a string, got: 5'],
    ['no properties at all', () => new DaemonTaskDefinition(stack, 'TaskDefinition', null as never), 'props must be an object, got: null'],
    ['attributes that are missing', () => importTaskDefinition(undefined), 'attributes must be an object, got: undefined'],
    ['a role by its ARN', () => importTaskDefinition({ daemonTaskDefinitionArn: arn, taskRole: 'arn:aws:iam::111122223333:role/agent' }),
      'taskRole must be an iam.Role, got: the string '],
    ['the name of a cluster', () => importDaemon({ daemonName: 'agent', cluster: 'apps' }),
      'cluster must be an ecs.Cluster or another reference to a cluster, got: the string "apps"'],
    ['a number for the name of a capacity provider', () => DaemonCapacityProvider.fromCapacityProviderName(stack, 5 as never),
      'capacityProviderName must be a string, got: 5'],
    ['a name of a capacity provider that is too long', () => DaemonCapacityProvider.fromCapacityProviderName(stack, 'x'.repeat(256)),
      'capacityProviderName must have at most 255 characters, got: 256 characters'],
    ['a scope that is missing', () => DaemonCapacityProvider.fromCapacityProviderName(undefined as never, 'managed'), 'scope must be a construct, got: undefined'],
  ])('%s', (_what, use, message) => {
    expect(use).toThrow(message);
  });

  test.each(['addEnvironment', 'addSecret', 'addMountPoints', 'addUlimits', 'addListeningPorts', 'addContainerDependencies'] as const)(
    'as an argument of %s', (method) => {
      const container = addTaskDefinition().node.findChild('agent') as unknown as Record<string, (...given: unknown[]) => void>;
      expect(() => container[method]!(null, null)).toThrow('[Stack/TaskDefinition/agent] ');
    });
});

test('values that are known only at deployment are accepted', () => {
  const anything = Lazy.any({ produce: () => true }) as never;
  expect(() => addTaskDefinition({ privileged: anything, command: Lazy.list({ produce: () => ['x'] }) })).not.toThrow();
});

test.each([null, undefined, 'x', 5])('%s is not one of our constructs', (value) => {
  const isOurs = [ManagedDaemon.isManagedDaemon, DaemonTaskDefinition.isDaemonTaskDefinition, ManagedDaemonWaves.isManagedDaemonWaves];
  expect(isOurs.map((is) => is(value as never))).toEqual([false, false, false]);
});
