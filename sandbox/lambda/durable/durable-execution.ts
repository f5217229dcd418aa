import { AwsError } from '../../core/aws-error';
import type { Clock, Timer } from '../../core/clock';
import type { Input } from '../../core/aws-service';
import { applyUpdate, checkUpdates, type DurableOperation } from './durable-operation';
import { DurableHistory } from './durable-history';
import type { InvocationOutcome } from '../runtime/execution-environment';
import type { FunctionVersion } from '../functions/function-record';
import type { LambdaAssumptions } from '../assumptions';

export type DurableStatus = 'RUNNING' | 'PAUSING' | 'PAUSED' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';

/** The parameters of an execution's start. */
export interface DurableStart {
  readonly arn: string;
  readonly name: string;
  /** The function's ARN with the version that the execution stays on (EN9). */
  readonly functionArn: string;
  readonly version: FunctionVersion;
  readonly payload: string;
  readonly executionOperationId: string;
}

/** The part of the service that an execution uses. */
export interface DurableHost {
  readonly clock: Clock;
  readonly assumptions: LambdaAssumptions;
  newToken(): string;
  /** Runs the handler once; holds the clock meanwhile. */
  invoke(execution: DurableExecution, input: object): Promise<InvocationOutcome & { requestId: string }>;
  statusChanged(execution: DurableExecution): void;
}

/** Fixed quotas of an execution (docs/aws-behaviour.md). */
const OPERATION_LIMIT = 3000;
const WRITTEN_BYTES_LIMIT = 100 * 1024 * 1024;

/** One durable execution: its operations, its timers and the invocations that drive it. */
export class DurableExecution {
  public status: DurableStatus = 'RUNNING';
  public endTime?: Date;
  public result?: string;
  public error?: Input;
  public readonly startTime: Date;
  public readonly history = new DurableHistory();
  /** Resolves when the execution has ended and its last invocation with it (EN7). */
  public readonly drained: Promise<void>;

  private readonly operations = new Map<string, DurableOperation>();
  private readonly timers = new Map<string, Timer>();
  private timeout: Timer;
  private paused?: Pause;
  private retry?: Timer;
  private token = '';
  private lastCheckpoint?: { readonly token: string; readonly clientToken: string; readonly reply: Input };
  /** Operations that changed since the last reply to the function. */
  private readonly changed = new Set<string>();
  private isInvoking = false;
  private wakeUp = false;
  private failedInvocations = 0;
  private meteredOperations = 1;
  private writtenBytes = 0;
  private markDrained!: () => void;

  constructor(public readonly start: DurableStart, private readonly host: DurableHost) {
    this.startTime = this.now();
    this.drained = new Promise((resolve) => this.markDrained = resolve);
    const { executionTimeoutSeconds } = start.version.durable!;
    this.operations.set(start.executionOperationId, {
      Id: start.executionOperationId,
      Type: 'EXECUTION',
      Status: 'STARTED',
      StartTimestamp: this.startTime,
      ExecutionDetails: { InputPayload: start.payload },
    });
    this.history.add('ExecutionStarted', this.startTime, { Input: { Payload: start.payload }, ExecutionTimeout: executionTimeoutSeconds });
    this.timeout = host.clock.after(executionTimeoutSeconds, () => this.close('TIMED_OUT')); // no code runs after it (EN26)
    host.statusChanged(this);
    void this.drive();
  }

  /** Whether it has not ended: also while it is paused (EN40). */
  public get isAlive(): boolean {
    return this.endTime === undefined;
  }

  /** The execution has expired by then (EN31). */
  public get retainedUntil(): number {
    return this.endTime ? this.endTime.getTime() + this.start.version.durable!.retentionDays * 86_400_000 : Infinity;
  }

  public checkpoint({ CheckpointToken, ClientToken, Updates = [] }: Input): Input {
    const { repeatedCheckpoint } = this.host.assumptions;
    const last = this.lastCheckpoint;
    if (repeatedCheckpoint === 'same-reply' && ClientToken && last?.clientToken === ClientToken && last?.token === CheckpointToken) {
      return last!.reply;
    }
    this.checkToken(CheckpointToken);
    checkUpdates(Updates, this.operations);
    this.meter(Updates);
    const now = this.now();
    for (const update of Updates as Input[]) {
      const operation = applyUpdate(update, this.operations.get(update.Id), now);
      this.operations.set(operation.Id, operation);
      this.changed.add(operation.Id);
      this.history.addUpdate(update, operation, now);
      this.schedule(operation);
    }
    if (this.status === 'PAUSING') {
      this.token = ''; // the invocation gets no further; a resume repeats it
      this.becomePaused();
      throw staleToken();
    }
    this.token = this.host.newToken();
    const reply = {
      CheckpointToken: this.token,
      NewExecutionState: { Operations: [...this.changed].map((id) => this.operations.get(id)!) },
    };
    this.changed.clear();
    this.lastCheckpoint = { token: CheckpointToken, clientToken: ClientToken, reply };
    return reply;
  }

