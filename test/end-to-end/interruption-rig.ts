import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { startSandbox, type RequestLogEntry, type Sandbox, type SandboxOptions } from '../../sandbox';
import { daemonArn, FLEET, STACK } from '../../simulation/app/agent-app';
import { ALARM, type SynthesizedApp, withoutDaemon } from '../../simulation/app/synthesized-app';

/** A fast fleet, so that a rollout has few polls: each is a point of interruption, and all are alike. */
const TIMING: SandboxOptions['timing'] = {
  prepareBatch: 4, launchReplacement: 6, startDaemon: 2, activate: 2, drainApplicationTasks: 6, stopDaemon: 2, deregister: 6,
  stopRequested: 6,
};

/** So long after a change nothing of it is hidden by a read lag or waits for a timer any more. */
const QUIET_SECONDS = 600;

const WRITES = ['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon', 'TagResource', 'UntagResource'];

/** What a change of the stack came to: by the sandbox's request log, ECS and the stack, never by the Lambda's own report. */
export interface Outcome {
  readonly stackStatus: string;
  /** Why resources failed, without what differs from run to run. */
  readonly reasons: readonly string[];
  /** The images of what the daemon runs at the end, or that there is no daemon. */
  readonly daemon: string;
  /** How often ECS has begun to replace the fleet's instances. */
  readonly deployments: number;
  /** Writes that ECS has received, also those that it has refused. */
  readonly writes: Readonly<Record<string, number>>;
  /** Executions of the rollout function that go on after the end. */
  readonly running: number;
}

/** A request of CloudFormation's to a custom resource. */
export interface ResourceEvent {
  readonly RequestType: string;
  readonly ServiceToken: string;
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
}

/** A sandbox with a stack that creates, updates and deletes a daemon. */
export class InterruptionRig {
  public static async start(app: SynthesizedApp, readLag: number, options: SandboxOptions = {}): Promise<InterruptionRig> {
    const sandbox = await startSandbox({
      fleets: [{ ...FLEET, instances: 1 }],
      timing: TIMING,
      ecs: { readLag },
      lambda: { cutsSuspensionPause: true },
      ...options,
    });
    const Bucket = `cdk-hnb659fds-assets-${sandbox.accountId}-${sandbox.region}`;
    for (const { key, body } of app.archives) await sandbox.call('s3', 'PutObject', { Bucket, Key: key, Body: body });
    await sandbox.call('monitoring', 'PutMetricAlarm', {
      AlarmName: ALARM, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', MetricName: 'errors', Namespace: 'agent', Period: 60, Threshold: 0,
    });
    const rig = new InterruptionRig(sandbox, withoutDaemon(app.template));
    await rig.setAlarm('OK');
    await sandbox.call('cloudformation', 'CreateStack', { StackName: STACK, TemplateBody: rig.empty, Capabilities: ['CAPABILITY_IAM'] });
    await rig.settled();
    return rig;
  }

  /** Calls that were lost on their way, by their place in the request log: AWS has not received them. */
  public readonly lost = new Set<number>();
  /** What CloudFormation has sent to custom resources, oldest first. */
  public readonly events: ResourceEvent[] = [];
  private readonly client: CloudFormationClient;

  private constructor(public readonly sandbox: Sandbox, private readonly empty: string) {
    this.onEvent((event) => this.events.push(event));
    this.client = new CloudFormationClient({
      endpoint: sandbox.endpoint, region: sandbox.region, credentials: { accessKeyId: sandbox.environment.AWS_ACCESS_KEY_ID!, secretAccessKey: 'sandbox' },
    });
  }

  /** The name of the rollout function. */
  public get rolloutFunction(): string {
    return this.sandbox.requests.find(({ operation, input }) => operation === 'CreateFunction' && input.DurableConfig)!.input.FunctionName as string;
  }

  /** Updates the stack to a template, or to one without the daemon, and returns the result. */
  public async change(template: string | undefined): Promise<Outcome> {
    const firstRequest = this.sandbox.requests.length;
    const lastEvent = (await this.eventsSince(undefined))[0]?.EventId;
    const deployments = new Set<string>();
    const stopListening = this.sandbox.ecs.onDeploymentStatus(({ deploymentArn }) => void deployments.add(deploymentArn));
    await this.sandbox.call('cloudformation', 'UpdateStack', {
      StackName: STACK, TemplateBody: template ?? this.empty, Capabilities: ['CAPABILITY_IAM'],
    });
    const stackStatus = await this.settled();
    await this.sandbox.clock.sleep(QUIET_SECONDS);
    stopListening();
    const received = this.sandbox.requests.slice(firstRequest).filter(({ sequence }) => !this.lost.has(sequence));
    return {
      stackStatus,
      reasons: (await this.eventsSince(lastEvent)).toReversed()
        .filter(({ ResourceStatus, ResourceStatusReason }) => ResourceStatus!.endsWith('_FAILED') && ResourceStatusReason)
        .map(({ ResourceStatusReason }) => withoutIds(ResourceStatusReason!)),
      daemon: await this.daemon(),
      deployments: deployments.size,
      writes: countWrites(received),
      running: await this.running(),
    };
  }

