import type { Moment, Timeline } from '../../timeline/model';
import { toSvg } from '../../timeline/svg';
import { SCENARIOS } from './scenarios';

const pictures: Record<string, string> = {};
const timelines: Record<string, Timeline> = {};

beforeAll(async () => {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    timelines[name] = await scenario();
    pictures[name] = toSvg(timelines[name]!);
  }
});

/** The texts of a picture, in the order of the file. */
const texts = (svg: string): string[] => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, words]) => words!);
const numbers = (svg: string): number[] => [...svg.matchAll(/ (?:x|y|x1|x2|y1|y2|width|height)="(-?[\d.]+)"/g)].map(([, value]) => Number(value));

describe.each(Object.keys(SCENARIOS))('the picture of %s', (name) => {
  test('is at most 40 KB, and the same for the same timeline', () => {
    expect(pictures[name]!.length).toBeLessThanOrEqual(40_000);
    expect(toSvg(timelines[name]!)).toBe(pictures[name]);
  });

  test('is 700 wide, with nothing outside and no broken number', () => {
    const svg = pictures[name]!;
    expect(svg).toMatch(/^<svg xmlns="[^"]*" viewBox="0 0 700 \d+" width="700"/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(numbers(svg).filter((value) => value < -10 || value > 700)).toEqual([]);
  });

  test('has the sentence as its title, and phases, batches and cover as its description', () => {
    expect(pictures[name]).toMatch(/role="img" aria-labelledby="t-title t-desc"/);
    expect(pictures[name]).toMatch(/<title id="t-title">[A-Z][^<]+<\/title><desc id="t-desc">.*Phases: .*Batches: .*without the daemon: at most \d/);
  });

  test('refers to patterns and texts of its own only', () => {
    const ids = new Set([...pictures[name]!.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const used = [...pictures[name]!.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id!);
    expect(used.filter((id) => !ids.has(id))).toEqual([]);
    expect([...ids].filter((id) => id !== 't' && !id!.startsWith('t-'))).toEqual([]);
  });
});

test('a rollout that succeeds writes its final counts, its cover and its tasks beside the plot', () => {
  expect(texts(pictures['twelve instances']!)).toEqual(expect.arrayContaining([
    'Succeeded', '12 run', '1.300.2', '12 instances', 'never', '0 of 12 at any moment', '24', 'never fewer', 'Baking 10 min', '29 min 36 s',
  ]));
});

test('a rollout that is rolled back names the alarm at its moment, and the reach of the revision that did not stay', () => {
  expect(texts(pictures['rolled back']!)).toEqual(expect.arrayContaining([
    'Rolled back', '7 min 11 s', '18 min 56 s', '▲ agent-cpu-high in ALARM', '6 of 12 ran 1.300.2', 'rollback 1', 'rollback 2', '12 run',
  ]));
});

test('instances without the daemon are outlined with their number, and counted beside the plot', () => {
  expect(texts(pictures['without the daemon']!)).toEqual(expect.arrayContaining(['3 without', 'up to 3', 'for 5 min 17 s', 'without the daemon']));
});

test('a stall is cut, framed, and says how long nothing has changed', () => {
  const words = texts(pictures['stalled']!);
  expect(words).toEqual(expect.arrayContaining(['Stalled', 'nothing has changed', 'for 2 h 50 min', '1 draining', 'time left out']));
  expect(words.some((one) => one.startsWith('//'))).toBe(true);
});

test('a plan has the likely end, its bounds and no time of day', () => {
  const words = texts(pictures['plan']!);
  expect(words).toEqual(expect.arrayContaining(['Plan', 'minutes', 'least 22 min', 'likely 30 min', 'most 50 min', 'agent-cpu-high: stays OK, assumed']));
  expect(words.filter((one) => one.includes('UTC'))).toEqual([]);
});

test('a rollout that goes on has its counts beside the line of now, and an open bracket', () => {
  expect(texts(pictures['running']!)).toEqual(expect.arrayContaining(['likely end', '3 draining', '9 run', '3 run']));
  expect(pictures['running']).toContain('stroke-dasharray="3 2"');
});

test('a revision between two is named inside its area, since its colour alone is close to that of the old one', () => {
  const words = texts(pictures['three revisions']!);
  expect(words.filter((one) => one.startsWith('1.300.'))).toEqual(expect.arrayContaining(['1.300.1', '1.300.2', '1.300.2 (between)']));
});

test('gates are boxes with their names', () => {
  expect(texts(pictures['five hours']!)).toEqual(expect.arrayContaining(['stack held by', 'daemon', 'gate 1', 'gate 5']));
});

test('waves are small multiples with an outcome each, and a wave that was not begun says so', () => {
  expect(texts(pictures['three waves rolled back']!)).toEqual(expect.arrayContaining([
    'wave 1: canary', 'wave 2: early', 'wave 3: rest', 'by the stack', 'by ECS', 'not begun', 'undisturbed', '▲ agent-cpu-high in ALARM',
  ]));
});

test('more than eight places are a row for each wave, and places that failed are rows of their own', async () => {
  const timeline = await SCENARIOS['three waves rolled back']!();
  const [canary, shop, search] = timeline.rollouts;
  const many = Array.from({ length: 10 }, (_, index) => ({ ...search!, place: { ...search!.place!, name: `search-${index}` } }));
  const words = texts(toSvg({ ...timeline, rollouts: [canary!, shop!, ...many] }));
  expect(words.filter((one) => one.startsWith('wave'))).toEqual(['wave 1: canary', 'wave 2: early', 'wave 3: rest']);
  expect(words).toContain('10 places');
});

test('of more than three alarms the others are counted, and those that fired come first', () => {
  const { rollouts: [rollout], ...timeline } = timelines['rolled back']!;
  const calm = Array.from({ length: 6 }, (_, index) => ({ name: `calm-${index}`, states: [{ state: 'OK' as const, from: 0 }] }));
  const words = texts(toSvg({ ...timeline, rollouts: [{ ...rollout!, alarms: [...calm, ...rollout!.alarms] }] }));
  expect(words).toEqual(expect.arrayContaining(['▲ agent-cpu-high in ALARM', 'calm-0: OK', 'calm-1: OK', 'and 4 more: OK']));
});

test('names of templates cannot end or extend the markup', () => {
  const { rollouts: [rollout], ...timeline } = timelines['twelve instances']!;
  const svg = toSvg({ ...timeline, rollouts: [{ ...rollout!, daemon: '<script>"&', revisions: { new: '<b>1</b>', old: '"><x y="' } }] });
  expect(svg).not.toMatch(/<script|<b>|<x /);
  expect(svg).toContain('&lt;b&gt;1&lt;/b&gt;');
});

test('a colour of the theme, or a custom property, is the colour of every part', () => {
  const timeline = timelines['rolled back']!;
  expect(toSvg(timeline, { theme: 'dark' })).toContain('#58B2F0');
  expect(toSvg(timeline, { theme: 'dark' })).not.toContain('#0B4F91');
  const auto = toSvg(timeline, { theme: 'auto', id: 'one' });
  expect(auto.replace(/<style>.*<\/style>/, '')).not.toMatch(/#[0-9A-F]{6}/);
  expect(auto).toContain('@media screen and (prefers-color-scheme:dark){#one{');
});

test('ten thousand instances that change at twenty thousand moments are at most 40 KB', () => {
  const { rollouts: [rollout], ...timeline } = timelines['twelve instances']!;
  const moments: Moment[] = Array.from({ length: 20_000 }, (_, index) => {
    const moved = Math.floor(index / 2);
    const counts = { uncovered: 0, starting: index % 7, draining: (index * 7919) % 131 };
    const [fresh, old] = [{ ...counts, runs: moved }, { ...counts, runs: 10_000 - moved }];
    return { at: index * 80, new: fresh, old, applicationTasks: 20_000 + (index % 500) };
  });
  expect(toSvg({ ...timeline, rollouts: [{ ...rollout!, instances: 10_000, moments }] }).length).toBeLessThanOrEqual(40_000);
});
