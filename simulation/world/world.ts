import { CloudWatch } from '../../sandbox/cloudwatch';
import { Ecs, type EcsAssumptions, type FleetTiming } from '../../sandbox/ecs';
import type { Input } from '../../sandbox/core/aws-service';
import type { World } from '../../sandbox/core/world';
import { SimulatedClock } from './clock';
import type { Random } from './random';

export const CLUSTER = 'fleet';
const PLACE = 'us-east-1:123456789012';
const clusterArn = (cluster: string): string => `arn:aws:ecs:${PLACE}:cluster/${cluster}`;
export const CLUSTER_ARN = clusterArn(CLUSTER);
export const providerArn = (name: string): string => `arn:aws:ecs:${PLACE}:capacity-provider/${name}`;
export const stackArn = (name: string, id: string): string => `arn:aws:cloudformation:${PLACE}:stack/${name}/${id}`;
export const daemonArn = (name: string): string => `arn:aws:ecs:${PLACE}:daemon/${CLUSTER}/${name}`;
/** The daemon that properties, or the input of a CreateDaemon, are about. */
export const daemonArnIn = (cluster: string, name: string): string => `${cluster.replace(':cluster/', ':daemon/')}/${name}`;

/** Capacity providers of the second cluster are known by their names. */
export const SECOND_CLUSTER_PREFIX = 'west-';
export const clusterOf = (provider: string): string => provider.startsWith(SECOND_CLUSTER_PREFIX) ? 'west' : CLUSTER;
export const clusterArnOf = (provider: string): string => clusterArn(clusterOf(provider));

export const ALARM_KINDS = ['metric', 'composite', 'log'] as const;

export type AlarmKind = typeof ALARM_KINDS[number];

const BEGIN = Date.UTC(2026, 0, 1);

export interface WorldOptions {
  readonly random: Random;
  readonly assumptions: Partial<EcsAssumptions>;
  readonly timing: Partial<FleetTiming>;
  /** Of every list. @default - as AWS documents */
  readonly longestPage?: number;
  /** Instances by capacity provider. */
  readonly fleets: Readonly<Record<string, number>>;
}

/** The sandbox's ECS and CloudWatch in this process, in virtual time. */
export class SimulatedWorld {
  public readonly clock = new SimulatedClock(BEGIN);
  public readonly ecs: Ecs;
  public readonly cloudWatch: CloudWatch;

  constructor({ random, assumptions, timing, fleets, longestPage }: WorldOptions) {
    const world: World = {
      partition: 'aws', region: 'us-east-1', accountId: '123456789012', endpoint: 'http://sandbox', clock: this.clock,
      random: () => random.next(),
      longestPage,
      call: () => Promise.reject(new Error('ECS calls no other service')),
      emit: () => undefined,
    };
    this.cloudWatch = new CloudWatch(world);
    this.ecs = new Ecs(world, { alarms: this.cloudWatch, assumptions, timing });
    for (const [capacityProvider, instances] of Object.entries(fleets)) {
      this.ecs.seedFleet({ cluster: clusterOf(capacityProvider), capacityProvider, instances, applicationTasksPerInstance: 1 });
    }
  }

  /** Seconds since the beginning. */
  public get seconds(): number {
    return (this.clock.now() - BEGIN) / 1000;
  }

  /** An operation of ECS or CloudWatch, as a person or as a rollout; refusals are thrown as `AwsError`s. */
  public call(operation: string, input: Input, kind: 'operator' | 'cloudformation' = 'operator'): Input {
    const service = operation in this.ecs.operations ? this.ecs : this.cloudWatch;
    return service.operations[operation]!(input, { caller: { kind }, parked: (promise) => promise }) as Input;
  }

  /** Registers a daemon task definition, as CloudFormation does, which retries; the image decides whether its tasks start. */
  public taskDefinition(family: string, image: string): string {
    const containerDefinitions = [{ name: 'main', image, memory: 64 }];
    return this.call('RegisterDaemonTaskDefinition', { family, containerDefinitions }, 'cloudformation').daemonTaskDefinitionArn as string;
  }

  public putAlarm(name: string, kind: AlarmKind): void {
    const metric = { EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', Period: 60, Threshold: 1 };
    const log = { ScheduledQueryConfiguration: {}, QueryResultsToEvaluate: 1, QueryResultsToAlarm: 1, ComparisonOperator: 'GreaterThanThreshold', Threshold: 1 };
    switch (kind) {
      case 'metric':
        this.call('PutMetricAlarm', { AlarmName: name, ...metric });
        break;
      case 'log':
        this.call('PutLogAlarm', { AlarmName: name, ...log });
        break;
      case 'composite':
        this.call('PutMetricAlarm', { AlarmName: partOf(name), ...metric });
        this.call('PutCompositeAlarm', { AlarmName: name, AlarmRule: `ALARM("${partOf(name)}")` });
    }
    this.setAlarm(name, 'OK');
  }

  public setAlarm(name: string, state: string): void {
    const isComposite = this.cloudWatch.alarm(name)?.type === 'CompositeAlarm';
    this.call('SetAlarmState', { AlarmName: isComposite ? partOf(name) : name, StateValue: state, StateReason: `${name} is ${state}` });
  }
}

/** The metric alarm in the rule of a composite alarm. */
const partOf = (name: string): string => `${name}-part`;
