import { Annotations, Token, type aws_ecs as ecs } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import { containerBindTarget } from './container-definition-proxy';
import { renderContainer } from './container-rendering';
import {
  checkContainerSettings, checkLinuxParameters, checkListeningPorts, checkMountPoints, checkUlimits, checkVariables, documentedLogDrivers,
} from './container-validation';
import type { DaemonContainerDependency } from './daemon-container-dependency';
import type { DaemonContainerDefinitionOptions } from './daemon-container-options';
import type { DaemonListeningPort } from './daemon-listening-port';
import type { DaemonTaskDefinition } from './daemon-task-definition';
import { bindEnvironmentFiles } from './environment-files';
import { bindFirelensConfig } from './firelens-router';
import { checkSecrets } from './secret-validation';
import { warnOfPartialSecretArns } from './secret-warnings';
import {
  checkTypeOfSecret, checkTypeOfText, checkTypesOfContainer, checkTypesOfDependencies, checkTypesOfListeningPorts, checkTypesOfMountPoints,
  checkTypesOfUlimits,
} from './task-definition-types';
import type { CheckedContainer } from './task-definition-validation';
import { refuse } from '../validation/validation-error';

/** The properties of a container in a daemon task definition. */
export interface DaemonContainerDefinitionProps extends DaemonContainerDefinitionOptions {
  /** The task definition that the container belongs to. */
  readonly taskDefinition: DaemonTaskDefinition;
}

/**
 * A container of a daemon task definition.
 *
 * Make it with `DaemonTaskDefinition.addContainer()`. The constructor throws one error with all the settings that are out of
 * their range or have no place in a daemon.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html
 */
