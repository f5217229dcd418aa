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

test('a comment says why before it cites an id', () => {
  const beginning = new RegExp(String.raw`(?:\/\/|\/\*\*?|^\s*\*) *(?:§|\(?${ID})`);
  expect(linesThat(sources, beginning)).toEqual([]);
});

test('the name of a test cites ids at its end', () => {
  const named = new RegExp(String.raw`\b(?:test|it|describe)\b.*\(\s*['"\`](?:§|${ID})|^ *\]\)\(['"\`](?:§|${ID})`);
  expect(linesThat(sources, named)).toEqual([]);
});

test('pages and docstrings for users cite no ids', () => {
  const pages = files.filter((path) => path.endsWith('.md') && !CONTRIBUTOR_PAGES.includes(path) && (path.startsWith('docs/') || ['API.md', 'CHANGELOG.md', 'README.md'].includes(path)));
  expect(linesThat(pages, new RegExp(ID))).toEqual([]);
});
