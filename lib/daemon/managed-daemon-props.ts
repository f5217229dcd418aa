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

/** The properties of a daemon without its name, cluster and capacity providers. */
export interface ManagedDaemonOptions {
  /**
   * The task definition that the daemon runs. A new revision is rolled out to the whole fleet.
   *
   * A `DaemonTaskDefinition` must be defined in the stack of the daemon. A bare reference, such as an
   * `ecs.CfnDaemonTaskDefinition`, and an import by ARN do not include their roles: use
   * `DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes()`, or list them in `passedRoles`.
   */
  readonly daemonTaskDefinition: ecs.IDaemonTaskDefinitionRef;

  /**
   * Further roles that a rollout must be allowed to pass to ECS, besides those of the task definition.
   *
   * @default - the task role and the execution role of the task definition
   */
  readonly passedRoles?: iam.IRole[];

  /**
   * The share of the instances, in percent, that a rollout drains at the same time. From 1 to 100.
   *
   * The rollout has ⌈100 / drainPercent⌉ batches, each estimated at 10 minutes: see `timeout`.
   *
   * @default 25
   */
  readonly drainPercent?: number;

  /**
   * How long ECS waits after the last batch while it watches the alarms.
   *
   * A whole number of minutes from 0 to 1,440. It counts towards the estimate of `timeout`.
   *
   * @default Duration.minutes(0)
   */
  readonly bakeTime?: Duration;

  /**
   * The deployment alarms: if one of them goes into ALARM during a rollout, ECS rolls back the daemon and the deployment fails.
   *
   * At least one, in the account and Region of the daemon. A rollout does not start while one of them is missing. `preflight` sets
   * what an update does if one of them is in ALARM or has no data. Add more with `addAlarm()`. Import a log alarm with
   * `Alarm.fromAlarmName(scope, id, logAlarm.ref)`.
   *
   * @default - ECS rolls back only if daemon tasks fail to start
   */
  readonly alarms?: cloudwatch.IAlarmRef[];

  /**
   * What an update does if a deployment alarm cannot protect it. A change of this property never drains an instance.
   *
   * @default - the update fails if an alarm is in ALARM, and waits briefly for an alarm without data
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
   * The task role of a `DaemonTaskDefinition` gets the permissions for it. The task role of an imported one must have them.
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
   * Specifies whether ECS copies the tags of the daemon to its tasks.
   *
   * @default DaemonTagPropagation.NONE
   */
  readonly propagateTags?: DaemonTagPropagation;

  /**
   * The tags of the daemon, beside those of `Tags.of()` and of the stack.
   *
   * At most 48 in all, because two further tags name the owner of the daemon. A change of tags never drains an instance.
   * Tag filters match the type `AWS::ECS::Daemon`. Tags of `cdk deploy --tags` reach the daemon with the next deployment that changes it.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };

  /**
   * How long a rollout may take. A whole number of minutes from 1 to 2,160 (36 hours), known at synth.
   *
   * A rollout that takes longer fails. CloudFormation waits an hour for a resource. For each 55 minutes, or part of them, beyond the
   * first 55, the template has one more resource: a gate, which holds the stack until the rollout has ended. Resources that depend on
   * the daemon wait for the last gate. A deletion takes at most ⌈100 / drainPercent⌉ batches of 10 minutes. If that is longer than
   * 55 minutes, gates of its own hold the stack.
   *
   * A timeout below the estimate causes a warning. The estimate is ⌈100 / drainPercent⌉ × (10 minutes + bakeTime), because AWS does not
   * document clearly whether ECS bakes once or after each batch. If `drainPercent` or `bakeTime` is known only at deployment, the
   * default is 55 minutes, with a warning, and a deletion has as much time as a rollout.
   *
   * @default - the estimate, but at least 55 minutes and at most 36 hours
   */
  readonly timeout?: Duration;

  /**
   * The removal policy, which applies when the daemon is removed from its stack, or when its name or cluster changes.
   *
   * With RETAIN the daemon keeps running, and its name stays taken until another resource takes it over with `adoptExisting`. Retain
   * its cluster and capacity providers too.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Changing this value forces a rollout, for example after an image tag has moved to another image.
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
   * Specifies whether to take over an existing daemon of that name. If false, the deployment fails.
   *
   * Tags the daemon as owned by this stack, and drains nothing. The deployment fails, and lists the differences, unless task definition,
   * capacity providers, `propagateTags`, `enableECSManagedTags`, `enableExecuteCommand` and `critical` already equal those of the daemon.
   * If the stack rolls back, the daemon gets its former tags back and is not deleted. After the deployment has succeeded, the daemon
   * belongs to this stack, and removing it deletes it. While this is true, the daemon can have at most 45 tags.
   *
   * To keep the daemon when its logical id changes, set `daemonName` too, because a derived name changes with the construct path. Not
   * supported in a nested stack. Remove the daemon from any other tool first, without deleting it.
   *
   * @default false
   */
  readonly adoptExisting?: boolean;
}
