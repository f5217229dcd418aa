import type { DurableExecution } from '../world/engine';
import type { Process } from '../world/network';

/** The budget of an execution (docs/rollout.md). */
export const MOST_READS_AN_HOUR = 240;
const HOUR = 3_600_000;

interface Read {
  readonly at: number;
  readonly process: Process;
}

/** Counts the reads of ECS and CloudWatch of each execution. */
export class HourlyReads {
  private readonly lately = new Map<DurableExecution, Read[]>();

  /** Reads of an execution in the last hour, this one included, without those of a crashed invocation. */
  public add(execution: DurableExecution, process: Process, now: number): number {
    const reads = [...(this.lately.get(execution) ?? []).filter(({ at }) => at > now - HOUR), { at: now, process }];
    this.lately.set(execution, reads);
    return reads.filter((read) => !read.process.hasCrashed).length;
  }
}
