import type { FailedStart, InstanceRegistry } from './instance-registry';
import type { DaemonTask, Instance } from './instance';
import type { DaemonRevision } from '../task-definitions/daemon-revision';

type WhenActive = (instances: readonly Instance[]) => void;

/**
 * Brings instances up: they register, start their daemon tasks, and become ACTIVE, with application tasks, once every critical
 * daemon runs (R28, R36). Instances of one launch move together, so that a timer serves a batch and not an instance.
 */
export class InstanceLaunch {
  /** Instances whose critical daemon does not start, and is not tried again until something changes. */
  private readonly parked = new Map<Instance, WhenActive>();

  constructor(private readonly fleet: InstanceRegistry) {}

  public start(instances: readonly Instance[], seconds: number, whenActive: WhenActive): void {
    this.after(seconds, () => {
      const arriving = instances.filter((instance) => instance.state === 'LAUNCHING');
      for (const instance of arriving) this.fleet.enter(instance, 'REGISTERING');
      this.startDaemons(arriving, whenActive);
      this.fleet.changed();
    });
  }

  /** Adds instances that exist from the start of the sandbox. */
  public seed(instances: readonly Instance[]): void {
    for (const instance of instances) {
      this.fleet.enter(instance, 'REGISTERING');
      for (const revision of this.fleet.placement.desiredRevisions(this.fleet, instance)) {
        this.run(instance, this.begin(instance, revision));
      }
      this.activate(instance);
    }
    this.fleet.changed();
  }

  /** Tries the daemons of parked instances again: what they are to run has changed. */
  public retryParked(): void {
    const parked = [...this.parked];
    this.parked.clear();
    for (const [instance, whenActive] of parked) this.startDaemons([instance], whenActive);
  }

  /** Gives up an instance that is not ACTIVE yet. */
  public abandon(instance: Instance): void {
    this.parked.delete(instance);
    this.fleet.enter(instance, 'TERMINATED');
  }

  /** Starts what an instance is to run and does not run yet. */
  private startDaemons(instances: readonly Instance[], whenActive: WhenActive): void {
    if (instances.length === 0) return;
    for (const instance of instances) {
      const desired = this.fleet.placement.desiredRevisions(this.fleet, instance);
      for (const [daemonArn, task] of instance.daemonTasks) {
        if (desired.some((revision) => revision.daemonArn === daemonArn && (revision === task.revision || task.state === 'FAILED'))) continue;
        if (task.state !== 'FAILED') this.recordTask(instance, task, 'DAEMON_TASK_STOPPED');
        instance.daemonTasks.delete(daemonArn);
      }
      for (const revision of desired) {
        if (instance.daemonTasks.get(revision.daemonArn)?.state !== 'RUNNING') this.begin(instance, revision);
      }
    }
    this.after(this.fleet.context.timing.startDaemon, () => this.completeLaunch(instances, whenActive));
  }

  private completeLaunch(instances: readonly Instance[], whenActive: WhenActive): void {
    const ready: Instance[] = [];
    const blocked: Instance[] = [];
    const failures: FailedStart[] = [];
    for (const instance of instances) {
      if (instance.state !== 'REGISTERING') continue;
      failures.push(...this.settle(instance));
      const blocks = [...instance.daemonTasks.values()].some((task) => task.state === 'FAILED' && task.revision.critical);
      (blocks ? blocked : ready).push(instance);
    }
    if (ready.length > 0) {
      this.after(this.fleet.context.timing.activate, () => {
        const active = ready.filter((instance) => instance.state === 'REGISTERING');
        for (const instance of active) this.activate(instance);
        whenActive(active);
        this.retryLater(active);
        this.fleet.changed();
      });
    }
    // the reports may trip a circuit breaker, which changes what the blocked ones are to run
    if (failures.length > 0) this.fleet.placement.startFailed(failures);
    const again = blocked.filter((instance) => this.mayRetry(instance));
    if (again.length > 0) {
      this.after(this.fleet.context.timing.retryDaemon, () =>
        this.startDaemons(again.filter((instance) => instance.state === 'REGISTERING'), whenActive));
    }
    for (const instance of blocked) if (!again.includes(instance)) this.parked.set(instance, whenActive);
    this.fleet.changed();
  }

