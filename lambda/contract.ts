/**
 * The contract between the constructs, which render these properties, and the Lambda, which reads them.
 *
 * Types only: the constructs import nothing else from this room.
 */

/** The type of the custom resource behind a `ManagedDaemon`. */
export type DaemonResourceType = 'Custom::ECSManagedDaemon';

/** The type of the custom resource behind services, which verifies that instances run the daemon. */
export type DaemonVerificationResourceType = 'Custom::ECSManagedDaemonVerification';

/** The type of the custom resources that hold a stack while a rollout goes on for longer than an hour. */
export type DaemonGateResourceType = 'Custom::ECSManagedDaemonGate';

/** The type of the custom resources that hold a stack while a deletion goes on for longer than an hour. */
export type DaemonDeletionGateResourceType = 'Custom::ECSManagedDaemonDeletionGate';

/** Changes only when an old Lambda could not serve the request. */
export type ContractVersion = '1';

/** The key of the tag that names the stack which owns a daemon; its value is the stack's id. IAM judges by it. */
export type OwnerStackTagKey = 'cdk-ecs-managed-daemons:stack-id';

/** The key of the tag that names the logical id, within its stack, of the resource which owns a daemon. */
export type OwnerLogicalIdTagKey = 'cdk-ecs-managed-daemons:logical-id';

/** The key of the tag that records which tags a daemon has from its stack and not from the template. */
export type StackTagsTagKey = 'cdk-ecs-managed-daemons:stack-tags';

/** The key of the tag that records an adoption, for as long as it may be rolled back. */
export type AdoptionTagKey = 'cdk-ecs-managed-daemons:adoption';

/** The keys of the tags that keep what an adoption has replaced begin with it, and go on with the key of the tag that is replaced. */
export type ReplacedTagPrefix = 'cdk-ecs-managed-daemons:was:';

/** The environment variable that tells the dispatcher the alias of the rollout function to start executions on. */
export type RolloutAliasVariable = 'ROLLOUT_ALIAS_ARN';

/** The environment variable that names, for both functions, the stack that they serve; without it any. */
export type StackIdVariable = 'STACK_ID';

/** What an update does about a guard alarm that could not guard it: it fails, waits until the alarm is OK, or goes on. */
export type AlarmPolicy = 'FAIL' | 'WAIT' | 'PROCEED';

/** The environment variable that tells both functions which lines to log; without it those of INFO and above. */
export type LogLevelVariable = 'LOG_LEVEL';

/** The levels of Lambda, from the most lines to the fewest. */
export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/**
 * The properties of `Custom::ECSManagedDaemon` as the constructs render them.
 *
 * All of them are always present, but for those added since the first version, which are left out while they have their default.
 * CloudFormation turns every scalar into a string on its way to the Lambda (E18).
 */
export interface DaemonProperties {
  readonly ContractVersion: ContractVersion;
  readonly ClusterArn: string;
  readonly DaemonName: string;
  readonly DaemonTaskDefinitionArn: string;
  readonly CapacityProviderArns: string[];
  /** 1 to 100 (R29). */
  readonly DrainPercent: number;
  /** Whole minutes, 0 to 1440 (R30). */
  readonly BakeTimeInMinutes: number;
  readonly AlarmNames: string[];
  readonly PropagateTags: 'DAEMON' | 'NONE';
  readonly EnableECSManagedTags: boolean;
  readonly EnableExecuteCommand: boolean;
  readonly Critical: boolean;
  readonly Tags: { readonly key: string; readonly value: string }[];
  /** The keys of tags that the stack has and the daemon is not to get. Left out: none. */
  readonly ExcludedStackTags?: string[];
  /** Change it to roll out with nothing else changed; an empty string when unused. */
  readonly RolloutToken: string;
  /**
   * How long a rollout may take, in minutes, up to 2160.
   *
   * Above 55, gates stand behind the daemon: a request that is not over at 55 minutes is answered as CONTINUING, and its rollout
   * goes on until so many minutes after the request.
   */
  readonly TimeoutInMinutes: number;
  /** The same for a deletion, before which deletion gates stand if it is above 55. Left out: 55. */
  readonly DeletionTimeoutInMinutes?: number;
  /** About a guard alarm that is in ALARM before an update. Left out: FAIL. */
  readonly PreflightAlarmInAlarm?: AlarmPolicy;
  /** About a guard alarm without data before an update. Left out: it is waited for briefly, then the update goes on (A13). */
  readonly PreflightAlarmWithoutData?: AlarmPolicy;
  /** Whether a daemon of that name which is not ours is taken over; false by default. */
  readonly AdoptExisting?: boolean;
}

/**
 * The properties of `Custom::ECSManagedDaemonVerification`, which reads and never writes to ECS.
 *
 * CloudFormation asks for a verification again when one of them changes.
 */
export interface DaemonVerificationProperties {
  readonly ContractVersion: ContractVersion;
  readonly ClusterArn: string;
  readonly DaemonName: string;
  /** The revision that instances are to run; it changes with every rollout that replaces what they run (R16). */
  readonly RevisionArn: string;
  /** The logical ids of the services behind which it stands. */
  readonly Services: string[];
}

/**
 * The properties of `Custom::ECSManagedDaemonGate`, which reads and never writes to ECS.
 *
 * It waits for the newest rollout of its daemon, for up to 55 minutes; then it passes the wait on to the gate that follows, and the
 * last one fails.
 */
export interface DaemonGateProperties {
  readonly ContractVersion?: ContractVersion;
  /** From the gate before it, as is `RolloutArn`; the first gate has both from the daemon. */
  readonly DaemonArn: string;
  /** Of the resource that it names, the newest rollout counts: in a rollback of the stack it may name an older one. */
  readonly RolloutArn: string;
  /** 1 is the one next to the daemon. */
  readonly GateNumber: number;
  readonly GateCount: number;
}

/**
 * The properties of `Custom::ECSManagedDaemonDeletionGate`, which reads and never writes to ECS.
 *
 * The daemon depends on it, so that it is deleted after the daemon and waits, for up to 55 minutes, while that is being deleted.
 */
export interface DaemonDeletionGateProperties {
  readonly ContractVersion?: ContractVersion;
  /** Also its physical id, so that a replacement of the daemon replaces it too. */
  readonly DaemonArn: string;
  /** 1 is the one next to the daemon, which is asked first in a deletion. */
  readonly GateNumber: number;
  readonly GateCount: number;
}

/** The attributes in every SUCCESS answer of `Custom::ECSManagedDaemon` and of its gates, for `Fn::GetAtt`. */
export interface DaemonAttributes {
  readonly DaemonArn: string;
  readonly DaemonName: string;
  /** The deployment that brought the daemon to where it is; an empty string if ECS names none. */
  readonly DeploymentArn: string;
  /** The daemon revision that runs; an empty string if none does. */
  readonly RevisionArn: string;
  /** The durable execution that carried the rollout. */
  readonly RolloutArn: string;
  readonly Outcome: string;
}
