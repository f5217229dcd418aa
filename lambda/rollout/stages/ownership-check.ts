import { READ_LAG_SECONDS, secondsSince } from '../../timing';
import type { Observation } from '../observation';
import { hasOwner, isOurs } from '../facts/ownership';
import type { Rollout } from '../rollout';
import { lastWriteAt, type State } from '../state';
import { readSettings } from './transitions';

/**
 * Makes sure that the daemon which ECS has answered a create with is ours: it may have answered with one that had the name (A17). The
 * tags of a new one may not show yet (A28).
 */
export function confirmOwner<S extends State>(state: S, daemon: Observation['daemon'], now: number, rollout: Rollout): S | 'foreign' {
  if (!state.ownerUnconfirmed || !daemon || daemon === 'absent') return state;
  const tags = daemon.tags ?? {};
  if (isOurs(tags, rollout)) return { ...state, ownerUnconfirmed: undefined };
  return !hasOwner(tags) && secondsSince(lastWriteAt(state), now) < READ_LAG_SECONDS ? state : 'foreign';
}

/** Plans again after the create was answered with the daemon of another owner. */
export const planForOther = (state: State, rollout: Rollout): State =>
  readSettings({ ...state, phase: 'APPLYING', createdDaemon: false, ownerUnconfirmed: undefined, ecsStarted: undefined }, rollout, 0);
