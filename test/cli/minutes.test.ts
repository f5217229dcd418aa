import { minutesInAll, minutesOf } from '../../cli/plan/minutes';

const MINUTE = 60_000;
const span = (from: number, to: number, baked = 0): { from: number; to: number; baked: number } =>
  ({ from: from * MINUTE, to: to * MINUTE, baked: baked * MINUTE });

describe('the minutes of a rollout', () => {
  test('vary with launches and drains', () => {
    expect(minutesOf(span(0, 20))).toEqual({ least: 14, likely: 20, most: 34 });
  });

  test('do not vary with the bake', () => {
    expect(minutesOf(span(0, 40, 30))).toEqual({ least: 37, likely: 40, most: 49 });
  });

  test('are bounded by at most three times the least, however short the rollout is', () => {
    for (const length of [4.9, 5, 8]) {
      const { least, most } = minutesOf(span(0, length));
      expect(most / least).toBeLessThanOrEqual(3);
    }
  });
});

describe('the minutes of several rollouts', () => {
  test('add up if one waits for the other', () => {
    expect(minutesInAll([span(0, 20), span(20, 40)])).toEqual({ least: 28, likely: 40, most: 68 });
  });

  test('are those of the longest if they run at once', () => {
    expect(minutesInAll([span(0, 20), span(0, 10)])).toEqual(minutesOf(span(0, 20)));
  });

  test('do not exist without rollouts', () => {
    expect(minutesInAll([])).toBeUndefined();
  });
});
