import {
  CloudFormationClient, DescribeStackEventsCommand, DescribeStacksCommand, type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { issuedAt, type CloudFormationRequest } from '../request';
import { faultOf } from './fault';

/** What a rollout asks of CloudFormation about its own stack. */
export interface StackApi {
  status(stackId: string): Promise<string>;
  /** One page of events, newest first. */
  events(stackId: string, nextToken?: string): Promise<{ events: readonly Pick<StackEvent, 'PhysicalResourceId' | 'ResourceStatus' | 'Timestamp'>[]; nextToken?: string }>;
}

/** A rollback that began more pages of events ago began before a request that was issued a moment ago. */
const MOST_PAGES = 10;

/**
 * Whether a request belongs to a stack that is rolling back: it must have been issued after the rollback began, since the
 * request that fails the stack may still run when the rollback begins.
 *
 * A refusal counts as no; what may pass is thrown, so that the step asks again.
 */
export async function isRollingBack(api: StackApi, request: CloudFormationRequest): Promise<boolean> {
  if (request.RequestType !== 'Update') return false;
  try {
    if (!/ROLLBACK_IN_PROGRESS$/.test(await api.status(request.StackId))) return false;
    const issued = issuedAt(request);
    if (issued === undefined) return true;
    const began = await rollbackBegan(api, request.StackId);
    return began !== undefined && Math.floor(began / 1000) * 1000 <= issued; // the date of issue has whole seconds
  } catch (error) {
    const { kind } = faultOf(error);
    if (kind === 'throttled' || kind === 'transient') throw error;
    return false;
  }
}

async function rollbackBegan(api: StackApi, stackId: string): Promise<number | undefined> {
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await api.events(stackId, nextToken);
    const began = answer.events.find(({ PhysicalResourceId, ResourceStatus }) =>
      PhysicalResourceId === stackId && /ROLLBACK_IN_PROGRESS$/.test(ResourceStatus ?? ''));
    if (began) return began.Timestamp?.getTime();
    nextToken = answer.nextToken;
    if (!nextToken) return undefined;
  }
  return 0;
}

/** `StackApi` over the AWS SDK. */
export function sdkStackApi(client: Pick<CloudFormationClient, 'send'> = new CloudFormationClient({ maxAttempts: 5 })): StackApi {
  return {
    async status(stackId) {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
      return Stacks?.[0]?.StackStatus ?? '';
    },
    async events(stackId, NextToken) {
      const { StackEvents, NextToken: nextToken } = await client.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }));
      return { events: StackEvents ?? [], nextToken };
    },
  };
}
