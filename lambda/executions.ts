import {
  type ExecutionStatus, GetDurableExecutionCommand, GetDurableExecutionHistoryCommand, LambdaClient,
  paginateListDurableExecutionsByFunction,
} from '@aws-sdk/client-lambda';
import type { Execution, ExecutionReader } from './execution';
import { newestAmong } from './execution-order';
import { required } from './required';

/** The statuses of an execution that has ended. With any other it is alive: Lambda has added PAUSING and PAUSED (EN39, EN40). */
const FINAL_STATUSES: ReadonlySet<string> = new Set<ExecutionStatus>(['SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT']);

/** The known statuses of an execution that is alive; the SDK's own list lacks two of them. */
const ALIVE_STATUSES = ['RUNNING', 'PAUSING', 'PAUSED'] as ExecutionStatus[];

export const hasEnded = ({ status }: { readonly status: string }): boolean => FINAL_STATUSES.has(status);

/** The most executions that one page of the list holds (EN29). */
const PAGE = 1000;
/** Nobody waits for a rollout that so many executions have begun after. */
const MOST_PAGES = 10;

/** The list is limited to 15 calls a second and account. */
export const lambdaClient = (): LambdaClient => new LambdaClient({ maxAttempts: 8 });

/** `ExecutionReader` over the AWS SDK. */
export function sdkExecutionReader(FunctionName: string, client: LambdaClient = lambdaClient()): ExecutionReader {
  /** Newest first, so many at once, however short the pages of Lambda are. */
  async function* pages(Statuses?: ExecutionStatus[]): AsyncGenerator<Execution[]> {
    let found: Execution[] = [];
    for await (const page of paginateListDurableExecutionsByFunction({ client }, { FunctionName, Statuses, MaxItems: PAGE })) {
      found.push(...(page.DurableExecutions ?? []).map(({ DurableExecutionArn, DurableExecutionName, Status, StartTimestamp }) => ({
        arn: required(DurableExecutionArn, 'DurableExecutionArn'),
        name: required(DurableExecutionName, 'DurableExecutionName'),
        status: Status ?? 'RUNNING', // an unknown one is alive
        startedAt: StartTimestamp?.getTime() ?? 0,
      })));
      if (found.length < PAGE) continue;
      yield found;
      found = [];
    }
    yield found;
  }

  return {
    async alive() {
      const list = async (statuses: ExecutionStatus[]): Promise<Execution[]> => {
        const found: Execution[] = [];
        for await (const page of pages(statuses)) found.push(...page);
        return found;
      };
      return list(ALIVE_STATUSES).catch((error: unknown) => {
        // a Region without pauses does not know their statuses
        if ((error as Error).name !== 'InvalidParameterValueException') throw error;
        return list(['RUNNING']);
      });
    },
    async newest() {
      for await (const page of pages()) return page;
      return [];
    },
    async newestOf(resource, except) {
      let count = 0;
      for await (const page of pages()) {
        const newest = newestAmong(page.filter(({ arn }) => !except.includes(arn)), resource);
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
    async pausedAt(DurableExecutionArn) {
      const { Events } = await client.send(new GetDurableExecutionHistoryCommand({
        DurableExecutionArn, IncludeExecutionData: false, ReverseOrder: true, MaxItems: PAGE,
      }));
      return Events?.find(({ EventType }) => EventType as string === 'ExecutionPaused')?.EventTimestamp?.getTime();
    },
  };
}
