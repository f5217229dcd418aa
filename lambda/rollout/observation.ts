import type { DaemonProperties } from '../contract';
import type { Report } from '../report';
import type { Fault } from './aws/fault';

/** Statuses of a deployment that are known to us (R21). AWS may add some (A33). */
export type DeploymentStatus =
  | 'PENDING' | 'IN_PROGRESS' | 'SUCCESSFUL'
  | 'STOP_REQUESTED' | 'STOPPED'
  | 'ROLLBACK_IN_PROGRESS' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED';

/** What a daemon revision records (R16). A field that ECS leaves out is unknown (A38). */
export interface RevisionSettings {
  readonly taskDefinitionArn: string;
  readonly propagateTags?: 'DAEMON' | 'NONE';
  readonly enableECSManagedTags?: boolean;
  readonly enableExecuteCommand?: boolean;
  readonly critical?: boolean;
}

/** The instances of one revision. */
export interface RevisionCounts {
  readonly revisionArn: string;
  readonly capacityProviderArns: readonly string[];
  readonly running: number;
  readonly withoutDaemon: number;
  readonly draining: number;
}

export interface ObservedDeployment {
  readonly arn: string;
  /** A `DeploymentStatus`, or one that we do not know yet. */
  readonly status: string;
  readonly statusReason: string;
  readonly createdAt: number;
  /** When it reached its end, if it has and ECS tells. */
  readonly endedAt?: number;
  readonly target?: RevisionCounts;
  readonly sources: readonly RevisionCounts[];
  /** Undefined if ECS does not return it, like the threshold. */
  readonly failureCount?: number;
  readonly failureThreshold?: number;
  readonly circuitBreakerStatus: string;
  /** Whether ECS watches the alarms: `MONITORING`, `TRIGGERED`, `MONITORING_COMPLETE` or `DISABLED`. */
  readonly alarmsStatus: string;
  readonly triggeredAlarmNames: readonly string[];
  readonly rollbackReason: string;
  readonly rollbackTargetArn: string;
  readonly rollbackCapacityProviderArns: readonly string[];
  /** How it is carried out, which is told nowhere else (R15). Names of alarms that are switched off are left out (A14). */
  readonly configuration: Partial<Pick<DaemonSettings, 'drainPercent' | 'bakeTimeInMinutes' | 'alarmNames'>>;
}

export interface ObservedDaemon {
  readonly arn: string;
  /** `ACTIVE` or `DELETE_IN_PROGRESS` (R20), or one that we do not know yet. */
  readonly status: string;
  /** When it was made, by which it is told from another one of its name. Epoch milliseconds; 0 if ECS does not tell. */
  readonly createdAt: number;
  /** The deployment that the daemon names as its latest, or an empty string. */
  readonly latestArn: string;
  /** The current revisions. */
  readonly revisions: readonly RevisionCounts[];
  /** The latest deployment, if it was asked for and is visible (A15). */
  readonly latest?: ObservedDeployment;
  /** The settings of every revision that is named above, by revision ARN, if they were asked for and are visible (R41). */
  readonly settings: Readonly<Record<string, RevisionSettings>>;
  /** The tags, if they were asked for. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ObservedAlarm {
  readonly name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`, or one that we do not know yet. */
  readonly state: string;
  readonly stateReason: string;
  /** How long the alarm looks back before it judges; 0 if it does not say. */
  readonly evaluationSeconds: number;
}

export interface ObservedCapacityProvider {
  readonly arn: string;
  readonly status: string;
  /** Its kind, or an empty string if ECS does not tell. */
  readonly type: string;
  /** Whether ECS replaces impaired instances, ENABLED or DISABLED, if ECS returns it. */
  readonly autoRepair?: string;
}

/** What a write relies on. */
export interface ObservedTargets {
  /** Those of the cluster among the desired ones. */
  readonly capacityProviders: readonly ObservedCapacityProvider[] | 'no-cluster';
  /** ABSENT if there is no such task definition. */
  readonly taskDefinitionStatus: string;
}