@propertyInjectable
export class DaemonContainerDefinition extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-ecs-managed-daemons.DaemonContainerDefinition';

  /** The name of the container. */
  public readonly containerName: string;

  /** Whether the whole task stops when this container stops. */
  public readonly essential: boolean;

  /** The CPU units reserved for the container. */
  public readonly cpu?: number;

  /** The task definition that the container belongs to. */
  public readonly taskDefinition: DaemonTaskDefinition;

  private readonly props: DaemonContainerDefinitionProps;
  private readonly environment: { [name: string]: string } = {};
  private readonly secrets: { [name: string]: ecs.Secret } = {};
  private readonly mountPoints: ecs.MountPoint[] = [];
  private readonly ulimits: ecs.Ulimit[] = [];
  private readonly dependencies: DaemonContainerDependency[] = [];
  private readonly listeningPorts: DaemonListeningPort[] = [];
  private readonly environmentFiles: ecs.CfnDaemonTaskDefinition.EnvironmentFileProperty[];
  private readonly firelensConfiguration?: ecs.CfnDaemonTaskDefinition.FirelensConfigurationProperty;
  private readonly imageConfig: ecs.ContainerImageConfig;
  private readonly logDriverConfig?: ecs.LogDriverConfig;

  constructor(scope: Construct, id: string, props: DaemonContainerDefinitionProps) {
    super(scope, id);
    refuse(this, checkTypesOfContainer(props));
    this.props = props;
    this.taskDefinition = props.taskDefinition;
    this.containerName = props.containerName ?? id;
    this.essential = props.essential ?? true;
    this.cpu = props.cpu;

    refuse(this, [
      ...checkContainerSettings(this.containerName, props),
      ...checkVariables({}, {}, props.environment, props.secrets),
      ...checkUlimits(props.ulimits),
      ...checkMountPoints(props.mountPoints),
      ...checkListeningPorts(props.listeningPorts),
    ]);
    this.node.addValidation({ validate: () => checkLinuxParameters(props.linuxParameters) });

    const bindTarget = containerBindTarget(this, props.taskDefinition);
    this.imageConfig = props.image.bind(this, bindTarget);
    this.logDriverConfig = props.logging?.bind(this, bindTarget);
    this.environmentFiles = bindEnvironmentFiles(this, props.environmentFiles ?? [], props.taskDefinition);
    this.firelensConfiguration = bindFirelensConfig(props.firelensConfig, props.taskDefinition);
    this.warnOfUndocumentedLogDriver();
    refuse(this, checkSecrets({ image: this.imageConfig, logging: this.logDriverConfig }));
    warnOfPartialSecretArns(this, { image: this.imageConfig, logging: this.logDriverConfig });

    Object.entries(props.environment ?? {}).forEach(([name, value]) => this.addEnvironment(name, value));
    Object.entries(props.secrets ?? {}).forEach(([name, secret]) => this.addSecret(name, secret));
    this.ulimits.push(...props.ulimits ?? []);
    this.mountPoints.push(...props.mountPoints ?? []);
    this.listeningPorts.push(...props.listeningPorts ?? []);
    this.addContainerDependencies(...props.containerDependencies ?? []);
    props.taskDefinition._linkContainer(this);
  }

  /** The image that the container is started from, as the template names it. */
  public get imageName(): string {
    return this.imageConfig.imageName;
  }

  /** Adds an environment variable. Throws if the container has the variable already, or a secret of that name. */
  public addEnvironment(name: string, value: string): void {
    refuse(this, [...checkTypeOfText(`environment.${name}`, value), ...checkVariables(this.environment, this.secrets, { [name]: value })]);
    this.environment[name] = value;
  }

  /**
   * Adds an environment variable whose value is read from Secrets Manager or Systems Manager when the container starts.
   *
   * The execution role of the task definition is given the right to read it. Throws if the container has the variable already.
   */
  public addSecret(name: string, secret: ecs.Secret): void {
    const secrets = { [name]: secret };
    refuse(this, checkTypeOfSecret(name, secret));
    refuse(this, [...checkVariables(this.environment, this.secrets, undefined, secrets), ...checkSecrets({ secrets })]);
    secret.grantRead(this.taskDefinition.obtainExecutionRole());
    this.secrets[name] = secret;
    warnOfPartialSecretArns(this, { secrets });
  }

  /**
   * Mounts volumes of the task definition. Each must have been, or still be, added with `addVolume()`.
   *
   * Throws if a path in the container is not absolute, or has a volume already.
   */
  public addMountPoints(...mountPoints: ecs.MountPoint[]): void {
    refuse(this, checkTypesOfMountPoints(mountPoints));
    refuse(this, checkMountPoints(mountPoints, this.mountPoints));
    this.mountPoints.push(...mountPoints);
    this.taskDefinition._warnOfMounts();
  }

  /** Adds resource limits. Throws if a soft limit exceeds its hard limit, or if the container has the limit already. */
  public addUlimits(...ulimits: ecs.Ulimit[]): void {
    refuse(this, checkTypesOfUlimits(ulimits));
    refuse(this, checkUlimits(ulimits, this.ulimits));
    this.ulimits.push(...ulimits);
  }

  /**
   * Makes the container wait for others of the same task definition when a daemon task starts.
   *
   * Throws for a container of another task definition. Synth fails if containers wait for each other in a circle.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
   */
  public addContainerDependencies(...dependencies: DaemonContainerDependency[]): void {
    refuse(this, checkTypesOfDependencies(dependencies));
    refuse(this, dependencies.map(({ container }) => container.taskDefinition === this.taskDefinition
      ? undefined
      : `a container can only depend on containers of its own task definition, got: ${JSON.stringify(container.node.path)}`));
    this.dependencies.push(...dependencies);
  }

  /** States further ports that the container listens on. Throws for a port that is not from 1 to 65535, or stated already. */
  public addListeningPorts(...listeningPorts: DaemonListeningPort[]): void {
    refuse(this, checkTypesOfListeningPorts(listeningPorts));
    refuse(this, checkListeningPorts(listeningPorts, this.listeningPorts));
    this.listeningPorts.push(...listeningPorts);
  }

  /** @internal */
  public _describe(): CheckedContainer {
    return {
      containerName: this.containerName,
      essential: this.essential,
      cpu: this.cpu,
      memoryLimitMiB: this.props.memoryLimitMiB,
      memoryReservationMiB: this.props.memoryReservationMiB,
      hasHealthCheck: this.props.healthCheck !== undefined,
      isLogRouter: this.firelensConfiguration !== undefined,
      logDriver: this.logDriverConfig?.logDriver,
      mountPoints: this.mountPoints,
      listeningPorts: this.listeningPorts,
      dependencies: this.dependencies.map(({ container, condition }) => ({ containerName: container.containerName, condition })),
    };
  }

  /** @internal */
  public _render(): ecs.CfnDaemonTaskDefinition.DaemonContainerDefinitionProperty {
    return renderContainer(this, this.props, {
      containerName: this.containerName,
      essential: this.essential,
      environment: this.environment,
      secrets: this.secrets,
      environmentFiles: this.environmentFiles,
      firelensConfiguration: this.firelensConfiguration,
      mountPoints: this.mountPoints,
      ulimits: this.ulimits,
      dependencies: this.dependencies,
      image: this.imageConfig,
      logging: this.logDriverConfig,
    });
  }

  private warnOfUndocumentedLogDriver(): void {
    const driver = this.logDriverConfig?.logDriver;
    if (driver !== undefined && !Token.isUnresolved(driver) && !documentedLogDrivers.includes(driver)) {
      Annotations.of(this).addWarningV2(
        'cdk-ecs-managed-daemons:undocumentedLogDriver',
        `ECS documents the log drivers ${documentedLogDrivers.join(', ')} for daemons and may refuse ${JSON.stringify(driver)}`,
      );
    }
  }
}
