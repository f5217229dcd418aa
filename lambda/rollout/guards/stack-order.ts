import { CLOCK_MARGIN_SECONDS, ON_THE_WAY_SECONDS, READ_LAG_SECONDS, secondsSince } from '../../timing';
import type { ObservedRequest } from '../observation';
import type { Rollout } from '../rollout';
import type { State } from '../state';

/**
 * Why a rollout does not write yet although no deployment stands in its way, in words; undefined if it may.
 *
 * Of the daemons of one stack never two drain the same instances, and their dependencies do not see to it alone: those of
 * the old template count in a rollback, and a capacity provider that is being left is drained as well (A27). So those that may meet go
 * in the order in which CloudFormation has asked for them. `others`: the requests to them.
 */
export function queuedBefore(
  requests: readonly ObservedRequest[], others: readonly ObservedRequest[],
  { answered }: State, now: number, { logicalId, startedAt }: Rollout,
): string | undefined {
  if (others.length === 0) return undefined;
  const own = requests.find((request) => request.logicalId === logicalId);
  if (!own) return secondsSince(startedAt, now) < READ_LAG_SECONDS ? 'its own request to appear in the events of the stack' : undefined;
  // it may still run, and be stopped by the request that follows, but must not meet the rollback any more; unless gates wait for it
  const isOver = own.endedAt !== undefined && !answered;
  const isOutdated = isOver || secondsSince(startedAt, own.begunAt) > CLOCK_MARGIN_SECONDS;
  if (isOutdated) return 'a newer request, since CloudFormation does not wait for this one any more';
  const ahead = others.find(({ place, endedAt }) => endedAt === undefined && place < own.place);
  if (ahead) return `the resource ${ahead.logicalId} of this stack, whose turn comes first`;
  const late = others.find(({ endedAt, hasFailed }) => hasFailed && secondsSince(endedAt!, now) < READ_LAG_SECONDS + ON_THE_WAY_SECONDS);
  return late && `the last write of the failed resource ${late.logicalId} of this stack to be visible`;
}
