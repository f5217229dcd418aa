import type { DaemonProperties } from '../../contract';
import { SECONDS_PER_BATCH, secondsSince } from '../../timing';
import type { Rollout } from '../rollout';
import type { State } from '../state';
import { leftBehind } from '../report/response';

/** How long a rollout is expected to take: all batches and one bake (R30). */
export const estimateSeconds = ({ DrainPercent, BakeTimeInMinutes }: Pick<DaemonProperties, 'DrainPercent' | 'BakeTimeInMinutes'>): number =>
  Math.ceil(100 / DrainPercent) * SECONDS_PER_BATCH + BakeTimeInMinutes * 60;

/** Whether a rollout that has waited can still be through in time: what can no longer be finished is not begun. */
export const canFinish = ({ desired, deadline }: Rollout, now: number): boolean => secondsSince(now, deadline) >= estimateSeconds(desired);

/** Why a rollout that has waited is not begun any more. */
export function tooLate(state: State, { desired, startedAt, deadline }: Rollout, now: number): string {
  const minutes = (seconds: number): number => Math.floor(seconds / 60);
  const left = minutes(secondsSince(now, deadline));
  return `after ${minutes(secondsSince(startedAt, now))} minutes the ${left} that are left are too few for this rollout, which is estimated at `
    + `${minutes(estimateSeconds(desired))}; ${leftBehind(state)}`;
}
