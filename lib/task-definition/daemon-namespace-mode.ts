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
