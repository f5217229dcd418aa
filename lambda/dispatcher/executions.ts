import {
  GetDurableExecutionCommand, InvokeCommand, LambdaClient, paginateListDurableExecutionsByFunction, StopDurableExecutionCommand,
  type ExecutionStatus,
} from '@aws-sdk/client-lambda';

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

export interface ExecutionDetail {
  readonly status: ExecutionStatus;
  readonly name: string;
  /** The event that started it. It contains the ResponseURL, which is a credential (EN30). */
  readonly input: string;
  readonly result?: string;
  readonly error?: string;
  readonly errorType?: string;
}

/** The executions of the rollout function. */
export interface Executions {
  /** Starts one, or returns the ARN of the one that has this name and payload already (EN10). */
  start(name: string, payload: string): Promise<string>;
  running(): Promise<Execution[]>;
  /** The newest ones of any status. */
  newest(): Promise<Execution[]>;
  get(arn: string): Promise<ExecutionDetail>;
  stop(arn: string, reason: string): Promise<void>;
}

/** The error type by which the front desk's own stops are known from a person's. */
export const SUPERSEDED = 'Superseded';
/** The most executions that one page of the list holds (EN29). */
const PAGE = 1000;

/** `Executions` over the AWS SDK. */
export function sdkExecutions(aliasArn: string): Executions {
  // the list is limited to 15 calls a second and account
  const client = new LambdaClient({ maxAttempts: 8 });
  const FunctionName = aliasArn.slice(0, aliasArn.lastIndexOf(':'));

  async function list(Statuses: ExecutionStatus[] | undefined, mostPages: number): Promise<Execution[]> {
    const found: Execution[] = [];
    let pages = 0;
    for await (const page of paginateListDurableExecutionsByFunction({ client }, { FunctionName, Statuses, MaxItems: PAGE })) {
      for (const { DurableExecutionArn, DurableExecutionName, Status, StartTimestamp } of page.DurableExecutions ?? []) {
        found.push({
          arn: DurableExecutionArn ?? '',
          name: DurableExecutionName ?? '',
          status: Status ?? 'RUNNING',
          startedAt: StartTimestamp?.getTime() ?? 0,
        });
      }
      if (++pages >= mostPages) break;
    }
    return found;
  }

  return {
    async start(name, payload) {
      const { DurableExecutionArn } = await client.send(new InvokeCommand({
        FunctionName: aliasArn, InvocationType: 'Event', DurableExecutionName: name, Payload: payload,
      }));
      return DurableExecutionArn ?? '';
    },
    running: () => list(['RUNNING'], Number.POSITIVE_INFINITY),
    newest: () => list(undefined, 1),
    async get(DurableExecutionArn) {
      const detail = await client.send(new GetDurableExecutionCommand({ DurableExecutionArn }));
      return {
        status: detail.Status ?? 'RUNNING',
        name: detail.DurableExecutionName ?? '',
        input: detail.InputPayload ?? '',
        result: detail.Result,
        error: detail.Error?.ErrorMessage,
        errorType: detail.Error?.ErrorType,
      };
    },
    async stop(DurableExecutionArn, ErrorMessage) {
      await client.send(new StopDurableExecutionCommand({ DurableExecutionArn, Error: { ErrorType: SUPERSEDED, ErrorMessage } }));
    },
  };
}
