import type { FleetTiming, InstanceEvent } from '../../sandbox/ecs';
import type { Recording, RecordedAlarmChange, RecordedDeploymentChange, RecordedLogLine, RecordedStackEvent } from '../../timeline/recording';
import { EcsByItself } from '../sandbox/ecs/ecs-by-itself';

const STACK = 'Agents';
export const ALARM = 'agent-cpu-high';
export const ALARM_REASON = 'Threshold Crossed: 3 out of 3 datapoints [97.2, 96.8, 98.1] were greater than the threshold (90.0).';

/** A place of the tests' app: a daemon on one capacity provider. */
export interface PlayedPlace {
  readonly provider: string;
  readonly instances: number;
  readonly wave?: string;
}

export interface PlayOptions {
  readonly places?: readonly PlayedPlace[];
  readonly timing?: Partial<FleetTiming>;
  readonly drainPercent?: number;
  readonly bakeMinutes?: number;
}

/** Rollouts that the ECS of the sandbox carries out; what CloudFormation and the Lambda would add is written down beside it. */
export class PlayedRollouts {
  private readonly world: EcsByItself;
  private readonly places: readonly PlayedPlace[];
  private readonly stackEvents: RecordedStackEvent[] = [];
  private readonly deploymentChanges: RecordedDeploymentChange[] = [];
  private readonly alarmChanges: RecordedAlarmChange[] = [];
  private readonly logLines: RecordedLogLine[] = [];
  private readonly taskDefinitions = new Map<string, string>();

  constructor(private readonly options: PlayOptions = {}) {
    this.places = options.places ?? [{ provider: 'managed', instances: 12 }];
    this.world = new EcsByItself({ throttle: 'off', readLag: 0 }, 1, options.timing);
    this.world.ecs.onDeploymentStatus((change) => void this.deploymentChanges.push(change));
    this.world.cloudWatch.onStateChange((change) => void this.alarmChanges.push({ time: this.now, ...change }));
    for (const { provider, instances } of this.places) {
      this.world.ecs.seedFleet({ cluster: 'apps', capacityProvider: provider, instances, applicationTasksPerInstance: 2 });
    }
    this.world.call('PutMetricAlarm', { AlarmName: ALARM, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });
  }

  public get now(): string {
    return new Date(this.world.clock.now()).toISOString();
  }

  public recording(): Recording {
    return {
      until: this.now,
      instanceEvents: [...this.world.ecs.instanceEvents],
      deploymentChanges: this.deploymentChanges,
      alarmChanges: this.alarmChanges,
      stackEvents: this.stackEvents,
      logLines: this.logLines,
      executions: [],
      revisions: this.world.ecs.revisions(),
    };
  }

  public advance(seconds: number): Promise<void> {
    return this.world.clock.advance(seconds);
  }

  /** Every place runs the image, and the alarm is OK. */
  public async established(image = '1.300.1'): Promise<void> {
    this.ofStack('CREATE_IN_PROGRESS');
    for (const place of this.places) this.begin(place, 'CREATE', image, 100);
    await this.advance(4 * 3600);
    for (const place of this.places) this.end(place, 'CREATE_COMPLETE');
    this.ofStack('CREATE_COMPLETE');
    this.setAlarm('OK', 'Threshold Crossed: 1 datapoint [41.7] was not greater than the threshold (90.0).');
    await this.advance(60);
  }

  /** CloudFormation requests the update of a place. */
  public update(image: string, place: PlayedPlace = this.places[0]!): void {
    if (this.stackEvents.at(-1)?.logicalId === STACK && !this.inRollback) this.ofStack('UPDATE_IN_PROGRESS');
    this.begin(place, 'UPDATE', image);
  }

  public complete(place: PlayedPlace = this.places[0]!): void {
    this.end(place, 'UPDATE_COMPLETE');
  }

  public fail(reason: string, place: PlayedPlace = this.places[0]!): void {
    this.end(place, 'UPDATE_FAILED', `Received response status [FAILED] from custom resource. Message returned: ${reason} (RequestId: 1)`);
    this.ofStack('UPDATE_ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to update: [Daemon].');
    this.event(place, 'UPDATE_IN_PROGRESS');
    this.event(place, 'UPDATE_COMPLETE');
  }

  public ofStack(status: string, statusReason?: string): void {
    this.stackEvents.push({
      time: this.now, stack: STACK, logicalId: STACK, resourceType: 'AWS::CloudFormation::Stack', status,
      ...(statusReason !== undefined && { statusReason }),
    });
  }

