import {
  aws_cloudwatch as cloudwatch, aws_events as events, Resource, type aws_ecs as ecs,
} from 'aws-cdk-lib';
import { deploymentStateChange, taskStartImpaired } from './daemon-event-patterns';
import type { DaemonDeploymentStateChangeOptions } from './managed-daemon-events';
import type { ManagedDaemonGrants } from './managed-daemon-grants';
import type { IManagedDaemon } from './managed-daemon-interface';

/**
 * What a daemon can do whether it was made in this app or elsewhere.
 *
 * @internal
 */
export abstract class ManagedDaemonBase extends Resource implements IManagedDaemon {
  public abstract readonly daemonArn: string;
  public abstract readonly daemonName: string;
  public abstract readonly grants: ManagedDaemonGrants;

  /**
   * The name of the cluster that the daemon belongs to.
   *
   * @internal
   */
  protected abstract readonly _clusterName: string;

  /**
   * The ARN as a text: whoever uses it does not wait for a rollout, and may be what the daemon waits for.
   *
   * @internal
   */
  protected abstract readonly _plainArn: string;

  public get daemonRef(): ecs.DaemonReference {
    return { daemonArn: this.daemonArn };
  }

  public metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/ECS',
      metricName,
      dimensionsMap: { ClusterName: this._clusterName, ServiceName: `daemon:${this.daemonName}` },
      ...options,
    }).attachTo(this);
  }

  public metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CPUUtilization', options);
  }

  public metricMemoryUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('MemoryUtilization', options);
  }

  public onDeploymentStateChange(id: string, options: DaemonDeploymentStateChangeOptions = {}): events.Rule {
    return this.onEvent(id, options, deploymentStateChange(this._plainArn, options.statuses));
  }

  public onTaskStartImpaired(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onEvent(id, options, taskStartImpaired(this._plainArn));
  }

  private onEvent(id: string, options: events.OnEventOptions, pattern: events.EventPattern): events.Rule {
    const rule = new events.Rule(options.crossStackScope ?? this, id, {
      ruleName: options.ruleName, description: options.description, eventPattern: options.eventPattern,
    });
    rule.addEventPattern(pattern);
    rule.addTarget(options.target);
    return rule;
  }
}
