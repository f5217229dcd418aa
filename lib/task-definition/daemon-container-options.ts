import type { aws_ecs as ecs, Duration } from 'aws-cdk-lib';
import type { DaemonCapability } from './daemon-capability';
import type { DaemonContainerDependency } from './daemon-container-dependency';
import type { DaemonListeningPort } from './daemon-listening-port';

/**
 * The settings of a container in a daemon task definition.
 *
 * They have the names that aws-ecs gives them. A setting of aws-ecs that a daemon container cannot have, such as
 * `portMappings`, is refused with the reason: it is never dropped silently.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DaemonContainerDefinition.html
 */
export interface DaemonContainerDefinitionOptions {
  /**
   * The image of the container.
   *
   * A daemon runs on every instance of its capacity providers: the image must exist for each of their architectures.
   * An image of a private registry is given its credentials with `ecs.ContainerImage.fromRegistry()`.
   */
  readonly image: ecs.ContainerImage;

  /**
   * The name of the container.
   *
   * 1 to 255 letters, digits, hyphens and underscores, unique in the task definition.
   *
   * @default - the id of the construct
   */
  readonly containerName?: string;

  /**
   * The command that is passed to the container.
   *
   * @default - the command of the image
   */
  readonly command?: string[];

  /**
   * The entry point that is passed to the container.
   *
   * @default - the entry point of the image
   */
  readonly entryPoint?: string[];

  /**
   * The directory in which the container runs its commands: an absolute path.
   *
   * @default - the working directory of the image
   */
  readonly workingDirectory?: string;

  /**
   * The user that the container runs as, for example `1000:1000` or `agent`.
   *
   * @default - the user of the image
   */
  readonly user?: string;

  /**
   * The CPU units reserved for the container; 1024 units are one vCPU. A whole number; 0 reserves none.
   *
   * The containers of a task definition must not reserve more than the task definition's own `cpu`.
   *
   * @default - no CPU units are reserved
   */
  readonly cpu?: number;

  /**
   * The memory, in MiB, above which the container is killed. A whole number above 0, at most the `memoryMiB` of the task definition.
   *
   * A container needs this or `memoryReservationMiB`, even where the task definition states its memory.
   *
   * @default - no hard limit
   */
  readonly memoryLimitMiB?: number;

  /**
   * The memory, in MiB, that is reserved for the container. A whole number above 0 that does not exceed `memoryLimitMiB`.
   *
   * @default - no memory is reserved
   */
  readonly memoryReservationMiB?: number;

  /**
   * Whether the whole task stops when this container stops.
   *
   * At least one container of a task definition must be essential.
   *
   * @default true
   */
  readonly essential?: boolean;

  /**
   * The environment variables of the container.
   *
   * A variable must not be in `secrets` too.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * The files on S3 that hold environment variables, one `NAME=value` a line. At most 10, each named `.env` at its end.
   *
   * The execution role of the task definition gets permission to read them; for a bucket with a key of its own it needs
   * `kms:Decrypt` too. A file with an object version is refused: ECS reads the newest one.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
   * @default - none
   */
  readonly environmentFiles?: ecs.EnvironmentFile[];

  /**
   * The environment variables whose values are read from Secrets Manager or Systems Manager when the container starts.
   *
   * The execution role of the task definition gets permission to read them. A variable must not be in `environment` too.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: ecs.Secret };

  /**
   * Specifies whether the container has root permissions on the instance.
   *
   * Prefer single capabilities, see `linuxParameters` and `additionalCapabilities`.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-privileged
   * @default false
   */
  readonly privileged?: boolean;

  /**
   * Whether the container can only read its root file system.
   *
   * @default false
   */
  readonly readonlyRootFilesystem?: boolean;

  /**
   * Whether the container has a terminal.
   *
   * @default false
   */
  readonly pseudoTerminal?: boolean;

  /**
   * Whether the standard input of the container is kept open.
   *
   * @default false
   */
  readonly interactive?: boolean;

  /**
   * Capabilities, devices, tmpfs mounts and the init process of the container.
   *
   * Swap and shared memory size cannot be set for a daemon: such parameters are an error at synth. For shared memory, mount a tmpfs at
   * `/dev/shm`.
   *
   * @default - the defaults of the container runtime
   */
  readonly linuxParameters?: ecs.LinuxParameters;

