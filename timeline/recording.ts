/**
 * What the sandbox records of a run, as plain data: the input of `timelinesOf`. Times are virtual and ISO 8601, in the order in which they
 * happened. The sandbox returns the same shape from `recording()`; a test compares the types.
 */
export interface Recording {
  /** When it was recorded. */
  readonly until: string;
  readonly instanceEvents: readonly RecordedInstanceEvent[];
  readonly deploymentChanges: readonly RecordedDeploymentChange[];
  readonly alarmChanges: readonly RecordedAlarmChange[];
  readonly stackEvents: readonly RecordedStackEvent[];
  readonly logLines: readonly RecordedLogLine[];
  /** Durable executions that have ended: the result of a rollout's is a report of the Lambda. */
  readonly executions: readonly RecordedExecution[];
  readonly revisions: readonly RecordedRevision[];
}

export interface RecordedInstanceEvent {
  readonly time: string;
  readonly cluster: string;
  readonly capacityProvider: string;
  readonly instanceId: string;
  readonly event:
    | 'INSTANCE_REGISTERING' | 'INSTANCE_ACTIVE' | 'INSTANCE_DRAINING' | 'INSTANCE_DEREGISTERING' | 'INSTANCE_TERMINATED'
    | 'DAEMON_TASK_STARTED' | 'DAEMON_TASK_RUNNING' | 'DAEMON_TASK_STOPPED' | 'DAEMON_TASK_START_FAILED'
    | 'APPLICATION_TASK_STARTED' | 'APPLICATION_TASK_STOPPED';
  readonly daemonArn?: string;
  readonly revisionArn?: string;
  readonly image?: string;
  readonly reason?: string;
  readonly deploymentArn?: string;
}

export interface RecordedDeploymentChange {
  readonly time: string;
  readonly daemonArn: string;
  readonly deploymentArn: string;
  readonly kind: 'create' | 'update' | 'delete' | 'rollback';
  readonly status: string;
  readonly statusReason?: string;
  readonly alarmNames: readonly string[];
  /** Absent for a deletion. */
  readonly targetRevisionArn?: string;
}

export interface RecordedAlarmChange {
  readonly time: string;
  readonly alarmName: string;
  readonly from: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly to: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly reason: string;
}

export interface RecordedStackEvent {
  readonly time: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly resourceType: string;
  readonly status: string;
  readonly statusReason?: string;
  /** Of custom resources: the properties of the template, as sent. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

export interface RecordedLogLine {
  readonly time: string;
  readonly logGroup: string;
  readonly message: string;
}

export interface RecordedExecution {
  readonly name: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly status: string;
  /** What the handler returned, as JSON. */
  readonly result?: string;
}

/** A revision of a daemon, by its ARN. */
export interface RecordedRevision {
  readonly arn: string;
  readonly daemonArn: string;
  readonly taskDefinitionArn: string;
  readonly images: readonly string[];
}
