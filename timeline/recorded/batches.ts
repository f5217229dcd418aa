import type { Batch } from '../model';
import type { RecordedInstanceEvent } from '../recording';
import type { RecordedDeployment } from './deployments';

/** The batches of some deployments, on the clock of the rollout. Instances that drain at the same moment for one deployment are a batch. */
export function batchesOf(
  events: readonly RecordedInstanceEvent[], deployments: readonly RecordedDeployment[], start: number, fleet: number,
): Batch[] {
  const drained = new Set<string>();
  const groups = new Map<string, { readonly deployment: RecordedDeployment; readonly at: number; readonly instances: Set<string> }>();
  for (const { deploymentArn, event, instanceId, time } of events) {
    const deployment = deployments.find(({ arn }) => arn === deploymentArn);
    // an instance without tasks is deregistered at once
    if (!deployment || drained.has(instanceId) || (event !== 'INSTANCE_DRAINING' && event !== 'INSTANCE_DEREGISTERING')) continue;
    drained.add(instanceId);
    const key = `${deploymentArn} ${time}`;
    const group = groups.get(key) ?? { deployment, at: Date.parse(time), instances: new Set() };
    groups.set(key, group);
    group.instances.add(instanceId);
  }
  const terminated = events.filter(({ event }) => event === 'INSTANCE_TERMINATED');
  const ends = new Map(terminated.map(({ instanceId, time }) => [instanceId, Date.parse(time)]));
  const all = [...groups.values()].map(({ deployment, at, instances }) => {
    const last = [...instances].map((id) => ends.get(id));
    return {
      isRollback: isOfRollback(deployment, at),
      from: at - start,
      ...(last.every((end) => end !== undefined) && { to: Math.max(...last) - start }),
      instances: instances.size,
    };
  });
  const numbered = (isRollback: boolean): Batch[] => all.filter((batch) => batch.isRollback === isRollback).map((batch, index, ofKind) => {
    const of = Math.max(ofKind.length, Math.ceil(fleet / ofKind[0]!.instances));
    return { number: index + 1, ...(!isRollback && { of }), ...batch };
  });
  return [...numbered(false), ...numbered(true)].sort((one, other) => one.from - other.from);
}

/** INSTANCE_DRAINING events of some deployments: a rollback counts again. */
export function drainsOf(
  events: readonly RecordedInstanceEvent[], deployments: readonly RecordedDeployment[],
): { drains: number; rollbackDrains: number } {
  const drains = events.filter(({ event }) => event === 'INSTANCE_DRAINING').flatMap(({ deploymentArn, time }) => {
    const deployment = deployments.find(({ arn }) => arn === deploymentArn);
    return deployment ? [isOfRollback(deployment, Date.parse(time))] : [];
  });
  return { drains: drains.length, rollbackDrains: drains.filter(Boolean).length };
}

const isOfRollback = ({ reverts, rollbackAt }: RecordedDeployment, at: number): boolean =>
  reverts || (rollbackAt !== undefined && at > rollbackAt);
