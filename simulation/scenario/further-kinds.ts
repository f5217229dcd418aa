import type { Random } from '../world/random';
import type { DaemonPlan, ExistingDaemon, Scenario, StackScript, Step } from './scenario';
import { ALARM_KINDS, SECOND_CLUSTER_PREFIX } from '../world/world';

/**
 * Adds further kinds of resources to some of the scenarios: adoptions, verifications, deployment alarms that are
 * not on a metric, templates of an earlier version, gates and waves.
 *
 * The choices have their own source, so that every other scenario stays as it was.
 */
export function withFurtherKinds(plain: Scenario, random: Random): Scenario {
  let scenario = plain;
  if (random.chance(0.15)) scenario = withAdoption(scenario, random);
  if (random.chance(0.08)) scenario = withVerifications(scenario, random);
  if (scenario.alarms.length > 0 && random.chance(0.2)) {
    scenario = { ...scenario, alarmKinds: Object.fromEntries(scenario.alarms.map((name) => [name, random.pick(ALARM_KINDS)])) };
  }
  if (random.chance(0.08)) scenario = withEarlierVersion(scenario, random);
  if (random.chance(0.04)) scenario = withGates(scenario, random);
  if (random.chance(0.03)) scenario = withWaves(scenario, random);
  return scenario;
}

/** Rollouts and deletions of hours, with a cancellation in any of them; changed timeouts add and remove gates. */
function withGates(scenario: Scenario, random: Random): Scenario {
  const settings = (): DaemonPlan['settings'] => ({
    TimeoutInMinutes: random.pick([56, 110, 165, 240, 480]),
    ...(random.chance(0.5) && { DeletionTimeoutInMinutes: random.pick([56, 110, 220]) }),
    BakeTimeInMinutes: random.pick([0, 30, 90, 180, 300]),
    DrainPercent: random.pick([10, 10, 25, 50]),
  });
  const chosen = new Map<string, DaemonPlan['settings']>();
  const longer = (plan: DaemonPlan): DaemonPlan => {
    if (!chosen.has(plan.logicalId) || random.chance(0.2)) chosen.set(plan.logicalId, settings());
    return { ...plan, settings: { ...plan.settings, ...chosen.get(plan.logicalId) } };
  };
  const cancelled = (step: Step): Step =>
    step.kind === 'deploy' && random.chance(0.3) ? { ...step, cancelAfter: random.between(0, 5 * 3600) } : step;
  return {
    ...scenario,
    // some fleets are slow to stop their tasks
    timing: random.chance(0.5) ? {} : { drainApplicationTasks: 900 },
    stacks: scenario.stacks.slice(0, 2)
      .map((script) => ({ ...script, steps: script.steps.map((step) => cancelled(planned(step, longer))) })),
    disturbances: scenario.disturbances.map((disturbance) => ({ ...disturbance, at: disturbance.at * random.integer(1, 6) })),
    scenarioHours: 400,
  };
}

/** One daemon over groups of capacity providers in two clusters, wave by wave; in an update one of the waves may fail. */
function withWaves(scenario: Scenario, random: Random): Scenario {
  const places = ['one', `${SECOND_CLUSTER_PREFIX}one`, 'two', `${SECOND_CLUSTER_PREFIX}two`].slice(0, random.integer(3, 4));
  const script = scenario.stacks[0]!;
  const settings = plansOf(script.steps[0]!)[0]!.settings;
  const steps = Array.from({ length: random.integer(2, 4) }, (_, update): Step => {
    const failing = update > 0 && random.chance(0.5) ? random.integer(0, places.length - 1) : undefined;
    const daemons = places.map((provider, wave): DaemonPlan => ({
      logicalId: `Wave${wave + 1}`,
      name: `${script.name}-wave-${wave + 1}`,
      image: `${wave === failing ? 'bad' : 'good'}:${update}`,
      providers: [provider],
      settings: { ...settings, TimeoutInMinutes: 55 },
      after: Array.from({ length: wave }, (_each, before) => `Wave${before + 1}`),
    }));
    return { kind: 'deploy', pause: random.between(0, 600), daemons };
  });
  return {
    ...scenario,
    fleets: { ...scenario.fleets, ...Object.fromEntries(places.map((name) => [name, random.integer(1, 5)])) },
    stacks: [{ ...script, steps }],
    existing: [],
  };
}

