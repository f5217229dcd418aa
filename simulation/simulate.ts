import { parseArgs } from 'node:util';
import { disagreement, inWords } from './agreement/agree';
import { bundle } from './run/bundle';
import { samplePairs } from './run/fault-pairs';
import { printFailure, printReport } from './report';
import { scenarioOf } from './scenario/generator';
import { runSeeds } from './run/seeds';
import { play } from './run/simulation';
import { withoutRule } from './run/without-rule';
import { changedSeeds, storedDigests, storeDigests } from './run/stored-digests';
import type { Digest } from './world/digest';

/**
 * - `npm run simulate -- --seeds N [--seed S]`: N seeds from S on, or with `--seeds 1` the trace of one;
 * - `npm run simulate -- --pairs N [--seed S]`: N pairs of faults, sampled by S;
 * - `npm run simulate -- --agree N [--seed S]`: N seeds from S on, run with the built bundles on the sandbox too.
 * - `npm run simulate -- --digest [--seeds N] [--seed S]`: what has changed since the digests were stored; `--update` stores them.
 * - `npm run simulate -- --without NAME [--seeds N] [--seed S]`: in how many seeds a consistency rule of the Lambda makes a difference.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    seeds: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' }, trace: { type: 'boolean', default: false },
    pairs: { type: 'string' }, agree: { type: 'string' }, digest: { type: 'boolean', default: false }, update: { type: 'boolean', default: false },
    without: { type: 'string' },
  } });
  const first = Number(values.seed);
  if (values.pairs !== undefined) return pairs(Number(values.pairs), first);
  if (values.agree !== undefined) return agreement(first, Number(values.agree));
  const count = Number(values.seeds);
  if (values.digest) return digest(first, count, values.update);
  if (values.without !== undefined) return without(values.without, first, count);
  if (count === 1 || values.trace) {
    const { trace, violations } = await play(scenarioOf(first), { isTraced: true });
    console.log([...trace, '', ...violations.map(({ rule, seconds, sentence }) => `VIOLATION after ${Math.round(seconds)} s: ${rule}: ${sentence}`)].join('\n'));
    process.exitCode = violations.length > 0 ? 1 : 0;
    return;
  }
  const began = performance.now();
  const result = await runSeeds(await bundle(), first, count, { onFailure: printFailure });
  printReport(result, (performance.now() - began) / 1000);
  process.exitCode = result.failed.length > 0 ? 1 : 0;
}

const MEANINGS: Readonly<Record<keyof Digest, string>> = {
  all: 'log lines, calls, answers, times', withoutWords: 'the same without the text of log lines and reasons', effects: 'writes, answers, outcomes',
};
const MOST_SHOWN = 20;

async function digest(first: number, count: number, isUpdate: boolean): Promise<void> {
  const { digests, failed } = await runSeeds(await bundle(), first, count, { isDigested: true, onFailure: printFailure });
  if (isUpdate) return storeDigests(new Map([...storedDigests(), ...digests]));
  const changed = changedSeeds(storedDigests(), digests);
  for (const [part, meaning] of Object.entries(MEANINGS)) {
    const seeds = changed[part as keyof Digest];
    const more = seeds.length > MOST_SHOWN ? ', …' : '';
    console.log(`${part.padEnd(12)} ${seeds.length} of ${count} seeds differ (${meaning})${seeds.length > 0 ? `: ${seeds.slice(0, MOST_SHOWN).join(', ')}${more}` : ''}`);
  }
  process.exitCode = changed.all.length + failed.length > 0 ? 1 : 0;
}

async function without(rule: string, first: number, count: number): Promise<void> {
  const { digests, failed } = await runSeeds(await bundle([withoutRule(rule)]), first, count, { isDigested: true });
  const { all, effects } = changedSeeds(storedDigests(), digests);
  const [earliest] = failed;
  const broken = earliest ? `${failed.length} break a rule, the first of them ${earliest.seed} (${earliest.violations.map((each) => each.rule).join(', ')})` : 'none breaks a rule';
  console.log(`without ${rule}: ${all.length} of ${count} seeds differ, ${effects.length} in what is written or answered; ${broken}`);
}

async function pairs(count: number, seed: number): Promise<void> {
  const { pairs: met, found } = await samplePairs(count, seed);
  for (const { text } of found) console.log(text);
  console.log(`${met} pairs of faults, ${found.length} violations`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

async function agreement(first: number, count: number): Promise<void> {
  let disagreements = 0;
  for (let seed = first; seed < first + count; seed++) {
    const found = await disagreement(seed);
    if (found) console.log(`seed ${seed} disagrees:\n${inWords(found)}`);
    if (found) disagreements++;
  }
  console.log(`${count} seeds on the simulation and on the sandbox, ${disagreements} disagree`);
  process.exitCode = disagreements > 0 ? 1 : 0;
}

void main();
