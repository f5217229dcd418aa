import {
  CfnResource, Duration, Fn, aws_iam as iam, Resource, Token,
  type aws_cloudwatch as cloudwatch, type aws_ecs as ecs, type IResource,
} from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { clusterAssociations } from './cluster-associations';
import type { DaemonCapacityProvider } from './daemon-capacity-provider';
import { DaemonProvider } from './daemon-provider';
import { DaemonResource } from './daemon-resource';
import { DaemonTaskDefinition, type IDaemonTaskDefinition } from './daemon-task-definition';
import {
  checkAlarms, checkAlarmsGiven, checkBakeTime, checkCapacityProviders, checkDrainPercent, checkDaemonTags, checkEstimate, checkTimeout,
} from './daemon-validation';
import { warnOfMutableImage, warnOfSettings } from './daemon-warnings';
import { refusePortClashes } from './port-clashes';
import { checkName, nameFromPath } from './resource-name';
import { estimateRolloutMinutes, longestRolloutMinutes } from './rollout-estimate';
import { refuse, ValidationError } from './validation-error';

/** Whether the tags of a daemon reach its tasks. */
export enum DaemonTagPropagation {
  /** A task gets the tags that the daemon has when the task is created. */
  DAEMON = 'DAEMON',

  /** Tasks get no tags of the daemon. */
  NONE = 'NONE',
}

/** A daemon: one task on every instance of its capacity providers. */
export interface IManagedDaemon extends IResource, ecs.IDaemonRef {
  /**
   * The ARN of the daemon. Whoever uses it waits until the rollout has succeeded.
   *
   * @attribute
   */
  readonly daemonArn: string;

  /**
   * The name of the daemon.
   *
   * It is known at synth, so an alarm on a metric of the daemon can guard the daemon.
   *
   * @attribute
   */
  readonly daemonName: string;
}

/** The properties of a daemon. */
export interface ManagedDaemonProps {
  /**
   * The cluster that the daemon belongs to.
   *
   * Another cluster means another daemon: the old one is deleted after the new one has rolled out.
   */
  readonly cluster: ecs.IClusterRef;

  /** The capacity providers whose instances run the daemon: at least one, each once, all of Managed Instances. */
  readonly capacityProviders: DaemonCapacityProvider[];

  /** What the daemon runs. A new revision is rolled out over the whole fleet. */
  readonly daemonTaskDefinition: IDaemonTaskDefinition;

  /**
   * The name of the daemon, unique in its cluster.
   *
   * 1 to 255 letters, digits, hyphens and underscores. Another name means another daemon: both run side by side until the
   * new one has rolled out, so they must not listen on the same port.
   *
   * @default - a name derived from the stack and the construct path
   */
  readonly daemonName?: string;

  /**
   * The share of the instances, in percent, that a rollout drains at the same time. From 1 to 100.
   *
   * A rollout is estimated at 10 minutes a batch plus `bakeTime`, and may be estimated at 55 minutes at most.
   *
   * @default 25
   */
  readonly drainPercent?: number;

  /**
   * How long ECS waits after the last batch while it watches the alarms.
   *
   * A whole number of minutes from 0 to 1,440. See `drainPercent` for the limit on both together.
   *
   * @default Duration.minutes(0)
   */
  readonly bakeTime?: Duration;

  /**
   * The guard alarms: if one of them goes into ALARM during a rollout, ECS reverts the daemon and the deployment fails.
   *
   * At least one, in the account and Region of the daemon. An update does not start while one of them is missing or in ALARM.
   *
   * @default - a rollout is reverted only if daemon tasks fail to start
   */
  readonly alarms?: cloudwatch.IAlarmRef[];

  /**
   * Whether an instance without a working daemon task is drained and replaced.
   *
   * If true, application tasks start on an instance only after the daemon task runs.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-auto-repair.html
   * @default true
   */
  readonly critical?: boolean;

  /**
   * Whether commands can be executed in the containers of the daemon.
   *
   * The task role of a `DaemonTaskDefinition` is given the rights for it; that of an imported one must have them.
   *
   * @default false
   */
  readonly enableExecuteCommand?: boolean;

