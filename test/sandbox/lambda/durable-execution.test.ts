import {
  DurableExecutionAlreadyStartedException, GetDurableExecutionCommand, GetDurableExecutionHistoryCommand, InvokeCommand,
  ListDurableExecutionsByFunctionCommand, StopDurableExecutionCommand, type GetDurableExecutionResponse,
} from '@aws-sdk/client-lambda';
import { ConnectionLost } from '../../../sandbox';
import { startLambdaRig, type LambdaRig } from './lambda-rig';

const START = Date.parse('2026-01-01T00:00:00Z');
const durable = { ExecutionTimeout: 3600 };

let rig: LambdaRig;

afterEach(() => rig.close());

async function start(functionArn: string, event: object = {}, name?: string): Promise<string> {
  const { DurableExecutionArn } = await rig.lambda.send(new InvokeCommand({
    FunctionName: functionArn, InvocationType: 'Event', DurableExecutionName: name, Payload: JSON.stringify(event),
  }));
  return DurableExecutionArn!;
}

async function ended(arn: string): Promise<GetDurableExecutionResponse> {
  await rig.sandbox.lambda.executionEnded(arn);
  return rig.lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: arn }));
}

const run = async (functionArn: string, event?: object): Promise<GetDurableExecutionResponse> => ended(await start(functionArn, event));

const requests = (name: string): number => rig.sandbox.requests.filter(({ operation }) => operation === name).length;

async function eventTypes(arn: string): Promise<string[]> {
  const { Events } = await rig.lambda.send(new GetDurableExecutionHistoryCommand({ DurableExecutionArn: arn, MaxItems: 1000 }));
  return Events!.map(({ EventType }) => EventType!);
}

const invocations = async (arn: string): Promise<number> =>
  (await eventTypes(arn)).filter((type) => type === 'InvocationCompleted').length;

const secondsOf = (name: string): number[] =>
  rig.witness.heard.filter((told) => told.name === name).map(({ time }) => (time - START) / 1000);

/** Does something before, or after, the nth checkpoint. */
function atCheckpoint(number: number, moment: 'before' | 'after', action: () => void): void {
  let count = 0;
  rig.sandbox.intercept({ [moment]: ({ operation }: { operation: string }) => {
    if (operation === 'CheckpointDurableExecution' && ++count === number) action();
  } });
}

