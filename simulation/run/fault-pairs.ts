import { PairOfFaults, PlannedFaults } from '../world/faults';
import { Random } from '../world/random';
import type { Rule } from '../oracle/rules';
import { play } from './simulation';
import { STORIES } from '../scenario/single-daemon';

/** Most pairs that matter are close together: the second fault meets what the first one has set off. */
const MOST_CALLS_BETWEEN = 40;

export interface PairsResult {
  readonly pairs: number;
  /** What pairs of faults have led to. */
  readonly found: readonly { readonly rule: Rule; readonly story: string }[];
}

/** Plays so many pairs of faults, story by story in turn; the same seed samples the same pairs. */
export async function samplePairs(pairs: number, seed = 1): Promise<PairsResult> {
  const random = new Random(seed);
  const lengths = await Promise.all(STORIES.map(async ([, tell]) => {
    const undisturbed = new PlannedFaults(new Map());
    await play(tell(), { faults: undisturbed });
    return undisturbed.sites.length;
  }));
  const found: PairsResult['found'][number][] = [];
  let met = 0;
  while (met < pairs) {
    for (const [index, [name, tell]] of STORIES.entries()) {
      const faults = new PairOfFaults(random.fork(), random.integer(0, lengths[index]! - 1), random.integer(1, MOST_CALLS_BETWEEN));
      const { violations } = await play(tell(), { faults });
      if (faults.happened.length === 2) met++; // the story may be over before the second
      found.push(...violations.map(({ rule, sentence }) => ({ rule, story: `${name}: ${faults.happened.join(', ')}: ${rule}: ${sentence}` })));
    }
  }
  return { pairs: met, found };
}
