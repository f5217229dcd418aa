import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import giveTempFolder from '../temp-folder';
import { SCREENSHOTS } from './screenshots';

/** Unpacks Chromium once for all tests of the lane, and removes the screenshots of the last run. It is built for Linux on x86-64. */
export default function unpackChromium(): void {
  giveTempFolder();
  rmSync(SCREENSHOTS, { recursive: true, force: true });
  const { CHROMIUM: executablePath } = process.env;
  if (executablePath) {
    process.env.CHROMIUM_OF_TESTS = JSON.stringify({ executablePath, env: {} });
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'chromium-'));
  process.env.CHROMIUM_OF_TESTS = execFileSync(process.execPath, [join(__dirname, 'unpack-chromium.mjs')], {
    encoding: 'utf8', env: { ...process.env, TMPDIR: folder },
  });
}
