import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Answer, Put } from '../answer';
import type { LogLevel } from '../contract';
import type { ExecutionReader } from '../execution';
import type { Log } from '../log';
import type { DaemonApi } from './aws/daemon-api';
import type { StackApi } from './aws/stack-api';
import type { Event, Step } from './decision';
import type { Observation, Reads } from './observation';
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
  readonly decision: Step | { readonly kind: 'respond' | 'finish'; readonly response: Answer };
  readonly logLines: readonly string[];
}

/** A machine that polls: a rollout, a gate or a verification. */
export interface PolledMachine<S extends PolledState> {
  /** Begins its lines in the log. */
  readonly name: string;
  watched(state: S): Watched;
  advance(state: S, event: Event, now: number): S;
}

/** A state, and an event that it has not seen yet. */
interface Resumed<S> {
  readonly state: S;
  readonly event?: Event;
}

/** Polls until the machine decides on a write or a response: one entry in the history, whatever the number of polls (EN1). */
export async function pollUntilDecided<S extends PolledState>(
  engine: Engine, machine: PolledMachine<S>, from: Resumed<S>, around: Surroundings,
): Promise<S> {
  const { state } = await engine.waitForCondition<Resumed<S>>('watch', async (before) => ({ state: await pollUntilPause(machine, before, around) }), {
    initialState: from,
    waitStrategy: ({ state: { decision } }) => decision.kind === 'poll'
      ? { shouldContinue: true, delay: { seconds: Math.max(1, decision.afterSeconds) } } : { shouldContinue: false },
  });
  return state;
}

async function pollUntilPause<S extends PolledState>(machine: PolledMachine<S>, from: Resumed<S>, around: Surroundings): Promise<S> {
  const { log, now } = around;
  let next = from.event;
  let { state } = from;
  for (let polls = 0; polls < MOST_POLLS_AT_ONCE; polls++) {
    next ??= await observed(machine, state, around);
    state = machine.advance(state, next, now());
    for (const line of state.logLines) log(`${machine.name} ${line}`, logLevelAt(state.decision));
    if (state.decision.kind !== 'poll' || state.decision.afterSeconds > 0) break;
    next = undefined;
  }
  return state;
}

async function observed<S extends PolledState>(machine: PolledMachine<S>, state: S, around: Surroundings): Promise<Event> {
  const reads: Reads = state.decision.kind === 'poll' ? state.decision.reads : {};
  const before = around.readsMade();
  const parts = await observe(around, machine.watched(state), reads);
  const seen: Observation = { ...parts, reads: around.readsMade() - before };
  around.log(`${machine.name}: saw ${JSON.stringify(seen)}`, 'DEBUG');
  return { kind: 'observed', seen };
}

const logLevelAt = (decision: PolledState['decision']): LogLevel => 'response' in decision ? logLevelOf(decision.response) : 'INFO';

/** A log that is filtered for warnings still has each response that is no success, or one in name only. */
export const logLevelOf = ({ Status, Data }: Answer): LogLevel => Status === 'FAILED' ? 'ERROR' : Data?.Outcome === 'DEGRADED' ? 'WARN' : 'INFO';
