import { App, aws_ecs as ecs, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { DaemonTaskDefinition, type DaemonContainerDefinitionOptions, type DaemonTaskDefinitionProps } from '../../lib';
import { hasStruct, propertiesOf } from './aws-cdk-assembly';
import { everyContainerProperty, everyTaskDefinitionProperty } from './everything';
import { image } from './stack-with-daemon';

let stack: Stack;
let taskDefinition: DaemonTaskDefinition;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
  taskDefinition = new DaemonTaskDefinition(stack, 'Agent');
});

const sharedNetwork = 'all daemons of an instance share one network namespace, which ECS sets up';
const accelerators = 'a daemon gets no GPU and no accelerator, which ECS gives to tasks of services; run what needs one as a service';
const anyPlatform = 'a daemon runs on Managed Instances with Linux, whatever the architecture';

/** By property: what is said of it; the value does not matter. */
type Refusals = Record<string, string>;

const ofContainers: Refusals = {
  credentialSpecs: 'ECS gives a daemon no Active Directory credentials; let the container read its credentials from secrets',
  disableNetworking: `${sharedNetwork}; leave it out`,
  dnsSearchDomains: `${sharedNetwork}; use fully qualified names`,
  dnsServers: `${sharedNetwork}; set DNS servers in the DHCP options of the VPC`,
  dockerLabels: 'containers of a daemon have no labels, since its instances do not run Docker; use environment, or tags of the daemon',
  dockerSecurityOptions: 'the instances of a daemon do not run Docker; use user, readonlyRootFilesystem and linuxParameters',
  extraHosts: `${sharedNetwork}; use names that DNS knows`,
  gpuCount: accelerators,
  hostname: `${sharedNetwork}; pass a name in environment`,
  inferenceAcceleratorResources: accelerators,
  links: `${sharedNetwork}; containers reach each other at localhost`,
  portMappings: `${sharedNetwork}, and nothing is mapped; say with listeningPorts what the container listens on`,
  resourceRequirements: accelerators,
  versionConsistency: 'ECS records the digests of the images with every deployment of a daemon; name an image by its digest to be sure of it',
  volumesFrom: 'a container of a daemon inherits no volumes; mount the same volume in both containers with mountPoints',
};
const ofTaskDefinitions: Refusals = {
  compatibility: `${anyPlatform}; leave it out`,
  enableFaultInjection: `${sharedNetwork}, which ECS injects no faults into; leave it out`,
  ephemeralStorage: 'a daemon uses the storage of its instances; set it at their capacity provider',
  ephemeralStorageGiB: 'a daemon uses the storage of its instances; set it at their capacity provider',
  inferenceAccelerators: accelerators,
  networkMode: `${sharedNetwork} as daemon_bridge; leave it out`,
  placementConstraints: 'a daemon runs on every instance of its capacity providers; choose those in the daemon',
  proxyConfiguration: `${sharedNetwork}; a proxy can itself be a daemon`,
  requiresCompatibilities: `${anyPlatform}; leave it out`,
  runtimePlatform: `${anyPlatform}; use images for all architectures of the instances, or one daemon for each`,
};
/** The same things by the names of ECS and CloudFormation. */
const containersOtherwise: Refusals = {
  dependsOn: 'containerDependencies',
  firelensConfiguration: 'firelensConfig',
  logConfiguration: 'logging',
  memory: 'memoryLimitMiB',
  memoryReservation: 'memoryReservationMiB',
  name: 'containerName',
  repositoryCredentials: 'image (the credentials of ecs.ContainerImage.fromRegistry)',
  restartPolicy: 'enableRestartPolicy, restartIgnoredExitCodes and restartAttemptPeriod',
};
const taskDefinitionsOtherwise: Refusals = {
  containerDefinitions: 'addContainer()',
  executionRoleArn: 'executionRole',
  memory: 'memoryMiB',
  memoryLimitMiB: 'memoryMiB',
  taskRoleArn: 'taskRole',
};

/** Spread objects and JavaScript get past the compiler. */
const addContainerWith = (foreign: object): unknown =>
  taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512, ...foreign } as DaemonContainerDefinitionOptions);
const addTaskDefinitionWith = (foreign: object): unknown => new DaemonTaskDefinition(stack, 'Other', foreign as DaemonTaskDefinitionProps);

