import type {
  DaemonSettings, DeploymentTarget, ObservedAlarm, ObservedCapacityProvider, ObservedDeployment, RevisionCounts, RevisionSettings,
} from '../observation';

export interface NewDaemon extends DaemonSettings {
  readonly clusterArn: string;
  readonly daemonName: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly clientToken: string;
}

export interface DaemonDescription {
  readonly status: string;
  readonly createdAt: number;
  readonly latestArn: string;
  readonly revisions: readonly RevisionCounts[];
}

export interface DeploymentSummary extends DeploymentTarget {
  readonly targetRevisionArn: string;
}

export interface DaemonSummary {
  readonly arn: string;
  /** Epoch milliseconds; infinite if ECS does not return it. */
  readonly updatedAt: number;
}

/** The calls to ECS and CloudWatch that a rollout makes; all of them throw `ApiFault`. */
export interface DaemonApi {
  describeDaemon(daemonArn: string): Promise<DaemonDescription>;
  /** An ARN that is not visible (R13) is left out. */
  describeDeployments(deploymentArns: readonly string[]): Promise<ObservedDeployment[]>;
  /** By ARN; one that is not visible (R41) is left out. */
  describeRevisions(revisionArns: readonly string[]): Promise<Record<string, RevisionSettings>>;
  listDeployments(daemonArn: string, createdAfter: number): Promise<DeploymentSummary[]>;
  /** The daemons of a cluster, all or those on the given capacity providers. */
  listDaemons(clusterArn: string, capacityProviderArns?: readonly string[]): Promise<DaemonSummary[]>;
  listTags(daemonArn: string): Promise<Record<string, string>>;
  /** A missing alarm is left out. */
  describeAlarms(alarmNames: readonly string[]): Promise<ObservedAlarm[]>;
  /** One that does not exist, or belongs to another cluster, is left out. */
  describeCapacityProviders(clusterArn: string, capacityProviderArns: readonly string[]): Promise<ObservedCapacityProvider[]>;
  /** The status of a daemon task definition. */
  taskDefinitionStatus(taskDefinitionArn: string): Promise<string>;
  /** Returns the ARN of the deployment (R8). */
  createDaemon(daemon: NewDaemon): Promise<string>;
  updateDaemon(daemonArn: string, settings: DaemonSettings): Promise<string>;
  deleteDaemon(daemonArn: string): Promise<string>;
  tag(daemonArn: string, tags: Readonly<Record<string, string>>): Promise<void>;
  untag(daemonArn: string, keys: readonly string[]): Promise<void>;
}
