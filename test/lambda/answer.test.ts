import fc from 'fast-check';
import { answerBody, deliver, putByFetch, type Answer } from '../../lambda/answer';
import { clip, oneLine } from '../../lambda/reason';
import { createRequest, DAEMON_ARN } from './requests';

const answer: Answer = { Status: 'FAILED', Reason: 'PREFLIGHT: no', PhysicalResourceId: DAEMON_ARN };
const { ResponseURL, StackId, RequestId, LogicalResourceId } = createRequest();

const anyText = fc.string({ unit: 'binary', maxLength: 3000 });

test('a reason is one line of at most 1 KB of valid UTF-8, and never contains "cancelled" (W23)', () => {
  fc.assert(fc.property(anyText, fc.nat(1200), (text, bytes) => {
    const line = oneLine(`${text} Cancelled `, bytes + 3);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(bytes + 3);
    expect(Buffer.from(line).toString()).toBe(line);
    expect(line).not.toMatch(/[\r\n\t\u0000]|cancelled/i);
  }));
});

test('a text of several lines becomes one line, trimmed', () => {
  expect(oneLine('  the update \n\tis Cancelled\r\n')).toBe('the update is called off');
});

test('control characters, escape sequences and overrides of the direction of text do not reach a reason', () => {
  expect(oneLine('red\u001b[31m \u009b0m\u202etxet\u2066\u2028end')).toBe('red [31m 0m txet end');
});

test('characters that are not seen do not reach a reason', () => {
  expect(oneLine('a\u200bb\u2060c\ufeffd\u00ade\u{e0061}f')).toBe('a b c d e f');
});

test('a reason that fits is not shortened', () => {
  expect(clip('äöü', 6)).toBe('äöü');
  expect(clip('äöüä', 7)).toBe('äö…');
});

test('lone surrogates are replaced', () => {
  expect(oneLine('a\ud800b')).toBe('a�b');
});

test('the body is below 4,096 bytes, whatever the reason (E22, FM22)', () => {
  fc.assert(fc.property(anyText, (text) => {
    expect(Buffer.byteLength(answerBody(createRequest(), { ...answer, Reason: text.repeat(5) }))).toBeLessThan(4096);
  }));
});

test('a reason is shortened to 200 bytes where the body would be too long, by a byte (E22)', () => {
  const Reason = 'a'.repeat(900);
  const room = 4096 - Buffer.byteLength(answerBody(createRequest(), { ...answer, Reason, Data: { Outcome: '' } }));
  const withData = (bytes: number) => JSON.parse(answerBody(createRequest(), { ...answer, Reason, Data: { Outcome: 'b'.repeat(bytes) } })) as Answer;
  expect(withData(room - 1)).toMatchObject({ Reason });
  expect(withData(room)).toMatchObject({ ...answer, Reason: `${'a'.repeat(197)}…`, StackId, RequestId, LogicalResourceId });
});

const bodyFor = (changes: Partial<Answer>, request = createRequest()) => {
  const text = answerBody(request, { Status: 'SUCCESS', Reason: 'SUCCEEDED: done', PhysicalResourceId: DAEMON_ARN, ...changes });
  return { bytes: Buffer.byteLength(text), answer: JSON.parse(text) as Answer };
};

test('attributes that leave no room for a reason become a failure that reports it (E22, FM22)', () => {
  const { bytes, answer } = bodyFor({ Data: { RevisionArn: 'r'.repeat(5000) } });
  expect(bytes).toBeLessThan(4096);
  expect(answer).toEqual({
    Status: 'FAILED', PhysicalResourceId: DAEMON_ARN, StackId, RequestId, LogicalResourceId,
    Reason: expect.stringMatching(/^the answer has 5\d{3} bytes, and CloudFormation reads fewer than 4096; use shorter names; the request has ended with: SUCCEEDED: done$/),
  });
});

test('an id of more than 1,024 characters becomes a failure with the beginning of the id', () => {
  expect(bodyFor({ PhysicalResourceId: 'i'.repeat(1024) }).answer.Status).toBe('SUCCESS');
  const { answer } = bodyFor({ PhysicalResourceId: 'i'.repeat(1025) });
  expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'i'.repeat(1024) });
  expect(answer.Reason).toContain('the physical id has 1025 characters, and CloudFormation allows 1024');
});

test.each(['\u{1f600}', '\u{20ac}', '"', '\u0000'])('an id of 1,024 times %j becomes a failure that CloudFormation can read', (character) => {
  const { bytes, answer } = bodyFor({ PhysicalResourceId: `i${character.repeat(1024)}` });
  expect(bytes).toBeLessThan(4096);
  expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('the physical id has') });
  expect(Buffer.from(answer.PhysicalResourceId).toString()).toBe(answer.PhysicalResourceId);
});

test('the body is below 4,096 bytes although the id of the stack is long', () => {
  const request = { ...createRequest(), StackId: 's'.repeat(3500) };
  expect(bodyFor({ Reason: 'r'.repeat(1000) }, request).bytes).toBeLessThan(4096);
});

test('the body is below 4,096 bytes whichever part of the answer is long (E22)', () => {
  fc.assert(fc.property(anyText, anyText, anyText, (Reason, PhysicalResourceId, RevisionArn) => {
    const Data = { RevisionArn: RevisionArn.repeat(3) };
    expect(bodyFor({ Reason: Reason.repeat(3), PhysicalResourceId, Data }).bytes).toBeLessThan(4096);
  }));
});

test('the answer is put with an empty content type, for which the URL is signed, and follows no redirect (E23)', async () => {
  const fetched = jest.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(undefined, { status: 200 }));
  expect(await putByFetch(ResponseURL, 'body')).toBe(200);
  expect(fetched).toHaveBeenCalledWith(ResponseURL, { method: 'PUT', body: 'body', headers: { 'content-type': '' }, redirect: 'error', signal: expect.any(AbortSignal) });
  fetched.mockRestore();
});

test('the ids of the request are sent back verbatim', () => {
  expect(JSON.parse(answerBody(createRequest(), answer))).toEqual({ ...answer, StackId, RequestId, LogicalResourceId });
});

test.each([200, 204, 403])('HTTP %d is final (FM6)', async (status) => {
  const put = jest.fn().mockResolvedValue(status);
  expect(await deliver(put, createRequest(), answer)).toBe(status);
  expect(put).toHaveBeenCalledWith(ResponseURL, answerBody(createRequest(), answer));
});

test('an error of the connection does not contain the URL, which is a credential', async () => {
  const put = async (url: string): Promise<number> => { throw new TypeError(`no connection to ${url}`); };
  await expect(deliver(put, createRequest(), answer)).rejects.toEqual(new Error('no connection to its URL'));
});

test.each([199, 300, 500, 503])('HTTP %d is retried', async (status) => {
  await expect(deliver(async () => status, createRequest(), answer)).rejects.toThrow(`HTTP ${status}`);
});
