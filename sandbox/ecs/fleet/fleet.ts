import { InstanceRegistry, type DaemonPlacement } from './instance-registry';
import type { EcsContext } from '../context';
import type { Instance } from './instance';
import { InstanceLaunch } from './instance-launch';
import { InstanceTermination } from './instance-termination';

/** The fleet of one Managed Instances capacity provider: launches, drains and terminates its instances. */
export class Fleet extends InstanceRegistry {
  public readonly launch: InstanceLaunch;
  public readonly termination: InstanceTermination;

  constructor(
    context: EcsContext, placement: DaemonPlacement, clusterName: string, capacityProviderName: string, capacityProviderArn: string,
  ) {
    super(context, placement, clusterName, capacityProviderName, capacityProviderArn);
    this.launch = new InstanceLaunch(this);
    this.termination = new InstanceTermination(this);
  }

  /** Adds instances that are already ACTIVE, as on an imported cluster. */
  public seed(instances: number, applicationTasksPerInstance: number, serviceArn?: string): Instance[] {
    const seeded = Array.from({ length: instances }, () =>
      this.addInstance({ plannedTasks: Array.from({ length: applicationTasksPerInstance }, () => serviceArn) }));
    this.launch.seed(seeded);
    return seeded;
  }

  public override rest(instance: Instance): void {
    if (instance.applicationTasks.length > 0 || instance.plannedTasks.length > 0) return;
    instance.idle = true;
    if (this.terminateIdle === undefined) return;
    instance.idleTimer?.cancel();
    instance.idleTimer = this.context.world.clock.after(this.terminateIdle, () => {
      if (instance.idle && instance.state === 'ACTIVE') this.termination.terminate([instance]);
    });
  }

  /** Ends all instances: the capacity provider is being deleted. */
  public close(): void {
    const coming = [...this.instances].filter(({ state }) => state === 'LAUNCHING' || state === 'REGISTERING');
    for (const instance of coming) this.launch.abandon(instance);
    const waiting = coming.flatMap(({ replaces }) => (replaces?.state === 'DRAINING' ? [replaces] : []));
    this.termination.drain(waiting, () => undefined);
    this.termination.terminate([...this.instances].filter(({ state }) => state === 'ACTIVE'));
    this.changed();
  }
}
