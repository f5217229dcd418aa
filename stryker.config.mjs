/** Configuration of `npm run mutate`; what it measures, and what survives, is in docs/mutation.md. */
export default {
  testRunner: 'jest',
  // what only translates for the AWS SDK or the engine is left out: it decides nothing, and meets its real counterpart in other tests
  mutate: [
    'lambda/**/*.ts',
    '!lambda/{dispatcher,rollout}/index.ts',
    '!lambda/{,dispatcher/}executions.ts',
    '!lambda/rollout/aws/{sdk-daemon-api,sdk-stack-api,tolerant-client}.ts',
    '!lambda/environment-credentials.ts',
  ],
  jest: {
    config: {
      testRunner: '<rootDir>/test/mutation/jest-circus-bailing.ts',
      testSequencer: '<rootDir>/test/mutation/quickest-first.mjs',
      globalSetup: null, // its processes are killed, and would leave the temp folders that they were given
      testMatch: ['<rootDir>/test/lambda/**/*.test.ts'],
      // bundles are not mutated, and what random tests find in seconds the named ones find in milliseconds
      testPathIgnorePatterns: ['rollout-bundle', 'machine-properties', 'ecs-calls'],
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // a mutant that no test finds runs through all of them, which on a busy machine takes several times as long as alone
  timeoutFactor: 6,
  ignorePatterns: ['*', '!lambda/**', 'lambda/dist', '!test/lambda/**', '!test/mutation/**', '!test/*.ts', '!docs/**', '!package.json'],
  tempDirName: 'coverage/mutation/sandbox',
  reporters: ['progress', 'clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: 'coverage/mutation/report.html' },
  jsonReporter: { fileName: 'coverage/mutation/report.json' },
  incrementalFile: 'coverage/mutation/incremental.json',
  thresholds: { high: 95, low: 90, break: 90 },
};
