import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Engine } from '../../lambda/rollout/engine';
import type { Timer } from '../../sandbox/core/clock';
import type { SimulatedClock } from './clock';
import { never, Process, type Network } from './network';
import type { Trace } from './trace';

export type Status = 'RUNNING' | 'PAUSING' | 'PAUSED' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';

const FINAL: readonly Status[] = ['SUCCEEDED', 'FAILED', 'STOPPED'];

export interface RecordedError {
  readonly type: string;
  readonly message: string;
}

/** Carries one invocation of the function; the version is the one that its execution started on (EN9). */
export type Handler = (payload: string, engine: Engine, process: Process, execution: DurableExecution) => Promise<unknown>;

interface Operation {
  readonly name: string;
  status: 'STARTED' | 'PENDING' | 'SUCCEEDED' | 'FAILED';
  attempt: number;
  /** The result of what has succeeded, the state of what waits. */
  value?: unknown;
  error?: RecordedError;
}

interface StepConfig {
  readonly semantics?: string;
  readonly retryStrategy: (error: Error, attempt: number) => { readonly shouldRetry: boolean; readonly delay?: object };
}

interface WaitConfig<T> {
  readonly initialState: T;
  readonly waitStrategy: (state: T, attempt: number) => {
    readonly shouldContinue: boolean;
    readonly delay?: { readonly seconds?: number };
  };
}

/** The service repeats a failed invocation with growing pauses (EN24). */
const REPEAT_SECONDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300];
const MOST_OPERATIONS = 3000;
/** After so many polls of a wait, the function is invoked again and replays its operations. */
const LOOKS_A_REPLAY = 4;

/** One durable execution: what has been checkpointed, and the invocations that replay it (EN1 to EN4, EN28, EN39). */
export class DurableExecution {
  public status: Status = 'RUNNING';
  public result?: string;
  public error?: RecordedError;
  public readonly startedAt: number;
  public endedAt?: number;
  private readonly operations: Operation[] = [];
  private failedInvocations = 0;
  /** When it last came as far as a wait. */
  private waitsSince: number;
  private awaitsRepetition = false;
  /** Whether an invocation runs, and does not wait between two polls. */
  private isAtWork = false;
  /** Whether the function is to be invoked as soon as the execution is resumed. */
  private isDue = false;
  /** The pauses so far, in epoch milliseconds. */
  private readonly paused: { readonly from: number; to: number }[] = [];
  private metered = 1;
  private timer?: Timer;

  constructor(
    public readonly name: string,
    public readonly arn: string,
    public readonly payload: string,
    public readonly version: number,
    private readonly surroundings: {
      readonly clock: SimulatedClock;
      readonly network: Network;
      readonly trace: Trace;
      readonly handler: Handler;
      readonly ended: (execution: DurableExecution) => void;
    },
  ) {
    this.startedAt = this.waitsSince = surroundings.clock.now();
    this.invokeAfter(0.1);
  }

  /** Final, and no further invocation; one that is under way runs on until its next checkpoint (EN28). */
  public stop(error: RecordedError): void {
    if (this.hasEnded) throw new Error(`the execution is ${this.status}`);
    this.error = error;
    this.end('STOPPED');
  }

  public get hasEnded(): boolean {
    return FINAL.includes(this.status);
  }

  /** Pauses at the next checkpoint; waits continue (EN39). */
  public pause(): void {
    if (this.status !== 'RUNNING') return;
    this.paused.push({ from: this.surroundings.clock.now(), to: Number.POSITIVE_INFINITY });
    this.status = this.isAtWork ? 'PAUSING' : 'PAUSED';
  }

  /** Resumes from the last checkpoint: at once if an invocation was interrupted, or if a wait is over. */
  public resume(): void {
    if (this.status !== 'PAUSED' && this.status !== 'PAUSING') return;
    this.status = 'RUNNING';
    this.paused.at(-1)!.to = this.surroundings.clock.now();
    if (this.isDue) this.invokeAfter(0.1);
    this.isDue = false;
  }

  public get pausedAt(): number | undefined {
    return this.paused.at(-1)?.from;
  }

  /** Whether it was paused at some moment of a time. */
  public wasPausedWithin(from: number, to: number): boolean {
    return this.paused.some((pause) => pause.from <= to && pause.to >= from);
  }

