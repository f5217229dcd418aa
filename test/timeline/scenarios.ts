import { timelinesOf } from '../../timeline/from-sandbox';
import type { Timeline } from '../../timeline/model';
import { ALARM_REASON, PlayedRollouts, type PlayOptions } from './played-rollouts';

const fleetOf = (instances: number): PlayOptions => ({ places: [{ provider: 'managed', instances }] });

/** The timeline of the last operation. */
export const latest = (rollouts: PlayedRollouts): Timeline => timelinesOf(rollouts.recording()).at(-1)!;

/** All instances run the new revision, after a bake. */
export async function succeeded(instances = 12, options: PlayOptions = {}): Promise<Timeline> {
  const rollouts = new PlayedRollouts({ ...fleetOf(instances), ...options });
  await rollouts.established();
  rollouts.update('1.300.2');
  await rollouts.advance(3600);
  rollouts.complete();
  rollouts.ofStack('UPDATE_COMPLETE');
  return latest(rollouts);
}

/** An alarm goes into ALARM during the second batch, and ECS rolls back. */
export async function rolledBack(instances = 12): Promise<Timeline> {
  const rollouts = new PlayedRollouts(fleetOf(instances));
  await rollouts.established();
  rollouts.update('1.300.2');
  rollouts.log('cloudwatch-agent APPLYING: updates the daemon cloudwatch-agent');
  await rollouts.advance(431);
  rollouts.setAlarm('ALARM');
  await rollouts.advance(3600);
  rollouts.fail(`DEPLOYING: ECS rolled the daemon cloudwatch-agent back: alarm agent-cpu-high went into ALARM ("${ALARM_REASON}")`);
  rollouts.ofStack('UPDATE_ROLLBACK_COMPLETE');
  return latest(rollouts);
}

/** One instance of the second batch does not drain. */
export async function stalled(): Promise<Timeline> {
  const rollouts = new PlayedRollouts();
  await rollouts.established();
  rollouts.hangDrainOf(4);
  rollouts.update('1.300.2');
  await rollouts.advance(3 * 3600);
  return latest(rollouts);
}

/** The third of four batches is under way. */
export async function running(): Promise<Timeline> {
  const rollouts = new PlayedRollouts();
  await rollouts.established();
  rollouts.update('1.300.2');
  await rollouts.advance(800);
  return withEstimate(latest(rollouts), { least: 24, likely: 30, most: 38 });
}

/** The same rollout, before it happens. */
export async function plan(): Promise<Timeline> {
  const timeline = withEstimate(await succeeded(), { least: 22, likely: 29.6, most: 50 });
  const rollouts = timeline.rollouts.map((rollout) => ({ ...rollout, causes: ['image 1.300.1 → 1.300.2'] }));
  return { version: 1, kind: 'plan', rollouts, stackEvents: timeline.stackEvents, log: timeline.log };
}

/** The new image does not start, and the instances keep their application tasks. */
export async function withoutDaemon(): Promise<Timeline> {
  const rollouts = new PlayedRollouts();
  await rollouts.established();
  rollouts.failStarts('1.300.2');
  rollouts.update('1.300.2');
  await rollouts.advance(3600);
  rollouts.fail('DEPLOYING: ECS rolled the daemon cloudwatch-agent back: the circuit breaker was triggered');
  rollouts.ofStack('UPDATE_ROLLBACK_COMPLETE');
  return latest(rollouts);
}

/** Twelve batches of one, which take 25 minutes each; the stack is held by gates. */
export async function fiveHours(): Promise<Timeline> {
  const rollouts = new PlayedRollouts({ drainPercent: 1, timing: { drainApplicationTasks: 25 * 60 - 231 } });
  await rollouts.established();
  rollouts.update('1.300.2');
  await rollouts.advance(55 * 60);
  rollouts.complete();
  for (let gate = 1; gate <= 5; gate++) {
    rollouts.gate(gate, 'UPDATE_IN_PROGRESS');
    await rollouts.advance((gate < 5 ? 55 : 36) * 60);
    rollouts.gate(gate, 'UPDATE_COMPLETE');
  }
  rollouts.ofStack('UPDATE_COMPLETE');
  return latest(rollouts);
}

