import type { DaemonApi, NewDaemon } from '../../lambda/rollout/aws/daemon-api';
import type { DaemonSettings } from '../../lambda/rollout/observation';
import { ApiFault, type Fault } from '../../lambda/rollout/aws/fault';
import type {
  ObservedAlarm, ObservedCapacityProvider, ObservedDeployment, RevisionCounts, RevisionSettings,
} from '../../lambda/rollout/observation';

/** How a deployment goes: what it is at an age in seconds. */
export type Course = (ageSeconds: number) => {
  readonly status: string;
  readonly moved: number;
  readonly draining?: number;
  /** Instances that have moved and lack the daemon. */
  readonly lacking?: number;
  readonly failures?: number;
};

export const BATCH_SECONDS = 294;

/** The published course of a deployment: batches of a quarter of the fleet, one after the other. */
export const steady = (instances: number, bakeSeconds = 0): Course => (age) => {
  const batches = Math.min(4, instances);
  const done = Math.min(batches, Math.floor(age / BATCH_SECONDS));
  const moved = Math.round(instances * done / batches);
  if (age < 40) return { status: 'PENDING', moved: 0 };
  if (age < batches * BATCH_SECONDS + bakeSeconds) return { status: 'IN_PROGRESS', moved, draining: done < batches ? Math.ceil(instances / batches) : 0 };
  return { status: 'SUCCESSFUL', moved: instances };
};

/** A course that reaches each status at the age given with it. */
export const scripted = (...script: [ageSeconds: number, status: string, moved: number][]): Course => (age) => {
  const [, status, moved] = script.filter(([from]) => from <= age).at(-1) ?? script[0]!;
  return { status, moved };
};

interface Deployment {
  readonly arn: string;
  readonly createdAt: number;
  readonly settings: DaemonSettings;
  readonly revisionArn: string;
  readonly sourceArn?: string;
  readonly course: Course;
  /** When another deployment has taken over. */
  stoppedAt?: number;
}

interface Daemon {
  readonly createdAt: number;
  readonly tags: { readonly from: number; readonly tags: Record<string, string> }[];
  readonly deployments: Deployment[];
  deletedAt?: number;
}

const ENDED = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

/** ECS and CloudWatch in memory, on a clock that the test moves. Reads are as old as `readLagSeconds` (A28). */
export class FakeDaemonApi implements DaemonApi {
  public now = Date.UTC(2026, 10, 22, 12);
  public readLagSeconds = 5;
  public instances = 12;
  public course: Course = steady(12);
  public drainSeconds = 600;
  public readonly daemons = new Map<string, Daemon[]>();
  public readonly alarms = new Map<string, ObservedAlarm>();
  /** What is not ACTIVE, or of another kind. */
  public readonly capacityProviders = new Map<string, Omit<ObservedCapacityProvider, 'arn'> | 'missing'>();
  public readonly taskDefinitions = new Map<string, string | 'missing'>();
  public triggeredAlarms: string[] = [];
  public statusReason = '';
  /** Every call, in order. */
  public readonly calls: { readonly name: keyof DaemonApi; readonly at: number }[] = [];
  /** The settings of each UpdateDaemon that took effect. */
  public readonly updates: DaemonSettings[] = [];
  public readonly created: NewDaemon[] = [];
  /** Throws instead of serving a call. */
  public refuse: (call: keyof DaemonApi) => Fault | undefined = () => undefined;
  private sequence = 0;

  public async describeDaemon(daemonArn: string) {
    this.note('describeDaemon');
    const daemon = this.visible(daemonArn);
    if (!daemon) throw new ApiFault({ kind: 'not-found', name: 'DaemonNotFoundException', message: `no daemon ${daemonArn}` });
    const deployments = this.visibleDeployments(daemon);
    const latest = deployments.at(-1)!;
    const deleting = daemon.deletedAt !== undefined && daemon.deletedAt <= this.view;
    return { status: deleting ? 'DELETE_IN_PROGRESS' : 'ACTIVE', createdAt: daemon.createdAt, latestArn: latest.arn, revisions: this.current(deployments) };
  }

  /** In an order of its own. */
  public async describeDeployments(arns: readonly string[]) {
    this.note('describeDeployments');
    return this.allVisibleDeployments().filter(({ arn }) => arns.includes(arn)).map((deployment) => this.observed(deployment)).reverse();
  }

  public async describeRevisions(arns: readonly string[]) {
    this.note('describeRevisions');
    const found: Record<string, RevisionSettings> = {};
    for (const { revisionArn, settings } of this.allVisibleDeployments()) if (arns.includes(revisionArn)) found[revisionArn] = settings;
    return found;
  }

