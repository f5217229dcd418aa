import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentImages } from '../lib/agent-images';

const root = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'documentation-'));
afterAll(() => rmSync(folder, { recursive: true }));

// both tools start a compiler of their own
jest.setTimeout(180_000);

const run = (command: string, ...args: string[]): void => {
  execFileSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'pipe' });
};

test('API.md is what jsii-docgen makes of the docstrings (npm run docgen)', () => {
  const generated = join(folder, 'API.md');
  run('jsii-docgen', '-o', generated);
  expect(readFileSync(join(root, 'API.md'), 'utf8')).toBe(readFileSync(generated, 'utf8'));
});

test('the snippets of README.md and of the docstrings compile, as a user would write them', () => {
  for (const file of ['.jsii', 'package.json', 'rosetta']) cpSync(join(root, file), join(folder, file), { recursive: true });
  expect(JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8')).readme.markdown).toBe(readFileSync(join(root, 'README.md'), 'utf8'));

  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(root, join(modules, 'cdk-ecs-managed-daemons'));
  for (const name of ['aws-cdk-lib', 'constructs', '@types']) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  // throws with what the compiler says
  run('jsii-rosetta', 'extract', '--strict', '--directory', folder, folder);
});

const pages = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md') && !file.startsWith('.')).map((file) => join('docs', file))];
const snippets = pages.flatMap((page) => [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts.*?^```$/gms)].map(([snippet]) => snippet));

/** The snippets of README.md and docs/ that name the image of an agent, by the image's repository. */
const agentSnippets = snippets.flatMap((snippet) =>
  [...snippet.matchAll(/fromRegistry\('([^:']+):[^']+'\)/g)].map(([, repository]) => ({ repository: repository!, snippet })))
  .filter(({ repository }) => !repository.startsWith('example.com/'));

test('the snippets show agents for metrics, logs, security and networking', () => {
  expect(agentSnippets.map(({ repository }) => repository.split('/').at(-1))).toEqual(
    expect.arrayContaining(['cloudwatch-agent', 'aws-for-fluent-bit', 'falco', 'envoy']));
});

test.each(agentSnippets)('the snippet with the image $repository gives it its configuration and states its ports', ({ repository, snippet }) => {
  const { configuredBy = '', ports = [] } = agentImages[repository]!;
  expect(snippet).toContain(configuredBy);
  expect(ports.filter((port) => !snippet.includes(`port: ${port}`))).toEqual([]);
});
