import { samplePairs } from '../../simulation/run/fault-pairs';

test('300 pairs of faults, sampled from all stories, break nothing', async () => {
  const { pairs, found } = await samplePairs(300);
  expect(pairs).toBeGreaterThanOrEqual(300);
  expect(found.map(({ text }) => text)).toEqual([]);
});
