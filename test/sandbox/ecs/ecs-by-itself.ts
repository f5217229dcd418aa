import { VirtualClock } from '../../../sandbox/core/clock';
import { CloudWatch } from '../../../sandbox/cloudwatch';
import { Ecs, type EcsAssumptions, type FleetTiming } from '../../../sandbox/ecs';
import type { Input } from '../../../sandbox/core/aws-service';
import type { World } from '../../../sandbox/core/world';

export type EmittedEvent = Parameters<World['emit']>[0];

export const SEED = { cluster: 'fleet', capacityProvider: 'main', instances: 1, applicationTasksPerInstance: 2 };

/** ECS and CloudWatch without HTTP, in a world that keeps what is emitted. */
export class EcsByItself {
  public readonly clock = new VirtualClock('manual', new Date('2026-01-01T00:00:00Z'));
  public readonly emitted: EmittedEvent[] = [];
  public readonly ecs: Ecs;
  public readonly cloudWatch: CloudWatch;

  constructor(assumptions: Partial<EcsAssumptions> = {}, seed = 1, timing: Partial<FleetTiming> = {}) {
    let state = seed;
    const world: World = {
      partition: 'aws', region: 'us-east-1', accountId: '123456789012', endpoint: 'http://127.0.0.1', clock: this.clock,
      random: () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647,
      call: () => Promise.reject(new Error('ECS calls no other service')),
      emit: (event) => void this.emitted.push(event),
    };
    this.cloudWatch = new CloudWatch(world);
    this.ecs = new Ecs(world, { alarms: this.cloudWatch, assumptions, timing });
  }

  public call(operation: string, input: Input): Input {
    const service = operation in this.ecs.operations ? this.ecs : this.cloudWatch;
    return service.operations[operation]!(input, { caller: { kind: 'operator' }, parked: (promise) => promise }) as Input;
  }

  /** `CreateDaemon` or `UpdateDaemon` of a daemon on `main`, with a new task definition. */
  public write(operation: 'CreateDaemon' | 'UpdateDaemon', image: string, more: Input = {}, daemonName = 'agent'): Input {
    return this.call(operation, {
      daemonName, clusterArn: 'fleet', daemonArn: `arn:aws:ecs:us-east-1:123456789012:daemon/fleet/${daemonName}`,
      daemonTaskDefinitionArn: this.call('RegisterDaemonTaskDefinition', {
        family: daemonName, containerDefinitions: [{ name: 'main', image, memory: 64 }],
      }).daemonTaskDefinitionArn,
      capacityProviderArns: ['arn:aws:ecs:us-east-1:123456789012:capacity-provider/main'],
      ...more,
    });
  }
}
