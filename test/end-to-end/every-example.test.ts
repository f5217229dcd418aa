import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..', '..');

test('an example is deployed, updated to another image and destroyed by the CDK CLI, as npm run examples does with each', async () => {
  const command = ['--import', 'tsx', join('examples', 'demo', 'every-example.ts'), 'falco'];
  // throws with what failed
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });

  expect(stdout).toMatch(/^✓ falco: 3 instances; created with [\d.]+, updated in 3 batches, destroyed; /);
});
