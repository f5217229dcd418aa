import { READ_LAG_SECONDS, secondsSince } from '../../timing';
import type { ObservedDaemon, ObservedDeployment } from '../observation';
import type { State } from '../state';

const FORWARD = ['PENDING', 'IN_PROGRESS'];

/** Takes down the newest deployment that was seen, and when it was first seen not to go forward any more. */
export function withNewest(state: State, deployment: ObservedDeployment, now: number): State {
  const { newest } = state;
  const { arn, createdAt, status } = deployment;
  if (newest && newest.arn !== arn && createdAt < newest.createdAt) return state;
  if (newest?.arn === arn && newest.backSince !== undefined) return state;
  const backSince = FORWARD.includes(status) ? undefined : now;
  if (newest?.arn === arn && backSince === undefined) return state;
  return { ...state, newest: { arn, createdAt, since: now, backSince } };
}

/** Whether what was read is certainly older than what was read before it (A28): no deployment goes forward again, and none gets older. */
export function isOlderThanSeen({ newest }: State, { arn, createdAt, status }: ObservedDeployment, now: number): boolean {
  if (!newest) return false;
  if (arn !== newest.arn) return createdAt < newest.createdAt && secondsSince(newest.since, now) < READ_LAG_SECONDS;
  return newest.backSince !== undefined && FORWARD.includes(status) && secondsSince(newest.backSince, now) < READ_LAG_SECONDS;
}

/** Whether the newest deployment was read first within the consistency window. */
export const isJustSeen = ({ newest }: State, now: number): boolean =>
  newest !== undefined && secondsSince(newest.since, now) < READ_LAG_SECONDS;

/** Takes down since when the latest deployment does not show; one that has shown before is not new. */
export function withUnreadable(state: State, { latest, latestArn }: ObservedDaemon, now: number): State {
  if (latest) return { ...state, unreadableDeployment: { arn: latestArn, since: 0 } };
  const known = state.unreadableDeployment?.arn === latestArn ? state.unreadableDeployment : undefined;
  return { ...state, unreadableDeployment: known ?? { arn: latestArn, since: now } };
}

/** Whether the latest deployment may be a new one, whoever has begun it: what does not show for longer is forgotten (A15). */
export const mayShowLater = ({ unreadableDeployment }: State, now: number): boolean =>
  unreadableDeployment !== undefined && unreadableDeployment.arn !== '' && secondsSince(unreadableDeployment.since, now) < READ_LAG_SECONDS;
