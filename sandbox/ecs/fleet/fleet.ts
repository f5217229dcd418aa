import { FleetState, type DaemonPlacement } from './fleet-state';
import type { EcsContext } from '../context';
import type { Instance } from './instance';
import { InstanceLaunch } from './instance-launch';
import { InstanceRetirement } from './instance-termination';

/** A fleet that launches and ends its instances. */
export class Fleet extends FleetState {
  public readonly launch: InstanceLaunch;
  public readonly retirement: InstanceRetirement;

  constructor(
    context: EcsContext, placement: DaemonPlacement, clusterName: string, capacityProviderName: string, capacityProviderArn: string,
  ) {
    super(context, placement, clusterName, capacityProviderName, capacityProviderArn);
    this.launch = new InstanceLaunch(this);
    this.retirement = new InstanceRetirement(this);
  }

  /** Makes instances that are there already, as on an imported cluster. */
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
      if (instance.idle && instance.state === 'ACTIVE') this.retirement.retire([instance]);
    });
  }

  /** Ends all instances: the capacity provider is being deleted. */
  public close(): void {
    const coming = [...this.instances].filter(({ state }) => state === 'LAUNCHING' || state === 'REGISTERING');
    for (const instance of coming) this.launch.abandon(instance);
    const waiting = coming.flatMap(({ replaces }) => (replaces?.state === 'DRAINING' ? [replaces] : []));
    this.retirement.drain(waiting, () => undefined);
    this.retirement.retire([...this.instances].filter(({ state }) => state === 'ACTIVE'));
    this.changed();
  }
}