  /** Non-critical daemons that failed are tried again while the instance already works (R36). */
  private retryLater(instances: readonly Instance[]): void {
    const lacking = instances.filter((instance) => instance.state === 'ACTIVE'
      && [...instance.daemonTasks.values()].some((task) => this.mayRetryTask(task)));
    if (lacking.length === 0) return;
    const { retryDaemon, startDaemon } = this.fleet.context.timing;
    this.after(retryDaemon, () => {
      const trying = lacking.filter((instance) => instance.state === 'ACTIVE');
      for (const instance of trying) {
        for (const task of instance.daemonTasks.values()) if (this.mayRetryTask(task)) this.begin(instance, task.revision);
      }
      this.after(startDaemon, () => {
        const failures = trying.filter((instance) => instance.state === 'ACTIVE').flatMap((instance) => this.settle(instance));
        if (failures.length > 0) this.fleet.placement.startFailed(failures);
        this.retryLater(trying);
        this.fleet.changed();
      });
    });
  }

  /** Decides the fate of the daemon tasks that are starting. */
  private settle(instance: Instance): FailedStart[] {
    const failures: FailedStart[] = [];
    for (const task of instance.daemonTasks.values()) {
      if (task.state !== 'PENDING') continue;
      const failure = this.fleet.placement.startFailure(task.revision, instance);
      if (!failure) {
        this.run(instance, task);
        continue;
      }
      task.state = 'FAILED';
      this.recordTask(instance, task, 'DAEMON_TASK_START_FAILED', failure.reason);
      failures.push({ fleet: this.fleet, instance, revision: task.revision, taskArn: task.arn, ...failure });
    }
    return failures;
  }

  private activate(instance: Instance): void {
    this.fleet.enter(instance, 'ACTIVE');
    const planned = instance.plannedTasks;
    instance.plannedTasks = [];
    this.fleet.startApplicationTasks(instance, planned);
    if (planned.length === 0 && instance.idle) this.fleet.rest(instance);
  }

  private begin(instance: Instance, revision: DaemonRevision): DaemonTask {
    const before = instance.daemonTasks.get(revision.daemonArn);
    const launches = before?.revision === revision ? before.launches + 1 : 1;
    const task: DaemonTask = { arn: this.fleet.newTaskArn(), revision, state: 'PENDING', launches };
    instance.daemonTasks.set(revision.daemonArn, task);
    this.recordTask(instance, task, 'DAEMON_TASK_STARTED');
    return task;
  }

  private run(instance: Instance, task: DaemonTask): void {
    task.state = 'RUNNING';
    this.recordTask(instance, task, 'DAEMON_TASK_RUNNING');
  }

  private mayRetry(instance: Instance): boolean {
    return [...instance.daemonTasks.values()].every((task) => task.state !== 'FAILED' || !task.revision.critical || this.mayRetryTask(task));
  }

  private mayRetryTask(task: DaemonTask): boolean {
    return task.state === 'FAILED' && this.fleet.placement.retries(task.revision, task.launches);
  }

  private recordTask(
    instance: Instance, task: DaemonTask,
    event: 'DAEMON_TASK_STARTED' | 'DAEMON_TASK_RUNNING' | 'DAEMON_TASK_START_FAILED' | 'DAEMON_TASK_STOPPED', reason?: string,
  ): void {
    this.fleet.record(instance, event, {
      taskArn: task.arn,
      daemonArn: task.revision.daemonArn,
      revisionArn: task.revision.arn,
      image: task.revision.containerImages[0]?.image,
      ...(reason !== undefined && { reason }),
    });
  }

  private after(seconds: number, action: () => void): void {
    this.fleet.context.world.clock.after(seconds, action);
  }
}
