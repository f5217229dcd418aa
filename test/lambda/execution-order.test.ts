import { isNewer, newestAmong, ofSameResource } from '../../lambda/execution-order';
import type { Execution } from '../../lambda/execution';
import { executionName, parseExecutionName } from '../../lambda/request';
import { createRequest } from './requests';

const nameAt = (second: number, LogicalResourceId = 'Agent'): string =>
  executionName({ ...createRequest(), LogicalResourceId, ResponseURL: `https://bucket/answer?X-Amz-Date=20261122T12000${second}Z` });

const execution = (name: string, startedAt = 0): Execution => ({ arn: `arn:${name}`, name, status: 'RUNNING', startedAt });

const [first, second, third] = [execution(nameAt(1)), execution(nameAt(2)), execution(nameAt(3))];
const other = execution(nameAt(9, 'Other'));
const foreign = execution('order-1234');
const { resource } = parseExecutionName(first.name)!;

test('the executions of a resource are identified by their names', () => {
  expect(ofSameResource([first, other, foreign, second], third.name)).toEqual([first, second]);
});

test('an execution that is dated further ahead than its start counts for no resource', () => {
  const began = Date.parse('2026-11-22T12:00:03Z');
  const forged = execution(executionName({ ...createRequest(), ResponseURL: 'https://bucket/answer?X-Amz-Date=99991231T235959Z' }), began);
  const ahead = execution(executionName({ ...createRequest(), ResponseURL: 'https://bucket/answer?X-Amz-Date=20261122T122003Z' }), began);
  expect(ofSameResource([first, forged, ahead], third.name)).toEqual([first, ahead]);
  expect(newestAmong([first, forged], resource)).toBe(first);
});

test('an execution with another form of name belongs to no resource', () => {
  expect(ofSameResource([first, foreign], foreign.name)).toEqual([]);
});

test('the newest execution of a resource is the one of its newest request, in any order of the list', () => {
  for (const listed of [[first, third, second], [third, first, second], [other, second, foreign, first, third]]) {
    expect(newestAmong(listed, resource)).toBe(third);
  }
  expect(newestAmong([other, foreign], resource)).toBeUndefined();
});

test('a request is newer by its moment of issue, and by arrival where that is the same (FM31)', () => {
  expect(isNewer(second, { ...first, startedAt: 9 })).toBe(true);
  expect(isNewer({ ...first, startedAt: 9 }, second)).toBe(false);
  expect(isNewer({ ...first, startedAt: 2 }, { ...first, startedAt: 1 })).toBe(true);
  expect(isNewer({ ...first, startedAt: 1 }, { ...first, startedAt: 2 })).toBe(false);
});

test('a request is not newer than itself', () => {
  expect(isNewer(first, first)).toBe(false);
});
