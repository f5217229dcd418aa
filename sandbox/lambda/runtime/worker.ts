import { parentPort, workerData } from 'node:worker_threads';
import { endLookUpAt, loadHandler, type Handler } from './handler-loader';
import { confine } from './worker-confinement';
import type { FunctionError, HostMessage, InvocationRequest, WorkerMessage, WorkerStart } from './worker-messages';
import { captureOutput } from './worker-output';
import { Pauses } from './worker-pauses';
import { installVirtualDate, shortenSuspensionPause } from './virtual-date';

/** The host of one execution environment: a worker thread that loads a function's bundle and runs its handler. */

const start = workerData as WorkerStart;
const post = (message: WorkerMessage): void => parentPort!.postMessage(message);

const realNow = performance.now.bind(performance);
installVirtualDate(start.sharedClock);
if (start.cutsSuspensionPause) shortenSuspensionPause();
const pauses = new Pauses({
  onPause: (milliseconds) => post({ kind: 'paused', milliseconds }),
  onResume: () => post({ kind: 'resumed' }),
});
pauses.install();
endLookUpAt(start.codeFolder);
confine(start.endpoint);
const output = captureOutput(start.logFormat, (text) => post({ kind: 'log', text }));

let handler: Promise<Handler> | undefined;

async function run(request: InvocationRequest): Promise<void> {
  output.requestId = request.requestId;
  pauses.restart();
  const deadline = realNow() + request.timeoutSeconds * 1000;
  try {
    const result = await call(await (handler ??= loadHandler(start.codeFolder, start.handler)), request, deadline);
    post({ kind: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (fault) {
    const error = describe(fault);
    output.line('ERROR', `Invoke Error \t${JSON.stringify({ ...error, stack: error.trace, trace: undefined })}`);
    post({ kind: 'error', error });
  }
}

/** A handler responds by its promise, its callback or the context. Without a response it ends with null when no work is left. */
function call(handle: Handler, request: InvocationRequest, deadline: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (fault: unknown, result?: unknown): void => fault ? reject(fault) : resolve(result);
    const returned = handle(JSON.parse(request.payload), contextOf(request, deadline, done), done);
    if (returned !== undefined) return resolve(returned);
    process.once('beforeExit', () => resolve(undefined));
    parentPort!.unref();
  }).finally(() => {
    process.removeAllListeners('beforeExit');
    parentPort!.ref();
  });
}

function contextOf(request: InvocationRequest, deadline: number, done: (fault: unknown, result?: unknown) => void): object {
  const { env } = process;
  return {
    awsRequestId: request.requestId,
    invokedFunctionArn: request.invokedFunctionArn,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - realNow() - pauses.skippedMilliseconds)),
    done,
    succeed: (result: unknown) => done(undefined, result),
    fail: (fault: unknown) => done(fault ?? 'failed'),
  };
}

function describe(fault: unknown): FunctionError {
  if (!(fault instanceof Error)) return { errorType: typeof fault, errorMessage: String(fault), trace: [] };
  return { errorType: fault.name, errorMessage: fault.message, trace: fault.stack?.split('\n') ?? [] };
}

parentPort!.on('message', (message: HostMessage) => {
  if (message.kind === 'wake') pauses.wake();
  else void run(message.request);
});
