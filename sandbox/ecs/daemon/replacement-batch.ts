import type { Fleet } from '../fleet/fleet';
import type { Instance } from '../fleet/instance';

/** Instances that are drained and replaced together, start before stop (R25, R28). It ends when all of them are gone. */
export class ReplacementBatch {
  private readonly outstanding: Set<Instance>;

  constructor(
    private readonly members: readonly { readonly fleet: Fleet; readonly instance: Instance }[],
    private readonly deploymentArn: string | undefined,
    private readonly whenDone: () => void,
  ) {
    this.outstanding = new Set(members.map(({ instance }) => instance));
  }

  public start(): void {
    const byFleet = new Map<Fleet, Instance[]>();
    for (const { fleet, instance } of this.members) {
      const of = byFleet.get(fleet);
      if (of) of.push(instance);
      else byFleet.set(fleet, [instance]);
    }
    for (const [fleet, instances] of byFleet) this.replace(fleet, instances);
  }

  /** Counts instances that hang as gone (A12): they stay DRAINING. */
  public giveUpHanging(): void {
    for (const { fleet, instance } of this.members) {
      if (fleet.termination.hangs(instance)) this.gone(instance);
    }
  }

  private replace(fleet: Fleet, instances: readonly Instance[]): void {
    for (const instance of instances) {
      instance.deploymentArn = this.deploymentArn;
      instance.idleTimer?.cancel();
    }
    // Managed Instances launches capacity for tasks only: an instance that has lost its tasks goes without a replacement
    fleet.termination.terminate(instances.filter((instance) => instance.idle), (instance) => this.gone(instance));
    const working = instances.filter((instance) => !instance.idle);
    if (working.length === 0) return;
    const replacements = working.map((instance) => {
      fleet.enter(instance, 'DRAINING');
      const replacement = fleet.addInstance({
        plannedTasks: instance.applicationTasks.map((task) => task.serviceArn),
        replaces: instance,
        ...(this.deploymentArn !== undefined && { deploymentArn: this.deploymentArn }),
      });
      instance.replacedBy = replacement;
      return replacement;
    });
    fleet.launch.start(replacements, fleet.context.timing.launchReplacement, (active) =>
      fleet.termination.drain(active.map((replacement) => replacement.replaces!), (instance) => this.gone(instance)));
    fleet.changed();
  }

  private gone(instance: Instance): void {
    if (instance.state === 'TERMINATED' && instance.replacedBy) instance.replacedBy.replaces = undefined;
    if (this.outstanding.delete(instance) && this.outstanding.size === 0) this.whenDone();
  }
}
