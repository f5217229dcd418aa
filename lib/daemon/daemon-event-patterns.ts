import type { aws_events as events } from 'aws-cdk-lib';
import type { DaemonDeploymentStatus } from './managed-daemon-events';

/** The events of ECS that tell of a new status of a deployment (R55). */
export function deploymentStateChange(daemonArn: string, statuses: DaemonDeploymentStatus[] | undefined): events.EventPattern {
  return {
    source: ['aws.ecs'],
    detailType: ['ECS Daemon Deployment State Change'],
    detail: { daemonArn: [daemonArn], ...statuses && { eventName: statuses.map((status) => `DAEMON_DEPLOYMENT_${status}`) } },
  };
}

/** The events of ECS that tell why a daemon task does not start (R56). */
export function taskStartImpaired(daemonArn: string): events.EventPattern {
  return {
    source: ['aws.ecs'],
    detailType: ['ECS Daemon Service Action'],
    detail: { daemonArn: [daemonArn], eventName: ['DAEMON_TASK_START_IMPAIRED'] },
  };
}