describe('the replay of operations', () => {
  test('runs each step once, and keeps its result', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.steps', { durable }), { base: 4 });
    expect(execution).toMatchObject({ Status: 'SUCCEEDED', Result: '50', InputPayload: '{"base":4}', Version: '1' });
  });

  test('takes exactly 120 s of virtual time for five polls 30 s apart, in one operation (EN1)', async () => {
    rig = await startLambdaRig();
    const { Result, StartTimestamp, EndTimestamp, DurableExecutionArn } = await run(
      await rig.createFunction('durable.poll', { durable }), { polls: 5, seconds: 30 },
    );
    expect(JSON.parse(Result!)).toEqual([0, 30, 60, 90, 120].map((seconds) => START + seconds * 1000));
    expect([StartTimestamp, EndTimestamp]).toEqual([new Date(START), new Date(START + 120_000)]);
    expect(secondsOf('answer')).toEqual([120]);
    expect(await invocations(DurableExecutionArn!)).toBe(5);
    expect(requests('CheckpointDurableExecution')).toBe(8); // one a poll, since its body does no I/O
  });

  test('retries a step after its delay', async () => {
    rig = await startLambdaRig();
    expect(await run(await rig.createFunction('durable.retries', { durable }), { failures: 2 })).toMatchObject({ Status: 'SUCCEEDED', Result: '3' });
    expect(secondsOf('attempt')).toEqual([0, 10, 30]);
  });

  test('fails the execution with the error of a step without retries', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.retries', { durable }), { failures: 9 });
    expect(execution).toMatchObject({ Status: 'FAILED', Error: { ErrorType: 'StepError', ErrorMessage: 'failure 4' } });
  });

  test('ends a wait by itself', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.waits', { durable }), { seconds: 90 });
    expect(execution).toMatchObject({ Status: 'SUCCEEDED', Result: String(START + 90_000) });
  });

  test('runs waits of branches in parallel', async () => {
    rig = await startLambdaRig();
    const { Status, Result } = await run(await rig.createFunction('durable.branches', { durable }));
    expect([Status, JSON.parse(Result!)]).toEqual(['SUCCEEDED', ['a', START + 10_000, START + 60_000]]);
  });

  test('fetches operations beyond the first page before the handler runs', async () => {
    rig = await startLambdaRig({ lambda: { inputPageSize: 3 } });
    const execution = await run(await rig.createFunction('durable.many', { durable }), { count: 10 });
    expect(execution).toMatchObject({ Status: 'SUCCEEDED', Result: '45' });
    expect(requests('GetDurableExecutionState')).toBe(1);
  });

  test('fails the execution at once for an error of the handler', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.fails', { durable }));
    expect(execution).toMatchObject({ Status: 'FAILED', Error: { ErrorType: 'TypeError', ErrorMessage: 'it does not add up' } });
    expect(execution.EndTimestamp).toEqual(new Date(START));
  });

  test('rejects PENDING without pending operations (EN32)', async () => {
    rig = await startLambdaRig();
    const { Status, Error: error } = await run(await rig.createFunction('durable.pendingForNothing', { durable }));
    expect([Status, error?.ErrorMessage]).toEqual(['FAILED', 'Cannot return PENDING status with no pending operations.']);
  });

  test('has a history, without payloads if they are not requested', async () => {
    rig = await startLambdaRig();
    const { DurableExecutionArn } = await run(await rig.createFunction('durable.waits', { durable }), { seconds: 5 });
    expect(await eventTypes(DurableExecutionArn!)).toEqual([
      'ExecutionStarted', 'WaitStarted', 'InvocationCompleted', 'WaitSucceeded',
      'StepStarted', 'StepSucceeded', 'InvocationCompleted', 'ExecutionSucceeded',
    ]);
    const { Events } = await rig.lambda.send(new GetDurableExecutionHistoryCommand({
      DurableExecutionArn, IncludeExecutionData: false, ReverseOrder: true,
    }));
    expect(Events![0]).toMatchObject({ EventType: 'ExecutionSucceeded', EventId: 8, EventTimestamp: new Date(START + 5000) });
    expect(Events![0]!.ExecutionSucceededDetails?.Result?.Payload).toBeUndefined();
  });
});