  /** A page of the operations; the token must be the one in force. */
  public state({ CheckpointToken, Marker, MaxItems }: Input): Input {
    this.checkToken(CheckpointToken);
    return this.page(Number(Marker || 0), Number(MaxItems ?? 1000));
  }

  /** Stops the execution for good. An invocation in progress runs on until its next checkpoint, which is rejected (EN28). */
  public stop(error?: Input): void {
    if (this.isAlive) this.close('STOPPED', { error });
  }

  /** Pauses at the next checkpoint, or at once if no invocation is in progress. The function is not invoked from then on (EN39). */
  public pause({ Reason, ExecutionTimeoutPaused = false }: Input): void {
    if (this.status !== 'RUNNING') throw refusedIn(this.status);
    this.paused = { requestedAt: this.now(), reason: Reason, pausesTimeout: ExecutionTimeoutPaused };
    if (!this.isInvoking) return this.becomePaused();
    this.status = 'PAUSING';
    this.host.statusChanged(this);
  }

  /** Resumes from the last checkpoint: at once if an invocation was interrupted or an operation has ended meanwhile (EN39). */
  public resume({ Reason }: Input): void {
    if (this.status !== 'PAUSED' && this.status !== 'PAUSING') throw refusedIn(this.status);
    const remaining = this.paused?.timeoutRemaining;
    if (remaining !== undefined) this.timeout = this.host.clock.after(remaining, () => this.close('TIMED_OUT'));
    this.paused = undefined;
    const wasPaused = this.status === 'PAUSED';
    this.status = 'RUNNING';
    if (wasPaused) this.history.add('ExecutionResumed', this.now(), { ...(Reason !== undefined && { Reason: { Payload: Reason } }) });
    this.host.statusChanged(this);
    if (this.wakeUp) void this.drive();
  }

  private becomePaused(): void {
    const paused = this.paused!;
    this.status = 'PAUSED';
    if (paused.pausesTimeout) {
      const end = this.startTime.getTime() + this.start.version.durable!.executionTimeoutSeconds * 1000;
      paused.timeoutRemaining = (end - this.host.clock.now()) / 1000;
      this.timeout.cancel();
    }
    this.history.add('ExecutionPaused', this.now(), {
      PauseRequestTimestamp: paused.requestedAt,
      ExecutionTimeoutPaused: paused.pausesTimeout,
      ...(paused.reason !== undefined && { Reason: { Payload: paused.reason } }),
    });
    this.host.statusChanged(this);
  }

  /** Simulates a second delivery of an invocation by the service: the token of the running one becomes stale (EN5). */
  public replaceToken(): void {
    this.token = this.host.newToken();
    this.lastCheckpoint = undefined;
  }

  /** Invokes the function until the execution has ended or waits for a timer: one invocation at a time. */
  private async drive(): Promise<void> {
    this.wakeUp = true;
    if (this.isInvoking || this.status !== 'RUNNING') return;
    this.isInvoking = true;
    while (this.wakeUp && this.mayInvoke()) {
      this.wakeUp = false;
      this.retry?.cancel(); // something else has woken us before the pause after a failed invocation was over
      this.replaceToken();
      const updated = [...this.changed];
      this.changed.clear();
      const startedAt = this.now();
      const outcome = await this.host.invoke(this, {
        DurableExecutionArn: this.start.arn,
        CheckpointToken: this.token,
        UpdatedOperationIds: updated,
        InitialExecutionState: this.page(0, this.host.assumptions.inputPageSize),
      });
      this.history.add('InvocationCompleted', this.now(), {
        StartTimestamp: startedAt, EndTimestamp: this.now(), RequestId: outcome.requestId,
        ...(outcome.kind === 'failed' && { Error: { Payload: errorObject(outcome.error) } }),
      });
      if (!this.isAlive || this.wasInterrupted(outcome.kind)) continue;
      if (outcome.kind === 'failed') this.repeat(errorObject(outcome.error));
      else this.conclude(outcome.payload);
    }
    this.isInvoking = false;
    if (!this.isAlive) this.markDrained();
  }

  private mayInvoke(): boolean {
    return this.status === 'RUNNING';
  }

  /** Whether a pause has interrupted the invocation that has just ended, however that went on. */
  private wasInterrupted(outcome: InvocationOutcome['kind']): boolean {
    if (this.status === 'PAUSING' && outcome === 'failed') this.becomePaused();
    if (this.status === 'PAUSED') this.wakeUp = true;
    return this.status === 'PAUSED';
  }

  private conclude(payload: string): void {
    this.failedInvocations = 0;
    const returned = JSON.parse(payload) as Input | null;
    switch (returned?.Status) {
      case 'SUCCEEDED': return this.close('SUCCEEDED', { result: returned.Result });
      case 'FAILED': return this.close('FAILED', { error: returned.Error });
      case 'PENDING':
        if (!this.wakeUp && !this.isWaiting()) { // nothing would ever continue it (EN32)
          this.close('FAILED', { error: refusal('Cannot return PENDING status with no pending operations.') });
        } else if (this.status === 'PAUSING') this.becomePaused();
        return;
      default: this.close('FAILED', { error: refusal('Invalid Status in invocation output.') });
    }
  }

