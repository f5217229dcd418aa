import {
  DurableExecutionApiClient, DurableExecutionClientError, JitterStrategy, StepSemantics, createLinearRetryStrategy, withDurableExecution,
  type DurableContext, type DurableExecutionClient,
} from '@aws/durable-execution-sdk-js';
import { tell } from './tell';

const jitter = JitterStrategy.NONE;

interface Polls { readonly times: number[] }

/** Two steps, one after the other. */
export const steps = withDurableExecution(async (event: { base: number }, context: DurableContext) => {
  const one = await context.step('one', async () => event.base + 1);
  return context.step('two', async () => one * 10);
});

/** As many polls as asked for, so many seconds apart; returns the virtual times at which they ran. */
export const poll = withDurableExecution(async (event: { polls: number; seconds: number }, context: DurableContext) => {
  await context.step('start', async () => Date.now());
  const { times } = await context.waitForCondition<Polls>('watch', async (state) => ({ times: [...state.times, Date.now()] }), {
    initialState: { times: [] },
    waitStrategy: (state) => state.times.length < event.polls
      ? { shouldContinue: true, delay: { seconds: event.seconds } }
      : { shouldContinue: false },
  });
  await context.step('answer', () => tell('answer'));
  return times;
});

/** A step that fails as often as asked, 10 s, 20 s, 30 s … apart; returns the attempt that succeeded. */
export const retries = withDurableExecution(async (event: { failures: number }, context: DurableContext) =>
  context.step('unreliable', async ({ attempt }) => {
    await tell('attempt');
    if (attempt <= event.failures) throw new Error(`failure ${attempt}`);
    return attempt;
  }, { retryStrategy: createLinearRetryStrategy({ maxAttempts: 4, initialDelay: { seconds: 10 }, increment: { seconds: 10 }, jitter }) }));

const fence = {
  semantics: StepSemantics.AtMostOncePerRetry,
  retryStrategy: createLinearRetryStrategy({ maxAttempts: 5, initialDelay: { seconds: 5 }, increment: { seconds: 5 }, jitter }),
};

/** A write behind a fence (EN4). */
export const fenced = withDurableExecution(async (_event, context: DurableContext) => {
  await context.step('write', () => tell('write'), fence);
  return 'written';
});

/** The same write without one. */
export const unfenced = withDurableExecution(async (_event, context: DurableContext) => {
  await context.step('write', () => tell('write'));
  return 'written';
});

export const waits = withDurableExecution(async (event: { seconds: number }, context: DurableContext) => {
  await context.wait('pause', { seconds: event.seconds });
  return context.step('after', async () => Date.now());
});

/** Three branches, two of which wait. */
export const branches = withDurableExecution(async (_event, context: DurableContext) => {
  const results = await context.parallel('branches', [
    async (branch) => branch.step('quick', async () => 'a'),
    async (branch) => {
      await branch.wait('short', { seconds: 10 });
      return branch.step('after short', async () => Date.now());
    },
    async (branch) => {
      await branch.wait('long', { seconds: 60 });
      return branch.step('after long', async () => Date.now());
    },
  ]);
  return results.getResults();
});

export const many = withDurableExecution(async (event: { count: number }, context: DurableContext) => {
  let sum = 0;
  for (let index = 0; index < event.count; index++) sum += await context.step(`add ${index}`, async () => index);
  await context.wait('pause', { seconds: 1 });
  return sum;
});

export const fails = withDurableExecution(async (_event, context: DurableContext): Promise<void> => {
  await context.step('fine', async () => 1);
  throw new TypeError('it does not add up');
});

/** Survives a stale token, on which SDK 2.4.0 fails the execution (EN5). */
function tolerant(api: DurableExecutionClient): DurableExecutionClient {
  return {
    getExecutionState: (request, logger) => api.getExecutionState(request, logger),
    checkpoint: (request, logger) => api.checkpoint(request, logger).catch((cause: Error) => {
      if (!/^invalid checkpoint token/i.test(cause.message)) throw cause;
      throw new DurableExecutionClientError(cause.message, { scope: 'INVOCATION', cause });
    }),
  };
}

export const tolerantSteps = withDurableExecution(async (_event, context: DurableContext) => {
  await context.step('one', () => tell('one'));
  await context.step('two', () => tell('two'));
  return 'done';
}, { durableExecutionClient: tolerant(new DurableExecutionApiClient()) });

/** Returns PENDING although nothing is pending (EN32), which the SDK never does. */
export const pendingForNothing = async (): Promise<object> => ({ Status: 'PENDING' });

export const notDurable = async (): Promise<object> => ({ hello: 'world' });

/** Fails as an invocation, always. */
export const crashes = async (): Promise<never> => {
  await tell('crash');
  throw new Error('unusable');
};
