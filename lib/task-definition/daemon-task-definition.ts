import {
  Annotations, aws_ecs as ecs, aws_iam as iam, CfnDeletionPolicy, Lazy, PhysicalName, Resource, Token, Tokenization,
  type CfnTag, type IResource,
} from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct, type IConstruct } from 'constructs';
import { inCanonicalOrder, unlessDefault } from '../naming/canonical-order';
import { checkAbsolutePath, checkName, nameFromPath, nameFromHostPath } from '../naming/names';
import { checkArn, taskDefinitionArn } from '../validation/arn-validation';
import { isObjectWith } from '../validation/class-validation';
import { checkWholeNumber } from '../validation/number-validation';
import { warnOfDeletedRevisions } from '../validation/retention-warnings';
import { checkRole } from '../validation/role-validation';
import { checkTags, mostTags } from '../validation/tag-validation';
import { refuse } from '../validation/validation-error';
import { containerBindTarget } from './container-definition-proxy';
import { renderContainer } from './container-rendering';
import {
  checkContainerSettings, checkLinuxParameters, checkListeningPorts, checkMountPoints, checkUlimits, checkVariables, documentedLogDrivers,
} from './container-validation';
import type { DaemonContainerDependency, IDaemonContainerDefinition } from './daemon-container-dependency';
import type { DaemonContainerDefinitionOptions } from './daemon-container-options';
import type { DaemonListeningPort } from './daemon-listening-port';
import { DaemonTaskDefinitionGrants } from './daemon-task-definition-grants';
import { DaemonIpcMode, DaemonPidMode, type DaemonTaskDefinitionAttributes, type DaemonTaskDefinitionProps } from './daemon-task-definition-props';
import { DaemonVolume, type DaemonHostMount } from './daemon-volume';
import { bindEnvironmentFiles } from './environment-files';
import { bindFirelensConfig } from './firelens-router';
import { checkSecrets } from './secret-validation';
import { warnOfPartialSecretArns } from './secret-warnings';
import { checkSize } from './task-definition-size';
import {
  checkTypeOfSecret, checkTypeOfText, checkTypesOfContainer, checkTypesOfDependencies, checkTypesOfHostMount,
  checkTypesOfImportedTaskDefinition,
  checkTypesOfListeningPorts, checkTypesOfMountPoints, checkTypesOfTaskDefinition, checkTypesOfUlimits, checkTypesOfVolume,
} from './task-definition-types';
import { checkMode, checkTaskDefinition, type CheckedContainer } from './task-definition-validation';
import { warnOfContainerCount, warnOfForeignHostPath, warnOfWritableSockets } from './task-definition-warnings';
import { checkForeignTaskDefinitionProperties } from './unsupported-properties';
import { acknowledgeLogDriver, checkVolume, renderLogDrivers, renderVolume } from './volume-rendering';

// a task definition and its containers name each other in their public API: in one file they form no circle of imports

const taskDefinitionSymbol = Symbol.for('cdk-ecs-managed-daemons.DaemonTaskDefinition');

/** A revision of a daemon task definition. */
export interface IDaemonTaskDefinition extends IResource, ecs.IDaemonTaskDefinitionRef {
  /**
   * The ARN of this revision of the daemon task definition.
   *
   * @attribute
   */
  readonly daemonTaskDefinitionArn: string;

  /**
   * The task role and the execution role, as far as there are any: whoever creates a daemon must be allowed to pass them to ECS.
   *
   * Undefined if they are not known, as those of an import by ARN.
   */
  readonly passedRoles?: iam.IRole[];

  /** Grants permissions on this revision. */
  readonly grants: DaemonTaskDefinitionGrants;
}

abstract class DaemonTaskDefinitionBase extends Resource implements IDaemonTaskDefinition {
  public abstract readonly daemonTaskDefinitionArn: string;
  public abstract readonly passedRoles?: iam.IRole[];
  public readonly grants = DaemonTaskDefinitionGrants.fromDaemonTaskDefinition(this);

  public get daemonTaskDefinitionRef(): ecs.DaemonTaskDefinitionReference {
    return { daemonTaskDefinitionArn: this.daemonTaskDefinitionArn };
  }
}

