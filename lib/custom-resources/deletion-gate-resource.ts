import { CfnResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DaemonDeletionGateProperties, DaemonDeletionGateResourceType } from '../../lambda/contract';
import type { DaemonResource } from './daemon-resource';
import { renderWithDependencies, type RolloutOrder } from './ordered-resource';
import { gateCount } from './rollout-estimate';
import { substitution } from '../naming/fn-sub';

const resourceType: DaemonDeletionGateResourceType = 'Custom::ECSManagedDaemonDeletionGate';

/** What deletion gates are put before, and what they have in common. */
export interface DeletionGatesProps {
  readonly daemon: DaemonResource;
  /** The ARN as a text, since the daemon comes after them. */
  readonly daemonArn: string;
  readonly serviceToken: string;
  readonly order: RolloutOrder;
  /** How long a deletion may take, if longer than one answer. */
  readonly timeoutInMinutes?: number;
}

/**
 * The custom resource that holds the stack for up to another 55 minutes on a deletion that goes on.
 *
 * CloudFormation deletes what depends on a daemon before it: so what waits for the end of a deletion stands before the daemon, and
 * between it and all that the daemon needs until it is gone (R40).
 */
export class DeletionGateResource extends CfnResource {
  /** Puts as many gates before a daemon as the timeout needs: the daemon depends on the first, and each on the next. */
  public static before(scope: Construct, { daemon, daemonArn, serviceToken, order, timeoutInMinutes }: DeletionGatesProps): void {
    const GateCount = timeoutInMinutes === undefined ? 0 : gateCount(timeoutInMinutes);
    let next: DeletionGateResource | undefined;
    for (let GateNumber = GateCount; GateNumber >= 1; GateNumber--) {
      next = new DeletionGateResource(scope, `DeletionGate${GateNumber}`, serviceToken, daemon, next === undefined ? order : undefined, {
        DaemonArn: next?.ref ?? substitution(daemonArn), // its id is the ARN
        GateNumber,
        GateCount,
      });
    }
    if (next !== undefined) {
      daemon.addResourceDependency(next);
    }
  }

  /** The order is that of the last gate alone, which stands behind all that the daemon stands behind. */
  private constructor(
    scope: Construct, id: string, serviceToken: string,
    private readonly daemon: DaemonResource, private readonly order: RolloutOrder | undefined, properties: DaemonDeletionGateProperties,
  ) {
    super(scope, id, { type: resourceType, properties: { ServiceToken: serviceToken, ServiceTimeout: 3600, ...properties } });
  }

  /** @internal */
  public override _toCloudFormation(): object {
    // a daemon that is kept is not waited for
    this.cfnOptions.deletionPolicy = this.daemon.cfnOptions.deletionPolicy;
    this.cfnOptions.updateReplacePolicy = this.daemon.cfnOptions.updateReplacePolicy;

    return renderWithDependencies(this, this.order?.upstreamOf(this.daemon) ?? [], () => super._toCloudFormation());
  }
}
