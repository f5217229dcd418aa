import { parseArgs } from 'node:util';
import { bundle } from '../run/bundle';
import { runSeeds } from '../run/seeds';
import { SEEDED_BUGS, type SeededBug } from './bugs';
import { insert } from './insert';

const SEEDS_A_ROUND = 200;

/** Returns the first seed that shows the bug; undefined if none does. */
export async function seedThatFinds(bug: SeededBug, most: number): Promise<number | undefined> {
  const worker = await bundle([insert(bug)]);
  for (let first = 1; first <= most; first += SEEDS_A_ROUND) {
    const { failed } = await runSeeds(worker, first, SEEDS_A_ROUND, { stopsAt: bug.breaks });
    const found = failed.find(({ violations }) => violations.some(({ rule }) => bug.breaks.includes(rule)));
    if (found) return found.seed;
  }
  return undefined;
}

/** `npm run simulate:planted [-- --bugs N]`: inserts one bug after another, or the first N, and counts the seeds until each is found. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '20000' }, bugs: { type: 'string' } } });
  for (const bug of SEEDED_BUGS.slice(0, values.bugs === undefined ? undefined : Number(values.bugs))) {
    const seed = await seedThatFinds(bug, Number(values.seeds));
    if (seed === undefined) process.exitCode = 1;
    console.log(`${seed === undefined ? 'NOT FOUND' : `${seed} seeds`.padStart(9)}  ${bug.name}`);
  }
}

if (require.main === module) void main();
