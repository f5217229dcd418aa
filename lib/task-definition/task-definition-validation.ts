import { Token, type aws_ecs as ecs } from 'aws-cdk-lib';
import { checkDependencies } from './container-dependencies';
import type { DaemonListeningPort } from './daemon-listening-port';
import { clashes } from './listening-ports';

/** The settings of a container that are checked together with those of other containers. */
export interface CheckedContainer {
  readonly containerName: string;
  readonly essential: boolean;
  readonly cpu?: number;
  readonly memoryLimitMiB?: number;
  readonly memoryReservationMiB?: number;
  readonly hasHealthCheck: boolean;
  readonly isLogRouter: boolean;
  readonly logDriver?: string;
  readonly mountPoints: ecs.MountPoint[];
  readonly listeningPorts: DaemonListeningPort[];
  readonly dependencies: { readonly containerName: string; readonly condition?: ecs.ContainerDependencyCondition }[];
}

/** The settings of a task definition that synth checks. */
export interface CheckedTaskDefinition {
  readonly cpu?: number;
  readonly memoryMiB?: number;
  readonly hasExecutionRole: boolean;
  readonly containers: CheckedContainer[];
  readonly volumes: { readonly name: string }[];
}

/** Lists everything that is wrong with the containers and volumes of a task definition. */
export function checkTaskDefinition(definition: CheckedTaskDefinition): string[] {
  const { containers, volumes } = definition;
  return [
    ...checkEssential(containers),
    ...checkDuplicates('container', containers.map((container) => container.containerName)),
    ...checkDuplicates('volume', volumes.map((volume) => volume.name)),
    ...containers.map(checkContainerMemory),
    ...containers.flatMap((container) => checkMounts(container, volumes.map((volume) => volume.name))),
    ...checkDependencies(containers),
    ...checkLogging(definition),
    ...checkPorts(containers),
    checkCpu(definition),
    ...checkMemory(definition),
  ].filter((problem) => problem !== undefined);
}

// ECS rejects a daemon task definition without an essential container (R45)
function checkEssential(containers: CheckedContainer[]): string[] {
  if (containers.length === 0) {
    return ['a daemon task definition must have at least one container, got: none (use addContainer)'];
  }
  return containers.some((container) => container.essential)
    ? []
    : [`at least one container must be essential, got: ${list(containers.map((container) => container.containerName))}, none of them essential`];
}

// ECS rejects a container with neither memory nor memoryReservation, even with memory at the task level (R46)
function checkContainerMemory({ containerName, memoryLimitMiB, memoryReservationMiB }: CheckedContainer): string | undefined {
  return memoryLimitMiB !== undefined || memoryReservationMiB !== undefined
    ? undefined
    : `container ${JSON.stringify(containerName)} must have memoryLimitMiB or memoryReservationMiB, got: neither`;
}

function checkMounts({ containerName, mountPoints }: CheckedContainer, volumes: string[]): string[] {
  return mountPoints
    .map(({ sourceVolume }) => sourceVolume)
    .filter((volume) => !Token.isUnresolved(volume) && !volumes.includes(volume))
    .map((volume) => `container ${JSON.stringify(containerName)} mounts the volume ${JSON.stringify(volume)}, which does not exist`
      + `; volumes: ${volumes.length > 0 ? list(volumes) : 'none (use addVolume)'}`);
}

function checkDuplicates(what: string, names: string[]): string[] {
  const repeated = new Set(names.filter((name, index) => !Token.isUnresolved(name) && names.indexOf(name) !== index));
  return [...repeated].map((name) => `each ${what} must have a name of its own, got more than once: ${JSON.stringify(name)}`);
}

function checkLogging({ containers, hasExecutionRole }: CheckedTaskDefinition): (string | undefined)[] {
  const loggingWith = (driver: string): string[] =>
    containers.filter(({ logDriver }) => logDriver === driver).map(({ containerName }) => containerName);
  const routers = containers.filter(({ isLogRouter }) => isLogRouter).map(({ containerName }) => containerName);
  const [routed, written] = [loggingWith('awsfirelens'), loggingWith('awslogs')];
  return [
    routers.length > 1 ? `at most one container can be the log router, got: ${list(routers)}` : undefined,
    routers.length === 0 && routed.length > 0
      ? `one container must be the log router (firelensConfig) of those that log with awsfirelens, got: none for ${list(routed)}` : undefined,
    written.length > 0 && !hasExecutionRole
      ? `there must be an executionRole to write the logs of awslogs, got: none for ${list(written)} (use obtainExecutionRole)` : undefined,
  ];
}

// all daemons of an instance share one network namespace, and so do the containers of a daemon (R50)
function checkPorts(containers: CheckedContainer[]): string[] {
  return clashes(containers.map(({ containerName, listeningPorts }) => ({ name: containerName, listeningPorts })))
    .map(({ port, names }) => `each port can be listened on by one container, got: ${port} of ${list(names)}`);
}

// AWS does not document what happens if containers reserve more than the task has (A20)
function checkCpu({ cpu, containers }: CheckedTaskDefinition): string | undefined {
  const sum = sumOf(containers.map((container) => container.cpu ?? 0));
  return exceeds(sum, cpu) ? `the containers must not reserve more CPU units than the ${cpu} of the task definition, got: ${sum}` : undefined;
}

// as for CPU (A20); a container without a reservation reserves its limit
function checkMemory({ memoryMiB, containers }: CheckedTaskDefinition): (string | undefined)[] {
  const sum = sumOf(containers.map(({ memoryLimitMiB, memoryReservationMiB }) => memoryReservationMiB ?? memoryLimitMiB ?? 0));
  if (exceeds(sum, memoryMiB)) {
    return [`the containers must not reserve more memory than the ${memoryMiB} MiB of the task definition, got: ${sum} MiB`];
  }
  return containers
    .filter(({ memoryLimitMiB }) => exceeds(memoryLimitMiB, memoryMiB))
    .map(({ containerName, memoryLimitMiB }) => `memoryLimitMiB of container ${JSON.stringify(containerName)} must not exceed the ${memoryMiB} MiB`
      + ` of the task definition, got: ${memoryLimitMiB} MiB`);
}

/** Undefined if one of them is known only at deployment. */
function sumOf(sizes: number[]): number | undefined {
  return sizes.some((size) => Token.isUnresolved(size)) ? undefined : sizes.reduce((total, size) => total + size, 0);
}

function exceeds(size: number | undefined, limit: number | undefined): boolean {
  return size !== undefined && limit !== undefined && !Token.isUnresolved(size) && !Token.isUnresolved(limit) && size > limit;
}

function list(names: string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}

/** The modes of aws-ecs have the same type in JavaScript, and other values (R48). */
export function checkMode(property: string, mode: string | undefined, modes: string[]): string | undefined {
  return mode === undefined || Token.isUnresolved(mode) || modes.includes(mode)
    ? undefined
    : `${property} must be ${modes.map((value) => JSON.stringify(value)).join(' or ')} for a daemon, got: ${JSON.stringify(mode)}`;
}
