import { aws_ecs as ecs, aws_iam as iam, CfnDeletionPolicy, Lazy, Resource, Tokenization, type IResource } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct, IConstruct } from 'constructs';
import { DaemonContainerDefinition, type DaemonContainerDefinitionOptions } from './daemon-container-definition';
import { checkWholeNumber } from './container-validation';
import { checkTaskDefinition } from './task-definition-validation';
import { checkName, nameFromPath } from './resource-name';
import { refuse } from './validation-error';

const taskDefinitionSymbol = Symbol.for('cdk-ecs-managed-daemons.DaemonTaskDefinition');

/** A revision of a daemon task definition. */
export interface IDaemonTaskDefinition extends IResource, ecs.IDaemonTaskDefinitionRef {
  /**
   * The ARN of this revision of the daemon task definition.
   *
   * @attribute
   */
  readonly daemonTaskDefinitionArn: string;

  /** The task role and the execution role, as far as there are any: whoever creates a daemon must be allowed to pass them to ECS. */
  readonly passedRoles: iam.IRole[];
}

/** A volume of a daemon task definition. */
export interface DaemonVolume {
  /** The name that mount points refer to. 1 to 255 letters, digits, hyphens and underscores, unique in the task definition. */
  readonly name: string;

  /** The path on the instance. Without a path, ECS makes a volume that lives as long as the task. */
  readonly host: ecs.Host;
}

/** The properties of a daemon task definition. */
export interface DaemonTaskDefinitionProps {
  /**
   * The family that each revision of this task definition belongs to.
   *
   * 1 to 255 letters, digits, hyphens and underscores.
   *
   * @default - a name derived from the stack and the construct path
   */
  readonly family?: string;

  /**
   * The CPU units that the daemon task uses on each instance; 1024 units are one vCPU.
   *
   * @default - the sum of what the containers reserve
   */
  readonly cpu?: number;

  /**
   * The memory, in MiB, that the daemon task uses on each instance.
   *
   * @default - the sum of what the containers need
   */
  readonly memoryMiB?: number;

  /**
   * The role that the containers of the daemon act as.
   *
   * Its rights are in place before a rollout starts; they must therefore not name the daemon itself.
   *
   * @default - a role without rights is made
   */
  readonly taskRole?: iam.IRole;

  /**
   * The role that ECS uses to pull images, read secrets and write logs.
   *
   * @default - a role is made when an image, a log driver or a secret first needs one
   */
  readonly executionRole?: iam.IRole;

  /**
   * Whether older revisions stay registered when an edit makes a new one.
   *
   * Every edit of a daemon task definition makes a new revision, and CloudFormation would delete the old one at the end of
   * the update. It is then gone when somebody needs it: a rollout that fails later, the next time the stack rolls back, or
   * ECS itself when a guard alarm reverts a deployment, goes back to a revision that must still be registered, and AWS does
   * not say what becomes of a deleted one. Revisions cost nothing, so they are kept. Deleting the stack deletes the newest
   * revision only.
   *
   * @default true
   */
  readonly retainOldRevisions?: boolean;
}

/** What is known of a daemon task definition that was made elsewhere. */
export interface DaemonTaskDefinitionAttributes {
  /** The ARN of the revision. */
  readonly daemonTaskDefinitionArn: string;

  /**
   * The task role of the revision, which whoever creates a daemon must be allowed to pass to ECS.
   *
   * @default - the revision has no task role
   */
  readonly taskRole?: iam.IRole;

  /**
   * The execution role of the revision, which whoever creates a daemon must be allowed to pass to ECS.
   *
   * @default - the revision has no execution role
   */
  readonly executionRole?: iam.IRole;
}

abstract class DaemonTaskDefinitionBase extends Resource implements IDaemonTaskDefinition {
  public abstract readonly daemonTaskDefinitionArn: string;
  public abstract readonly passedRoles: iam.IRole[];

  public get daemonTaskDefinitionRef(): ecs.DaemonTaskDefinitionReference {
    return { daemonTaskDefinitionArn: this.daemonTaskDefinitionArn };
  }
}

