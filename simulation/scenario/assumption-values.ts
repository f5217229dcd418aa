import { DEFAULT_ASSUMPTIONS, type EcsAssumptions } from '../../sandbox/ecs';
import type { Random } from '../world/random';

/** The values of each assumption that the simulation tries. */
export const ASSUMPTION_VALUES: { readonly [K in keyof EcsAssumptions]: readonly EcsAssumptions[K][] } = {
  updateDuringDeployment: ['supersede', 'reject'],
  supersededPath: ['direct', 'via-stop-requested'],
  updateDuringRollback: ['supersede', 'reject'],
  deleteDuringDeployment: ['accept', 'reject'],
  firstDeploymentFailure: ['stopped', 'rollback-failed', 'rollback-successful-empty'],
  rollbackDeployment: ['same-arn', 'new-arn'],
  identicalUpdate: ['full-rollout', 'no-op'],
  configOnlyUpdate: ['full-rollout', 'instant'],
  breakerThreshold: ['formula', 1, 10],
  drainScope: ['per-provider', 'overall'],
  drainRounding: ['ceil', 'floor', 'round'],
  drainBelowOne: ['reject', 'one-instance'],
  emptyProvider: ['instant-success', 'pending-until-instance'],
  emptyProviderBake: ['skip', 'apply'],
  bakePosition: ['final', 'per-step'],
  bakeStatus: ['in-progress', 'after-successful'],
  stuckDeploymentLimit: ['none', 1],
  compositeAlarms: ['honoured', 'ignored', 'reject'],
  insufficientData: ['ignored', 'triggers'],
  missingAlarm: ['ignored', 'fails-later'],
  alarmsWithoutEnable: ['ignored', 'honoured'],
  arnVisibilityDelay: [0, 5, 60],
  deploymentRetention: ['forever', 1],
  afterDelete: ['daemon-not-found', 'client-exception', 'inactive-shell'],
  deletionRollback: ['never', 'once'],
  createExisting: ['invalid-parameter', 'client-exception', 'returns-existing'],
  createDuringDelete: ['reject', 'accept'],
  tokenRetention: [24, 1],
  deleteParentWithDaemon: ['reject', 'accept-and-orphan'],
  deletedTaskDefinition: ['rollback-fails', 'rollback-works', 'new-instances-fail'],
  maxContainers: ['none', 10],
  logDrivers: ['guide', 'api-enum'],
  throttle: ['assumed', 'off', { writesPerSecond: 0.1, readsPerSecond: 1 }],
  concurrentDaemons: ['two-passes', 'merged'],
  supersedeCost: ['moved-only', 'whole-fleet'],
  providerMove: ['two-drains', 'one-drain'],
  readLag: [0, 5, 60, 120],
  tagLag: [0, 5, 120],
  terminalFlip: ['never', 'stopped-to-rollback'],
  deploymentArnFormat: ['three', 'two'],
  taskDefinitionNotFound: ['client-exception', 'invalid-parameter', 'named'],
  taskDefinitionReference: ['arn-only', 'family-allowed'],
  unknownStatus: ['off', 'emit'],
  nonCriticalSuccess: ['ignores-gaps', 'needs-full-coverage'],
  counterLag: [0, 30],
  serviceLinkedRoleDelay: [0, 90],
  clusterVisibilityDelay: [0, 90],
  capacityProviderActivation: [0, 60],
  alarmMonitoring: ['as-requested', 'never'],
  logAlarms: ['honoured', 'ignored', 'reject'],
  readAge: ['constant', 'random'],
  absentFields: ['none', 'settings', 'at-random'],
};

export const ASSUMPTION_NAMES = Object.keys(ASSUMPTION_VALUES) as (keyof EcsAssumptions)[];

/** Assumptions that were added later. Their values come from another source, so that known seeds keep their scenarios. */
const LATER: readonly (keyof EcsAssumptions)[] = ['alarmMonitoring', 'logAlarms', 'readAge', 'absentFields'];
/** The age of a read varies only where reads may be old. */
const LONG_LAGS = [60, 120];

/** Chooses mostly the defaults. Assumptions of `LATER` are chosen from their own source. */
export function chooseAssumptions(random: Random, later: Random): EcsAssumptions {
  const share = random.pick([0, 0.1, 0.3, 0.6]);
  const choose = (name: keyof EcsAssumptions): unknown => {
    const source = LATER.includes(name) ? later : random;
    return source.chance(share) ? source.pick<unknown>(ASSUMPTION_VALUES[name]) : DEFAULT_ASSUMPTIONS[name];
  };
  const entries = ASSUMPTION_NAMES.map((name) => [name, choose(name)]);
  const chosen = Object.fromEntries(entries) as EcsAssumptions;
  const isLagging = chosen.readAge === 'constant' || LONG_LAGS.includes(chosen.readLag);
  return isLagging ? chosen : { ...chosen, readLag: later.pick(LONG_LAGS) };
}

export const assumptionLabel = (name: keyof EcsAssumptions, value: unknown): string => `${name}=${typeof value === 'object' ? 'rates' : String(value)}`;
