// The lanes of the tests as projects of Jest: `npm test` runs the first, `npm run test:all` all of them. CONTRIBUTING.md has a table.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const rootDir = resolve(fileURLToPath(import.meta.url), '..', '..');
const { maxWorkers, testTimeout, globalSetup, ...settings } = JSON.parse(readFileSync(`${rootDir}/package.json`, 'utf8')).jest;

/** Tests that take long for what they are: they synthesize whole apps, or run durable executions. */
const long = {
  examples: ['test/lib/examples.test.ts'],
  package: ['test/lib/cloudformation-validator.test.ts', 'test/lib/synth-budgets.test.ts'],
  'end-to-end': ['test/sandbox/lambda/durable-execution.test.ts', 'test/cli/plan.test.ts', 'test/cli/plan-command.test.ts', 'test/cli/bounds.test.ts', 'test/cli/plan-apps.test.ts', 'test/cli/example-plans.test.ts', 'test/cli/live-plan.test.ts', 'test/cli/live-examples.test.ts', 'test/cli/live-policy.test.ts'],
};

const lane = (displayName, folders, { excluded = [], ...others } = {}) => ({
  ...settings,
  ...others,
  rootDir,
  displayName,
  testMatch: [...folders.map((folder) => `<rootDir>/${folder}/**/*.test.ts`), ...(long[displayName] ?? []).map((file) => `<rootDir>/${file}`)],
  testPathIgnorePatterns: ['/node_modules/', ...excluded],
});

export default {
  rootDir,
  maxWorkers,
  globalSetup,
  testTimeout, // Jest ignores that of a project
  projects: [
    lane('unit', ['test/lambda', 'test/lib', 'test/sandbox', 'test/timeline', 'test/cli'], { excluded: Object.values(long).flat(), setupFilesAfterEnv: ['<rootDir>/test/unit-timeout.ts'] }),
    lane('package', ['test/package']),
    lane('languages', ['test/languages']),
    lane('examples', ['examples']),
    lane('end-to-end', ['test/end-to-end']),
    lane('simulation', ['test/simulation']),
    lane('browser', ['test/browser'], { globalSetup: `${rootDir}/test/browser/setup.ts` }),
  ],
};