/** A daemon of our cluster, as far as it tells whose turn it is. */
export interface ObservedPeer {
  readonly arn: string;
  readonly status: string;
  readonly updatedAt: number;
  /** Whether ECS lists it on our capacity providers. */
  readonly sharesProviders: boolean;
  /** Where its current revisions run. */
  readonly capacityProviderArns: readonly string[];
  /** Whether it runs nowhere, or there are instances that lack it. */
  readonly isUncovered: boolean;
  /** The deployment that it names as its latest, or an empty string. */
  readonly latestArn: string;
  /** The same, if it names one. */
  readonly latest?: ObservedDeployment | 'missing';
}

/** What CloudFormation has asked of a daemon of our stack, ours included, in the operation that goes on. Times are epoch milliseconds. */
export interface ObservedRequest {
  readonly logicalId: string;
  /** Grows with the order in which CloudFormation has asked. */
  readonly place: number;
  readonly begunAt: number;
  /** When CloudFormation had its answer, or went on without one. */
  readonly endedAt?: number;
  readonly hasFailed: boolean;
  readonly daemonArns: readonly string[];
  /** Where it is to run, or was by an earlier request of the operation; undefined if that cannot be told. */
  readonly capacityProviderArns?: readonly string[];
}

/** A deployment of the list of deployments, and the settings that it rolls out. */
export interface DeploymentTarget {
  readonly arn: string;
  readonly createdAt: number;
  readonly settings?: RevisionSettings;
}

/** The newest rollout of a resource. */
export interface ObservedExecution {
  readonly arn: string;
  /** RUNNING or another status of one that is alive, or how it has ended. */
  readonly status: string;
  /** When it was paused, if it is and its history says so: ISO 8601 in UTC. */
  readonly pausedSince?: string;
  /** What it has come to, if it has told. */
  readonly report?: Report;
  /** What it was asked for, if it has ended without a report. */
  readonly desired?: DaemonProperties;
}

/** What one look has shown. A part that was not asked for is left out. */
export interface Observation {
  /** How many reads of ECS and CloudWatch it took. */
  readonly reads?: number;
  readonly fault?: Fault;
  readonly daemon?: ObservedDaemon | 'absent';
  readonly deployment?: ObservedDeployment | 'missing';
  readonly targets?: ObservedTargets;
  readonly peers?: readonly ObservedPeer[];
  readonly requests?: readonly ObservedRequest[];
  readonly alarms?: readonly ObservedAlarm[];
  readonly newer?: readonly DeploymentTarget[];
  /** The operations of the stack that it has not completed, newest first. */
  readonly openOperations?: readonly string[];
  readonly execution?: ObservedExecution | 'gone';
}

/** What the next look has to show. */
export interface Reads {
  /** Which daemon to describe, and what of it besides its status. */
  readonly daemon?: { readonly arn: string; readonly latest?: true; readonly settings?: true; readonly tags?: true };
  /** The ARN of the deployment to describe. */
  readonly deployment?: string;
  /** What a write relies on. */
  readonly targets?: { readonly clusterArn: string; readonly capacityProviderArns: readonly string[]; readonly taskDefinitionArn: string };
  /** The daemons on these capacity providers, and others of the cluster that were updated since (epoch milliseconds). */
  readonly peers?: { readonly clusterArn: string; readonly capacityProviderArns: readonly string[]; readonly updatedSince: number };
  /** The id of the stack whose requests count. */
  readonly requests?: string;
  /** The guard alarms. */
  readonly alarms?: true;
  /** The deployments of our daemon that were created at this time (epoch milliseconds) or later. */
  readonly newerThan?: number;
  /** The id of the stack whose operations count. */
  readonly openOperations?: string;
  /** The newest rollout of a resource, by the first part of its name: it is the one that was followed so far while that runs. */
  readonly execution?: { readonly resource: string; readonly namedArn: string; readonly followedArn?: string };
}

/** What instances run. Rollout settings are not part of it: they never cause an UpdateDaemon. */
export interface FleetSettings extends RevisionSettings {
  readonly capacityProviderArns: readonly string[];
}

/** The complete settings of a write: `UpdateDaemon` resets what it is not told (R5). */
export interface DaemonSettings {
  readonly taskDefinitionArn: string;
  readonly capacityProviderArns: readonly string[];
  readonly drainPercent: number;
  readonly bakeTimeInMinutes: number;
  readonly alarmNames: readonly string[];
  readonly propagateTags: 'DAEMON' | 'NONE';
  readonly enableECSManagedTags: boolean;
  readonly enableExecuteCommand: boolean;
  readonly critical: boolean;
}
