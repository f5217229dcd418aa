import type { DaemonResourceType } from '../../contract';
import { daemonArnOf, parseProperties } from '../../properties';
import type { Event, StackApi } from '../aws/stack-api';
import type { ObservedRequest } from '../observation';
import { beginsOperation, newestEvents } from './stack';

const DAEMON_TYPE: DaemonResourceType = 'Custom::ECSManagedDaemon';

/**
 * What CloudFormation has asked of the daemons of a stack in its present operation, by the stack's own events.
 *
 * They are one list in one order, which all rollouts of the stack read alike, and each request is in it before it is sent.
 */
export async function stackRequests(api: StackApi, stackId: string): Promise<ObservedRequest[]> {
  const requests = new Map<string, ObservedRequest>();
  for (const [place, event] of (await eventsOfOperation(api, stackId)).entries()) {
    const { LogicalResourceId: logicalId = '', ResourceType, ResourceStatus = '', Timestamp } = event;
    if (ResourceType !== DAEMON_TYPE) continue;
    const known = requests.get(logicalId);
    const at = Timestamp?.getTime() ?? 0;
    if (ResourceStatus.endsWith('_IN_PROGRESS')) {
      const begun = known && known.endedAt === undefined ? known : { logicalId, place, begunAt: at, hasFailed: false };
      requests.set(logicalId, { ...begun, ...placesOf(event, known) });
    } else if (known && /_(COMPLETE|FAILED|SKIPPED)$/.test(ResourceStatus)) {
      requests.set(logicalId, { ...known, endedAt: at, hasFailed: ResourceStatus.endsWith('_FAILED') });
    }
  }
  return [...requests.values()];
}

/** Oldest first; an update and its rollback are one operation. */
async function eventsOfOperation(api: StackApi, stackId: string): Promise<Event[]> {
  const found: Event[] = [];
  for await (const event of newestEvents(api, stackId)) {
    if (beginsOperation(event, stackId)) break;
    found.push(event);
  }
  return found.reverse();
}

/** Where the daemon runs, before and after; `undefined` for the capacity providers that cannot be told. */
function placesOf({ ResourceProperties }: Event, known: ObservedRequest | undefined): Pick<ObservedRequest, 'daemonArns' | 'capacityProviderArns'> {
  try {
    const properties = parseProperties(JSON.parse(ResourceProperties ?? '') as Record<string, unknown>);
    const before = known ? known.capacityProviderArns : [];
    return {
      daemonArns: [...known?.daemonArns ?? [], daemonArnOf(properties)],
      capacityProviderArns: before && [...before, ...properties.CapacityProviderArns],
    };
  } catch {
    return { daemonArns: known?.daemonArns ?? [], capacityProviderArns: undefined };
  }
}