/**
 * Defines the template of a daemon: the containers that run on every instance of the daemon's capacity providers.
 *
 * The constructor throws one error with all properties that are out of their range or not supported for daemons. Synth checks what
 * can still be added later, and fails with all problems in one message:
 *
 * - no container, or no essential container;
 * - a container with neither a memory limit nor a memory reservation;
 * - containers that reserve more CPU or memory than the task definition has;
 * - containers that share a name or a listening port, or mount a volume that does not exist;
 * - containers that wait for each other in a circle, for the health of a container without a health check, or for the end of an
 *   essential container;
 * - the log driver awslogs without an execution role, or awsfirelens without a log router;
 * - tags that are not valid.
 *
 * @stateless
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html
 * @resource AWS::ECS::DaemonTaskDefinition
 */
@propertyInjectable
export class DaemonTaskDefinition extends DaemonTaskDefinitionBase {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-ecs-managed-daemons.DaemonTaskDefinition';

  /**
   * Imports an existing revision by its ARN.
   *
   * An ARN does not include the roles of the revision, which a rollout must be allowed to pass to ECS: a `ManagedDaemon` needs
   * `fromDaemonTaskDefinitionAttributes()`, or the roles in its `passedRoles`.
   */
  public static fromDaemonTaskDefinitionArn(scope: Construct, id: string, daemonTaskDefinitionArn: string): IDaemonTaskDefinition {
    refuse(scope, [checkArn('daemonTaskDefinitionArn', daemonTaskDefinitionArn, taskDefinitionArn)]);
    class Import extends DaemonTaskDefinitionBase {
      public readonly daemonTaskDefinitionArn = daemonTaskDefinitionArn;
      public readonly passedRoles = undefined;
    }
    return new Import(scope, id, { environmentFromArn: daemonTaskDefinitionArn });
  }

  /** Imports an existing revision with its roles. A role that is left out does not exist. */
  public static fromDaemonTaskDefinitionAttributes(
    scope: Construct, id: string, attributes: DaemonTaskDefinitionAttributes,
  ): IDaemonTaskDefinition {
    refuse(scope, checkTypesOfImportedTaskDefinition(attributes));
    refuse(scope, [checkArn('daemonTaskDefinitionArn', attributes.daemonTaskDefinitionArn, taskDefinitionArn)]);
    class Import extends DaemonTaskDefinitionBase {
      public readonly daemonTaskDefinitionArn = attributes.daemonTaskDefinitionArn;
      public readonly passedRoles = withoutGaps(attributes.taskRole, attributes.executionRole);
    }
    return new Import(scope, id, { environmentFromArn: attributes.daemonTaskDefinitionArn });
  }

  /** Returns whether a construct is a `DaemonTaskDefinition`, also of another copy of this library. */
  public static isDaemonTaskDefinition(construct: IConstruct): construct is DaemonTaskDefinition {
    return isObjectWith(taskDefinitionSymbol, construct);
  }

  /** @attribute */
  public readonly daemonTaskDefinitionArn: string;

  /** The family that each revision of this task definition belongs to. */
  public readonly family: string;

  /** The role that the containers of the daemon act as. */
  public readonly taskRole: iam.IRole;

  private readonly containers: DaemonContainerDefinition[] = [];
  private readonly volumes: DaemonVolume[] = [];
  private readonly resource: ecs.CfnDaemonTaskDefinition;
  private readonly roleListeners: ((role: iam.IRole) => void)[] = [];
  private readonly imageListeners: ((imageName: string) => void)[] = [];
  private heldExecutionRole?: iam.IRole;

