import { aws_ecs as ecs, Lazy } from 'aws-cdk-lib';
import type { DaemonCapability } from './daemon-capability';
import type { DaemonContainerDependency } from './daemon-container-dependency';
import type { DaemonContainerDefinitionOptions } from './daemon-container-options';
import { renderHealthCheck } from './health-check';

/** What a container knows beyond its options once images and log drivers are bound. */
export interface BoundContainer {
  readonly containerName: string;
  readonly essential: boolean;
  readonly environment: { [name: string]: string };
  readonly secrets: { [name: string]: ecs.Secret };
  readonly environmentFiles: ecs.CfnDaemonTaskDefinition.EnvironmentFileProperty[];
  readonly firelensConfiguration?: ecs.CfnDaemonTaskDefinition.FirelensConfigurationProperty;
  readonly mountPoints: ecs.MountPoint[];
  readonly ulimits: ecs.Ulimit[];
  readonly dependencies: DaemonContainerDependency[];
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
    workingDirectory: options.workingDirectory,
    user: options.user,
    cpu: options.cpu,
    memory: options.memoryLimitMiB,
    memoryReservation: options.memoryReservationMiB,
    essential: bound.essential,
    environment: renderList(Object.entries(bound.environment).map(([name, value]) => ({ name, value }))),
    environmentFiles: renderList(bound.environmentFiles),
    secrets: renderList(Object.entries(bound.secrets).map(([name, secret]) => ({ name, valueFrom: secret.arn }))),
    privileged: options.privileged,
    readonlyRootFilesystem: options.readonlyRootFilesystem,
    pseudoTerminal: options.pseudoTerminal,
    interactive: options.interactive,
    linuxParameters: renderLinuxParameters(options.linuxParameters, options.additionalCapabilities),
    ulimits: renderList(bound.ulimits.map(({ name, softLimit, hardLimit }) => ({ name, softLimit, hardLimit }))),
    systemControls: renderList((options.systemControls ?? []).map(({ namespace, value }) => ({ namespace, value }))),
    logConfiguration: bound.logging,
    firelensConfiguration: bound.firelensConfiguration,
    healthCheck: renderHealthCheck(options.healthCheck),
    dependsOn: renderList(bound.dependencies.map(renderDependency)),
    startTimeout: options.startTimeout?.toSeconds(),
    stopTimeout: options.stopTimeout?.toSeconds(),
    restartPolicy: renderRestartPolicy(options),
    mountPoints: renderList(bound.mountPoints),
  };
}

function renderList<T>(entries: T[]): T[] | undefined {
  return entries.length > 0 ? entries : undefined;
}

function renderLinuxParameters(
  linuxParameters: ecs.LinuxParameters | undefined, additional: DaemonCapability[] = [],
): ecs.CfnDaemonTaskDefinition.LinuxParametersProperty | undefined {
  if (linuxParameters === undefined) {
    return additional.length > 0 ? { capabilities: { add: additional } } : undefined;
  }
  const { capabilities, devices, initProcessEnabled, tmpfs } = linuxParameters.renderLinuxParameters();
  const all = additional.length > 0 ? withAdditional(capabilities, additional) : capabilities;
  return { capabilities: all, devices, initProcessEnabled, tmpfs };
}

/** aws-ecs renders its capabilities lazily, since more can be added. */
function withAdditional(
  capabilities: ecs.CfnTaskDefinition.LinuxParametersProperty['capabilities'], additional: DaemonCapability[],
): ecs.CfnDaemonTaskDefinition.LinuxParametersProperty['capabilities'] {
  return Lazy.uncachedAny({
    produce: (context) => {
      const { add = [], drop }: ecs.CfnTaskDefinition.KernelCapabilitiesProperty = context.resolve(capabilities) ?? {};
      return { add: [...add, ...additional], drop };
    },
  });
}

/** As aws-ecs does: without a condition, the other container must be healthy. */
function renderDependency({ container, condition }: DaemonContainerDependency): ecs.CfnDaemonTaskDefinition.ContainerDependencyProperty {
  return { containerName: container.containerName, condition: condition ?? ecs.ContainerDependencyCondition.HEALTHY };
}

function renderRestartPolicy(
  { enableRestartPolicy, restartIgnoredExitCodes, restartAttemptPeriod }: DaemonContainerDefinitionOptions,
): ecs.CfnDaemonTaskDefinition.RestartPolicyProperty | undefined {
  const enabled = enableRestartPolicy ?? (restartIgnoredExitCodes !== undefined || restartAttemptPeriod !== undefined ? true : undefined);
  return enabled === undefined
    ? undefined
    : { enabled, ignoredExitCodes: restartIgnoredExitCodes, restartAttemptPeriod: restartAttemptPeriod?.toSeconds() };
}
