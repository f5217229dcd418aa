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
   * The processes that the containers can see.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-namespace-sharing
   * @default DaemonPidMode.NONE
   */
  readonly pidMode?: DaemonPidMode;

  /**
   * The shared memory, semaphores and message queues that the containers can use.
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
   * Its permissions are in place before a rollout starts. They must therefore not refer to the daemon itself.
   *
   * @default - a role without permissions is created
   */
  readonly taskRole?: iam.IRole;

  /**
   * The role that ECS uses to pull images, read secrets and environment files, and write logs.
   *
   * @default - a role is created when an image, a log driver, a secret or a file first needs one
   */
  readonly executionRole?: iam.IRole;

  /**
   * The tags of the task definition, beside those of `Tags.of()`.
   *
   * At most 50 in all; keys have 1 to 128 characters and do not begin with `aws:`, values have at most 256 characters. A change
   * of tags creates no new revision. A daemon has tags of its own, independent of these.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };

  /**
   * Specifies whether older revisions stay registered when an edit creates a new one.
   *
   * Every edit except one of the tags creates a new revision. If this is false, CloudFormation deletes the earlier revision in the
   * cleanup after a successful update. A rollback by ECS or CloudFormation finds the earlier revision in either case.
   *
   * A deleted revision affects whatever still uses it: a daemon of another stack that has its ARN as a plain value, instances that a
   * superseded deployment or a failed rollback left on it, or a manual rollback. AWS does not document what happens then. If true,
   * unused revisions remain. If false, instances may remain without a daemon. Deleting the stack deletes only the newest revision.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteDaemonTaskDefinition.html
   * @default true
   */
  readonly retainOldRevisions?: boolean;
}

/** The attributes of an existing daemon task definition. */
export interface DaemonTaskDefinitionAttributes {
  /** The ARN of the revision. */
  readonly daemonTaskDefinitionArn: string;

  /**
   * The task role of the revision. A rollout must be allowed to pass it to ECS.
   *
   * @default - the revision has no task role
   */
  readonly taskRole?: iam.IRole;

  /**
   * The execution role of the revision. A rollout must be allowed to pass it to ECS.
   *
   * @default - the revision has no execution role
   */
  readonly executionRole?: iam.IRole;
}

/**
 * The processes that the containers of a daemon can see.
 *
 * `ecs.PidMode` has other values, which ECS refuses for a daemon.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-namespace-sharing
 */
export enum DaemonPidMode {
  /** Only those of the daemon. */
  NONE = 'none',

  /** Those of the instance; they are shared with tasks whose PID mode is `host` and with daemons whose PID mode is `shared`. */
  SHARED = 'shared',
}

/**
 * The shared memory, semaphores and message queues that the containers of a daemon can use.
 *
 * `ecs.IpcMode` has other values, which ECS refuses for a daemon.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-namespace-sharing
 */
export enum DaemonIpcMode {
  /** Only those of the daemon. */
  NONE = 'none',

  /** Those of the instance; they are shared with tasks whose IPC mode is `host` and with daemons whose IPC mode is `shared`. */
  SHARED = 'shared',
}
