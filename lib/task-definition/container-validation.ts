import { Token, type aws_ecs as ecs } from 'aws-cdk-lib';
import { checkAbsolutePath } from '../naming/names';
import { checkClass, isObjectWith, shown } from '../validation/class-validation';
import type { DaemonCapability } from './daemon-capability';
import type { DaemonContainerDefinitionOptions } from './daemon-container-options';
import type { DaemonListeningPort } from './daemon-listening-port';
import { checkFirelensConfig } from './firelens-router';
import { checkForeignContainerProperties } from './unsupported-properties';
import { checkHealthCheck } from './health-check';
import { portName } from './listening-ports';
import { checkSeconds, checkWholeNumber } from '../validation/number-validation';
import { checkName } from '../naming/names';

/** The log drivers that the Guide names for daemons (R49); the API's own enum is wider (A21). */
export const documentedLogDrivers = ['awslogs', 'splunk', 'awsfirelens'];

/** Settings of aws-ecs that daemons do not support (R44). */
const foreignLinuxParameters = ['maxSwap', 'sharedMemorySize', 'swappiness'] as const;

const mostIgnoredExitCodes = 50;

/** Lists what is wrong with the settings of a container alone. */
export function checkContainerSettings(containerName: string, options: DaemonContainerDefinitionOptions): (string | undefined)[] {
  return [
    ...checkForeignContainerProperties(options),
    checkName('containerName', containerName),
    checkWholeNumber('cpu', 'CPU units', options.cpu, 0),
    checkWholeNumber('memoryLimitMiB', 'MiB', options.memoryLimitMiB),
    checkWholeNumber('memoryReservationMiB', 'MiB', options.memoryReservationMiB),
    checkMemory(options.memoryLimitMiB, options.memoryReservationMiB),
    ...(options.additionalCapabilities ?? []).map(checkCapability),
    checkAbsolutePath('workingDirectory', options.workingDirectory),
    ...checkHealthCheck(options.healthCheck),
    checkSeconds('startTimeout', options.startTimeout, 1),
    checkSeconds('stopTimeout', options.stopTimeout, 1),
    ...checkRestartPolicy(options),
    ...checkOnce('systemControls', 'namespace', (options.systemControls ?? []).map(({ namespace }) => namespace)),
    ...checkFirelensConfig(options.firelensConfig),
  ];
}

/** As the kernel names it. */
function checkCapability(capability: DaemonCapability): string | undefined {
  if (!isObjectWith('name', capability)) {
    return checkClass('each of additionalCapabilities', 'created with DaemonCapability.of()', 'name', capability);
  }
  return Token.isUnresolved(capability.name) || /^(?!CAP_)[A-Z][A-Z0-9_]*$/.test(capability.name)
    ? undefined
    : `a capability must be named in capital letters and without CAP_, got: ${JSON.stringify(capability.name)}`;
}

/** Lists the settings of a `LinuxParameters` that daemons do not support. */
export function checkLinuxParameters(linuxParameters: ecs.LinuxParameters | undefined): string[] {
  const rendered = linuxParameters?.renderLinuxParameters();
  return foreignLinuxParameters
    .filter((parameter) => rendered?.[parameter] !== undefined)
    .map((parameter) => `linuxParameters must not set ${parameter}: a daemon has capabilities, devices, tmpfs and initProcessEnabled`
      + (parameter === 'sharedMemorySize' ? '; for shared memory, mount a tmpfs of that size at /dev/shm with addTmpfs()' : '')
      + `, got: ${parameter} ${JSON.stringify(rendered?.[parameter])}`);
}

/** ECS refuses a variable that is stated twice, be it by its value or by a secret. */
export function checkVariables(
  environment: object, secrets: object, newEnvironment: object = {}, newSecrets: object = {},
): (string | undefined)[] {
  const repeated = (names: string[]): string[] => names.filter((name, index) => !Token.isUnresolved(name) && names.indexOf(name) !== index);
  return repeated([environment, secrets, newEnvironment, newSecrets].flatMap(Object.keys))
    .map((name) => `each variable must be given once, in environment or in secrets, got more than once: ${JSON.stringify(name)}`);
}

