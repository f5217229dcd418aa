import { plan } from '../../cli/plan';
import { ALARM, CLUSTER, pairApp, pairOf } from './pair';
import { assemblyOf } from './plan-bench';
import { deployInWorld, worldOf } from './other-world';

/** `PAIRS=200 npx jest test/cli/bounds.test.ts` takes a quarter of an hour. */
const PAIRS = Number(process.env.PAIRS ?? 4);
const FIRST = Number(process.env.FIRST_PAIR ?? 1);

interface Comparison {
  readonly seed: number;
  readonly planned: object;
  readonly actual: object;
  /** Rollouts whose real duration is outside of the bounds. */
  readonly outside: readonly string[];
  readonly rollouts: number;
  /** `most` divided by `least`, of rollouts without gates. */
  readonly widths: readonly number[];
}

async function compare(seed: number): Promise<Comparison> {
  const pair = pairOf(seed);
  const [before, after] = [pair.before, pair.after].map((daemons) => assemblyOf(pairApp(daemons)));
  const used = new Set([...pair.before, ...pair.after].flatMap(({ providers }) => providers));
  const fleets = [...used].map((capacityProvider) => (
    { cluster: CLUSTER, capacityProvider, instances: pair.instances[capacityProvider]! }
  ));
  const result = await plan(after!, { from: before!, fleets });
  const reality = await deployInWorld(worldOf(seed + 1000), [before!, after!], fleets, ALARM);
  const timed = result.daemons.filter(({ minutes }) => minutes);
  return {
    seed,
    planned: { drained: result.drainedInstances, statuses: result.stacks.map(({ status }) => status) },
    actual: { drained: Object.values(reality.drained).reduce((sum, count) => sum + count, 0), statuses: [reality.status] },
    rollouts: timed.length,
    outside: timed.filter(({ name, minutes }) => reality.minutes[name]! < minutes!.least || reality.minutes[name]! > minutes!.most)
      .map(({ name, minutes }) => `${seed} ${name}: ${reality.minutes[name]} is not in ${minutes!.least} to ${minutes!.most}`),
    widths: timed.filter(({ gates }) => gates === 0).map(({ minutes }) => minutes!.most / minutes!.least),
  };
}

test(`the plans of ${PAIRS} seeded pairs agree with deployments in worlds that no plan knows`, async () => {
  const comparisons: Comparison[] = [];
  for (let seed = FIRST; seed < FIRST + PAIRS; seed++) comparisons.push(await compare(seed));

  const listed = (side: 'planned' | 'actual'): object[] => comparisons.map((comparison) => ({ seed: comparison.seed, ...comparison[side] }));
  expect(listed('planned')).toEqual(listed('actual'));
  const rollouts = comparisons.reduce((sum, comparison) => sum + comparison.rollouts, 0);
  const outside = comparisons.flatMap((comparison) => comparison.outside);
  expect(rollouts).toBeGreaterThan(PAIRS / 2);
  if (outside.length > rollouts / 100) expect(outside).toEqual([]);
  expect(Math.max(...comparisons.flatMap(({ widths }) => widths))).toBeLessThanOrEqual(3);
}, 3_600_000);
