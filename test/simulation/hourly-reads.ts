import type { DurableExecution } from './engine';

/** The budget of an execution (docs/rollout.md). */
export const MOST_READS_AN_HOUR = 240;
const HOUR = 3_600_000;

/** Counts the reads of ECS and CloudWatch of each execution. */
export class HourlyReads {
  private readonly lately = new Map<DurableExecution, number[]>();

  /** How many an execution has made in the hour before, this one included. */
  public add(execution: DurableExecution, now: number): number {
    const times = [...(this.lately.get(execution) ?? []).filter((time) => time > now - HOUR), now];
    this.lately.set(execution, times);
    return times.length;
  }
}