describe('a container', () => {
  test.each(Object.entries(ofContainers))('rejects %s', (property, reason) => {
    expect(() => addContainerWith({ [property]: [] })).toThrow(new Error(`[Stack/Agent/agent] ${property} is not supported for daemon containers: ${reason}`));
  });

  test.each(Object.entries(containersOtherwise))('rejects %s, with the supported way', (property, otherwise) => {
    expect(() => addContainerWith({ [property]: [] })).toThrow(
      new Error(`[Stack/Agent/agent] ${property} is not a property of daemon containers: use ${otherwise}`));
  });

  test('reports all unsupported properties at once', () => {
    expect(() => addContainerWith({ links: [], portMappings: [], cpu: -1 })).toThrow(
      /links is not supported for daemon containers.*\n.*portMappings is not supported for daemon containers.*\n.*cpu must be a whole number/);
  });

  test('accepts undefined properties, as of spread options', () => {
    expect(() => addContainerWith({ portMappings: undefined })).not.toThrow();
  });

  test('accepts unknown properties, as of a subclass', () => {
    expect(() => addContainerWith({ costCenter: '4711' })).not.toThrow();
  });
});

describe('a task definition', () => {
  test.each(Object.entries(ofTaskDefinitions))('rejects %s', (property, reason) => {
    expect(() => addTaskDefinitionWith({ [property]: 'x' })).toThrow(
      new Error(`[Stack/Other] ${property} is not supported for daemon task definitions: ${reason}`));
  });

  test.each(Object.entries(taskDefinitionsOtherwise))('rejects %s, with the supported way', (property, otherwise) => {
    expect(() => addTaskDefinitionWith({ [property]: 'x' })).toThrow(
      new Error(`[Stack/Other] ${property} is not a property of daemon task definitions: use ${otherwise}`));
  });

  test.each([
    ['pidMode', ecs.PidMode.HOST], ['pidMode', ecs.PidMode.TASK], ['ipcMode', ecs.IpcMode.HOST], ['ipcMode', ecs.IpcMode.TASK],
  ])('rejects the %s "%s" of aws-ecs', (property, mode) => {
    expect(() => addTaskDefinitionWith({ [property]: mode })).toThrow(
      new Error(`[Stack/Other] ${property} must be "none" or "shared" for a daemon, got: "${mode}"`));
  });
});

describe('a volume that is not created with DaemonVolume', () => {
  const message = 'must be created with DaemonVolume.host() or DaemonVolume.logFiles(), got:';

  test('fails when it is added', () => {
    expect(() => taskDefinition.addVolume({ name: 'data', efsVolumeConfiguration: {} } as never)).toThrow(`[Stack/Agent] volume ${message}`);
  });

  test('fails among the properties of the task definition', () => {
    expect(() => addTaskDefinitionWith({ volumes: [{ name: 'data', host: {} }] })).toThrow(`[Stack/Other] volumes[0] ${message}`);
  });
});

test.each([
  ['maxSwap', { maxSwap: Size.mebibytes(128) }, 128],
  ['swappiness', { swappiness: 10, maxSwap: Size.mebibytes(128) }, 10],
])('Linux parameters with %s fail at synth', (parameter, props, value) => {
  addContainerWith({ linuxParameters: new ecs.LinuxParameters(stack, 'LinuxParameters', props) });

  expect(() => Template.fromStack(stack)).toThrow(
    `[Stack/Agent/agent] linuxParameters must not set ${parameter}: a daemon has capabilities, devices, tmpfs and initProcessEnabled, got: ${parameter} ${value}`);
});

describe('the properties of the installed aws-ecs', () => {
  const other = (): ReturnType<DaemonTaskDefinition['addContainer']> => taskDefinition.addContainer('other', { image, memoryLimitMiB: 512 });
  const without = (names: string[], known: object): string[] => [...new Set(names)].filter((name) => !Object.hasOwn(known, name)).sort();
  const sorted = (refusals: Refusals): string[] => Object.keys(refusals).sort();

  test('are supported or rejected for a container', () => {
    const names = ['FirelensLogRouterDefinitionOptions', 'ContainerDefinitionOptions', 'CfnTaskDefinition.ContainerDefinitionProperty'].flatMap(propertiesOf);

    expect(without(names, { ...everyContainerProperty(stack, other()), ...containersOtherwise })).toEqual(sorted(ofContainers));
  });

  test('are supported or rejected for a task definition', () => {
    const names = [
      'TaskDefinitionProps', 'Ec2TaskDefinitionProps', 'ExternalTaskDefinitionProps', 'FargateTaskDefinitionProps', 'CfnTaskDefinitionProps',
    ].flatMap(propertiesOf);

    expect(without(names, { ...everyTaskDefinitionProperty(stack), ...taskDefinitionsOtherwise })).toEqual(sorted(ofTaskDefinitions));
  });

  test.each<[string, string[]]>([
    ['ContainerDependencyProperty', []],
    ['DeviceProperty', []],
    ['EnvironmentFileProperty', []],
    ['FirelensConfigurationProperty', []],
    ['HealthCheckProperty', []],
    ['HostVolumePropertiesProperty', []],
    ['KernelCapabilitiesProperty', []],
    ['LinuxParametersProperty', ['maxSwap', 'sharedMemorySize', 'swappiness']],
    ['LogConfigurationProperty', []],
    ['MountPointProperty', []],
    ['RepositoryCredentialsProperty', []],
    ['RestartPolicyProperty', []],
    ['SecretProperty', []],
    ['SystemControlProperty', []],
    ['TmpfsProperty', []],
    ['UlimitProperty', []],
  ])('are all in the L1 %s of a daemon, except %j', (struct, lacking) => {
    expect(hasStruct(`CfnTaskDefinition.${struct}`)).toBe(true);
    expect(without(propertiesOf(`CfnTaskDefinition.${struct}`), Object.fromEntries(propertiesOf(`CfnDaemonTaskDefinition.${struct}`).map((name) => [name, '']))))
      .toEqual(lacking);
  });
});

