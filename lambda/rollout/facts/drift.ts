import type { FleetSettings, ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';
import { desiredFleet, desiredSettings, differences } from './fleet-settings';

/** What an update resets that neither its own template nor the one before has asked for. */
export interface Drift {
  /** Settings that a person has changed since the last rollout. */
  readonly fleet: readonly string[];
  /** Of the last deployment: a person's, or those of a template before that has rolled nothing out, which look the same. */
  readonly rollout: readonly string[];
}

export const NO_DRIFT: Drift = { fleet: [], rollout: [] };

type RolloutSettings = ObservedDeployment['configuration'];

const LABELS: { readonly [K in keyof RolloutSettings]-?: string } = {
  drainPercent: 'drain percent',
  bakeTimeInMinutes: 'bake time in minutes',
  alarmNames: 'alarms',
};

/** In the rollback of a stack the old settings are those that have failed, and tell nothing. */
export function driftOf(
  actual: FleetSettings, latest: ObservedDeployment | undefined, { desired, previous, previousDaemonArn, rollingBack }: Rollout,
): Drift {
  if (!previous || previousDaemonArn || rollingBack) return NO_DRIFT;
  return {
    fleet: neitherNor(differences, actual, desiredFleet(previous), desiredFleet(desired)),
    rollout: latest ? neitherNor(rolloutDifferences, latest.configuration, desiredSettings(previous), desiredSettings(desired)) : [],
  };
}

function neitherNor<S>(compare: (actual: S, wanted: S) => string[], actual: S, before: S, desired: S): string[] {
  const fromBefore = compare(actual, before).map((difference) => difference.split(' is ')[0]);
  return compare(actual, desired).filter((difference) => fromBefore.includes(difference.split(' is ')[0]));
}

const rolloutDifferences = (actual: RolloutSettings, desired: RolloutSettings): string[] =>
  (Object.keys(LABELS) as (keyof RolloutSettings)[])
    .filter((key) => actual[key] !== undefined && printed(actual, key) !== printed(desired, key))
    .map((key) => `${LABELS[key]} is ${printed(actual, key)} instead of ${printed(desired, key)}`);

/** Alarms are a set: their order means nothing. */
const printed = (settings: RolloutSettings, key: keyof RolloutSettings): string =>
  key === 'alarmNames' ? [...settings[key] ?? []].sort().join(', ') || 'none' : String(settings[key]);