  /** Whether its history has the success of a step. */
  public hasSucceeded(step: string): boolean {
    return this.operations.some(({ name, status }) => name === step && status === 'SUCCEEDED');
  }

  /** Whether no invocation since then has come to an end, and the engine waits before it repeats the last one. */
  public isCutOffSince(time: number): boolean {
    return this.awaitsRepetition && this.waitsSince <= time;
  }

  private invokeAfter(seconds: number): void {
    this.timer = this.surroundings.clock.wake(seconds, () => void this.invoke());
  }

  private async invoke(): Promise<void> {
    if (this.status === 'PAUSED') this.isDue = true;
    if (this.status !== 'RUNNING') return;
    this.awaitsRepetition = false;
    this.isAtWork = true;
    const process = new Process(`rollout ${this.name.slice(0, 4)}…${this.name.slice(-4)}`, () => this.repeat());
    let result: unknown;
    try {
      result = await this.surroundings.handler(this.payload, this.replay(process), process, this);
    } catch (error) {
      if (process.isDead) return;
      process.end();
      this.error = recorded(error);
      return this.end('FAILED');
    }
    process.end();
    if (this.hasEnded) return;
    this.result = JSON.stringify(result);
    this.end('SUCCEEDED');
  }

  /** Repeats a failed invocation. */
  private repeat(): void {
    if (this.hasEnded) return;
    if (this.status === 'PAUSING') this.status = 'PAUSED';
    this.isAtWork = false;
    this.awaitsRepetition = true;
    const pause = REPEAT_SECONDS[Math.min(this.failedInvocations++, REPEAT_SECONDS.length - 1)]!;
    this.surroundings.trace.add(this.name.slice(-4), () => `the invocation has failed and is repeated in ${pause} s`);
    this.invokeAfter(pause);
  }

  private end(status: Status): void {
    this.status = status;
    this.endedAt = this.surroundings.clock.now();
    this.timer?.cancel();
    this.surroundings.ended(this);
  }

  /** The context of the function, which replays its operations so far in their order (EN11). */
  private replay(process: Process): Engine {
    let position = 0;
    const operation = (name: string): Operation => {
      const found = this.operations[position++];
      if (found && found.name !== name) throw new Error(`NonDeterministicExecutionError: ${name} where ${found.name} was`);
      if (found?.status === 'PENDING') found.value = throughJson(found.value);
      if (found) return found;
      const made: Operation = { name, status: 'STARTED', attempt: 0 };
      this.operations.push(made);
      this.meter();
      return made;
    };
    const engine = {
      executionContext: { durableExecutionArn: this.arn },
      step: (name: string, body: () => Promise<unknown>, config: StepConfig) => this.step(process, operation(name), body, config),
      waitForCondition: (name: string, check: (state: unknown) => Promise<unknown>, config: WaitConfig<unknown>) =>
        this.waitForCondition(process, operation(name), check, config),
    };
    return engine as unknown as Pick<DurableContext, 'step' | 'waitForCondition' | 'executionContext'>;
  }

  private async step(process: Process, operation: Operation, body: () => Promise<unknown>, config: StepConfig): Promise<unknown> {
    if (operation.status === 'SUCCEEDED') return operation.value;
    if (operation.status === 'FAILED') throw stepError(operation.error!);
    const fenced = config.semantics === 'AT_MOST_ONCE_PER_RETRY';
    if (fenced && operation.attempt > 0 && operation.status === 'STARTED') {
      return this.stepFailed(process, operation, { type: 'StepInterruptedError', message: 'the step was interrupted' }, config);
    }
    const begin = (): void => {
      operation.status = 'STARTED';
      operation.attempt++;
    };
    if (fenced) await this.checkpoint(process, `START ${operation.name}`, begin);
    else begin();
    let result: unknown;
    try {
      result = await body();
    } catch (error) {
      return this.stepFailed(process, operation, recorded(error), config);
    }
    await this.checkpoint(process, `SUCCEED ${operation.name}`, () => {
      operation.status = 'SUCCEEDED';
      operation.value = throughJson(result);
    });
    return operation.value;
  }

