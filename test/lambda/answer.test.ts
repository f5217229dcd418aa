import fc from 'fast-check';
import { answerBody, deliver, type Answer } from '../../lambda/answer';
import { clip, oneLine } from '../../lambda/reason';
import { createRequest, DAEMON_ARN } from './requests';

const answer: Answer = { Status: 'FAILED', Reason: 'PREFLIGHT: no', PhysicalResourceId: DAEMON_ARN };
const { ResponseURL, StackId, RequestId, LogicalResourceId } = createRequest();

const anyText = fc.string({ unit: 'binary', maxLength: 3000 });

test('a reason is one line of at most 1 KB of valid UTF-8, and never says "cancelled" (W23)', () => {
  fc.assert(fc.property(anyText, fc.nat(1200), (text, bytes) => {
    const line = oneLine(`${text} Cancelled `, bytes + 3);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(bytes + 3);
    expect(Buffer.from(line).toString()).toBe(line);
    expect(line).not.toMatch(/[\r\n\t\u0000]|cancelled/i);
  }));
});

test('what fits is not shortened', () => {
  expect(clip('äöü', 6)).toBe('äöü');
  expect(clip('äöüä', 7)).toBe('äö…');
});

test('lone surrogates are replaced', () => {
  expect(oneLine('a\ud800b')).toBe('a�b');
});

test('E22: the body is below 4,096 bytes, whatever the reason', () => {
  fc.assert(fc.property(anyText, (text) => {
    expect(Buffer.byteLength(answerBody(createRequest(), { ...answer, Reason: text.repeat(5) }))).toBeLessThan(4096);
  }));
});

test('the ids of the request are sent back verbatim', () => {
  expect(JSON.parse(answerBody(createRequest(), answer))).toEqual({ ...answer, StackId, RequestId, LogicalResourceId });
});

test.each([200, 204, 403])('HTTP %d is final (FM6)', async (status) => {
  const put = jest.fn().mockResolvedValue(status);
  expect(await deliver(put, createRequest(), answer)).toBe(status);
  expect(put).toHaveBeenCalledWith(ResponseURL, answerBody(createRequest(), answer));
});

test.each([199, 300, 500, 503])('HTTP %d may be tried again', async (status) => {
  await expect(deliver(async () => status, createRequest(), answer)).rejects.toThrow(`HTTP ${status}`);
});
