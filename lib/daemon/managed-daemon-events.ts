import type { aws_events as events } from 'aws-cdk-lib';

/** What ECS says of a deployment of a daemon. */
export enum DaemonDeploymentStatus {
  /** It waits to begin. */
  PENDING = 'PENDING',

  /** It drains and replaces instances, or bakes. */
  IN_PROGRESS = 'IN_PROGRESS',

  /** The fleet runs what it was to run. */
  SUCCESSFUL = 'SUCCESSFUL',

  /** ECS has halted it, and is about to roll back. */
  STOP_REQUESTED = 'STOP_REQUESTED',

  /** It failed, or a newer one took its place. */
  STOPPED = 'STOPPED',

  /** ECS brings back what the fleet ran before. */
  ROLLBACK_IN_PROGRESS = 'ROLLBACK_IN_PROGRESS',

  /** The fleet runs again what it ran before. */
  ROLLBACK_SUCCESSFUL = 'ROLLBACK_SUCCESSFUL',

  /** Neither the deployment nor its rollback succeeded. */
  ROLLBACK_FAILED = 'ROLLBACK_FAILED',
}

/** The options of a rule for the deployments of a daemon. */
export interface DaemonDeploymentStateChangeOptions extends events.OnEventOptions {
  /**
   * The statuses that matter.
   *
   * @default - every status
   */
  readonly statuses?: DaemonDeploymentStatus[];
}