  private async stepFailed(process: Process, operation: Operation, error: RecordedError, config: StepConfig): Promise<unknown> {
    const { shouldRetry } = config.retryStrategy(Object.assign(new Error(error.message), { name: error.type }), operation.attempt);
    if (shouldRetry) {
      await this.checkpoint(process, `RETRY ${operation.name}`, () => { operation.status = 'PENDING'; });
      // full jitter has no place here: half of the longest pause of that attempt
      return this.suspend(process, Math.min(30, 2 ** Math.min(operation.attempt, 5)));
    }
    return this.fail(process, operation, error);
  }

  private async fail(process: Process, operation: Operation, error: RecordedError): Promise<never> {
    await this.checkpoint(process, `FAIL ${operation.name}`, () => {
      operation.status = 'FAILED';
      operation.error = error;
    });
    throw stepError(error);
  }

  private async waitForCondition(
    process: Process, operation: Operation, check: (state: unknown) => Promise<unknown>, config: WaitConfig<unknown>,
  ): Promise<unknown> {
    for (;;) {
      if (operation.status === 'SUCCEEDED') return operation.value;
      if (operation.status === 'FAILED') throw stepError(operation.error!);
      operation.status = 'STARTED';
      const attempt = operation.attempt + 1;
      let state: unknown;
      try {
        state = await check(operation.attempt === 0 ? config.initialState : operation.value);
      } catch (error) { // an error in the check fails the operation (EN3)
        return this.fail(process, operation, recorded(error));
      }
      const decision = config.waitStrategy(state, attempt);
      const name = decision.shouldContinue ? 'RETRY' : 'SUCCEED';
      await this.checkpoint(process, `${name} ${operation.name}`, () => {
        operation.status = decision.shouldContinue ? 'PENDING' : 'SUCCEEDED';
        operation.attempt = attempt;
        operation.value = decision.shouldContinue ? state : throughJson(state);
      });
      if (!decision.shouldContinue) continue;
      const seconds = decision.delay?.seconds;
      if (seconds === undefined || !Number.isInteger(seconds) || seconds < 1) throw new Error(`a delay of ${seconds} s is refused`);
      this.meter();
      // a replay comes to the same point, so it is done after several polls and not after each
      if (attempt % LOOKS_A_REPLAY === 0) return this.suspend(process, seconds);
      await this.sleep(process, seconds);
    }
  }

  /** Between two polls no invocation runs that could be stopped or crash. */
  private async sleep(process: Process, seconds: number): Promise<void> {
    this.waits();
    await this.surroundings.clock.sleep(seconds);
    if (this.status === 'PAUSED') {
      process.end();
      this.isDue = true;
    }
    if (this.status !== 'RUNNING') await never();
    this.isAtWork = true;
  }

  private suspend(process: Process, seconds: number): Promise<never> {
    process.end();
    this.waits();
    if (!this.hasEnded) this.invokeAfter(seconds);
    return never();
  }

  private waits(): void {
    this.isAtWork = false;
    this.failedInvocations = 0;
    this.waitsSince = this.surroundings.clock.now();
  }

  /** Checkpoints an operation. A stopped execution checkpoints nothing, and its function does not continue. */
  private async checkpoint(process: Process, operation: string, write: () => void): Promise<void> {
    const site = { service: 'engine', operation, isWrite: operation.startsWith('START'), isNew: false } as const;
    try {
      await this.surroundings.network.call(process, site, '', () => {
        if (this.hasEnded) process.end();
        else if (!process.isDead) write();
        if (this.status === 'PAUSING' && !process.isDead) this.interrupt(process);
      });
    } catch {
      process.crash(); // the SDK's own attempts are used up, or its token is stale (EN5): the invocation fails
    }
    if (process.isDead) await never();
  }

  /** Keeps the checkpoints; the function gets no further reply (EN39). */
  private interrupt(process: Process): void {
    process.end();
    this.status = 'PAUSED';
    this.isAtWork = false;
    this.isDue = true;
  }

  private meter(): void {
    if (++this.metered > MOST_OPERATIONS) throw new Error('the execution exceeds 3,000 operations');
  }
}

/** Returns a value as it is read from a checkpoint. */
const throughJson = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

const recorded = (error: unknown): RecordedError => ({ type: (error as Error).name, message: (error as Error).message });

/** The SDK keeps name and message of the cause, and nothing else (EN4). */
function stepError({ type, message }: RecordedError): Error {
  return Object.assign(new Error(message), { name: 'StepError', cause: Object.assign(new Error(message), { name: type }) });
}