describe('the name and version of an execution', () => {
  test('return the existing execution for the same payload, running or closed (EN10)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.poll', { durable });
    const event = { polls: 3, seconds: 30 };
    const first = await start(functionArn, event, 'name');
    await expect(start(functionArn, event, 'name')).resolves.toBe(first);
    await ended(first);
    await expect(start(functionArn, event, 'name')).resolves.toBe(first);
    expect(rig.witness.count('answer')).toBe(1);
  });

  test('are rejected for another payload (EN10)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable });
    await start(functionArn, { base: 1 }, 'name');
    const refused = start(functionArn, { base: 2 }, 'name');
    await expect(refused).rejects.toThrow(DurableExecutionAlreadyStartedException);
    await expect(refused).rejects.toMatchObject({ $metadata: { httpStatusCode: 409 } });
  });

  test('are free again after the retention (EN31)', async () => {
    rig = await startLambdaRig({ clock: 'manual' });
    const functionArn = await rig.createFunction('durable.steps', { durable: { ...durable, RetentionPeriodInDays: 1 } });
    const first = await start(functionArn, { base: 1 }, 'name');
    await ended(first);
    await rig.sandbox.clock.advance(86_399);
    await expect(start(functionArn, { base: 1 }, 'name')).resolves.toBe(first);
    await rig.sandbox.clock.advance(1);
    const second = await start(functionArn, { base: 2 }, 'name');
    expect(second).not.toBe(first);
    await ended(second);
  });

  test.each(['', 'with space', 'x'.repeat(65), 'dot.dot'])('are rejected with the name %p (EN20)', async (name) => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable });
    await expect(rig.sandbox.call('lambda', 'Invoke', { FunctionName: functionArn, InvocationType: 'Event', DurableExecutionName: name }))
      .rejects.toMatchObject({ code: 'InvalidParameterValueException' });
  });

  test.each([['function', true], ['account', false]] as const)('are unique in the %s (EN21)', async (executionNameScope, isAccepted) => {
    rig = await startLambdaRig({ lambda: { executionNameScope } });
    await start(await rig.createFunction('durable.steps', { durable }), { base: 1 }, 'name');
    const again = start(await rig.createFunction('durable.steps', { durable }), { base: 2 }, 'name');
    expect(await again.then(() => true, () => false)).toBe(isAccepted);
  });

  test('are in its ARN, with the function and an id (EN22)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable, name: 'rollout' });
    await expect(start(functionArn, { base: 1 }, 'my-name')).resolves.toMatch(
      /^arn:aws:lambda:us-east-1:123456789012:function:rollout:1\/durable-execution\/my-name\/[0-9a-f-]{36}$/,
    );
  });

  test('are required in an invocation (EN9, DF2)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable });
    await expect(start(functionArn.replace(/:1$/, ''))).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test('are rejected for a function that is not durable', async () => {
    rig = await startLambdaRig();
    await expect(start(await rig.createFunction('ordinary.echo'), {}, 'name')).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test('stay the same until its end (EN9)', async () => {
    rig = await startLambdaRig({ clock: 'manual' });
    const functionArn = await rig.createFunction('durable.poll', { durable, name: 'rollout' });
    await rig.sandbox.call('lambda', 'CreateAlias', { FunctionName: 'rollout', Name: 'live', FunctionVersion: '1' });
    const arn = await start(functionArn.replace(/:1$/, ':live'), { polls: 2, seconds: 30 });
    await rig.sandbox.call('lambda', 'UpdateFunctionConfiguration', { FunctionName: 'rollout', Handler: 'index.fails' });
    await rig.sandbox.call('lambda', 'PublishVersion', { FunctionName: 'rollout' });
    await rig.sandbox.call('lambda', 'UpdateAlias', { FunctionName: 'rollout', Name: 'live', FunctionVersion: '2' });
    await rig.sandbox.clock.advance(30);
    expect(await ended(arn)).toMatchObject({ Status: 'SUCCEEDED', Version: '1' });
    const second = await start(functionArn.replace(/:1$/, ':live'));
    expect(await ended(second)).toMatchObject({ Status: 'FAILED', Version: '2' });
  });

  test('are filters of lists, with status and time, in pages (EN29)', async () => {
    rig = await startLambdaRig({ clock: 'manual' });
    const functionArn = await rig.createFunction('durable.poll', { durable, name: 'rollout' });
    const done = await start(functionArn, { polls: 1, seconds: 1 }, 'done');
    await ended(done);
    await rig.sandbox.clock.advance(60);
    const older = await start(functionArn, { polls: 9, seconds: 30 }, 'a');
    const running = [await start(functionArn, { polls: 9, seconds: 30 }, 'b'), older]; // newest first
    const list = async (filter: object): Promise<(string | undefined)[]> => {
      const { DurableExecutions } = await rig.lambda.send(new ListDurableExecutionsByFunctionCommand({ FunctionName: 'rollout', ...filter }));
      return DurableExecutions!.map(({ DurableExecutionArn }) => DurableExecutionArn);
    };
    expect(await list({})).toEqual([...running, done]);
    expect(await list({ Statuses: ['RUNNING'] })).toEqual(running);
    expect(await list({ Statuses: ['SUCCEEDED', 'FAILED'] })).toEqual([done]);
    expect(await list({ DurableExecutionName: 'b' })).toEqual([running[0]]);
    expect(await list({ Qualifier: '1', ReverseOrder: true })).toEqual([done, ...[...running].reverse()]);
    expect(await list({ Qualifier: '7' })).toEqual([]);
    expect(await list({ StartedAfter: new Date(START + 30_000) })).toEqual(running);
    expect(await list({ StartedBefore: new Date(START + 30_000) })).toEqual([done]);
    const first = await rig.lambda.send(new ListDurableExecutionsByFunctionCommand({ FunctionName: 'rollout', MaxItems: 2 }));
    expect(await list({ MaxItems: 2, Marker: first.NextMarker })).toEqual([done]);
  });
});

describe('the repetition of an interrupted execution', () => {
  test('runs an at-least-once step again after a crash of its environment (EN4, EN24)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.unfenced', { durable, name: 'rollout' });
    rig.witness.onHeard = (_name, count) => void (count === 1 && rig.sandbox.lambda.crash('rollout'));
    const execution = await run(functionArn);
    expect(execution).toMatchObject({ Status: 'SUCCEEDED' });
    expect(secondsOf('write')).toEqual([0, 1]); // the first pause after a failed invocation
  });

  test('applies the retry strategy of an at-most-once step after a crash of its environment (EN4)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.fenced', { durable, name: 'rollout' });
    rig.witness.onHeard = (_name, count) => void (count === 1 && rig.sandbox.lambda.crash('rollout'));
    expect(await run(functionArn)).toMatchObject({ Status: 'SUCCEEDED' });
    expect(secondsOf('write')).toEqual([0, 6]); // a second until the invocation is repeated, five by the strategy
  });

  test.each([['before', [1]], ['after', [6]]] as const)('performs a fenced write once after a crash %s the checkpoint of START (EN4)', async (moment, times) => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.fenced', { durable, name: 'rollout' });
    atCheckpoint(1, moment, () => {
      rig.sandbox.lambda.crash('rollout');
      if (moment === 'before') throw new ConnectionLost();
    });
    expect(await run(functionArn)).toMatchObject({ Status: 'SUCCEEDED' });
    expect(secondsOf('write')).toEqual(times);
  });

  test('performs no fenced write after a stop during START (EN4, EN28)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.fenced', { durable, name: 'rollout' });
    let stopped: Promise<unknown> | undefined;
    rig.sandbox.intercept({ before: async ({ operation, input }) => {
      if (operation === 'CheckpointDurableExecution') await (stopped ??= rig.sandbox.call('lambda', 'StopDurableExecution', input));
    } });
    expect(await run(functionArn)).toMatchObject({ Status: 'STOPPED' });
    expect(rig.witness.heard).toEqual([]);
  });

  test('does not follow a stop, which is final, keeps its error, and needs no invocation (EN28)', async () => {
    rig = await startLambdaRig({ clock: 'manual' });
    const arn = await start(await rig.createFunction('durable.poll', { durable }), { polls: 9, seconds: 30 });
    await rig.sandbox.clock.advance(45);
    const { StopTimestamp } = await rig.lambda.send(new StopDurableExecutionCommand({
      DurableExecutionArn: arn, Error: { ErrorType: 'Superseded', ErrorMessage: 'by another' },
    }));
    await rig.sandbox.clock.advance(600);
    expect(StopTimestamp).toEqual(new Date(START + 45_000));
    expect(await ended(arn)).toMatchObject({
      Status: 'STOPPED', EndTimestamp: StopTimestamp, Error: { ErrorType: 'Superseded', ErrorMessage: 'by another' },
    });
    expect(await invocations(arn)).toBe(2);
    await expect(rig.sandbox.call('lambda', 'CheckpointDurableExecution', { DurableExecutionArn: arn, CheckpointToken: 'any' }))
      .rejects.toMatchObject({ code: 'InvalidParameterValueException', message: 'Invalid checkpoint token' });
  });

  test('has growing delays until the execution times out (EN24)', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.crashes', { durable: { ExecutionTimeout: 60 } }));
    expect(execution).toMatchObject({ Status: 'TIMED_OUT', EndTimestamp: new Date(START + 60_000) });
    expect(secondsOf('crash')).toEqual([0, 1, 3, 7, 15, 31]);
  });

  test('ends after maximumInvocationAttempts (EN24)', async () => {
    rig = await startLambdaRig({ lambda: { maximumInvocationAttempts: 3, invocationRetryDelaysSeconds: [10] } });
    const execution = await run(await rig.createFunction('durable.crashes', { durable }));
    expect(execution).toMatchObject({ Status: 'FAILED', Error: { ErrorType: 'Error', ErrorMessage: 'unusable' } });
    expect(secondsOf('crash')).toEqual([0, 10, 20]);
  });

  test('does not follow a stale token under SDK 2.4.0, which fails the execution (EN5)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable });
    rig.sandbox.intercept({ before: ({ operation, input }) => {
      if (operation === 'CheckpointDurableExecution') rig.sandbox.lambda.makeCheckpointTokenStale(input.DurableExecutionArn);
    } });
    const { Status, Error: error } = await run(functionArn, { base: 1 });
    expect([Status, error?.ErrorMessage]).toEqual(['FAILED', expect.stringContaining('Invalid checkpoint token')]);
  });

  test('succeeds with the wrapped client (EN5)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.tolerantSteps', { durable });
    let isFirst = true;
    rig.sandbox.intercept({ before: ({ operation, input }) => {
      if (operation !== 'CheckpointDurableExecution' || !isFirst) return;
      isFirst = false;
      rig.sandbox.lambda.makeCheckpointTokenStale(input.DurableExecutionArn);
    } });
    const { Status, DurableExecutionArn } = await run(functionArn);
    expect([Status, await invocations(DurableExecutionArn!)]).toEqual(['SUCCEEDED', 2]);
  });

  test.each([['same-reply', 'SUCCEEDED'], ['stale-token', 'FAILED']] as const)(
    'a checkpoint whose reply was lost, repeated under %s: %s', async (repeatedCheckpoint, status) => {
      rig = await startLambdaRig({ lambda: { repeatedCheckpoint } });
      const functionArn = await rig.createFunction('durable.steps', { durable });
      atCheckpoint(1, 'after', () => {
        throw new ConnectionLost();
      });
      expect(await run(functionArn, { base: 4 })).toMatchObject({ Status: status });
    },
  );
});

