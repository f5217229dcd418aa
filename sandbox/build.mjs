// Bundles the sandbox: its library, its command, the process that serves for it, its console, and the host of the Lambda workers.
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeThirdParty } from '../lambda/third-party.mjs';
import { sharedTimeline, timeline } from '../timeline/shared-bundle.mjs';

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
  // neither the library nor the timeline is bundled twice
  build({ ...options, entryPoints: { server: './server.ts' }, external: ['./index'], plugins: [sharedTimeline('./timeline.js')] }),
  build({ ...options, outdir: undefined, outfile: './dist/timeline.js', stdin: timeline }),
  build({
    ...options, outdir: './dist/console', platform: 'browser', target: 'es2022', format: 'esm',
    entryPoints: ['./console/page/main.ts', './console/page/main.css'],
  }),
]);
writeThirdParty(here, results.map(({ metafile }) => metafile));
