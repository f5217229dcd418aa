import type { InstanceEvent } from 'cdk-ecs-managed-daemons/sandbox';

/** How many instances are in which state. */
export interface FleetCounts {
  readonly active: number;
  readonly applicationTasks: number;
  /** Instances that run the daemon, by its image's tag. */
  readonly daemons: Readonly<Record<string, number>>;
}

interface Instance {
  state: 'registering' | 'active' | 'draining' | 'deregistering' | 'terminated';
  imageTag?: string;
  applicationTasks: number;
}

/** The state of a fleet, from its event log alone. */
export class Fleet {
  private readonly instances = new Map<string, Instance>();

  public apply(event: InstanceEvent): void {
    const instance = this.instances.get(event.instanceId) ?? { state: 'registering', applicationTasks: 0 };
    this.instances.set(event.instanceId, instance);
    switch (event.event) {
      case 'INSTANCE_REGISTERING': instance.state = 'registering'; break;
      case 'INSTANCE_ACTIVE': instance.state = 'active'; break;
      case 'INSTANCE_DRAINING': instance.state = 'draining'; break;
      case 'INSTANCE_DEREGISTERING': instance.state = 'deregistering'; break;
      case 'INSTANCE_TERMINATED': instance.state = 'terminated'; break;
      case 'DAEMON_TASK_RUNNING': instance.imageTag = tagOf(event.image); break;
      case 'DAEMON_TASK_STOPPED': instance.imageTag = undefined; break;
      case 'APPLICATION_TASK_STARTED': instance.applicationTasks++; break;
      case 'APPLICATION_TASK_STOPPED': instance.applicationTasks--; break;
      case 'DAEMON_TASK_STARTED':
      case 'DAEMON_TASK_START_FAILED': break;
    }
  }

  /** Applies the events of each moment together, and calls `atEachMoment` after it. */
  public applyAll(events: readonly InstanceEvent[], atEachMoment: () => void): void {
    events.forEach((event, index) => {
      this.apply(event);
      if (events[index + 1]?.time !== event.time) atEachMoment();
    });
  }

  /** The instances that run application tasks with no daemon beside them. */
  public get uncovered(): string[] {
    return [...this.instances].filter(([, { applicationTasks, imageTag }]) => applicationTasks > 0 && !imageTag).map(([id]) => id);
  }

  /** How many instances are not terminated. */
  public get alive(): number {
    return [...this.instances.values()].filter(({ state }) => state !== 'terminated').length;
  }

  public counts(): FleetCounts {
    const instances = [...this.instances.values()];
    const daemons: Record<string, number> = {};
    for (const { imageTag } of instances) if (imageTag) daemons[imageTag] = (daemons[imageTag] ?? 0) + 1;
    return {
      active: instances.filter(({ state }) => state === 'active').length,
      applicationTasks: instances.reduce((sum, { applicationTasks }) => sum + applicationTasks, 0),
      daemons,
    };
  }
}

const tagOf = (image = ''): string => image.slice(image.lastIndexOf(':') + 1);
