import type { aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_events as events, IResource } from 'aws-cdk-lib';
import type { DaemonDeploymentStateChangeOptions } from './managed-daemon-events';
import type { ManagedDaemonGrants } from './managed-daemon-grants';

/** A daemon: one task on every instance of its capacity providers. */
export interface IManagedDaemon extends IResource, ecs.IDaemonRef {
  /**
   * The ARN of the daemon. Resources that reference it are deployed after the rollout has succeeded.
   *
   * @attribute
   */
  readonly daemonArn: string;

  /**
   * The name of the daemon.
   *
   * It is known at synth, so that an alarm on a metric of the daemon can be one of its deployment alarms.
   *
   * @attribute
   */
  readonly daemonName: string;

  /** Grants permissions on the daemon. A grantee does not wait for a rollout. */
  readonly grants: ManagedDaemonGrants;

  /**
   * Returns a metric of the daemon: of the namespace AWS/ECS, for the cluster and the service `daemon:<name>`.
   *
   * An alarm on it can be one of the deployment alarms of the daemon.
   *
   * @default - the average over 5 minutes
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric of the CPU that the daemon tasks use, in percent of the CPU of their task definition.
   *
   * @default - the average over 5 minutes
   */
  metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric of the memory that the daemon tasks use, in percent of the memory of their task definition.
   *
   * @default - the average over 5 minutes
   */
  metricMemoryUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Defines a rule for the deployments of the daemon, whoever starts them. The event has the status, and no reason.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons.html
   */
  onDeploymentStateChange(id: string, options?: DaemonDeploymentStateChangeOptions): events.Rule;

  /**
   * Defines a rule for daemon tasks that do not start on an instance. The event has the reason.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons.html
   */
  onTaskStartImpaired(id: string, options?: events.OnEventOptions): events.Rule;
}

/** The attributes of an existing daemon. */
export interface ManagedDaemonAttributes {
  /** The name of the daemon. */
  readonly daemonName: string;

  /** The cluster that the daemon belongs to. */
  readonly cluster: ecs.IClusterRef;
}
