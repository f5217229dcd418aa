import { InvokeCommand, type LambdaClient, paginateGetDurableExecutionHistory, StopDurableExecutionCommand } from '@aws-sdk/client-lambda';
import type { ExecutionReader } from '../execution';
import { lambdaClient, sdkExecutionReader } from '../executions';

/** The executions of the rollout function, which the front desk starts and stops. */
export interface Executions extends ExecutionReader {
  /** Starts one, or returns the ARN of the one that has this name and payload already (EN10). */
  start(name: string, payload: string): Promise<string>;
  stop(arn: string, reason: string): Promise<void>;
  /** Whether one of its steps has succeeded, by the name of the step. */
  hasSucceeded(arn: string, step: string): Promise<boolean>;
}

/** The error type by which the front desk's own stops are known from a person's. */
export const SUPERSEDED = 'Superseded';
/** The most events that one page of a history holds. */
const PAGE = 1000;

/** `Executions` over the AWS SDK. */
export function sdkExecutions(aliasArn: string, client: LambdaClient = lambdaClient()): Executions {
  return {
    ...sdkExecutionReader(aliasArn.slice(0, aliasArn.lastIndexOf(':')), client),
    async start(name, payload) {
      const { DurableExecutionArn } = await client.send(new InvokeCommand({
        FunctionName: aliasArn, InvocationType: 'Event', DurableExecutionName: name, Payload: payload,
      }));
      return DurableExecutionArn ?? '';
    },
    async stop(DurableExecutionArn, ErrorMessage) {
      await client.send(new StopDurableExecutionCommand({ DurableExecutionArn, Error: { ErrorType: SUPERSEDED, ErrorMessage } }));
    },
    async hasSucceeded(DurableExecutionArn, step) {
      const input = { DurableExecutionArn, IncludeExecutionData: false, ReverseOrder: true, MaxItems: PAGE };
      for await (const { Events } of paginateGetDurableExecutionHistory({ client }, input)) {
        if (Events?.some(({ EventType, Name }) => EventType === 'StepSucceeded' && Name === step)) return true;
      }
      return false;
    },
  };
}
