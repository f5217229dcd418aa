import type { Sandbox } from '../../../sandbox';
import { changesBetween, type TaskDefinition } from '../causes';
import { lastPart } from '../fleets';
import type { OutsideResources } from '../outside-resources';
import type { AssemblyStack } from '../assembly';
import { isUpdatable, type DeployedApp, type LiveDaemon, type LiveSettings, type LiveStack } from './deployed-app';
import { described, isTerminal, revisionArnOf, settingsOf, type Reply } from './replies';

/** The tags that name the owner of a daemon; the id of a stack differs in the sandbox. */
const STACK_ID_TAG = 'cdk-ecs-managed-daemons:stack-id';

/** Daemons do not differ longer than that from the one that ECS has. */
const MOST_POLLS = 400;
const POLL_SECONDS = 10;

/** Makes a sandbox like an account: names, task definitions, parameters and exports first, daemons once the stacks are deployed. */
export class Replica {
  /** What was changed outside CloudFormation, by the ARN of the daemon. */
  public readonly manualChanges = new Map<string, readonly string[]>();

  constructor(private readonly sandbox: Sandbox, private readonly deployed: DeployedApp, private readonly outside: OutsideResources) {}

  /** What the stacks refer to and no stack of the app has. */
  public async prepare(planned: readonly AssemblyStack[]): Promise<void> {
    const { call } = this.sandbox;
    for (const { parameters } of this.deployed.stacks.values()) {
      for (const { value, resolved } of parameters) {
        if (resolved !== undefined) await call('ssm', 'PutParameter', { Name: value, Value: resolved, Type: 'String', Overwrite: true });
      }
    }
    for (const stack of this.deployed.stacks.values()) await this.reserveRevisions(stack);
    await this.provideExports(planned);
  }

  /** Daemons of other owners, and what was changed outside CloudFormation. */
  public async provideDaemons(owners: ReadonlyMap<string, LiveStack>): Promise<void> {
    for (const daemon of this.deployed.daemons.values()) {
      const owner = owners.get(daemon.daemonArn);
      if (owner) await this.applyManualChanges(daemon, owner);
      else await this.createDaemon(daemon);
    }
    for (const [daemonArn, { status }] of owners) {
      if (this.deployed.daemons.has(daemonArn) || !isUpdatable(status)) continue;
      await this.untilRest(await this.read('DeleteDaemon', { daemonArn }));
      this.manualChanges.set(daemonArn, ['deleted']);
    }
  }