  /** A gate that holds the stack from now on, or lets it go. */
  public gate(number: number, status: 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE', place: PlayedPlace = this.places[0]!): void {
    this.stackEvents.push({
      time: this.now, stack: STACK, logicalId: `Gate${number}`, resourceType: 'Custom::ECSManagedDaemonGate', status,
      properties: { DaemonArn: daemonArn(place), GateNumber: String(number) },
    });
  }

  public log(message: string): void {
    this.logLines.push({ time: this.now, logGroup: 'agents', message: `${message}\n` });
  }

  public setAlarm(state: 'OK' | 'ALARM', reason = ALARM_REASON): void {
    this.world.call('SetAlarmState', { AlarmName: ALARM, StateValue: state, StateReason: reason });
  }

  public failStarts(image: string): void {
    this.world.ecs.failStarts({ image: `*:${image}` });
  }

  public hangDrainOf(instance: number): void {
    const running = this.world.ecs.instanceEvents.filter(({ event }: InstanceEvent) => event === 'INSTANCE_ACTIVE');
    const gone = new Set(this.world.ecs.instanceEvents.filter(({ event }) => event === 'INSTANCE_TERMINATED').map(({ instanceId }) => instanceId));
    this.world.ecs.hangDrain(running.filter(({ instanceId }) => !gone.has(instanceId))[instance]!.instanceId);
  }

  private get inRollback(): boolean {
    return this.stackEvents.findLast(({ logicalId }) => logicalId === STACK)!.status.endsWith('ROLLBACK_IN_PROGRESS');
  }

  private begin(place: PlayedPlace, request: 'CREATE' | 'UPDATE', image: string, drainPercent = this.options.drainPercent ?? 25): void {
    this.event(place, `${request}_IN_PROGRESS`);
    const provider = `arn:aws:ecs:us-east-1:123456789012:capacity-provider/${place.provider}`;
    this.world.call(request === 'CREATE' ? 'CreateDaemon' : 'UpdateDaemon', {
      daemonName: nameOf(place), clusterArn: 'apps', daemonArn: daemonArn(place), critical: false,
      daemonTaskDefinitionArn: this.taskDefinition(image),
      capacityProviderArns: [provider],
      deploymentConfiguration: {
        drainPercent, bakeTimeInMinutes: this.options.bakeMinutes ?? 10, alarms: { enable: true, alarmNames: [ALARM] },
      },
    });
  }

  /** A stack that rolls back returns to the task definition that it had. */
  private taskDefinition(image: string): string {
    const arn = this.taskDefinitions.get(image) ?? String(this.world.call('RegisterDaemonTaskDefinition', {
      family: 'agent', containerDefinitions: [{ name: 'main', image: `public.ecr.aws/agents/agent:${image}`, memory: 64 }],
    }).daemonTaskDefinitionArn);
    this.taskDefinitions.set(image, arn);
    return arn;
  }

  private end(place: PlayedPlace, status: string, statusReason?: string): void {
    this.event(place, status, statusReason);
  }

  private event(place: PlayedPlace, status: string, statusReason?: string): void {
    const { wave, provider } = place;
    this.stackEvents.push({
      time: this.now, stack: STACK, logicalId: wave === undefined ? 'Daemon' : `Daemon${provider}`, resourceType: 'Custom::ECSManagedDaemon',
      physicalId: daemonArn(place), status, ...(statusReason !== undefined && { statusReason }),
      properties: {
        ClusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/apps', DaemonName: nameOf(place),
        CapacityProviderArns: [`arn:aws:ecs:us-east-1:123456789012:capacity-provider/${provider}`],
        DrainPercent: this.options.drainPercent ?? 25, BakeTimeInMinutes: this.options.bakeMinutes ?? 10, AlarmNames: [ALARM],
        Tags: wave === undefined ? [] : [
          { key: 'cdk-ecs-managed-daemons:target', value: provider }, { key: 'cdk-ecs-managed-daemons:wave', value: wave },
        ],
      },
    });
  }
}

const nameOf = ({ wave, provider }: PlayedPlace): string => wave === undefined ? 'cloudwatch-agent' : `Agents-${provider}-1F2E`;
const daemonArn = (place: PlayedPlace): string => `arn:aws:ecs:us-east-1:123456789012:daemon/apps/${nameOf(place)}`;