/** -1 means that there is no limit. */
export function checkUlimits(ulimits: ecs.Ulimit[] = [], existing: ecs.Ulimit[] = []): (string | undefined)[] {
  const isLimit = (limit: number): boolean => Number.isInteger(limit) && limit >= -1;
  const exceeds = (soft: number, hard: number): boolean => hard !== -1 && (soft === -1 || soft > hard);
  return [
    ...ulimits.filter(({ softLimit, hardLimit }) => !Token.isUnresolved(softLimit) && !Token.isUnresolved(hardLimit))
      .filter(({ softLimit, hardLimit }) => !isLimit(softLimit) || !isLimit(hardLimit) || exceeds(softLimit, hardLimit))
      .map(({ name, softLimit, hardLimit }) => `the ulimit ${JSON.stringify(name)} must have whole limits, -1 for none`
        + `, and a soft limit up to its hard limit, got: soft ${shown(softLimit)}, hard ${shown(hardLimit)}`),
    ...checkOnce('ulimits', 'name', ulimits.map(({ name }) => name), existing.map(({ name }) => name)),
  ];
}

export function checkMountPoints(mountPoints: ecs.MountPoint[] = [], existing: ecs.MountPoint[] = []): (string | undefined)[] {
  const paths = mountPoints.map(({ containerPath }) => containerPath);
  return [
    ...paths.map((path) => checkAbsolutePath('containerPath of a mount point', path)),
    ...checkOnce('mountPoints', 'containerPath', paths, existing.map(({ containerPath }) => containerPath)),
  ];
}

export function checkListeningPorts(ports: DaemonListeningPort[] = [], existing: DaemonListeningPort[] = []): (string | undefined)[] {
  return [
    ...ports.map(({ port }) => Token.isUnresolved(port) || (Number.isInteger(port) && port >= 1 && port <= 65535)
      ? undefined
      : `the port of listeningPorts must be a whole number from 1 to 65535, got: ${shown(port)}`),
    ...checkOnce('listeningPorts', 'port', ports.map(portName), existing.map(portName)),
  ];
}

function checkOnce(list: string, property: string, values: string[], existing: string[] = []): string[] {
  const all = [...existing, ...values];
  const repeated = all.filter((value, index) => !Token.isUnresolved(value) && all.indexOf(value) !== index);
  return [...new Set(repeated)].map((value) => `${list} must name each ${property} once, got more than once: ${JSON.stringify(value)}`);
}

function checkMemory(limit: number | undefined, reservation: number | undefined): string | undefined {
  if (limit === undefined || reservation === undefined || Token.isUnresolved(limit) || Token.isUnresolved(reservation)) {
    return undefined;
  }
  return limit < reservation
    ? `memoryReservationMiB must not exceed memoryLimitMiB, got: reservation ${reservation}, limit ${limit}`
    : undefined;
}

function checkRestartPolicy(options: DaemonContainerDefinitionOptions): (string | undefined)[] {
  const { enableRestartPolicy, restartIgnoredExitCodes: codes = [], restartAttemptPeriod } = options;
  const given = (['restartIgnoredExitCodes', 'restartAttemptPeriod'] as const).filter((property) => options[property] !== undefined);
  return [
    enableRestartPolicy === false && given.length > 0
      ? `enableRestartPolicy must not be false when the policy is described, got: false and ${given.join(', ')}` : undefined,
    checkSeconds('restartAttemptPeriod', restartAttemptPeriod, 60, 1800),
    ...Token.isUnresolved(codes) ? [] : [
      codes.length > mostIgnoredExitCodes
        ? `restartIgnoredExitCodes must have at most ${mostIgnoredExitCodes} entries, got: ${codes.length}` : undefined,
      ...codes.filter((code) => !Token.isUnresolved(code) && !(Number.isInteger(code) && code >= 0 && code <= 255))
        .map((code) => `restartIgnoredExitCodes must be whole numbers from 0 to 255, got: ${code}`),
    ],
  ];
}
