import type { StackIdVariable } from './contract';
import { oneLine } from './reason';
import { issuedAt, type CloudFormationRequest } from './request';

/**
 * Whether an event is a request that CloudFormation has sent for the stack of our functions, while that stack is in an operation.
 *
 * Whoever may invoke a function could otherwise deploy to its fleets without a deployment, have the answer sent to a server of his own, or
 * date a request so far ahead that all later ones count as outdated.
 */

const STACK_ID: StackIdVariable = 'STACK_ID';
const ENDPOINT = 'AWS_ENDPOINT_URL';

const REQUEST_TYPES: readonly CloudFormationRequest['RequestType'][] = ['Create', 'Update', 'Delete'];

/** The ARN of a stack is shorter. */
const MOST_ID_BYTES = 300;

/** Clocks differ by less. */
const MOST_SECONDS_AHEAD = 15 * 60;

/** What makes an event suspicious by itself, as a clause; undefined if nothing does. */
export function distrust(request: CloudFormationRequest, now: number): string | undefined {
  if (!REQUEST_TYPES.includes(request.RequestType)) return 'its type is none of CloudFormation\'s';
  const ownStackId = process.env[STACK_ID];
  if (ownStackId && request.StackId !== ownStackId) return `it is of the stack ${oneLine(String(request.StackId), MOST_ID_BYTES)}, and this function serves ${ownStackId} only`;
  if (!isAnswerable(request.ResponseURL)) return 'its answer would not go over https';
  const ahead = Math.round(((issuedAt(request) ?? now) - now) / 1000);
  return ahead > MOST_SECONDS_AHEAD ? `it was issued ${ahead} s ahead of the clock of this function` : undefined;
}

/** Whether a stack is in an operation, cleanups included. A status that is not known never speaks against a request. */
export const isInOperation = (status: string): boolean => status === '' || status.endsWith('_IN_PROGRESS');

/** No host is guessed: partitions and Regions have several. The function's own endpoint is that of a sandbox or a test. */
function isAnswerable(responseUrl: unknown): boolean {
  if (typeof responseUrl !== 'string' || !URL.canParse(responseUrl)) return false;
  const { protocol, origin, username, password } = new URL(responseUrl);
  if (username || password) return false; // CloudFormation sends none, and fetch refuses them
  const endpoint = process.env[ENDPOINT];
  return protocol === 'https:'
    || (protocol === 'http:' && endpoint !== undefined && URL.canParse(endpoint) && new URL(endpoint).origin === origin);
}
