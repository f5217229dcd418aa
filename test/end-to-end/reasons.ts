import type { DeploymentBench, DeploymentResult } from './deployment';

const REASON_BYTES = 1024;

/** What the functions have logged, line by line. */
export const logLines = ({ sandbox }: DeploymentBench): string[] => sandbox.requests
  .filter(({ operation }) => operation === 'PutLogEvents')
  .flatMap(({ input }) => input.logEvents.map(({ message }: { message: string }) => message.replace(/\n$/, '')));

/** The toolkit breaks what it prints into lines. */
const withoutLineBreaks = (text: string): string => text.replaceAll(/\s+/g, '');

/** Checks that a failed deployment has a reason of one line, shown by the CLI, without a credential (W23). */
export function expectReason(bench: DeploymentBench, result: DeploymentResult, reason: string | RegExp): void {
  expectOneLine(bench, result, reason);
  const [failed] = result.answers.filter(({ Status }) => Status === 'FAILED');
  expect(withoutLineBreaks(result.error!)).toContain(withoutLineBreaks(failed!.Reason));
}

/** Checks that the events have a reason of one line, even if the CLI prints another. */
export function expectOneLine(bench: DeploymentBench, result: DeploymentResult, reason: string | RegExp): void {
  const [failed] = result.answers.filter(({ Status }) => Status === 'FAILED');
  expect(failed!.Reason).toMatch(reason);
  expect(failed!.Reason).toMatch(/^[^\r\n]+$/);
  expect(Buffer.byteLength(failed!.Reason)).toBeLessThanOrEqual(REASON_BYTES);
  expect(failed!.Reason).not.toMatch(/cancelled/i);
  expect(result.reasons[0]).toContain(failed!.Reason);
  expect(logLines(bench)).toContainEqual(expect.stringContaining(failed!.Reason));
  expect(logLines(bench).filter((line) => /ResponseURL|X-Amz-Signature|cloudformation-custom-resource-response/.test(line))).toEqual([]);
}
