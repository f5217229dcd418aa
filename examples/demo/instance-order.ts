import type { InstanceEvent } from 'cdk-ecs-managed-daemons/sandbox';

/** On every instance that ran application tasks the daemon ran before the first of them. */
export function startsDaemonFirst(events: readonly InstanceEvent[]): boolean {
  const running = new Set<string>();
  for (const { event, instanceId } of events) {
    if (event === 'DAEMON_TASK_RUNNING') running.add(instanceId);
    if (event === 'APPLICATION_TASK_STARTED' && !running.has(instanceId)) return false;
  }
  return running.size > 0;
}

/** On every instance the daemon stopped after the last application task. */
export function stopsDaemonLast(events: readonly InstanceEvent[]): boolean {
  const stopped = new Set<string>();
  for (const { event, instanceId } of events) {
    if (event === 'DAEMON_TASK_STOPPED') stopped.add(instanceId);
    if (event === 'APPLICATION_TASK_STOPPED' && stopped.has(instanceId)) return false;
  }
  return stopped.size > 0;
}

/** The instances that began to drain at the same moment, in order; a batch that begins before the last one has ended joins it. */
export function drainBatches(events: readonly InstanceEvent[]): string[][] {
  const batches: string[][] = [];
  const underWay = new Set<string>();
  for (const { event, instanceId } of events) {
    if (event === 'INSTANCE_DRAINING') {
      if (underWay.size === 0) batches.push([]);
      batches.at(-1)!.push(instanceId);
      underWay.add(instanceId);
    }
    if (event === 'INSTANCE_TERMINATED') underWay.delete(instanceId);
  }
  return batches;
}
