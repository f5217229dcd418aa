/**
 * A volume of a daemon task definition: a path of the instance, or the log files of other tasks.
 *
 * Volumes of Docker, Amazon EFS, Amazon FSx and Amazon S3 Files are not supported: a container can mount such a file system itself.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-volumes
 */
export class DaemonVolume {
  /**
   * Defines a volume at a path of the instance. Without a path, ECS creates a volume that lives as long as the daemon task.
   *
   * Managed Instances run containerd, whose socket is `/var/run/containerd/containerd.sock`. A path of Docker or of the ECS-optimized
   * AMIs, such as `/var/run/docker.sock`, `/var/lib/docker`, `/var/log/ecs` or `/cgroup`, causes a warning.
   *
   * @param name The name that mount points refer to. 1 to 255 letters, digits, hyphens and underscores, unique in the task definition.
   * @param sourcePath The absolute path on the instance.
   */
  public static host(name: string, sourcePath?: string): DaemonVolume {
    return new DaemonVolume(name, sourcePath);
  }

  /**
   * Defines a volume of the log files that the other tasks of the instance write with the log driver json-file: one directory per
   * container, removed with the container.
   *
   * @param name The name that mount points refer to. 1 to 255 letters, digits, hyphens and underscores, unique in the task definition.
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DaemonVolume.html
   */
  public static logFiles(name: string): DaemonVolume {
    return new DaemonVolume(name, undefined, 'json-file');
  }

  /** The name that mount points refer to. */
  public readonly name: string;

  /** The path on the instance; undefined for a volume that ECS creates and for log files. */
  public readonly sourcePath?: string;

  /**
   * The log driver whose files the volume holds.
   *
   * @internal
   */
  public readonly _logDriver: string | undefined;

  private constructor(name: string, sourcePath?: string, logDriver?: string) {
    this.name = name;
    this.sourcePath = sourcePath;
    this._logDriver = logDriver;
  }
}

/** A path of the instance that a container sees. */
export interface DaemonHostMount {
  /** The absolute path on the instance. */
  readonly hostPath: string;

  /**
   * The absolute path in the container.
   *
   * @default - the path on the instance
   */
  readonly containerPath?: string;

  /**
   * Specifies whether the container can only read the path.
   *
   * @default true
   */
  readonly readOnly?: boolean;
}
