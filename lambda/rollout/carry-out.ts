import { createRetryStrategy, StepSemantics, type DurableContext } from '@aws/durable-execution-sdk-js';
import { deliver, type Answer, type Put } from '../answer';
import { PropertiesError } from '../properties';
import { oneLine } from '../reason';
import type { CloudFormationRequest } from '../request';
import type { DaemonApi } from './daemon-api';
import { advance, begin, noted } from './machine';
import { observe } from './observe';
import { perform } from './perform';
import { rolloutOf, type Rollout, type Start } from './rollout';
import { isRollingBack, type StackApi } from './stack';
import type { Command, Result, State } from './state';

/** What a rollout needs of the durable engine. */
export type Engine = Pick<DurableContext, 'step' | 'waitForCondition' | 'executionContext'>;

export interface Surroundings {
  readonly daemons: DaemonApi;
  readonly stacks: StackApi;
  readonly put: Put;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly logGroup: string;
}

const patient = { retryStrategy: createRetryStrategy({ maxAttempts: 7, initialDelay: { seconds: 2 }, maxDelay: { seconds: 60 } }) };

/** For as long as CloudFormation listens (EN6): a watchdog would have to tell of a success as of a failure. */
const persistent = { retryStrategy: createRetryStrategy({ maxAttempts: 60, initialDelay: { seconds: 2 }, maxDelay: { seconds: 60 } }) };

/** Its start is checkpointed before its body runs, so that a stopped execution never writes (EN4). The machine makes it again, or not. */
const fenced = { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: () => ({ shouldRetry: false }) };

/** More looks without a pause between them are a mistake of the machine's. */
const MOST_LOOKS_AT_ONCE = 20;

/** Carries one request of CloudFormation from its start to its answer. */
export async function carryOut(request: CloudFormationRequest, engine: Engine, around: Surroundings): Promise<Answer> {
  let phase = 'PREFLIGHT';
  let foreseen = true; // the machine logs its answers
  let answer: Answer;
  try {
    const rollout = rolloutOf(request, await start(engine, request, around), engine.executionContext.durableExecutionArn);
    let state = begin(rollout);
    for (;;) {
      state = await watch(engine, rollout, state, around);
      phase = state.phase;
      if ('answer' in state.want) break;
      if ('command' in state.want) state = noted(state, await write(engine, rollout, state, state.want.command, around));
    }
    answer = state.want.answer;
  } catch (error) {
    answer = unexpected(request, phase, error as Error);
    foreseen = false;
  }
  // the last thing that can fail: if it does, the execution fails, and the watchdog tries once more (FM7)
  await engine.step('answer', () => {
    if (!foreseen) around.log(`${request.LogicalResourceId} ${answer.Reason}`);
    return deliver(around.put, request, answer);
  }, persistent);
  return answer;
}

/** The moment and the stack's state are taken once; replay reads them from the step's result. */
async function start(engine: Engine, request: CloudFormationRequest, { stacks, now, log, logGroup }: Surroundings): Promise<Start> {
  const facts = (rollingBack: boolean): Start => ({ startedAt: now(), rollingBack, logGroup });
  try {
    return await engine.step('start', async () => {
      const started = facts(await isRollingBack(stacks, request));
      log(`${request.LogicalResourceId}: ${request.RequestType}${started.rollingBack ? ' in the rollback of the stack' : ''} begins`);
      return started;
    }, patient);
  } catch {
    return engine.step('start-unasked', async () => facts(false), patient);
  }
}

/** Looks until the machine wants more than another look: one operation, whatever the number of looks (EN1). */
const watch = (engine: Engine, rollout: Rollout, from: State, around: Surroundings): Promise<State> =>
  engine.waitForCondition<State>('watch', (state) => look(rollout, state, around), {
    initialState: from,
    waitStrategy: ({ want }) => 'look' in want ? { shouldContinue: true, delay: { seconds: Math.max(1, want.look) } } : { shouldContinue: false },
  });

async function look(rollout: Rollout, from: State, { daemons, now, log }: Surroundings): Promise<State> {
  let state = from;
  for (let looks = 0; looks < MOST_LOOKS_AT_ONCE && 'look' in state.want; looks++) {
    state = advance(state, await observe(daemons, rollout, state.want.reads), now(), rollout);
    for (const line of state.says) log(`${rollout.desired.DaemonName} ${line}`);
    if ('look' in state.want && state.want.look > 0) break;
  }
  return state;
}

async function write(engine: Engine, rollout: Rollout, state: State, command: Command, { daemons }: Surroundings): Promise<Result> {
  try {
    return await engine.step(command, () => perform(daemons, rollout, state, command), fenced);
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
