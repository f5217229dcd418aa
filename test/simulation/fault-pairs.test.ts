import { samplePairs } from '../../simulation/run/fault-pairs';

test('300 pairs of faults, sampled from all scenarios, break no rule', async () => {
  const { pairs, found } = await samplePairs(300);
  expect(pairs).toBeGreaterThanOrEqual(300);
  expect(found.map(({ text }) => text)).toEqual([]);
});
