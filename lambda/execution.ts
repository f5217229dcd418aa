export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

export interface ExecutionDetail {
  readonly status: string;
  readonly name: string;
  /** The event that started it. It contains the ResponseURL, which is a credential (EN30). */
  readonly input: string;
  readonly result?: string;
  readonly error?: string;
  readonly errorType?: string;
}

/** Reads the executions of the rollout function. */
export interface ExecutionReader {
  /** Those that have not ended. */
  alive(): Promise<Execution[]>;
  /** The newest ones of any status. */
  newest(): Promise<Execution[]>;
  /** The one with the newest request of a resource, which is the first part of its name, except these ARNs; undefined if there is none. */
  newestOf(resource: string, except: readonly string[]): Promise<Execution | undefined>;
  get(arn: string): Promise<ExecutionDetail>;
  /** Like `get`, without what is secret or long. */
  status(arn: string): Promise<string>;
  /** When it was paused last, if its history says so. Epoch milliseconds. */
  pausedAt(arn: string): Promise<number | undefined>;
}
