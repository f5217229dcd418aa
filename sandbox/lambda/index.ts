import type { AccessKeys } from '../http/access-keys';
import { AwsError } from '../core/aws-error';
import type { CallContext, HttpAnswer, HttpRequest, Input, Operation, RestService, Permission } from '../core/aws-service';
import type { World } from '../core/world';
import { describeExecution, DurableExecutions, type RecordedExecution } from './durable/durable-execution-api';
import type { InvocationOutcome } from './runtime/execution-environment';
import { FunctionPolicy } from './functions/function-policy';
import { describeAlias, describeVersion, type FunctionRecord, type FunctionVersion } from './functions/function-record';
import { parseFunctionReference } from './functions/function-reference';
import { FunctionStore } from './functions/function-store';
import { Invocations } from './runtime/invocations';
import { decodeRequest, encodeError, encodeOutput } from './rest-protocol';
import { permissionsFor } from './required-permissions';
import { DEFAULT_ASSUMPTIONS, type LambdaAssumptions } from './assumptions';

export type { RecordedExecution } from './durable/durable-execution-api';
export type { LambdaAssumptions } from './assumptions';

export interface LambdaOptions {
  /** `VirtualClock.shared`, from which workers read the time. */
  readonly sharedClock: SharedArrayBuffer;
  readonly accessKeys: AccessKeys;
  /** The folder for the code of functions. */
  readonly folder: string;
  /** @default - each assumption's default */
  readonly assumptions?: Partial<LambdaAssumptions>;
}

/** Lambda: functions whose bundles run in worker threads, and durable executions. */
export class Lambda implements RestService {
  private readonly assumptions: LambdaAssumptions;
  private readonly functions: FunctionStore;
  private readonly policy: FunctionPolicy;
  private readonly invocations: Invocations;
  private readonly executions: DurableExecutions;

  public readonly operations: Readonly<Record<string, Operation>> = {
    CreateFunction: (input) => this.functions.create(input),
    ListFunctions: () => ({ Functions: this.functions.all().map((record) => describeVersion(record, record.latest)) }),
    GetFunction: (input) => this.getFunction(input),
    GetFunctionConfiguration: (input) => this.describe(input),
    UpdateFunctionCode: (input) => this.retiring(input, this.functions.updateCode(input)),
    UpdateFunctionConfiguration: (input) => this.retiring(input, this.functions.updateConfiguration(input)),
    DeleteFunction: (input) => this.deleteFunction(input),
    PublishVersion: (input) => {
      const record = this.functions.record(input);
      return describeVersion(record, this.functions.publish(record, input));
    },
    ListVersionsByFunction: (input) => {
      const record = this.functions.record(input);
      return { Versions: [record.latest, ...record.versions.values()].map((version) => describeVersion(record, version)) };
    },
    CreateAlias: (input) => this.functions.createAlias(input),
    UpdateAlias: (input) => this.functions.updateAlias(input),
    GetAlias: (input) => {
      const record = this.functions.record(input);
      return describeAlias(record, this.functions.alias(record, input.Name));
    },
    ListAliases: (input) => {
      const record = this.functions.record(input);
      return { Aliases: [...record.aliases.values()].map((alias) => describeAlias(record, alias)) };
    },
    DeleteAlias: (input) => void this.functions.record(input).aliases.delete(input.Name),
    AddPermission: (input) => {
      const { record, qualifier } = this.existing(input);
      return this.policy.add(record, qualifier, input);
    },
    RemovePermission: (input) => {
      const record = this.functions.record(input);
      this.policy.remove(record, parseFunctionReference(input).qualifier, input.StatementId);
    },
    GetPolicy: (input) => {
      const { record, qualifier } = this.existing(input);
      return this.policy.get(record, qualifier);
    },
    PutFunctionEventInvokeConfig: (input) => {
      const { record, qualifier } = this.existing(input);
      record.maximumRetryAttempts.set(qualifier ?? '$LATEST', Number(input.MaximumRetryAttempts ?? 2));
      return { FunctionArn: record.arn, MaximumRetryAttempts: Number(input.MaximumRetryAttempts ?? 2) };
    },
    DeleteFunctionEventInvokeConfig: (input) => {
      const { record, qualifier } = this.existing(input);
      record.maximumRetryAttempts.delete(qualifier ?? '$LATEST');
    },
    TagResource: ({ Resource, Tags }) => void Object.assign(this.functions.record({ FunctionName: Resource }).tags, Tags),
    UntagResource: ({ Resource, TagKeys = [] }) => {
      const record = this.functions.record({ FunctionName: Resource });
      record.tags = Object.fromEntries(Object.entries(record.tags).filter(([key]) => !TagKeys.includes(key)));
    },
    ListTags: ({ Resource }) => ({ Tags: this.functions.record({ FunctionName: Resource }).tags }),
    Invoke: (input, context) => this.invoke(input, context),
    ListDurableExecutionsByFunction: (input) => this.executions.list(this.functions.record(input), input),
    GetDurableExecution: (input) => describeExecution(this.executions.get(input.DurableExecutionArn), input.IncludeExecutionData ?? true),
    GetDurableExecutionHistory: (input) => this.executions.get(input.DurableExecutionArn).history.page(input, this.world.longestPage),
    GetDurableExecutionState: (input) => this.executions.get(input.DurableExecutionArn).state(input),
    CheckpointDurableExecution: (input) => this.executions.get(input.DurableExecutionArn).checkpoint(input),
    PauseDurableExecution: (input) => this.executions.get(input.DurableExecutionArn).pause(input),
    ResumeDurableExecution: (input) => this.executions.get(input.DurableExecutionArn).resume(input),
    StopDurableExecution: (input) => {
      const execution = this.executions.get(input.DurableExecutionArn);
      execution.stop(input.Error);
      return { StopTimestamp: execution.endTime };
    },
  };