  /**
   * Whether ECS adds its own tags, which name the cluster and the daemon, to the tasks of the daemon.
   *
   * @default false
   */
  readonly enableECSManagedTags?: boolean;

  /**
   * Whether the tags of the daemon reach its tasks.
   *
   * @default DaemonTagPropagation.NONE
   */
  readonly propagateTags?: DaemonTagPropagation;

  /**
   * The tags of the daemon, beside those of `Tags.of()`.
   *
   * At most 48 in all, since two more name the owner of the daemon. A change of tags never drains an instance.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };

  /**
   * How long a rollout may take. A whole number of minutes from 1 to 55.
   *
   * A rollout that takes longer fails.
   *
   * @default Duration.minutes(55)
   */
  readonly timeout?: Duration;

  /**
   * Change it to roll out although nothing else has changed, for example because an image tag names another image now.
   *
   * @default - a rollout starts only if what the instances run changes
   */
  readonly rolloutToken?: string;
}

abstract class ManagedDaemonBase extends Resource implements IManagedDaemon {
  public abstract readonly daemonArn: string;
  public abstract readonly daemonName: string;

  public get daemonRef(): ecs.DaemonReference {
    return { daemonArn: this.daemonArn };
  }
}

/**
 * An Amazon ECS managed daemon whose rollouts CloudFormation waits for.
 *
 * A deployment succeeds only when the fleet runs what the template says. If ECS reverts a rollout, the deployment fails,
 * and its event says why. The construct throws if a property is out of its range, and synth fails if the tags are not
 * valid, a capacity provider belongs to no cluster or to another one, or two daemons of a stack that run on the same capacity
 * provider listen on the same port.
 *
 * @stateless
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons.html
 * @resource AWS::ECS::Daemon
 */
@propertyInjectable
export class ManagedDaemon extends ManagedDaemonBase {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-ecs-managed-daemons.ManagedDaemon';

  /** Refers to a daemon that was made elsewhere. */
  public static fromDaemonArn(scope: Construct, id: string, daemonArn: string): IManagedDaemon {
    class Import extends ManagedDaemonBase {
      public readonly daemonArn = daemonArn;
      public readonly daemonName = Fn.select(2, Fn.split('/', daemonArn)); // R18
    }
    return new Import(scope, id, { environmentFromArn: daemonArn });
  }

  /** @attribute */
  public readonly daemonName: string;

  private readonly resource: DaemonResource;

