import type { Random } from '../world/random';
import type { Scenario, Step } from './scenario';
import type { Tags } from '../world/stack';

/** `team` is also a tag that templates give to daemons. */
const KEYS = ['team', 'application', 'environment'];

/** Gives tags to stacks, by their app or by `cdk deploy --tags`. Some deployments change them, and some change nothing else. */
export function withStackTags(scenario: Scenario, random: Random): Scenario {
  if (!random.chance(0.3)) return scenario;
  const stacks = scenario.stacks.map((script) => {
    let tags = someTags(random);
    const tagged = (step: Step): Step[] => {
      if (step.kind === 'delete') return [step];
      if (random.chance(0.5)) tags = someTags(random);
      const first: Step = { ...step, tags };
      if (!random.chance(0.2)) return [first];
      tags = someTags(random);
      return [first, { kind: 'deploy', pause: random.pick([0, random.between(0, 600)]), daemons: step.daemons, tags }];
    };
    return { ...script, steps: script.steps.flatMap(tagged) };
  });
  return { ...scenario, stacks };
}

const someTags = (random: Random): Tags =>
  Object.fromEntries(KEYS.filter(() => random.chance(0.5)).map((key) => [key, String(random.integer(1, 2))]));
