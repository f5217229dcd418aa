import type { aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_events as events, IResource } from 'aws-cdk-lib';
import type { DaemonDeploymentStateChangeOptions } from './managed-daemon-events';
import type { ManagedDaemonGrants } from './managed-daemon-grants';

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

  /** Gives others rights on the daemon. Whoever has them does not wait for a rollout. */
  readonly grants: ManagedDaemonGrants;

  /**
   * A metric of the daemon by its name: of the namespace AWS/ECS, for the cluster and the service `daemon:<name>`.
   *
   * It can be watched by an alarm that guards the daemon.
   *
   * @default - the average over 5 minutes
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * The CPU that the daemon tasks use, in percent of what their task definition has.
   *
   * @default - the average over 5 minutes
   */
  metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * The memory that the daemon tasks use, in percent of what their task definition has.
   *
   * @default - the average over 5 minutes
   */
  metricMemoryUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * A rule for the deployments of the daemon, whoever starts them. The event names the status, and no reason.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons.html
   */
  onDeploymentStateChange(id: string, options?: DaemonDeploymentStateChangeOptions): events.Rule;

  /**
   * A rule for daemon tasks that do not start on an instance. The event tells the reason.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons.html
   */
  onTaskStartImpaired(id: string, options?: events.OnEventOptions): events.Rule;
}

/** What is known of a daemon that was made elsewhere. */
export interface ManagedDaemonAttributes {
  /** The name of the daemon. */
  readonly daemonName: string;

  /** The cluster that the daemon belongs to. */
  readonly cluster: ecs.IClusterRef;
}
