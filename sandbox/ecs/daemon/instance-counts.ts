import type { Daemon } from './daemon';
import type { Fleet } from '../fleet/fleet';

/** The instances of one revision of a daemon on one capacity provider. */
export interface InstanceCounts {
  running: number;
  withoutDaemon: number;
  draining: number;
}

/** Counts by revision ARN, then by capacity provider ARN. */
export type CountsByRevision = ReadonlyMap<string, ReadonlyMap<string, InstanceCounts>>;

/**
 * Counts a daemon's instances. One that lacks the task counts as without it, never also as running (R36); one that never had it
 * counts for the daemon's goal, so that running, without and draining instances add up to the fleet (A35).
 */
export function countInstances(daemon: Daemon, fleets: Iterable<Fleet>): CountsByRevision {
  const counts = new Map<string, Map<string, InstanceCounts>>();
  const of = (revisionArn: string, providerArn: string): InstanceCounts => {
    let byProvider = counts.get(revisionArn);
    if (!byProvider) counts.set(revisionArn, byProvider = new Map());
    let count = byProvider.get(providerArn);
    if (!count) byProvider.set(providerArn, count = { running: 0, withoutDaemon: 0, draining: 0 });
    return count;
  };
  for (const fleet of fleets) {
    const providerArn = fleet.capacityProviderArn;
    const goal = daemon.goalFor(providerArn);
    for (const instance of fleet.instances) {
      const task = instance.daemonTasks.get(daemon.arn);
      const working = instance.state === 'ACTIVE' || instance.state === 'REGISTERING';
      const revision = task?.revision ?? goal;
      if (!revision) continue;
      if (task?.state === 'RUNNING' && working) of(revision.arn, providerArn).running++;
      else if (task && instance.state === 'DRAINING') of(revision.arn, providerArn).draining++;
      else if (instance.state === 'ACTIVE') of(revision.arn, providerArn).withoutDaemon++;
      else if (task) of(revision.arn, providerArn);
    }
  }
  return counts;
}