  constructor(scope: Construct, id: string, props: DaemonTaskDefinitionProps = {}) {
    super(scope, id);
    Object.defineProperty(this, taskDefinitionSymbol, { value: true });
    refuse(this, checkTypesOfTaskDefinition(props));
    refuse(this, [
      ...checkForeignTaskDefinitionProperties(props),
      checkName('family', props.family),
      checkWholeNumber('cpu', 'CPU units', props.cpu),
      checkWholeNumber('memoryMiB', 'MiB', props.memoryMiB),
      checkMode('pidMode', props.pidMode, Object.values(DaemonPidMode)),
      checkMode('ipcMode', props.ipcMode, Object.values(DaemonIpcMode)),
      ...(props.volumes ?? []).flatMap(checkVolume),
      checkRole(this, 'taskRole', props.taskRole),
      checkRole(this, 'executionRole', props.executionRole),
    ]);

    this.family = props.family ?? nameFromPath(this);
    this.taskRole = props.taskRole ?? this.createRole('TaskRole');
    this.heldExecutionRole = props.executionRole;

    this.resource = new ecs.CfnDaemonTaskDefinition(this, 'Resource', {
      family: this.family,
      cpu: props.cpu === undefined ? undefined : Tokenization.stringifyNumber(props.cpu),
      memory: props.memoryMiB === undefined ? undefined : Tokenization.stringifyNumber(props.memoryMiB),
      taskRoleArn: this.taskRole.roleArn,
      pidMode: unlessDefault(props.pidMode, DaemonPidMode.NONE),
      ipcMode: unlessDefault(props.ipcMode, DaemonIpcMode.NONE),
      tags: props.tags && Object.entries(props.tags).map(([key, value]) => ({ key, value })),
      executionRoleArn: Lazy.string({ produce: () => this.heldExecutionRole?.roleArn }),
      // in their own order, in which ECS begins to start those that wait for no other
      containerDefinitions: Lazy.any({ produce: () => this.containers.map((container) => container._render()) }),
      volumes: Lazy.any({ produce: () => this.renderedVolumes().map(renderVolume) }, { omitEmptyArray: true }),
    });
    this.resource.addPropertyOverride('Volumes', Lazy.any({ produce: () => renderLogDrivers(this.renderedVolumes()) }));
    this.daemonTaskDefinitionArn = this.resource.attrDaemonTaskDefinitionArn;

    // a rollback to a deleted revision may fail, so that old revisions are retained (A19)
    if (props.retainOldRevisions ?? true) {
      this.resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
      this.resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE;
    }

    // resources that depend on the revision wait for the permissions of its roles: containers start with them
    this.resource.node.addDependency(this.taskRole);
    if (props.executionRole !== undefined) {
      this.resource.node.addDependency(props.executionRole);
    }

    props.volumes?.forEach((volume) => this.pushVolume(volume));
    this.node.addValidation({
      validate: () => [
        ...checkTaskDefinition({
          cpu: props.cpu,
          memoryMiB: props.memoryMiB,
          hasExecutionRole: this.heldExecutionRole !== undefined,
          containers: this.describeContainers(),
          volumes: this.volumes,
        }),
        ...checkTags(this.tagValues(), {
          limit: `a daemon task definition can have at most ${mostTags} tags`, mostTags, reservedPrefixes: ['aws:'],
        }),
        ...this.checkSizeAndRetention(props.retainOldRevisions ?? true),
      ],
    });
  }

  /** The role that ECS uses to pull images, read secrets and files, and write logs; undefined as long as nothing needs one. */
  public get executionRole(): iam.IRole | undefined {
    return this.heldExecutionRole;
  }

  public get passedRoles(): iam.IRole[] | undefined {
    return withoutGaps(this.taskRole, this.heldExecutionRole);
  }

  /**
   * Adds a container. The id is its name too, unless `containerName` is given.
   *
   * Throws one error with all settings that are out of their range or not supported for a daemon.
   */
  public addContainer(id: string, options: DaemonContainerDefinitionOptions): DaemonContainerDefinition {
    return new DaemonContainerDefinition(this, id, { taskDefinition: this, ...options });
  }

  /** Adds a volume, which containers mount by its name. Throws if its name or its path is not valid. */
  public addVolume(volume: DaemonVolume): void {
    refuse(this, checkTypesOfVolume(volume));
    refuse(this, checkVolume(volume));
    this.pushVolume(volume);
    this._warnOfMounts();
  }

  /** Adds a permission for the containers of the daemon. */
  public addToTaskRolePolicy(statement: iam.PolicyStatement): void {
    this.taskRole.addToPrincipalPolicy(statement);
  }

  /** Adds a permission that ECS needs to start the containers. Creates the execution role if there is none yet. */
  public addToExecutionRolePolicy(statement: iam.PolicyStatement): void {
    this.obtainExecutionRole().addToPrincipalPolicy(statement);
  }

  /** Returns the execution role. Creates it if there is none yet. */
  public obtainExecutionRole(): iam.IRole {
    if (this.heldExecutionRole === undefined) {
      this.heldExecutionRole = this.createRole('ExecutionRole');
      this.resource.node.addDependency(this.heldExecutionRole);
      this.roleListeners.forEach((listener) => listener(this.heldExecutionRole!));
    }
    return this.heldExecutionRole;
  }

  /** @internal */
  public _linkContainer(container: DaemonContainerDefinition): void {
    this.containers.push(container);
    warnOfContainerCount(this, this.containers.length);
    this._warnOfMounts();
    this.imageListeners.forEach((listener) => listener(container.imageName));
  }

