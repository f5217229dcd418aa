import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Coverage } from '../world/coverage';
import type { Digest } from '../world/digest';
import type { Rule } from '../oracle/rules';
import type { WorkerReport, WorkerTask } from './worker';

export interface SeedsResult {
  readonly seeds: number;
  readonly rollouts: number;
  readonly virtualSeconds: number;
  readonly coverage: Coverage;
  /** In the order of their seeds. */
  readonly failed: WorkerReport['failed'];
  /** By seed, if they were asked for. */
  readonly digests: ReadonlyMap<number, Digest>;
}

export interface SeedsOptions {
  /** Ends the run with the first seed that breaks one of these rules. */
  readonly stopsAt?: readonly Rule[];
  readonly workers?: number;
  readonly isDigested?: boolean;
  /** Called with every seed that fails, as soon as it has. */
  readonly onFailure?: (failed: WorkerReport['failed'][number]) => void;
}

/** Runs seeds on all cores. */
export async function runSeeds(worker: string, first: number, count: number, options: SeedsOptions = {}): Promise<SeedsResult> {
  const stride = Math.min(count, options.workers ?? availableParallelism());
  const coverage = new Coverage();
  const total = { seeds: 0, rollouts: 0, virtualSeconds: 0 };
  const failed: WorkerReport['failed'][number][] = [];
  const digests = new Map<number, Digest>();
  const workers: Worker[] = [];
  const take = (report: WorkerReport): void => {
    total.seeds += report.seeds;
    total.rollouts += report.rollouts;
    total.virtualSeconds += report.virtualSeconds;
    coverage.add(report.counts);
    for (const [seed, digest] of report.digests) digests.set(seed, digest);
    failed.push(...report.failed);
    report.failed.forEach((each) => options.onFailure?.(each));
    const isFound = report.failed.some(({ violations }) => violations.some(({ rule }) => options.stopsAt?.includes(rule)));
    if (isFound) for (const each of workers) void each.terminate();
  };
  await Promise.all(Array.from({ length: stride }, (_, index) => new Promise<void>((resolve, reject) => {
    const workerData: WorkerTask = { first: first + index, end: first + count, stride, isDigested: options.isDigested };
    const thread = new Worker(worker, { workerData });
    workers.push(thread);
    thread.on('message', take);
    thread.on('error', reject);
    thread.on('exit', () => resolve());
  })));
  return { ...total, coverage, digests, failed: failed.sort((a, b) => a.seed - b.seed) };
}
