import {
  GetDurableExecutionCommand, LambdaClient, paginateListDurableExecutionsByFunction, type ExecutionStatus,
} from '@aws-sdk/client-lambda';
import { newestAmong } from './execution-order';

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

/** How late a list may show what was started; nothing is documented. */
export const LIST_LAG_SECONDS = 20;

/** Reads the executions of the rollout function. */
export interface ExecutionReader {
  running(): Promise<Execution[]>;
  /** The newest ones of any status. */
  newest(): Promise<Execution[]>;
  /** The one with the newest request of a resource, which is the first part of its name; undefined if there is none any more. */
  newestOf(resource: string): Promise<Execution | undefined>;
  get(arn: string): Promise<ExecutionDetail>;
  /** Like `get`, without what is secret or long. */
  status(arn: string): Promise<ExecutionStatus>;
}

/** The most executions that one page of the list holds (EN29). */
const PAGE = 1000;
/** Nobody waits for a rollout that so many executions have begun after. */
const MOST_PAGES = 10;

/** The list is limited to 15 calls a second and account. */
export const lambdaClient = (): LambdaClient => new LambdaClient({ maxAttempts: 8 });

/** `ExecutionReader` over the AWS SDK. */
export function sdkExecutionReader(FunctionName: string, client: LambdaClient = lambdaClient()): ExecutionReader {
  /** Newest first. */
  async function* pages(Statuses?: ExecutionStatus[]): AsyncGenerator<Execution[]> {
    for await (const page of paginateListDurableExecutionsByFunction({ client }, { FunctionName, Statuses, MaxItems: PAGE })) {
      yield (page.DurableExecutions ?? []).map(({ DurableExecutionArn, DurableExecutionName, Status, StartTimestamp }) => ({
        arn: DurableExecutionArn ?? '',
        name: DurableExecutionName ?? '',
        status: Status ?? 'RUNNING',
        startedAt: StartTimestamp?.getTime() ?? 0,
      }));
    }
  }

  return {
    async running() {
      const found: Execution[] = [];
      for await (const page of pages(['RUNNING'])) found.push(...page);
      return found;
    },
    async newest() {
      for await (const page of pages()) return page;
      return [];
    },
    async newestOf(resource) {
      let count = 0;
      for await (const page of pages()) {
        const newest = newestAmong(page, resource);
        if (newest || ++count >= MOST_PAGES) return newest;
      }
      return undefined;
    },
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
    async status(DurableExecutionArn) {
      const { Status } = await client.send(new GetDurableExecutionCommand({ DurableExecutionArn, IncludeExecutionData: false }));
      return Status ?? 'RUNNING';
    },
  };
}
