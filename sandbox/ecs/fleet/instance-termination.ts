import type { InstanceRegistry } from './instance-registry';
import type { Instance } from './instance';

/** Terminates instances: application tasks stop first, the daemon last, then the instance deregisters (R28). */
export class InstanceTermination {
  /** Instances whose application tasks do not stop, with the action that follows when they do (A12). */
  private readonly hanging = new Map<Instance, () => void>();

  constructor(private readonly fleet: InstanceRegistry) {}

  /** Drains ACTIVE instances and replaces none of them. */
  public terminate(instances: readonly Instance[], whenGone: (instance: Instance) => void = () => undefined): void {
    for (const instance of instances) {
      this.fleet.enter(instance, 'DRAINING');
      this.fleet.stopApplicationTasks(instance);
    }
    this.stopDaemons(instances, whenGone);
    this.fleet.changed();
  }

  /** Terminates draining instances after their replacements have become ACTIVE. */
  public drain(instances: readonly Instance[], whenGone: (instance: Instance) => void): void {
    const { clock } = this.fleet.context.world;
    clock.after(this.fleet.context.timing.drainApplicationTasks, () => {
      const stopping: Instance[] = [];
      for (const instance of instances) {
        if (instance.drainHangs) {
          this.hanging.set(instance, () => this.finish([instance], whenGone));
        } else {
          stopping.push(instance);
        }
      }
      this.finish(stopping, whenGone);
    });
  }

  /** Lets the application tasks of a hanging instance stop. */
  public release(instance: Instance): void {
    instance.drainHangs = false;
    const goOn = this.hanging.get(instance);
    this.hanging.delete(instance);
    goOn?.();
  }

  public hangs(instance: Instance): boolean {
    return this.hanging.has(instance);
  }

  private finish(instances: readonly Instance[], whenGone: (instance: Instance) => void): void {
    for (const instance of instances) this.fleet.stopApplicationTasks(instance);
    this.stopDaemons(instances, whenGone);
    this.fleet.changed();
  }

  private stopDaemons(instances: readonly Instance[], whenGone: (instance: Instance) => void): void {
    if (instances.length === 0) return;
    const { clock } = this.fleet.context.world;
    const { stopDaemon, deregister } = this.fleet.context.timing;
    clock.after(stopDaemon, () => {
      for (const instance of instances) {
        for (const task of instance.daemonTasks.values()) {
          if (task.state === 'FAILED') continue;
          this.fleet.record(instance, 'DAEMON_TASK_STOPPED', {
            taskArn: task.arn,
            daemonArn: task.revision.daemonArn,
            revisionArn: task.revision.arn,
            image: task.revision.containerImages[0]?.image,
          });
        }
        instance.daemonTasks.clear();
        this.fleet.enter(instance, 'DEREGISTERING');
      }
      this.fleet.changed();
      clock.after(deregister, () => {
        for (const instance of instances) this.fleet.enter(instance, 'TERMINATED');
        for (const instance of instances) whenGone(instance);
        this.fleet.changed();
      });
    });
  }
}
