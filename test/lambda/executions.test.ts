import {
  GetDurableExecutionHistoryCommand, LambdaClient, ListDurableExecutionsByFunctionCommand, type ExecutionStatus,
} from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { hasEnded, sdkExecutionReader } from '../../lambda/executions';

const client = new LambdaClient({ region: 'us-east-1' });
const lambda = mockClient(client);
const reader = sdkExecutionReader('rollout', client);

beforeEach(() => lambda.reset());

const listed = (name: string, Status: string) => ({ DurableExecutions: [{
  DurableExecutionArn: `arn:${name}`, DurableExecutionName: name, FunctionArn: 'arn:rollout', Status: Status as ExecutionStatus, StartTimestamp: new Date(0),
}] });

test.each([
  ['SUCCEEDED', true], ['FAILED', true], ['STOPPED', true], ['TIMED_OUT', true],
  ['RUNNING', false], ['PAUSING', false], ['PAUSED', false], ['A_STATUS_OF_TOMORROW', false],
])('an execution that is %s has ended: %s (EN40)', (status, expected) => {
  expect(hasEnded({ status })).toBe(expected);
});

describe('the list of live executions', () => {
  test('contains paused executions', async () => {
    lambda.on(ListDurableExecutionsByFunctionCommand).resolves(listed('a', 'PAUSED'));
    expect(await reader.alive()).toEqual([{ arn: 'arn:a', name: 'a', status: 'PAUSED', startedAt: 0 }]);
    expect(lambda.call(0).args[0].input).toMatchObject({ Statuses: ['RUNNING', 'PAUSING', 'PAUSED'] });
  });

  test('is read without paused ones if Lambda does not accept their statuses', async () => {
    const refusal = Object.assign(new Error('1 validation error detected'), { name: 'InvalidParameterValueException' });
    lambda.on(ListDurableExecutionsByFunctionCommand, { Statuses: ['RUNNING', 'PAUSING', 'PAUSED'] as ExecutionStatus[] }).rejects(refusal)
      .on(ListDurableExecutionsByFunctionCommand, { Statuses: ['RUNNING'] }).resolves(listed('a', 'RUNNING'));
    expect(await reader.alive()).toHaveLength(1);
  });

  test('is not read with fewer statuses after another error', async () => {
    const error = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    lambda.on(ListDurableExecutionsByFunctionCommand).rejects(error);
    await expect(reader.alive()).rejects.toBe(error);
    expect(lambda.calls()).toHaveLength(1);
  });
});

test.each([
  ['tells when an execution was paused last', ['WaitSucceeded', 'ExecutionPaused', 'ExecutionResumed', 'ExecutionPaused'], 1000],
  ['may tell nothing of a pause', ['StepSucceeded'], undefined],
])('the history %s', async (_what, types, expected) => {
  const Events = types.map((type, index) => ({ EventType: type as 'StepSucceeded', EventTimestamp: new Date(index * 1000), EventId: index }));
  lambda.on(GetDurableExecutionHistoryCommand).resolves({ Events });
  expect(await reader.pausedAt('arn:a')).toBe(expected);
  expect(lambda.call(0).args[0].input).toMatchObject({ IncludeExecutionData: false, ReverseOrder: true });
});
