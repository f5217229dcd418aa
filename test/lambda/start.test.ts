import { admit, start, UntrustedRequest } from '../../lambda/rollout/start';
import type { CloudFormationRequest } from '../../lambda/request';
import type { Event, StackDescription } from '../../lambda/rollout/aws/stack-api';
import { createRequest, deleteRequest, STACK_ID, updateRequest } from './requests';

type Retry = (error: Error, attempt: number) => { shouldRetry: boolean; delay?: { seconds: number } };

interface Wait {
  readonly initialState: unknown;
  readonly waitStrategy: (state: unknown, attempt: number) => { shouldContinue: boolean; delay?: { seconds: number } };
}

const ISSUED = Date.parse('2026-11-22T12:00:00Z');
const throttled = Object.assign(new Error('Rate exceeded'), { name: 'Throttling', $metadata: { httpStatusCode: 400 } });
const denied = Object.assign(new Error('not authorized to perform'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
const invalid = Object.assign(new Error('does not exist'), { name: 'ValidationError', $metadata: { httpStatusCode: 400 } });

/** An execution from its start until it knows what its stack does; `answer` is what CloudFormation returns after so many seconds. */
async function begin(
  request: CloudFormationRequest, answer: (seconds: number) => string | Error, eventsFail?: (seconds: number) => Error | undefined,
) {
  let now = ISSUED + 1000;
  const startedAt = now;
  const seconds = (): number => (now - startedAt) / 1000;
  const steps: string[] = [];
  const lines: string[] = [];
  let reads = 0;
  const engine = {
    step: async (name: string, body: () => Promise<unknown>, { retryStrategy }: { retryStrategy: Retry }) => {
      steps.push(name);
      for (let attempt = 1; ; attempt++) {
        try {
          return JSON.parse(JSON.stringify(await body())) as unknown;
        } catch (error) {
          const { shouldRetry, delay } = retryStrategy(error as Error, attempt);
          if (!shouldRetry) throw error;
          now += delay!.seconds * 1000;
        }
      }
    },
    waitForCondition: async (name: string, check: (state: unknown) => Promise<unknown>, { initialState, waitStrategy }: Wait) => {
      steps.push(name);
      let state = initialState;
      for (let attempt = 1; ; attempt++) {
        state = JSON.parse(JSON.stringify(await check(state))) as unknown;
        const { shouldContinue, delay } = waitStrategy(state, attempt);
        if (!shouldContinue) return state;
        now += delay!.seconds * 1000;
      }
    },
  } as unknown as Parameters<typeof start>[0];
  const event: Event = { PhysicalResourceId: STACK_ID, ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', Timestamp: new Date(ISSUED - 1000) };
  const stacks = {
    describe: async (): Promise<StackDescription> => {
      reads++;
      const status = answer(seconds());
      if (status instanceof Error) throw status;
      return { status, tags: { team: 'platform' } };
    },
    events: async () => {
      const error = eventsFail?.(seconds());
      if (error) throw error;
      return { events: [event] };
    },
  };
  const around = { stacks, now: () => now, log: (line: string) => void lines.push(line), logGroup: 'rollouts' };
  const admitted = await admit(engine, request, around);
  const started = await start(engine, request, admitted.startedAt, around).catch((error: Error) => error);
  return { started, startedAt, seconds: seconds(), steps, lines, reads };
}

const update = updateRequest({}, {});

describe('whether the stack rolls back', () => {
  test.each([[45, throttled], [100, throttled], [3000, throttled], [3000, new Error('socket hang up')], [110, denied]])('is read again after %d s of %s, and the start is that of the first read', async (outage, error) => {
    const { started, startedAt, seconds, steps } = await begin(update, (age) => age < outage ? error : 'UPDATE_ROLLBACK_IN_PROGRESS');
    expect(started).toMatchObject({ rollingBack: true, startedAt });
    expect(seconds).toBeGreaterThanOrEqual(outage);
    expect(seconds).toBeLessThanOrEqual(outage + 15);
    expect(steps).toEqual(['start', 'stack', 'rolling-back']);
  });

  test('is read again when the events of the stack cannot be read', async () => {
    const { started } = await begin(update, () => 'UPDATE_ROLLBACK_IN_PROGRESS', (age) => age < 1000 ? throttled : undefined);
    expect(started).toMatchObject({ rollingBack: true });
  });
  test.each([
    [denied, 110, 140], [throttled, 110, 140], [throttled, 3000, 140], [invalid, 3000, 0],
  ])('waits for two minutes at most for the beginning of the operation, after %s for %d s', async (error, outage, longest) => {
    let reads = 0;
    const inSecondRead = (age: number) => ++reads % 2 === 0 && age < outage ? error : undefined;
    const { started, seconds } = await begin(update, () => 'UPDATE_ROLLBACK_IN_PROGRESS', inSecondRead);
    expect(started).toMatchObject({ rollingBack: true });
    expect(seconds).toBeLessThanOrEqual(longest);
    if (longest > 0) expect(seconds).toBeGreaterThanOrEqual(100);
  });

  test('is read again when CloudFormation returns no status', async () => {
    const { started } = await begin(update, (age) => age < 1000 ? '' : 'UPDATE_ROLLBACK_IN_PROGRESS');
    expect(started).toMatchObject({ rollingBack: true });
  });

  test('fails the request only when its answer is due', async () => {
    const { started, seconds } = await begin(update, () => throttled);
    expect(started).toEqual(new Error('whether the stack rolls back could not be read before the answer was due: Rate exceeded'));
    expect(seconds).toBeGreaterThanOrEqual(55 * 60 - 1);
    expect(seconds).toBeLessThan(55 * 60 + 15);
  });

  test.each([['a permission is missing for good', denied, 120], ['there is no such stack', invalid, 0]])('is taken for no, with a line in the log, when %s', async (_why, error, after) => {
    const { started, seconds, lines } = await begin(update, () => error);
    expect(started).toMatchObject({ rollingBack: false });
    expect(seconds).toBeGreaterThanOrEqual(after);
    expect(seconds).toBeLessThan(after + 15);
    expect(lines).toEqual([`Agent: whether the stack rolls back could not be read, so that it is taken not to: ${error.message}`, 'Agent: Update begins']);
  });

  test('does not keep a deletion waiting', async () => {
    const { started, seconds, reads } = await begin(deleteRequest(), () => throttled);
    expect(started).toMatchObject({ rollingBack: false });
    expect([seconds, reads]).toEqual([0, 1]);
  });

  test('keeps a create waiting for two minutes only, for the tags of the stack', async () => {
    const { started, seconds } = await begin(createRequest(), () => throttled);
    expect(started).toMatchObject({ rollingBack: false, stackTags: undefined });
    expect(seconds).toBeGreaterThanOrEqual(120);
    expect(seconds).toBeLessThan(140);
  });
});

test.each([
  ['to a create', createRequest(), { team: 'platform' }],
  ['to an update', update, { team: 'platform' }],
  ['not to a deletion', deleteRequest(), undefined],
  ['not to a gate', { ...createRequest(), ResourceType: 'Custom::ECSManagedDaemonGate' }, undefined],
])('the tags of the stack are given %s, with one call', async (_what, request, expected) => {
  const { started, reads } = await begin(request, () => 'UPDATE_IN_PROGRESS');
  expect((started as { stackTags?: object }).stackTags).toEqual(expected);
  expect(reads).toBe(1);
});

describe('a request that no operation of the stack can have sent', () => {
  const idle = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_FAILED', 'DELETE_COMPLETE'];
  test.each(idle.flatMap((status) => [createRequest(), update, deleteRequest()].map((request) => [request.RequestType, status, request] as const)))('is dropped after 130 s: %s, %s', async (_type, status, request) => {
    const { started, seconds } = await begin(request, () => status);
    expect(started).toEqual(new UntrustedRequest(`the stack is ${status}, and only an operation of the stack sends requests`));
    expect(seconds).toBeGreaterThanOrEqual(130);
    expect(seconds).toBeLessThan(150);
  });

  test.each(['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'DELETE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'])('is none of a stack that is %s', async (status) => {
    expect((await begin(deleteRequest(), () => status)).started).toMatchObject({ rollingBack: false });
  });

  test('is carried out when a later read shows the operation', async () => {
    expect((await begin(update, (age) => age < 100 ? 'UPDATE_COMPLETE' : 'UPDATE_IN_PROGRESS')).started).toMatchObject({ rollingBack: false });
  });

  describe.each([createRequest(), update, deleteRequest()])('is a $RequestType', (request) => {
    test('that is dropped after 130 s although reads fail after one that showed no operation', async () => {
      const { started, seconds } = await begin(request, (age) => age > 1 && age < 100 ? throttled : 'UPDATE_COMPLETE');
      expect(started).toBeInstanceOf(UntrustedRequest);
      expect(seconds).toBeGreaterThanOrEqual(130);
      expect(seconds).toBeLessThan(150);
    });

    test('that is dropped when its answer is due if all reads fail after one that showed no operation', async () => {
      const { started, seconds } = await begin(request, (age) => age < 1 ? 'UPDATE_COMPLETE' : denied);
      expect(started).toBeInstanceOf(UntrustedRequest);
      expect(seconds).toBeLessThan(55 * 60 + 15);
    });

    test('that is carried out if the next read that succeeds shows the operation', async () => {
      const { started, seconds } = await begin(request, (age) => age < 1 ? 'UPDATE_COMPLETE' : age < 200 ? throttled : 'UPDATE_IN_PROGRESS');
      expect(started).toMatchObject({ rollingBack: false });
      expect(seconds).toBeLessThan(220);
    });
  });
});