function withAdoption(scenario: Scenario, random: Random): Scenario {
  const index = random.integer(0, scenario.stacks.length - 1);
  const script = scenario.stacks[index]!;
  const plan = random.pick(plansOf(script.steps[0]!));
  // where a person has created a daemon, cluster and providers are old
  const assumptions = { ...scenario.assumptions, serviceLinkedRoleDelay: 0, clusterVisibilityDelay: 0, capacityProviderActivation: 0 };
  const replaced = (changed: StackScript, existing: readonly ExistingDaemon[] = []): Scenario =>
    ({ ...scenario, existing, assumptions, stacks: scenario.stacks.map((each) => each === script ? changed : each) });
  const adopting = (change: Partial<DaemonPlan>): StackScript => eachPlan(script, (each) =>
    each.logicalId === plan.logicalId ? { ...each, ...change, settings: { ...each.settings, AdoptExisting: true } } : each);
  const adoptingFrom = ({ name, image, providers, settings }: DaemonPlan, isAlike: boolean): StackScript =>
    adopting(isAlike ? { name, image, providers, settings: { ...settings, AdoptExisting: true } } : { name });
  const other = scenario.stacks[(index + 1) % scenario.stacks.length]!;
  switch (random.pick(['by hand', 'by hand', 'logical id', 'stack'] as const)) {
    case 'by hand': return replaced(adopting({}), [existingDaemonLike(plan, random)]);
    case 'logical id': return replaced(withOtherLogicalId(script, plan, random.integer(1, Math.max(1, script.steps.length - 1)), random.chance(0.7)));
    case 'stack': return other === script ? replaced(adopting({}), [existingDaemonLike(plan, random)])
      : replaced(adoptingFrom(random.pick(plansOf(other.steps[0]!)), random.chance(0.7)));
  }
}

/** Returns a daemon that a person has created and that starts: as the stack defines it, or different. */
function existingDaemonLike({ name, image, providers, settings }: DaemonPlan, random: Random): ExistingDaemon {
  const isAlike = random.chance(0.7) && image.startsWith('good');
  const Tags = [{ key: 'cost', value: 'center' }, { key: 'team', value: 'theirs' }].slice(0, random.integer(0, 2));
  return { name, image: isAlike ? image : 'good:by-hand', providers, settings: { ...(isAlike && settings), AlarmNames: [], Tags } };
}

/** Renames the daemon's resource in its stack, from a step on. `isAlone`: in a step that changes nothing else of it. */
function withOtherLogicalId(script: StackScript, { logicalId }: DaemonPlan, from: number, isAlone: boolean): StackScript {
  const before = plansOf(script.steps[from - 1]!).find((plan) => plan.logicalId === logicalId);
  const moved = (plan: DaemonPlan, index: number): DaemonPlan => {
    const content = isAlone && index === from && before ? before : plan;
    return { ...content, logicalId: `${logicalId}Moved`, settings: { ...content.settings, AdoptExisting: true } };
  };
  return {
    ...script,
    steps: script.steps.map((step, index) => index < from ? step
      : planned(step, (plan) => plan.logicalId === logicalId ? moved(plan, index) : plan)),
  };
}

const withVerifications = (scenario: Scenario, random: Random): Scenario => {
  const verified = random.pick(scenario.stacks);
  const first = random.integer(0, 1);
  return {
    ...scenario,
    stacks: scenario.stacks.map((script) => script !== verified ? script : {
      ...script, steps: script.steps.map((step, index) => index < first ? step : planned(step, (plan) => ({ ...plan, isVerified: true }))),
    }),
  };
};

/** The first steps of all stacks come from an earlier version of the constructs. */
const withEarlierVersion = (scenario: Scenario, random: Random): Scenario => {
  const versions = random.integer(1, 2);
  const outdated = (plan: DaemonPlan): DaemonPlan => ({ ...plan, isOfEarlierVersion: true });
  return {
    ...scenario,
    stacks: scenario.stacks.map((script) =>
      ({ ...script, steps: script.steps.map((step, index) => index < versions ? planned(step, outdated) : step) })),
  };
};

const plansOf = (step: Step): readonly DaemonPlan[] => step.kind === 'deploy' ? step.daemons : [];

const eachPlan = (script: StackScript, change: (plan: DaemonPlan) => DaemonPlan): StackScript =>
  ({ ...script, steps: script.steps.map((step) => planned(step, change)) });

const planned = (step: Step, change: (plan: DaemonPlan) => DaemonPlan): Step =>
  step.kind === 'deploy' ? { ...step, daemons: step.daemons.map(change) } : step;
