/** How this Lambda behaves where AWS documents nothing, or where a test wants to see something go wrong. */
export interface LambdaAssumptions {
  /**
   * How often a failed invocation of a durable execution is tried in all. The guide promises attempts until success or the execution
   * timeout; users have counted about nine (EN24).
   * @default Infinity
   */
  readonly maximumInvocationAttempts: number;
  /** The pauses before a failed invocation is repeated, the last one again and again (EN24). @default 1 doubling to 256, then 300 */
  readonly invocationRetryDelaysSeconds: readonly number[];
  /** The pauses before an asynchronous invocation of an ordinary function is repeated after an error. @default 60, 120 */
  readonly asynchronousRetryDelaysSeconds: readonly number[];
  /** How many operations the input of an invocation carries before the rest has to be fetched page by page. @default 1000 */
  readonly inputPageSize: number;
  /** Whether a checkpoint sent again because its reply was lost gets that reply, or is refused as stale. @default 'same-reply' */
  readonly repeatedCheckpoint: 'same-reply' | 'stale-token';
  /** Where the name of an execution is unique; the pages of AWS differ (EN21). @default 'function' */
  readonly executionNameScope: 'function' | 'account';
  /** Cuts the 20 ms for which the durable SDK pauses before each suspension: faster tests, less fidelity. @default false */
  readonly cutsSuspensionPause: boolean;
  /** Whether an execution environment serves further invocations; false makes each one a cold start. @default true */
  readonly reusesEnvironments: boolean;
  /** How many seconds later than requested the timers of steps and waits fire. @default 0 */
  readonly timerLatenessSeconds: number;
  /**
   * How many environments may be at work for asynchronous and durable invocations; the others queue. With 1, executions
   * that are due at the same time run one after the other, and every run is the same.
   * @default 8
   */
  readonly maximumBusyEnvironments: number;
  /** How many idle environments are kept warm. @default 4 */
  readonly maximumIdleEnvironments: number;
  /**
   * Real seconds after which a handler that does not return is ended as timed out. A function's own `Timeout` counts only its pauses,
   * since no virtual time passes while a handler works, and a busy machine must not fail it.
   * @default 60
   */
  readonly handlerRealTimeLimitSeconds: number;
}

export const DEFAULT_ASSUMPTIONS: LambdaAssumptions = {
  maximumInvocationAttempts: Infinity,
  invocationRetryDelaysSeconds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 300],
  asynchronousRetryDelaysSeconds: [60, 120],
  inputPageSize: 1000,
  repeatedCheckpoint: 'same-reply',
  executionNameScope: 'function',
  cutsSuspensionPause: false,
  reusesEnvironments: true,
  timerLatenessSeconds: 0,
  maximumBusyEnvironments: 8,
  maximumIdleEnvironments: 4,
  handlerRealTimeLimitSeconds: 60,
};
