import { aws_ecs as ecs, Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { inCanonicalOrder, unlessDefault, withCanonicalKeys } from '../naming/canonical-order';
import type { DaemonContainerDependency } from './daemon-container-dependency';
import type { DaemonContainerDefinitionOptions } from './daemon-container-options';
import { renderHealthCheck } from './health-check';
import { renderLinuxParameters } from './linux-parameters';

/** The settings of a container besides its options, after images and log drivers are bound. */
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

/**
 * Renders a container of a daemon task definition; aws-ecs keeps its own renderers to itself.
 *
 * What means the same renders the same bytes, for ECS takes any difference for a new revision, and drains every instance for it (R64):
 * lists without an order are sorted, and defaults are left out, or always there. A command, an entry point and environment files keep
 * their order: of a variable that is in several files the first one holds.
 */
export function renderContainer(
  scope: IConstruct, options: DaemonContainerDefinitionOptions, bound: BoundContainer,
): ecs.CfnDaemonTaskDefinition.DaemonContainerDefinitionProperty {
  const sorted = <T extends object, R>(entries: T[], keyOf: (entry: T) => string, render: (entry: T) => R): R[] | undefined =>
    renderList(inCanonicalOrder(scope, entries, keyOf).map(render));
  return {
    name: bound.containerName,
    image: bound.image.imageName,
    repositoryCredentials: bound.image.repositoryCredentials,
    command: renderList(options.command ?? []),
    entryPoint: renderList(options.entryPoint ?? []),
    workingDirectory: options.workingDirectory,
    user: unlessDefault(options.user, ''),
    cpu: unlessDefault(options.cpu, 0),
    memory: options.memoryLimitMiB,
    memoryReservation: options.memoryReservationMiB,
    essential: bound.essential,
    environment: sorted(Object.entries(bound.environment), ([name]) => name, ([name, value]) => ({ name, value })),
    environmentFiles: renderList(bound.environmentFiles),
    secrets: sorted(Object.entries(bound.secrets), ([name]) => name, ([name, secret]) => ({ name, valueFrom: secret.arn })),
    privileged: unlessDefault(options.privileged, false),
    readonlyRootFilesystem: unlessDefault(options.readonlyRootFilesystem, false),
    pseudoTerminal: unlessDefault(options.pseudoTerminal, false),
    interactive: unlessDefault(options.interactive, false),
    linuxParameters: renderLinuxParameters(options.linuxParameters, options.additionalCapabilities),
    ulimits: sorted(bound.ulimits, ({ name }) => name, ({ name, softLimit, hardLimit }) => ({ name, softLimit, hardLimit })),
    systemControls: sorted(options.systemControls ?? [], ({ namespace }) => namespace, ({ namespace, value }) => ({ namespace, value })),
    logConfiguration: renderLogging(scope, bound.logging),
    firelensConfiguration: bound.firelensConfiguration,
    healthCheck: renderHealthCheck(options.healthCheck),
    // all of them must be fulfilled, whichever comes first
    dependsOn: sorted(bound.dependencies.map(renderDependency), ({ containerName, condition }) => `${containerName}:${condition}`, (entry) => entry),
    startTimeout: options.startTimeout?.toSeconds(),
    stopTimeout: options.stopTimeout?.toSeconds(),
    restartPolicy: renderRestartPolicy(scope, options),
    // by their paths, so that a parent stays in front of what is mounted below it
    mountPoints: sorted(bound.mountPoints, ({ containerPath }) => containerPath,
      ({ containerPath, sourceVolume, readOnly }) => ({ containerPath, sourceVolume, readOnly: readOnly ?? false })),
  };
}

function renderList<T>(entries: T[]): T[] | undefined {
  return entries.length > 0 ? entries : undefined;
}

function renderLogging(
  scope: IConstruct, logging: ecs.LogDriverConfig | undefined,
): ecs.CfnDaemonTaskDefinition.LogConfigurationProperty | undefined {
  return logging && {
    logDriver: logging.logDriver,
    options: logging.options && withCanonicalKeys(scope, logging.options),
    secretOptions: logging.secretOptions && renderList(inCanonicalOrder(scope, logging.secretOptions, ({ name }) => name)),
  };
}

/** As aws-ecs does: without a condition, the other container must be healthy. */
function renderDependency({ container, condition }: DaemonContainerDependency): { containerName: string; condition: string } {
  return { containerName: container.containerName, condition: condition ?? ecs.ContainerDependencyCondition.HEALTHY };
}

/** The longest time that a container must run before a restart by default, in seconds. */
const defaultAttemptPeriod = 300;

function renderRestartPolicy(
  scope: IConstruct, { enableRestartPolicy, restartIgnoredExitCodes: codes, restartAttemptPeriod }: DaemonContainerDefinitionOptions,
): ecs.CfnDaemonTaskDefinition.RestartPolicyProperty | undefined {
  const enabled = enableRestartPolicy ?? (codes !== undefined || restartAttemptPeriod !== undefined);
  if (enabled === false) {
    return undefined;
  }
  return {
    enabled,
    ignoredExitCodes: codes && renderExitCodes(scope, codes),
    restartAttemptPeriod: unlessDefault(restartAttemptPeriod?.toSeconds(), defaultAttemptPeriod),
  };
}

function renderExitCodes(scope: IConstruct, codes: number[]): number[] | undefined {
  return Token.isUnresolved(codes) ? codes
    : renderList(inCanonicalOrder(scope, [...new Set(codes)], (code) => Tokenization.stringifyNumber(code).padStart(3, '0')));
}
