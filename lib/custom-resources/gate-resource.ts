import type { Construct } from 'constructs';
import type { DaemonGateProperties, DaemonGateResourceType } from '../../lambda/contract';
import { OrderedResource, type RolloutOrder } from './ordered-resource';
import { gateCount } from './rollout-estimate';

const resourceType: DaemonGateResourceType = 'Custom::ECSManagedDaemonGate';

/** What gates are put behind, and what they have in common. */
export interface GatesProps {
  readonly daemon: OrderedResource;
  readonly serviceToken: string;
  readonly order: RolloutOrder;
  /** How long a rollout may take. */
  readonly timeoutInMinutes: number;
}

/** The custom resource that holds the stack for up to another 55 minutes on a rollout that goes on. */
export class GateResource extends OrderedResource {
  /** Puts as many gates behind a daemon as the timeout needs, each behind the one before it. None if one answer is enough. */
  public static behind(scope: Construct, { daemon, serviceToken, order, timeoutInMinutes }: GatesProps): GateResource[] {
    const gates: GateResource[] = [];
    const GateCount = gateCount(timeoutInMinutes);
    for (let GateNumber = 1; GateNumber <= GateCount; GateNumber++) {
      const previous = gates.at(-1) ?? daemon;
      gates.push(new GateResource(scope, `Gate${GateNumber}`, serviceToken, order, {
        DaemonArn: previous.attributeForGate('DaemonArn'),
        RolloutArn: previous.attributeForGate('RolloutArn'),
        GateNumber,
        GateCount,
      }));
    }
    return gates;
  }

  private constructor(scope: Construct, id: string, serviceToken: string, order: RolloutOrder, properties: DaemonGateProperties) {
    super(scope, id, { type: resourceType, properties: { ServiceToken: serviceToken, ServiceTimeout: 3600, ...properties } }, order);
  }
}