  /**
   * The Linux capabilities that are added beside those of `linuxParameters`, because `ecs.Capability` does not name them.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-privileged
   * @default - none
   */
  readonly additionalCapabilities?: DaemonCapability[];

  /**
   * The resource limits of the container, each name once.
   *
   * A soft limit must not exceed its hard limit; -1 means no limit.
   *
   * @default - the limits of the container runtime
   */
  readonly ulimits?: ecs.Ulimit[];

  /**
   * The kernel parameters of the container, each namespace once.
   *
   * Those that begin with `net.` hold for the network namespace, which a container shares with all daemons of the instance.
   *
   * @default - none
   */
  readonly systemControls?: ecs.SystemControl[];

  /**
   * Where the output of the container goes.
   *
   * ECS documents the drivers awslogs, splunk and awsfirelens for daemons; any other draws a warning. With awsfirelens one
   * container of the task definition must be the log router, see `firelensConfig`.
   *
   * @default - the output is not kept
   */
  readonly logging?: ecs.LogDriver;

  /**
   * Makes the container the log router of those that log with awsfirelens: at most one in a task definition.
   *
   * If the configuration file is on S3, the execution role of the task definition gets permission to read it.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
   * @default - the container routes no logs
   */
  readonly firelensConfig?: ecs.FirelensConfig;

  /**
   * How ECS finds out that the container works.
   *
   * A `command` of several entries is run without a shell. A single entry is a line for the shell of the image (CMD-SHELL), but an
   * absolute path such as `/healthcheck`, without blanks, is run without one (CMD): most images of agents have no shell. State `CMD` or
   * `CMD-SHELL` as the first entry to choose. A command that cannot succeed is refused, since the instances of a critical daemon would
   * be replaced again and again: words in one entry after `CMD`, and several entries after `CMD-SHELL`.
   *
   * Without one ECS notices only a container that has stopped. The interval is 5 to 300 seconds, the timeout 2 to 60
   * seconds and not longer than the interval, retries 1 to 10, the start period 0 to 300 seconds.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-auto-repair.html
   * @default - no health check
   */
  readonly healthCheck?: ecs.HealthCheck;

  /**
   * The containers of the same task definition that must be in a certain state before this one starts.
   *
   * Synth fails if containers wait for each other in a circle.
   *
   * @default - the container waits for no other
   */
  readonly containerDependencies?: DaemonContainerDependency[];

  /**
   * How long ECS waits for the containers that this one depends on before it gives up. A whole number of seconds, at least 1.
   *
   * @default - ECS decides
   */
  readonly startTimeout?: Duration;

  /**
   * How long the container may take to stop before it is killed. A whole number of seconds, at least 1.
   *
   * A long timeout makes each drain longer: the daemon stops last on an instance.
   *
   * @default - ECS decides
   */
  readonly stopTimeout?: Duration;

  /**
   * Whether ECS restarts the container by itself, without a new task, when it exits.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
   * @default - true if `restartIgnoredExitCodes` or `restartAttemptPeriod` is set, otherwise false
   */
  readonly enableRestartPolicy?: boolean;

  /**
   * The exit codes after which the container is not restarted: at most 50, each from 0 to 255.
   *
   * It cannot be used if `enableRestartPolicy` is false.
   *
   * @default - none
   */
  readonly restartIgnoredExitCodes?: number[];

  /**
   * How long the container must have run before it may be restarted. A whole number of seconds from 60 to 1,800.
   *
   * It cannot be used if `enableRestartPolicy` is false.
   *
   * @default - 300 seconds if there is a restart policy
   */
  readonly restartAttemptPeriod?: Duration;

  /**
   * The volumes of the task definition that the container mounts, each at an absolute path of its own.
   *
   * @default - none
   */
  readonly mountPoints?: ecs.MountPoint[];

  /**
   * The ports that the container listens on.
   *
   * A daemon has no port mappings: it is reached at 169.254.172.2 or fd00:ec2::172:2 on the ports that it listens on. All
   * daemons of an instance share these addresses. State the ports to have clashes found: synth fails if two daemons of a stack
   * that run on the same capacity provider, or two containers of a daemon, listen on the same port. Nothing else depends on them.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-network-mode
   * @default - ports are not checked for conflicts
   */
  readonly listeningPorts?: DaemonListeningPort[];
}
