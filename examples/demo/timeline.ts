import type { DeploymentStatusChange, InstanceEvent } from 'cdk-ecs-managed-daemons/sandbox';

/** One line of a timeline: how many instances were in which state from this moment on. */
export interface TimelineRow {
  /** Virtual seconds since the timeline's start. */
  readonly seconds: number;
  /** The status of the daemon's deployment. */
  readonly deployment: string;
  readonly active: number;
  readonly registering: number;
  readonly draining: number;
  readonly deregistering: number;
  readonly applicationTasks: number;
  /** Instances that run the daemon, by its image's tag. */
  readonly daemons: Readonly<Record<string, number>>;
}

interface Instance {
  state: 'registering' | 'active' | 'draining' | 'deregistering' | 'terminated';
  imageTag?: string;
  applicationTasks: number;
}

/** The state of a fleet, told from its event log alone. */
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

  /** The instances that run application tasks with no daemon beside them. */
  public get uncovered(): string[] {
    return [...this.instances].filter(([, { applicationTasks, imageTag }]) => applicationTasks > 0 && !imageTag).map(([id]) => id);
  }

  /** How many instances are not terminated. */
  public get alive(): number {
    return [...this.instances.values()].filter(({ state }) => state !== 'terminated').length;
  }

  public counts(): Omit<TimelineRow, 'seconds' | 'deployment'> {
    const instances = [...this.instances.values()];
    const count = (state: Instance['state']): number => instances.filter((instance) => instance.state === state).length;
    const daemons: Record<string, number> = {};
    for (const { imageTag } of instances) if (imageTag) daemons[imageTag] = (daemons[imageTag] ?? 0) + 1;
    return {
      active: count('active'),
      registering: count('registering'),
      draining: count('draining'),
      deregistering: count('deregistering'),
      applicationTasks: instances.reduce((sum, { applicationTasks }) => sum + applicationTasks, 0),
      daemons,
    };
  }
}

/** The rows of one rollout: one for each moment at which something changed. `atEachMoment` sees the fleet as it stood then. */
export function timeline(
  fleet: Fleet, instanceEvents: readonly InstanceEvent[], statusChanges: readonly DeploymentStatusChange[], atEachMoment: () => void,
): TimelineRow[] {
  const moments = [...new Set([...instanceEvents, ...statusChanges].map(({ time }) => time))].sort();
  const rows: TimelineRow[] = [];
  for (const moment of moments) {
    for (const event of instanceEvents) if (event.time === moment) fleet.apply(event);
    atEachMoment();
    const status = statusChanges.findLast(({ time }) => time === moment)?.status;
    const row: TimelineRow = {
      seconds: (Date.parse(moment) - Date.parse(moments[0]!)) / 1000,
      deployment: status ?? rows.at(-1)?.deployment ?? '',
      ...fleet.counts(),
    };
    if (!sameCounts(rows.at(-1), row)) rows.push(row);
  }
  return rows;
}

export function printTimeline(rows: readonly TimelineRow[]): string {
  const header = [
    'time', 'deployment', 'active', 'registering', 'draining', 'deregistering', 'app tasks', 'instances with the daemon, by image tag',
  ];
  const lines = rows.map((row, index) => [
    clockTime(row.seconds), row.deployment === rows[index - 1]?.deployment ? '' : row.deployment,
    row.active, row.registering, row.draining, row.deregistering, row.applicationTasks,
    Object.entries(row.daemons).map(([tag, count]) => `${tag}: ${count}`).join(', ') || 'none',
  ].map(String));
  const widths = header.map((name, column) => Math.max(name.length, ...lines.map((line) => line[column]!.length)));
  const leftAligned = new Set([1, header.length - 1]);
  const print = (cells: string[]): string => '  ' + cells
    .map((cell, column) => leftAligned.has(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))
    .join('  ').trimEnd();
  return [print(header), ...lines.map(print)].join('\n');
}

function sameCounts(a: TimelineRow | undefined, b: TimelineRow): boolean {
  return a !== undefined && JSON.stringify({ ...a, seconds: 0 }) === JSON.stringify({ ...b, seconds: 0 });
}

const tagOf = (image = ''): string => image.slice(image.lastIndexOf(':') + 1);

const clockTime = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`;
