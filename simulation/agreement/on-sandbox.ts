import { startSandbox, ConnectionLost, type Sandbox } from '../../sandbox';
import { AwsError } from '../../sandbox/core/aws-error';
import { DEFAULT_TIMING } from '../../sandbox/ecs';
import type { Input } from '../../sandbox/core/aws-service';
import { synthesize, withoutDaemon, type SynthesizedApp } from '../app/synthesized-app';
import { manualInput, resourcesOf } from '../scenario/templates';
import { isReference } from '../world/references';
import { BAD_IMAGE, FLAKY_IMAGE, type DaemonPlan, type ExistingDaemon, type Scenario } from '../scenario/scenario';
import { CLUSTER_ARN, clusterOf, daemonArn, providerArn } from '../world/world';
import { Bookkeeper, type Account } from './account';
import { QUIET_SECONDS } from './quiet';
import type { Act, SharedScenario, WriteFaults } from './shared-scenario';

/** Runs a scenario with the built bundles, on the sandbox's CloudFormation and durable backend. */
export async function playOnSandbox(shared: SharedScenario): Promise<Account[]> {
  const player = await SandboxPlayer.start(shared);
  try {
    const accounts: Account[] = [];
    for (const act of shared.acts) accounts.push(await player.perform(act));
    return accounts;
  } finally {
    await player.close();
  }
}

const POLL_SECONDS = 60;
const DISPATCHER = 'ManagedDaemonProviderDispatcher80D9A1E6';
const ROLLOUT_ROLE = 'ManagedDaemonProviderRolloutRole447DE576';
const DISPATCHER_ROLE = 'ManagedDaemonProviderDispatcherRoleD2696BBF';
const PROVIDER = 'provider';

let app: SynthesizedApp | undefined;

interface AnswerableRequest {
  readonly event: { readonly RequestType: string; readonly LogicalResourceId: string; readonly RequestId: string };
  body?: string;
}

class SandboxPlayer {
  public static async start({ seed, scenario, writeFaults }: SharedScenario): Promise<SandboxPlayer> {
    const { failedUpdateId, replacementRollback } = scenario.stacks[0]!.options;
    const sandbox = await startSandbox({
      seed,
      fleets: Object.entries(scenario.fleets).map(([capacityProvider, instances]) =>
        ({ cluster: clusterOf(capacityProvider), capacityProvider, instances, applicationTasksPerInstance: 1 })),
      timing: { ...DEFAULT_TIMING, ...scenario.timing },
      startFailures: [{ image: BAD_IMAGE }, { image: FLAKY_IMAGE, launches: 2 }],
      ecs: scenario.assumptions,
      longestPage: scenario.longestPage,
      cloudFormation: {
        failedUpdateId,
        replacementRollback: replacementRollback === 'take-up' ? 'restore' : 'update',
        duplicateDelivery: scenario.deliveryFaultProbability > 0,
        longPollSeconds: 0,
      },
      lambda: { cutsSuspensionPause: true },
    });
    app ??= synthesize('1');
    const Bucket = `cdk-hnb659fds-assets-${sandbox.accountId}-${sandbox.region}`;
    for (const { key, body } of app.archives) await sandbox.call('s3', 'PutObject', { Bucket, Key: key, Body: body });
    const player = new SandboxPlayer(sandbox, scenario);
    await player.deployProvider(withoutDaemon(app.template));
    for (const name of scenario.alarms) await player.putAlarm(name);
    for (const daemon of scenario.existing) await player.createManually(daemon);
    await sandbox.clock.sleep(QUIET_SECONDS);
    player.breakWrites(writeFaults);
    return player;
  }

  private readonly bookkeeper: Bookkeeper;
  private readonly stackIds = new Map<string, string>();
  private readonly taskDefinitions = new Map<string, string>();
  private serviceToken = '';
  private requests: AnswerableRequest[] = [];
  private steps = 0;

  private constructor(private readonly sandbox: Sandbox, private readonly scenario: Scenario) {
    this.bookkeeper = new Bookkeeper(sandbox.ecs);
    this.watchRequests();
  }

  public async perform(act: Act): Promise<Account> {
    if (act.kind === 'step') await this.take(act);
    else await this.existingDaemonLike(act);
    await this.sandbox.clock.sleep(QUIET_SECONDS);
    for (const { event, body } of this.requests) this.bookkeeper.answered(event.LogicalResourceId, event.RequestType, body);
    this.requests = [];
    return this.bookkeeper.account(act.kind === 'step' ? await this.status(this.scenario.stacks[act.stack]!.name) : '');
  }

  public async close(): Promise<void> {
    await this.sandbox.close();
  }