/**
 * The template of a daemon: the containers that run on every instance of the daemon's capacity providers.
 *
 * Synth fails if there is no container, if none is essential, if a container has neither a memory limit nor a memory
 * reservation, if a container mounts a volume that does not exist, or if the containers reserve more CPU than `cpu`.
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
   * Refers to a revision that was made elsewhere and has no roles.
   *
   * A revision with roles needs `fromDaemonTaskDefinitionAttributes()`: a rollout must be allowed to pass them to ECS.
   */
  public static fromDaemonTaskDefinitionArn(scope: Construct, id: string, daemonTaskDefinitionArn: string): IDaemonTaskDefinition {
    return DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(scope, id, { daemonTaskDefinitionArn });
  }

  /** Refers to a revision that was made elsewhere. */
  public static fromDaemonTaskDefinitionAttributes(
    scope: Construct, id: string, attributes: DaemonTaskDefinitionAttributes,
  ): IDaemonTaskDefinition {
    class Import extends DaemonTaskDefinitionBase {
      public readonly daemonTaskDefinitionArn = attributes.daemonTaskDefinitionArn;
      public readonly passedRoles = withoutGaps(attributes.taskRole, attributes.executionRole);
    }
    return new Import(scope, id, { environmentFromArn: attributes.daemonTaskDefinitionArn });
  }

  /** Tells whether a construct is a `DaemonTaskDefinition`, whichever copy of this library made it. */
  public static isDaemonTaskDefinition(construct: IConstruct): construct is DaemonTaskDefinition {
    return taskDefinitionSymbol in construct;
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
  private heldExecutionRole?: iam.IRole;

  constructor(scope: Construct, id: string, props: DaemonTaskDefinitionProps = {}) {
    super(scope, id);
    Object.defineProperty(this, taskDefinitionSymbol, { value: true });
    refuse(this, [
      checkName('family', props.family),
      checkWholeNumber('cpu', 'CPU units', props.cpu),
      checkWholeNumber('memoryMiB', 'MiB', props.memoryMiB),
    ]);

    this.family = props.family ?? nameFromPath(this);
    this.taskRole = props.taskRole ?? this.createRole('TaskRole');
    this.heldExecutionRole = props.executionRole;

    this.resource = new ecs.CfnDaemonTaskDefinition(this, 'Resource', {
      family: this.family,
      cpu: props.cpu === undefined ? undefined : Tokenization.stringifyNumber(props.cpu),
      memory: props.memoryMiB === undefined ? undefined : Tokenization.stringifyNumber(props.memoryMiB),
      taskRoleArn: this.taskRole.roleArn,
      executionRoleArn: Lazy.string({ produce: () => this.heldExecutionRole?.roleArn }),
      containerDefinitions: Lazy.any({ produce: () => this.containers.map((container) => container._render()) }),
      volumes: Lazy.any({ produce: () => this.volumes.map(renderVolume) }, { omitEmptyArray: true }),
    });
    this.daemonTaskDefinitionArn = this.resource.attrDaemonTaskDefinitionArn;

    // A19: a revision that a rollback may return to must not be deleted
    if (props.retainOldRevisions ?? true) {
      this.resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
      this.resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE;
    }

    // whoever waits for the revision waits for the rights of its roles: containers start with them
    this.resource.node.addDependency(this.taskRole);
    if (props.executionRole !== undefined) {
      this.resource.node.addDependency(props.executionRole);
    }

    this.node.addValidation({
      validate: () => checkTaskDefinition({
        cpu: props.cpu,
        containers: this.containers.map((container) => container._describe()),
        volumes: this.volumes,
      }),
    });
  }

  /** The role that ECS uses to pull images, read secrets and write logs; undefined as long as nothing needs one. */
  public get executionRole(): iam.IRole | undefined {
    return this.heldExecutionRole;
  }

  public get passedRoles(): iam.IRole[] {
    return withoutGaps(this.taskRole, this.heldExecutionRole);
  }

  /** Adds a container. The id is its name too, unless `containerName` is given. */
  public addContainer(id: string, options: DaemonContainerDefinitionOptions): DaemonContainerDefinition {
    return new DaemonContainerDefinition(this, id, { taskDefinition: this, ...options });
  }

  /** Adds a volume, which containers mount by its name. */
  public addVolume(volume: DaemonVolume): void {
    this.volumes.push(volume);
  }

  /** Gives the containers of the daemon a right. */
  public addToTaskRolePolicy(statement: iam.PolicyStatement): void {
    this.taskRole.addToPrincipalPolicy(statement);
  }

  /** Gives ECS a right that it needs to start the containers; the execution role is made if there is none yet. */
  public addToExecutionRolePolicy(statement: iam.PolicyStatement): void {
    this.obtainExecutionRole().addToPrincipalPolicy(statement);
  }

  /** Returns the execution role, which is made if there is none yet. */
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
  }

  /**
   * Tells the listener of the roles: at once of those that exist, later of an execution role that is made later.
   *
   * @internal
   */
  public _onRole(listener: (role: iam.IRole) => void): void {
    this.roleListeners.push(listener);
    this.passedRoles.forEach(listener);
  }

  private createRole(id: string): iam.Role {
    return new iam.Role(this, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
  }
}

function withoutGaps(...roles: (iam.IRole | undefined)[]): iam.IRole[] {
  return roles.filter((role) => role !== undefined);
}

function renderVolume(volume: DaemonVolume): ecs.CfnDaemonTaskDefinition.VolumeProperty {
  return { name: volume.name, host: { sourcePath: volume.host.sourcePath } };
}