const WAVES = [
  { provider: 'shop-canary', instances: 2, wave: 'canary' },
  { provider: 'shop', instances: 4, wave: 'early' },
  { provider: 'search', instances: 6, wave: 'rest' },
] as const;

/** Three waves; an alarm in the second one, if it is broken, takes the first one back too. */
export async function waves(isBroken = false): Promise<Timeline> {
  const rollouts = new PlayedRollouts({ places: WAVES, drainPercent: 50, bakeMinutes: 30 });
  await rollouts.established('1.0');
  for (const place of WAVES) {
    rollouts.update(isBroken ? '2.0-broken' : '2.1', place);
    if (isBroken && place.wave === 'early') break;
    await rollouts.advance(2400);
    rollouts.complete(place);
  }
  if (isBroken) {
    await rollouts.advance(251);
    rollouts.setAlarm('ALARM');
    await rollouts.advance(340);
    rollouts.fail('DEPLOYING: ECS rolled the daemon back: alarm agent-cpu-high went into ALARM', WAVES[1]);
    rollouts.update('1.0', WAVES[0]);
    await rollouts.advance(3600);
    rollouts.complete(WAVES[0]);
    rollouts.ofStack('UPDATE_ROLLBACK_COMPLETE');
  } else {
    rollouts.ofStack('UPDATE_COMPLETE');
  }
  return latest(rollouts);
}

/** An update begins while the batches of an earlier one, which its stack has given up, are under way. */
export async function thirdRevision(): Promise<Timeline> {
  const rollouts = new PlayedRollouts();
  await rollouts.established();
  rollouts.update('1.300.2');
  await rollouts.advance(400);
  rollouts.fail('TIMED_OUT: the rollout took too long');
  rollouts.ofStack('UPDATE_ROLLBACK_COMPLETE');
  rollouts.update('1.300.3');
  await rollouts.advance(3600);
  rollouts.complete();
  rollouts.ofStack('UPDATE_COMPLETE');
  return latest(rollouts);
}

/** A fleet without instances. */
export const empty = (): Promise<Timeline> => succeeded(0);

function withEstimate(timeline: Timeline, { least, likely, most }: { least: number; likely: number; most: number }): Timeline {
  const estimate = { least: least * 60_000, likely: likely * 60_000, most: most * 60_000, restsOn: ['5 minutes a batch', 'a bake of 10 minutes'] };
  return { ...timeline, rollouts: timeline.rollouts.map((rollout) => ({ ...rollout, estimate })) };
}

type Scenario = () => Promise<Timeline>;

/** Plays a scenario once for all tests of a file. */
function once(scenario: Scenario): Scenario {
  let played: Promise<Timeline> | undefined;
  return () => played ??= scenario();
}

const memoized = (scenarios: Readonly<Record<string, Scenario>>): Readonly<Record<string, Scenario>> =>
  Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [name, once(scenario)]));

/** The scenarios that are played in milliseconds, by name. */
export const SMALL_SCENARIOS = memoized({
  'three instances': () => succeeded(3),
  'twelve instances': () => succeeded(),
  'rolled back': () => rolledBack(),
  stalled,
  running,
  plan,
  'without the daemon': withoutDaemon,
  'five hours': fiveHours,
  'three waves': () => waves(),
  'three waves rolled back': () => waves(true),
  'three revisions': thirdRevision,
  'no instances': empty,
});

/** Every scenario, by name: what pictures and pages are tested with. */
export const SCENARIOS = {
  ...SMALL_SCENARIOS,
  ...memoized({ 'a thousand instances': () => succeeded(1000), 'a thousand rolled back': () => rolledBack(1000) }),
};