  constructor(private readonly world: World, { sharedClock, accessKeys, folder, assumptions }: LambdaOptions) {
    this.assumptions = { ...DEFAULT_ASSUMPTIONS, ...assumptions };
    this.functions = new FunctionStore(world, accessKeys, folder);
    this.policy = new FunctionPolicy(world);
    this.invocations = new Invocations(world, {
      sharedClock, assumptions: this.assumptions, callerOf: (accessKeyId) => accessKeys.callerOf(accessKeyId),
    });
    this.executions = new DurableExecutions(world, this.assumptions, this.invocations);
  }

  /** The durable executions that have ended, oldest first. */
  public get endedExecutions(): readonly RecordedExecution[] {
    return this.executions.ended;
  }

  public decode(request: HttpRequest): { operation: string; input: Input } {
    return decodeRequest(request);
  }

  public encode(operation: string, output: unknown): HttpAnswer {
    return encodeOutput(operation, output);
  }

  public encodeError(error: { code: string; message: string; statusCode: number }): HttpAnswer {
    return encodeError(error);
  }

  public requiredPermissions(operation: string, input: Input): Permission[] {
    return permissionsFor(this.world, operation, input);
  }

  /** Kills every environment of a function that has an invocation under way, and returns how many (EN4, EN24). */
  public crash(functionName: string): number {
    return this.invocations.crash(functionName);
  }

  /** Simulates a second delivery of an invocation: the checkpoint token of the running one becomes stale (EN5). */
  public makeCheckpointTokenStale(durableExecutionArn: string): void {
    this.executions.get(durableExecutionArn).replaceToken();
  }

  /** Resolves when a durable execution has ended, and its last invocation with it. */
  public executionEnded(durableExecutionArn: string): Promise<void> {
    return this.executions.get(durableExecutionArn).drained;
  }

  /** Resolves when all that functions have printed so far is in their log groups. */
  public flushLogs(): Promise<void> {
    return this.invocations.flushLogs();
  }

  public async close(): Promise<void> {
    await this.invocations.close();
  }

  private async invoke(input: Input, { parked }: CallContext): Promise<Input> {
    const record = this.functions.record(input);
    const { qualifier } = parseFunctionReference(input);
    const version = this.functions.version(record, qualifier);
    if (record.deleting.has('') || record.deleting.has(version.version)) {
      throw new AwsError('ResourceConflictException', 'The operation cannot be performed at this time. The function is currently in the following state: Deleting', 409);
    }
    const payload = Buffer.from(input.Payload ?? '').toString() || '{}';
    checkJson(payload);
    const { InvocationType = 'RequestResponse', DurableExecutionName: name } = input;
    checkSize(payload, InvocationType === 'Event' ? 1 : 6);
    if (InvocationType === 'DryRun') return { StatusCode: 204 };
    if (version.durable) return this.invokeDurable({ record, version, payload, name, InvocationType, qualifier }, parked);
    if (name !== undefined) {
      throw new AwsError('InvalidParameterValueException', 'DurableExecutionName can only be given for a durable function.');
    }
    const invocation = { version, invokedFunctionArn: qualifier === undefined ? record.arn : `${record.arn}:${qualifier}`, payload };
    if (InvocationType === 'Event') {
      void this.invocations.runAsynchronously(invocation, record.maximumRetryAttempts.get(qualifier ?? '$LATEST'), input.OnFailure);
      return { StatusCode: 202 };
    }
    const outcome = await parked(this.invocations.run(invocation));
    return { StatusCode: 200, ExecutedVersion: version.version, ...answer(outcome) };
  }

