// Bundles the command and the library behind `cdk-ecs-managed-daemons/plan`. Both load the bundles of the sandbox, which are not repeated.
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeThirdParty } from '../lambda/third-party.mjs';
import { sharedTimeline } from '../timeline/shared-bundle.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** What is bundled elsewhere: the library of the sandbox, for the command this library, and for the library the AWS SDK. */
const bundled = {
  name: 'bundled',
  setup({ onResolve }) {
    onResolve({ filter: /\/sandbox$/ }, () => ({ path: '../../sandbox/dist/index.js', external: true }));
    onResolve({ filter: /\/sdk-account$/ }, ({ kind }) => (kind === 'entry-point' ? undefined : { path: './live.js', external: true }));
    onResolve({ filter: /^\.\/index$/ }, ({ importer }) => (importer.endsWith('main.ts') ? { path: './index.js', external: true } : undefined));
  },
};

const { metafile } = await build({
  absWorkingDir: here,
  outdir: './dist',
  entryPoints: { index: './index.ts', main: './main.ts', live: './live/sdk-account.ts' },
  plugins: [bundled, sharedTimeline('../../sandbox/dist/timeline.js')],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  mainFields: ['module', 'main'],
  tsconfig: join(here, 'tsconfig.json'),
  logLevel: 'warning',
  metafile: true,
});
writeThirdParty(here, [metafile]);
