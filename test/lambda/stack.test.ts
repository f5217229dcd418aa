import type { ResourceStatus } from '@aws-sdk/client-cloudformation';
import type { CloudFormationRequest } from '../../lambda/request';
import { isRollingBack, openOperations, operationBegan } from '../../lambda/rollout/observe/stack';
import { type StackApi } from '../../lambda/rollout/aws/stack-api';
import { createRequest, deleteRequest, STACK_ID, updateRequest } from './requests';

const ISSUED = Date.UTC(2026, 10, 22, 12);

const rollsBack = async (api: StackApi, request: CloudFormationRequest): Promise<boolean> =>
  isRollingBack(api, request, (await api.describe(STACK_ID)).status);

type Event = { at: number; status: string; id?: string };

function stack(status: string, ...events: Event[]): StackApi & { pages: number } {
  const api: StackApi & { pages: number } = {
    pages: 0,
    describe: async () => ({ status }),
    events: async (_stackId: string, nextToken?: string) => {
      api.pages++;
      const index = Number(nextToken ?? 0);
      const { at, status: name, id = STACK_ID } = events[index]!;
      return {
        events: [{ PhysicalResourceId: id, ResourceStatus: name as ResourceStatus, Timestamp: new Date(ISSUED + at) }],
        nextToken: index + 1 < events.length ? String(index + 1) : undefined,
      };
    },
  };
  return api;
}

test.each([
  ['began before', -60_000, true],
  ['began within the second of issue', 999, true],
  ['began a second after it', 1000, false],
])('an Update is a rollback if the stack rollback %s', async (_when, at, expected) => {
  expect(await rollsBack(stack('UPDATE_ROLLBACK_IN_PROGRESS', { at, status: 'UPDATE_ROLLBACK_IN_PROGRESS' }), updateRequest({}, {}))).toBe(expected);
});

