import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { issuedAt, type CloudFormationRequest } from '../request';

/** What a rollout asks of CloudFormation about its own stack. */
export interface StackApi {
  /** One call, whatever is read of it. */
  describe(stackId: string): Promise<StackDescription>;
  /** One page of events, newest first. */
  events(stackId: string, nextToken?: string): Promise<{ events: readonly Event[]; nextToken?: string }>;
}

/** What CloudFormation returns about a stack, as far as rollouts need it. */
export interface StackDescription {
  readonly status: string;
  /** Undefined if CloudFormation leaves them out. */
  readonly tags?: Readonly<Record<string, string>>;
}

export type Event = Partial<Pick<StackEvent,
  'EventId' | 'LogicalResourceId' | 'PhysicalResourceId' | 'ResourceProperties' | 'ResourceStatus' | 'ResourceType' | 'Timestamp'
>>;

/** Far more than the events of one operation on the largest stack. */
const MOST_PAGES_OF_AN_OPERATION = 100;

/** A rollback that began more pages of events ago began before a request that was issued a moment ago. */
const MOST_PAGES = 10;

/**
 * Whether a request belongs to a stack that is rolling back: it must have been issued after the rollback began, since the
 * request that fails the stack may still run when the rollback begins.
 */
export async function isRollingBack(api: StackApi, request: CloudFormationRequest, status: string): Promise<boolean> {
  if (request.RequestType !== 'Update' || !/ROLLBACK_IN_PROGRESS$/.test(status)) return false;
  const issued = issuedAt(request);
  if (issued === undefined) return true;
  const began = await rollbackBegan(api, request.StackId);
  return began !== undefined && Math.floor(began / 1000) * 1000 <= issued; // the date of issue has whole seconds
}

/** The pages of a stack's events, newest first. */
async function* pagesOf(api: StackApi, stackId: string, mostPages: number): AsyncGenerator<{ events: readonly Event[]; isLast: boolean }> {
  let nextToken: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const { events, nextToken: next } = await api.events(stackId, nextToken);
    yield { events, isLast: !next };
    if (!next) return;
    nextToken = next;
  }
}

/** The events of a stack in its present operation, and those before it, newest first. */
export async function* newestEvents(api: StackApi, stackId: string): AsyncGenerator<Event> {
  for await (const { events } of pagesOf(api, stackId, MOST_PAGES_OF_AN_OPERATION)) yield* events;
}

async function rollbackBegan(api: StackApi, stackId: string): Promise<number | undefined> {
  for await (const { events, isLast } of pagesOf(api, stackId, MOST_PAGES)) {
    const began = events.find(({ PhysicalResourceId, ResourceStatus }) =>
      PhysicalResourceId === stackId && /ROLLBACK_IN_PROGRESS$/.test(ResourceStatus ?? ''));
    if (began) return began.Timestamp?.getTime();
    if (isLast) return undefined;
  }
  return 0;
}

/** When a stack began the operation that it is in, which an update and its rollback are together; undefined if its events do not tell. */
export async function operationBegan(api: StackApi, stackId: string): Promise<number | undefined> {
  for await (const event of newestEvents(api, stackId)) {
    if (beginsOperation(event, stackId)) return event.Timestamp?.getTime();
  }
  return undefined;
}

export const beginsOperation = ({ PhysicalResourceId, ResourceStatus }: Event, stackId: string): boolean =>
  PhysicalResourceId === stackId && /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/.test(ResourceStatus ?? '');

/**
 * What a stack itself has gone through since it last completed an operation: the ids of its events, newest first.
 *
 * Nothing that one of these has begun has been completed yet. That tells the deletion which takes a Create back from one that was
 * asked for later, whatever the stack is doing: statuses do not, where a rollback was disabled (E10).
 */
export async function openOperations(api: StackApi, stackId: string): Promise<string[]> {
  const open: string[] = [];
  for await (const { EventId = '', PhysicalResourceId, ResourceStatus = '' } of newestEvents(api, stackId)) {
    if (PhysicalResourceId !== stackId) continue;
    if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(ResourceStatus)) return open;
    open.push(EventId);
  }
  return open;
}
