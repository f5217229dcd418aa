import Ajv from 'ajv';
import { timelineOfReport } from '../../timeline/from-report';
import { parseTimeline, toJson } from '../../timeline/json';
import type { Timeline } from '../../timeline/model';
import * as schema from '../../timeline/timeline.schema.json';
import { REPORT } from './report-example';
import { SMALL_SCENARIOS, waves } from './scenarios';

const validate = new Ajv({ allErrors: true }).compile(schema);

async function examples(): Promise<Record<string, Timeline>> {
  const made = await Promise.all(Object.entries(SMALL_SCENARIOS).map(async ([name, scenario]) => [name, await scenario()] as const));
  return { ...Object.fromEntries(made), report: timelineOfReport(JSON.stringify(REPORT)) };
}

/** Every name of a property in a value, with the names above it, but for the entries of arrays. */
function paths(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => paths(entry, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => [`${path}.${key}`, ...paths(below, `${path}.${key}`)]);
}

type Node = { readonly $ref?: string; readonly properties?: Record<string, Node>; readonly items?: Node };

function schemaPaths(node: Node, path = ''): string[] {
  const target = node.$ref === undefined ? node : (schema.definitions as Record<string, Node>)[node.$ref.split('/').at(-1)!]!;
  if (target.items) return schemaPaths(target.items, path);
  return Object.entries(target.properties ?? {}).flatMap(([key, below]) => [`${path}.${key}`, ...schemaPaths(below, `${path}.${key}`)]);
}

describe('the schema of timelines', () => {
  test('accepts every example', async () => {
    for (const [name, timeline] of Object.entries(await examples())) {
      const isValid = validate(JSON.parse(toJson(timeline)));
      expect([name, isValid, validate.errors]).toEqual([name, true, null]);
    }
  });

  test('has no property that no example has', async () => {
    const found = new Set(Object.values(await examples()).flatMap((timeline) => paths(JSON.parse(toJson(timeline)))));
    expect(schemaPaths(schema as Node).filter((path) => !found.has(path))).toEqual([]);
  });

  test.each([
    ['a property that it does not know', (timeline: object) => ({ ...timeline, more: 1 })],
    ['another version', (timeline: object) => ({ ...timeline, version: 2 })],
    ['no rollout', (timeline: object) => ({ ...timeline, rollouts: [] })],
  ])('rejects %s', async (_what, change) => {
    expect(validate(change(await SMALL_SCENARIOS['twelve instances']!()))).toBe(false);
  });
});

test('a timeline as JSON is read back as it was, and the same timeline gives the same bytes', async () => {
  const timeline = await SMALL_SCENARIOS['three waves rolled back']!();
  expect(toJson(parseTimeline(toJson(timeline)))).toBe(toJson(timeline));
  expect(toJson(await waves(true))).toBe(toJson(timeline));
});

test('JSON of another version is refused with its version', () => {
  expect(() => parseTimeline('{"version":2}')).toThrow('the file must be a timeline of version 1, got version: 2');
});
