import { namesOf, roleIn, type RevisionRoles } from '../../timeline/recorded/revision-names';
import type { DeploymentStatusChange, Ecs, InstanceEvent } from '../ecs';
import { printCell, type Cell, type ProviderView } from './view';

interface InstanceNow {
  state: 'REGISTERING' | 'ACTIVE' | 'DRAINING' | 'DEREGISTERING';
  readonly registeredAt: number;
  since: number;
  applicationTasks: number;
  /** By daemon ARN. */
  readonly tasks: Map<string, { readonly revisionArn: string; readonly isRunning: boolean }>;
}

/** The part of revisions in the last attempt to deploy a daemon. */
interface DaemonNow {
  readonly arn: string;
  roles: RevisionRoles;
  /** What the last deployment that succeeded has left. */
  stable?: string;
  since: number;
  isDeletion: boolean;
  isGone: boolean;
}

interface Provider {
  readonly instances: Map<string, InstanceNow>;
  /** The ARNs of daemons that have had a task on it. */
  readonly daemons: Set<string>;
}

/** The instances of all capacity providers as they are now, from the events that have been read so far. */
export class Fleets {
  private readonly providers = new Map<string, Provider>();
  /** By ARN, the one that was deployed last is the last. */
  private readonly daemons = new Map<string, DaemonNow>();
  private readEvents = 0;
  private readChanges = 0;

  constructor(private readonly ecs: Ecs) {}

  /** Reads what has happened since the last time. */
  public read(changes: readonly DeploymentStatusChange[]): void {
    const { instanceEvents } = this.ecs;
    for (; this.readEvents < instanceEvents.length; this.readEvents++) this.receive(instanceEvents[this.readEvents]!);
    for (; this.readChanges < changes.length; this.readChanges++) this.change(changes[this.readChanges]!);
  }

  public views(): Record<string, ProviderView> {
    const revisions = this.ecs.revisions();
    return Object.fromEntries(this.ecs.fleetNames.map(({ cluster, capacityProvider: name }) => {
      const provider = this.provider(`${cluster}/${name}`);
      const daemon = [...this.daemons.values()].reverse().find(({ arn, isGone }) => !isGone && provider.daemons.has(arn));
      const roleOf = roleIn(daemon?.roles ?? {}, revisions);
      const mid = daemon && this.between(provider, daemon, roleOf);
      const cells = [...provider.instances].map(([id, instance]) => [id, printCell(cellOf(instance, daemon, roleOf))]);
      return [`${cluster}/${name}`, {
        cluster, name,
        ...(daemon && { daemon: daemon.arn.split('/').at(-1)! }),
        revisions: daemon ? namesOf(daemon.roles, revisions, mid) : {},
        cells: Object.fromEntries(cells) as Record<string, string>,
      }];
    }));
  }

  private between({ instances }: Provider, { arn }: DaemonNow, roleOf: ReturnType<typeof roleIn>): string | undefined {
    for (const { tasks } of instances.values()) {
      const revisionArn = tasks.get(arn)?.revisionArn;
      if (revisionArn !== undefined && roleOf(revisionArn) === 'mid') return revisionArn;
    }
    return undefined;
  }

  private provider(key: string): Provider {
    let provider = this.providers.get(key);
    if (!provider) this.providers.set(key, provider = { instances: new Map(), daemons: new Set() });
    return provider;
  }

  private receive({ time, cluster, capacityProvider, instanceId, event, daemonArn, revisionArn }: InstanceEvent): void {
    const { instances, daemons } = this.provider(`${cluster}/${capacityProvider}`);
    const at = Date.parse(time);
    if (event === 'INSTANCE_TERMINATED') return void instances.delete(instanceId);
    let instance = instances.get(instanceId);
    if (!instance) instances.set(instanceId, instance = { state: 'REGISTERING', registeredAt: at, since: at, applicationTasks: 0, tasks: new Map() });
    if (event.startsWith('INSTANCE_')) {
      instance.state = event.slice('INSTANCE_'.length) as InstanceNow['state'];
      instance.since = at;
    } else if (event === 'APPLICATION_TASK_STARTED') {
      instance.applicationTasks++;
    } else if (event === 'APPLICATION_TASK_STOPPED') {
      instance.applicationTasks--;
    } else {
      daemons.add(daemonArn!);
      instance.tasks.set(daemonArn!, { revisionArn: revisionArn!, isRunning: event === 'DAEMON_TASK_RUNNING' });
    }
  }

  private change({ time, daemonArn: arn, kind, status, targetRevisionArn: target }: DeploymentStatusChange): void {
    const daemon = this.daemons.get(arn) ?? { arn, roles: {}, since: 0, isDeletion: false, isGone: false };
    if (status === 'SUCCESSFUL') {
      daemon.stable = target;
      daemon.isGone = kind === 'delete';
      return;
    }
    if (status !== 'PENDING' && status !== 'IN_PROGRESS') return;
    this.daemons.delete(arn);
    this.daemons.set(arn, daemon);
    daemon.isGone = false;
    daemon.isDeletion = kind === 'delete';
    if (kind === 'rollback' || target === daemon.roles.new || this.reverts(daemon, target)) return;
    daemon.roles = { ...(target !== undefined && { new: target }), ...(daemon.stable !== undefined && { old: daemon.stable }) };
    daemon.since = Date.parse(time);
  }

  /** Whether a deployment returns to the task definition from before an attempt that has not succeeded. */
  private reverts({ stable, roles }: DaemonNow, target: string | undefined): boolean {
    const revisions = this.ecs.revisions();
    const taskDefinition = (arn: string | undefined): string | undefined => revisions.find((one) => one.arn === arn)?.taskDefinitionArn;
    return stable !== undefined && stable === roles.old && target !== undefined && taskDefinition(target) === taskDefinition(stable);
  }
}

function cellOf(instance: InstanceNow, daemon: DaemonNow | undefined, roleOf: ReturnType<typeof roleIn>): Cell {
  const { state, applicationTasks, since } = instance;
  const isLeaving = state === 'DRAINING' || state === 'DEREGISTERING';
  const task = daemon && instance.tasks.get(daemon.arn);
  if (!daemon || (!task && daemon.isDeletion)) return ['-', isLeaving ? 'd' : state === 'ACTIVE' ? 'r' : 's', applicationTasks, since];
  const role = task ? roleOf(task.revisionArn)[0] as Cell[0] : instance.registeredAt < daemon.since ? 'o' : 'n';
  if (applicationTasks > 0 && !task?.isRunning) return [role, 'u', applicationTasks, since];
  return [role, isLeaving ? 'd' : task?.isRunning && state === 'ACTIVE' ? 'r' : 's', applicationTasks, since];
}
