import { build, type Plugin } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Bundles the simulation with the modules of the Lambda and of the sandbox, so that workers start at once; returns the file. */
export async function bundle(plugins: Plugin[] = []): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'simulation-'));
  folders.push(folder);
  const outfile = join(folder, 'worker.cjs');
  await build({
    entryPoints: [join(__dirname, 'worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    sourcemap: 'inline',
    logLevel: 'warning',
    plugins,
  });
  return outfile;
}
