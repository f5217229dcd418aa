/**
 * What AWS leaves open: for each assumption (docs/assumptions.md) what the sandbox does. The defaults are the most plausible readings.
 */
export interface EcsAssumptions {
  /** What ECS does with an `UpdateDaemon` while a deployment is in progress (A1). */
  readonly updateDuringDeployment: 'supersede' | 'reject';
  /** The statuses through which a deployment goes that a newer one replaces (A1). */
  readonly supersededPath: 'direct' | 'via-stop-requested';
  /** What ECS does with an `UpdateDaemon` during STOP_REQUESTED or ROLLBACK_IN_PROGRESS (A2). */
  readonly updateDuringRollback: 'supersede' | 'reject';
  /** What ECS does with a `DeleteDaemon` while a deployment is in progress (A3). */
  readonly deleteDuringDeployment: 'accept' | 'reject';
  /** How a failed deployment ends if there is no earlier revision to roll back to (A4). */
  readonly firstDeploymentFailure: 'stopped' | 'rollback-failed' | 'rollback-successful-empty';
  /** Whether a rollback is the same deployment or a new one (A5). */
  readonly rollbackDeployment: 'same-arn' | 'new-arn';
  /** What an `UpdateDaemon` does that changes nothing (A6). */
  readonly identicalUpdate: 'full-rollout' | 'no-op';
  /** What an `UpdateDaemon` does that changes neither the task definition nor the capacity providers (A7). */
  readonly configOnlyUpdate: 'full-rollout' | 'instant';
  /** How many failed launches of daemon tasks trip the circuit breaker. The formula is min(200, max(3, ceil(0.5 × instances))) (A8). */
  readonly breakerThreshold: 'formula' | number;
  /** Whether the drain percentage is a share of each capacity provider or of all instances (A9). */
  readonly drainScope: 'per-provider' | 'overall';
  /** How the size of a batch is rounded; a batch always has at least one instance (A9). */
  readonly drainRounding: 'ceil' | 'floor' | 'round';
  /** What ECS does with a drain percentage below 1 (A9). */
  readonly drainBelowOne: 'reject' | 'one-instance';
  /** When a deployment ends on capacity providers without instances (A10). */
  readonly emptyProvider: 'instant-success' | 'pending-until-instance';
  /** Whether a deployment on capacity providers without instances bakes (A10). */
  readonly emptyProviderBake: 'skip' | 'apply';
  /** Whether ECS bakes once after all batches, or after each batch (A11). */
  readonly bakePosition: 'final' | 'per-step';
  /** Whether the last bake is part of IN_PROGRESS or follows SUCCESSFUL (A11). */
  readonly bakeStatus: 'in-progress' | 'after-successful';
  /** Hours after which a deployment fails that does not end (A12). */
  readonly stuckDeploymentLimit: 'none' | number;
  /** Whether a deployment monitors the alarms of its request; only its alarm status shows that it does not (A13). */
  readonly alarmMonitoring: 'as-requested' | 'never';
  /** What ECS does with composite alarms of a deployment (A13). */
  readonly compositeAlarms: 'honoured' | 'ignored' | 'reject';
  /** What ECS does with log alarms of a deployment (A13). */
  readonly logAlarms: 'honoured' | 'ignored' | 'reject';
  /** Whether an alarm that goes into INSUFFICIENT_DATA triggers a rollback (A13). */
  readonly insufficientData: 'ignored' | 'triggers';
  /** Whether a deployment fails because of an alarm that does not exist (A13). */
  readonly missingAlarm: 'ignored' | 'fails-later';
  /** What ECS does with names of alarms without `enable: true` (A14). */
  readonly alarmsWithoutEnable: 'ignored' | 'honoured';
  /** Seconds for which a new deployment or revision is MISSING (A15). */
  readonly arnVisibilityDelay: number;
  /** Hours after its end until a deployment expires and is MISSING again (A15). */
  readonly deploymentRetention: 'forever' | number;
  /** What `DescribeDaemon` returns for a deleted daemon (A16). */
  readonly afterDelete: 'daemon-not-found' | 'client-exception' | 'inactive-shell';
  /** Whether the first deletion of a daemon rolls back after its first batch (A16). */
  readonly deletionRollback: 'never' | 'once';
  /** What ECS does with a `CreateDaemon` for a name that exists (A17). */
  readonly createExisting: 'invalid-parameter' | 'client-exception' | 'returns-existing';
  /** What ECS does with a `CreateDaemon` for a name whose daemon is being deleted (A17). */
  readonly createDuringDelete: 'reject' | 'accept';
  /** Hours for which ECS remembers a client token (A17). */
  readonly tokenRetention: number;
  /** What `DeleteCluster` and `DeleteCapacityProvider` do while a daemon exists (A18). */
  readonly deleteParentWithDaemon: 'reject' | 'accept-and-orphan';
  /** What fails after the deletion of a task definition that a daemon runs or would roll back to (A19). */
  readonly deletedTaskDefinition: 'rollback-fails' | 'rollback-works' | 'new-instances-fail';
  /** How many containers a daemon task definition may have; the quota of ordinary ones is 10 (A20). */
  readonly maxContainers: 'none' | number;
  /** Which log drivers a daemon task definition may name: those of the guide, or all of the API (A21). */
  readonly logDrivers: 'guide' | 'api-enum';
  /** Rates of the daemon operations, in calls per second after a burst of 20 writes and 50 reads (A24). */
  readonly throttle: 'assumed' | 'off' | { readonly writesPerSecond: number; readonly readsPerSecond: number };
  /** Whether an instance that one daemon's deployment launches already runs the target of another daemon's deployment (A25). */
  readonly concurrentDaemons: 'two-passes' | 'merged';
  /** Which instances a deployment drains that replaces another one (A26). */
  readonly supersedeCost: 'moved-only' | 'whole-fleet';
  /** Whether an instance that loses one daemon is replaced once or twice if its capacity provider moves to another daemon (A27). */
  readonly providerMove: 'two-drains' | 'one-drain';
  /** Seconds by which DescribeDaemon, ListDaemons and ListDaemonDeployments lag behind writes; rollouts allow for two minutes (A28). */
  readonly readLag: number;
  /** Whether every read lags by `readLag`, or by a random time up to that: the later of two reads may be the older one (A28). */
  readonly readAge: 'constant' | 'random';
  /** Seconds by which ListTagsForResource lags behind writes (A28). */
  readonly tagLag: number;
  /** Whether a failing deployment shows STOPPED for a moment before it rolls back (A29). */
  readonly terminalFlip: 'never' | 'stopped-to-rollback';
  /** How many segments the ARN of a deployment has after its type (A30). */
  readonly deploymentArnFormat: 'three' | 'two';
  /** The error for a daemon task definition that does not exist (A31). */
  readonly taskDefinitionNotFound: 'client-exception' | 'invalid-parameter' | 'named';
  /** What `daemonTaskDefinitionArn` accepts (A32). */
  readonly taskDefinitionReference: 'arn-only' | 'family-allowed';
  /** Whether deployments pass through a status that no SDK has, and other resources return one now and then (A33, A38). */
  readonly unknownStatus: 'off' | 'emit';
  /** Which fields ECS omits from replies: none, the settings of revisions always, or any optional one now and then (A38). */
  readonly absentFields: 'none' | 'settings' | 'at-random';
  /** Whether the deployment of a non-critical daemon succeeds while instances are without the daemon (A34). */
  readonly nonCriticalSuccess: 'ignores-gaps' | 'needs-full-coverage';
  /** Seconds by which the counters of a deployment lag behind its status (A35). */
  readonly counterLag: number;
  /** Seconds after the start of the sandbox in which the service-linked role cannot be assumed (R42). */
  readonly serviceLinkedRoleDelay: number;
  /** Seconds in which `CreateDaemon` does not find a new cluster (R42). */
  readonly clusterVisibilityDelay: number;
  /** Seconds until a new capacity provider is ACTIVE (R43). */
  readonly capacityProviderActivation: number;
}

