import type { World } from '../../core/world';
import type { Deployment } from './deployment';
import type { FailedStart } from '../fleet/instance-registry';

/** Emits an event for every new status, without reason and counts (R55). */
export function emitDeploymentStateChange(world: World, deployment: Deployment): void {
  const { daemon, target } = deployment.options;
  world.emit({
    source: 'aws.ecs',
    detailType: 'ECS Daemon Deployment State Change',
    resources: [daemon.arn],
    detail: {
      eventType: deployment.status === 'ROLLBACK_FAILED' ? 'ERROR' : 'INFO',
      eventName: `DAEMON_DEPLOYMENT_${deployment.status}`,
      clusterArn: daemon.clusterArn,
      daemonArn: daemon.arn,
      daemonDeploymentArn: deployment.arn,
      ...(target && { targetDaemonRevisionArn: target.arn }),
      updatedAt: new Date(world.clock.now()).toISOString(),
    },
  });
}

/** Emits an event for a daemon task that does not start, whether the daemon is critical or not (R56). */
export function emitStartImpaired(world: World, failure: FailedStart): void {
  const { fleet, instance, revision } = failure;
  const hasTask = failure.failureType === 'TASK_FAILED_TO_RUN';
  world.emit({
    source: 'aws.ecs',
    detailType: 'ECS Daemon Service Action',
    resources: hasTask ? [failure.taskArn] : [],
    detail: {
      eventType: 'WARNING',
      eventName: 'DAEMON_TASK_START_IMPAIRED',
      failureType: failure.failureType,
      ...(hasTask && { taskArn: failure.taskArn }),
      clusterArn: revision.clusterArn,
      containerInstanceArn: instance.containerInstanceArn,
      capacityProviderName: fleet.capacityProviderName,
      daemonArn: revision.daemonArn,
      daemonRevisionArn: revision.arn,
      daemonTaskDefinitionArn: revision.taskDefinition.arn,
      createdAt: new Date(world.clock.now()).toISOString(),
      reason: failure.reason,
    },
  });
}
