import { Token } from 'aws-cdk-lib';
import { checkName } from './resource-name';

/** What a task definition must know of its containers to judge them together. */
export interface CheckedContainer {
  readonly containerName: string;
  readonly essential: boolean;
  readonly cpu?: number;
  readonly hasMemory: boolean;
  readonly mountedVolumes: string[];
}

/** What is judged when nothing more can be added. */
export interface CheckedTaskDefinition {
  readonly cpu?: number;
  readonly containers: CheckedContainer[];
  readonly volumes: { readonly name: string }[];
}

/** Lists everything that is wrong with the containers and volumes of a task definition. */
export function checkTaskDefinition(definition: CheckedTaskDefinition): string[] {
  return [
    ...checkEssential(definition.containers),
    ...checkDuplicates('container', definition.containers.map((container) => container.containerName)),
    ...checkDuplicates('volume', definition.volumes.map((volume) => volume.name)),
    ...definition.volumes.map((volume) => checkName('the name of a volume', volume.name)),
    ...definition.containers.map(checkContainerMemory),
    ...definition.containers.flatMap((container) => checkMounts(container, definition.volumes.map((volume) => volume.name))),
    checkCpu(definition),
  ].filter((problem) => problem !== undefined);
}

// R45
function checkEssential(containers: CheckedContainer[]): string[] {
  if (containers.length === 0) {
    return ['a daemon task definition must have at least one container, got: none (use addContainer)'];
  }
  return containers.some((container) => container.essential)
    ? []
    : [`at least one container must be essential, got: ${list(containers.map((container) => container.containerName))}, none of them essential`];
}

// R46
function checkContainerMemory(container: CheckedContainer): string | undefined {
  return container.hasMemory
    ? undefined
    : `container ${JSON.stringify(container.containerName)} must have memoryLimitMiB or memoryReservationMiB, got: neither`;
}

function checkMounts(container: CheckedContainer, volumes: string[]): string[] {
  return container.mountedVolumes
    .filter((volume) => !Token.isUnresolved(volume) && !volumes.includes(volume))
    .map((volume) => `container ${JSON.stringify(container.containerName)} mounts the volume ${JSON.stringify(volume)}, which does not exist`
      + `; volumes: ${volumes.length > 0 ? list(volumes) : 'none (use addVolume)'}`);
}

function checkDuplicates(what: string, names: string[]): string[] {
  const repeated = new Set(names.filter((name, index) => !Token.isUnresolved(name) && names.indexOf(name) !== index));
  return [...repeated].map((name) => `each ${what} must have a name of its own, got more than once: ${JSON.stringify(name)}`);
}

// A20
function checkCpu({ cpu, containers }: CheckedTaskDefinition): string | undefined {
  const reserved = containers.map((container) => container.cpu ?? 0);
  if (cpu === undefined || Token.isUnresolved(cpu) || reserved.some((units) => Token.isUnresolved(units))) {
    return undefined;
  }
  const sum = reserved.reduce((total, units) => total + units, 0);
  return sum > cpu ? `the containers must not reserve more CPU units than the ${cpu} of the task definition, got: ${sum}` : undefined;
}

function list(names: string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
