import type { Input } from '../../core/aws-service';
import { invalidParameter } from '../errors';
import type { EcsAssumptions } from '../assumptions';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const GUIDE_LOG_DRIVERS = ['awslogs', 'splunk', 'awsfirelens'];
const API_LOG_DRIVERS = ['json-file', 'syslog', 'journald', 'gelf', 'fluentd', ...GUIDE_LOG_DRIVERS];

const TASK_FIELDS = new Set([
  'family', 'containerDefinitions', 'cpu', 'memory', 'taskRoleArn', 'executionRoleArn', 'volumes', 'pidMode', 'ipcMode', 'tags',
]);

const CONTAINER_FIELDS = new Set([
  'name', 'image', 'memory', 'memoryReservation', 'repositoryCredentials', 'healthCheck', 'cpu', 'essential', 'entryPoint', 'command',
  'workingDirectory', 'environmentFiles', 'environment', 'secrets', 'readonlyRootFilesystem', 'mountPoints', 'logConfiguration',
  'firelensConfiguration', 'privileged', 'user', 'ulimits', 'linuxParameters', 'dependsOn', 'startTimeout', 'stopTimeout',
  'systemControls', 'interactive', 'pseudoTerminal', 'restartPolicy',
]);

/** Refuses what `RegisterDaemonTaskDefinition` refuses (R44 to R49). */
export function validateDaemonTaskDefinition(input: Input, assumptions: EcsAssumptions): void {
  refuseUnknown(input, TASK_FIELDS, 'daemon task definition');
  if (typeof input.family !== 'string' || !NAME.test(input.family)) {
    throw invalidParameter('family must have 1 to 255 letters, digits, underscores and hyphens.');
  }
  const containers: Input[] = input.containerDefinitions ?? [];
  if (containers.length === 0) throw invalidParameter('Container definitions should not be null or empty.');
  if (assumptions.maxContainers !== 'none' && containers.length > assumptions.maxContainers) { // the quota is not documented (A20)
    throw invalidParameter(`A daemon task definition can have at most ${assumptions.maxContainers} containers.`);
  }
  const volumes: Input[] = input.volumes ?? [];
  const volumeNames = new Set(volumes.map((volume) => volume.name));
  for (const volume of volumes) validateVolume(volume);
  for (const container of containers) validateContainer(container, volumeNames, assumptions);
  if (new Set(containers.map((container) => container.name)).size < containers.length) {
    throw invalidParameter('Container names must be unique within a daemon task definition.');
  }
  if (containers.every((container) => container.essential === false)) { // one container must be essential (R45)
    throw invalidParameter('A daemon task definition must have at least one essential container.');
  }
  for (const mode of ['pidMode', 'ipcMode']) { // daemons share the namespaces of the host, or none (R48)
    if (input[mode] !== undefined && !['none', 'shared'].includes(input[mode])) {
      throw invalidParameter(`Invalid ${mode}: ${input[mode]}. Valid values are none and shared.`);
    }
  }
}

function validateContainer(container: Input, volumeNames: ReadonlySet<unknown>, assumptions: EcsAssumptions): void {
  refuseUnknown(container, CONTAINER_FIELDS, 'daemon container definition');
  const name = container.name ?? 'unnamed';
  if (container.name !== undefined && !NAME.test(String(container.name))) {
    throw invalidParameter(`Invalid container name: ${container.name}`);
  }
  if (!container.image) throw invalidParameter(`Container.image should not be null or empty. Container: ${name}`);
  if (container.memory === undefined && container.memoryReservation === undefined) { // even with memory at the task level (R46)
    throw invalidParameter(`Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`);
  }
  if (container.memory !== undefined && container.memoryReservation !== undefined && container.memoryReservation > container.memory) {
    throw invalidParameter(`Invalid setting for container '${name}'. 'memoryReservation' must not be greater than 'memory'.`);
  }
  for (const mountPoint of container.mountPoints ?? []) {
    if (!volumeNames.has(mountPoint.sourceVolume)) {
      throw invalidParameter(`Invalid 'containerDefinition.mountPoints.sourceVolume' setting: unknown volume '${mountPoint.sourceVolume}'.`);
    }
  }
  const logDriver = container.logConfiguration?.logDriver;
  // the guide names three, the API has more (R49, A21)
  const allowed = assumptions.logDrivers === 'guide' ? GUIDE_LOG_DRIVERS : API_LOG_DRIVERS;
  if (logDriver !== undefined && !allowed.includes(logDriver)) {
    throw invalidParameter(`Log driver ${logDriver} isn't supported for daemons. Supported log drivers: ${allowed.join(', ')}.`);
  }
}

function validateVolume(volume: Input): void {
  if (!volume.name) throw invalidParameter('Volume names should not be null or empty.');
  if (volume.host && volume.logDriverVolumeConfiguration) { // a volume is of one kind (R47)
    throw invalidParameter(`Volume '${volume.name}' can have either host or logDriverVolumeConfiguration.`);
  }
  const driver = volume.logDriverVolumeConfiguration?.driver;
  if (volume.logDriverVolumeConfiguration && driver !== 'json-file') {
    throw invalidParameter(`Volume '${volume.name}': the log driver of a volume must be json-file.`);
  }
}

function refuseUnknown(value: Input, known: ReadonlySet<string>, what: string): void {
  const unknown = Object.keys(value).find((key) => !known.has(key) && value[key] !== undefined);
  // daemons have fewer settings than other tasks (R44)
  if (unknown !== undefined) throw invalidParameter(`Unknown parameter in ${what}: ${unknown}`);
}