  /** Starts an execution. The invocation names a version or an alias; the execution stays on that version (EN9). */
  private async invokeDurable(request: Input, parked: CallContext['parked']): Promise<Input> {
    const { record, version, payload, name, InvocationType, qualifier } = request;
    if (qualifier === undefined) { // an unqualified invocation is rejected (DF2)
      throw new AwsError('InvalidParameterValueException',
        'You cannot invoke a durable function using an unqualified ARN. Please specify a version or an alias.');
    }
    const execution = this.executions.start(record, version, payload, name);
    const started = { DurableExecutionArn: execution.start.arn, ExecutedVersion: execution.start.version.version };
    if (InvocationType === 'Event') return { StatusCode: 202, ...started };
    await parked(execution.drained);
    const { ErrorType: errorType = execution.status, ErrorMessage: errorMessage = '' } = execution.error ?? {};
    return {
      StatusCode: 200,
      ...started,
      ...answer(execution.status === 'SUCCEEDED'
        ? { kind: 'returned', payload: execution.result ?? 'null' }
        : { kind: 'failed', error: { errorType, errorMessage } }),
    };
  }

  /**
   * A function with running executions stays `Deleting` until they have ended, and starts no others meanwhile (EN7).
   * A caller that depends on it polls until the function is not found.
   */
  private deleteFunction(input: Input): Input {
    const record = this.functions.record(input);
    const { qualifier } = parseFunctionReference(input);
    if (qualifier === '$LATEST') throw new AwsError('InvalidParameterValueException', '$LATEST version cannot be deleted without deleting the function.');
    if (qualifier !== undefined) this.checkDeletable(record, qualifier);
    const remove = (): void => {
      if (qualifier !== undefined) return void record.versions.delete(qualifier);
      this.functions.remove(record);
      this.executions.removeAll(record);
      this.invocations.terminate(record.name);
    };
    if (this.executions.running(record, qualifier).length === 0) {
      remove();
      return { StatusCode: 204 };
    }
    record.deleting.add(qualifier ?? '');
    void this.executions.drained(record, qualifier).then(remove);
    return { StatusCode: 202 };
  }

  private checkDeletable(record: FunctionRecord, version: string): void {
    if (record.aliases.has(version)) throw new AwsError('InvalidParameterValueException', `Deletion of aliases is not currently supported: ${version}`);
    const aliases = [...record.aliases.values()].filter((alias) => alias.version === version).map(({ name }) => name);
    if (aliases.length > 0) {
      throw new AwsError('ResourceConflictException',
        `Version ${version} could not be deleted because these aliases point to it: [${aliases.join(', ')}]`, 409);
    }
  }

  private getFunction(input: Input): Input {
    const { record } = this.existing(input);
    const Location = `${this.world.endpoint}/lambda-code/${record.name}.zip`;
    return { Configuration: this.describe(input), Code: { RepositoryType: 'S3', Location }, Tags: record.tags };
  }

  private describe(input: Input): Input {
    const { record, version, qualifier } = this.existing(input);
    const description = describeVersion(record, version);
    return qualifier === undefined ? description : { ...description, FunctionArn: `${record.arn}:${qualifier}` };
  }

  private existing(input: Input): { record: FunctionRecord; version: FunctionVersion; qualifier?: string } {
    const record = this.functions.record(input);
    const { qualifier } = parseFunctionReference(input);
    return { record, version: this.functions.version(record, qualifier), ...(qualifier !== undefined && { qualifier }) };
  }

  /** An updated function gets new environments; an invocation under way ends in its old one. */
  private async retiring(input: Input, update: Promise<Input>): Promise<Input> {
    const updated = await update;
    this.invocations.terminate(parseFunctionReference(input).name);
    return updated;
  }
}

function answer(outcome: InvocationOutcome): Input {
  return outcome.kind === 'returned'
    ? { Payload: Buffer.from(outcome.payload) }
    : { FunctionError: 'Unhandled', Payload: Buffer.from(JSON.stringify(outcome.error)) };
}

/** Lambda accepts 1 MB of asynchronous input and 6 MB of synchronous input. */
function checkSize(payload: string, megabytes: number): void {
  const bytes = Buffer.byteLength(payload);
  if (bytes > megabytes * 1024 * 1024) {
    throw new AwsError('RequestTooLargeException', `${bytes} byte payload is too large for the invocation (limit ${megabytes} MB)`, 413);
  }
}

function checkJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${(error as Error).message}`);
  }
}
