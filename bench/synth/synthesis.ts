/** Synthesizes one app in a process of its own, and prints what it took as JSON. */
import { writeFileSync } from 'node:fs';
import { appOf, type Candidate } from './candidates';

/** What one synth took. */
export interface Cost {
  /** From the first construct to the written assembly. Modules that are loaded on the way count, as they do for a user. */
  readonly milliseconds: number;
  /** User and system, of all threads. */
  readonly cpuMilliseconds: number;
  /** The most memory that the process ever had. */
  readonly peakMiB: number;
  /** What is still in use when the synth is done. */
  readonly heapMiB: number;
}

const [candidate, daemons, outdir, resultFile] = process.argv.slice(2) as [Candidate, string, string, string];
const mebibyte = 1024 * 1024;

const cpuBefore = process.cpuUsage();
const start = process.hrtime.bigint();
appOf(candidate, Number(daemons), outdir).synth();
const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
const cpu = process.cpuUsage(cpuBefore);
const peakMiB = process.resourceUsage().maxRSS / 1024;
globalThis.gc!();

const cost: Cost = {
  milliseconds,
  cpuMilliseconds: (cpu.user + cpu.system) / 1000,
  peakMiB,
  heapMiB: process.memoryUsage().heapUsed / mebibyte,
};
// not to stdout, where the CDK writes what it likes
writeFileSync(resultFile, JSON.stringify(cost));