  /** The newest first. */
  public async listDeployments(daemonArn: string, createdAfter: number) {
    this.note('listDeployments');
    const daemon = this.visible(daemonArn);
    return (daemon ? this.visibleDeployments(daemon) : [])
      .filter(({ createdAt }) => createdAt >= createdAfter)
      .map((deployment) => ({
        arn: deployment.arn, createdAt: deployment.createdAt, targetRevisionArn: deployment.revisionArn,
        status: this.statusOf(deployment, this.view), statusReason: this.statusReason,
      })).reverse();
  }

  public async listDaemons(clusterArn: string, capacityProviderArns?: readonly string[]) {
    this.note('listDaemons');
    const prefix = `${clusterArn.replace(':cluster/', ':daemon/')}/`;
    return [...this.daemons.keys()].filter((arn) => arn.startsWith(prefix)).flatMap((arn) => {
      const daemon = this.visible(arn);
      const latest = daemon && this.visibleDeployments(daemon).at(-1);
      if (!latest) return [];
      const deleting = daemon.deletedAt !== undefined && daemon.deletedAt <= this.view;
      const runsOn = latest.settings.capacityProviderArns;
      const shares = !capacityProviderArns || runsOn.some((provider) => capacityProviderArns.includes(provider));
      return shares ? [{ arn, status: deleting ? 'DELETE_IN_PROGRESS' : 'ACTIVE', updatedAt: latest.createdAt }] : [];
    });
  }

  public async listTags(daemonArn: string) {
    this.note('listTags');
    return { ...this.visible(daemonArn)?.tags.filter(({ from }) => from <= this.view).at(-1)?.tags };
  }

  public async describeAlarms(names: readonly string[]) {
    this.note('describeAlarms');
    return [...this.alarms.values()].filter(({ name }) => names.includes(name));
  }

  public async describeCapacityProviders(_clusterArn: string, arns: readonly string[]) {
    this.note('describeCapacityProviders');
    return arns.flatMap((arn) => {
      const provider = this.capacityProviders.get(arn) ?? { status: 'ACTIVE', type: 'MANAGED_INSTANCES' };
      return provider === 'missing' ? [] : [{ arn, ...provider }];
    });
  }

  public async taskDefinitionStatus(arn: string) {
    this.note('taskDefinitionStatus');
    const status = this.taskDefinitions.get(arn) ?? 'ACTIVE';
    if (status === 'missing') throw new ApiFault({ kind: 'refused', name: 'ClientException', message: `Daemon task definition not found: ${arn}` });
    return status;
  }

  public async createDaemon(daemon: NewDaemon) {
    this.note('createDaemon');
    const arn = `${daemon.clusterArn.replace(':cluster/', ':daemon/')}/${daemon.daemonName}`;
    const existing = this.actual(arn);
    if (existing) {
      const again = this.created.find(({ clientToken }) => clientToken === daemon.clientToken);
      if (again) return existing.deployments[0]!.arn;
      throw new ApiFault({ kind: 'refused', name: 'InvalidParameterException', message: 'The daemon exists already.' });
    }
    this.created.push(daemon);
    this.put(arn, daemon, daemon.tags);
    return this.actual(arn)!.deployments[0]!.arn;
  }

  public async updateDaemon(daemonArn: string, settings: DaemonSettings) {
    this.note('updateDaemon');
    const daemon = this.actual(daemonArn);
    if (!daemon) throw new ApiFault({ kind: 'not-found', name: 'DaemonNotFoundException', message: 'no such daemon' });
    this.updates.push(settings);
    const before = daemon.deployments.at(-1)!;
    if (!ENDED.includes(this.statusOf(before, this.now))) before.stoppedAt = this.now;
    return this.deploy(daemon, settings, this.course);
  }

  public async deleteDaemon(daemonArn: string) {
    this.note('deleteDaemon');
    const daemon = this.actual(daemonArn);
    if (!daemon) throw new ApiFault({ kind: 'not-found', name: 'DaemonNotFoundException', message: 'no such daemon' });
    if (daemon.deletedAt !== undefined) {
      throw new ApiFault({ kind: 'deleting', name: 'InvalidParameterException', message: 'deployment deletion is ongoing' });
    }
    daemon.deletedAt = this.now;
    return `${daemonArn}/deletion`;
  }

  public async tag(daemonArn: string, tags: Readonly<Record<string, string>>) {
    this.note('tag');
    const daemon = this.actual(daemonArn)!;
    daemon.tags.push({ from: this.now, tags: { ...daemon.tags.at(-1)!.tags, ...tags } });
  }

  public async untag(daemonArn: string, keys: readonly string[]) {
    this.note('untag');
    const daemon = this.actual(daemonArn)!;
    const kept = Object.entries(daemon.tags.at(-1)!.tags).filter(([key]) => !keys.includes(key));
    daemon.tags.push({ from: this.now, tags: Object.fromEntries(kept) });
  }

