import type { AlarmStateChange, CloudWatch } from './cloudwatch';
import type { CloudFormation, RecordedStackEvent } from './cloudformation';
import type { World } from './core/world';
import type { DeploymentStatusChange, Ecs, InstanceEvent, RecordedRevision } from './ecs';
import type { Lambda, RecordedExecution } from './lambda';
import type { Logs, RecordedLogLine } from './logs';

/** Everything that has happened so far, oldest first. All times are virtual and ISO 8601, those of stack events and log lines too. */
export interface Recording {
  /** When it was recorded. */
  readonly until: string;
  readonly instanceEvents: readonly InstanceEvent[];
  readonly deploymentChanges: readonly DeploymentStatusChange[];
  readonly alarmChanges: readonly RecordedAlarmChange[];
  readonly stackEvents: readonly RecordedStackEvent[];
  readonly logLines: readonly RecordedLogLine[];
  readonly executions: readonly RecordedExecution[];
  readonly revisions: readonly RecordedRevision[];
}

export interface RecordedAlarmChange extends AlarmStateChange {
  readonly time: string;
}

/** Records what the services do not keep themselves. */
export class Recorder {
  private readonly deploymentChanges: DeploymentStatusChange[] = [];
  private readonly alarmChanges: RecordedAlarmChange[] = [];

  constructor(
    private readonly world: World,
    private readonly services: {
      readonly ecs: Ecs; readonly cloudWatch: CloudWatch; readonly cloudFormation: CloudFormation; readonly logs: Logs;
      readonly lambda: Lambda;
    },
  ) {
    services.ecs.onDeploymentStatus((change) => void this.deploymentChanges.push(change));
    services.cloudWatch.onStateChange((change) => void this.alarmChanges.push({ time: this.now(), ...change }));
  }

  public recording(): Recording {
    const { ecs, cloudFormation, logs, lambda } = this.services;
    return {
      until: this.now(),
      instanceEvents: [...ecs.instanceEvents],
      deploymentChanges: [...this.deploymentChanges],
      alarmChanges: [...this.alarmChanges],
      stackEvents: cloudFormation.recordedEvents(),
      logLines: [...logs.lines],
      executions: [...lambda.endedExecutions],
      revisions: ecs.revisions(),
    };
  }

  private now(): string {
    return new Date(this.world.clock.now()).toISOString();
  }
}
