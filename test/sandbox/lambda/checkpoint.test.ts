import { DurableExecution } from '../../../sandbox/lambda/durable/durable-execution';
import { DEFAULT_ASSUMPTIONS } from '../../../sandbox/lambda/assumptions';
import type { InvocationOutcome } from '../../../sandbox/lambda/runtime/execution-environment';
import { VirtualClock } from '../../../sandbox/core/clock';
import type { Input } from '../../../sandbox/core/aws-service';

type Outcome = InvocationOutcome & { requestId: string };

/** An execution whose handler is this test. */
class Conversation {
  public readonly clock = new VirtualClock('manual', new Date('2026-01-01T00:00:00Z'));
  public readonly inputs: Input[] = [];
  public readonly execution: DurableExecution;
  public token = '';
  private finish!: (outcome: Outcome) => void;
  private tokens = 0;

  constructor(assumptions: Partial<typeof DEFAULT_ASSUMPTIONS> = {}) {
    const version = { durable: { executionTimeoutSeconds: 86_400, retentionDays: 1 } };
    this.execution = new DurableExecution({
      arn: 'arn', name: 'name', functionArn: 'function:1', payload: '{}', executionOperationId: 'execution', version: version as never,
    }, {
      clock: this.clock,
      assumptions: { ...DEFAULT_ASSUMPTIONS, ...assumptions },
      newToken: () => `token-${++this.tokens}`,
      statusChanged: () => undefined,
      invoke: (_execution, input) => {
        this.inputs.push(input);
        this.token = (input as Input).CheckpointToken;
        return new Promise((resolve) => this.finish = resolve);
      },
    });
  }

  public checkpoint(...updates: Input[]): Input {
    const reply = this.execution.checkpoint({ CheckpointToken: this.token, Updates: updates });
    this.token = reply.CheckpointToken;
    return reply;
  }

  public async returns(result: object): Promise<void> {
    this.finish({ kind: 'returned', payload: JSON.stringify(result), requestId: 'request' });
    await this.clock.advance(0);
  }

  public async fails(): Promise<void> {
    this.finish({ kind: 'failed', error: { errorType: 'Crash', errorMessage: 'gone' }, requestId: 'request' });
    await this.clock.advance(0);
  }
}

const step = (action: string, more: Input = {}): Input => ({ Id: 'a', Type: 'STEP', SubType: 'Step', Name: 'a step', Action: action, ...more });
const retry = (seconds: unknown, more: Input = {}): Input => step('RETRY', { StepOptions: { NextAttemptDelaySeconds: seconds }, ...more });
const invalid = (message: string | RegExp): Error => expect.objectContaining({
  code: 'InvalidParameterValueException', message: typeof message === 'string' ? message : expect.stringMatching(message),
});

describe('the token of a checkpoint', () => {
  test('is new after each checkpoint, and only the newest is valid', () => {
    const conversation = new Conversation();
    const first = conversation.token;
    conversation.checkpoint(step('START'));
    expect(conversation.token).not.toBe(first);
    expect(() => conversation.execution.checkpoint({ CheckpointToken: first, Updates: [] })).toThrow(invalid('Invalid checkpoint token'));
    expect(() => conversation.execution.state({ CheckpointToken: first })).toThrow(invalid('Invalid checkpoint token'));
  });

  test('is not valid after the end', async () => {
    const conversation = new Conversation();
    await conversation.returns({ Status: 'SUCCEEDED', Result: '1' });
    expect(() => conversation.checkpoint()).toThrow(invalid('Invalid checkpoint token'));
  });

  test('is new for a repeated invocation', async () => {
    const conversation = new Conversation();
    const first = conversation.token;
    await conversation.fails();
    await conversation.clock.advance(1);
    expect(conversation.token).not.toBe(first);
    expect(() => conversation.execution.checkpoint({ CheckpointToken: first })).toThrow(invalid('Invalid checkpoint token'));
  });
});

