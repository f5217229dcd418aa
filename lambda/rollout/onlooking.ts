import type { Fault } from './fault';
import type { Reads } from './observation';
import { secondsSince, SETTLING_SECONDS } from './state';

/** What a machine that only looks wants next. */
export interface Look {
  readonly look: number;
  readonly reads: Reads;
}

/** Whether a look that failed fails again: what may pass is tried again, and a denial is final once rights have had the time to spread. */
export const isFinal = ({ kind }: Fault, { startedAt }: { readonly startedAt: number }, now: number): boolean =>
  kind === 'refused' || (kind === 'denied' && secondsSince(startedAt, now) >= SETTLING_SECONDS);

/** No look reaches beyond the deadline; undefined once it is over. */
export function untilDeadline({ look, reads }: Look, { deadline }: { readonly deadline: number }, now: number): Look | undefined {
  const left = (deadline - now) / 1000;
  return left > 0 ? { look: look && Math.max(1, Math.ceil(Math.min(look, left))), reads } : undefined;
}
