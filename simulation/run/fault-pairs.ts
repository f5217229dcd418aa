import { PairOfFaults, PlannedFaults } from '../world/faults';
import { Random } from '../world/random';
import type { Rule } from '../oracle/rules';
import { play } from './simulation';
import { SCENARIOS } from '../scenario/single-daemon';

/** Pairs of faults that matter are close together: the second fault interrupts the recovery from the first. */
const MOST_CALLS_BETWEEN = 40;

export interface PairsResult {
  readonly pairs: number;
  /** The violations after pairs of faults. */
  readonly found: readonly { readonly rule: Rule; readonly text: string }[];
}

/** Runs so many pairs of faults, the scenarios in turn; the same seed samples the same pairs. */
export async function samplePairs(pairs: number, seed = 1): Promise<PairsResult> {
  const random = new Random(seed);
  const lengths = await Promise.all(SCENARIOS.map(async ([, create]) => {
    const undisturbed = new PlannedFaults(new Map());
    await play(create(), { faults: undisturbed });
    return undisturbed.sites.length;
  }));
  const found: PairsResult['found'][number][] = [];
  let met = 0;
  while (met < pairs) {
    for (const [index, [name, create]] of SCENARIOS.entries()) {
      const faults = new PairOfFaults(random.fork(), random.integer(0, lengths[index]! - 1), random.integer(1, MOST_CALLS_BETWEEN));
      const { violations } = await play(create(), { faults });
      if (faults.happened.length === 2) met++; // the scenario may be over before the second
      found.push(...violations.map(({ rule, sentence }) => ({ rule, text: `${name}: ${faults.happened.join(', ')}: ${rule}: ${sentence}` })));
    }
  }
  return { pairs: met, found };
}
