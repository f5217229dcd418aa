import type { aws_ecs as ecs } from 'aws-cdk-lib';

/** The log driver whose files a volume holds. */
export enum DaemonVolumeLogDriver {
  /** The log driver json-file. */
  JSON_FILE = 'json-file',
}

/**
 * A volume of a daemon task definition: a path of the instance, or the log files of other tasks. One of both, never both.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-volumes
 */
export interface DaemonVolume {
  /** The name that mount points refer to. 1 to 255 letters, digits, hyphens and underscores, unique in the task definition. */
  readonly name: string;

  /**
   * The absolute path on the instance. Without a path, ECS makes a volume that lives as long as the task.
   *
   * Managed Instances run containerd, whose socket is `/var/run/containerd/containerd.sock`. A path of Docker or of the ECS-optimized
   * AMIs, such as `/var/run/docker.sock`, `/var/lib/docker`, `/var/log/ecs` or `/cgroup`, draws a warning.
   *
   * @default - the volume is not on the instance's disk; `logDriver` must be given
   */
  readonly host?: ecs.Host;

  /**
   * Makes a volume of the files that the other tasks of the instance write with this log driver: one directory per container,
   * removed with the container.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DaemonVolume.html
   * @default - the volume holds no log files; `host` must be given
   */
  readonly logDriver?: DaemonVolumeLogDriver;
}
