import type {
  aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_iam as iam, Duration, RemovalPolicy,
} from 'aws-cdk-lib';
import type { DaemonCapacityProvider } from '../capacity-provider/daemon-capacity-provider';
import type { PreflightOptions } from './preflight-options';

/** Whether the tags of a daemon reach its tasks. */
export enum DaemonTagPropagation {
  /** A task gets the tags that the daemon has when the task is created. */
  DAEMON = 'DAEMON',

  /** Tasks get no tags of the daemon. */
  NONE = 'NONE',
}

/** The properties of a daemon but for where it runs and what it is called there. */
export interface ManagedDaemonOptions {
  /**
   * What the daemon runs. A new revision is rolled out over the whole fleet.
   *
   * A `DaemonTaskDefinition` must be defined in the stack of the daemon. A bare reference, such as an
   * `ecs.CfnDaemonTaskDefinition`, and an import by ARN do not tell their roles: use
   * `DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes()`, or list them in `passedRoles`.
   */
  readonly daemonTaskDefinition: ecs.IDaemonTaskDefinitionRef;

  /**
   * Roles that a rollout must be allowed to pass to ECS, beside those that the task definition tells.
   *
   * @default - the task role and the execution role of the task definition
   */
  readonly passedRoles?: iam.IRole[];

  /**
   * The share of the instances, in percent, that a rollout drains at the same time. From 1 to 100.
   *
   * It makes ⌈100 / drainPercent⌉ batches, for each of which 10 minutes are estimated: see `timeout`.
   *
   * @default 25
   */
  readonly drainPercent?: number;

  /**
   * How long ECS waits after the last batch while it watches the alarms.
   *
   * A whole number of minutes from 0 to 1,440. See `timeout` for what follows from it.
   *
   * @default Duration.minutes(0)
   */
  readonly bakeTime?: Duration;

  /**
   * The deployment alarms: if one of them goes into ALARM during a rollout, ECS reverts the daemon and the deployment fails.
   *
   * At least one, in the account and Region of the daemon. A rollout does not start while one of them is missing; what an update
   * does about one that is in ALARM, or has no data, is set by `preflight`. More can be added with `addAlarm()`. A log alarm is named
   * by `Alarm.fromAlarmName(scope, id, logAlarm.ref)`.
   *
   * @default - a rollout is reverted only if daemon tasks fail to start
   */
  readonly alarms?: cloudwatch.IAlarmRef[];

  /**
   * What an update does about deployment alarms that could not guard it. A change of it never drains an instance.
   *
   * @default - an alarm in ALARM makes the update fail; an alarm without data is waited for briefly
   */
  readonly preflight?: PreflightOptions;

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
   * The tags of the daemon, beside those of `Tags.of()` and of the stack.
   *
   * At most 48 in all, since two more name the owner of the daemon. A change of tags never drains an instance.
   * Tag filters match the type `AWS::ECS::Daemon`. Tags of `cdk deploy --tags` reach the daemon with the next deployment that changes it.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };

  /**
   * How long a rollout may take. A whole number of minutes from 1 to 2,160 (36 hours), known at synth.
   *
   * A rollout that takes longer fails. CloudFormation waits an hour for a resource: so for each 55 minutes, or part of them, beyond the
   * first 55 there is one more resource in the template, a gate, that holds the stack until the rollout has ended. What depends on the
   * daemon waits for the last of them. A deletion, of at most ⌈100 / drainPercent⌉ batches of 10 minutes, is held in the same way, by
   * gates of its own, if it may take longer than 55 minutes.
   *
   * A timeout below the estimate, which is ⌈100 / drainPercent⌉ × (10 minutes + bakeTime), is a warning: AWS does not say clearly whether
   * ECS bakes once or after each batch. If `drainPercent` or `bakeTime` are known only at deployment, the default is 55 minutes, with a
   * warning, and a deletion has as much time as a rollout.
   *
   * @default - the estimate, but at least 55 minutes and at most 36 hours
   */
  readonly timeout?: Duration;

  /**
   * What becomes of the daemon when it is removed from its stack, or when its name or cluster changes.
   *
   * With RETAIN the daemon keeps running, and nothing deletes it any more; its name stays taken, unless `adoptExisting` takes it over.
   * It needs the capacity providers and the cluster, which must then be retained too.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Change it to roll out although nothing else has changed, for example because an image tag names another image now.
   *
   * @default - a rollout starts only if what the instances run changes
   */
  readonly rolloutToken?: string;
}

/** The properties of a daemon. */
export interface ManagedDaemonProps extends ManagedDaemonOptions {
  /**
   * The cluster that the daemon belongs to.
   *
   * Another cluster means another daemon: the old one is deleted after the new one has rolled out.
   */
  readonly cluster: ecs.IClusterRef;

  /** The capacity providers whose instances run the daemon: at least one, each once, all of Managed Instances. */
  readonly capacityProviders: DaemonCapacityProvider[];

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
   * Whether a daemon of that name which exists already, and is not this one, is taken over instead of refused.
   *
   * It is tagged as this stack's, and updated only if its settings differ. If the deployment that takes it over fails, it is given back
   * as it was, undeleted: what it ran is read from ECS, and its former task role and execution role must be listed in `passedRoles`.
   * Settings that ECS has forgotten, or may not be given those roles, are not put back. Once the deployment has succeeded, the daemon
   * is this stack's for good, and removing it deletes it. While this is true, the daemon can have at most 45 tags.
   *
   * For a change of a logical id state `daemonName` too, since a derived name changes with the path of the construct. Not possible in
   * a nested stack. A daemon that another tool manages must be taken out of it first, without being deleted there.
   *
   * @default false
   */
  readonly adoptExisting?: boolean;
}
