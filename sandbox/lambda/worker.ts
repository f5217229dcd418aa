import { parentPort, workerData } from 'node:worker_threads';
import { endLookUpAt, loadHandler, type Handler } from './worker-code';
import { confine } from './worker-confinement';
import { captureOutput } from './worker-output';
import { installVirtualDate, shortenSuspensionPause } from './worker-time';
import type { FunctionError, InvocationRequest, WorkerMessage, WorkerStart } from './worker-messages';

/** The host of one execution environment: a worker thread that loads a function's bundle and runs its handler. */

const start = workerData as WorkerStart;
const post = (message: WorkerMessage): void => parentPort!.postMessage(message);

const realNow = performance.now.bind(performance);
installVirtualDate(start.sharedClock);
if (start.cutsSuspensionPause) shortenSuspensionPause();
endLookUpAt(start.codeFolder);
confine(start.endpoint);
const output = captureOutput(start.logFormat, (text) => post({ kind: 'log', text }));

let handler: Promise<Handler> | undefined;

async function run(request: InvocationRequest): Promise<void> {
  output.requestId = request.requestId;
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

function call(handle: Handler, request: InvocationRequest, deadline: number): Promise<unknown> {
  const { env } = process;
  const context = {
    awsRequestId: request.requestId,
    invokedFunctionArn: request.invokedFunctionArn,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - realNow())),
  };
  return new Promise((resolve, reject) => {
    const callback = (fault: unknown, result: unknown): void => fault ? reject(fault) : resolve(result);
    const returned = handle(JSON.parse(request.payload), context, callback);
    // a handler that declares a callback and returns no promise answers by the callback
    if (handle.length < 3 || returned instanceof Promise) resolve(returned);
  });
}

function describe(fault: unknown): FunctionError {
  if (!(fault instanceof Error)) return { errorType: typeof fault, errorMessage: String(fault), trace: [] };
  return { errorType: fault.name, errorMessage: fault.message, trace: fault.stack?.split('\n') ?? [] };
}

parentPort!.on('message', (request: InvocationRequest) => void run(request));
