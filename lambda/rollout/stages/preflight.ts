import { SETTLING_LOOK_SECONDS } from '../../timing';
import { isGuarded, isUnclear, judgeAlarms } from '../guards/alarms';
import type { Observation, ObservedAlarm, ObservedTargets, Reads } from '../observation';
import type { Rollout } from '../rollout';
import type { DeployPlan } from '../stage';
import { poll, type State, type StateIn, withSighting } from '../state';
import { judgeTargets, withoutAutoRepair } from '../guards/targets';
import { fail, untouched } from '../report/response';
import { readAlarms, readPeers } from './transitions';

/** Looks at everything that the write relies on, before anything is changed. In the rollback of a stack nothing is checked. */
export function preflight(state: State, plan: DeployPlan, now: number, rollout: Rollout): State {
  if (rollout.rollingBack) return readPeers(state, plan, 0, now, rollout);
  return poll({ ...state, stage: { name: 'preflight', plan } }, 0, targetsOf(rollout));
}

const targetsOf = ({ desired }: Rollout): Reads => ({
  targets: {
    clusterArn: desired.ClusterArn, capacityProviderArns: desired.CapacityProviderArns, taskDefinitionArn: desired.DaemonTaskDefinitionArn,
  },
});

type Checking = StateIn<'preflight'>;

export function checkPreflight(state: Checking, { targets, alarms }: Observation, now: number, rollout: Rollout): State {
  if (targets) return checkTargets(state, targets, now, rollout);
  return alarms ? checkAlarms(state, alarms, now, rollout) : preflight(state, state.stage.plan, now, rollout);
}

function checkTargets(state: Checking, targets: ObservedTargets, now: number, rollout: Rollout): State {
  const trouble = judgeTargets(targets, now, rollout);
  switch (trouble?.kind) {
    case 'refuse': return fail({ ...state, phase: 'PREFLIGHT' }, rollout, 'FAILED', `${trouble.sentence}; ${untouched(state)}`);
    case 'wait': return waitFor(state, trouble.what, SETTLING_LOOK_SECONDS, targetsOf(rollout));
    case undefined: {
      const notes = withoutAutoRepair(targets, rollout).map((note) => `PREFLIGHT: ${note}`);
      return isGuarded(rollout) ? readAlarms(state, state.stage.plan, 0, ...notes)
        : readPeers({ ...state, blockedOn: undefined }, state.stage.plan, 0, now, rollout, ...notes);
    }
  }
}

function checkAlarms(before: Checking, alarms: readonly ObservedAlarm[], now: number, rollout: Rollout): State {
  const judgement = judgeAlarms(before, alarms, now, rollout);
  const isListed = rollout.desired.AlarmNames.every((name) => alarms.some((alarm) => alarm.name === name));
  const isUnclearSince = before.sightings['alarm-unclear'] !== undefined || alarms.some(isUnclear);
  const state = withSighting(withSighting(before, 'alarm-missing', !isListed, now), 'alarm-unclear', isUnclearSince, now);
  switch (judgement.kind) {
    case 'refuse': return fail({ ...state, phase: 'PREFLIGHT' }, rollout, 'FAILED', judgement.sentence);
    case 'wait': return waitFor(state, judgement.what, judgement.seconds, { alarms: true });
    case 'go': {
      const lines = judgement.notes.map((note) => `PREFLIGHT: ${note}`);
      const { ignoredAlarms } = judgement;
      return readPeers({ ...state, ignoredAlarms, blockedOn: undefined }, state.stage.plan, 0, now, rollout, ...lines);
    }
  }
}

function waitFor(state: State, what: string, seconds: number, reads: Reads): State {
  const blockedOn = `it waited for ${what}`;
  const logLines = state.blockedOn === blockedOn ? [] : [`PREFLIGHT: waits for ${what}`];
  return poll({ ...state, phase: 'PREFLIGHT', blockedOn }, seconds, reads, ...logLines);
}
