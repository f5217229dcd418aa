import type { Caller } from '../../core/aws-service';
import { randomHex, randomUuid, type World } from '../../core/world';
import { EnvironmentPool, type EnvironmentKind } from './environment-pool';
import { ExecutionEnvironment, type InvocationOutcome } from './execution-environment';
import { FunctionLog } from '../functions/function-log';
import type { FunctionVersion } from '../functions/function-record';
import type { LambdaAssumptions } from '../assumptions';
import type { FunctionError } from './worker-messages';

export interface InvocationsOptions {
  readonly sharedClock: SharedArrayBuffer;
  readonly assumptions: LambdaAssumptions;
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
}

/** One call of a handler. */
export interface Invocation {
  readonly version: FunctionVersion;
  /** With the qualifier by which it was invoked. */
  readonly invokedFunctionArn: string;
  readonly payload: string;
}

/** Runs handlers in execution environments. Virtual time is held meanwhile, except while they only wait for a timer. */
export class Invocations {
  private readonly pool: EnvironmentPool;
  private readonly log: FunctionLog;

  constructor(private readonly world: World, private readonly options: InvocationsOptions) {
    const { maximumBusyEnvironments: maximumBusy, maximumIdleEnvironments: maximumIdle, reusesEnvironments: reuses } = options.assumptions;
    this.pool = new EnvironmentPool({ maximumBusy, maximumIdle, reuses });
    this.log = new FunctionLog(world);
  }

  /** For an invoker that waits: runs at once, since it may itself hold an environment. */
  public run(invocation: Invocation): Promise<InvocationOutcome & { requestId: string }> {
    return this.perform(invocation, 'invoke');
  }

  /** Runs an asynchronous invocation when an environment is free. */
  public runQueued(invocation: Invocation): Promise<InvocationOutcome & { requestId: string }> {
    return this.perform(invocation, 'invokeQueued');
  }

  /** An asynchronous invocation of an ordinary function, which Lambda repeats after an error. */
  public async runAsynchronously(
    invocation: Invocation, maximumRetries = Infinity, onFailure?: (error: FunctionError) => void,
  ): Promise<void> {
    const delays = this.options.assumptions.asynchronousRetryDelaysSeconds.slice(0, maximumRetries);
    for (const delay of [...delays, undefined]) {
      const outcome = await this.runQueued(invocation);
      if (outcome.kind === 'failed') onFailure?.(outcome.error);
      if (outcome.kind === 'returned' || delay === undefined) return;
      await this.world.clock.sleep(delay);
    }
  }

  public crash(functionName: string): number {
    return this.pool.crash(functionName);
  }

  public terminate(functionName: string): void {
    this.pool.terminate(functionName);
  }

  public async flushLogs(): Promise<void> {
    await this.log.flush();
  }

  public async close(): Promise<void> {
    await this.pool.close();
  }

  private async perform(invocation: Invocation, how: 'invoke' | 'invokeQueued'): Promise<InvocationOutcome & { requestId: string }> {
    const { version, invokedFunctionArn, payload } = invocation;
    const requestId = randomUuid(this.world);
    try {
      if (!version.runtime?.startsWith('nodejs')) {
        return failure(requestId, 'Runtime.Unsupported', `The sandbox runs Node.js functions only, not ${version.runtime ?? 'container images'}.`);
      }
      const request = { requestId, payload, invokedFunctionArn, timeoutSeconds: version.timeoutSeconds };
      return { ...await this.pool[how](this.kindOf(version), request), requestId };
    } catch (fault) { // sandbox fault, logged here because asynchronous callers do not await the result
      console.error('sandbox fault:', fault);
      return failure(requestId, 'SandboxFault', (fault as Error).message);
    }
  }

  /** The access key is new with each change of a version, and so identifies outdated environments. */
  private kindOf(version: FunctionVersion): EnvironmentKind {
    return { functionName: version.functionName, key: version.accessKeyId, create: () => this.createEnvironment(version) };
  }

  private createEnvironment(version: FunctionVersion): ExecutionEnvironment {
    const { sharedClock, assumptions, callerOf } = this.options;
    const caller = callerOf(version.accessKeyId)!;
    const day = new Date(this.world.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const logStreamName = `${day}/[${version.version}]${randomHex(this.world, 32)}`;
    this.log.open(version.logGroupName, logStreamName, caller);
    return new ExecutionEnvironment({
      codeFolder: version.code.folder,
      handler: version.handler ?? 'index.handler',
      sharedClock,
      endpoint: this.world.endpoint,
      cutsSuspensionPause: assumptions.cutsSuspensionPause,
      logFormat: version.logFormat,
      variables: this.variablesFor(version, logStreamName),
      memorySizeInMB: version.memorySizeInMB,
      clock: this.world.clock,
      realTimeLimitSeconds: assumptions.handlerRealTimeLimitSeconds,
      onLogLine: (text) => this.log.write(version.logGroupName, logStreamName, caller, text),
    });
  }

  private variablesFor(version: FunctionVersion, logStreamName: string): Record<string, string> {
    const { endpoint, region } = this.world;
    return {
      ...version.environment,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: version.accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'sandbox',
      AWS_SESSION_TOKEN: 'sandbox',
      AWS_EXECUTION_ENV: `AWS_Lambda_${version.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: version.functionName,
      AWS_LAMBDA_FUNCTION_VERSION: version.version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(version.memorySizeInMB),
      AWS_LAMBDA_LOG_GROUP_NAME: version.logGroupName,
      AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
      LAMBDA_TASK_ROOT: version.code.folder,
      _HANDLER: version.handler ?? '',
    };
  }
}

const failure = (requestId: string, errorType: string, errorMessage: string): InvocationOutcome & { requestId: string } =>
  ({ kind: 'failed', error: { errorType, errorMessage }, requestId });
