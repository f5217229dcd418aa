import { spawnSync } from 'node:child_process';
import * as manifest from '../../package.json';

const { dependencies, peerDependencies } = manifest as { dependencies?: object; peerDependencies: object };

const packed = (): { size: number; files: string[] } => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
  const [{ size, files }] = JSON.parse(stdout) as [{ size: number; files: { path: string }[] }];
  return { size, files: files.map(({ path }) => path) };
};

describe('the published package', () => {
  const { size, files } = packed();

  test.each([
    '.jsii', 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'rosetta/default.ts-fixture', 'lib/index.js', 'lib/index.d.ts',
    'lambda/dist/dispatcher/index.js', 'lambda/dist/rollout/index.js', 'lambda/dist/THIRD-PARTY-LICENSES', 'lambda/dist/third-party.cdx.json',
    'sandbox/dist/cli.js', 'sandbox/dist/index.js', 'sandbox/dist/server.js', 'sandbox/dist/worker.js', 'sandbox/dist/timeline.js', 'sandbox/dist/console/main.js', 'sandbox/dist/console/main.css', 'sandbox/dist/types/index.d.ts',
    'sandbox/dist/THIRD-PARTY-LICENSES', 'sandbox/dist/third-party.cdx.json',
    'cli/dist/main.js', 'cli/dist/index.js', 'cli/dist/live.js', 'cli/dist/types/cli/plan/index.d.ts', 'cli/dist/THIRD-PARTY-LICENSES', 'cli/dist/third-party.cdx.json',
  ])('holds %s', (file) => {
    expect(files).toContain(file);
  });

  test('has at most 810 KB', () => {
    expect(size).toBeLessThanOrEqual(810_000);
  });

  test('has no runtime dependencies but its peers', () => {
    expect([dependencies, Object.keys(peerDependencies)]).toEqual([undefined, ['aws-cdk-lib', 'constructs']]);
  });

  test('holds no TypeScript sources, no tests and no examples', () => {
    expect(files.filter((file) => (file.endsWith('.ts') && !file.endsWith('.d.ts')) || /^(test|examples|bench|docs)\//.test(file))).toEqual([]);
  });
});