  /**
   * Returns the name of a volume at a path of the instance, which is added if there is none yet.
   *
   * @internal
   */
  public _hostVolumeAt(sourcePath: string): string {
    const existing = this.volumes.find((volume) => volume.sourcePath === sourcePath);
    if (existing) {
      return existing.name;
    }
    const stem = nameFromHostPath(sourcePath);
    const isFree = (name: string): boolean => this.volumes.every((volume) => volume.name !== name);
    const names = [stem, ...this.volumes.map((_, index) => `${stem}-${index + 2}`)];
    const volume = DaemonVolume.host(names.find(isFree)!, sourcePath);
    this.addVolume(volume);
    return volume.name;
  }

  /** @internal */
  public _hasContainer(container: IDaemonContainerDefinition): boolean {
    return this.containers.some((own) => own === container);
  }

  /** @internal */
  public _warnOfMounts(): void {
    warnOfWritableSockets(this, this.describeContainers(), this.volumes);
  }

  /** @internal */
  public _listeningPorts(): DaemonListeningPort[] {
    return this.describeContainers().flatMap(({ listeningPorts }) => listeningPorts);
  }

  /**
   * Tells the listener of the images of all containers, those that are added later too.
   *
   * @internal
   */
  public _onImage(listener: (imageName: string) => void): void {
    this.imageListeners.push(listener);
    this.containers.forEach(({ imageName }) => listener(imageName));
  }

  /**
   * Tells the listener of the roles: at once of those that exist, later of an execution role that is made later.
   *
   * @internal
   */
  public _onRole(listener: (role: iam.IRole) => void): void {
    this.roleListeners.push(listener);
    withoutGaps(this.taskRole, this.heldExecutionRole).forEach(listener);
  }

  /** In the order in which they are rendered: log drivers are added to them by their index. */
  private renderedVolumes(): DaemonVolume[] {
    return inCanonicalOrder(this, this.volumes, ({ name }) => name);
  }

  private pushVolume(volume: DaemonVolume): void {
    this.volumes.push(volume);
    warnOfForeignHostPath(this, volume);
    acknowledgeLogDriver(this.resource, volume);
  }

  /** The tags as they are rendered: the manager of an L1 keeps those of Tags.of() apart from those of the property. */
  private tagValues(): Record<string, string> {
    const tags: CfnTag[] = this.resource.cdkTagManager.renderTags(this.resource.tags) ?? [];
    return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  }

  private describeContainers(): CheckedContainer[] {
    return this.containers.map((container) => container._describe());
  }

  private checkSizeAndRetention(retainOldRevisions: boolean): string[] {
    if (retainOldRevisions) {
      warnOfDeletedRevisions(this, this.resource);
    }
    const problem = checkSize(this.containers.map((container) => container._render()), this.volumes);
    return problem === undefined ? [] : [problem];
  }

  private createRole(id: string): iam.Role {
    return new iam.Role(this, id, {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
      // as aws-ecs does: a role that another account names must have a name that is known at synth
      roleName: PhysicalName.GENERATE_IF_NEEDED,
    });
  }
}

function withoutGaps(...roles: (iam.IRole | undefined)[]): iam.IRole[] {
  return roles.filter((role) => role !== undefined);
}

/** The properties of a container in a daemon task definition. */
export interface DaemonContainerDefinitionProps extends DaemonContainerDefinitionOptions {
  /** The task definition that the container belongs to. */
  readonly taskDefinition: DaemonTaskDefinition;
}

/**
 * A container of a daemon task definition.
 *
 * Add it with `DaemonTaskDefinition.addContainer()`. The constructor throws one error with all the settings that are out of
 * their range or not supported for daemons.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html
 */
@propertyInjectable
export class DaemonContainerDefinition extends Construct implements IDaemonContainerDefinition {
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
   * Grants the execution role of the task definition permission to read it. Throws if the container has the variable already.
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

  /**
   * Mounts a path of the instance. Adds a volume to the task definition, unless it has one at that path.
   *
   * Throws if a path is not absolute, or if the container has a volume at that path already.
   */
  public addHostMount(mount: DaemonHostMount): void {
    refuse(this, checkTypesOfHostMount(mount));
    const { hostPath, containerPath = hostPath, readOnly = true } = mount;
    const mountPoint = (sourceVolume: string): ecs.MountPoint => ({ containerPath, readOnly, sourceVolume });
    refuse(this, [checkAbsolutePath('hostPath', hostPath), ...checkMountPoints([mountPoint('')], this.mountPoints)]);
    this.addMountPoints(mountPoint(this.taskDefinition._hostVolumeAt(hostPath)));
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
    refuse(this, dependencies.map(({ container }) => this.taskDefinition._hasContainer(container)
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