  /** Alarms have the state of the account; those that it does not have are gone. */
  public async supplyAlarms(): Promise<void> {
    const { call, cloudFormation } = this.sandbox;
    const deployed = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) => cloudFormation.deployed(type));
    for (const AlarmName of new Set([...deployed.map(({ physicalId }) => physicalId), ...this.outside.alarms])) {
      const alarm = this.deployed.alarms.get(AlarmName);
      if (alarm) await call('monitoring', 'SetAlarmState', { AlarmName, StateValue: alarm.state, StateReason: alarm.reason || 'in the account' });
      else if (this.outside.alarms.includes(AlarmName)) await call('monitoring', 'DeleteAlarms', { AlarmNames: [AlarmName] });
      else await call('monitoring', 'SetAlarmState', { AlarmName, StateValue: 'OK', StateReason: 'assumed by the plan' });
    }
  }

  /** Starts the deployments that are in progress in the account, and lets them come as far as they are there. */
  public async startDeployments(): Promise<void> {
    const started: { readonly reply: Reply; readonly running: number }[] = [];
    for (const { daemonArn, settings, inProgress } of this.deployed.daemons.values()) {
      if (inProgress) started.push({ reply: await this.update(daemonArn, settings), running: inProgress.running });
    }
    for (const { reply, running } of started) {
      await this.until(reply, ({ status, targetDaemonRevision: target }) =>
        status.endsWith('IN_PROGRESS') && target.totalRunningInstanceCount >= running);
    }
  }

  /** Revisions that were registered before, so that the next one has the number of the account. */
  private async reserveRevisions({ resources }: LiveStack): Promise<void> {
    for (const { type, physicalId } of resources.values()) {
      if (type !== 'AWS::ECS::DaemonTaskDefinition') continue;
      const [, family, revision] = /:daemon-task-definition\/([^:/]+):(\d+)$/.exec(physicalId) ?? [];
      if (family !== undefined && Number(revision) > 1) await this.outside.registerTaskDefinition(family, Number(revision) - 1);
    }
  }

  private async provideExports(planned: readonly AssemblyStack[]): Promise<void> {
    const own = JSON.stringify(planned.flatMap(({ template }) => Object.values(template.Outputs ?? {}).map(({ Export: exported }) => exported?.Name ?? '')));
    const used = JSON.stringify([...planned, ...this.deployed.stacks.values()].map(({ template }) => template));
    const imported = Object.entries(this.deployed.exports)
      .filter(([name]) => used.includes(JSON.stringify(name)) && !own.includes(JSON.stringify(name)));
    if (imported.length === 0) return;
    await this.sandbox.call('cloudformation', 'CreateStack', {
      StackName: 'outside-of-the-app',
      TemplateBody: JSON.stringify({
        Resources: { Nothing: { Type: 'AWS::CloudFormation::WaitConditionHandle' } },
        Outputs: Object.fromEntries(imported.map(([Name, Value], index) => [`Export${index}`, { Value, Export: { Name } }])),
      }),
    });
    await this.sandbox.clock.sleep(60);
  }

  private async createDaemon(daemon: LiveDaemon): Promise<void> {
    const { daemonArn, clusterArn, settings } = daemon;
    await this.outside.provide({ type: 'Create', properties: { ...settings, ClusterArn: clusterArn } });
    await this.untilRest(await this.read('CreateDaemon', {
      clusterArn, daemonName: lastPart(daemonArn), ...inputOf(await this.beforeDeployment(daemon)), tags: [{ key: 'owner', value: 'another' }],
    }));
  }

  private async applyManualChanges(daemon: LiveDaemon, owner: LiveStack): Promise<void> {
    const { daemonArn, clusterArn, settings, tags = {}, inProgress } = daemon;
    const before = await this.settingsOf(daemonArn);
    const definition = await this.taskDefinition(settings.DaemonTaskDefinitionArn);
    const changes = changesBetween({ ...before }, { ...settings }, [await this.describe(before.DaemonTaskDefinitionArn), definition]);
    if (changes.fleet.length + changes.rollout.length > 0 || inProgress) {
      await this.outside.provide({ type: 'Update', properties: { ...settings, ClusterArn: clusterArn } });
      await this.untilRest(await this.update(daemonArn, await this.beforeDeployment(daemon)));
    }
    const changedTags = await this.applyTags(daemonArn, tags, owner.id);
    const manual = [...changes.fleet, ...changes.rollout, ...changedTags.map((key) => `tag ${key}`)];
    // what a deployment of the stack is changing right now is no manual change
    if (manual.length > 0 && isUpdatable(owner.status)) this.manualChanges.set(daemonArn, manual);
  }

  private async applyTags(resourceArn: string, live: Readonly<Record<string, string>>, liveStackId: string): Promise<string[]> {
    const { tags } = await this.sandbox.call('ecs', 'ListTagsForResource', { resourceArn });
    const before: Record<string, string> = Object.fromEntries(tags.map(({ key, value }: Reply) => [key, value]));
    const after: Record<string, string> = { ...live, ...(live[STACK_ID_TAG] === liveStackId && { [STACK_ID_TAG]: before[STACK_ID_TAG]! }) };
    const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
    const removed = Object.keys(before).filter((key) => after[key] === undefined);
    if (set.length > 0) await this.sandbox.call('ecs', 'TagResource', { resourceArn, tags: set.map(([key, value]) => ({ key, value })) });
    if (removed.length > 0) await this.sandbox.call('ecs', 'UntagResource', { resourceArn, tagKeys: removed });
    return [...set.map(([key]) => key), ...removed].sort();
  }

  private async settingsOf(daemonArn: string): Promise<LiveSettings> {
    const { daemon } = await this.read('DescribeDaemon', { daemonArn });
    const deployment = await this.deployment(daemon.deploymentArn);
    const [revision] = await described(this.read, 'DescribeDaemonRevisions', 'daemonRevisionArns', 'daemonRevisions', [revisionArnOf(daemon, deployment)!]);
    return settingsOf(daemon, deployment, revision!);
  }

  private readonly read = (operation: string, input: Reply): Promise<Reply> => this.sandbox.call('ecs', operation, input);

  private async deployment(arn: string): Promise<Reply | undefined> {
    return (await described(this.read, 'DescribeDaemonDeployments', 'daemonDeploymentArns', 'daemonDeployments', [arn]))[0];
  }

  private update(daemonArn: string, settings: LiveSettings): Promise<Reply> {
    return this.read('UpdateDaemon', { daemonArn, ...inputOf(settings) });
  }

  /** The settings that a deployment in progress replaces: they differ in the task definition. */
  private async beforeDeployment({ settings, inProgress }: LiveDaemon): Promise<LiveSettings> {
    if (!inProgress) return settings;
    return { ...settings, DaemonTaskDefinitionArn: await this.outside.registerTaskDefinition(`before-${familyOf(settings.DaemonTaskDefinitionArn)}`, 1) };
  }

  /** The task definition of the account, registered under its own number if that is free. */
  private async taskDefinition(arn: string): Promise<TaskDefinition> {
    const live = this.deployed.taskDefinitions.get(arn) ?? await this.describe(arn);
    await this.outside.provide({ type: 'Create', properties: { DaemonTaskDefinitionArn: arn } });
    return live;
  }

  private async describe(daemonTaskDefinition: string): Promise<TaskDefinition> {
    return (await this.read('DescribeDaemonTaskDefinition', { daemonTaskDefinition }).catch(() => ({ daemonTaskDefinition: {} }))).daemonTaskDefinition;
  }

  private untilRest(reply: Reply): Promise<void> {
    return this.until(reply, () => false);
  }

  /** Waits for a moment of the deployment that a write has started, or for its end. */
  private async until({ deploymentArn }: Reply, isReached: (deployment: Reply) => boolean): Promise<void> {
    for (let poll = 0; poll < MOST_POLLS; poll++) {
      const deployment = await this.deployment(deploymentArn);
      if (deployment && (isTerminal(deployment.status) || isReached(deployment))) return;
      await this.sandbox.clock.sleep(POLL_SECONDS);
    }
  }
}

const familyOf = (arn: string): string => lastPart(arn).split(':')[0]!;

const inputOf = (settings: LiveSettings): Reply => ({
  daemonTaskDefinitionArn: settings.DaemonTaskDefinitionArn,
  capacityProviderArns: settings.CapacityProviderArns,
  propagateTags: settings.PropagateTags,
  enableECSManagedTags: settings.EnableECSManagedTags,
  enableExecuteCommand: settings.EnableExecuteCommand,
  critical: settings.Critical,
  deploymentConfiguration: {
    drainPercent: settings.DrainPercent,
    bakeTimeInMinutes: settings.BakeTimeInMinutes,
    alarms: { enable: settings.AlarmNames.length > 0, alarmNames: settings.AlarmNames },
  },
});

/** The name of a deployed resource, which the sandbox gives it too. */
export function nameIn(stack: LiveStack | undefined, logicalId: string): string | undefined {
  const { physicalId } = stack?.resources.get(logicalId) ?? {};
  return physicalId?.replace(/:\d+$/, '').split(/[/:]/).at(-1);
}
