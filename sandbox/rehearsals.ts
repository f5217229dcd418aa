import type { CloudWatch } from './cloudwatch';
import type { DeploymentStatusChange, Ecs } from './ecs';
import { matchesPattern } from './iam/pattern';
import type { World } from './core/world';

/** An alarm that goes into ALARM in every rollout that it guards. */
export interface AlarmRehearsal {
  /** The alarm's name; `*` stands for any characters and `?` for one. */
  readonly alarm: string;
  /** How many minutes after a deployment that watches the alarm has begun to replace instances. */
  readonly minutes: number;
}

/** Prints the course of deployments, and puts alarms into ALARM during them. When the deployment has ended, the alarm is OK again. */
export function followDeployments(world: World, ecs: Ecs, cloudWatch: CloudWatch, rehearsals: readonly AlarmRehearsal[] = []): void {
  const begun = new Set<string>();
  ecs.onDeploymentStatus((change) => {
    report(world, change);
    if (change.status !== 'IN_PROGRESS' || begun.has(change.deploymentArn)) return;
    begun.add(change.deploymentArn);
    for (const { alarm, minutes } of rehearsals) {
      const names = change.alarmNames.filter((name) => matchesPattern(name, alarm));
      for (const name of names) world.clock.after(minutes * 60, () => raise(world, ecs, cloudWatch, change.deploymentArn, name));
    }
  });
  ecs.onInstanceEvent(({ capacityProvider, instanceId, event }) => world.detail?.(`Instance ${instanceId} of ${capacityProvider}: ${event}`));
}

function raise(world: World, ecs: Ecs, cloudWatch: CloudWatch, deploymentArn: string, name: string): void {
  if (ecs.deploymentHasEnded(deploymentArn)) return;
  if (!cloudWatch.alarm(name)) {
    world.notice?.(`Alarm ${name} does not exist: the sandbox cannot put it into ALARM`);
    return;
  }
  const enter = (StateValue: 'ALARM' | 'OK', StateReason: string): void => {
    world.notice?.(`Alarm ${name}: ${StateValue} (${StateReason})`);
    void world.call('monitoring', 'SetAlarmState', { AlarmName: name, StateValue, StateReason });
  };
  enter('ALARM', 'rehearsed by the sandbox');
  const stop = ecs.onDeploymentStatus((change) => {
    if (change.deploymentArn !== deploymentArn || !ecs.deploymentHasEnded(deploymentArn)) return;
    stop();
    enter('OK', 'the deployment has ended');
  });
}

/** The statuses that a person waits for; the others are details. */
const NOTICES: ReadonlySet<string> = new Set([
  'IN_PROGRESS', 'SUCCESSFUL', 'STOPPED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED',
]);

function report(world: World, { daemonArn, kind, status, statusReason }: DeploymentStatusChange): void {
  const name = daemonArn.split('/').slice(1).join('/');
  const line = `Daemon ${name}: ${kind} deployment ${status}${statusReason === undefined ? '' : `: ${statusReason}`}`;
  if (NOTICES.has(status)) world.notice?.(line);
  else world.detail?.(line);
}
