import type { Random } from './random';
import type { DaemonPlan, ExistingDaemon, Scenario, StackScript, Step } from './scenario';
import { ALARM_KINDS } from './world';

/**
 * Makes some of the stories tell of more than daemons that a stack makes for itself: adoptions, verifications, guard alarms that are
 * not on a metric, and templates of an earlier version.
 *
 * The choices have a source of their own, so that every other story stays as it was.
 */
export function withFurtherKinds(plain: Scenario, random: Random): Scenario {
  let scenario = plain;
  if (random.chance(0.15)) scenario = withAdoption(scenario, random);
  if (random.chance(0.08)) scenario = withVerifications(scenario, random);
  if (scenario.alarms.length > 0 && random.chance(0.2)) {
    scenario = { ...scenario, alarmKinds: Object.fromEntries(scenario.alarms.map((name) => [name, random.pick(ALARM_KINDS)])) };
  }
  if (random.chance(0.08)) scenario = withEarlierVersion(scenario, random);
  return scenario;
}

function withAdoption(scenario: Scenario, random: Random): Scenario {
  const index = random.integer(0, scenario.stacks.length - 1);
  const script = scenario.stacks[index]!;
  const plan = random.pick(plansOf(script.steps[0]!));
  // where somebody has made a daemon by hand, cluster and providers are old
  const switches = { ...scenario.switches, serviceLinkedRoleDelay: 0, clusterVisibilityDelay: 0, capacityProviderActivation: 0 };
  const replaced = (changed: StackScript, existing: readonly ExistingDaemon[] = []): Scenario =>
    ({ ...scenario, existing, switches, stacks: scenario.stacks.map((each) => each === script ? changed : each) });
  const adopting = (change: Partial<DaemonPlan>): StackScript => eachPlan(script, (each) =>
    each.logicalId === plan.logicalId ? { ...each, ...change, settings: { ...each.settings, AdoptExisting: true } } : each);
  const other = scenario.stacks[(index + 1) % scenario.stacks.length]!;
  switch (random.pick(['by hand', 'by hand', 'logical id', 'stack'] as const)) {
    case 'by hand': return replaced(adopting({}), [byHand(plan, random)]);
    case 'logical id': return replaced(withOtherLogicalId(script, plan, random.integer(1, Math.max(1, script.steps.length - 1))));
    case 'stack': return other === script ? replaced(adopting({}), [byHand(plan, random)])
      : replaced(adopting({ name: random.pick(plansOf(other.steps[0]!)).name }));
  }
}

/** Sometimes just what the stack wants, sometimes not. */
function byHand({ name, image, providers, settings }: DaemonPlan, random: Random): ExistingDaemon {
  const isAlike = random.chance(0.4);
  const Tags = [{ key: 'cost', value: 'center' }, { key: 'team', value: 'theirs' }].slice(0, random.integer(0, 2));
  return { name, image: isAlike ? image : 'good:by-hand', providers, settings: { ...(isAlike && settings), AlarmNames: [], Tags } };
}

/** From a step on, the daemon is that of another resource of the same stack. */
const withOtherLogicalId = (script: StackScript, { logicalId }: DaemonPlan, from: number): StackScript => ({
  ...script,
  steps: script.steps.map((step, index) => index < from ? step : planned(step, (plan) => plan.logicalId !== logicalId ? plan
    : { ...plan, logicalId: `${logicalId}Moved`, settings: { ...plan.settings, AdoptExisting: true } })),
});

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
