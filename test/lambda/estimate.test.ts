import { canFinish, estimateSeconds, tooLate } from '../../lambda/rollout/guards/time-left';
import { begin } from '../../lambda/rollout/machine';
import { rolloutOf } from '../../lambda/rollout/rollout';
import { createRequest } from './requests';

const STARTED_AT = Date.UTC(2026, 10, 22, 12);

const rollout = rolloutOf(createRequest({ DrainPercent: 50, BakeTimeInMinutes: 5 }), { startedAt: STARTED_AT, rollingBack: false, logGroup: '' }, 'arn:rollout');

test.each([
  [25, 0, 20],
  [30, 0, 20],
  [100, 0, 5],
  [100, 15, 20],
  [1, 1440, 1940],
])('batches of %d %% and a bake of %d minutes are estimated at %d minutes (R30)', (DrainPercent, BakeTimeInMinutes, minutes) => {
  expect(estimateSeconds({ DrainPercent, BakeTimeInMinutes })).toBe(minutes * 60);
});

test('a rollout of 15 minutes can start 15 minutes before the deadline, and not later', () => {
  const latest = rollout.deadline - 15 * 60_000;
  expect(canFinish(rollout, latest)).toBe(true);
  expect(canFinish(rollout, latest + 1)).toBe(false);
});

test('the reason of a late start contains whole minutes', () => {
  expect(tooLate(begin(rollout), rollout, STARTED_AT + 40.9 * 60_000)).toBe(
    'after 40 minutes the 14 that are left are too few for this rollout, which is estimated at 15; nothing was started');
});
