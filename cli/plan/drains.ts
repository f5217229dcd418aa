import type { DeploymentStatusChange, InstanceEvent } from '../../sandbox';

/** An instance that a deployment drains. */
export interface Drain {
  readonly time: string;
  readonly deploymentArn: string;
  readonly isRollback: boolean;
}

/**
 * The drains by the deployments of a daemon. An event of an instance names the deployment that has launched it, until another one
 * drains it.
 */
export function drainsOf(deployments: readonly DeploymentStatusChange[], events: readonly InstanceEvent[]): Drain[] {
  const own = new Map(deployments.map((change) => [change.deploymentArn, change]));
  const rollbacks = new Map(deployments.filter(({ status, kind }) => status === 'ROLLBACK_IN_PROGRESS' || kind === 'rollback')
    .map(({ deploymentArn, time }) => [deploymentArn, time]));
  const launchedBy = new Map<string, string | undefined>();
  const drains: Drain[] = [];
  for (const { event, instanceId, deploymentArn, time } of events) {
    if (event === 'INSTANCE_REGISTERING') launchedBy.set(instanceId, deploymentArn);
    if (event !== 'INSTANCE_DRAINING' || deploymentArn === undefined || !own.has(deploymentArn)) continue;
    const rollback = rollbacks.get(deploymentArn);
    const isRollback = rollback !== undefined && time >= rollback;
    if (isRollback || launchedBy.get(instanceId) !== deploymentArn) drains.push({ time, deploymentArn, isRollback });
  }
  return drains;
}

/** The sizes of the batches, in order. */
export function batchesOf(drains: readonly Drain[]): number[] {
  const sizes = new Map<string, number>();
  for (const { time, deploymentArn } of drains) sizes.set(`${time} ${deploymentArn}`, (sizes.get(`${time} ${deploymentArn}`) ?? 0) + 1);
  return [...sizes.values()];
}