  private async take({ stack, step, midway }: Act & { kind: 'step' }): Promise<void> {
    const { name } = this.scenario.stacks[stack]!;
    const status = await this.status(name);
    if (['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'DELETE_FAILED'].includes(status) && await this.delete(name) !== 'DELETE_COMPLETE') return;
    if (status === 'UPDATE_ROLLBACK_FAILED') {
      await this.cloudFormation('ContinueUpdateRollback', { StackName: name });
      await this.settled(name);
      return;
    }
    const exists = !['NONE', 'DELETE_COMPLETE'].includes(await this.status(name));
    if (step.kind === 'delete') {
      if (await this.status(name) !== 'NONE') await this.delete(name);
      return;
    }
    const TemplateBody = await this.template(step.daemons);
    const stopListening = this.midway(name, midway);
    const Tags = Object.entries(step.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
    const { StackId } = await this.cloudFormation(exists ? 'UpdateStack' : 'CreateStack', { StackName: name, TemplateBody, Tags, Capabilities: ['CAPABILITY_IAM'] });
    this.stackIds.set(name, StackId);
    await this.settled(name);
    stopListening();
  }

  private async delete(name: string): Promise<string> {
    await this.cloudFormation('DeleteStack', { StackName: this.stackIds.get(name) });
    return this.settled(name);
  }

  private midway(StackName: string, midway: (Act & { kind: 'step' })['midway']): () => void {
    if (!midway) return () => undefined;
    const { sandbox, scenario } = this;
    const stop = sandbox.ecs.onDeploymentStatus(({ status, daemonArn: arn }) => {
      if (status !== 'IN_PROGRESS') return;
      stop();
      sandbox.clock.after(midway.afterSeconds, () => {
        if (!this.bookkeeper.isAtWorkOn(arn)) return;
        // a create is not cancelled
        if (midway.kind === 'cancel') return void this.cloudFormation('CancelUpdateStack', { StackName }).catch(() => undefined);
        void this.setAlarm(scenario.alarms[0]!, 'ALARM');
        sandbox.clock.after(QUIET_SECONDS / 2, () => void this.setAlarm(scenario.alarms[0]!, 'OK'));
      });
    });
    return stop;
  }

  private async existingDaemonLike({ kind, daemonName, provider }: Exclude<Act, { kind: 'step' }>): Promise<void> {
    const settings = { capacityProviderArns: [providerArn(provider)], daemonTaskDefinitionArn: await this.taskDefinition('by-hand', 'good:1') };
    const call = (operation: string, input: object): Promise<unknown> =>
      this.sandbox.call('ecs', operation, input).catch(() => undefined); // the daemon does not exist, or exists already
    if (kind === 'manual update') await call('UpdateDaemon', { daemonArn: daemonArn(daemonName), ...settings });
    else if (kind === 'manual delete') await call('DeleteDaemon', { daemonArn: daemonArn(daemonName) });
    else await call('CreateDaemon', { clusterArn: CLUSTER_ARN, daemonName, ...settings });
  }

  private async status(name: string): Promise<string> {
    const StackName = this.stackIds.get(name);
    if (StackName === undefined) return 'NONE';
    const { Stacks } = await this.cloudFormation('DescribeStacks', { StackName });
    return Stacks[0].StackStatus;
  }

  private async settled(name: string): Promise<string> {
    for (;;) {
      await this.sandbox.clock.sleep(POLL_SECONDS);
      const status = await this.status(name);
      if (!status.endsWith('_IN_PROGRESS')) return status;
    }
  }

  /** Deploys the functions of the constructs, once for all stacks: a rollout reads its stack by the id in the request. */
  private async deployProvider(template: string): Promise<void> {
    // a function that has its stack's name serves no other stack
    const parsed = JSON.parse(template, (key, value: unknown) => key === 'STACK_ID' ? undefined : value) as { Resources: Record<string, unknown> };
    // permissions are not compared: those of a stack's own provider end with that stack
    const Statement = { Effect: 'Allow', Action: ['ecs:*', 'cloudformation:*', 'lambda:*'], Resource: '*' };
    const AllStacks = { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'AllStacks', PolicyDocument: { Version: '2012-10-17', Statement }, Roles: [{ Ref: ROLLOUT_ROLE }, { Ref: DISPATCHER_ROLE }] } };
    const TemplateBody = JSON.stringify({
      ...parsed, Resources: { ...parsed.Resources, AllStacks }, Outputs: { Dispatcher: { Value: { 'Fn::GetAtt': [DISPATCHER, 'Arn'] } } },
    });
    const { StackId } = await this.cloudFormation('CreateStack', { StackName: PROVIDER, TemplateBody, Capabilities: ['CAPABILITY_IAM'] });
    this.stackIds.set(PROVIDER, StackId);
    await this.settled(PROVIDER);
    const { Stacks } = await this.cloudFormation('DescribeStacks', { StackName: PROVIDER });
    this.serviceToken = Stacks[0].Outputs[0].OutputValue;
  }

  private async template(daemons: readonly DaemonPlan[]): Promise<string> {
    const resources: Record<string, unknown> = {};
    for (const [index, daemon] of daemons.entries()) {
      const taskDefinitionArn = await this.taskDefinition(daemon.name, daemon.image);
      for (const { logicalId, type, after, properties } of resourcesOf(daemon, daemons.slice(0, index), taskDefinitionArn)) {
        const values = Object.entries(properties).map(([key, value]) =>
          [key, isReference(value) ? { 'Fn::GetAtt': [value.of, value.attribute] } : value] as const);
        const Properties = { ServiceToken: this.serviceToken, ServiceTimeout: 3600, ...Object.fromEntries(values) };
        resources[logicalId] = { Type: type, DependsOn: after, Properties };
      }
    }
    // a changed output makes an update without changed resources possible
    return JSON.stringify({ Resources: resources, Outputs: { Step: { Value: String(++this.steps) } } });
  }

  private async createManually(daemon: ExistingDaemon): Promise<void> {
    await this.sandbox.call('ecs', 'CreateDaemon', manualInput(daemon, await this.taskDefinition(daemon.name, daemon.image)));
  }

  private async taskDefinition(family: string, image: string): Promise<string> {
    const key = `${family} ${image}`;
    if (!this.taskDefinitions.has(key)) {
      const { daemonTaskDefinitionArn } = await this.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
        family, containerDefinitions: [{ name: 'main', image, memory: 64 }],
      });
      this.taskDefinitions.set(key, daemonTaskDefinitionArn);
    }
    return this.taskDefinitions.get(key)!;
  }

