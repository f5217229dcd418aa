import { VISIBLE_SECONDS } from '../../timing';
import { WATCH_RULES } from '../consistency/watch';
import type { Observation } from '../observation';
import type { Rollout } from '../rollout';
import type { State, StateIn } from '../state';
import { confirmOwner, planForOther } from './ownership-check';
import { withAlarms, withMonitoring } from '../facts/alarm-watch';
import { judgeStatus } from './status';
import { pollDeployment, readOutcome } from './transitions';

export function watchDeployment(before: StateIn<'watch'>, seen: Observation, now: number, rollout: Rollout): State {
  const confirmed = confirmOwner(before, seen.daemon, now, rollout);
  if (confirmed === 'foreign') return planForOther(before, rollout);
  const state = seen.alarms ? withAlarms(confirmed, seen.alarms, now, rollout) : confirmed;
  const { deployment } = seen;
  if (deployment === undefined) return pollDeployment(state, now, rollout, 0);
  if (deployment === 'missing') return deploymentMissing(state, now, rollout);
  const visible: StateIn<'watch'> = { ...state, stage: { ...state.stage, missingSince: undefined } };
  return judgeStatus(withMonitoring(visible, deployment, now, rollout), deployment, now, rollout);
}

/** A deployment that ECS no longer returns is judged by the daemon itself (A15). */
function deploymentMissing(state: StateIn<'watch'>, now: number, rollout: Rollout): State {
  const { watched, missingSince } = state.stage;
  if (WATCH_RULES['not-visible-yet'].applies({ watched, now })) return pollDeployment(state, now, rollout, VISIBLE_SECONDS);
  const lines = missingSince === undefined ? [`${state.phase}: ECS no longer returns the deployment; reads the daemon instead`] : [];
  return readOutcome(state, { status: 'MISSING', at: missingSince ?? now }, rollout, 0, ...lines);
}
