import type { World } from '../../core/world';

export type InstanceEventName =
  | 'INSTANCE_REGISTERING' | 'INSTANCE_ACTIVE' | 'INSTANCE_DRAINING' | 'INSTANCE_DEREGISTERING' | 'INSTANCE_TERMINATED'
  | 'DAEMON_TASK_STARTED' | 'DAEMON_TASK_RUNNING' | 'DAEMON_TASK_STOPPED' | 'DAEMON_TASK_START_FAILED'
  | 'APPLICATION_TASK_STARTED' | 'APPLICATION_TASK_STOPPED';

/** One line of the instance event log, from which tests and the demo check a rollout. */
export interface InstanceEvent {
  /** Virtual time, ISO 8601. */
  readonly time: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** The capacity provider's name. */
  readonly capacityProvider: string;
  readonly instanceId: string;
  readonly event: InstanceEventName;
  readonly taskArn?: string;
  /** Of application tasks: the service they belong to. */
  readonly serviceArn?: string;
  /** Of daemon tasks. */
  readonly daemonArn?: string;
  readonly revisionArn?: string;
  /** Of daemon tasks: the image of the first container. */
  readonly image?: string;
  /** Of a daemon task that failed to start. */
  readonly reason?: string;
  /** The deployment that caused it. */
  readonly deploymentArn?: string;
}

/** The log, in the order of what happened. */
export class InstanceEvents {
  public readonly log: InstanceEvent[] = [];
  private readonly listeners = new Set<(event: InstanceEvent) => void>();

  constructor(private readonly world: World) {}

  public record(event: Omit<InstanceEvent, 'time'>): void {
    const entry = { time: new Date(this.world.clock.now()).toISOString(), ...event };
    this.log.push(entry);
    for (const listener of this.listeners) listener(entry);
  }

  public listen(listener: (event: InstanceEvent) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
