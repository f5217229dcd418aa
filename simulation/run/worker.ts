import { parentPort, workerData } from 'node:worker_threads';
import type { Violation } from '../oracle/rules';
import { scenarioOf } from '../scenario/generator';
import type { Digest } from '../world/digest';
import { play } from './simulation';

/** What a worker is to play: every `stride`-th seed of a range. */
export interface WorkerTask {
  readonly first: number;
  readonly end: number;
  readonly stride: number;
  readonly isDigested?: boolean;
}

/** What a worker tells of every so many seeds, and of each that fails. */
export interface WorkerReport {
  readonly seeds: number;
  readonly rollouts: number;
  readonly virtualSeconds: number;
  readonly counts: readonly (readonly [string, number])[];
  readonly failed: readonly { readonly seed: number; readonly violations: readonly Violation[] }[];
  /** If they were asked for. */
  readonly digests: readonly (readonly [seed: number, digest: Digest])[];
}

const REPORT_AFTER = 50;

export async function work({ first, end, stride, isDigested }: WorkerTask, tell: (report: WorkerReport) => void): Promise<void> {
  let report = empty();
  for (let seed = first; seed < end; seed += stride) {
    const run = await play(scenarioOf(seed), { isDigested });
    report.seeds++;
    report.rollouts += run.rollouts;
    report.virtualSeconds += run.virtualSeconds;
    if (run.digest) report.digests.push([seed, run.digest]);
    report.counts.push(...run.coverage.toJSON());
    if (run.violations.length > 0) report.failed.push({ seed, violations: run.violations });
    if (report.seeds < REPORT_AFTER && report.failed.length === 0) continue;
    tell(report);
    report = empty();
  }
  tell(report);
}

const empty = () => ({
  seeds: 0,
  rollouts: 0,
  virtualSeconds: 0,
  counts: [] as (readonly [string, number])[],
  failed: [] as { seed: number; violations: readonly Violation[] }[],
  digests: [] as [number, Digest][],
});

if (parentPort) void work(workerData as WorkerTask, (report) => parentPort!.postMessage(report));
