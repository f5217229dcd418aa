import { randomHex, arnOf } from '../../core/world';
import type { EcsContext } from '../context';
import type { Instance, InstanceState } from './instance';
import type { InstanceEvent, InstanceEventName } from './instance-events';
import type { DaemonRevision } from '../task-definitions/daemon-revision';

/** The part of the daemons' control plane that a fleet uses. */
export interface DaemonPlacement {
  /** The revisions that an instance of the fleet is to run, one a daemon. */
  desiredRevisions(fleet: InstanceRegistry, instance: Instance): readonly DaemonRevision[];
  /** Why a launch of the revision fails, if it does. */
  startFailure(revision: DaemonRevision, instance: Instance): { readonly reason: string; readonly failureType: string } | undefined;
  /** Receives the failed launches of one moment. */
  startFailed(failures: readonly FailedStart[]): void;
  /** Whether a task that has failed that often on an instance is launched again. */
  retries(revision: DaemonRevision, launches: number): boolean;
  /** Called when instances of the fleet have changed. */
  changed(fleet: InstanceRegistry): void;
}

export interface FailedStart {
  readonly fleet: InstanceRegistry;
  readonly instance: Instance;
  readonly revision: DaemonRevision;
  readonly taskArn: string;
  readonly reason: string;
  readonly failureType: string;
}

/** The record of a capacity provider's instances: their states, tasks and events. */
export abstract class InstanceRegistry {
  public readonly instances = new Set<Instance>();
  /** Seconds until an idle instance is terminated; undefined when the capacity provider does not scale in. */
  public terminateIdle: number | undefined;
  private readonly settledWaiters = new Set<() => void>();

  constructor(
    public readonly context: EcsContext,
    public readonly placement: DaemonPlacement,
    public readonly clusterName: string,
    public readonly capacityProviderName: string,
    public readonly capacityProviderArn: string,
  ) {
    this.terminateIdle = context.timing.terminateIdle;
  }

  /** Adds an instance in LAUNCHING. */
  public addInstance(options: Pick<Instance, 'plannedTasks' | 'replaces' | 'deploymentArn'>): Instance {
    const { world } = this.context;
    const instance: Instance = {
      id: `i-${randomHex(world, 17)}`,
      containerInstanceArn: arnOf(world, 'ecs', `container-instance/${this.clusterName}/${randomHex(world, 32)}`),
      state: 'LAUNCHING',
      daemonTasks: new Map(),
      applicationTasks: [],
      drainHangs: this.instances.size === 0 && this.context.hangingDrains.has(this.capacityProviderName),
      idle: false,
      ...options,
    };
    this.instances.add(instance);
    return instance;
  }

  public enter(instance: Instance, state: InstanceState): void {
    const unseen = instance.state === 'LAUNCHING' && state === 'TERMINATED';
    instance.state = state;
    if (state === 'TERMINATED') this.instances.delete(instance);
    if (state !== 'LAUNCHING' && !unseen) this.record(instance, `INSTANCE_${state}`);
  }

  public record(instance: Instance, event: InstanceEventName, more: Partial<InstanceEvent> = {}): void {
    this.context.instanceEvents.record({
      cluster: this.clusterName,
      capacityProvider: this.capacityProviderName,
      instanceId: instance.id,
      event,
      ...(instance.deploymentArn !== undefined && { deploymentArn: instance.deploymentArn }),
      ...more,
    });
  }

  public startApplicationTasks(instance: Instance, services: readonly (string | undefined)[]): void {
    for (const serviceArn of services) {
      const arn = this.newTaskArn();
      instance.applicationTasks.push({ arn, ...(serviceArn !== undefined && { serviceArn }) });
      this.record(instance, 'APPLICATION_TASK_STARTED', { taskArn: arn, ...(serviceArn !== undefined && { serviceArn }) });
    }
    if (services.length > 0) this.wake(instance);
  }

  public stopApplicationTasks(instance: Instance, stops: (serviceArn: string | undefined) => boolean = () => true): void {
    const stopping = instance.applicationTasks.filter((task) => stops(task.serviceArn));
    instance.applicationTasks = instance.applicationTasks.filter((task) => !stopping.includes(task));
    for (const { arn, serviceArn } of stopping) {
      this.record(instance, 'APPLICATION_TASK_STOPPED', { taskArn: arn, ...(serviceArn !== undefined && { serviceArn }) });
    }
  }

  /** Schedules the termination of an instance without application tasks. */
  public abstract rest(instance: Instance): void;

  public newTaskArn(): string {
    return arnOf(this.context.world, 'ecs', `task/${this.clusterName}/${randomHex(this.context.world, 32)}`);
  }

  /** Calls `action` once, when instances come, go or become ready: always later than now. */
  public whenChanged(action: () => void): void {
    this.settledWaiters.add(action);
  }

  public changed(): void {
    this.placement.changed(this);
    if (this.settledWaiters.size === 0) return;
    const waiters = [...this.settledWaiters];
    this.settledWaiters.clear();
    for (const waiter of waiters) this.context.world.clock.after(0, waiter);
  }

  private wake(instance: Instance): void {
    instance.idle = false;
    instance.idleTimer?.cancel();
    instance.idleTimer = undefined;
  }
}
