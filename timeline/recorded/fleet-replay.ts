import type { InstancePeriod, Moment, RevisionRole, StateCounts } from '../model';
import type { RecordedInstanceEvent } from '../recording';

type State = keyof StateCounts;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An instance in the replay. */
interface Instance {
  readonly id: string;
  lifecycle: 'REGISTERING' | 'ACTIVE' | 'DRAINING' | 'TERMINATED';
  role: RevisionRole;
  running: boolean;
  applicationTasks: number;
  counted?: { readonly role: RevisionRole; readonly state: State };
}

/** One instance over the rollout; times are epoch milliseconds. */
export interface ReplayedInstance {
  readonly id: string;
  readonly from: number;
  to?: number;
  readonly periods: InstancePeriod[];
  failures: number;
}

export interface ReplayOptions {
  readonly daemonArn: string;
  /** Epoch milliseconds: counts before are the state at the start. */
  readonly from: number;
  readonly to: number;
  roleOf(revisionArn: string): RevisionRole;
  /** The role of an instance that never runs the daemon. */
  readonly withoutRevision: { readonly registeredBefore: RevisionRole; readonly registeredLater: RevisionRole };
  /** Nothing lacks a daemon that is being deleted: an instance without it is what is desired. */
  readonly isDeletion: boolean;
}

/** Counts instances by state and revision at every moment of a rollout. Moments are epoch milliseconds here. */
export class FleetReplay {
  public readonly moments: Moment[] = [];
  public readonly instances = new Map<string, ReplayedInstance>();
  private readonly alive = new Map<string, Instance>();
  private readonly counts: Record<RevisionRole, Mutable<StateCounts>> = { new: noCounts(), mid: noCounts(), old: noCounts() };
  private applicationTasks = 0;
  private firstRevisions = new Map<string, string>();

  constructor(private readonly events: readonly RecordedInstanceEvent[], private readonly options: ReplayOptions) {
    for (const { instanceId, revisionArn, daemonArn } of events) {
      if (daemonArn !== options.daemonArn || revisionArn === undefined || this.firstRevisions.has(instanceId)) continue;
      this.firstRevisions.set(instanceId, revisionArn);
    }
    this.replay();
  }

  private replay(): void {
    const { from, to } = this.options;
    let time = from;
    for (const event of this.events) {
      const at = Date.parse(event.time);
      if (at > to) break;
      if (at > time) {
        this.snapshot(time);
        time = at;
      }
      this.apply(event, at);
    }
    this.snapshot(time);
  }

  private snapshot(at: number): void {
    const { new: fresh, mid, old } = this.counts;
    const moment: Moment = {
      at,
      new: { ...fresh },
      old: { ...old },
      ...(Object.values(mid).some((count) => count > 0) && { mid: { ...mid } }),
      applicationTasks: this.applicationTasks,
    };
    const last = this.moments.at(-1);
    if (last && JSON.stringify({ ...last, at: 0 }) === JSON.stringify({ ...moment, at: 0 })) return;
    this.moments.push(moment);
  }

  private apply(event: RecordedInstanceEvent, at: number): void {
    const instance = this.alive.get(event.instanceId) ?? this.register(event, at);
    const isOurs = event.daemonArn === this.options.daemonArn;
    switch (event.event) {
      case 'INSTANCE_REGISTERING': break;
      case 'INSTANCE_ACTIVE': instance.lifecycle = 'ACTIVE'; break;
      case 'INSTANCE_DRAINING':
      case 'INSTANCE_DEREGISTERING': instance.lifecycle = 'DRAINING'; break;
      case 'INSTANCE_TERMINATED': instance.lifecycle = 'TERMINATED'; break;
      case 'APPLICATION_TASK_STARTED': this.addTasks(instance, 1); break;
      case 'APPLICATION_TASK_STOPPED': this.addTasks(instance, -1); break;
      case 'DAEMON_TASK_RUNNING': if (isOurs) this.runs(instance, event); break;
      case 'DAEMON_TASK_STOPPED': if (isOurs) instance.running = false; break;
      case 'DAEMON_TASK_START_FAILED': if (isOurs) this.instances.get(instance.id)!.failures++; break;
      case 'DAEMON_TASK_STARTED': if (isOurs && !instance.running) instance.role = this.options.roleOf(event.revisionArn!); break;
    }
    this.recount(instance, at);
  }

  private runs(instance: Instance, { revisionArn }: RecordedInstanceEvent): void {
    instance.running = true;
    instance.role = this.options.roleOf(revisionArn!);
  }

  private addTasks(instance: Instance, tasks: number): void {
    instance.applicationTasks += tasks;
    this.applicationTasks += tasks;
  }

  private register({ instanceId: id }: RecordedInstanceEvent, at: number): Instance {
    const { roleOf, withoutRevision, from } = this.options;
    const revision = this.firstRevisions.get(id);
    const role = revision !== undefined ? roleOf(revision)
      : at <= from ? withoutRevision.registeredBefore : withoutRevision.registeredLater;
    const instance: Instance = { id, lifecycle: 'REGISTERING', role, running: false, applicationTasks: 0 };
    this.alive.set(id, instance);
    this.instances.set(id, { id, from: at, periods: [], failures: 0 });
    return instance;
  }

  private recount(instance: Instance, at: number): void {
    const state = this.stateOf(instance);
    const { counted, role } = instance;
    if (counted?.role === role && counted.state === state) return;
    if (counted) this.counts[counted.role][counted.state]--;
    const replayed = this.instances.get(instance.id)!;
    if (!state) {
      this.alive.delete(instance.id);
      replayed.to = at;
      return;
    }
    this.counts[role][state]++;
    instance.counted = { role, state };
    if (replayed.periods.at(-1)?.from === at) replayed.periods.pop();
    replayed.periods.push({ from: at, role, state });
  }

  private stateOf(instance: Instance): State | undefined {
    const { lifecycle, running, applicationTasks } = instance;
    if (lifecycle === 'TERMINATED') return undefined;
    const needsDaemon = !this.options.isDeletion;
    if (applicationTasks > 0 && !running && needsDaemon) return 'uncovered';
    if (lifecycle === 'DRAINING') return 'draining';
    if (lifecycle === 'ACTIVE' && (running || !needsDaemon)) return 'runs';
    return 'starting';
  }
}

const noCounts = (): Mutable<StateCounts> => ({ runs: 0, uncovered: 0, starting: 0, draining: 0 });
