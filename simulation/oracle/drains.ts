import type { Coverage } from '../world/coverage';
import type { ResourceRequest } from '../world/custom-resources';
import { STACK_KEY } from './requests';
import { READ_LAG_SECONDS } from './rules';
import type { Stack } from '../world/stack';
import { hasJustMetInstance, JUST_MET_INSTANCE, type DaemonTruth, type Truth } from './truth';
import type { SimulatedWorld } from '../world/world';
import type { Writes } from './writes';

/** A rollout that has waited for this long cannot finish in time. */
const MOST_WAITING_SECONDS = 45 * 60;
/** So many rollouts of others fill the time that a request may wait. */
const MANY_TURNS = 4;
/** The time after which a deployment that replaces no instance counts as stalled, as reads show it. */
const STANDSTILL_SECONDS = 600 - READ_LAG_SECONDS;

const JUST_WENT_BACK = 'ECS has begun to roll back a deployment that had succeeded too recently for reads to show it (A11, A28)';

/** Checks that no two deployments drain the same instances at once, and that a drain has a reason. */
export class Drains {
  /** The instance counts of a deployment, and when they last changed. */
  private readonly counts = new Map<string, { readonly counts: string; readonly changes: readonly number[] }>();

  private readonly succeeded = new Set<string>();
  /** When ECS began to roll back a deployment that had succeeded. */
  private readonly wentBack = new Map<string, number>();

  constructor(
    private readonly world: SimulatedWorld,
    private readonly truth: Truth,
    private readonly coverage: Coverage,
    private readonly writes: Writes,
    private readonly violate: (sentence: string) => void,
  ) {
    world.ecs.onDeploymentStatus(({ deploymentArn, status }) => {
      if (status === 'SUCCESSFUL') this.succeeded.add(deploymentArn);
      else if (this.succeeded.delete(deploymentArn)) this.wentBack.set(deploymentArn, world.clock.now());
    });
    let isDue = false;
    world.ecs.onInstanceEvent(() => {
      if (isDue) return;
      isDue = true; // once for all that happens at a time
      world.clock.after(0, () => {
        isDue = false;
        this.count();
      });
    });
  }

  /**
   * Two cases are excepted, and counted. The first is the window in which neither of two stacks reads the write of the other, until the
   * write is sent: a rollout does not control how long that takes to arrive. A replacement of a deployment that started in the window, and
   * has ended too recently for reads to show it, starts no new drain. The second is a deployment that cannot end unless
   * this write is sent, since its daemon has failed and keeps new instances from registering (R28).
   */
  public check(
    daemon: DaemonTruth, { event }: ResourceRequest, before: DaemonTruth | undefined, unchangedFor: number, sentAt: number,
  ): void {
    if (daemon.deployment.isOver || daemon.running.length === 0) return;
    const now = this.world.clock.now();
    const replaced = unchangedFor <= READ_LAG_SECONDS ? this.writes.last(daemon.arn, now) : undefined;
    const hasFailed = before?.deployment.status === 'STOPPED' || before?.deployment.status === 'ROLLBACK_FAILED';
    for (const other of this.truth.daemons()) {
      const stack = other.tags[STACK_KEY];
      if (other.arn === daemon.arn || !stack || other.deployment.isOver || other.running.length === 0) continue;
      const write = this.writes.last(other.arn);
      const isOurs = write !== undefined && (this.writes.lastManual(other.arn) ?? 0) < write.at;
      if (!isOurs || !other.capacityProviderArns.some((arn) => daemon.capacityProviderArns.includes(arn))) continue;
      const apart = (now - write.at) / 1000;
      const isNear = (at: number): boolean => stack !== event.StackId && Math.abs(at - write.at) <= READ_LAG_SECONDS * 1000;
      const isWindow = isNear(sentAt) || (replaced !== undefined && isNear(replaced.at));
      // no counted instance has moved, though it is in progress: it waits for instances, and does not bake. Of a first deployment
      // the drain of the old instances is not counted, since they never ran the daemon (A35)
      const stoodAt = (at: number): boolean => at - this.lastChange(other.deployment.arn, at, write.at) >= STANDSTILL_SECONDS * 1000;
      // reads may be as old as the lag (A28)
      const stands = this.truth.isMoving(other) && (stoodAt(now) || stoodAt(now - READ_LAG_SECONDS * 1000));
      if (hasFailed && stands) this.coverage.reached('exception', 'a rollout does not wait for a deployment that a failed daemon blocks (R28)');
      else if (isWindow) this.coverage.reached('exception', 'two stacks write within the consistency window (A28)');
      else if (sentAt - (this.wentBack.get(other.deployment.arn) ?? 0) <= READ_LAG_SECONDS * 1000) this.coverage.reached('exception', JUST_WENT_BACK);
      else if (hasJustMetInstance(other, now)) this.coverage.reached('exception', JUST_MET_INSTANCE);
      else this.violate(`${daemon.arn} begins while ${other.arn} is ${other.deployment.status}; the writes are ${apart} s apart`);
    }
  }

  /** Whether an update has failed after other rollouts had the turn, one after the other, for as long as a request may wait. */
  public leftNoTurn({ ids }: Stack, since: number): boolean {
    const others = this.writes.filter(({ at, request: { event } }) => at >= since && !ids.includes(event.StackId));
    if (others.length < MANY_TURNS || this.world.clock.now() - since < MOST_WAITING_SECONDS * 1000) return false;
    this.coverage.reached('exception', 'the last update of a stack has waited for its turn in vain, and is deployed again');
    return true;
  }

  private count(): void {
    const now = this.world.clock.now();
    for (const [deploymentArn, counts] of this.truth.counts()) {
      const known = this.counts.get(deploymentArn);
      if (known?.counts !== counts) this.counts.set(deploymentArn, { counts, changes: [...known?.changes ?? [], now] });
    }
  }

  private lastChange(deploymentArn: string, until: number, otherwise: number): number {
    return this.counts.get(deploymentArn)?.changes.findLast((at) => at <= until) ?? otherwise;
  }
}
