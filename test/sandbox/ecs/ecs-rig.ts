import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { ECS, type CreateDaemonRequest, type DaemonDeployment, type UpdateDaemonRequest } from '@aws-sdk/client-ecs';
import { startSandbox, type EcsAssumptions, type InstanceEvent, type Sandbox, type SandboxOptions } from '../../../sandbox';

export const CLUSTER_ARN = 'arn:aws:ecs:us-east-1:123456789012:cluster/fleet';
export const DAEMON_ARN = 'arn:aws:ecs:us-east-1:123456789012:daemon/fleet/agent';

export const providerArn = (name: string): string => `arn:aws:ecs:us-east-1:123456789012:capacity-provider/${name}`;

export interface RigOptions {
  readonly assumptions?: Partial<EcsAssumptions>;
  /** Instances by capacity provider; a provider may have none. Default: `main` with one. */
  readonly fleets?: Readonly<Record<string, number>>;
  readonly applicationTasksPerInstance?: number;
  readonly sandbox?: SandboxOptions;
}

/** A status of a deployment, with the seconds since `mark`. */
export type StatusLine = readonly [seconds: number, status: string];

/** A sandbox with a manual clock, and the real SDK clients that talk to it. */
export class EcsRig {
  public readonly ecs: ECS;
  public readonly cloudWatch: CloudWatch;
  private readonly lines: { readonly time: number; readonly arn: string; readonly status: string }[] = [];
  private markTime: number;
  private markEvents: number;

  private constructor(public readonly sandbox: Sandbox) {
    const configuration = {
      endpoint: sandbox.endpoint, region: sandbox.region, maxAttempts: 1,
      credentials: { accessKeyId: sandbox.environment.AWS_ACCESS_KEY_ID!, secretAccessKey: 'sandbox' },
    };
    this.ecs = new ECS(configuration);
    this.cloudWatch = new CloudWatch(configuration);
    this.markTime = sandbox.clock.now();
    this.markEvents = sandbox.ecs.instanceEvents.length;
    sandbox.ecs.onDeploymentStatus(({ deploymentArn, status }) =>
      this.lines.push({ time: sandbox.clock.now(), arn: deploymentArn, status }));
  }

  public static async start(options: RigOptions = {}): Promise<EcsRig> {
    const sandbox = await startSandbox({
      clock: 'manual',
      ecs: { throttle: 'off', readLag: 0, arnVisibilityDelay: 0, ...options.assumptions },
      ...options.sandbox,
      fleets: Object.entries(options.fleets ?? { main: 1 }).map(([capacityProvider, instances]) => ({
        cluster: 'fleet', capacityProvider, instances, applicationTasksPerInstance: options.applicationTasksPerInstance,
      })),
    });
    return new EcsRig(sandbox);
  }

  public async close(): Promise<void> {
    this.ecs.destroy();
    this.cloudWatch.destroy();
    await this.sandbox.close();
  }

  public advance(seconds: number): Promise<void> {
    return this.sandbox.clock.advance(seconds);
  }

  /** From here on, times are counted and events are kept. */
  public mark(): void {
    this.markTime = this.sandbox.clock.now();
    this.markEvents = this.sandbox.ecs.instanceEvents.length;
  }

  /** Seconds since the mark. */
  public seconds(time: Date | string | undefined): number {
    return (new Date(time!).getTime() - this.markTime) / 1000;
  }

  /** The statuses of a deployment since the mark. */
  public statusLines(deploymentArn: string): StatusLine[] {
    return this.lines.filter(({ arn, time }) => arn === deploymentArn && time >= this.markTime)
      .map(({ time, status }) => [(time - this.markTime) / 1000, status]);
  }

  public statuses(deploymentArn: string): string[] {
    return this.statusLines(deploymentArn).map(([, status]) => status);
  }

  /** Instance events since the mark. */
  public events(...names: string[]): InstanceEvent[] {
    return this.sandbox.ecs.instanceEvents.slice(this.markEvents).filter(({ event }) => names.length === 0 || names.includes(event));
  }

  /** When instances drained since the mark, in seconds, one entry an instance. */
  public drains(): number[] {
    return this.events('INSTANCE_DRAINING').map(({ time }) => this.seconds(time));
  }

  /** How many instances drained at the same moment, moment by moment. */
  public batches(): number[] {
    const sizes = new Map<number, number>();
    for (const time of this.drains()) sizes.set(time, (sizes.get(time) ?? 0) + 1);
    return [...sizes.values()];
  }