  /** Puts a daemon there as if it had been made now. */
  public put(arn: string, settings: DaemonSettings, tags: Readonly<Record<string, string>>, course: Course = this.course): void {
    const daemon: Daemon = { createdAt: this.now, tags: [{ from: this.now, tags: { ...tags } }], deployments: [] };
    this.daemons.set(arn, [...this.daemons.get(arn) ?? [], daemon]);
    this.deploy(daemon, settings, course);
  }

  /** Begins a deployment that is not ours. */
  public deployByHand(arn: string, settings: DaemonSettings, course: Course = this.course): string {
    const daemon = this.actual(arn)!;
    const before = daemon.deployments.at(-1)!;
    if (!ENDED.includes(this.statusOf(before, this.now))) before.stoppedAt = this.now;
    return this.deploy(daemon, settings, course);
  }

  public addAlarm(name: string, state: ObservedAlarm['state'] = 'OK', stateReason = '', evaluationSeconds = 60): void {
    this.alarms.set(name, { name, state, stateReason, evaluationSeconds });
  }

  public exists(arn: string): boolean {
    return this.actual(arn) !== undefined;
  }

  private get view(): number {
    return this.now - this.readLagSeconds * 1000;
  }

  private note(name: keyof DaemonApi): void {
    this.calls.push({ name, at: this.now });
    const fault = this.refuse(name);
    if (fault) throw new ApiFault(fault);
  }

  private actual(arn: string): Daemon | undefined {
    return this.at(arn, this.now);
  }

  private visible(arn: string): Daemon | undefined {
    return this.at(arn, this.view);
  }

  private at(arn: string, time: number): Daemon | undefined {
    const gone = ({ deletedAt }: Daemon) => deletedAt !== undefined && deletedAt + this.drainSeconds * 1000 <= time;
    return this.daemons.get(arn)?.find((daemon) => daemon.createdAt <= time && !gone(daemon));
  }

  private visibleDeployments({ deployments }: Daemon): Deployment[] {
    return deployments.filter(({ createdAt }) => createdAt <= this.view);
  }

  private allVisibleDeployments(): Deployment[] {
    return [...this.daemons.values()].flat().flatMap((daemon) => this.visibleDeployments(daemon));
  }

  private statusOf(deployment: Deployment, time: number): string {
    if (deployment.stoppedAt !== undefined && deployment.stoppedAt <= time) return 'STOPPED';
    return deployment.course((time - deployment.createdAt) / 1000).status;
  }

  private deploy(daemon: Daemon, settings: DaemonSettings, course: Course): string {
    const number = ++this.sequence;
    const sourceArn = daemon.deployments.findLast((deployment) => this.statusOf(deployment, this.now) === 'SUCCESSFUL')?.revisionArn;
    daemon.deployments.push({
      arn: `deployment-${number}`, revisionArn: `revision-${number}`, createdAt: this.now, settings: { ...settings }, sourceArn, course,
    });
    return `deployment-${number}`;
  }

  private observed(deployment: Deployment): ObservedDeployment {
    const age = (this.view - deployment.createdAt) / 1000;
    const { moved, draining = 0, lacking = 0, failures = 0 } = deployment.course(age);
    const { capacityProviderArns, alarmNames } = deployment.settings;
    const counts = (revisionArn: string, running: number, drains: number, withoutDaemon = 0): RevisionCounts =>
      ({ revisionArn, capacityProviderArns, running, withoutDaemon, draining: drains });
    const status = this.statusOf(deployment, this.view);
    const rollback = status.startsWith('ROLLBACK');
    const triggered = rollback || status === 'STOP_REQUESTED' ? this.triggeredAlarms : [];
    return {
      arn: deployment.arn,
      status,
      statusReason: this.statusReason,
      createdAt: deployment.createdAt,
      target: counts(deployment.revisionArn, moved, 0, lacking),
      sources: deployment.sourceArn ? [counts(deployment.sourceArn, this.instances - moved - draining - lacking, draining)] : [],
      failureCount: failures,
      failureThreshold: 3,
      circuitBreakerStatus: 'MONITORING',
      alarmsStatus: alarmNames.length === 0 ? 'DISABLED' : status === 'SUCCESSFUL' ? 'MONITORING_COMPLETE' : 'MONITORING',
      triggeredAlarmNames: triggered,
      rollbackReason: '',
      rollbackTargetArn: rollback ? deployment.sourceArn ?? '' : '',
      rollbackCapacityProviderArns: rollback ? capacityProviderArns : [],
      configuration: deployment.settings,
    };
  }

  private current(deployments: Deployment[]): RevisionCounts[] {
    const latest = this.observed(deployments.at(-1)!);
    const settled = latest.status === 'ROLLBACK_SUCCESSFUL' ? latest.sources.map((source) => ({ ...source, running: this.instances, draining: 0 }))
      : [latest.target!, ...latest.sources];
    return settled.filter(({ running, withoutDaemon }) => running + withoutDaemon > 0 || settled.length === 1);
  }
}
