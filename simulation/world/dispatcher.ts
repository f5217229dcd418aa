import type { Put } from '../../lambda/answer';
import { dispatch, type Surroundings } from '../../lambda/dispatcher/dispatch';
import { SUPERSEDED, type Executions } from '../../lambda/dispatcher/executions';
import { watch, type StatusChange } from '../../lambda/dispatcher/watchdog';
import { newestAmong } from '../../lambda/execution-order';
import type { Execution } from '../../lambda/execution';
import { hasEnded } from '../../lambda/executions';
import type { Log } from '../../lambda/log';
import { issuedAt, type CloudFormationRequest } from '../../lambda/request';
import type { StackApi } from '../../lambda/rollout/aws/stack-api';
import { AwsError } from '../../sandbox/core/aws-error';
import type { SimulatedClock } from './clock';
import { DurableExecution, type Handler } from './engine';
import type { CallSite } from './faults';
import { Process, type Network } from './network';
import type { Trace } from './trace';

/** Lambda repeats an asynchronous invocation that has failed after these pauses. */
const REPEAT_SECONDS = [60, 120];
/** The attempts of the dispatcher's client. */
const CLIENT_ATTEMPTS = 8;
/** Permissions of the same deployment are effective by then. */
const SPREAD_SECONDS = 100;

export interface DispatcherOptions {
  readonly clock: SimulatedClock;
  /** The dispatcher's clock, in epoch milliseconds. */
  readonly now: () => number;
  readonly network: Network;
  readonly trace: Trace;
  /** The rollout function. */
  readonly handler: Handler;
  readonly put: (process: Process) => Put;
  readonly stacks: (process: Process) => StackApi;
  readonly log: Log;
  /** Seconds until a new execution is listed. */
  readonly listLag: number;
  readonly ended: (execution: DurableExecution) => void;
}

/** Lambda with the dispatcher's function and the executions that it starts. */
export class Dispatcher {
  /** Oldest first. */
  public readonly executions: DurableExecution[] = [];
  /** The version that new executions start on. */
  public version = 1;

  constructor(private readonly options: DispatcherOptions) {}

  /** An asynchronous invocation of the dispatcher by CloudFormation. */
  public deliver(event: CloudFormationRequest): void {
    this.invoke((around) => dispatch(event, around), issuedAt(event)!, 0);
  }

  private invoke(work: (around: Surroundings) => Promise<void>, issuedAt: number, failures: number): void {
    const { clock, now, log, put, stacks } = this.options;
    const again = (): void => {
      const pause = REPEAT_SECONDS[failures];
      if (pause !== undefined) void clock.wake(pause, () => this.invoke(work, issuedAt, failures + 1));
    };
    const process = new Process('dispatcher', again, failures === REPEAT_SECONDS.length);
    const around: Surroundings = {
      executions: this.executionsFor(process, issuedAt), stacks: stacks(process), put: put(process), now, log,
      sleep: (seconds) => clock.sleep(seconds),
    };
    work(around).catch(() => {
      if (!process.isDead) again();
    });
  }

  /** The executions as a process reads them, with permissions that may have been granted at `issuedAt`. */
  public executionsFor(process: Process, issuedAt: number): Executions {
    const { network, clock, listLag } = this.options;
    const call = <T>(operation: string, isWrite: boolean, arrive: () => T): Promise<T> => {
      const site: CallSite = { service: 'lambda', operation, isWrite, isNew: clock.now() - issuedAt < SPREAD_SECONDS * 1000 };
      return network.callPersistently(CLIENT_ATTEMPTS, process, site, '', arrive);
    };
    const listed = (): Execution[] => this.executions.filter(({ startedAt }) => startedAt + listLag * 1000 <= clock.now())
      .map(({ arn, name, status, startedAt }) => ({ arn, name, status, startedAt })).reverse();
    return {
      start: (name, payload) => call('Invoke', true, () => this.start(name, payload)),
      alive: () => call('ListDurableExecutions', false, () => listed().filter((execution) => !hasEnded(execution))),
      newest: () => call('ListDurableExecutions', false, listed),
      get: (arn) => call('GetDurableExecution', false, () => {
        const { status, name, payload, result, error } = this.find(arn);
        return { status, name, input: payload, result, error: error?.message, errorType: error?.type };
      }),
      newestOf: (resource, except) => call('ListDurableExecutions', false, () => newestAmong(listed().filter(({ arn }) => !except.includes(arn)), resource)),
      status: (arn) => call('GetDurableExecution', false, () => this.find(arn).status),
      pausedAt: (arn) => call('GetDurableExecutionHistory', false, () => this.find(arn).pausedAt),
      hasSucceeded: (arn, step) => call('GetDurableExecutionHistory', false, () => this.find(arn).hasSucceeded(step)),
      stop: (arn, reason) => call('StopDurableExecution', true, () => {
        const execution = this.find(arn);
        if (execution.hasEnded) throw new AwsError('InvalidParameterValueException', `the execution is ${execution.status}`);
        execution.stop({ type: SUPERSEDED, message: reason });
      }),
    };
  }

  /** Starts an execution, or returns the existing one of the same name and payload (EN10). */
  private start(name: string, payload: string): string {
    const existing = this.executions.find((execution) => execution.name === name);
    if (existing && existing.payload === payload) return existing.arn;
    if (existing) throw new AwsError('DurableExecutionAlreadyStartedException', 'an execution with this name has another payload', 409);
    const { clock, network, trace, handler } = this.options;
    const execution = new DurableExecution(name, `arn:rollout:${this.version}/durable-execution/${name}/1`, payload, this.version, {
      clock, network, trace, handler, ended: (ended) => this.ended(ended),
    });
    this.executions.push(execution);
    return execution.arn;
  }

  private find(arn: string): DurableExecution {
    const found = this.executions.find((execution) => execution.arn === arn);
    if (!found) throw new AwsError('ResourceNotFoundException', `there is no execution ${arn}`, 404);
    return found;
  }

  /** EventBridge invokes the watchdog for executions that did not succeed (EN33). */
  private ended(execution: DurableExecution): void {
    const { clock, trace } = this.options;
    const { arn, name, status, error } = execution;
    this.options.ended(execution);
    trace.add(`rollout ${name.slice(-4)}`, () => `the execution is ${status}${error ? `: ${error.type}: ${error.message}` : ''}`);
    if (status === 'SUCCEEDED') return;
    const event: StatusChange = {
      'detail-type': 'Durable Execution Status Change', time: new Date(clock.now()).toISOString(), detail: { durableExecutionArn: arn, status },
    };
    void clock.wake(1.5, () => this.invoke((around) => watch(event, around), 0, 0));
  }
}