  /** Repeats a failed invocation after a growing delay, until the execution times out or the service gives up (EN24). */
  private repeat(error: Input): void {
    const { maximumInvocationAttempts, invocationRetryDelaysSeconds: delays } = this.host.assumptions;
    this.failedInvocations++;
    if (this.failedInvocations >= maximumInvocationAttempts) return this.close('FAILED', { error });
    this.meteredOperations++;
    const delay = delays[Math.min(this.failedInvocations, delays.length) - 1] ?? 1;
    this.retry = this.host.clock.after(delay, () => {
      this.retry = undefined;
      void this.drive();
    });
  }

  private isWaiting(): boolean {
    return [...this.operations.values()].some(({ Type, Status }) =>
      (Type === 'STEP' && (Status === 'PENDING' || Status === 'READY')) || (Type === 'WAIT' && Status === 'STARTED'));
  }

  private schedule({ Id, Type, Status, StepDetails, WaitDetails }: DurableOperation): void {
    const due = Type === 'WAIT' ? WaitDetails?.ScheduledEndTimestamp : Status === 'PENDING' ? StepDetails?.NextAttemptTimestamp : undefined;
    if (!due) return;
    const { clock, assumptions } = this.host;
    this.timers.set(Id, clock.at(due.getTime() + assumptions.timerLatenessSeconds * 1000, () => {
      this.timers.delete(Id);
      const operation = this.operations.get(Id)!;
      this.operations.set(Id, Type === 'WAIT' ? { ...operation, Status: 'SUCCEEDED', EndTimestamp: this.now() } : { ...operation, Status: 'READY' });
      if (Type === 'WAIT') this.history.add('WaitSucceeded', this.now(), { Duration: seconds(operation.StartTimestamp, due) }, operation);
      this.changed.add(Id);
      void this.drive();
    }));
  }

  private close(status: DurableStatus, { result, error }: { result?: string; error?: Input } = {}): void {
    if (!this.isAlive) return;
    this.status = status;
    this.endTime = this.now();
    this.result = result;
    this.error = error;
    this.token = '';
    this.timeout.cancel();
    this.retry?.cancel();
    for (const timer of this.timers.values()) timer.cancel();
    const past = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', TIMED_OUT: 'TimedOut', STOPPED: 'Stopped' }[status as string]!;
    this.history.add(`Execution${past}`, this.endTime, {
      ...(result !== undefined && { Result: { Payload: result } }), ...(error && { Error: { Payload: error } }),
    });
    this.host.statusChanged(this);
    if (!this.isInvoking) this.markDrained();
  }

  private checkToken(token: string): void {
    if (!this.isAlive || token !== this.token) throw staleToken();
  }

  /** Every new operation and every retry counts, and so does every byte. */
  private meter(updates: readonly Input[]): void {
    const seen = new Set(this.operations.keys());
    let operations = 0;
    let bytes = 0;
    for (const { Id, Action, Payload, Error: error } of updates) {
      if (!seen.has(Id) || Action === 'RETRY') operations++;
      seen.add(Id);
      bytes += Buffer.byteLength(Payload ?? '') + (error ? Buffer.byteLength(JSON.stringify(error)) : 0);
    }
    if (this.meteredOperations + operations > OPERATION_LIMIT) throw exceeded(`operations: ${OPERATION_LIMIT}`);
    if (this.writtenBytes + bytes > WRITTEN_BYTES_LIMIT) throw exceeded('data written: 100 MB');
    this.meteredOperations += operations;
    this.writtenBytes += bytes;
  }

  private page(from: number, size: number): Input {
    const all = [...this.operations.values()];
    const to = from + Math.max(1, size);
    return { Operations: all.slice(from, to), NextMarker: to < all.length ? String(to) : '' };
  }

  private now(): Date {
    return new Date(this.host.clock.now());
  }
}

/** A requested pause, which may have taken effect. */
interface Pause {
  readonly requestedAt: Date;
  readonly reason?: string;
  readonly pausesTimeout: boolean;
  /** Seconds of the execution's own timeout, which go on with the resume. */
  timeoutRemaining?: number;
}

const refusedIn = (status: DurableStatus): AwsError =>
  new AwsError('InvalidParameterValueException', `The durable execution cannot be paused or resumed in the status ${status}`);

const staleToken = (): AwsError => new AwsError('InvalidParameterValueException', 'Invalid checkpoint token');

const seconds = (from: Date, to: Date): number => Math.round((to.getTime() - from.getTime()) / 1000);

const errorObject = ({ errorType, errorMessage, trace }: Extract<InvocationOutcome, { kind: 'failed' }>['error']): Input =>
  ({ ErrorType: errorType, ErrorMessage: errorMessage, ...(trace && { StackTrace: trace }) });

const refusal = (message: string): Input => ({ ErrorType: 'InvalidParameterValueException', ErrorMessage: message });

const exceeded = (quota: string): AwsError =>
  new AwsError('InvalidParameterValueException', `The durable execution exceeds its quota of ${quota}`);
