import { toHtml } from '../../timeline/html';
import type { Timeline } from '../../timeline/model';
import { SCENARIOS, succeeded } from './scenarios';

const pages: Record<string, string> = {};
let rolledBack: Timeline;

beforeAll(async () => {
  for (const [name, scenario] of Object.entries(SCENARIOS)) pages[name] = toHtml(await scenario());
  rolledBack = await SCENARIOS['rolled back']!();
});

const headings = (page: string): string[] => [...page.matchAll(/<(?:h[123]|summary)[^>]*>([^<]*)</g)].map(([, words]) => words!);

describe.each(Object.keys(SCENARIOS))('the report of %s', (name) => {
  test('is one file of at most 150 KB without scripts, links to elsewhere and broken values', () => {
    const page = pages[name]!;
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(150_000);
    expect(page).not.toMatch(/<script|<link|src=|@import|undefined|NaN/);
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, target]) => target)).toEqual(['#batches']);
  });

  test('has an id for each label and pattern that it refers to, and no id twice', () => {
    const ids = [...pages[name]!.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    const used = [...pages[name]!.matchAll(/(?:url\(#|aria-labelledby=")([^")]+)/g)].flatMap(([, names]) => names!.split(' '));
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(used.filter((id) => !ids.includes(id))).toEqual([]);
  });
});

test('the verdict and five numbers come first, then the picture, batches, instances, events and what is folded', () => {
  const page = toHtml(rolledBack);
  expect(headings(page)).toEqual([
    'Rolled back: agent-cpu-high went into ALARM after 7 min 11 s', 'Batches', 'Instances', 'Events of the stack',
    'Log of the rollout, 1 line', 'The picture as a table',
  ]);
  expect([...page.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)</g)].map(([, name, value]) => `${name}: ${value}`)).toEqual([
    'drains: 12', 'ran 1.300.2: 6 of 12', 'without the daemon: 0', 'application tasks: 24', 'in all: 18 min 56 s',
  ]);
});

test('a rollback has its reason and the next step', () => {
  const page = toHtml(rolledBack);
  expect(page).toContain('<b>Reason.</b> Threshold Crossed: 3 out of 3 datapoints');
  expect(page).toContain('<b>Next.</b> The fleet is as it was before. Repair the image, wait until agent-cpu-high is OK again');
});

test('the batch in which the alarm fired is marked by a sign, not by colour alone', () => {
  expect(toHtml(rolledBack)).toMatch(/<tr class="failed"><th scope="row">2 of 4 ▲<\/th><td class="number">5:34<\/td>/);
});

test('tables have headings with a scope, and a region that scrolls can be focused', () => {
  const page = toHtml(rolledBack);
  expect(page.match(/<table>/g)).toHaveLength(page.match(/<div class="scroll" tabindex="0" role="region" aria-label="[^"]+"><table>/g)!.length);
  expect(page).not.toMatch(/<th(?! scope=|ead>)/);
});

test('the table of the picture has a row for each moment of change', () => {
  const [, body] = /The picture as a table<\/summary>.*?<tbody>(.*?)<\/tbody>/s.exec(toHtml(rolledBack))!;
  expect(body!.match(/<tr/g)).toHaveLength(rolledBack.rollouts[0]!.moments.length);
});

test('a hundred daemons in one operation fit into the report, and those left out are counted', async () => {
  const { rollouts: [rollout], ...timeline } = await succeeded();
  const page = toHtml({ ...timeline, rollouts: Array.from({ length: 100 }, (_, index) => ({ ...rollout!, daemon: `agent-${index}` })) });
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(150_000);
  expect(page).toMatch(/The batches of \d+ daemons more are left out\./);
});

test('long logs and events are cut, and counted', () => {
  const log = Array.from({ length: 5000 }, (_, index) => ({ at: index * 1000, text: 'x'.repeat(2000) }));
  const stackEvents = Array.from({ length: 5000 }, (_, index) => ({ at: index, stack: 'a', resource: 'r', status: 'UPDATE_FAILED', reason: 'y'.repeat(4000) }));
  const page = toHtml({ ...rolledBack, log, stackEvents });
  expect(page).toContain('and 4,840 lines more');
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(250_000);
});

test('text of a template is never markup', () => {
  const [rollout] = rolledBack.rollouts;
  const bad = '"><img src=x onerror=alert(1)>';
  const page = toHtml({
    ...rolledBack,
    rollouts: [{ ...rollout!, daemon: bad, stack: bad, cluster: bad, verdict: { ...rollout!.verdict, cause: { kind: 'alarm', name: bad, at: 1, text: bad } } }],
    log: [{ at: 0, text: bad }], stackEvents: [{ at: 0, stack: bad, resource: bad, status: bad, reason: bad }],
  });
  expect(page).not.toContain('<img');
});
