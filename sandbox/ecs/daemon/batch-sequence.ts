import type { EcsContext } from '../context';
import type { Daemon } from './daemon';
import type { Fleet } from '../fleet/fleet';
import type { Instance, InstanceState } from '../fleet/instance';
import { ReplacementBatch } from './replacement-batch';

export interface PassListener {
  /** The first batch begins to drain. */
  started(): void;
  /** A batch has been replaced; `next` continues. */
  batchDone(next: () => void): void;
  /** There is not one instance. */
  empty(): void;
  /** Every instance runs what it should. */
  done(): void;
}

interface Member {
  readonly fleet: Fleet;
  readonly instance: Instance;
}

const STAYING: readonly InstanceState[] = ['LAUNCHING', 'REGISTERING', 'ACTIVE'];

/** Moves all instances of a daemon's capacity providers to the daemon's goal, batch by batch, no two batches overlapping (R25). */
export class DeploymentPass {
  private cancelled = false;
  private begun = false;
  private sizes?: Map<Fleet, number>;
  private overallSize = 0;
  private waits = 0;

  constructor(
    private readonly context: EcsContext,
    private readonly daemon: Daemon,
    private readonly fleets: readonly Fleet[],
    private readonly drainPercent: number,
    private readonly deploymentArn: string,
    private readonly listener: PassListener,
  ) {}

  public begin(): void {
    this.context.world.clock.after(this.context.timing.prepareBatch, () => this.step());
  }

  /** Starts no further batch; one in progress continues to its end, so that no instance stays half replaced. */
  public cancel(): void {
    this.cancelled = true;
  }

  private step(): void {
    if (this.cancelled) return;
    if (this.daemon.hasBatch) {
      this.daemon.whenBatchesDone(() => this.step());
      return;
    }
    const members = this.outdated();
    if (members.length === 0) {
      this.conclude();
      return;
    }
    const batch: ReplacementBatch = new ReplacementBatch(this.nextBatch(members), this.deploymentArn, () => {
      this.daemon.removeBatch(batch);
      if (!this.cancelled) this.listener.batchDone(() => this.proceed());
    });
    this.daemon.addBatch(batch);
    this.start();
    batch.start();
  }

  private proceed(): void {
    if (this.cancelled) return;
    if (this.outdated().length === 0) this.conclude();
    else this.context.world.clock.after(this.context.timing.prepareBatch, () => this.step());
  }

  private conclude(): void {
    const instances = this.fleets.reduce((sum, fleet) => sum + fleet.instances.size, 0);
    if (instances === 0 && !this.begun) {
      this.listener.empty();
    } else if (this.settled()) {
      this.start();
      this.listener.done();
    } else {
      this.waitForChange();
    }
  }

  private start(): void {
    if (this.begun) return;
    this.begun = true;
    this.listener.started();
  }

  private waitForChange(): void {
    const wait = ++this.waits;
    const resume = (): void => {
      if (wait === this.waits) {
        this.waits++;
        this.step();
      }
    };
    for (const fleet of this.fleets) fleet.whenChanged(resume);
  }

  /** Whether no instance is on its way any more, nor in need of the daemon (A34). */
  private settled(): boolean {
    const needsCoverage = this.daemon.goal?.critical === false && this.context.assumptions.nonCriticalSuccess === 'needs-full-coverage';
    return this.fleets.every((fleet) => [...fleet.instances].every((instance) => {
      if (instance.state === 'LAUNCHING' || instance.state === 'REGISTERING') return false;
      if (!needsCoverage || instance.state !== 'ACTIVE' || !this.daemon.goalFor(fleet.capacityProviderArn)) return true;
      return instance.daemonTasks.get(this.daemon.arn)?.state === 'RUNNING';
    }));
  }

  private outdated(): Member[] {
    const members: Member[] = [];
    for (const fleet of this.fleets) {
      const goal = this.daemon.goalFor(fleet.capacityProviderArn);
      for (const instance of fleet.instances) {
        if (instance.state === 'ACTIVE' && instance.daemonTasks.get(this.daemon.arn)?.revision !== goal) members.push({ fleet, instance });
      }
    }
    return members;
  }

  private nextBatch(members: readonly Member[]): Member[] {
    this.sizes ??= this.batchSizes();
    if (this.context.assumptions.drainScope === 'overall') return members.slice(0, this.overallSize);
    const left = new Map(this.sizes);
    return members.filter(({ fleet }) => {
      const room = left.get(fleet) ?? 1;
      left.set(fleet, room - 1);
      return room > 0;
    });
  }

  /** Shares of the instances that there are when the first batch begins (A9); one that comes counts for the one that it replaces. */
  private batchSizes(): Map<Fleet, number> {
    const size = (fleet: Fleet): number => [...fleet.instances].filter(({ state }) => STAYING.includes(state)).length;
    this.overallSize = this.share(this.fleets.reduce((sum, fleet) => sum + size(fleet), 0));
    return new Map(this.fleets.map((fleet) => [fleet, this.share(size(fleet))]));
  }

  private share(instances: number): number {
    const exact = Number(((instances * this.drainPercent) / 100).toFixed(9)); // 7 % of 100 is 7, not 7.000000000000001
    return Math.max(1, Math[this.context.assumptions.drainRounding](exact));
  }
}
