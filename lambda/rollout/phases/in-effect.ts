import type { Rollout } from '../rollout';
import type { State } from '../state';
import { restoring } from './giving-back';

/**
 * What a request asks for as things stand: adopting an existing daemon is a change of it, giving it back is the way back, and an update of
 * a daemon that somebody has deleted creates it.
 */
export function inEffect(state: State, rollout: Rollout): Rollout {
  const { adoption, giveBack, adoptionCompleted, recreates } = state;
  if (giveBack?.settings && !giveBack.ended) return restoring(giveBack.settings, state, rollout);
  if (adoption) return { ...rollout, request: 'update', previous: undefined, previousDaemonArn: undefined };
  if (recreates) return { ...rollout, request: 'create', previous: undefined, previousDaemonArn: undefined };
  return adoptionCompleted === undefined ? rollout : { ...rollout, adoptionCompleted };
}
