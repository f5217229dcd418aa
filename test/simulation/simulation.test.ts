import { bundle } from '../../simulation/run/bundle';
import { CALL_FAULTS } from '../../simulation/world/faults';
import { SEEDED_BUGS } from '../../simulation/seeded-bugs/bugs';
import { insert } from '../../simulation/seeded-bugs/insert';
import { RULES, type Rule } from '../../simulation/oracle/rules';
import { scenarioOf } from '../../simulation/scenario/generator';
import { DELIVERY_FAULTS, DISTURBANCES } from '../../simulation/scenario/scenario';
import { runSeeds, type SeedsResult } from '../../simulation/run/seeds';
import { play } from '../../simulation/run/simulation';
import { ASSUMPTION_NAMES, ASSUMPTION_VALUES, assumptionLabel } from '../../simulation/scenario/assumption-values';

const SEEDS = 2000;
const LEAST = 20;

const PHASES = ['PREFLIGHT', 'WAITING_TURN', 'APPLYING', 'DEPLOYING', 'BAKING', 'ROLLING_BACK', 'DRAINING', 'DONE'];
const OUTCOMES = ['SUCCEEDED', 'UNCHANGED', 'ROLLED_BACK', 'FAILED', 'SUPERSEDED', 'TIMED_OUT', 'DEGRADED', 'CONTINUING'];
const FAULTS = [...CALL_FAULTS, ...DELIVERY_FAULTS, ...DISTURBANCES, 'cancelled-operation'];
const KINDS = [
  'MetricAlarm', 'CompositeAlarm', 'LogAlarm', 'missing alarm', 'adoption of another owner’s daemon', 'adoption of nobody’s daemon',
  'adoption rolled back', 'Verification SUCCESS', 'Gate SUCCESS', 'Gate FAILED', 'DeletionGate SUCCESS',
  'daemon behind one of another cluster', 'pages of one', 'daemon of a stack with tags',
];
const ASSUMPTIONS = ASSUMPTION_NAMES.flatMap((name) => ASSUMPTION_VALUES[name].map((value) => assumptionLabel(name, value)));

test.each([3, 6])('the same seed (%d) gives the same trace', async (seed) => {
  const first = await play(scenarioOf(seed), { isTraced: true });
  const second = await play(scenarioOf(seed), { isTraced: true });
  expect(first.trace.length).toBeGreaterThan(100);
  expect(second.trace).toEqual(first.trace);
  expect(second.violations).toEqual(first.violations);
});

describe(`${SEEDS} seeds`, () => {
  let result: SeedsResult;

  beforeAll(async () => {
    result = await runSeeds(await bundle(), 1, SEEDS);
  }, 300_000);

  test.each(Object.keys(RULES) as Rule[])('never violate the rule: %s', (rule) => {
    const found = result.failed.filter(({ violations }) => violations.some((violation) => violation.rule === rule));
    const story = found.slice(0, 3).map(({ seed, violations }) => `npm run simulate -- --seeds 1 --seed ${seed}: ${violations[0]!.sentence}`);
    if (found.length > 0) throw new Error(`${RULES[rule]}, in ${found.length} seeds\n${story.join('\n')}`);
  });

  test.each([['phase', PHASES], ['outcome', OUTCOMES], ['fault', FAULTS], ['kind', KINDS], ['assumption', ASSUMPTIONS]] as const)('reach every %s', (subject, values) => {
    const counts = result.coverage.of(subject);
    expect(values.filter((value) => (counts[value] ?? 0) < LEAST)).toEqual([]);
  });
});

test.each(SEEDED_BUGS)('the seeded bug "$name" can still be inserted', async (bug) => {
  await expect(bundle([insert(bug)])).resolves.toMatch(/worker\.cjs$/);
});