test('the same seed gives the same run', async () => {
  const histories: unknown[] = [];
  for (const seed of [7, 7, 8]) {
    rig = await startLambdaRig({ seed });
    const { DurableExecutionArn } = await run(await rig.createFunction('durable.retries', { durable }), { failures: 2 });
    histories.push(await rig.sandbox.call('lambda', 'GetDurableExecutionHistory', { DurableExecutionArn, MaxItems: 1000 }), DurableExecutionArn);
    if (histories.length < 6) await rig.close();
  }
  expect(histories.slice(0, 2)).toEqual(histories.slice(2, 4));
  expect(histories[5]).not.toBe(histories[1]);
});

test('timers are late by timerLatenessSeconds', async () => {
  rig = await startLambdaRig({ lambda: { timerLatenessSeconds: 4 } });
  const { Result } = await run(await rig.createFunction('durable.poll', { durable }), { polls: 3, seconds: 30 });
  expect(JSON.parse(Result!)).toEqual([0, 34, 68].map((seconds) => START + seconds * 1000));
});

describe('the end of an execution', () => {
  test('is a timeout, after which none of its code runs (EN26)', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.poll', { durable: { ExecutionTimeout: 100 } }), { polls: 9, seconds: 30 });
    expect(execution).toMatchObject({ Status: 'TIMED_OUT', EndTimestamp: new Date(START + 100_000) });
    expect(rig.witness.heard).toEqual([]);
  });

  test('delays the deletion of its function, which starts no new one (EN7)', async () => {
    rig = await startLambdaRig({ clock: 'manual' });
    const functionArn = await rig.createFunction('durable.poll', { durable, name: 'rollout' });
    const arn = await start(functionArn, { polls: 3, seconds: 30 });
    expect(await rig.sandbox.call('lambda', 'DeleteFunction', { FunctionName: 'rollout' })).toEqual({ StatusCode: 202 });
    expect(await rig.sandbox.call('lambda', 'GetFunctionConfiguration', { FunctionName: 'rollout' })).toMatchObject({
      State: 'Deleting', StateReasonCode: 'DrainingDurableExecutions',
    });
    await expect(start(functionArn, {})).rejects.toMatchObject({ name: 'ResourceConflictException' });
    await rig.sandbox.clock.advance(59);
    await rig.sandbox.call('lambda', 'GetFunctionConfiguration', { FunctionName: 'rollout' });
    await rig.sandbox.clock.advance(1);
    expect(rig.witness.count('answer')).toBe(1);
    await expect(rig.sandbox.call('lambda', 'GetFunctionConfiguration', { FunctionName: 'rollout' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await expect(rig.sandbox.call('lambda', 'GetDurableExecution', { DurableExecutionArn: arn })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  test('delays the deletion of its version (EN7)', async () => {
    rig = await startLambdaRig({ clock: 'manual' });
    const functionArn = await rig.createFunction('durable.poll', { durable, name: 'rollout' });
    await start(functionArn, { polls: 2, seconds: 30 });
    await rig.sandbox.call('lambda', 'DeleteFunction', { FunctionName: 'rollout', Qualifier: '1' });
    const versions = async (): Promise<string[]> =>
      (await rig.sandbox.call('lambda', 'ListVersionsByFunction', { FunctionName: 'rollout' })).Versions.map(({ Version }: { Version: string }) => Version);
    expect(await versions()).toEqual(['$LATEST', '1']);
    await rig.sandbox.clock.advance(30);
    expect(await versions()).toEqual(['$LATEST']);
  });

  test('returns its result to a synchronous caller (EN27)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.poll', { durable });
    const { Payload, DurableExecutionArn, FunctionError } = await rig.lambda.send(new InvokeCommand({
      FunctionName: functionArn, Payload: JSON.stringify({ polls: 2, seconds: 60 }),
    }));
    expect(JSON.parse(Payload!.transformToString())).toEqual([START, START + 60_000]);
    expect([DurableExecutionArn, FunctionError]).toEqual([expect.stringContaining('/durable-execution/'), undefined]);
  });

  test('is an event, like every change of status (EN33)', async () => {
    rig = await startLambdaRig();
    const watchdogArn = await rig.createFunction('ordinary.receives', { name: 'watchdog' });
    const { RuleArn } = await rig.sandbox.call('events', 'PutRule', {
      Name: 'watchdog',
      EventPattern: JSON.stringify({ 'source': ['aws.lambda'], 'detail-type': ['Durable Execution Status Change'] }),
    });
    await rig.sandbox.call('events', 'PutTargets', { Rule: 'watchdog', Targets: [{ Id: '1', Arn: watchdogArn }] });
    await rig.sandbox.call('lambda', 'AddPermission', {
      FunctionName: watchdogArn, StatementId: 'rule', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn: RuleArn,
    });
    const functionArn = await rig.createFunction('durable.fails', { durable, name: 'rollout' });
    const arn = await start(functionArn, {}, 'name');
    await ended(arn);
    await rig.sandbox.clock.sleep(1);
    const details = rig.witness.heard.map(({ name }) => JSON.parse(name).detail);
    expect(details).toEqual(expect.arrayContaining([
      { durableExecutionArn: arn, durableExecutionName: 'name', functionArn, status: 'RUNNING', startTimestamp: '2026-01-01T00:00:00.000Z' },
      {
        durableExecutionArn: arn, durableExecutionName: 'name', functionArn, status: 'FAILED',
        startTimestamp: '2026-01-01T00:00:00.000Z', endTimestamp: '2026-01-01T00:00:00.000Z',
      },
    ]));
    expect(details).toHaveLength(2);
  });
});
