import { BATCH_PATIENCE_SECONDS, secondsSince } from '../../timing';
import type { Observation, ObservedDeployment } from '../observation';
import type { Blocker } from '../state';

/** Records when an instance of the blocking deployment or deletion was last replaced, and whether it has stalled. */
export function withProgressOfBlocker(before: Blocker, seen: Observation['deployment' | 'daemon'], now: number): Blocker {
  if (seen === undefined || typeof seen === 'string') return before;
  const revisions = 'revisions' in seen ? seen.revisions : [...(seen.target ? [seen.target] : []), ...seen.sources];
  const counts = revisions.map(({ running, withoutDaemon, draining }) => `${running}/${withoutDaemon}/${draining}`).join(' ');
  if (counts !== before.counts) return { ...before, counts, progressedAt: now };
  const bakeSeconds = 'configuration' in seen && mayBake(seen, now) ? (seen.configuration.bakeTimeInMinutes ?? Number.POSITIVE_INFINITY) * 60 : 0;
  const hasStalled = secondsSince(before.progressedAt ?? now, now) >= BATCH_PATIENCE_SECONDS + bakeSeconds;
  return hasStalled ? { ...before, progressedAt: now, isStalled: true } : before;
}

/** While nothing drains, perhaps after each batch (A11); a deployment that is older than all its batches and bakes does not bake. */
function mayBake({ target, sources, createdAt, configuration }: ObservedDeployment, now: number): boolean {
  const { drainPercent = 1, bakeTimeInMinutes = Number.POSITIVE_INFINITY } = configuration;
  const drains = [target, ...sources].some((revision) => revision !== undefined && revision.draining > 0);
  return !drains && secondsSince(createdAt, now) < Math.ceil(100 / drainPercent) * (BATCH_PATIENCE_SECONDS + bakeTimeInMinutes * 60);
}
