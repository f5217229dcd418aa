import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

/** Everything in code font that has a slash, but for the names that the package publishes. */
const paths = [...new Set([...text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, path]) => path!))].filter((path) => !path.startsWith('cdk-ecs-managed-daemons/'));

test('ARCHITECTURE.md names files and folders that exist', () => {
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('ARCHITECTURE.md has a row for each folder of lib/', () => {
  const inLib = readdirSync(join(root, 'lib'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => `lib/${name}/`);
  expect(inLib.filter((folder) => !paths.includes(folder))).toEqual([]);
});

test('lambda/README.md names files and folders that exist, and each file of the stages', () => {
  const page = readFileSync(join(root, 'lambda', 'README.md'), 'utf8');
  const named = [...page.matchAll(/`([\w/-]+(?:\.ts|\/))`/g)].map(([, path]) => path!);
  expect(named.filter((path) => !existsSync(join(root, 'lambda', path)))).toEqual([]);
  const shared = ['transitions.ts', 'ownership-check.ts', 'refusal.ts'];
  const stages = readdirSync(join(root, 'lambda', 'rollout', 'stages')).filter((file) => !shared.includes(file));
  expect(stages.filter((file) => !named.includes(`rollout/stages/${file}`))).toEqual([]);
});

test('the sandbox, which imports nothing of the Lambda, replaces the same characters in its lines', () => {
  const replaced = (file: string): string | undefined => /\[\\p\{Cc\}.*?\/gu/.exec(readFileSync(join(root, file), 'utf8'))?.[0];

  expect(replaced('lambda/reason.ts')).toBeDefined();
  expect(replaced('sandbox/server.ts')).toBe(replaced('lambda/reason.ts'));
});
