import { checkedLimits, limitsInWords } from '../../cli/plan/limits';

const plan = { instances: 31, drainedInstances: 12, minutes: { least: 22, likely: 30, most: 50 } };
const limits = { mostDrainedPercent: 50, mostMinutes: 60 };

describe('the limits of a plan', () => {
  test('are compared with the instances that drain and the upper bound', () => {
    expect(limitsInWords(checkedLimits(limits, plan))).toBe('No limit exceeded: drains 39 % of instances (limit 50 %), at most 50 min (limit 60)');
  });

  test('are exceeded one by one', () => {
    expect(limitsInWords(checkedLimits({ ...limits, mostMinutes: 49 }, plan))).toBe('Limit exceeded: at most 50 min (limit 49)');
  });

  test('are exceeded by what is not known', () => {
    expect(checkedLimits(limits, { drainedInstances: 12 }).map(({ isExceeded }) => isExceeded)).toEqual([true, true]);
  });

  test('allow a deployment that drains nothing', () => {
    const checked = checkedLimits({ mostDrainedPercent: 0, mostMinutes: 0, forbidsDrain: true }, { drainedInstances: 0 });
    expect(checked.map(({ isExceeded }) => isExceeded)).toEqual([false, false, false]);
  });

  test('are absent without limits', () => {
    expect(limitsInWords(checkedLimits({}, plan))).toBeUndefined();
  });
});
