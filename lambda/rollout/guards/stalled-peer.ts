import { BATCH_PATIENCE_SECONDS, secondsSince } from '../../timing';
import type { Observation, ObservedDeployment } from '../observation';
import type { Blocker } from '../state';

/** What is known of a deployment, or a deletion, that is waited for: when its instances have last moved, and whether they stand still. */
export function withProgressOfBlocker(before: Blocker, seen: Observation['deployment' | 'daemon'], now: number): Blocker {
  if (seen === undefined || typeof seen === 'string') return before;
  const revisions = 'revisions' in seen ? seen.revisions : [...(seen.target ? [seen.target] : []), ...seen.sources];
  const counts = revisions.map(({ running, withoutDaemon, draining }) => `${running}/${withoutDaemon}/${draining}`).join(' ');
  const sum = revisions.reduce((all, { running, withoutDaemon, draining }) => all + running + withoutDaemon + draining, 0);
  const isWhole = sum === ('configuration' in seen ? seen.target?.running : 0);
  if (counts !== before.counts) {
    const mostInstances = isWhole ? before.mostInstances : Math.max(before.mostInstances ?? 0, sum);
    return { ...before, counts, progressedAt: now, mostInstances };
  }
  // one that cannot come up is not counted (R28, A35)
  const haveAllMoved = isWhole && before.mostInstances !== undefined && sum >= before.mostInstances;
  const bakeSeconds = 'configuration' in seen && (haveAllMoved || mayBake(seen, now)) ? (seen.configuration.bakeTimeInMinutes ?? Number.POSITIVE_INFINITY) * 60 : 0;
  const patience = BATCH_PATIENCE_SECONDS + bakeSeconds;
  return secondsSince(before.progressedAt!, now) >= patience ? { ...before, progressedAt: now, isStalled: true } : before;
}

/** While nothing drains, perhaps after each batch (A11); but what is older than all its batches and bakes does something else. */
function mayBake({ target, sources, createdAt, configuration }: ObservedDeployment, now: number): boolean {
  const { drainPercent = 1, bakeTimeInMinutes = Number.POSITIVE_INFINITY } = configuration;
  const drains = [target, ...sources].some((revision) => revision !== undefined && revision.draining > 0);
  return !drains && secondsSince(createdAt, now) < Math.ceil(100 / drainPercent) * (BATCH_PATIENCE_SECONDS + bakeTimeInMinutes * 60);
}
