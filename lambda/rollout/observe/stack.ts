import { type CloudFormationRequest, issuedAt } from '../../request';
import type { Event, StackApi } from '../aws/stack-api';

/**
 * Whether a request belongs to a stack that is rolling back: it must have been issued after the rollback began, since the
 * request that fails the stack may still run when the rollback begins.
 */
export async function isRollingBack(api: StackApi, request: CloudFormationRequest, status: string): Promise<boolean> {
  if (request.RequestType !== 'Update' || !/ROLLBACK_IN_PROGRESS$/.test(status)) return false;
  const issued = issuedAt(request);
  if (issued === undefined) return true;
  const began = await rollbackBegan(api, request.StackId, issued);
  return began !== undefined && Math.floor(began / 1000) * 1000 <= issued; // the date of issue has whole seconds
}

/** The events of a stack, newest first, in its present operation and before it. Pages are read as far as they are needed. */
export async function* newestEvents(api: StackApi, stackId: string): AsyncGenerator<Event> {
  let nextToken: string | undefined;
  do {
    const page = await api.events(stackId, nextToken);
    yield* page.events;
    nextToken = page.nextToken;
  } while (nextToken);
}

/** When the rollback of a stack began; 0 if that was before the request, as all events since the request say nothing of it. */
async function rollbackBegan(api: StackApi, stackId: string, issued: number): Promise<number | undefined> {
  for await (const { PhysicalResourceId, ResourceStatus, Timestamp } of newestEvents(api, stackId)) {
    if (PhysicalResourceId === stackId && /ROLLBACK_IN_PROGRESS$/.test(ResourceStatus ?? '')) return Timestamp?.getTime();
    if (Timestamp && Timestamp.getTime() < issued) return 0;
  }
  return undefined;
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