  constructor(scope: Construct, id: string, props: ManagedDaemonProps) {
    super(scope, id, { physicalName: props.daemonName });
    const drainPercent = props.drainPercent ?? 25;
    const bakeTime = props.bakeTime ?? Duration.minutes(0);

    refuse(this, [
      checkName('daemonName', props.daemonName),
      ...checkCapacityProviders(this, props.capacityProviders),
      checkDrainPercent(drainPercent),
      checkBakeTime(bakeTime),
      checkEstimate(drainPercent, bakeTime),
      checkTimeout(props.timeout),
      checkAlarmsGiven(props.alarms),
      ...checkAlarms(this, props.alarms),
    ]);
    this.daemonName = props.daemonName ?? nameFromPath(this);

    const provider = DaemonProvider.of(this);
    provider.allowToPassRoles(props.daemonTaskDefinition);

    this.resource = new DaemonResource(this, 'Resource', {
      serviceToken: provider.serviceToken,
      order: provider.order,
      tags: Object.entries(props.tags ?? {}).map(([key, value]) => ({ key, value })),
      settings: {
        ClusterArn: props.cluster.clusterRef.clusterArn,
        DaemonName: this.daemonName,
        DaemonTaskDefinitionArn: props.daemonTaskDefinition.daemonTaskDefinitionArn,
        CapacityProviderArns: props.capacityProviders.map((capacityProvider) => capacityProvider.capacityProviderArn),
        DrainPercent: drainPercent,
        BakeTimeInMinutes: bakeTime.toMinutes(),
        AlarmNames: props.alarms?.map((alarm) => alarm.alarmRef.alarmName) ?? [],
        PropagateTags: props.propagateTags ?? DaemonTagPropagation.NONE,
        EnableECSManagedTags: props.enableECSManagedTags ?? false,
        EnableExecuteCommand: props.enableExecuteCommand ?? false,
        Critical: props.critical ?? true,
        RolloutToken: props.rolloutToken ?? '',
        TimeoutInMinutes: props.timeout?.toMinutes() ?? longestRolloutMinutes,
      },
    });
    provider.order.add({
      resource: this.resource,
      capacityProviders: props.capacityProviders,
      estimatedMinutes: Token.isUnresolved(drainPercent) || bakeTime.isUnresolved()
        ? undefined
        : estimateRolloutMinutes(drainPercent, bakeTime.toMinutes()),
    });
    this.resource.addResourceDependency(provider.ready);
    this.resource.node.addDependency(clusterAssociations(props.cluster));

    if (DaemonTaskDefinition.isDaemonTaskDefinition(props.daemonTaskDefinition)) {
      this.joinTaskDefinition(props.daemonTaskDefinition, props);
    }
    this.node.addValidation({
      validate: () => [
        ...checkDaemonTags(this.resource.cdkTagManager.tagValues()),
        ...props.capacityProviders.flatMap((capacityProvider) => capacityProvider._validate(props.cluster)),
      ],
    });
    warnOfSettings(this, { drainPercent, bakeTime, timeout: props.timeout, hasAlarms: props.alarms !== undefined });
  }

  public get daemonArn(): string {
    return this.resource.attribute('DaemonArn');
  }

  /**
   * The ARN of the ECS deployment that brought the daemon to where it is; empty if ECS names none.
   *
   * @attribute
   */
  public get deploymentArn(): string {
    return this.resource.attribute('DeploymentArn');
  }

  /**
   * The ARN of the durable execution that carried the latest rollout. It changes with each rollout.
   *
   * @attribute
   */
  public get rolloutArn(): string {
    return this.resource.attribute('RolloutArn');
  }

  /**
   * The ARN of the daemon revision that runs; empty if none does.
   *
   * @attribute
   */
  public get revisionArn(): string {
    return this.resource.attribute('RevisionArn');
  }

  /**
   * Has the daemon roll out after other daemons.
   *
   * Daemons of one stack that share a capacity provider roll out one after the other anyway, in the order of definition: this
   * states another order, or one among daemons that share none. Synth fails if daemons wait for each other in a circle.
   */
  public rolloutAfter(...daemons: ManagedDaemon[]): void {
    this.node.addDependency(...daemons);
  }

  /**
   * Has services start after the daemon: on instances that run it.
   *
   * Meant for the application services on the same capacity providers. Throws if a service was made elsewhere, since nothing in
   * this app could hold it back.
   */
  public startBefore(...services: ecs.IServiceRef[]): void {
    for (const service of services) {
      const resource = CfnResource.isCfnResource(service) ? service : service.node.defaultChild;
      if (resource === undefined) {
        throw new ValidationError(this, `services must be of this app, got one that was made elsewhere: ${JSON.stringify(service.node.path)}`);
      }
      resource.node.addDependency(this);
    }
  }

  /** Gives a task definition of this app what the daemon needs of it, and looks at both together. */
  private joinTaskDefinition(taskDefinition: DaemonTaskDefinition, props: ManagedDaemonProps): void {
    if (props.enableExecuteCommand) {
      allowToExecuteCommands(taskDefinition);
    }
    if (props.rolloutToken === undefined) {
      taskDefinition._onImage((imageName) => warnOfMutableImage(this, imageName));
    }
    refusePortClashes(this, props.capacityProviders, taskDefinition);
  }
}

function allowToExecuteCommands(taskDefinition: DaemonTaskDefinition): void {
  taskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({
    actions: [
      'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
    ],
    // `*`: the channels have no resource type
    resources: ['*'],
  }));
}