describe('a member that an image or a log driver uses and a daemon does not have', () => {
  /** A log driver of somebody else's. */
  class ForeignDriver extends ecs.LogDriver {
    constructor(private readonly reach: (container: ecs.ContainerDefinition) => unknown) {
      super();
    }

    public bind(_: Construct, container: ecs.ContainerDefinition): ecs.LogDriverConfig {
      this.reach(container);
      return { logDriver: 'awslogs' };
    }
  }

  test.each<[string, string, string, (container: ecs.ContainerDefinition) => unknown]>([
    ['portMappings', 'daemon container', ofContainers.portMappings, (container) => container.portMappings],
    ['addPortMappings', 'daemon container', ofContainers.portMappings, (container) => container.addPortMappings({ containerPort: 80 })],
    ['containerPort', 'daemon container', ofContainers.portMappings, (container) => container.containerPort],
    ['ingressPort', 'daemon container', ofContainers.portMappings, (container) => container.ingressPort],
    ['findPortMapping', 'daemon container', ofContainers.portMappings, (container) => container.findPortMapping(80, ecs.Protocol.TCP)],
    ['findPortMappingByName', 'daemon container', ofContainers.portMappings, (container) => container.findPortMappingByName('http')],
    ['addLink', 'daemon container', ofContainers.links, (container) => container.addLink(container)],
    ['addDockerLabel', 'daemon container', ofContainers.dockerLabels, (container) => container.addDockerLabel('a', 'b')],
    ['volumesFrom', 'daemon container', ofContainers.volumesFrom, (container) => container.volumesFrom],
    ['addVolumesFrom', 'daemon container', ofContainers.volumesFrom, (container) => container.addVolumesFrom()],
    ['addInferenceAcceleratorResource', 'daemon container', accelerators, (container) => container.addInferenceAcceleratorResource()],
    ['networkMode', 'daemon task definition', ofTaskDefinitions.networkMode, (container) => container.taskDefinition.networkMode],
    ['compatibility', 'daemon task definition', ofTaskDefinitions.compatibility, (container) => container.taskDefinition.compatibility],
    ['addPlacementConstraint', 'daemon task definition', ofTaskDefinitions.placementConstraints,
      ({ taskDefinition: definition }) => definition.addPlacementConstraint(ecs.PlacementConstraint.distinctInstances())],
  ])('fails with the reason: %s of its %s', (member, of, reason, reach) => {
    expect(() => addContainerWith({ logging: new ForeignDriver(reach) })).toThrow(
      new Error(`[Stack/Agent/agent] the image or log driver uses "${member}" of its ${of}, which has no such member: ${reason}`));
  });

  test('fails without a reason if it is unknown', () => {
    expect(() => addContainerWith({ logging: new ForeignDriver((container) => container.renderContainerDefinition()) })).toThrow(
      new Error('[Stack/Agent/agent] the image or log driver uses "renderContainerDefinition" of its daemon container, which has no such member'));
  });

  test.each<[string, (container: ecs.ContainerDefinition) => unknown]>([
    ['addEnvironment', (container) => container.addEnvironment('A', 'b')],
    ['addMountPoints', (container) => container.addMountPoints({ containerPath: '/data', sourceVolume: 'data', readOnly: true })],
    ['obtainExecutionRole', (container) => container.taskDefinition.obtainExecutionRole()],
    ['family', (container) => container.taskDefinition.family],
    ['node', (container) => container.node.path],
  ])('exists: %s', (_, reach) => {
    expect(() => addContainerWith({ logging: new ForeignDriver(reach) })).not.toThrow();
  });
});