  public async taskDefinition(image = 'agent:1'): Promise<string> {
    const { daemonTaskDefinitionArn } = await this.ecs.registerDaemonTaskDefinition({
      family: 'agent', containerDefinitions: [{ name: 'agent', image, memory: 128 }],
    });
    return daemonTaskDefinitionArn!;
  }

  /** Creates the daemon `agent` on `main`; returns its deployment. */
  public async create(image = 'agent:1', more: Partial<CreateDaemonRequest> = {}): Promise<string> {
    const { deploymentArn } = await this.ecs.createDaemon({
      daemonName: 'agent', clusterArn: CLUSTER_ARN, daemonTaskDefinitionArn: more.daemonTaskDefinitionArn ?? await this.taskDefinition(image),
      capacityProviderArns: [providerArn('main')], ...more,
    });
    return deploymentArn!;
  }

  public async update(image: string, more: Partial<UpdateDaemonRequest> = {}): Promise<string> {
    const { deploymentArn } = await this.ecs.updateDaemon({
      daemonArn: DAEMON_ARN, daemonTaskDefinitionArn: more.daemonTaskDefinitionArn ?? await this.taskDefinition(image),
      capacityProviderArns: [providerArn('main')], ...more,
    });
    return deploymentArn!;
  }

  public async delete(): Promise<string> {
    return (await this.ecs.deleteDaemon({ daemonArn: DAEMON_ARN })).deploymentArn!;
  }

  /** Creates the daemon and waits for the end of it; times count from here. */
  public async established(image = 'agent:1', more: Partial<CreateDaemonRequest> = {}): Promise<string> {
    const deploymentArn = await this.create(image, more);
    await this.advance(4 * 3600);
    this.mark();
    return deploymentArn;
  }

  public async deployment(deploymentArn: string): Promise<DaemonDeployment> {
    const { daemonDeployments } = await this.ecs.describeDaemonDeployments({ daemonDeploymentArns: [deploymentArn] });
    return daemonDeployments![0]!;
  }

  public async status(deploymentArn: string): Promise<string | undefined> {
    return (await this.deployment(deploymentArn)).status;
  }

  /** The image of each revision that the daemon runs, with its running count. */
  public async runningImages(): Promise<Record<string, number>> {
    const { daemon } = await this.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    const revisions = daemon!.currentRevisions!;
    if (revisions.length === 0) return {};
    const { daemonRevisions } = await this.ecs.describeDaemonRevisions({ daemonRevisionArns: revisions.map(({ arn }) => arn!) });
    return Object.fromEntries(revisions.map(({ arn, totalRunningCount }) => {
      const { containerImages } = daemonRevisions!.find(({ daemonRevisionArn }) => daemonRevisionArn === arn)!;
      return [containerImages![0]!.image!, totalRunningCount!];
    }));
  }

  public async putAlarm(name: string): Promise<void> {
    await this.cloudWatch.putMetricAlarm({
      AlarmName: name, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', MetricName: 'Errors', Namespace: 'App', Threshold: 1,
    });
  }

  public async setAlarm(name: string, state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA', reason = 'set by the test'): Promise<void> {
    await this.cloudWatch.setAlarmState({ AlarmName: name, StateValue: state, StateReason: reason });
  }
}

/**
 * Replays instance events and returns every moment at which an application task ran on an instance without exactly one task of
 * the daemon; instances that were there before the events begin are left out.
 */
export function uncovered(events: readonly InstanceEvent[], daemonArn = DAEMON_ARN): string[] {
  const applications = new Map<string, number>();
  const daemons = new Map<string, number>();
  const covered = new Set<string>();
  const faults: string[] = [];
  for (const { time, instanceId, event, daemonArn: of } of events) {
    const step = (counts: Map<string, number>, by: number): void => void counts.set(instanceId, (counts.get(instanceId) ?? 0) + by);
    if (event === 'INSTANCE_REGISTERING') covered.add(instanceId);
    if (event === 'APPLICATION_TASK_STARTED') step(applications, 1);
    if (event === 'APPLICATION_TASK_STOPPED') step(applications, -1);
    if (event === 'DAEMON_TASK_RUNNING' && of === daemonArn) step(daemons, 1);
    if (event === 'DAEMON_TASK_STOPPED' && of === daemonArn) step(daemons, -1);
    if (covered.has(instanceId) && (applications.get(instanceId) ?? 0) > 0 && (daemons.get(instanceId) ?? 0) !== 1) {
      faults.push(`${time} ${instanceId}`);
    }
  }
  return faults;
}