export const DEFAULT_ASSUMPTIONS: EcsAssumptions = {
  updateDuringDeployment: 'supersede',
  supersededPath: 'direct',
  updateDuringRollback: 'supersede',
  deleteDuringDeployment: 'accept',
  firstDeploymentFailure: 'stopped',
  rollbackDeployment: 'same-arn',
  identicalUpdate: 'full-rollout',
  configOnlyUpdate: 'full-rollout',
  breakerThreshold: 'formula',
  drainScope: 'per-provider',
  drainRounding: 'ceil',
  drainBelowOne: 'reject',
  emptyProvider: 'instant-success',
  emptyProviderBake: 'skip',
  bakePosition: 'final',
  bakeStatus: 'in-progress',
  stuckDeploymentLimit: 'none',
  alarmMonitoring: 'as-requested',
  compositeAlarms: 'honoured',
  logAlarms: 'honoured',
  insufficientData: 'ignored',
  missingAlarm: 'ignored',
  alarmsWithoutEnable: 'ignored',
  arnVisibilityDelay: 5,
  deploymentRetention: 'forever',
  afterDelete: 'daemon-not-found',
  deletionRollback: 'never',
  createExisting: 'invalid-parameter',
  createDuringDelete: 'reject',
  tokenRetention: 24,
  deleteParentWithDaemon: 'reject',
  deletedTaskDefinition: 'rollback-fails',
  maxContainers: 'none',
  logDrivers: 'guide',
  throttle: 'assumed',
  concurrentDaemons: 'two-passes',
  supersedeCost: 'moved-only',
  providerMove: 'two-drains',
  readLag: 5,
  readAge: 'constant',
  tagLag: 0,
  terminalFlip: 'never',
  deploymentArnFormat: 'three',
  taskDefinitionNotFound: 'client-exception',
  taskDefinitionReference: 'arn-only',
  unknownStatus: 'off',
  absentFields: 'none',
  nonCriticalSuccess: 'ignores-gaps',
  counterLag: 0,
  serviceLinkedRoleDelay: 0,
  clusterVisibilityDelay: 0,
  capacityProviderActivation: 0,
};
