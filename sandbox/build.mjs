// Bundles the sandbox: its library, its command, the process that serves for it, and the host of the Lambda workers.
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeThirdParty } from '../lambda/third-party.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const options = {
  absWorkingDir: here,
  outdir: './dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  mainFields: ['module', 'main'],
  tsconfig: join(here, 'tsconfig.json'),
  logLevel: 'warning',
  metafile: true,
};
const results = await Promise.all([
  build({ ...options, entryPoints: { index: './index.ts', cli: './command/cli.ts', worker: './lambda/runtime/worker.ts' } }),
  build({ ...options, entryPoints: { server: './server.ts' }, external: ['./index'] }), // the library is not bundled twice
]);
writeThirdParty(here, results.map(({ metafile }) => metafile));
