import { Annotations, Token, type aws_ecs as ecs } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import { containerBindTarget } from './container-bind-target';
import { renderContainer } from './container-rendering';
import { checkContainerSettings, checkLinuxParameters, documentedLogDrivers } from './container-validation';
import type { DaemonTaskDefinition } from './daemon-task-definition';
import type { CheckedContainer } from './task-definition-validation';
import { refuse } from './validation-error';

/** The settings of a container in a daemon task definition. */
export interface DaemonContainerDefinitionOptions {
  /**
   * The image of the container.
   *
   * A daemon runs on every instance of its capacity providers: the image must exist for each of their architectures.
   */
  readonly image: ecs.ContainerImage;

  /**
   * The name of the container.
   *
   * 1 to 255 letters, digits, hyphens and underscores.
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
   * The CPU units reserved for the container; 1024 units are one vCPU.
   *
   * The containers of a task definition must not reserve more than the task definition's own `cpu`.
   *
   * @default - no CPU units are reserved
   */
  readonly cpu?: number;

  /**
   * The memory, in MiB, above which the container is killed.
   *
   * A container needs this or `memoryReservationMiB`, even where the task definition states its memory.
   *
   * @default - no hard limit
   */
  readonly memoryLimitMiB?: number;

  /**
   * The memory, in MiB, that is reserved for the container. It must not exceed `memoryLimitMiB`.
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
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * The environment variables whose values are read from Secrets Manager or Systems Manager when the container starts.
   *
   * The execution role of the task definition is given the right to read them.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: ecs.Secret };

  /**
   * Whether the container has the rights of root on the instance.
   *
   * Prefer single capabilities, see `linuxParameters`.
   *
   * @default false
   */
  readonly privileged?: boolean;

  /**
   * Capabilities, devices, tmpfs mounts and the init process of the container.
   *
   * Swap and shared memory size cannot be set for a daemon: such parameters are an error at synth.
   *
   * @default - the defaults of the container runtime
   */
  readonly linuxParameters?: ecs.LinuxParameters;

  /**
   * Where the output of the container goes.
   *
   * ECS documents the drivers awslogs, splunk and awsfirelens for daemons; any other draws a warning.
   *
   * @default - the output is not kept
   */
  readonly logging?: ecs.LogDriver;

  /**
   * How ECS finds out that the container works.
   *
   * Without one ECS notices only a container that has stopped. The interval is 5 to 300 seconds, the timeout 2 to 60
   * seconds, retries 1 to 10, the start period 0 to 300 seconds.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-auto-repair.html
   * @default - no health check
   */
  readonly healthCheck?: ecs.HealthCheck;

  /**
   * The volumes of the task definition that the container mounts.
   *
   * @default - none
   */
  readonly mountPoints?: ecs.MountPoint[];
}

/** The properties of a container in a daemon task definition. */
export interface DaemonContainerDefinitionProps extends DaemonContainerDefinitionOptions {
  /** The task definition that the container belongs to. */
  readonly taskDefinition: DaemonTaskDefinition;
}

/**
 * A container of a daemon task definition.
 *
 * Make it with `DaemonTaskDefinition.addContainer()`.
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

  private readonly props: DaemonContainerDefinitionProps;
  private readonly mountPoints: ecs.MountPoint[] = [];
  private readonly imageConfig: ecs.ContainerImageConfig;
  private readonly logDriverConfig?: ecs.LogDriverConfig;

  constructor(scope: Construct, id: string, props: DaemonContainerDefinitionProps) {
    super(scope, id);
    this.props = props;
    this.containerName = props.containerName ?? id;
    this.essential = props.essential ?? true;
    this.cpu = props.cpu;
    this.addMountPoints(...props.mountPoints ?? []);

    refuse(this, checkContainerSettings(this.containerName, props));
    this.node.addValidation({ validate: () => checkLinuxParameters(props.linuxParameters) });

    const bindTarget = containerBindTarget(this, props.taskDefinition);
    this.imageConfig = props.image.bind(this, bindTarget);
    this.logDriverConfig = props.logging?.bind(this, bindTarget);
    for (const secret of Object.values(props.secrets ?? {})) {
      secret.grantRead(props.taskDefinition.obtainExecutionRole());
    }
    this.warnOfUndocumentedLogDriver();
    props.taskDefinition._linkContainer(this);
  }

  /** Mounts volumes of the task definition. Each must have been, or still be, added with `addVolume()`. */
  public addMountPoints(...mountPoints: ecs.MountPoint[]): void {
    this.mountPoints.push(...mountPoints);
  }

  /** @internal */
  public _describe(): CheckedContainer {
    return {
      containerName: this.containerName,
      essential: this.essential,
      cpu: this.cpu,
      hasMemory: this.props.memoryLimitMiB !== undefined || this.props.memoryReservationMiB !== undefined,
      mountedVolumes: this.mountPoints.map((mountPoint) => mountPoint.sourceVolume),
    };
  }

  /** @internal */
  public _render(): ecs.CfnDaemonTaskDefinition.DaemonContainerDefinitionProperty {
    return renderContainer(this.props, {
      containerName: this.containerName,
      essential: this.essential,
      mountPoints: this.mountPoints,
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
