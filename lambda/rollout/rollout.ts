import type { DaemonProperties } from '../contract';
import { daemonArnOf, parseProperties } from '../properties';
import { eventHash, issuedAt, type CloudFormationRequest } from '../request';

/** What the first step of an execution finds out; replay reads it from that step's result. */
export interface Start {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Whether the request belongs to a stack that is rolling back. */
  readonly rollingBack: boolean;
  readonly logGroup: string;
}

/** What is fixed for the whole of a rollout. */
export interface Rollout {
  readonly request: 'create' | 'update' | 'delete';
  readonly desired: DaemonProperties;
  readonly previous?: DaemonProperties;
  readonly daemonArn: string;
  /** The daemon of the old properties, if it is another one. */
  readonly previousDaemonArn?: string;
  /** The id that came in with the request. */
  readonly incomingId?: string;
  readonly stackId: string;
  readonly logicalId: string;
  readonly clientToken: string;
  /** Epoch milliseconds, like `deadline`. */
  readonly startedAt: number;
  readonly deadline: number;
  readonly rollingBack: boolean;
  /** An adoption of the daemon cannot be rolled back any more. */
  readonly adoptionCompleted?: boolean;
  readonly logGroup: string;
  readonly rolloutArn: string;
}

/** CloudFormation waits for at most an hour (EN6); the rest is for the way of the answer. */
export const ANSWER_WITHIN_MINUTES = 55;
/** A request that seems to be older than this was dated by another clock than ours, as the sandbox's virtual time makes it. */
const PLAUSIBLE_DELIVERY_SECONDS = 300;

export function rolloutOf(request: CloudFormationRequest, start: Start, rolloutArn: string): Rollout {
  const desired = parseProperties(request.ResourceProperties);
  const previous = request.OldResourceProperties && parseProperties(request.OldResourceProperties);
  const daemonArn = daemonArnOf(desired);
  const previousArn = previous && daemonArnOf(previous);
  const rollingBack = start.rollingBack && request.RequestType === 'Update';
  // the user's timeout is for the way forward: cut short, a way back or a deletion would leave things behind
  const minutes = rollingBack || request.RequestType === 'Delete' ? ANSWER_WITHIN_MINUTES : Math.min(ANSWER_WITHIN_MINUTES, desired.TimeoutInMinutes);
  return {
    request: kindOf(request),
    desired,
    previous,
    daemonArn,
    previousDaemonArn: previousArn === daemonArn ? undefined : previousArn,
    incomingId: request.PhysicalResourceId,
    stackId: request.StackId,
    logicalId: request.LogicalResourceId,
    clientToken: eventHash(request),
    startedAt: start.startedAt,
    deadline: beginningOf(request, start) + minutes * 60_000,
    rollingBack,
    logGroup: start.logGroup,
    rolloutArn,
  };
}

export const kindOf = ({ RequestType }: CloudFormationRequest): Rollout['request'] =>
  ({ Create: 'create', Update: 'update', Delete: 'delete' } as const)[RequestType];

/** Since when CloudFormation has been waiting, in epoch milliseconds. */
export function beginningOf(request: CloudFormationRequest, { startedAt }: Start): number {
  const issued = issuedAt(request) ?? startedAt;
  const delaySeconds = (startedAt - issued) / 1000;
  return delaySeconds >= 0 && delaySeconds <= PLAUSIBLE_DELIVERY_SECONDS ? issued : startedAt;
}
