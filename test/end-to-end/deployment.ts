import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IIoHost, Toolkit } from '@aws-cdk/toolkit-lib';
import type { App, AppProps } from 'aws-cdk-lib';
import { startSandbox, type InstanceEvent, type RequestLogEntry, type Sandbox, type SandboxOptions } from '../../sandbox';
import type { DeploymentStatusChange, InstanceEventName } from '../../sandbox/ecs';
import {
  type AgentSettings, agentApp, capacityProviderArn, clusterArn, daemonArn, FLEET, image, STACK,
} from '../../simulation/app/agent-app';

/** An answer of the Lambda's to CloudFormation, as it came over the wire. */
export interface Answer {
  /** Virtual time, ISO 8601. */
  readonly time: string;
  readonly Status: string;
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly LogicalResourceId: string;
}

/** The result of a deployment, from CloudFormation and the logs of the sandbox. */
export interface DeploymentResult {
  readonly error?: string;
  readonly stackStatus?: string;
  /** The reasons of the events that failed in this deployment, oldest first. */
  readonly reasons: readonly string[];
  /** What the rollout function asked of ECS and CloudWatch in this deployment, in order. */
  readonly calls: readonly string[];
  readonly requests: readonly RequestLogEntry[];
  readonly answers: readonly Answer[];
  readonly statuses: readonly DeploymentStatusChange[];
  readonly instanceEvents: readonly InstanceEvent[];
}

/** Makes an app anew for each deployment. */
export type AppMaker = (props: AppProps) => App;

/** Each poll reads the events of the whole stack, and holds virtual time meanwhile: polling more often makes a deployment slower. */
export const POLLING_MILLISECONDS = 250;

/** Says nothing, and answers questions as a person would who only presses return. */
const silent: IIoHost = { notify: async () => undefined, requestResponse: async (request) => request.defaultResponse };

/** A sandbox, and the CDK toolkit in this process that deploys to it over HTTP. */
export class DeploymentBench {
  public static async start(options: SandboxOptions = {}): Promise<DeploymentBench> {
    const sandbox = await startSandbox({ fleets: [FLEET], ...options, lambda: { cutsSuspensionPause: true, ...options.lambda } });
    return new DeploymentBench(sandbox);
  }

  private readonly toolkit = new Toolkit({ ioHost: silent, emojis: false, color: false });
  private readonly folder = mkdtempSync(join(tmpdir(), 'deployment-bench-'));
  private readonly answers: Answer[] = [];
  private readonly statuses: DeploymentStatusChange[] = [];
  private assemblies = 0;

  private constructor(public readonly sandbox: Sandbox) {
    Object.assign(process.env, sandbox.environment);
    sandbox.ecs.onDeploymentStatus((change) => void this.statuses.push(change));
    this.recordAnswers();
  }

  /** `tags`: those of `cdk deploy --tags`. */
  public deploy(settings: AgentSettings = {}, tags: Record<string, string> = {}): Promise<DeploymentResult> {
    return this.deployApp((props) => agentApp(settings, props), settings.stackName, tags);
  }

  /** Deploys all stacks of the test's app; returns the result of one of them. */
  public deployApp(make: AppMaker, stackName: string = STACK, tags: Record<string, string> = {}): Promise<DeploymentResult> {
    const stackTags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    return this.run(make, stackName, async (assembly) => {
      await this.toolkit.deploy(assembly, { deploymentMethod: { method: 'direct' }, stackEventPollingInterval: POLLING_MILLISECONDS, tags: stackTags });
    });
  }

  public destroy(settings: AgentSettings = {}): Promise<DeploymentResult> {
    return this.run((props) => agentApp(settings, props), settings.stackName ?? STACK, async (assembly) => {
      await this.toolkit.destroy(assembly, { stackEventPollingInterval: POLLING_MILLISECONDS });
    });
  }

