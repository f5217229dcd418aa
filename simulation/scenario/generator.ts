import type { DaemonProperties } from '../../lambda/contract';
import { chooseAssumptions } from './assumption-values';
import { CHOSEN_FAULTS } from '../world/faults';
import { withFurtherKinds } from './further-kinds';
import { Random } from '../world/random';
import {
  DELIVERY_FAULTS, PLAIN_DISTURBANCES, QUICK,
  type DaemonPlan, type Disturbance, type DisturbanceKind, type Scenario, type StackScript, type Step,
} from './scenario';
import type { StackOptions } from '../world/stack';
import { withStackTags } from './stack-tags';

const DAY_MINUTES = 24 * 60;

/** Returns the scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const story = withWayOut(withFurtherKinds(plainScenario(seed), new Random(seed ^ 0x4b1d)));
  return withStackTags(withClocks(withPauses(story, new Random(seed ^ 0x9a05)), new Random(seed ^ 0xc10c)), new Random(seed ^ 0x7a65));
}

/** Adds clocks that differ. The choices have their own source, as those of further kinds. */
const withClocks = (scenario: Scenario, random: Random): Scenario =>
  random.chance(0.2) ? { ...scenario, clockAhead: random.integer(-110, 110) } : scenario;

/** Adds a person who pauses executions and resumes them. The choices have their own source, as those of further kinds. */
function withPauses(scenario: Scenario, random: Random): Scenario {
  if (!random.chance(0.1)) return scenario;
  const quick = scenario.timing === QUICK;
  const pauses = Array.from({ length: random.integer(1, 4) }, () => disturbance(random, quick, ['paused-execution']));
  return { ...scenario, disturbances: [...scenario.disturbances, ...pauses] };
}

function plainScenario(seed: number): Scenario {
  const random = new Random(seed);
  const quick = random.chance(0.4);
  const providers = ['one', 'two', 'three'].slice(0, random.integer(1, 3));
  const fleets = Object.fromEntries(providers.map((name) => [name, random.pick([0, 1, 1, 2, 3, 4, 6, random.integer(4, 12)])]));
  const alarms = random.chance(0.5) ? ['errors', 'latency'].slice(0, random.integer(1, 2)) : [];
  const stackNames = ['app', 'base', 'tools'].slice(0, random.pick([1, 1, 1, 2, 2, 3]));
  const stacks = stackNames.map((name) => stackScript(name, stackNames, providers, alarms, random));
  const isDisturbed = random.chance(0.4);
  return {
    assumptions: chooseAssumptions(random, new Random(~seed)),
    timing: quick ? QUICK : {},
    fleets,
    alarms,
    alarmKinds: {},
    existing: [],
    stacks,
    disturbances: [
      ...(isDisturbed ? Array.from({ length: random.integer(1, 4) }, () => disturbance(random, quick, PLAIN_DISTURBANCES)) : []),
      ...(alarms.length > 0 ? Array.from({ length: random.integer(0, 4) }, () => disturbance(random, quick, ['alarm-flap', 'alarm-stays-in-alarm'])) : []),
    ],
    faultProbability: random.pick([0, 0.003, 0.01, 0.03, 0.1]),
    callFaults: random.chance(0.5) ? CHOSEN_FAULTS : CHOSEN_FAULTS.filter(() => random.chance(0.4)),
    deliveryFaultProbability: random.pick([0, 0, 0.1, 0.3]),
    deliveryFaults: DELIVERY_FAULTS,
    // nothing is documented; the other reads of AWS that are known lag by seconds
    listLag: random.pick([0, 0.3, 3, 15]),
    clockAhead: 0,
    longestPage: new Random(seed ^ 0x9a6e).chance(0.1) ? 1 : undefined,
    scenarioHours: 80,
    random: {
      world: random.fork(), network: random.fork(), faults: random.fork(), cloudFormation: random.fork(), delivery: random.fork(),
      later: new Random(seed ^ 0x1a7e),
    },
  };
}

/**
 * Allows a replacement of deployments that could otherwise neither end nor be replaced or deleted (A1, A3): one that waits for instances
 * that never start (A10), one that waits for a task that has stopped on an instance without it, until ECS ends it (R36, A34, A12),
 * and one that bakes for a day, since it bakes after each batch (A11).
 */
