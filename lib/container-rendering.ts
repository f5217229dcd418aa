import type { aws_ecs as ecs } from 'aws-cdk-lib';
import type { DaemonContainerDefinitionOptions } from './daemon-container-definition';

/** What a container knows beyond its options once images and log drivers are bound. */
export interface BoundContainer {
  readonly containerName: string;
  readonly essential: boolean;
  readonly mountPoints: ecs.MountPoint[];
  readonly image: ecs.ContainerImageConfig;
  readonly logging?: ecs.LogDriverConfig;
}

/** Renders a container of a daemon task definition; aws-ecs keeps its own renderers to itself. */
export function renderContainer(
  options: DaemonContainerDefinitionOptions, bound: BoundContainer,
): ecs.CfnDaemonTaskDefinition.DaemonContainerDefinitionProperty {
  return {
    name: bound.containerName,
    image: bound.image.imageName,
    repositoryCredentials: bound.image.repositoryCredentials,
    command: options.command,
    entryPoint: options.entryPoint,
    cpu: options.cpu,
    memory: options.memoryLimitMiB,
    memoryReservation: options.memoryReservationMiB,
    essential: bound.essential,
    environment: renderList(Object.entries(options.environment ?? {}).map(([name, value]) => ({ name, value }))),
    secrets: renderList(Object.entries(options.secrets ?? {}).map(([name, secret]) => ({ name, valueFrom: secret.arn }))),
    privileged: options.privileged,
    linuxParameters: renderLinuxParameters(options.linuxParameters),
    logConfiguration: bound.logging,
    healthCheck: renderHealthCheck(options.healthCheck),
    mountPoints: renderList(bound.mountPoints),
  };
}

function renderList<T>(entries: T[]): T[] | undefined {
  return entries.length > 0 ? entries : undefined;
}

function renderLinuxParameters(
  linuxParameters: ecs.LinuxParameters | undefined,
): ecs.CfnDaemonTaskDefinition.LinuxParametersProperty | undefined {
  if (linuxParameters === undefined) {
    return undefined;
  }
  const { capabilities, devices, initProcessEnabled, tmpfs } = linuxParameters.renderLinuxParameters();
  return { capabilities, devices, initProcessEnabled, tmpfs };
}

function renderHealthCheck(healthCheck: ecs.HealthCheck | undefined): ecs.CfnDaemonTaskDefinition.HealthCheckProperty | undefined {
  if (healthCheck === undefined) {
    return undefined;
  }
  return {
    command: renderHealthCheckCommand(healthCheck.command),
    interval: healthCheck.interval?.toSeconds(),
    timeout: healthCheck.timeout?.toSeconds(),
    retries: healthCheck.retries,
    startPeriod: healthCheck.startPeriod?.toSeconds(),
  };
}

/** As aws-ecs does: a single string is a line for the shell, a list without a mode is run as it is. */
function renderHealthCheckCommand(command: string[]): string[] {
  if (command.length === 1) {
    return ['CMD-SHELL', command[0]];
  }
  return command[0] === 'CMD' || command[0] === 'CMD-SHELL' ? command : ['CMD', ...command];
}
