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

describe('operations and replay', () => {
  test('steps run once each, and the result is kept', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.steps', { durable }), { base: 4 });
    expect(execution).toMatchObject({ Status: 'SUCCEEDED', Result: '50', InputPayload: '{"base":4}', Version: '1' });
  });

  test('five polls 30 s apart take 120 s of virtual time exactly, in one operation (EN1)', async () => {
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

  test('a step is tried again when its delay is over', async () => {
    rig = await startLambdaRig();
    expect(await run(await rig.createFunction('durable.retries', { durable }), { failures: 2 })).toMatchObject({ Status: 'SUCCEEDED', Result: '3' });
    expect(secondsOf('attempt')).toEqual([0, 10, 30]);
  });

  test('a step that gives up fails the execution with its error', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.retries', { durable }), { failures: 9 });
    expect(execution).toMatchObject({ Status: 'FAILED', Error: { ErrorType: 'StepError', ErrorMessage: 'failure 4' } });
  });

  test('a wait ends by itself', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.waits', { durable }), { seconds: 90 });
    expect(execution).toMatchObject({ Status: 'SUCCEEDED', Result: String(START + 90_000) });
  });

  test('branches wait side by side', async () => {
    rig = await startLambdaRig();
    const { Status, Result } = await run(await rig.createFunction('durable.branches', { durable }));
    expect([Status, JSON.parse(Result!)]).toEqual(['SUCCEEDED', ['a', START + 10_000, START + 60_000]]);
  });

  test('operations beyond the first page are fetched before the handler runs', async () => {
    rig = await startLambdaRig({ lambda: { inputPageSize: 3 } });
    const execution = await run(await rig.createFunction('durable.many', { durable }), { count: 10 });
    expect(execution).toMatchObject({ Status: 'SUCCEEDED', Result: '45' });
    expect(requests('GetDurableExecutionState')).toBe(1);
  });

  test('an error of the handler fails the execution at once', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.fails', { durable }));
    expect(execution).toMatchObject({ Status: 'FAILED', Error: { ErrorType: 'TypeError', ErrorMessage: 'it does not add up' } });
    expect(execution.EndTimestamp).toEqual(new Date(START));
  });

  test('PENDING with nothing pending is refused (EN32)', async () => {
    rig = await startLambdaRig();
    const { Status, Error: error } = await run(await rig.createFunction('durable.pendingForNothing', { durable }));
    expect([Status, error?.ErrorMessage]).toEqual(['FAILED', 'Cannot return PENDING status with no pending operations.']);
  });

  test('the history tells what happened, without payloads if they are not wanted', async () => {
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

describe('names, versions and lists', () => {
  test('the same name with the same payload is the execution that exists, running or closed (EN10)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.poll', { durable });
    const event = { polls: 3, seconds: 30 };
    const first = await start(functionArn, event, 'name');
    await expect(start(functionArn, event, 'name')).resolves.toBe(first);
    await ended(first);
    await expect(start(functionArn, event, 'name')).resolves.toBe(first);
    expect(rig.witness.count('answer')).toBe(1);
  });

  test('the same name with another payload is refused (EN10)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable });
    await start(functionArn, { base: 1 }, 'name');
    const refused = start(functionArn, { base: 2 }, 'name');
    await expect(refused).rejects.toThrow(DurableExecutionAlreadyStartedException);
    await expect(refused).rejects.toMatchObject({ $metadata: { httpStatusCode: 409 } });
  });

  test('a name is free again when the retention has ended (EN31)', async () => {
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

  test.each(['', 'with space', 'x'.repeat(65), 'dot.dot'])('the name %p is refused (EN20)', async (name) => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable });
    await expect(rig.sandbox.call('lambda', 'Invoke', { FunctionName: functionArn, InvocationType: 'Event', DurableExecutionName: name }))
      .rejects.toMatchObject({ code: 'InvalidParameterValueException' });
  });

  test.each([['function', true], ['account', false]] as const)('a name is unique in the %s (EN21)', async (executionNameScope, isAccepted) => {
    rig = await startLambdaRig({ lambda: { executionNameScope } });
    await start(await rig.createFunction('durable.steps', { durable }), { base: 1 }, 'name');
    const again = start(await rig.createFunction('durable.steps', { durable }), { base: 2 }, 'name');
    expect(await again.then(() => true, () => false)).toBe(isAccepted);
  });

  test('the ARN names function, version, execution and an id (EN22)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable, name: 'rollout' });
    await expect(start(functionArn, { base: 1 }, 'my-name')).resolves.toMatch(
      /^arn:aws:lambda:us-east-1:123456789012:function:rollout:1\/durable-execution\/my-name\/[0-9a-f-]{36}$/,
    );
  });

  test('an invocation without version or alias is refused (EN9, DF2)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable });
    await expect(start(functionArn.replace(/:1$/, ''))).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test('DurableExecutionName is refused for a function that is not durable', async () => {
    rig = await startLambdaRig();
    await expect(start(await rig.createFunction('ordinary.echo'), {}, 'name')).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test('an execution stays on the version it started with (EN9)', async () => {
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

  test('executions are listed by status, name, qualifier and time, page by page (EN29)', async () => {
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

describe('crashes and repeats', () => {
  test('an at-least-once step whose environment dies runs again (EN4, EN24)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.unfenced', { durable, name: 'rollout' });
    rig.witness.onHeard = (_name, count) => void (count === 1 && rig.sandbox.lambda.crash('rollout'));
    const execution = await run(functionArn);
    expect(execution).toMatchObject({ Status: 'SUCCEEDED' });
    expect(secondsOf('write')).toEqual([0, 1]); // the first pause after a failed invocation
  });

  test('an at-most-once step whose environment dies asks its retry strategy (EN4)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.fenced', { durable, name: 'rollout' });
    rig.witness.onHeard = (_name, count) => void (count === 1 && rig.sandbox.lambda.crash('rollout'));
    expect(await run(functionArn)).toMatchObject({ Status: 'SUCCEEDED' });
    expect(secondsOf('write')).toEqual([0, 6]); // a second until the invocation is repeated, five by the strategy
  });

  test.each([['before', [1]], ['after', [6]]] as const)('killed %s the checkpoint of START, a fenced write happens once (EN4)', async (moment, times) => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.fenced', { durable, name: 'rollout' });
    atCheckpoint(1, moment, () => {
      rig.sandbox.lambda.crash('rollout');
      if (moment === 'before') throw new ConnectionLost();
    });
    expect(await run(functionArn)).toMatchObject({ Status: 'SUCCEEDED' });
    expect(secondsOf('write')).toEqual(times);
  });

  test('stopped while START is on its way, a fenced write does not happen (EN4, EN28)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.fenced', { durable, name: 'rollout' });
    let stopped: Promise<unknown> | undefined;
    rig.sandbox.intercept({ before: async ({ operation, input }) => {
      if (operation === 'CheckpointDurableExecution') await (stopped ??= rig.sandbox.call('lambda', 'StopDurableExecution', input));
    } });
    expect(await run(functionArn)).toMatchObject({ Status: 'STOPPED' });
    expect(rig.witness.heard).toEqual([]);
  });

  test('a stop is final, keeps its error, and needs no invocation (EN28)', async () => {
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

  test('a failed invocation is repeated with growing delay until the execution times out (EN24)', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.crashes', { durable: { ExecutionTimeout: 60 } }));
    expect(execution).toMatchObject({ Status: 'TIMED_OUT', EndTimestamp: new Date(START + 60_000) });
    expect(secondsOf('crash')).toEqual([0, 1, 3, 7, 15, 31]);
  });

  test('the service gives up after as many attempts as the switch says (EN24)', async () => {
    rig = await startLambdaRig({ lambda: { maximumInvocationAttempts: 3, invocationRetryDelaysSeconds: [10] } });
    const execution = await run(await rig.createFunction('durable.crashes', { durable }));
    expect(execution).toMatchObject({ Status: 'FAILED', Error: { ErrorType: 'Error', ErrorMessage: 'unusable' } });
    expect(secondsOf('crash')).toEqual([0, 10, 20]);
  });

  test('a stale token fails the whole execution under SDK 2.4.0 (EN5)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.steps', { durable });
    rig.sandbox.intercept({ before: ({ operation, input }) => {
      if (operation === 'CheckpointDurableExecution') rig.sandbox.lambda.makeCheckpointTokenStale(input.DurableExecutionArn);
    } });
    const { Status, Error: error } = await run(functionArn, { base: 1 });
    expect([Status, error?.ErrorMessage]).toEqual(['FAILED', expect.stringContaining('Invalid checkpoint token')]);
  });

  test('with the wrapped client the service invokes again, and the execution succeeds (EN5)', async () => {
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

test('same seed, same run', async () => {
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

test('timers can be late', async () => {
  rig = await startLambdaRig({ lambda: { timerLatenessSeconds: 4 } });
  const { Result } = await run(await rig.createFunction('durable.poll', { durable }), { polls: 3, seconds: 30 });
  expect(JSON.parse(Result!)).toEqual([0, 34, 68].map((seconds) => START + seconds * 1000));
});

describe('the end of an execution', () => {
  test('it times out, and no code of its own runs any more (EN26)', async () => {
    rig = await startLambdaRig();
    const execution = await run(await rig.createFunction('durable.poll', { durable: { ExecutionTimeout: 100 } }), { polls: 9, seconds: 30 });
    expect(execution).toMatchObject({ Status: 'TIMED_OUT', EndTimestamp: new Date(START + 100_000) });
    expect(rig.witness.heard).toEqual([]);
  });

  test('a function waits with its end for its running executions, and starts no new one (EN7)', async () => {
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

  test('a version waits for the executions that it serves (EN7)', async () => {
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

  test('whoever waits for a durable function gets its result (EN27)', async () => {
    rig = await startLambdaRig();
    const functionArn = await rig.createFunction('durable.poll', { durable });
    const { Payload, DurableExecutionArn, FunctionError } = await rig.lambda.send(new InvokeCommand({
      FunctionName: functionArn, Payload: JSON.stringify({ polls: 2, seconds: 60 }),
    }));
    expect(JSON.parse(Payload!.transformToString())).toEqual([START, START + 60_000]);
    expect([DurableExecutionArn, FunctionError]).toEqual([expect.stringContaining('/durable-execution/'), undefined]);
  });

  test('every change of status is an event (EN33)', async () => {
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