  /** Calls `listener` with each event that CloudFormation has sent; returns how to stop that. */
  public onEvent(listener: (event: ResourceEvent) => void): () => void {
    return this.sandbox.intercept({
      after: ({ service, operation, caller, input }) => {
        if (service !== 'lambda' || operation !== 'Invoke' || caller.kind !== 'cloudformation') return;
        const event = JSON.parse(input.Payload) as Partial<ResourceEvent>;
        // the other ones are for the watchdog
        if (event.ResourceType !== undefined) listener(event as ResourceEvent);
      },
    });
  }

  /** Whether an answer is that of the daemon's rollout, not of another custom resource. */
  public isAnswerOfDaemon(body: Buffer): boolean {
    const { RequestId } = JSON.parse(body.toString()) as ResourceEvent;
    return this.events.some((event) => event.RequestId === RequestId && event.ResourceType === 'Custom::ECSManagedDaemon');
  }

  /** Delivers an event of CloudFormation's, once more or as if it came from it. */
  public async deliver(event: ResourceEvent): Promise<void> {
    await this.sandbox.call('lambda', 'Invoke', {
      FunctionName: event.ServiceToken, InvocationType: 'Event', Payload: JSON.stringify(event),
    });
  }

  public async setAlarm(StateValue: 'OK' | 'ALARM'): Promise<void> {
    await this.sandbox.call('monitoring', 'SetAlarmState', { AlarmName: ALARM, StateValue, StateReason: 'errors were counted' });
  }

  public async close(): Promise<void> {
    this.client.destroy();
    await this.sandbox.close();
  }

  /** By HTTP, since only a client from outside may wait for the end without keeping virtual time from passing. */
  private async settled(): Promise<string> {
    const { Stacks } = await this.sandbox.call('cloudformation', 'DescribeStacks', { StackName: STACK });
    for (let status = Stacks[0].StackStatus as string; ;) {
      if (!status.endsWith('_IN_PROGRESS')) return status;
      const answer = await this.client.send(new DescribeStacksCommand({ StackName: Stacks[0].StackId }));
      status = answer.Stacks![0]!.StackStatus!;
    }
  }

  /** The events after one of them, newest first; of all of them, only the first page. */
  private async eventsSince(lastEvent: string | undefined): Promise<Record<string, string>[]> {
    const events: Record<string, string>[] = [];
    for (let NextToken: string | undefined; ;) {
      const page = await this.sandbox.call('cloudformation', 'DescribeStackEvents', { StackName: STACK, NextToken });
      events.push(...page.StackEvents as Record<string, string>[]);
      const known = events.findIndex(({ EventId }) => EventId === lastEvent);
      if (known >= 0) return events.slice(0, known);
      NextToken = page.NextToken as string | undefined;
      if (lastEvent === undefined || NextToken === undefined) return events;
    }
  }

  /** What the daemon runs, or that it is not found. */
  public async daemon(): Promise<string> {
    const described = await this.sandbox.call('ecs', 'DescribeDaemon', { daemonArn: daemonArn('agent') }).catch((fault: Error) => fault);
    if (described instanceof Error) return described.name;
    const daemonRevisionArns = described.daemon.currentRevisions.map(({ arn }: Record<string, string>) => arn);
    const { daemonRevisions } = await this.sandbox.call('ecs', 'DescribeDaemonRevisions', { daemonRevisionArns });
    return daemonRevisions.map(({ containerImages }: { containerImages: Record<string, string>[] }) => containerImages[0]!.image).join(', ');
  }

  /** How many executions of the rollout function are running. */
  public async running(): Promise<number> {
    const answer = await this.sandbox.call('lambda', 'ListDurableExecutionsByFunction', {
      FunctionName: this.rolloutFunction, Statuses: ['RUNNING'],
    });
    return answer.DurableExecutions.length;
  }
}

/** A create that is sent again with its client token is the same create (R7). */
const countWrites = (received: readonly RequestLogEntry[]): Record<string, number> => Object.fromEntries(
  WRITES.map((write) => {
    const requests = received.filter(({ service, operation }) => service === 'ecs' && operation === write);
    return [write, write === 'CreateDaemon' ? new Set(requests.map(({ input }) => input.clientToken)).size : requests.length] as const;
  }).filter(([, count]) => count !== 0),
);

const withoutIds = (reason: string): string => reason.replace(/[0-9a-f-]{16,}/g, '*').replace(/\d+/g, '#');