  private async putAlarm(AlarmName: string): Promise<void> {
    await this.sandbox.call('monitoring', 'PutMetricAlarm', {
      AlarmName, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', Period: 60, Threshold: 1,
    });
    await this.setAlarm(AlarmName, 'OK');
  }

  private async setAlarm(AlarmName: string, StateValue: string): Promise<void> {
    await this.sandbox.call('monitoring', 'SetAlarmState', { AlarmName, StateValue, StateReason: `${AlarmName} is ${StateValue}` });
  }

  private cloudFormation(operation: string, input: object): Promise<Input> {
    return this.sandbox.call('cloudformation', operation, input);
  }

  private watchRequests(): void {
    const { sandbox } = this;
    sandbox.intercept({
      before: ({ service, operation, caller, input }) => {
        if (service !== 'lambda' || operation !== 'Invoke' || caller.kind !== 'cloudformation') return;
        const event = JSON.parse(input.Payload) as AnswerableRequest['event'];
        const isKnown = this.requests.some((request) => request.event.RequestId === event.RequestId);
        if (event.LogicalResourceId !== undefined && !isKnown) this.requests.push({ event });
      },
    });
    const { cloudFormation } = sandbox;
    const receive = cloudFormation.receiveAnswer.bind(cloudFormation);
    cloudFormation.receiveAnswer = (request) => {
      const body = request.body.toString();
      const answered = this.requests.find(({ event }) => event.RequestId === (JSON.parse(body) as { RequestId: string }).RequestId);
      if (answered) answered.body ??= body;
      return receive(request);
    };
  }

  private breakWrites(plan: WriteFaults): void {
    const { sandbox } = this;
    let writes = 0;
    const numbers = new WeakMap<object, number>();
    const break_ = (functionArn: string, crashes: boolean): never => {
      if (crashes) sandbox.lambda.crash(functionArn.split(':')[6]!);
      throw new ConnectionLost('the connection was lost');
    };
    sandbox.intercept({
      before: (call) => {
        if (call.service !== 'ecs' || call.caller.kind !== 'function' || !/^(Create|Update|Delete|Tag|Untag)/.test(call.operation)) return;
        numbers.set(call, ++writes);
        switch (plan.get(writes)) {
          case 'crash-before': return break_(call.caller.functionArn, true);
          case 'lost-request': return break_(call.caller.functionArn, false);
          case 'throttle': throw new AwsError('ThrottlingException', 'Rate exceeded');
          case 'server-error': throw new AwsError('ServerException', 'Internal failure', 500);
          default:
        }
      },
      after: (call) => {
        const fault = plan.get(numbers.get(call) ?? 0);
        if (call.caller.kind !== 'function') return;
        switch (fault) {
          case 'crash-after': return break_(call.caller.functionArn, true);
          case 'lost-reply': return break_(call.caller.functionArn, false);
          case 'cut-reply': throw new ConnectionLost('the connection broke inside the reply', 'cut');
          case 'garbled-reply': throw new ConnectionLost('the reply is not what the protocol says', 'garbled');
          default:
        }
      },
    });
  }
}
