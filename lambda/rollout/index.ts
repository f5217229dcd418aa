import { createRetryStrategy, StepSemantics, withDurableExecution, type DurableContext, type DurableLogger } from '@aws/durable-execution-sdk-js';
import { deliver, putByFetch, type Answer } from '../answer';
import { log } from '../log';
import { PropertiesError } from '../properties';
import { oneLine } from '../reason';
import type { CloudFormationRequest } from '../request';
import { advance, begin, noted } from './machine';
import { observe } from './observe';
import { perform } from './perform';
import { rolloutOf, type Rollout, type Start } from './rollout';
import { sdkDaemonApi } from './sdk-daemon-api';
import { isRollingBack, sdkStackApi } from './stack';
import type { Command, Result, State } from './state';
import { tolerant } from './tolerant-client';

const daemons = sdkDaemonApi();
const stacks = sdkStackApi();

const patient = { retryStrategy: createRetryStrategy({ maxAttempts: 7, initialDelay: { seconds: 2 }, maxDelay: { seconds: 60 } }) };

/** For as long as CloudFormation listens (EN6): a watchdog would have to tell of a success as of a failure. */
const persistent = { retryStrategy: createRetryStrategy({ maxAttempts: 60, initialDelay: { seconds: 2 }, maxDelay: { seconds: 60 } }) };

/** Its start is checkpointed before its body runs, so that a stopped execution never writes (EN4). The machine makes it again, or not. */
const fenced = { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: () => ({ shouldRetry: false }) };

/** The engine's own lines are JSON; people read ours. */
const silent: DurableLogger = { info: () => undefined, error: () => undefined, warn: () => undefined, debug: () => undefined };

/** More looks without a pause between them are a mistake of the machine's. */
const MOST_LOOKS_AT_ONCE = 20;

/** Carries one request of CloudFormation from its start to its answer. */
export const handler = withDurableExecution(async (request: CloudFormationRequest, context: DurableContext): Promise<Answer> => {
  context.configureLogger({ customLogger: silent });
  let phase = 'PREFLIGHT';
  let foreseen = true; // the machine logs its answers
  let answer: Answer;
  try {
    const rollout = rolloutOf(request, await start(context, request), context.executionContext.durableExecutionArn);
    let state = begin(rollout);
    for (;;) {
      state = await watch(context, rollout, state);
      phase = state.phase;
      if ('answer' in state.want) break;
      if ('command' in state.want) state = noted(state, await write(context, rollout, state, state.want.command));
    }
    answer = state.want.answer;
  } catch (error) {
    answer = unexpected(request, phase, error as Error);
    foreseen = false;
  }
  // the last thing that can fail: if it does, the execution fails, and the watchdog tries once more (FM7)
  await context.step('answer', () => {
    if (!foreseen) log(`${request.LogicalResourceId} ${answer.Reason}`);
    return deliver(putByFetch, request, answer);
  }, persistent);
  return answer;
}, { durableExecutionClient: tolerant() });

/** The moment and the stack's state are taken once; replay reads them from the step's result. */
async function start(context: DurableContext, request: CloudFormationRequest): Promise<Start> {
  const facts = (rollingBack: boolean): Start => ({ startedAt: Date.now(), rollingBack, logGroup: process.env.AWS_LAMBDA_LOG_GROUP_NAME ?? '' });
  try {
    return await context.step('start', async () => {
      const started = facts(await isRollingBack(stacks, request));
      log(`${request.LogicalResourceId}: ${request.RequestType}${started.rollingBack ? ' in the rollback of the stack' : ''} begins`);
      return started;
    }, patient);
  } catch {
    return context.step('start-unasked', async () => facts(false), patient);
  }
}

/** Looks until the machine wants more than another look: one operation, whatever the number of looks (EN1). */
const watch = (context: DurableContext, rollout: Rollout, from: State): Promise<State> =>
  context.waitForCondition<State>('watch', (state) => look(rollout, state), {
    initialState: from,
    waitStrategy: ({ want }) => 'look' in want ? { shouldContinue: true, delay: { seconds: Math.max(1, want.look) } } : { shouldContinue: false },
  });

async function look(rollout: Rollout, from: State): Promise<State> {
  let state = from;
  for (let looks = 0; looks < MOST_LOOKS_AT_ONCE && 'look' in state.want; looks++) {
    state = advance(state, await observe(daemons, rollout, state.want.reads), Date.now(), rollout);
    for (const line of state.says) log(`${rollout.desired.DaemonName} ${line}`);
    if ('look' in state.want && state.want.look > 0) break;
  }
  return state;
}

async function write(context: DurableContext, rollout: Rollout, state: State, command: Command): Promise<Result> {
  try {
    return await context.step(command, () => perform(daemons, rollout, state, command), fenced);
  } catch (error) {
    if (((error as Error).cause as Error | undefined)?.name !== 'StepInterruptedError') throw error;
    return { kind: 'cut-off', message: 'the function was interrupted' };
  }
}

/** A mistake of our own, or properties that cannot be read: CloudFormation gets its answer at once. */
function unexpected(request: CloudFormationRequest, phase: string, error: Error): Answer {
  const id = request.PhysicalResourceId ?? `${request.LogicalResourceId}-not-made`;
  if (request.RequestType === 'Delete' && error instanceof PropertiesError) {
    return { Status: 'SUCCESS', Reason: `UNCHANGED: no daemon was ever made: ${error.message}`, PhysicalResourceId: id };
  }
  return { Status: 'FAILED', Reason: oneLine(`${phase}: ${error.message}`), PhysicalResourceId: id };
}
