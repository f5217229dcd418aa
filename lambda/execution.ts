export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}
