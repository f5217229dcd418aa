import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives the tests a temp folder of their own, and removes it at the end: apps, bundlers and compilers leave hundreds of folders there.
 *
 * Jest calls it once before the first test, in the process whose environment the workers inherit.
 */
export default function giveTempFolder(): void {
  if (process.env.TEMP_FOLDER_OF_TESTS) return; // Stryker begins many runs in one process
  const folder = mkdtempSync(join(tmpdir(), 'tests-'));
  process.env.TEMP_FOLDER_OF_TESTS = process.env.TMPDIR = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}
