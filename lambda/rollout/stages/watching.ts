import { READ_LAG_SECONDS, secondsSince, VISIBLE_SECONDS } from '../../timing';
import type { Observation } from '../observation';
import type { Rollout } from '../rollout';
import type { State } from '../state';
import { claim } from './ownership-check';
import { withAlarms, withMonitoring } from '../facts/alarm-watch';
import { judgeMissing } from './verifying';
import { judgeStatus } from './status';
import { again } from './transitions';

export function followDeployment(from: State, seen: Observation, now: number, rollout: Rollout): State {
  const before = claim(from, seen.daemon, now, rollout);
  if (before.stage !== 'deployment') return before;
  const state = seen.alarms ? withAlarms(before, seen.alarms, now, rollout) : before;
  const { deployment } = seen;
  if (deployment === undefined) return again(state, now, rollout, 0);
  if (deployment === 'missing') return missing(state, now, rollout);
  const visible = { ...state, followed: { ...state.followed!, missingSince: undefined } };
  return judgeStatus(withMonitoring(visible, deployment, now, rollout), deployment, now, rollout);
}

/** A deployment that ECS no longer returns is judged by the daemon itself (A15). */
function missing(state: State, now: number, rollout: Rollout): State {
  const followed = state.followed!;
  if (secondsSince(followed.since, now) < READ_LAG_SECONDS) return again(state, now, rollout, VISIBLE_SECONDS);
  const told = followed.missingSince === undefined ? [`${state.phase}: ECS does not show the deployment any more; looks at the daemon instead`] : [];
  return judgeMissing({ ...state, followed: { ...followed, missingSince: followed.missingSince ?? now } }, rollout, ...told);
}
