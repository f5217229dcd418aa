import { parentPort, workerData } from 'node:worker_threads';
import type { Violation } from '../oracle/rules';
import { scenarioOf } from '../scenario/generator';
import type { Digest } from '../world/digest';
import { play } from './simulation';

/** The seeds of a worker: every `stride`-th seed of a range. */
export interface WorkerTask {
  readonly first: number;
  readonly end: number;
  readonly stride: number;
  readonly isDigested?: boolean;
}

/** The report of a worker after every so many seeds, and after each that fails. */
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

export async function work({ first, end, stride, isDigested }: WorkerTask, send: (report: WorkerReport) => void): Promise<void> {
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
    send(report);
    report = empty();
  }
  send(report);
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
