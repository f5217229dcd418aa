import { counted } from '../duration';
import type { Measures, Rollout } from '../model';

/** The daemon and where it runs, or the daemon alone if that is long. */
export function whereOf({ daemon, cluster, capacityProviders, place }: Rollout): string {
  if (place) return `${place.name} (wave ${place.waveNumber}, ${place.wave})`;
  const [provider, ...others] = capacityProviders;
  const where = provider === undefined ? cluster : `${cluster}/${provider}${others.length > 0 ? ` and ${others.length} more` : ''}`;
  return daemon.length + where.length <= 56 ? `${daemon} on ${where}` : daemon;
}

/** The revision for a sentence: what people read as its version, or "the new revision". */
export const revisionName = ({ revisions }: Rollout, role: 'new' | 'old'): string => revisions[role] ?? `the ${role} revision`;

export const drainsInWords = ({ drains }: Measures): string => drains === undefined ? 'drains are not known' : counted(drains, 'drain');
