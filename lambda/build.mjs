// Builds the two bundles that ship. The settings are the smallest that work.
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeThirdParty } from './third-party.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const results = await Promise.all(['dispatcher', 'rollout'].map((room) => build({
  absWorkingDir: here, // paths in the output must not depend on where the checkout lies
  entryPoints: [`./${room}/index.ts`],
  outfile: `./dist/${room}/index.js`,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  minify: true,
  keepNames: false,
  supported: { 'dynamic-import': false }, // the SDK loads node:http by it, which jest's sandbox cannot
  mainFields: ['module', 'main'],
  alias: { '@aws-sdk/credential-provider-node': join(here, 'environment-credentials.ts') },
  legalComments: 'none',
  tsconfig: join(here, 'tsconfig.json'),
  logLevel: 'warning',
  metafile: true,
})));
writeThirdParty(here, results.map(({ metafile }) => metafile));
