import { parseArgs } from 'node:util';
import { bundle } from './bundle';
import { printReport } from './report';
import { scenarioOf } from './scenario';
import { runSeeds } from './seeds';
import { play } from './simulation';

/** `npm run simulate -- --seeds N [--seed S]`: N seeds from S on, or with `--seeds 1` the story of one. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' }, trace: { type: 'boolean', default: false } } });
  const first = Number(values.seed);
  const count = Number(values.seeds);
  if (count === 1 || values.trace) {
    const { trace, violations } = await play(scenarioOf(first), { isTraced: true });
    console.log([...trace, '', ...violations.map(({ rule, seconds, sentence }) => `VIOLATION after ${Math.round(seconds)} s: ${rule}: ${sentence}`)].join('\n'));
    process.exitCode = violations.length > 0 ? 1 : 0;
    return;
  }
  const began = performance.now();
  const result = await runSeeds(await bundle(), first, count);
  printReport(result, (performance.now() - began) / 1000);
  process.exitCode = result.failed.length > 0 ? 1 : 0;
}

void main();
