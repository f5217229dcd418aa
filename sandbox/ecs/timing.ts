/**
 * How long things take, in virtual seconds. The first seven are from the one published trace (docs/aws-behaviour.md): one instance is
 * DRAINING 40 s after the call, its replacement REGISTERING at 113 s and ACTIVE at 149 s, it is DEREGISTERING at 222 s, and the
 * deployment SUCCESSFUL at 294 s.
 */
export interface FleetTiming {
  /** Before each batch of a deployment. */
  readonly prepareBatch: number;
  /** From DRAINING until the replacement is REGISTERING. */
  readonly launchReplacement: number;
  /** From REGISTERING until the daemon tasks run. */
  readonly startDaemon: number;
  /** From the daemon tasks running until the instance is ACTIVE and starts application tasks. */
  readonly activate: number;
  /** From the replacement being ACTIVE until the old instance's application tasks have stopped. */
  readonly drainApplicationTasks: number;
  /** From then until the daemon tasks have stopped and the instance is DEREGISTERING. */
  readonly stopDaemon: number;
  /** From DEREGISTERING until the instance is gone. */
  readonly deregister: number;
  /** Until an instance that a service needs is REGISTERING: its tasks run about 5 minutes after the call. */
  readonly launchForService: number;
  /** Between two launches of a daemon task that failed to start. */
  readonly retryDaemon: number;
  /** Until the tasks of a deleted service have stopped. */
  readonly stopService: number;
  /** Until an instance without application tasks is terminated. */
  readonly terminateIdle: number;
  /** Of a deployment that finds no instances (A10). */
  readonly emptyDeployment: number;
  /** In STOP_REQUESTED. */
  readonly stopRequested: number;
  /** In STOPPED, when that is not the end (A29). */
  readonly terminalFlip: number;
  /** Seconds in a status that no SDK has (A33). */
  readonly unknownStatus: number;
  /** Until a missing alarm is noticed (A13). */
  readonly noticeMissingAlarm: number;
  /** From the request to delete a daemon task definition until it is DELETED. */
  readonly deleteTaskDefinition: number;
}

export const DEFAULT_TIMING: FleetTiming = {
  prepareBatch: 40,
  launchReplacement: 73,
  startDaemon: 18,
  activate: 18,
  drainApplicationTasks: 63,
  stopDaemon: 10,
  deregister: 72,
  launchForService: 264,
  retryDaemon: 30,
  stopService: 10,
  terminateIdle: 300,
  emptyDeployment: 45,
  stopRequested: 30,
  terminalFlip: 10,
  unknownStatus: 60,
  noticeMissingAlarm: 60,
  deleteTaskDefinition: 60,
};

/** How long a batch takes, from the preparation to the end of its old instances. */
export const batchSeconds = (timing: FleetTiming): number => timing.prepareBatch + timing.launchReplacement + timing.startDaemon
  + timing.activate + timing.drainApplicationTasks + timing.stopDaemon + timing.deregister;
