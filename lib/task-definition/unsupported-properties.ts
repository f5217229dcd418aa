
const sharedNetwork = 'all daemons of an instance share one network namespace, which ECS sets up';
const noAccelerators = 'a daemon gets no GPU and no accelerator, which ECS gives to tasks of services; run what needs one as a service';
const linuxEverywhere = 'a daemon runs on Managed Instances with Linux, whatever the architecture';

/** Properties of containers in aws-ecs or ECS that daemons do not support (R44): why, and what to do instead. */
const foreignContainerProperties: Record<string, string> = {
  credentialSpecs: 'ECS gives a daemon no Active Directory credentials; let the container read its credentials from secrets',
  disableNetworking: `${sharedNetwork}; leave it out`,
  dnsSearchDomains: `${sharedNetwork}; use fully qualified names`,
  dnsServers: `${sharedNetwork}; set DNS servers in the DHCP options of the VPC`,
  dockerLabels: 'containers of a daemon have no labels, since its instances do not run Docker; use environment, or tags of the daemon',
  dockerSecurityOptions: 'the instances of a daemon do not run Docker; use user, readonlyRootFilesystem and linuxParameters',
  extraHosts: `${sharedNetwork}; use names that DNS knows`,
  gpuCount: noAccelerators,
  hostname: `${sharedNetwork}; pass a name in environment`,
  inferenceAcceleratorResources: noAccelerators,
  links: `${sharedNetwork}; containers reach each other at localhost`,
  portMappings: `${sharedNetwork}, and nothing is mapped; say with listeningPorts what the container listens on`,
  resourceRequirements: noAccelerators,
  versionConsistency: 'ECS records the digests of the images with every deployment of a daemon; name an image by its digest to be sure of it',
  volumesFrom: 'a container of a daemon inherits no volumes; mount the same volume in both containers with mountPoints',
};

/** Properties of task definitions in aws-ecs or ECS that daemons do not support (R44). */
const foreignTaskDefinitionProperties: Record<string, string> = {
  compatibility: `${linuxEverywhere}; leave it out`,
  enableFaultInjection: `${sharedNetwork}, which ECS injects no faults into; leave it out`,
  ephemeralStorage: 'a daemon uses the storage of its instances; set it at their capacity provider',
  ephemeralStorageGiB: 'a daemon uses the storage of its instances; set it at their capacity provider',
  inferenceAccelerators: noAccelerators,
  networkMode: `${sharedNetwork} as daemon_bridge; leave it out`,
  placementConstraints: 'a daemon runs on every instance of its capacity providers; choose those in the daemon',
  proxyConfiguration: `${sharedNetwork}; a proxy can itself be a daemon`,
  requiresCompatibilities: `${linuxEverywhere}; leave it out`,
  runtimePlatform: `${linuxEverywhere}; use images for all architectures of the instances, or one daemon for each`,
};

/** What ECS and CloudFormation call otherwise than aws-ecs and we do. */
const otherContainerNames: Record<string, string> = {
  dependsOn: 'containerDependencies',
  firelensConfiguration: 'firelensConfig',
  logConfiguration: 'logging',
  memory: 'memoryLimitMiB',
  memoryReservation: 'memoryReservationMiB',
  name: 'containerName',
  repositoryCredentials: 'image (the credentials of ecs.ContainerImage.fromRegistry)',
  restartPolicy: 'enableRestartPolicy, restartIgnoredExitCodes and restartAttemptPeriod',
};
const otherTaskDefinitionNames: Record<string, string> = {
  containerDefinitions: 'addContainer()',
  executionRoleArn: 'executionRole',
  memory: 'memoryMiB',
  memoryLimitMiB: 'memoryMiB',
  taskRoleArn: 'taskRole',
};

/** What images and log drivers of aws-ecs may reach for, by the property that it belongs to. */
const memberOf: Record<string, string> = { containerPort: 'portMappings', findPortMappingByName: 'portMappings', ingressPort: 'portMappings' };

/** The types do not let such properties through, but JavaScript and spread objects do. */
export const checkForeignContainerProperties = (options: object): string[] =>
  checkForeign('daemon containers', options, foreignContainerProperties, otherContainerNames);

export const checkForeignTaskDefinitionProperties = (props: object): string[] =>
  checkForeign('daemon task definitions', props, foreignTaskDefinitionProperties, otherTaskDefinitionNames);

/** Why a daemon lacks a member of a container or a task definition of aws-ecs, if that is known. */
export function reasonForMissing(member: string): string | undefined {
  const stem = member.replace(/^(add|find)(?=[A-Z])/, '');
  const property = stem.charAt(0).toLowerCase() + stem.slice(1);
  const reasons = { ...foreignContainerProperties, ...foreignTaskDefinitionProperties };
  return [memberOf[member], property, `${property}s`].map((name) => reasons[name]).find((reason) => reason !== undefined);
}

function checkForeign(what: string, given: object, foreign: Record<string, string>, otherNames: Record<string, string>): string[] {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .flatMap(([property]) => {
      if (Object.hasOwn(foreign, property)) {
        return [`${property} is not supported for ${what}: ${foreign[property]}`];
      }
      return Object.hasOwn(otherNames, property) ? [`${property} is not a property of ${what}: use ${otherNames[property]}`] : [];
    });
}
