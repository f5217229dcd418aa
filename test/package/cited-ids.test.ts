import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const ROOMS = ['bench', 'cli', 'docs', 'examples', 'lambda', 'lib', 'sandbox', 'simulation', 'test', 'timeline'];
const REFERENCES = ['docs/aws-behaviour.md', 'docs/assumptions.md', 'docs/failure-modes.md'];
/** Pages for people who work on the library, beside the references themselves. */
const CONTRIBUTOR_PAGES = [...REFERENCES, 'docs/benchmarks.md', 'docs/contributing.md', 'docs/mutation.md', 'docs/simulation.md', 'docs/style.md'];
/** Documents that a reader of this repository does not have. */
const PRIVATE_SOURCES = [/\bdesign §/, /\bfacts §/, /\brollout-practice\b/, /\bdurable-functions\.md/, /\bcdk-practice\b/, /\bcdk-cli-wire\b/, /\becs-managed-daemons\.md/, /§ \d/];

const ID = String.raw`(?<![%\w./-])(?:R|E|EN|W|A|DF|FM)\d+(?![\w-])`;

const BRACKETS = new RegExp(String.raw`\(${ID}(?:(?:, | and | to |; )${ID})*\)`, 'g');
/** The ids of a row, whose reason stands without them. */
const FIELD = /^ +ids: \[[^\]]*\],$/;
/** Modules that build tables of ids, or whose data looks like one. */
const MAKES_ROWS = ['test/package/assumptions.ts', 'test/lib/canonical-order.test.ts'];

const filesIn = (folder: string): string[] => readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
  const path = `${folder}/${entry.name}`;
  if (entry.isDirectory()) return ['dist', 'node_modules', 'cdk.out'].includes(entry.name) ? [] : filesIn(path);
  return /\.(?:ts|mjs|md)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
});
const files = [...ROOMS.filter((room) => existsSync(join(root, room))).flatMap(filesIn), ...readdirSync(root).filter((name) => /\.(?:md|mjs)$/.test(name))]
  .filter((path) => path !== 'test/package/cited-ids.test.ts');
const sources = files.filter((path) => !path.endsWith('.md'));

/** Returns each line that a pattern matches, with its place. */
const linesThat = (paths: readonly string[], pattern: RegExp): string[] => paths.flatMap((path) =>
  read(path).split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 160)}`] : [])));

const known = new Set(REFERENCES.flatMap((page) => [...read(page).matchAll(/^\| (?:<a id="\w+"><\/a>)?([A-Z]+\d+)\b/gm)].map(([, id]) => id!)));

test('every id that is cited is a row of a reference page', () => {
  const unknown = files.flatMap((path) =>
    [...read(path).matchAll(new RegExp(ID, 'g'))].map(([id]) => id).filter((id) => !known.has(id)).map((id) => `${path}: ${id}`));
  expect(unknown).toEqual([]);
});

test('nothing cites a document that is not in the repository', () => {
  expect(PRIVATE_SOURCES.flatMap((source) => linesThat(files, source))).toEqual([]);
});

test('an id follows in brackets what stands without it', () => {
  const bare = new RegExp(ID);
  const lines = sources.filter((path) => !MAKES_ROWS.includes(path)).flatMap((path) => read(path).split('\n').flatMap((line, index) =>
    (bare.test(line.replaceAll(BRACKETS, '').replace(FIELD, '')) ? [`${path}:${index + 1}: ${line.trim().slice(0, 160)}`] : [])));
  expect(lines).toEqual([]);
});

test('no comment consists of ids alone', () => {
  expect(linesThat(sources, new RegExp(String.raw`(?:\/\/|\/\*\*?|^\s*\*) *${BRACKETS.source}`))).toEqual([]);
});

test('the name of a test cites ids at its end only', () => {
  const names = sources.filter((path) => path.endsWith('.test.ts')).flatMap((path) =>
    [...read(path).matchAll(/^ *(?:test|it|describe|[\])]).*?\((['"`])(.*)\1, (?:async )?\(/gm)].map(([, , name]) => `${path}: ${name}`));
  expect(names.length).toBeGreaterThan(500);
  expect(names.filter((name) => new RegExp(ID).test(name.replace(new RegExp(` ${BRACKETS.source}$`), '')))).toEqual([]);
});

test('pages and docstrings for users cite no ids', () => {
  const pages = files.filter((path) => path.endsWith('.md') && !CONTRIBUTOR_PAGES.includes(path) && (path.startsWith('docs/') || ['API.md', 'CHANGELOG.md', 'README.md'].includes(path)));
  expect(linesThat(pages, new RegExp(ID))).toEqual([]);
});
