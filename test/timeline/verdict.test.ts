import type { Outcome, Rollout, Timeline } from '../../timeline/model';
import { summaryOf } from '../../timeline/verdict';
import { SCENARIOS, SMALL_SCENARIOS, succeeded } from './scenarios';

const EXPECTED: Readonly<Record<string, readonly [string, string]>> = {
  'three instances': [
    '✓ Succeeded: all 3 instances run 1.300.2 after 24 min 42 s',
    'cloudwatch-agent on apps/managed · 3 batches of 1 · each instance drained once · 10 min bake',
  ],
  'a thousand instances': [
    '✓ Succeeded: all 1,000 instances run 1.300.2 after 29 min 36 s',
    'cloudwatch-agent on apps/managed · 4 batches of 250 · each instance drained once · 10 min bake',
  ],
  'rolled back': [
    '↩ Rolled back: agent-cpu-high went into ALARM after 7 min 11 s',
    '6 of 12 instances had run 1.300.2 · all 12 run 1.300.1 again after 18 min 56 s · 12 drains',
  ],
  stalled: [
    '▲ Stalled: one instance has been draining for 2 h 54 min',
    'i-5e95adb0a60a6185d keeps its application tasks · 6 of 12 instances run 1.300.2 · batch 2 of 4',
  ],
  running: [
    '● Deploying: batch 3 of 4, 9 of 12 run 1.300.2, likely 17 min more',
    'cloudwatch-agent on apps/managed · 3 drain · no alarm',
  ],
  plan: [
    '● Plan: drains each of 12 instances once, likely 30 min',
    'cloudwatch-agent on apps/managed · 4 batches of 3 · 10 min bake · image 1.300.1 → 1.300.2',
  ],
  'without the daemon': [
    '↩ Rolled back: the daemon did not start on 3 instances',
    'CannotPullContainerError · 3 of 12 ran application tasks without the daemon for 5 min 17 s',
  ],
  'three waves rolled back': [
    '↩ Rolled back in wave 2: agent-cpu-high went into ALARM',
    '4 of 12 instances had run 2.0-broken · all 12 run 1.0 again after 1 h 30 min · wave 3 not begun',
  ],
  'no instances': [
    '✓ Succeeded: no instances, new ones start with 1.300.2',
    'cloudwatch-agent on apps/managed · 0 drains · 10 min bake',
  ],
};

describe('the verdict', () => {
  test.each(Object.entries(EXPECTED))('of %s names outcome, cause and time, then reach and final state', async (name, [headline, subLine]) => {
    const summary = summaryOf(await SCENARIOS[name]!());
    expect([`${summary.sign} ${summary.headline}`, summary.subLine]).toEqual([headline, subLine]);
  });

  test('of every scenario has a headline of at most 66 and a line of at most 98 characters', async () => {
    const summaries = await Promise.all(Object.values(SMALL_SCENARIOS).map(async (scenario) => summaryOf(await scenario())));
    expect(summaries.filter(({ headline, subLine }) => headline.length > 66 || subLine.length > 98)).toEqual([]);
  });

  const ended = async (outcome: Outcome, more: Partial<Rollout['verdict']> = {}): Promise<Timeline> => {
    const timeline = await succeeded();
    return { ...timeline, rollouts: timeline.rollouts.map((rollout) => ({ ...rollout, verdict: { outcome, ...more } })) };
  };

  test.each<[Outcome, Partial<Rollout['verdict']>, string]>([
    ['UNCHANGED', {}, 'Unchanged: nothing to roll out'],
    ['UNCHANGED', { cause: { kind: 'settings', name: 'tags only' } }, 'Unchanged: nothing to roll out, tags only'],
    ['FAILED', { cause: { kind: 'refused', text: 'PREFLIGHT: the alarm is in ALARM' } }, 'Failed: the alarm is in ALARM after 29 min 36 s; 12 of 12 instances run 1.300.2'],
    ['TIMED_OUT', {}, 'Timed out after 29 min 36 s: it had not ended'],
    ['SUPERSEDED', {}, 'Superseded by a newer update after 29 min 36 s; 12 of 12 instances run 1.300.2'],
    ['ROLLED_BACK', { rolledBackBy: 'stack', cause: { kind: 'stack', at: 60_000 } }, 'Rolled back: the stack rolled back after 1 min'],
  ])('of %s says so', async (outcome, more, sentence) => {
    expect(summaryOf(await ended(outcome, more)).sentence).toBe(sentence);
  });

  test('of a plan says what goes wrong in the present tense', async () => {
    const timeline = await SCENARIOS['rolled back']!();
    expect(summaryOf({ ...timeline, kind: 'plan' }).headline).toBe('Rolled back: agent-cpu-high goes into ALARM after 7 min 11 s');
  });

  test('of a plan that drains nothing says that it drains nothing', async () => {
    const timeline = await ended('UNCHANGED');
    const rollouts = timeline.rollouts.map((rollout) => ({ ...rollout, measures: { ...rollout.measures, drains: 0 } }));
    expect(summaryOf({ ...timeline, kind: 'plan', rollouts }).headline).toBe('Plan: drains nothing');
  });

  test('leaves the name of an alarm out of a headline that it is too long for', async () => {
    const cause = { kind: 'alarm' as const, name: `Agents-${'Alarm'.repeat(12)}-1F2E3D4C`, at: 431_000 };
    const { headline, sentence } = summaryOf(await ended('ROLLED_BACK', { rolledBackBy: 'ECS', cause }));
    expect(headline).toBe('Rolled back: an alarm went into ALARM after 7 min 11 s');
    expect(sentence).toContain(cause.name);
  });
});