function withWayOut(scenario: Scenario): Scenario {
  const { assumptions, fleets, disturbances, stacks } = scenario;
  const lacksInstances = assumptions.emptyProvider === 'pending-until-instance' && Object.values(fleets).includes(0);
  const lacksTask = assumptions.nonCriticalSuccess === 'needs-full-coverage' && assumptions.stuckDeploymentLimit === 'none'
    && disturbances.some(({ kind }) => kind === 'stopped-task');
  const plans = stacks.flatMap(({ steps }) => steps).flatMap((step) => step.kind === 'deploy' ? step.daemons : []);
  const bakesForDays = assumptions.bakePosition === 'per-step' && plans.some(({ settings }) =>
    Math.ceil(100 / (settings.DrainPercent ?? 100)) * (settings.BakeTimeInMinutes ?? 0) > DAY_MINUTES);
  if (!lacksInstances && !lacksTask && !bakesForDays) return scenario;
  return { ...scenario, assumptions: { ...assumptions, updateDuringDeployment: 'supersede', deleteDuringDeployment: 'accept' } };
}

const disturbance = (random: Random, quick: boolean, kinds: readonly DisturbanceKind[]): Disturbance => ({
  kind: random.pick(kinds), at: random.between(0, quick ? 1500 : 7200), choice: random.fork(),
});

function stackScript(
  name: string, names: readonly string[], providers: readonly string[], alarms: readonly string[], random: Random,
): StackScript {
  let next = 0;
  const newDaemon = (): DaemonPlan => {
    const logicalId = `Daemon${++next}`;
    // two stacks may claim one name
    const owner = random.chance(0.07) ? random.pick(names) : name;
    return {
      logicalId, name: `${owner}-${logicalId}`, image: imageOf(random), providers: someOf(providers, random),
      settings: {
        DrainPercent: random.pick([100, 50, 25, 10]),
        BakeTimeInMinutes: random.pick([0, 0, 0, 1, 10]),
        TimeoutInMinutes: random.pick([55, 55, 55, 20, 5]),
        AlarmNames: random.chance(0.6) ? [...alarms] : [],
        Critical: random.chance(0.7),
        EnableExecuteCommand: random.chance(0.2),
      },
    };
  };
  let daemons = Array.from({ length: random.pick([1, 1, 2, 3]) }, newDaemon);
  const steps: Step[] = [deploy(daemons, random)];
  for (let updates = random.integer(0, 3); updates > 0; updates--) {
    daemons = daemons.map((daemon) => random.chance(0.7) ? changed(daemon, providers, alarms, random) : daemon);
    if (random.chance(0.15)) daemons = [...daemons, newDaemon()];
    if (random.chance(0.15) && daemons.length > 1) daemons = daemons.slice(1);
    steps.push(deploy(daemons, random));
  }
  if (random.chance(0.3)) steps.push({ kind: 'delete', pause: random.between(0, 600) });
  const options: StackOptions = { failedUpdateId: random.pick(['adopt', 'keep']), replacementRollback: random.pick(['update', 'take-up']) };
  return { name, options, steps };
}

const deploy = (daemons: readonly DaemonPlan[], random: Random): Step => ({
  kind: 'deploy', pause: random.pick([0, 1, random.between(0, 600)]), daemons,
  ...(random.chance(0.2) && { cancelAfter: random.pick([random.between(0, 30), random.between(0, 900)]) }),
});

const imageOf = (random: Random): string =>
  `${random.pick(['good', 'good', 'good', 'good', 'good', 'bad', 'flaky'])}:${random.integer(1, 1_000_000)}`;

function someOf(providers: readonly string[], random: Random): string[] {
  const chosen = providers.filter(() => random.chance(0.5));
  return chosen.length > 0 ? chosen : [random.pick(providers)];
}

function changed(daemon: DaemonPlan, providers: readonly string[], alarms: readonly string[], random: Random): DaemonPlan {
  const set = (settings: Partial<DaemonProperties>): DaemonPlan => ({ ...daemon, settings: { ...daemon.settings, ...settings } });
  switch (random.pick(['image', 'image', 'image', 'image', 'rollout', 'tags', 'flags', 'providers', 'name', 'token', 'alarms'] as const)) {
    case 'image': return { ...daemon, image: imageOf(random) };
    case 'rollout': return set({ DrainPercent: random.pick([100, 50, 25, 20]), BakeTimeInMinutes: random.pick([0, 1, 2]) });
    case 'tags': return set({ Tags: [{ key: 'team', value: String(random.integer(1, 3)) }] });
    case 'flags': return set({ Critical: random.chance(0.5), EnableExecuteCommand: random.chance(0.5), PropagateTags: random.pick(['DAEMON', 'NONE']) });
    case 'providers': return { ...daemon, providers: someOf(providers, random) };
    case 'name': return { ...daemon, name: `${daemon.name}x` };
    case 'token': return set({ RolloutToken: String(random.integer(1, 9)) });
    case 'alarms': return set({ AlarmNames: random.chance(0.8) ? [...alarms] : ['missing'] });
  }
}