  public async close(): Promise<void> {
    await this.sandbox.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The events of the stack, oldest first. */
  public async stackEvents(stackName: string = STACK): Promise<Record<string, string>[]> {
    const events: Record<string, string>[] = [];
    let token: string | undefined;
    do {
      const { StackEvents, NextToken } = await this.sandbox.call('cloudformation', 'DescribeStackEvents', { StackName: stackName, NextToken: token });
      events.push(...StackEvents);
      token = NextToken;
    } while (token !== undefined);
    return events.reverse();
  }

  /** The names of the daemons that the cluster has, in alphabetical order. */
  public async daemons(): Promise<string[]> {
    const { daemonSummariesList } = await this.sandbox.call('ecs', 'ListDaemons', { clusterArn: clusterArn(FLEET.cluster) });
    return daemonSummariesList.map((daemon: { daemonArn: string }) => daemon.daemonArn.split('/').pop()!).sort();
  }

  /** The image tags that instances run, each once. */
  public async runningImageTags(name = 'agent'): Promise<string[]> {
    const { daemon } = await this.sandbox.call('ecs', 'DescribeDaemon', { daemonArn: daemonArn(name) });
    const daemonRevisionArns = daemon.currentRevisions
      .filter((revision: { totalRunningCount: number }) => revision.totalRunningCount > 0).map(({ arn }: { arn: string }) => arn);
    if (daemonRevisionArns.length === 0) return [];
    const { daemonRevisions } = await this.sandbox.call('ecs', 'DescribeDaemonRevisions', { daemonRevisionArns });
    return daemonRevisions.map(({ containerImages }: { containerImages: { image: string }[] }) => containerImages[0]!.image.split(':').pop()!);
  }

  /** The tags of a daemon, by key. */
  public async tags(name = 'agent'): Promise<Record<string, string>> {
    const { tags } = await this.sandbox.call('ecs', 'ListTagsForResource', { resourceArn: daemonArn(name) });
    return Object.fromEntries(tags.map(({ key, value }: { key: string; value: string }) => [key, value]));
  }

  /** Creates a daemon of another owner. */
  public async foreignDaemon(daemonName: string, capacityProvider: string = FLEET.capacityProvider): Promise<void> {
    const { daemonTaskDefinitionArn } = await this.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
      family: 'foreign', containerDefinitions: [{ name: 'foreign', image: image('foreign'), memory: 64, essential: true }],
    });
    const ended = this.nextDeploymentEnd();
    await this.sandbox.call('ecs', 'CreateDaemon', {
      daemonName,
      clusterArn: clusterArn(FLEET.cluster),
      daemonTaskDefinitionArn,
      capacityProviderArns: [capacityProviderArn(capacityProvider)],
    });
    await ended;
  }

  /** Deletes a daemon past its stack, so many seconds before it returns. */
  public async deleteByHand(name: string, seconds: number): Promise<void> {
    const ended = this.nextDeploymentEnd();
    await this.sandbox.call('ecs', 'DeleteDaemon', { daemonArn: daemonArn(name) });
    await ended;
    if (seconds > 0) await this.sandbox.clock.sleep(seconds);
  }

  /** Makes an alarm with a state, or changes its state. */
  public async alarm(name: string, state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA', reason = 'as told'): Promise<void> {
    await this.sandbox.call('monitoring', 'PutMetricAlarm', {
      AlarmName: name, Period: 60, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', Threshold: 5,
    });
    await this.sandbox.call('monitoring', 'SetAlarmState', { AlarmName: name, StateValue: state, StateReason: reason });
  }

  /** Does something once an instance event has happened a number of times from now on, and after as many more seconds. */
  public onInstanceEvent(name: InstanceEventName, times: number, seconds: number, action: () => void): void {
    let left = times;
    const stop = this.sandbox.ecs.onInstanceEvent(({ event }) => {
      if (event !== name || --left > 0) return;
      stop();
      this.sandbox.clock.after(seconds, action);
    });
  }

  private nextDeploymentEnd(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.sandbox.ecs.onDeploymentStatus(({ status }) => {
        if (!isTerminal(status)) return;
        stop();
        resolve();
      });
    });
  }

  private recordAnswers(): void {
    const { cloudFormation, clock } = this.sandbox;
    const receive = cloudFormation.receiveAnswer.bind(cloudFormation);
    cloudFormation.receiveAnswer = (request) => {
      this.answers.push({ time: new Date(clock.now()).toISOString(), ...JSON.parse(request.body.toString()) });
      return receive(request);
    };
  }

  private async run(
    make: AppMaker, stackName: string, action: (assembly: Parameters<Toolkit['deploy']>[0]) => Promise<void>,
  ): Promise<DeploymentResult> {
    const { requests, ecs } = this.sandbox;
    const before = [requests.length, this.answers.length, this.statuses.length, ecs.instanceEvents.length] as const;
    const firstEvent = await this.stackEvents(stackName).then((events) => events.length, () => 0);
    const outdir = join(this.folder, String(this.assemblies++));
    const source = await this.toolkit.fromAssemblyBuilder(
      // the toolkit's environment would make each app wait for the end of this process
      async () => make({ outdir, autoSynth: false }).synth(), { outdir });
    const error = await action(source).then(() => undefined, (fault: Error) => fault.message);
    const made = requests.slice(before[0]);
    const events = await this.stackEvents(stackName).catch(() => []);
    const stack = await this.sandbox.call('cloudformation', 'DescribeStacks', { StackName: stackName }).then(
      ({ Stacks }) => Stacks[0], () => undefined);
    return {
      error,
      stackStatus: stack?.StackStatus,
      reasons: events.slice(firstEvent)
        .filter((event) => event.ResourceStatus!.endsWith('_FAILED') && event.ResourceStatusReason)
        .map((event) => event.ResourceStatusReason!),
      calls: made.filter(isOfRollout).map(({ operation }) => operation),
      requests: made,
      answers: this.answers.slice(before[1]),
      statuses: this.statuses.slice(before[2]),
      instanceEvents: ecs.instanceEvents.slice(before[3]),
    };
  }
}

const isOfRollout = ({ service, caller }: RequestLogEntry): boolean => ['ecs', 'monitoring'].includes(service) && caller.includes('Rollout');

const isTerminal = (status: string): boolean => ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'].includes(status);

/** How often an operation was asked for, whether it was granted or not. */
export const count = ({ requests }: Pick<DeploymentResult, 'requests'>, operation: string): number =>
  requests.filter((request) => request.operation === operation && request.service === 'ecs').length;

/** What a rollout changes with; all its other calls are reads. */
export const WRITES: readonly string[] = ['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon', 'TagResource', 'UntagResource'];

/** The writes of the rollout function, in order. */
export const writes = ({ calls }: Pick<DeploymentResult, 'calls'>): string[] => calls.filter((call) => WRITES.includes(call));

export const reads = ({ calls }: Pick<DeploymentResult, 'calls'>): string[] => calls.filter((call) => !WRITES.includes(call));

/** When deployments of ECS ended, and how. */
export const ends = ({ statuses }: Pick<DeploymentResult, 'statuses'>): DeploymentStatusChange[] =>
  statuses.filter(({ status }) => isTerminal(status));

/** Seconds of virtual time from one moment to another. */
export const secondsBetween = (from: { readonly time: string }, to: { readonly time: string }): number =>
  (Date.parse(to.time) - Date.parse(from.time)) / 1000;
