import { BATCH_PATIENCE_SECONDS, secondsSince } from '../../timing';
import type { Observation } from '../observation';
import type { Blocker } from '../state';

/** Records when an instance of the blocking deployment or deletion was last replaced, and whether it has stalled. */
export function withProgressOfBlocker(before: Blocker, seen: Observation['deployment' | 'daemon'], now: number): Blocker {
  if (seen === undefined || typeof seen === 'string') return before;
  const revisions = 'revisions' in seen ? seen.revisions : [...(seen.target ? [seen.target] : []), ...seen.sources];
  const counts = revisions.map(({ running, withoutDaemon, draining }) => `${running}/${withoutDaemon}/${draining}`).join(' ');
  if (counts !== before.counts) return { ...before, counts, progressedAt: now };
  // While nothing drains, ECS may bake, perhaps after each batch (A11).
  const drains = revisions.some(({ draining }) => draining > 0);
  const bakeSeconds = 'configuration' in seen && !drains ? (seen.configuration.bakeTimeInMinutes ?? Number.POSITIVE_INFINITY) * 60 : 0;
  const hasStalled = secondsSince(before.progressedAt!, now) >= BATCH_PATIENCE_SECONDS + bakeSeconds;
  return hasStalled ? { ...before, progressedAt: now, isStalled: true } : before;
}
