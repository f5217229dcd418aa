import { eventHash, executionName, executionNameIn, issuedAt, parseExecutionName } from '../../lambda/request';
import { createRequest, deleteRequest } from './requests';

const at = (moment: string) => ({ ...createRequest(), ResponseURL: `https://bucket/answer?X-Amz-Algorithm=a&X-Amz-Date=${moment}&X-Amz-Expires=7200` });

test('the name of an execution has 64 characters: resource, moment of issue, event', () => {
  expect(executionName(at('20261122T120000Z'))).toMatch(/^[0-9a-f]{20}-20261122T120000Y-[0-9a-f]{26}$/);
});

test('the same RequestId with another URL is another execution of the same resource (FM30)', () => {
  const [a, b] = [at('20261122T120000Z'), at('20261122T120001Z')].map((request) => parseExecutionName(executionName(request))!);
  expect(a.resource).toBe(b.resource);
  expect(a.event).not.toBe(b.event);
});

test('the name of an execution of another resource has another first part', () => {
  const other = { ...createRequest(), LogicalResourceId: 'Other' };
  expect(executionName(other).slice(0, 20)).not.toBe(executionName(createRequest()).slice(0, 20));
});

test('requests without a date count as equally old', () => {
  expect(executionName({ ...createRequest(), ResponseURL: 'https://bucket/answer?Expires=1' })).toContain('-00000000T000000Y-');
  expect(issuedAt({ ...createRequest(), ResponseURL: 'https://bucket/answer' })).toBeUndefined();
});

test('the time of issue is read to the second', () => {
  expect(issuedAt(at('20261122T235959Z'))).toBe(Date.UTC(2026, 10, 22, 23, 59, 59));
});

test('the client token has at most 36 characters, and is the same for every delivery (A17)', () => {
  expect(eventHash(createRequest())).toHaveLength(26);
  expect(eventHash(createRequest())).toBe(eventHash(createRequest()));
  expect(eventHash(createRequest())).not.toBe(eventHash(deleteRequest()));
});

test('an execution name of another form is not ours', () => {
  expect(parseExecutionName('order-1234')).toBeUndefined();
});

test('the name of an execution is read from its ARN, and from no other ARN (EN22)', () => {
  const name = executionName(createRequest());
  expect(executionNameIn(`arn:aws:lambda:us-east-1:123456789012:function:rollout:1/durable-execution/${name}/id`)).toBe(name);
  expect(executionNameIn('arn:aws:lambda:us-east-1:123456789012:function:rollout:1')).toBe('');
});
