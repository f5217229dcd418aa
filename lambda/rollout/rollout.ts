import type { DaemonProperties } from '../contract';
import { daemonArnOf, parseProperties, parseServed, PropertiesError } from '../properties';
import { type CloudFormationRequest, eventHash, issuedAt } from '../request';
import {
  ANSWER_WITHIN_MINUTES, ON_THE_WAY_SECONDS, PLAUSIBLE_DELIVERY_SECONDS, READ_LAG_SECONDS, secondsSince, WAY_BACK_MINUTES,
} from '../timing';
import type { EndedDeployment } from './observe/predecessor';

/** What the first step of an execution finds out; replay reads it from that step's result. */
export interface Start {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Whether the request belongs to a stack that is rolling back. */
  readonly rollingBack: boolean;
  /** When the operation began that the stack rolls back, if its events tell. Epoch milliseconds. */
  readonly operationBeganAt?: number;
  /** The tags of the stack; undefined if they could not be read. */
  readonly stackTags?: Readonly<Record<string, string>>;
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
  /** Epoch milliseconds, like the times below. */
  readonly startedAt: number;
  /** Since when no older rollout of the same resource runs. */
  readonly soleExecutionSince: number;
  /** The deployment that the request before this one has just seen to its end. */
  readonly predecessorDeployment?: EndedDeployment;
  /** When CloudFormation is to have its answer, whatever the rollout has come to. */
  readonly answerBy: number;
  /** When the rollout is given up. */
  readonly deadline: number;
  /** Whether gates hold the stack between the two. */
  readonly gated: boolean;
  readonly rollingBack: boolean;
  /** When the operation began that the stack rolls back, if that is known. Epoch milliseconds. */
  readonly operationBeganAt?: number;
  /** The tags of the stack; undefined if they could not be read. */
  readonly stackTags?: Readonly<Record<string, string>>;
  /** Whether reads may not return yet what the request before this one has written of the tags. */
  readonly tagsMayBeOlder?: boolean;
  /** An adoption of the daemon cannot be rolled back any more. */
  readonly adoptionCompleted?: boolean;
  readonly logGroup: string;
  readonly rolloutArn: string;
}

export function rolloutOf(request: CloudFormationRequest, start: Start, rolloutArn: string): Rollout {
  const desired = (request.RequestType === 'Delete' ? parseServed : parseProperties)(request.ResourceProperties);
  const previous = request.OldResourceProperties && previousOf(request.OldResourceProperties);
  const daemonArn = daemonArnOf(desired);
  const previousArn = previous && daemonArnOf(previous);
  const rollingBack = start.rollingBack && request.RequestType === 'Update';
  const timeoutMinutes = request.RequestType === 'Delete' ? desired.DeletionTimeoutInMinutes ?? ANSWER_WITHIN_MINUTES : desired.TimeoutInMinutes;
  // the user's timeout is for the way forward: cut short, a way back or a deletion would leave things behind
  const minutes = rollingBack ? Math.max(WAY_BACK_MINUTES, timeoutMinutes)
    : request.RequestType === 'Delete' ? Math.max(ANSWER_WITHIN_MINUTES, timeoutMinutes) : timeoutMinutes;
  const beginning = beginningOf(request, start);
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
    soleExecutionSince: start.startedAt,
    answerBy: beginning + Math.min(ANSWER_WITHIN_MINUTES, minutes) * 60_000,
    deadline: beginning + minutes * 60_000,
    gated: timeoutMinutes > ANSWER_WITHIN_MINUTES,
    rollingBack,
    operationBeganAt: start.operationBeganAt,
    stackTags: start.stackTags,
    logGroup: start.logGroup,
    rolloutArn,
  };
}

/**
 * What an update comes from; undefined if it cannot be read, as the properties of an update that failed for just that. Its rollback has
 * to do without (FM11).
 */
function previousOf(raw: NonNullable<CloudFormationRequest['OldResourceProperties']>): DaemonProperties | undefined {
  try {
    const previous = parseServed(raw);
    daemonArnOf(previous);
    return previous;
  } catch (error) {
    if (error instanceof PropertiesError) return undefined;
    throw error;
  }
}

/** A change of name or cluster is a new daemon; CloudFormation deletes the old one in its cleanup (FM13). */
export const createsDaemon = ({ request, previousDaemonArn, incomingId, daemonArn }: Rollout): boolean =>
  request === 'create' || (previousDaemonArn !== undefined && incomingId !== daemonArn);

/** Whether reads show all that older rollouts of the same resource have written (FM24, A28). */
export const showsOlderWrites = ({ soleExecutionSince }: Rollout, now: number): boolean =>
  secondsSince(soleExecutionSince, now) >= ON_THE_WAY_SECONDS + READ_LAG_SECONDS;

export const kindOf = ({ RequestType }: CloudFormationRequest): Rollout['request'] =>
  ({ Create: 'create', Update: 'update', Delete: 'delete' } as const)[RequestType];

/** Since when CloudFormation has been waiting, in epoch milliseconds. */
export function beginningOf(request: CloudFormationRequest, { startedAt }: Pick<Start, 'startedAt'>): number {
  const issued = issuedAt(request) ?? startedAt;
  const delaySeconds = secondsSince(issued, startedAt);
  return delaySeconds >= 0 && delaySeconds <= PLAUSIBLE_DELIVERY_SECONDS ? issued : startedAt;
}
