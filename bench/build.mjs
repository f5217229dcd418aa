// Bundles the benchmarks: what they measure is compiled JavaScript, and the package as a user gets it.
import { build } from 'esbuild';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

await build({
  absWorkingDir: here,
  entryPoints: [
    './synth/benchmark.ts', './synth/synthesis.ts', './lambda/benchmark.ts', './lambda/invocations.ts', './machine/benchmark.ts',
    './sandbox/benchmark.ts', './template/benchmark.ts', './plan/benchmark.ts',
  ],
  outbase: '.',
  outdir: './dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
});
