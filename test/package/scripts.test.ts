import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scripts } from '../../package.json';

const root = join(__dirname, '..', '..');

/** What .ci/run runs: it is an ES module, which a process of its own reads. */
const { jobs, withoutJob } = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', `
  import { jobs, withoutJob } from './.ci/jobs.mjs';
  console.log(JSON.stringify({ jobs, withoutJob }));
`], { cwd: root, encoding: 'utf8' })) as { jobs: { name: string; script: string }[]; withoutJob: Record<string, string> };

test('every script of package.json is run by a job of .ci/run, or named there with the reason why not', () => {
  const covered = [...jobs.map(({ script }) => script), ...Object.keys(withoutJob)];
  expect([...new Set(covered)].sort()).toEqual(Object.keys(scripts).sort());
});

test('CONTRIBUTING.md lists every script of package.json, and no other', () => {
  const table = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').split('\n').filter((line) => line.startsWith('| `npm '));
  const listed = table.flatMap((row) => [...row.split('|')[1]!.matchAll(/`npm (?:run )?([\w:-]+)`/g)].map(([, script]) => script));
  expect(listed.sort()).toEqual(Object.keys(scripts).sort());
});

test('each job of .ci/run has a name of its own', () => {
  const names = jobs.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

test('tests write into a temp folder that is removed after them', () => {
  expect(tmpdir()).toBe(process.env.TEMP_FOLDER_OF_TESTS);
});

test('the time limit of tests is set for all lanes together, because Jest ignores that of a project', () => {
  const config = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', `
    import config from './test/lanes.mjs';
    console.log(JSON.stringify(config));
  `], { cwd: root, encoding: 'utf8' })) as { testTimeout?: number; projects: object[] };

  expect(config.testTimeout).toBe(300_000);
  expect(config.projects.filter((project) => 'testTimeout' in project)).toEqual([]);
});
