import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock';
import { InvocationTime } from './invocation-time';
import type { FunctionError, HostMessage, InvocationRequest, WorkerMessage, WorkerStart } from './worker-messages';

/** How an invocation ended: with what the handler returned, or with an error. */
export type InvocationOutcome =
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: FunctionError };

export interface EnvironmentOptions extends WorkerStart {
  readonly clock: Clock;
  readonly variables: Readonly<Record<string, string>>;
  readonly memorySizeInMB: number;
  readonly realTimeLimitSeconds: number;
  readonly onLogLine: (text: string) => void;
}

/** Beside the bundle when the sandbox is built, in `sandbox/dist` when it runs from its sources. */
const WORKER_FILE = [join(__dirname, 'worker.js'), join(__dirname, '../../dist/worker.js')].find(existsSync);

/** One execution environment of a function: a worker thread that serves one invocation at a time. */
export class ExecutionEnvironment {
  private readonly worker: Worker;
  private end?: (outcome: InvocationOutcome) => void;
  private time?: InvocationTime;
  private requestId = '';
  private gone = false;

  constructor(private readonly options: EnvironmentOptions) {
    if (!WORKER_FILE) throw new Error('the host of the Lambda workers is not built: npm run build:sandbox');
    const { codeFolder, handler, sharedClock, endpoint, cutsSuspensionPause, logFormat, variables, memorySizeInMB } = options;
    this.worker = new Worker(WORKER_FILE, {
      workerData: { codeFolder, handler, sharedClock, endpoint, cutsSuspensionPause, logFormat } satisfies WorkerStart,
      env: { ...RUNTIME_VARIABLES, ...variables },
      execArgv: PERMISSION_FLAGS,
      resourceLimits: { maxOldGenerationSizeMb: memorySizeInMB },
    });
    this.worker.unref(); // an idle environment must not keep the process alive
    this.worker.on('message', (message: WorkerMessage) => this.receive(message));
    this.worker.on('error', (fault: Error & { code?: string }) => this.crash(fault.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? { errorType: 'Runtime.OutOfMemory', errorMessage: 'Error: Runtime exited with error: signal: killed' }
      : { errorType: fault.name, errorMessage: fault.message, trace: fault.stack?.split('\n') }));
    this.worker.on('exit', (code) => this.crash({
      errorType: 'Runtime.ExitError', errorMessage: `Error: Runtime exited with error: exit status ${code}`,
    }));
  }

  public get isBusy(): boolean {
    return this.end !== undefined;
  }

  /** False once the worker has ended; such an environment serves nothing more. */
  public get isAlive(): boolean {
    return !this.gone;
  }

  public async invoke(request: InvocationRequest): Promise<InvocationOutcome> {
    this.worker.ref();
    this.requestId = request.requestId;
    const { clock, realTimeLimitSeconds } = this.options;
    const limit = setTimeout(() => this.timeOut(realTimeLimitSeconds), realTimeLimitSeconds * 1000);
    this.time = new InvocationTime(clock, request.timeoutSeconds, {
      wake: () => this.send({ kind: 'wake' }),
      timeOut: () => this.timeOut(request.timeoutSeconds),
    });
    try {
      return await new Promise<InvocationOutcome>((resolve) => {
        this.end = resolve;
        if (this.gone) this.crash({ errorType: 'Runtime.ExitError', errorMessage: 'Error: Runtime exited' });
        else this.send({ kind: 'invoke', request });
      });
    } finally {
      clearTimeout(limit);
      this.time.end();
      this.end = undefined;
      this.worker.unref();
    }
  }

  /** Ends the environment at once, and an invocation under way with it. */
  public crash(error: FunctionError = { errorType: 'Runtime.ExitError', errorMessage: 'Error: Runtime exited with error: signal: killed' }): void {
    this.gone = true;
    if (this.end) this.options.onLogLine(`RequestId: ${this.requestId} ${error.errorMessage.replace(/^RequestId: \S+ /, '')}`);
    this.end?.({ kind: 'failed', error });
    this.end = undefined;
    void this.worker.terminate();
  }

  public async close(): Promise<void> {
    this.gone = true;
    await this.worker.terminate();
  }

  private send(message: HostMessage): void {
    this.worker.postMessage(message);
  }

  private timeOut(seconds: number): void {
    this.crash({ errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${this.requestId} Error: Task timed out after ${seconds}.00 seconds` });
  }

  private receive(message: WorkerMessage): void {
    switch (message.kind) {
      case 'log': return this.options.onLogLine(message.text);
      case 'paused': return this.end && this.time?.pause(message.milliseconds);
      case 'resumed': return this.time?.resume();
      case 'result': return this.finish({ kind: 'returned', payload: message.payload });
      case 'error': return this.finish({ kind: 'failed', error: message.error });
    }
  }

  private finish(outcome: InvocationOutcome): void {
    const { end } = this;
    this.end = undefined;
    end?.(outcome);
  }
}

/** A worker that does not repeat the flags of the permission model runs without it (Node.js 20). */
const PERMISSION_FLAGS = process.execArgv.filter((flag) => /^--(experimental-permission|permission|allow-|no-warnings)/.test(flag));

/** The variables of every environment, without the developer's AWS configuration. */
const RUNTIME_VARIABLES: Readonly<Record<string, string>> = {
  TZ: 'UTC',
  LANG: 'en_US.UTF-8',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};
