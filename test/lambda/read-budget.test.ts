import fc from 'fast-check';
import { secondsWithoutReads, withReads } from '../../lambda/rollout/facts/pace';
import type { StageName } from '../../lambda/rollout/stage';
import type { State } from '../../lambda/rollout/state';

const BEGIN = Date.UTC(2026, 10, 30);

/** The times of all reads of two hours, if each poll makes so many reads and asks for such a pause. */
function readsOf(polls: readonly { readonly reads: number; readonly pause: number }[]): number[] {
  let state: Parameters<typeof secondsWithoutReads>[0] = { stage: { name: 'turn' } };
  let now = BEGIN;
  const times: number[] = [];
  for (let index = 0; now < BEGIN + 7_200_000; index++) {
    const { reads, pause } = polls[index % polls.length]!;
    times.push(...Array.from({ length: reads }, () => now));
    state = withReads(state, reads, now);
    now += Math.max(1, pause, Math.ceil(secondsWithoutReads(state, now))) * 1000;
  }
  return times;
}

const mostInAnHour = (times: readonly number[]): number =>
  Math.max(...times.map((first) => times.filter((time) => time >= first && time < first + 3_600_000).length));

test('a rollout sends at most 240 reads in an hour, at any polling interval and number of pages', () => {
  const poll = fc.record({ reads: fc.integer({ min: 1, max: 17 }), pause: fc.integer({ min: 1, max: 120 }) });
  fc.assert(fc.property(fc.array(poll, { minLength: 1, maxLength: 5 }), (polls) => {
    expect(mostInAnHour(readsOf(polls))).toBeLessThanOrEqual(240);
  }), { numRuns: 50 });
});

test('the usual polls are not delayed by the budget of reads', () => {
  const state = withReads({} as State, 15, BEGIN); // planning and the write
  expect(secondsWithoutReads(state, BEGIN)).toBeLessThanOrEqual(0);
  expect(readsOf([{ reads: 1, pause: 18 }])).toHaveLength(400);
});

test('beside very many daemons a rollout pauses for no longer than 5 minutes, or 90 s while a deployment is followed', () => {
  const pause = (name: StageName): number => secondsWithoutReads({ ...withReads({}, 200, BEGIN), stage: { name } }, BEGIN);
  expect(pause('turn')).toBe(300);
  expect(pause('watch')).toBe(90);
});
