import type { ReplacementBatch } from './replacement-batch';
import type { DaemonRevision } from '../task-definitions/daemon-revision';

export class Daemon {
  /** A daemon has only two statuses (R20). */
  public status: 'ACTIVE' | 'DELETE_IN_PROGRESS' = 'ACTIVE';
  public updatedAt: number;
  /** The revision that new instances run; undefined for none. */
  public goal?: DaemonRevision;
  /** The revision that the last good deployment ended on: what a rollback goes back to. */
  public stable?: DaemonRevision;
  /** Capacity providers whose instances have ever run it. */
  public readonly capacityProviderArns = new Set<string>();
  /** Deletions that were rolled back (A16). */
  public deletionRollbacks = 0;
  private readonly batches = new Set<ReplacementBatch>();
  private batchWaiters: (() => void)[] = [];

  constructor(
    public readonly arn: string,
    public readonly name: string,
    public readonly clusterArn: string,
    public readonly clusterName: string,
    public readonly createdAt: number,
  ) {
    this.updatedAt = createdAt;
  }

  /** The revision for instances of a capacity provider. */
  public goalFor(capacityProviderArn: string): DaemonRevision | undefined {
    return this.goal?.capacityProviderArns.includes(capacityProviderArn) ? this.goal : undefined;
  }

  public get hasBatch(): boolean {
    return this.batches.size > 0;
  }

  public addBatch(batch: ReplacementBatch): void {
    this.batches.add(batch);
  }

  public removeBatch(batch: ReplacementBatch): void {
    this.batches.delete(batch);
    if (this.hasBatch) return;
    const waiters = this.batchWaiters;
    this.batchWaiters = [];
    for (const waiter of waiters) waiter();
  }

  /** Calls `action` when no batch is under way any more. */
  public whenBatchesDone(action: () => void): void {
    this.batchWaiters.push(action);
  }

  public giveUpHangingInstances(): void {
    for (const batch of [...this.batches]) batch.giveUpHanging();
  }
}
