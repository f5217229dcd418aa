import { applies, CALL_FAULTS, PlannedFaults, type CallFault } from '../../simulation/world/faults';
import { play } from '../../simulation/run/simulation';
import { SCENARIOS } from '../../simulation/scenario/single-daemon';

describe.each(SCENARIOS)('%s', (_name, create) => {
  test('survives every single fault at every single call', async () => {
    const undisturbed = new PlannedFaults(new Map());
    expect((await play(create(), { faults: undisturbed })).violations).toEqual([]);
    expect(undisturbed.sites.length).toBeGreaterThan(15);
    const found: string[] = [];
    for (const [place, site] of undisturbed.sites.entries()) {
      for (const fault of CALL_FAULTS.filter((kind: CallFault) => applies(kind, site))) {
        const { violations } = await play(create(), { faults: new PlannedFaults(new Map([[place, fault]])) });
        found.push(...violations.map(({ rule, sentence }) => `${fault} at call ${place} (${site.operation}): ${rule}: ${sentence}`));
      }
    }
    expect(found).toEqual([]);
  });
});
