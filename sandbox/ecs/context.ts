import type { CloudWatch } from '../cloudwatch';
import type { World } from '../core/world';
import type { InstanceEvents } from './fleet/instance-events';
import type { EcsAssumptions } from './assumptions';
import type { Tags } from './tags';
import type { FleetTiming } from './timing';

/** The context that the parts of the service share. */
export interface EcsContext {
  readonly world: World;
  readonly assumptions: EcsAssumptions;
  readonly timing: FleetTiming;
  readonly alarms: CloudWatch;
  /** Whether a role trusts a service; undefined for a role that the sandbox does not have. */
  readonly trusts: (roleArn: string, service: string) => boolean | undefined;
  readonly tags: Tags;
  readonly instanceEvents: InstanceEvents;
  readonly applicationTasksPerInstance: number;
  /** Capacity providers whose first instance does not drain (A12). */
  readonly hangingDrains: ReadonlySet<string>;
  /** When the sandbox began, in epoch milliseconds. */
  readonly startedAt: number;
}