describe('the state table of operations', () => {
  test('accepts START and SUCCEED in one call', () => {
    const { NewExecutionState } = new Conversation().checkpoint(step('START'), step('SUCCEED', { Payload: '7' }));
    expect(NewExecutionState.Operations).toEqual([expect.objectContaining({
      Id: 'a', Type: 'STEP', SubType: 'Step', Name: 'a step', Status: 'SUCCEEDED', StepDetails: { Attempt: 1, Result: '7' },
      StartTimestamp: new Date('2026-01-01T00:00:00Z'), EndTimestamp: new Date('2026-01-01T00:00:00Z'),
    })]);
  });

  test('keeps the state after RETRY, and the step is READY after its delay', async () => {
    const conversation = new Conversation();
    const { NewExecutionState } = conversation.checkpoint(step('START'), retry(30, { Payload: '{"polls":1}' }));
    expect(NewExecutionState.Operations).toEqual([expect.objectContaining({
      Status: 'PENDING', StepDetails: { Attempt: 1, NextAttemptTimestamp: new Date('2026-01-01T00:00:30Z'), Result: '{"polls":1}' },
    })]);
    await conversation.returns({ Status: 'PENDING' });
    await conversation.clock.advance(29);
    expect(conversation.inputs).toHaveLength(1);
    await conversation.clock.advance(1);
    expect(conversation.inputs[1]).toMatchObject({
      UpdatedOperationIds: ['a'],
      InitialExecutionState: { NextMarker: '', Operations: [
        { Id: 'execution', Type: 'EXECUTION', Status: 'STARTED', ExecutionDetails: { InputPayload: '{}' } },
        { Id: 'a', Status: 'READY', StepDetails: { Attempt: 1, Result: '{"polls":1}' } },
      ] },
    });
    expect(conversation.checkpoint(step('START')).NewExecutionState.Operations[0]).toMatchObject({
      Status: 'STARTED', StepDetails: { Attempt: 1, Result: '{"polls":1}' },
    });
  });

  test('includes a timer that fires during an invocation in the next reply, and invokes the function again', async () => {
    const conversation = new Conversation();
    conversation.checkpoint({ Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 10 } });
    await conversation.clock.advance(10);
    expect(conversation.checkpoint().NewExecutionState.Operations).toEqual([expect.objectContaining({ Id: 'w', Status: 'SUCCEEDED' })]);
    expect(conversation.inputs).toHaveLength(1);
    await conversation.returns({ Status: 'PENDING' });
    expect(conversation.inputs).toHaveLength(2);
  });

  test('keeps the children of contexts for a replay', () => {
    const conversation = new Conversation();
    conversation.checkpoint({ Id: 'c', Type: 'CONTEXT', Action: 'START' }, step('START', { ParentId: 'c' }), step('SUCCEED', { ParentId: 'c' }));
    const { NewExecutionState } = conversation.checkpoint({ Id: 'c', Type: 'CONTEXT', Action: 'SUCCEED', Payload: '', ContextOptions: { ReplayChildren: true } });
    expect(NewExecutionState.Operations).toEqual([expect.objectContaining({
      Id: 'c', Status: 'SUCCEEDED', ContextDetails: { ReplayChildren: true, Result: '' },
    })]);
  });
});

describe('a checkpoint that is rejected as a whole', () => {
  test.each<[string, Input[], Error]>([
    ['a second start of a step under way', [step('START'), step('START')], invalid('Invalid current STEP state to start.')],
    ['an end of a step that has ended', [step('SUCCEED'), step('SUCCEED')], invalid('Invalid current STEP state to succeed.')],
    ['a second wait under the same id', [
      { Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 1 } },
      { Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 1 } },
    ], invalid('Invalid current WAIT state to start.')],
    ['an action that the type does not have', [step('CANCEL')], invalid('Invalid action for the given operation type.')],
    ['a parent that is no context', [step('START', { ParentId: 'nobody' })], invalid('Invalid parent operation id.')],
    ['an id of wrong characters', [step('START', { Id: 'a b' })], invalid(/must have an Id/)],
    ['a name of wrong characters', [step('START', { Name: 'ä' })], invalid(/Invalid operation name/)],
    ['a delay below a second', [retry(0)], invalid(/NextAttemptDelaySeconds/)],
    ['a delay beyond 366 days', [retry(31_622_401)], invalid(/NextAttemptDelaySeconds/)],
    ['a delay with a fraction', [retry(2.5)], expect.objectContaining({ code: 'SerializationException' })],
    ['a retry without a delay', [step('RETRY')], expect.objectContaining({ code: 'SerializationException' })],
    ['a payload above 1 MB', [step('SUCCEED', { Payload: 'x'.repeat(1024 * 1024 + 1) })], invalid(/payload size/)],
    ['a type that the sandbox lacks', [step('START', { Type: 'CALLBACK' })], invalid(/CALLBACK/)],
  ])('%s', (_what, updates, refusal) => {
    const conversation = new Conversation();
    expect(() => conversation.checkpoint({ Id: 'other', Type: 'STEP', Action: 'START' }, ...updates)).toThrow(refusal);
    expect(conversation.checkpoint().NewExecutionState.Operations).toEqual([]);
  });

  test('has more than 3,000 operations, of which each poll is one (EN2)', async () => {
    const conversation = new Conversation();
    for (let poll = 0; poll < 2998; poll++) { // the execution and the step itself are two
      conversation.checkpoint(step('START'), retry(1));
      await conversation.returns({ Status: 'PENDING' });
      await conversation.clock.advance(1);
    }
    expect(() => conversation.checkpoint(step('START'), retry(1))).toThrow(invalid(/quota of operations: 3000/));
    conversation.checkpoint(step('START'), step('SUCCEED'));
  });

  test('has more than 100 MB of data', () => {
    const conversation = new Conversation();
    const megabyte = 'x'.repeat(1024 * 1024);
    for (let index = 0; index < 100; index++) conversation.checkpoint(step('SUCCEED', { Id: `s${index}`, Payload: megabyte }));
    expect(() => conversation.checkpoint(step('SUCCEED', { Payload: 'x' }))).toThrow(invalid(/100 MB/));
  });
});

test('a handler that returns no status fails the execution', async () => {
  const conversation = new Conversation();
  await conversation.returns({ hello: 'world' });
  expect(conversation.execution).toMatchObject({ status: 'FAILED', error: { ErrorMessage: 'Invalid Status in invocation output.' } });
});
