import type { DaemonProperties } from '../../lambda/contract';
import { DEFAULT_ASSUMPTIONS, type EcsAssumptions } from '../../sandbox/ecs';
import { DEFAULT_TIMING, type FleetTiming } from '../../sandbox/ecs/timing';
import { NO_FAULTS, type Faults } from '../../simulation/world/faults';
import type { Scenario, Step } from '../../simulation/scenario/scenario';
import { Simulation } from '../../simulation/run/simulation';
import { singleDaemonScenario } from '../../simulation/scenario/single-daemon';
import { ASSUMPTION_NAMES, ASSUMPTION_VALUES, assumptionLabel } from '../../simulation/scenario/assumption-values';

const MOST_READS_AN_HOUR = 240;
const MOST_SECONDS_TO_ANSWER = 150;

const END = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

/** Four batches take most of the hour. */
const SLOWNESS = 2.6;
const SLOW: Partial<FleetTiming> = Object.fromEntries(Object.entries(DEFAULT_TIMING).map(([name, seconds]) => [name, seconds * SLOWNESS]));
/** After the beginning of a deployment, when the fourth is stopped by its alarm. */
const ALARM_SECONDS = 1500;

const deploy = (image: string, settings: Partial<DaemonProperties>): Step => ({
  kind: 'deploy', pause: 1000,
  daemons: [{ logicalId: 'Agent', name: 'agent', image, providers: ['one'], settings: { DrainPercent: 25, BakeTimeInMinutes: 2, ...settings } }],
});

/** A create, an update, one that the circuit breaker and one that an alarm stops, and a deletion. */
const life = (assumptions: Partial<EcsAssumptions>, settings: Partial<DaemonProperties>): Scenario => ({
  ...singleDaemonScenario(...['good:1', 'good:2', 'bad:3', 'good:4'].map((image) => deploy(image, settings)), { kind: 'delete', pause: 1000 }),
  assumptions: { ...DEFAULT_ASSUMPTIONS, ...assumptions },
  timing: SLOW,
  fleets: { one: 8 },
});

interface Measured {
  /** The most in any hour of one request. */
  readonly readsAnHour: number;
  /** From each end of a deployment that was followed by the answer of its request. */
  readonly secondsToAnswer: readonly number[];
}

async function measure(scenario: Scenario): Promise<Measured> {
  const reads: number[] = [];
  const noting: Faults = {
    choose: (site) => {
      if (!site.isWrite && (site.service === 'ecs' || site.service === 'cloudwatch')) reads.push(clock.now());
      return NO_FAULTS.choose(site);
    },
  };
  const simulation = new Simulation(scenario, { faults: noting });
  const { clock, ecs } = simulation.world;
  const ends: number[] = [];
  let begun = 0;
  ecs.onDeploymentStatus(({ status }) => {
    if (END.includes(status)) ends.push(clock.now());
    if (status !== 'PENDING' || ++begun !== 4) return;
    clock.after(ALARM_SECONDS, () => simulation.world.setAlarm('errors', 'ALARM'));
    clock.after(2 * ALARM_SECONDS, () => simulation.world.setAlarm('errors', 'OK'));
  });
  const { violations } = await simulation.run();
  expect(violations).toEqual([]);
  const requests = simulation.requests.all.map(({ issuedAt, answers: [answer] }) => ({ from: issuedAt, to: answer!.at }));
  return {
    readsAnHour: Math.max(...requests.flatMap(({ from, to }) => reads.filter((read) => read >= from && read <= to)
      .map((first) => reads.filter((read) => read >= first && read <= Math.min(to, first + 3_600_000)).length))),
    secondsToAnswer: requests.flatMap(({ from, to }) => {
      const last = ends.filter((end) => end >= from && end <= to).at(-1);
      return last === undefined ? [] : [(to - last) / 1000];
    }),
  };
}

const EVERY_ASSUMPTION: readonly (readonly [label: string, assumptions: Partial<EcsAssumptions>])[] = [
  ['the defaults', {}],
  ...ASSUMPTION_NAMES.flatMap((name) => ASSUMPTION_VALUES[name].filter((value) => value !== DEFAULT_ASSUMPTIONS[name])
    .map((value) => [assumptionLabel(name, value), { [name]: value }] as const)),
];

describe.each<[string, Partial<DaemonProperties>]>([
  ['guarded by an alarm', { AlarmNames: ['errors'] }],
  ['without alarms', {}],
])('the life of a daemon %s', (_name, settings) => {
  test.each(EVERY_ASSUMPTION)('keeps its budgets under %s', async (_assumption, assumptions) => {
    const { readsAnHour, secondsToAnswer } = await measure(life(assumptions, settings));
    expect(readsAnHour).toBeLessThanOrEqual(MOST_READS_AN_HOUR);
    expect(Math.max(...secondsToAnswer)).toBeLessThanOrEqual(MOST_SECONDS_TO_ANSWER);
    expect(secondsToAnswer.length).toBeGreaterThanOrEqual(4);
  });
});
