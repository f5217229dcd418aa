import type { aws_iam as iam } from 'aws-cdk-lib';
import type { DaemonVolume } from './daemon-volume';

/**
 * The properties of a daemon task definition.
 *
 * A property that aws-ecs has and a daemon task definition cannot have, such as `networkMode`, is refused with the reason: it is
 * never dropped silently.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterDaemonTaskDefinition.html
 */
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
   * The CPU units that the daemon task uses on each instance; 1024 units are one vCPU. A whole number above 0.
   *
   * @default - the sum of what the containers reserve
   */
  readonly cpu?: number;

  /**
   * The memory, in MiB, that the daemon task uses on each instance. A whole number above 0.
   *
   * @default - the sum of what the containers need
   */
  readonly memoryMiB?: number;

  /**
   * Which processes the containers see.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-namespace-sharing
   * @default DaemonPidMode.NONE
   */
  readonly pidMode?: DaemonPidMode;

  /**
   * Which shared memory, semaphores and message queues the containers see.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-namespace-sharing
   * @default DaemonIpcMode.NONE
   */
  readonly ipcMode?: DaemonIpcMode;

  /**
   * The volumes that containers mount by their names. More can be added with `addVolume()`.
   *
   * @default - none
   */
  readonly volumes?: DaemonVolume[];

  /**
   * The role that the containers of the daemon act as.
   *
   * Its rights are in place before a rollout starts; they must therefore not name the daemon itself.
   *
   * @default - a role without rights is made
   */
  readonly taskRole?: iam.IRole;

  /**
   * The role that ECS uses to pull images, read secrets and environment files, and write logs.
   *
   * @default - a role is made when an image, a log driver, a secret or a file first needs one
   */
  readonly executionRole?: iam.IRole;

  /**
   * The tags of the task definition, beside those of `Tags.of()`.
   *
   * At most 50 in all; keys have 1 to 128 characters and do not begin with `aws:`, values have at most 256 characters. A change
   * of tags makes no new revision. The tags of a daemon are its own: they are not taken from here.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };

  /**
   * Whether older revisions stay registered when an edit makes a new one.
   *
   * Every edit of a daemon task definition, of anything but its tags, makes a new revision. If this is false, CloudFormation
   * deletes the revision before it in the cleanup that follows a successful update, not earlier: ECS, when it reverts a
   * deployment, and CloudFormation, when it rolls the stack back, go back to the revision before, and find it registered either
   * way.
   *
   * It is missed later, by all that still names it: a daemon of another stack that was given the ARN as a plain value, whose next
   * update or rollback names a revision that no new daemon can use; instances that a superseded deployment or a failed rollback
   * left behind on it; a person who goes back by hand. AWS does not say what becomes of them. True is right whatever the answer:
   * it leaves revisions behind, which run nothing, and false may leave instances without a daemon. Revisions that stay are not
   * deleted with the stack: only the newest is.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteDaemonTaskDefinition.html
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

/**
 * Which processes the containers of a daemon see.
 *
 * `ecs.PidMode` has other values, which ECS refuses for a daemon.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-namespace-sharing
 */
export enum DaemonPidMode {
  /** Those of the daemon. */
  NONE = 'none',

  /** Those of the instance; they are shared with tasks whose PID mode is `host` and with daemons whose PID mode is `shared`. */
  SHARED = 'shared',
}

/**
 * Which shared memory, semaphores and message queues the containers of a daemon see.
 *
 * `ecs.IpcMode` has other values, which ECS refuses for a daemon.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-namespace-sharing
 */
export enum DaemonIpcMode {
  /** Those of the daemon. */
  NONE = 'none',

  /** Those of the instance; they are shared with tasks whose IPC mode is `host` and with daemons whose IPC mode is `shared`. */
  SHARED = 'shared',
}
