import { clock, count, duration, minutes } from '../../timeline/duration';
import { renderComment, toMarkdown } from '../../timeline/markdown';
import type { Timeline } from '../../timeline/model';
import { toTerminal } from '../../timeline/terminal';
import { SMALL_SCENARIOS } from './scenarios';

const scenario = (name: string): Promise<Timeline> => SMALL_SCENARIOS[name]!();
const everyScenario = (): Promise<Timeline[]> => Promise.all(Object.values(SMALL_SCENARIOS).map((make) => make()));

test.each([
  [40_000, '40 s', '0:40', '1 min'], [431_000, '7 min 11 s', '7:11', '7 min'], [600_000, '10 min', '10:00', '10 min'],
  [18_600_000, '5 h 10 min', '5:10:00', '5 h 10 min'], [3_600_000, '1 h', '1:00:00', '1 h'], [20_000, '20 s', '0:20', '< 1 min'], [0, '0 s', '0:00', '0 min'],
])('%d ms are %s, in a table %s and in a plan %s', (milliseconds, words, table, plan) => {
  expect([duration(milliseconds), clock(milliseconds), minutes(milliseconds)]).toEqual([words, table, plan]);
});

test('large numbers have thousands', () => {
  expect([count(999), count(1000), count(1_234_567)]).toEqual(['999', '1,000', '1,234,567']);
});

describe('a timeline on a terminal', () => {
  test('has the verdict first, then bars of eighths of the fleet', async () => {
    expect(toTerminal(await scenario('rolled back'))).toBe(`\
↩ Rolled back: agent-cpu-high went into ALARM after 7 min 11 s
6 of 12 instances had run 1.300.2 · all 12 run 1.300.1 again after 18 min 56 s
12 drains

cloudwatch-agent on apps/managed
              0              5 min  ▲ 7:11   10 min                18:56
  Phase       Deploying ············Rolling back ·······················
  Batch         ├1 of 4─────┤  ├2──────────┤├rollback 1─┤  ├rollback 2─┤
  1.300.2     ········▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▄▄▄▄▄▄▄▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂·············  0
  1.300.1     ██▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆███████ 12
  Draining    ··▂▂▂▂▂▂▂▂▂▂▂▂▂··▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂··▂▂▂▂▂▂▂▂▂▂▂▂▂  0
  Uncovered   ··························································  0
  Stack       UPDATE_ROLLBACK_COMPLETE
`);
  });

  test('has at most 80 columns, and no control character without colour', async () => {
    for (const timeline of await everyScenario()) {
      const text = toTerminal(timeline);
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(text).not.toMatch(/\u001b/);
    }
  });

  test('is ASCII where the terminal has no Unicode', async () => {
    for (const timeline of await everyScenario()) expect(toTerminal(timeline, { unicode: false })).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test('has a row for each place of waves', async () => {
    expect(toTerminal(await scenario('three waves rolled back'))).toContain(`
  ↩ wave 1  shop-canary  Rolled back  0 of 2  1 h 30 min
  ↩ wave 2  shop         Rolled back  0 of 4  9 min 35 s
  · wave 3  search       Not begun
`);
  });

  test('lets no name steer the terminal, and has colours only around its verdict', async () => {
    const { rollouts: [rollout], ...timeline } = await scenario('twelve instances');
    const text = toTerminal({ ...timeline, rollouts: [{ ...rollout!, daemon: 'agent\u001b[2J\u009b\n' }] }, { colour: true });
    expect([...text.matchAll(/\u001b\[[\d;]*m/g)]).toHaveLength(2);
    expect(text.replace(/\u001b\[[\d;]*m/g, '')).not.toMatch(/[\u001b\u009b]/);
  });
});

describe('a timeline as a comment', () => {
  test('has verdict, drains and minutes in its first three lines, and one row a daemon', async () => {
    const lines = toMarkdown(await scenario('plan'), 'app=shop').split('\n');
    expect(lines.slice(0, 8)).toEqual([
      '<!-- cdk-ecs-managed-daemons:plan app=shop -->',
      '### 🔄 Plan: drains each of 12 instances once, likely 30 min',
      '**Likely 30 min** (least 22 min, most 50 min) · 12 drains · 0 instances without the daemon\\',
      'cloudwatch-agent on apps/managed · 4 batches of 3 · 10 min bake · image 1.300.1 → 1.300.2',
      '',
      '| Daemon | Change | Cause | Drains | Batches | Minutes |',
      '|:--|:--|:--|--:|--:|--:|',
      '| **cloudwatch-agent on apps/managed** | update | image 1.300.1 → 1.300.2 | **12 of 12** | 4 | 30 (22–50) |',
    ]);
  });

  test('folds the course of each rollout', async () => {
    const text = toMarkdown(await scenario('three waves'));
    expect(text.match(/<details><summary>/g)).toHaveLength(3);
    expect(text).toContain('| 1 | 0:40 | 4:14 | 1 | 1 of 2 |');
  });

  test('is never longer than GitHub takes, and says what it leaves out', () => {
    const sections = Array.from({ length: 100 }, (_, index) => ({ summary: `daemon ${index}`, body: 'x'.repeat(1000) }));
    const text = renderComment({ marker: 'app', lines: ['### one', 'two'], rows: [], sections, footer: 'foot' });
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text).toMatch(/\n\n\d+ parts more are left out: the comment would be too long\.\n\n<sub>foot<\/sub>\n$/);
  });

  test('has no markup of a template in it, and nobody is mentioned', async () => {
    const { rollouts: [rollout], ...timeline } = await scenario('rolled back');
    const verdict = { ...rollout!.verdict, reason: '<img src=x> @everyone | `code` [link](http://example.com)\n# heading' };
    const text = toMarkdown({ ...timeline, rollouts: [{ ...rollout!, verdict }] });
    expect(text).toContain('> &lt;img src=x&gt; \\@everyone \\| \\`code\\` \\[link\\](http://example.com) # heading');
  });

  test('keeps its marker one comment', () => {
    const text = renderComment({ marker: 'app=--><script>', lines: ['### one'], rows: [], sections: [] });
    expect(text.split('\n')[0]).toBe('<!-- cdk-ecs-managed-daemons:plan app=-script- -->');
  });
});
