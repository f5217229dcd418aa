import type { aws_events as events } from 'aws-cdk-lib';

/** The status of a deployment of a daemon. */
export enum DaemonDeploymentStatus {
  /** The deployment has not started yet. */
  PENDING = 'PENDING',

  /** ECS drains and replaces instances, or bakes. */
  IN_PROGRESS = 'IN_PROGRESS',

  /** The fleet runs the new revision. */
  SUCCESSFUL = 'SUCCESSFUL',

  /** ECS has stopped the deployment, and is about to roll back. */
  STOP_REQUESTED = 'STOP_REQUESTED',

  /** The deployment failed, or a newer one has replaced it. */
  STOPPED = 'STOPPED',

  /** ECS rolls the fleet back to the earlier revision. */
  ROLLBACK_IN_PROGRESS = 'ROLLBACK_IN_PROGRESS',

  /** The fleet runs the earlier revision again. */
  ROLLBACK_SUCCESSFUL = 'ROLLBACK_SUCCESSFUL',

  /** Neither the deployment nor its rollback succeeded. */
  ROLLBACK_FAILED = 'ROLLBACK_FAILED',
}

/** The options of a rule for the deployments of a daemon. */
export interface DaemonDeploymentStateChangeOptions extends events.OnEventOptions {
  /**
   * The statuses that the rule matches.
   *
   * @default - every status
   */
  readonly statuses?: DaemonDeploymentStatus[];
}
