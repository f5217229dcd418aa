import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

const root = join(__dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

/** What decides which packages esbuild bundles, as lambda/build.mjs, sandbox/build.mjs and cli/build.mjs set it. */
const BUILDS: Record<string, BuildOptions> = {
  lambda: {
    entryPoints: ['dispatcher', 'rollout'].map((folder) => `./${folder}/index.ts`),
    alias: { '@aws-sdk/credential-provider-node': join(root, 'lambda', 'environment-credentials.ts') },
  },
  sandbox: { entryPoints: ['./index.ts', './command/cli.ts', './lambda/runtime/worker.ts', './server.ts'] },
  cli: { entryPoints: ['./index.ts'], external: ['*/sandbox', '../timeline/*', '../../timeline/*'] },
};

describe.each(Object.entries(BUILDS))('what %s bundles', (folder, options) => {
  const { components } = JSON.parse(read(folder, 'dist', 'third-party.cdx.json')) as { components: { name: string; version: string }[] };

  test('is what its list has', async () => {
    const { metafile } = await build({
      ...options, absWorkingDir: join(root, folder), outdir: 'dist', write: false, metafile: true, bundle: true, minify: true,
      platform: 'node', format: 'cjs', mainFields: ['module', 'main'], tsconfig: join(root, folder, 'tsconfig.json'), logLevel: 'error',
    });
    const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
    const paths = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
    const directories = paths.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
    const bundled = [...new Set(directories)].map((directory) => JSON.parse(read(folder, directory, 'package.json')) as { name: string; version: string });
    expect(components.map(({ name, version }) => `${name} ${version}`)).toEqual(bundled.map(({ name, version }) => `${name} ${version}`).sort());
  });

  test.each(components)('has the licence text of $name', ({ name, version }) => {
    const section = read(folder, 'dist', 'THIRD-PARTY-LICENSES').split('-'.repeat(80)).find((text) => text.includes(`${name} ${version}\n`));
    expect(section).toMatch(/Permission is hereby granted|TERMS AND CONDITIONS|Redistribution and use|Permission to use/);
  });
});
