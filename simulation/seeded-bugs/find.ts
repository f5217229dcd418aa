import { parseArgs } from 'node:util';
import { bundle } from '../run/bundle';
import { runSeeds } from '../run/seeds';
import { PLANTED_BUGS, type PlantedBug } from './bugs';
import { plant } from './insert';

const SEEDS_A_ROUND = 200;

/** The first seed of those that were played which shows what the bug leads to; undefined if none does. */
export async function seedThatFinds(bug: PlantedBug, most: number): Promise<number | undefined> {
  const worker = await bundle([plant(bug)]);
  for (let first = 1; first <= most; first += SEEDS_A_ROUND) {
    const { failed } = await runSeeds(worker, first, SEEDS_A_ROUND, { stopsAt: bug.breaks });
    const found = failed.find(({ violations }) => violations.some(({ rule }) => bug.breaks.includes(rule)));
    if (found) return found.seed;
  }
  return undefined;
}

/** `npm run simulate:planted [-- --bugs N]`: plants one bug after another, or the first N, and counts the seeds that find each. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '20000' }, bugs: { type: 'string' } } });
  for (const bug of PLANTED_BUGS.slice(0, values.bugs === undefined ? undefined : Number(values.bugs))) {
    const seed = await seedThatFinds(bug, Number(values.seeds));
    if (seed === undefined) process.exitCode = 1;
    console.log(`${seed === undefined ? 'NOT FOUND' : `${seed} seeds`.padStart(9)}  ${bug.name}`);
  }
}

if (require.main === module) void main();
