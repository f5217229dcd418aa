import type { Event, StackDescription } from '../../lambda/rollout/aws/stack-api';
import type { LogLevel } from '../../lambda/contract';
import { SUPERSEDED, type Executions } from '../../lambda/dispatcher/executions';
import { newestAmong } from '../../lambda/execution-order';
import { hasEnded } from '../../lambda/executions';
import { type ExecutionDetail } from '../../lambda/execution';
import { type Execution } from '../../lambda/execution';

interface Entry {
  readonly arn: string;
  readonly name: string;
  readonly payload: string;
  readonly startedAt: number;
  status: Execution['status'];
  pausedAt?: number;
  /** The names of the steps that have succeeded. */
  steps?: readonly string[];
  result?: string;
  error?: string;
  errorType?: string;
}

export const accessDenied = (): Error => Object.assign(new Error('User is not authorized to perform this'), { name: 'AccessDeniedException' });

/** Durable executions in memory, and the clock of the dispatcher. */
export class FakeExecutions implements Executions {
  public now = Date.parse('2026-11-22T12:00:00Z');
  public readonly entries: Entry[] = [];
  public readonly answers: { readonly url: string; readonly body: Record<string, unknown> }[] = [];
  public readonly lines: string[] = [];
  public readonly stopped: string[] = [];
  /** Why those were stopped. */
  public readonly stopReasons: string[] = [];
  /** Every call, in order. */
  public readonly calls: (keyof Executions)[] = [];
  /** What CloudFormation returns of the stack. */
  public stack: () => StackDescription = () => ({ status: 'UPDATE_IN_PROGRESS' });
  public stackEvents: readonly Event[] = [];
  /** Throws instead of serving a call. */
  public refuse: (call: keyof Executions) => Error | undefined = () => undefined;
  /** How late a new execution is listed. */
  public listLagMilliseconds = 0;
  /** How far the clock of our functions is ahead of that of AWS. */
  public clockAheadMilliseconds = 0;
  /** How many the list of the newest holds. */
  public mostListed = 1000;

  public readonly around = {
    executions: this as Executions,
    stacks: {
      describe: async () => this.stack(),
      events: async () => ({ events: this.stackEvents }),
    },
    put: async (url: string, body: string) => {
      this.answers.push({ url, body: JSON.parse(body) as Record<string, unknown> });
      return 200;
    },
    now: () => this.now + this.clockAheadMilliseconds,
    sleep: async (seconds: number) => { this.now += seconds * 1000; },
    log: (line: string, level: LogLevel = 'INFO') => void this.lines.push(`${level} ${line}`),
  };

  public async start(name: string, payload: string): Promise<string> {
    this.note('start');
    const existing = this.entries.find((entry) => entry.name === name);
    if (existing) return existing.arn;
    this.entries.push({ arn: `arn:${name}`, name, payload, startedAt: this.now, status: 'RUNNING' });
    return `arn:${name}`;
  }

  public async alive(): Promise<Execution[]> {
    this.note('alive');
    return this.listed().filter((execution) => !hasEnded(execution));
  }

  public async pausedAt(arn: string): Promise<number | undefined> {
    this.note('pausedAt');
    return this.entry(arn).pausedAt;
  }

  public async newest(): Promise<Execution[]> {
    this.note('newest');
    return this.listed().slice(-this.mostListed);
  }

  public async newestOf(resource: string, except: readonly string[]): Promise<Execution | undefined> {
    this.note('newestOf');
    return newestAmong(this.listed().filter(({ arn }) => !except.includes(arn)), resource);
  }

  public async status(arn: string): Promise<Execution['status']> {
    this.note('status');
    return this.entry(arn).status;
  }

  public async hasSucceeded(arn: string, step: string): Promise<boolean> {
    this.note('hasSucceeded');
    return this.entry(arn).steps?.includes(step) ?? false;
  }

  public async get(arn: string): Promise<ExecutionDetail> {
    this.note('get');
    const { status, name, payload: input, result, error, errorType } = this.entry(arn);
    return { status, name, input, result, error, errorType };
  }

  public async stop(arn: string, reason: string): Promise<void> {
    this.note('stop');
    const entry = this.entry(arn);
    if (hasEnded(entry)) throw new Error('the execution has ended');
    entry.status = 'STOPPED';
    entry.errorType = SUPERSEDED;
    this.stopped.push(entry.name);
    this.stopReasons.push(reason);
  }

  /** Ends an execution. */
  public end(name: string, status: Execution['status'], rest: Partial<Pick<Entry, 'steps' | 'result' | 'error'>> = {}): void {
    Object.assign(this.entries.find((entry) => entry.name === name)!, { status, ...rest });
  }

  /** Adds the reply of AWS to an error, as the SDK does. */
  public dated<E extends Error>(error: E): E {
    return Object.assign(error, { $response: { headers: { date: new Date(this.now).toUTCString() } } });
  }

  private entry(arn: string): Entry {
    const entry = this.entries.find((candidate) => candidate.arn === arn);
    if (!entry) throw Object.assign(new Error('Durable execution not found'), { name: 'ResourceNotFoundException' });
    return entry;
  }

  private listed(): Execution[] {
    return this.entries.filter(({ startedAt }) => startedAt + this.listLagMilliseconds <= this.now);
  }

  private note(call: keyof Executions): void {
    this.calls.push(call);
    const error = this.refuse(call);
    if (error) throw this.dated(error);
  }
}
