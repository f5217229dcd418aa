/** The start message from the host to a worker. */
export interface WorkerStart {
  /** The folder that holds the function's code. */
  readonly codeFolder: string;
  /** `index.handler` */
  readonly handler: string;
  readonly sharedClock: SharedArrayBuffer;
  /** The only address that the function's code reaches. */
  readonly endpoint: string;
  readonly cutsSuspensionPause: boolean;
  readonly logFormat: 'Text' | 'JSON';
}

/** One invocation, as the host hands it to a worker. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly payload: string;
  readonly invokedFunctionArn: string;
  readonly timeoutSeconds: number;
}

/** A message from the host to a worker. */
export type HostMessage =
  | { readonly kind: 'invoke'; readonly request: InvocationRequest }
  /** So much virtual time has passed as the function waits for. */
  | { readonly kind: 'wake' };

/** An error as Lambda reports it to the invoker. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** A message from a worker to its host; messages have the order of the events. */
export type WorkerMessage =
  | { readonly kind: 'log'; readonly text: string }
  /** The function only waits for a timer, whose time is virtual. */
  | { readonly kind: 'paused'; readonly milliseconds: number }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'error'; readonly error: FunctionError };