test('a rollback began before the request if no event since the request begins it', async () => {
  const api = stack('UPDATE_ROLLBACK_IN_PROGRESS',
    { at: -1000, status: 'UPDATE_IN_PROGRESS', id: 'other' },
    { at: -2000, status: 'ROLLBACK_IN_PROGRESS', id: 'nested stack' },
    { at: -3000, status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
  expect(await rollsBack(api, updateRequest({}, {}))).toBe(true);
  expect(api.pages).toBe(1); // an event that is older than the request ends the search
});

test('a rollback that began after the request is found however many pages of events there are since', async () => {
  const api = stack('UPDATE_ROLLBACK_IN_PROGRESS',
    ...Array.from({ length: 30 }, () => ({ at: 9000, status: 'UPDATE_COMPLETE', id: 'other' })),
    { at: 5000, status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
  expect(await rollsBack(api, updateRequest({}, {}))).toBe(false);
  expect(api.pages).toBe(31);
});

test.each([
  ['no time', [{ PhysicalResourceId: STACK_ID, ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' as const }]],
  ['no status', [{ PhysicalResourceId: STACK_ID, Timestamp: new Date(ISSUED) }]],
])('an event with %s is not the start of a rollback or an operation', async (_what, events) => {
  const api: StackApi = { describe: async () => ({ status: 'UPDATE_ROLLBACK_IN_PROGRESS' }), events: async () => ({ events }) };
  expect(await rollsBack(api, updateRequest({}, {}))).toBe(false);
  const forth = events.map((event) => 'ResourceStatus' in event ? { ...event, ResourceStatus: 'UPDATE_IN_PROGRESS' as const } : event);
  expect(await operationBegan({ ...api, events: async () => ({ events: forth }) }, STACK_ID)).toBeUndefined();
});

test('a stack without events does not roll back', async () => {
  expect(await rollsBack(stack('UPDATE_ROLLBACK_IN_PROGRESS', { at: 0, status: 'UPDATE_FAILED', id: 'x' }), updateRequest({}, {}))).toBe(false);
});

test.each(['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE'])('a stack in %s does not roll back', async (status) => {
  expect(await rollsBack(stack(status), updateRequest({}, {}))).toBe(false);
});

test('an operation starts with the newest start event of the stack itself, and includes its rollback', async () => {
  const events = [
    { at: -1000, status: 'UPDATE_IN_PROGRESS', id: 'other' },
    { at: -2000, status: 'UPDATE_ROLLBACK_IN_PROGRESS' },
    { at: -3000, status: 'UPDATE_IN_PROGRESS' },
    { at: -4000, status: 'UPDATE_IN_PROGRESS' },
  ];
  expect(await operationBegan(stack('UPDATE_ROLLBACK_IN_PROGRESS', ...events), STACK_ID)).toBe(ISSUED - 3000);
  expect(await operationBegan(stack('UPDATE_ROLLBACK_IN_PROGRESS', ...events.slice(0, 2)), STACK_ID)).toBeUndefined();
});

test('the status alone decides for a request without a date', async () => {
  const request = { ...updateRequest({}, {}), ResponseURL: 'https://bucket/answer' };
  expect(await rollsBack(stack('UPDATE_ROLLBACK_IN_PROGRESS'), request)).toBe(true);
});

test.each([createRequest(), deleteRequest()])('only an Update counts as part of a rollback', async (request) => {
  expect(await rollsBack(stack('UPDATE_ROLLBACK_IN_PROGRESS', { at: -1000, status: 'UPDATE_ROLLBACK_IN_PROGRESS' }), request)).toBe(false);
});

describe('the operations that a stack has not completed', () => {
  const history = (...events: [status: string, id?: string][]): StackApi => ({
    describe: async () => ({ status: 'DELETE_IN_PROGRESS' }),
    events: async (_stackId, nextToken = '0') => {
      const [status, id = STACK_ID] = events[Number(nextToken)]!;
      return {
        events: [{ EventId: `event-${nextToken}`, PhysicalResourceId: id, ResourceStatus: status as ResourceStatus }],
        nextToken: Number(nextToken) + 1 < events.length ? String(Number(nextToken) + 1) : undefined,
      };
    },
  });

  test.each<[string, StackApi, string[]]>([
    ['of a stack whose create is rolled back', history(['ROLLBACK_IN_PROGRESS'], ['CREATE_IN_PROGRESS']), ['event-0', 'event-1']],
    ['of a stack that is deleted after a create without rollback',
      history(['DELETE_IN_PROGRESS'], ['CREATE_FAILED'], ['CREATE_IN_PROGRESS']), ['event-0', 'event-1', 'event-2']],
    ['of a stack whose update is rolled back',
      history(['UPDATE_ROLLBACK_COMPLETE'], ['UPDATE_IN_PROGRESS'], ['CREATE_COMPLETE'], ['CREATE_IN_PROGRESS']), ['event-0', 'event-1']],
    ['of a stack that is updated again after a successful update: that one',
      history(['UPDATE_IN_PROGRESS'], ['UPDATE_COMPLETE'], ['UPDATE_IN_PROGRESS']), ['event-0']],
    ['of a stack in the cleanup of an update, which it completes only after that: the update',
      history(['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'], ['UPDATE_IN_PROGRESS'], ['UPDATE_COMPLETE']), ['event-0', 'event-1']],
    ['of a stack that is deleted: the deletion', history(['DELETE_IN_PROGRESS'], ['IMPORT_COMPLETE'], ['CREATE_IN_PROGRESS']), ['event-0']],
    ['are told by the events of the stack itself, not by those of what it holds',
      history(['CREATE_COMPLETE', 'nested'], ['UPDATE_IN_PROGRESS'], ['UPDATE_COMPLETE', 'resource'], ['UPDATE_COMPLETE']), ['event-1']],
  ])('%s', async (_, api, expected) => {
    expect(await openOperations(api, STACK_ID)).toEqual(expected);
  });
});
