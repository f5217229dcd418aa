import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Answer, Put } from '../answer';
import type { LogLevel } from '../contract';
import type { ExecutionReader } from '../execution';
import type { Log } from '../log';
import type { DaemonApi } from './aws/daemon-api';
import type { StackApi } from './aws/stack-api';
import type { Decision } from './decision';
import type { Observation } from './observation';
import { observe, type Watched } from './observe/observe';

/** What a rollout needs of the durable engine. */
export type Engine = Pick<DurableContext, 'step' | 'waitForCondition' | 'executionContext'>;

export interface Surroundings {
  readonly daemons: DaemonApi;
  readonly stacks: StackApi;
  /** How many reads of ECS and CloudWatch have been made so far. */
  readonly readsMade: () => number;
  /** The executions of this function. */
  readonly executions: ExecutionReader;
  readonly put: Put;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  readonly logGroup: string;
}

/** More polls without a pause between them are a mistake of the machine. */
const MOST_POLLS_AT_ONCE = 20;

/** The state of a machine between two polls. */
interface PolledState {
  readonly decision: Decision;
  readonly logLines: readonly string[];
}

/** A machine that polls: a rollout, a gate or a verification. */
export interface PolledMachine<S extends PolledState> {
  /** Begins its lines in the log. */
  readonly name: string;
  watched(state: S): Watched;
  advance(state: S, seen: Observation, now: number): S;
}

/** Polls until the machine decides on a write or a response: one entry in the history, whatever the number of polls (EN1). */
export const pollUntilDecided = <S extends PolledState>(
  engine: Engine, machine: PolledMachine<S>, from: S, around: Surroundings,
): Promise<S> =>
  engine.waitForCondition<S>('watch', (state) => pollUntilPause(machine, state, around), {
    initialState: from,
    waitStrategy: ({ decision }) => decision.kind === 'poll' ? { shouldContinue: true, delay: { seconds: Math.max(1, decision.afterSeconds) } } : { shouldContinue: false },
  });

async function pollUntilPause<S extends PolledState>(machine: PolledMachine<S>, from: S, around: Surroundings): Promise<S> {
  const { now, log } = around;
  let state = from;
  for (let polls = 0; polls < MOST_POLLS_AT_ONCE && state.decision.kind === 'poll'; polls++) {
    const before = around.readsMade();
    const seen = await observe(around, machine.watched(state), state.decision.reads);
    const observation: Observation = { ...seen, reads: around.readsMade() - before };
    state = machine.advance(state, observation, now());
    log(`${machine.name}: saw ${JSON.stringify(observation)}`, 'DEBUG');
    for (const line of state.logLines) log(`${machine.name} ${line}`, logLevelAt(state.decision));
    if (state.decision.kind === 'poll' && state.decision.afterSeconds > 0) break;
  }
  return state;
}

const logLevelAt = (decision: Decision): LogLevel => 'response' in decision ? logLevelOf(decision.response) : 'INFO';

/** A log that is filtered for warnings still has each response that is no success, or one in name only. */
export const logLevelOf = ({ Status, Data }: Answer): LogLevel => Status === 'FAILED' ? 'ERROR' : Data?.Outcome === 'DEGRADED' ? 'WARN' : 'INFO';
