import { scenarioOf } from './scenario';
import { play } from './simulation';

test.each([3, 6])('the same seed (%d) tells the same story', async (seed) => {
  const first = await play(scenarioOf(seed), { isTraced: true });
  const second = await play(scenarioOf(seed), { isTraced: true });
  expect(first.trace.length).toBeGreaterThan(100);
  expect(second.trace).toEqual(first.trace);
  expect(second.violations).toEqual(first.violations);
});
