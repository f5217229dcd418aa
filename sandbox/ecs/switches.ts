/**
 * What AWS leaves open: for each assumption A… the answer that the sandbox gives. The defaults are the most plausible readings.
 */
export interface EcsSwitches {
  /** A1: an `UpdateDaemon` while a deployment runs. */
  readonly updateDuringDeployment: 'supersede' | 'reject';
  /** A1: the statuses of a deployment that a newer one replaces. */
  readonly supersededPath: 'direct' | 'via-stop-requested';
  /** A2: an `UpdateDaemon` during STOP_REQUESTED or ROLLBACK_IN_PROGRESS. */
  readonly updateDuringRollback: 'supersede' | 'reject';
  /** A3: a `DeleteDaemon` while a deployment runs. */
  readonly deleteDuringDeployment: 'accept' | 'reject';
  /** A4: how a failing deployment ends that has no earlier revision to go back to. */
  readonly firstDeploymentFailure: 'stopped' | 'rollback-failed' | 'rollback-successful-empty';
  /** A5: whether a rollback is the same deployment or one of its own. */
  readonly rollbackDeployment: 'same-arn' | 'new-arn';
  /** A6: an `UpdateDaemon` that changes nothing. */
  readonly identicalUpdate: 'full-rollout' | 'no-op';
  /** A7: an `UpdateDaemon` that changes neither task definition nor capacity providers. */
  readonly configOnlyUpdate: 'full-rollout' | 'instant';
  /** A8: failed daemon task launches that trip the circuit breaker; the formula is min(200, max(3, ceil(0.5 × instances))). */
  readonly breakerThreshold: 'formula' | number;
  /** A9: what the drain percentage is a share of. */
  readonly drainScope: 'per-provider' | 'overall';
  /** A9: how a batch is rounded; it always has at least one instance. */
  readonly drainRounding: 'ceil' | 'floor' | 'round';
  /** A9: a drain percentage below 1. */
  readonly drainBelowOne: 'reject' | 'one-instance';
  /** A10: a deployment on capacity providers without instances. */
  readonly emptyProvider: 'instant-success' | 'pending-until-instance';
  /** A10: whether such a deployment bakes. */
  readonly emptyProviderBake: 'skip' | 'apply';
  /** A11: one bake after all batches, or one after each. */
  readonly bakePosition: 'final' | 'per-step';
  /** A11: whether the last bake is inside IN_PROGRESS or comes after SUCCESSFUL. */
  readonly bakeStatus: 'in-progress' | 'after-successful';
  /** A12: hours until a deployment that does not end fails. */
  readonly stuckDeploymentLimit: 'none' | number;
  /** A13: whether a deployment monitors the alarms of its request; only its alarm status shows that it does not (R31). */
  readonly alarmMonitoring: 'as-told' | 'never';
  /** A13: composite alarms among the alarms of a deployment. */
  readonly compositeAlarms: 'honoured' | 'ignored' | 'reject';
  /** A13: log alarms among the alarms of a deployment. */
  readonly logAlarms: 'honoured' | 'ignored' | 'reject';
  /** A13: an alarm that enters INSUFFICIENT_DATA. */
  readonly insufficientData: 'ignored' | 'triggers';
  /** A13: whether an alarm that does not exist is noticed during the deployment. */
  readonly missingAlarm: 'ignored' | 'fails-later';
  /** A14: alarm names without `enable: true`. */
  readonly alarmsWithoutEnable: 'ignored' | 'honoured';
  /** A15: seconds for which a new deployment or revision is MISSING. */
  readonly arnVisibilityDelay: number;
  /** A15: hours after its end until a deployment is MISSING again. */
  readonly deploymentRetention: 'forever' | number;
  /** A16: what `DescribeDaemon` answers about a deleted daemon. */
  readonly afterDelete: 'daemon-not-found' | 'client-exception' | 'inactive-shell';
  /** A16: whether the first deletion of a daemon rolls back after its first batch. */
  readonly deletionRollback: 'never' | 'once';
  /** A17: a `CreateDaemon` for a name that exists. */
  readonly createExisting: 'invalid-parameter' | 'client-exception' | 'returns-existing';
  /** A17: a `CreateDaemon` for a name whose daemon is being deleted. */
  readonly createDuringDelete: 'reject' | 'accept';
  /** A17: hours for which a client token is remembered. */
  readonly tokenRetention: number;
  /** A18: `DeleteCluster` and `DeleteCapacityProvider` while a daemon exists. */
  readonly deleteParentWithDaemon: 'reject' | 'accept-and-orphan';
  /** A19: the effect of deleting a task definition that a daemon uses or would roll back to. */
  readonly deletedTaskDefinition: 'rollback-fails' | 'rollback-works' | 'new-instances-fail';
  /** A20: containers that a daemon task definition may have. */
  readonly maxContainers: 'none' | number;
  /** A21: the log drivers that a daemon task definition may name. */
  readonly logDrivers: 'guide' | 'api-enum';
  /** A24: request rates of the daemon operations, in calls per second after a burst of 20 writes and 50 reads. */
  readonly throttle: 'assumed' | 'off' | { readonly writesPerSecond: number; readonly readsPerSecond: number };
  /** A25: whether a replacement that one daemon's deployment launches carries the target of another one's. */
  readonly concurrentDaemons: 'two-passes' | 'merged';
  /** A26: instances that a superseding deployment drains. */
  readonly supersedeCost: 'moved-only' | 'whole-fleet';
  /** A27: whether an instance that loses one daemon at once comes back with the one that its capacity provider moves to. */
  readonly providerMove: 'two-drains' | 'one-drain';
  /** A28: seconds by which DescribeDaemon, ListDaemons and ListDaemonDeployments lag behind writes. */
  readonly readLag: number;
  /** A28: whether every read is as old as it may be, or each of a random age up to that: of two reads, the later one may be the older. */
  readonly readAge: 'constant' | 'random';
  /** A28: seconds by which ListTagsForResource lags behind writes; R41 names daemons only. */
  readonly tagLag: number;
  /** A29: whether a failing deployment shows STOPPED for a moment before it rolls back. */
  readonly terminalFlip: 'never' | 'stopped-to-rollback';
  /** A30: segments of a deployment ARN after its type. */
  readonly deploymentArnFormat: 'three' | 'two';
  /** A31: the error for a daemon task definition that does not exist. */
  readonly taskDefinitionNotFound: 'client-exception' | 'invalid-parameter' | 'named';
  /** A32: what `daemonTaskDefinitionArn` may hold. */
  readonly taskDefinitionReference: 'arn-only' | 'family-allowed';
  /** A33, A38: whether deployments pass through a status that no SDK knows, and other resources show one now and then. */
  readonly unknownStatus: 'off' | 'emit';
  /** A38: fields that ECS leaves out of its replies: none, the settings of revisions always, or any optional one now and then. */
  readonly absentFields: 'none' | 'settings' | 'at-random';
  /** A34: whether the deployment of a non-critical daemon ends while instances lack it. */
  readonly nonCriticalSuccess: 'ignores-gaps' | 'needs-full-coverage';
  /** A35: seconds by which the counters of a deployment lag behind its status. */
  readonly counterLag: number;
  /** R42: seconds from the first start of the sandbox in which the service-linked role cannot be assumed. */
  readonly serviceLinkedRoleDelay: number;
  /** R42: seconds in which `CreateDaemon` does not find a new cluster. */
  readonly clusterVisibilityDelay: number;
  /** R43: seconds until a new capacity provider is ACTIVE. */
  readonly capacityProviderActivation: number;
}

export const DEFAULT_SWITCHES: EcsSwitches = {
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
  alarmMonitoring: 'as-told',
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
