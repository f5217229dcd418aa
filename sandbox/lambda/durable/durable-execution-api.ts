import { AwsError } from '../../core/aws-error';
import type { Input } from '../../core/aws-service';
import { randomHex, randomUuid, type World } from '../../core/world';
import { DurableExecution, type DurableHost } from './durable-execution';
import { parseFunctionReference } from '../functions/function-reference';
import type { FunctionRecord, FunctionVersion } from '../functions/function-record';
import type { Invocations } from '../runtime/invocations';
import type { LambdaAssumptions } from '../assumptions';

/** A durable execution that has ended; times are virtual and ISO 8601. */
export interface RecordedExecution {
  readonly name: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly status: string;
  /** What the handler returned, as JSON. */
  readonly result?: string;
}

/** The durable executions of all functions, running and closed. */
export class DurableExecutions {
  private readonly executions = new Map<string, DurableExecution>();
  /** Those that have ended, of deleted functions too. */
  public readonly ended: RecordedExecution[] = [];
  private tokenCount = 0;

  constructor(private readonly world: World, private readonly assumptions: LambdaAssumptions, private readonly invocations: Invocations) {}

  /** Starts an execution, or returns the one with the same name and payload until its retention ends (EN10). */
  public start(record: FunctionRecord, version: FunctionVersion, payload: string, givenName: string | undefined): DurableExecution {
    const name = givenName ?? randomUuid(this.world);
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) { // Lambda accepts such names only (EN20)
      throw new AwsError('InvalidParameterValueException', `DurableExecutionName ${name} must be 1 to 64 letters, digits, - and _.`);
    }
    const existing = this.all().find(({ start }) => start.name === name
      // AWS's pages differ about the scope of names (EN21)
      && (this.assumptions.executionNameScope === 'account' || start.version.functionName === record.name));
    if (existing) {
      if (existing.start.payload === payload) return existing;
      throw new AwsError('DurableExecutionAlreadyStartedException', `Durable execution already started with different input: ${name}`, 409);
    }
    const functionArn = `${record.arn}:${version.version}`;
    const arn = `${functionArn}/durable-execution/${name}/${randomUuid(this.world)}`; // the function is qualified (EN22)
    const execution = new DurableExecution(
      { arn, name, functionArn, version, payload, executionOperationId: randomUuid(this.world) }, this.host(),
    );
    this.executions.set(arn, execution);
    return execution;
  }

  public get(arn: string): DurableExecution {
    this.forget();
    const execution = this.executions.get(arn);
    if (!execution) throw new AwsError('ResourceNotFoundException', `Durable execution not found: ${arn}`, 404);
    return execution;
  }

  /** Lists executions by name, status, qualifier and start (EN29). */
  public list(record: FunctionRecord, input: Input): Input {
    const { DurableExecutionName: name, Statuses, StartedAfter, StartedBefore, ReverseOrder, Marker, MaxItems } = input;
    const { qualifier } = parseFunctionReference(input);
    const version = qualifier && (record.aliases.get(qualifier)?.version ?? qualifier);
    const found = this.of(record).filter(({ start, status, startTime }) =>
      (!version || start.version.version === version)
      && (name === undefined || start.name === name)
      && (!Statuses?.length || Statuses.includes(status))
      && (!StartedAfter || startTime.getTime() >= new Date(StartedAfter).getTime())
      && (!StartedBefore || startTime.getTime() <= new Date(StartedBefore).getTime()));
    if (!ReverseOrder) found.reverse(); // newest first by default
    const from = Number(Marker ?? 0);
    const to = from + Math.min(this.world.longestPage ?? 1000, Number(MaxItems ?? 100));
    return {
      DurableExecutions: found.slice(from, to).map(summarize),
      ...(to < found.length && { NextMarker: String(to) }),
    };
  }

  /** Resolves when no execution of a function, or of one version of it, is running any more (EN7). */
  public async drained(record: FunctionRecord, version?: string): Promise<void> {
    await Promise.all(this.running(record, version).map(({ drained }) => drained));
  }

  public running(record: FunctionRecord, version?: string): DurableExecution[] {
    return this.of(record).filter(({ isAlive, start }) => isAlive && (version === undefined || start.version.version === version));
  }

  /** The history of a function goes with it. */
  public removeAll(record: FunctionRecord): void {
    for (const { start } of this.of(record)) this.executions.delete(start.arn);
  }

  private of(record: FunctionRecord): DurableExecution[] {
    return this.all().filter(({ start }) => start.version.functionName === record.name);
  }

  private all(): DurableExecution[] {
    this.forget();
    return [...this.executions.values()];
  }

  /** Removes expired executions on demand (EN31): a timer for it would let a jumping clock leap by weeks. */
  private forget(): void {
    const now = this.world.clock.now();
    for (const [arn, { retainedUntil }] of this.executions) if (retainedUntil <= now) this.executions.delete(arn);
  }

  private host(): DurableHost {
    return {
      clock: this.world.clock,
      assumptions: this.assumptions,
      newToken: () => Buffer.from(`${++this.tokenCount}:${randomHex(this.world, 16)}`).toString('base64'),
      invoke: ({ start }, input) => this.invocations.runQueued({
        version: start.version, invokedFunctionArn: start.functionArn, payload: JSON.stringify(input),
      }),
      statusChanged: (execution) => this.emit(execution),
    };
  }

  private emit({ start, status, startTime, endTime, result }: DurableExecution): void { // every new status is an event (EN33)
    if (endTime) {
      const times = { startedAt: startTime.toISOString(), endedAt: endTime.toISOString() };
      this.ended.push({ name: start.name, ...times, status, ...(result !== undefined && { result }) });
    }
    this.world.emit({
      source: 'aws.lambda',
      detailType: 'Durable Execution Status Change',
      resources: [start.arn],
      detail: {
        durableExecutionArn: start.arn,
        durableExecutionName: start.name,
        functionArn: start.functionArn,
        status,
        startTimestamp: startTime.toISOString(),
        ...(endTime && { endTimestamp: endTime.toISOString() }),
      },
    });
  }
}

const summarize = ({ start, status, startTime, endTime }: DurableExecution): Input => ({
  DurableExecutionArn: start.arn,
  DurableExecutionName: start.name,
  FunctionArn: start.functionArn,
  Status: status,
  StartTimestamp: startTime,
  ...(endTime && { EndTimestamp: endTime }),
});

/** The description of an execution, its input included (EN30). */
export const describeExecution = (execution: DurableExecution, includeData: boolean): Input => {
  const { start, result, error } = execution;
  const { executionTimeoutSeconds, retentionDays } = start.version.durable!;
  return {
    ...summarize(execution),
    Version: start.version.version,
    ExecutionDataIncluded: includeData,
    DurableConfig: { ExecutionTimeout: executionTimeoutSeconds, RetentionPeriodInDays: retentionDays },
    ...(includeData && { InputPayload: start.payload, Result: result, Error: error }),
  };
};
