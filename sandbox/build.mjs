// Bundles the sandbox: its library, its command and the host of the Lambda workers.
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeThirdParty } from '../lambda/third-party.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { index: './index.ts', cli: './cli.ts', server: './server.ts', worker: './lambda/worker.ts' },
  outdir: './dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  tsconfig: join(here, 'tsconfig.json'),
  logLevel: 'warning',
  metafile: true,
});
writeThirdParty(here, [metafile]);
