import type { Recording, RecordedStackEvent } from '../recording';

/** One operation of a stack, its rollback included. Times are epoch milliseconds. */
export interface StackOperation {
  readonly stack: string;
  readonly from: number;
  /** Undefined while it is under way. */
  readonly to?: number;
  /** When the stack began to roll back, if it did. */
  readonly rollbackAt?: number;
  /** The last status of the stack. */
  readonly status: string;
  readonly events: readonly RecordedStackEvent[];
}

/** What CloudFormation requested for one daemon in one operation of its stack. */
export interface DaemonRequests {
  readonly operation: StackOperation;
  readonly daemonArn: string;
  readonly logicalId: string;
  readonly kind: 'create' | 'update' | 'delete';
  readonly from: number;
  readonly to?: number;
  /** When the rollback of the stack came to it, if it did. */
  readonly revertedAt?: number;
  readonly events: readonly RecordedStackEvent[];
  /** As in the last request before a rollback of the stack. */
  readonly properties: DaemonProperties;
}

/** The properties of `Custom::ECSManagedDaemon` that a timeline shows. */
export interface DaemonProperties {
  readonly ClusterArn?: string;
  readonly DaemonName?: string;
  readonly CapacityProviderArns?: readonly string[];
  readonly DrainPercent?: number | string;
  readonly BakeTimeInMinutes?: number | string;
  readonly AlarmNames?: readonly string[];
  readonly Tags?: readonly { readonly key: string; readonly value: string }[];
}

export const STACK_TYPE = 'AWS::CloudFormation::Stack';
export const DAEMON_TYPE = 'Custom::ECSManagedDaemon';
export const GATE_TYPE = 'Custom::ECSManagedDaemonGate';

const BEGINNINGS = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'DELETE_IN_PROGRESS'];
const ROLLBACKS = ['ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'];

/** The operations of all stacks, in the order in which they began. */
export function operationsOf({ stackEvents }: Recording): StackOperation[] {
  const open = new Map<string, RecordedStackEvent[]>();
  const all: RecordedStackEvent[][] = [];
  for (const event of stackEvents) {
    if (isOfStack(event) && BEGINNINGS.includes(event.status)) {
      const events: RecordedStackEvent[] = [];
      open.set(event.stack, events);
      all.push(events);
    }
    open.get(event.stack)?.push(event);
  }
  return all.map(operation);
}

/** The daemons that an operation changes, in the order of their requests. */
export function daemonRequestsOf(operation: StackOperation): DaemonRequests[] {
  const byDaemon = new Map<string, RecordedStackEvent[]>();
  for (const event of operation.events) {
    const daemonArn = event.resourceType === DAEMON_TYPE ? daemonArnOf(event) : undefined;
    if (daemonArn === undefined) continue;
    const events = byDaemon.get(daemonArn);
    if (events) events.push(event);
    else byDaemon.set(daemonArn, [event]);
  }
  return [...byDaemon].map(([daemonArn, events]) => requestsOf(operation, daemonArn, events));
}

/** The ARN of a daemon, which is computed from its properties: the physical id is not known before the end of its creation. */
export function daemonArnOf({ properties }: RecordedStackEvent): string | undefined {
  const { ClusterArn, DaemonName } = (properties ?? {}) as DaemonProperties;
  if (ClusterArn === undefined || DaemonName === undefined) return undefined;
  const [start, clusterName] = ClusterArn.split(':cluster/');
  return `${start}:daemon/${clusterName}/${DaemonName}`;
}

function requestsOf(operation: StackOperation, daemonArn: string, events: readonly RecordedStackEvent[]): DaemonRequests {
  const first = events[0]!;
  const last = events.at(-1)!;
  const { rollbackAt } = operation;
  const forward = rollbackAt === undefined ? events : events.slice(0, firstOfRollback(operation, events));
  const reverting = events.slice(forward.length).find(({ status }) => status.endsWith('_IN_PROGRESS'));
  return {
    operation, daemonArn, events,
    logicalId: first.logicalId,
    kind: first.status.split('_')[0]!.toLowerCase() as DaemonRequests['kind'],
    from: Date.parse(first.time),
    ...(!last.status.endsWith('_IN_PROGRESS') && { to: Date.parse(last.time) }),
    ...(reverting && { revertedAt: Date.parse(reverting.time) }),
    properties: (forward.at(-1) ?? first).properties as DaemonProperties,
  };
}

/** How many events of a daemon come before the stack rolls back: times alone may be equal. */
function firstOfRollback(operation: StackOperation, events: readonly RecordedStackEvent[]): number {
  const start = operation.events.findIndex((event) => isOfStack(event) && ROLLBACKS.includes(event.status));
  const first = events.findIndex((event) => operation.events.indexOf(event) > start);
  return first === -1 ? events.length : first;
}

function operation(events: readonly RecordedStackEvent[]): StackOperation {
  const ofStack = events.filter(isOfStack);
  const last = ofStack.at(-1)!;
  const rollback = ofStack.find(({ status }) => ROLLBACKS.includes(status));
  return {
    stack: last.stack,
    from: Date.parse(events[0]!.time),
    ...(!last.status.endsWith('_IN_PROGRESS') && { to: Date.parse(last.time) }),
    ...(rollback && { rollbackAt: Date.parse(rollback.time) }),
    status: last.status,
    events,
  };
}

const isOfStack = ({ resourceType, logicalId, stack }: RecordedStackEvent): boolean => resourceType === STACK_TYPE && logicalId === stack;
