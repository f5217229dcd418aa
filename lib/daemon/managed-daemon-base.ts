import {
  aws_cloudwatch as cloudwatch, aws_events as events, Resource, Stack, Token,
  type ArnComponents, type aws_ecs as ecs, type ResourceEnvironment,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DaemonDeploymentStateChangeOptions, DaemonDeploymentStatus } from './managed-daemon-events';
import type { ManagedDaemonGrants } from './managed-daemon-grants';
import type { IManagedDaemon } from './managed-daemon-interface';

/**
 * The members that defined and imported daemons share.
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
   * The ARN without a reference: a resource that uses it does not wait for a rollout, and the daemon may depend on it.
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

/** Matches the events of ECS for a new status of a deployment (R55). */
function deploymentStateChange(daemonArn: string, statuses: DaemonDeploymentStatus[] | undefined): events.EventPattern {
  return {
    source: ['aws.ecs'],
    detailType: ['ECS Daemon Deployment State Change'],
    detail: { daemonArn: [daemonArn], ...statuses && { eventName: statuses.map((status) => `DAEMON_DEPLOYMENT_${status}`) } },
  };
}

/** Matches the events of ECS for a daemon task that does not start (R56). */
function taskStartImpaired(daemonArn: string): events.EventPattern {
  return {
    source: ['aws.ecs'],
    detailType: ['ECS Daemon Service Action'],
    detail: { daemonArn: [daemonArn], eventName: ['DAEMON_TASK_START_IMPAIRED'] },
  };
}

/** Returns the ARN of a daemon of a cluster (R18) without a reference: it is known before the daemon is created. */
export function arnOfDaemon(scope: Construct, cluster: ecs.IClusterRef, daemonName: string): string {
  return Stack.of(scope).formatArn({
    service: 'ecs', resource: 'daemon', resourceName: `${cluster.clusterRef.clusterName}/${daemonName}`, ...knownPlace(cluster.env),
  });
}

function knownPlace({ account, region }: ResourceEnvironment): Partial<ArnComponents> {
  return Token.isUnresolved(account) || Token.isUnresolved(region) ? {} : { account, region };
}
