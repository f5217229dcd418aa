import { READ_LAG_SECONDS, secondsSince, VISIBLE_SECONDS } from '../../timing';
import type { Observation } from '../observation';
import type { Rollout } from '../rollout';
import type { State } from '../state';
import { confirmOwner } from './ownership-check';
import { withAlarms, withMonitoring } from '../facts/alarm-watch';
import { judgeStatus } from './status';
import { pollDeployment, readOutcome } from './transitions';

export function watchDeployment(from: State, seen: Observation, now: number, rollout: Rollout): State {
  const before = confirmOwner(from, seen.daemon, now, rollout);
  if (before.stage !== 'watch') return before;
  const state = seen.alarms ? withAlarms(before, seen.alarms, now, rollout) : before;
  const { deployment } = seen;
  if (deployment === undefined) return pollDeployment(state, now, rollout, 0);
  if (deployment === 'missing') return deploymentMissing(state, now, rollout);
  const visible: State = { ...state, watched: { ...state.watched!, missingSince: undefined } };
  return judgeStatus(withMonitoring(visible, deployment, now, rollout), deployment, now, rollout);
}

/** A deployment that ECS no longer returns is judged by the daemon itself (A15). */
function deploymentMissing(state: State, now: number, rollout: Rollout): State {
  const watched = state.watched!;
  if (secondsSince(watched.since, now) < READ_LAG_SECONDS) return pollDeployment(state, now, rollout, VISIBLE_SECONDS);
  const lines = watched.missingSince === undefined ? [`${state.phase}: ECS no longer returns the deployment; reads the daemon instead`] : [];
  return readOutcome({ ...state, watched: { ...watched, missingSince: watched.missingSince ?? now } }, rollout, 0, ...lines);
}
