import { deliverAgain, READ_LAGS } from './interruption-points';
import { type Change, CHANGES, type Findings, Site, survey } from './interruption-survey';

const sites: Site[] = [];
afterEach(async () => { for (const site of sites.splice(0)) await site.close(); });

function newSite(...settings: ConstructorParameters<typeof Site>): Site {
  const site = new Site(...settings);
  sites.push(site);
  return site;
}

describe('a double delivery of the event of a change', () => {
  describe('the second time at any external call of its rollout', () => {
    let findings: Readonly<Record<Change, Findings>>;
    // by default the lag is 5 s; what a lag does to two deliveries at once is seen below
    beforeAll(async () => { findings = await survey(5, deliverAgain); }, 300_000);

    test.each(CHANGES)('changes neither the result nor the writes of the %s', (change) => {
      expect(findings[change].deviations).toEqual([]);
    });
  });

  describe.each(READ_LAGS)('at a read lag of %d s', (readLag) => {
    test('changes neither the result nor the writes of any change if both are simultaneous (FM1)', async () => {
      const [once, twice] = await Promise.all([changesWith(readLag, false), changesWith(readLag, true)]);
      expect(twice).toEqual(once);
    });

    test.each(CHANGES)('sends no write and leaves the daemon as it is after the end of the %s (FM2)', async (change) => {
      const site = newSite(readLag);
      const rig = await site.readyFor(change);
      await site.make(change);
      const before = { daemon: await rig.daemon(), requests: rig.sandbox.requests.length };
      // the oldest events first: the latest must not be taken back by one that it has replaced
      for (const event of [...rig.events]) await rig.deliver(event);
      await rig.sandbox.clock.sleep(3600);
      const later = rig.sandbox.requests.slice(before.requests).filter(({ service }) => service === 'ecs');
      expect(later.filter(({ operation }) => /^(Create|Update|Delete|Tag|Untag)/.test(operation))).toEqual([]);
      expect(await rig.daemon()).toBe(before.daemon);
      expect(await rig.running()).toBe(0);
    });
  });
});

async function changesWith(readLag: number, duplicateDelivery: boolean): Promise<unknown[]> {
  const site = newSite(readLag, { cloudFormation: { duplicateDelivery } });
  const outcomes: unknown[] = [];
  for (const change of CHANGES) {
    await site.readyFor(change);
    outcomes.push(await site.make(change));
  }
  return outcomes;
}
