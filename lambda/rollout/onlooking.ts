import type { Fault } from './fault';
import type { Observation, Reads } from './observation';
import { secondsWithoutReads, withReads } from './phases/pace';
import type { Budgeted } from './state';
import { secondsSince, SETTLING_SECONDS } from './timing';

/** What a machine that only looks wants next. */
export interface Look {
  readonly look: number;
  readonly reads: Reads;
}

/** Whether a look that failed fails again: what may pass is tried again, and a denial is final once rights have had the time to spread. */
export const isFinal = ({ kind }: Fault, { startedAt }: { readonly startedAt: number }, now: number): boolean =>
  kind === 'refused' || (kind === 'denied' && secondsSince(startedAt, now) >= SETTLING_SECONDS);

/** What a machine that only looks knows when it has read once more. */
export const afterReads = <S extends Budgeted & { readonly says: readonly string[] }>(state: S, seen: Observation, now: number): S =>
  withReads({ ...state, says: [] }, seen.reads ?? 0, now);

/** No look comes before the budget of reads allows it, or reaches beyond the deadline; undefined once that is over. */
export function nextLook(
  { want: { look, reads }, readsPaidUntil }: Budgeted & { readonly want: Look }, { deadline }: { readonly deadline: number }, now: number,
): Look | undefined {
  const left = (deadline - now) / 1000;
  if (left <= 0) return undefined;
  const pause = Math.max(look, secondsWithoutReads({ readsPaidUntil }, now));
  return { look: look && Math.max(1, Math.ceil(Math.min(pause, left))), reads };
}
