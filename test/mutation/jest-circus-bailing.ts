import type { JestEnvironment } from '@jest/environment';
import { createEmptyTestResult, type AssertionResult, type TestResult } from '@jest/test-result';
import type { Config } from '@jest/types';
import circus from 'jest-circus/runner';

type Parameters = [Config.GlobalConfig, Config.ProjectConfig, JestEnvironment, runtime: unknown, testPath: string, ...rest: unknown[]];

/** The mutant that a test has found out already. */
let found: string | undefined;
/** The names of the tests in each file, for the order of the files. */
const namesIn: Map<string, readonly string[]> = (globalThis as { testNames?: typeof namesIn }).testNames ??= new Map();

/**
 * jest-circus, for the runs of `npm run mutate`: the first test that fails is the last to run for a mutant. Stryker cannot tell jest to
 * stop, and would spend most of its time on tests that tell nothing any more.
 */
export default async function bailing(...parameters: Parameters): Promise<TestResult> {
  const [, , environment, , testPath] = parameters;
  const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
  if (mutant === undefined) return circus(...parameters);
  if (found === mutant) return untested(testPath);
  const { handleTestEvent } = environment;
  environment.handleTestEvent = async (event, state) => {
    await handleTestEvent?.call(environment, event as never, state);
    if (event.name === 'test_done' && event.test.errors.length > 0) found = mutant;
    if (event.name === 'test_start' && found === mutant) event.test.mode = 'skip';
  };
  const result = await circus(...parameters);
  // a mutant that keeps a file from being loaded leaves it without tests, but only for itself
  if (result.testResults.length > 0) namesIn.set(testPath, result.testResults.map(({ fullName }) => fullName));
  return result;
}

/** jest takes a file without any test for a broken one. */
const untested = (testFilePath: string): TestResult =>
  ({ ...createEmptyTestResult(), skipped: true, testFilePath, testResults: [{ status: 'pending', fullName: 'not run', title: 'not run' } as AssertionResult] });
