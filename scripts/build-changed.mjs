// Builds the rooms whose sources have changed since they were built: what `npm test` begins with.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Each build, the folders that it reads, and a file that it writes last. */
const builds = [
  { script: 'build:constructs', sources: ['lib', 'lambda/contract.ts', 'README.md'], result: '.jsii' },
  { script: 'build:lambda', sources: ['lambda'], result: 'lambda/dist/third-party.cdx.json' },
  { script: 'build:sandbox', sources: ['sandbox', 'timeline', 'lambda/third-party.mjs'], result: 'sandbox/dist/types/index.d.ts' },
  { script: 'build:cli', sources: ['cli', 'timeline', 'sandbox', 'lambda/third-party.mjs'], result: 'cli/dist/types/cli/plan/index.d.ts' },
];
const readByAll = ['package.json', 'package-lock.json', 'tsconfig.json'];

const isSource = (name) => /\.(?:ts|mjs|json|md|css)$/.test(name) && !name.endsWith('.d.ts');

function newest(path) {
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  const entries = readdirSync(path).filter((name) => name !== 'dist' && (isSource(name) || statSync(join(path, name)).isDirectory()));
  return Math.max(0, ...entries.map((name) => newest(join(path, name))));
}

for (const { script, sources, result } of builds) {
  const built = join(root, result);
  if (existsSync(built) && [...sources, ...readByAll].every((path) => newest(join(root, path)) < statSync(built).mtimeMs)) continue;
  const { status } = spawnSync('npm', ['run', script], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}
