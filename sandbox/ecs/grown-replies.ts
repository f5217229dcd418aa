import type { Input } from '../core/aws-service';
import type { EcsAssumptions } from './assumptions';

const SETTINGS = ['propagateTags', 'enableECSManagedTags', 'enableExecuteCommand', 'critical'];
const OPTIONAL = new Set([
  ...SETTINGS, 'alarms', 'bakeTimeInMinutes', 'circuitBreaker', 'createdAt', 'daemonTaskDefinitionArn', 'deploymentArn', 'deploymentConfiguration',
  'drainPercent', 'failureCount', 'finishedAt', 'reason', 'rollbackTargetDaemonRevisionArn', 'status', 'statusReason', 'stoppedAt', 'tags',
  'threshold', 'totalDrainingInstanceCount', 'totalRunningCount', 'totalRunningInstanceCount', 'totalWithoutDaemonCount',
  'totalWithoutDaemonInstanceCount', 'type', 'updatedAt',
]);
const SHARE = 0.03;
/** Resources with statuses, without deployments, which pass through an unknown status themselves. */
const WITH_STATUS = ['DescribeDaemon', 'DescribeCapacityProviders', 'DescribeDaemonTaskDefinition'];

/** Replies as a later version of ECS, or one that leaves fields out, may send them (A33, A38). */
export class GrownReplies {
  private state = 1;

  constructor(private readonly assumptions: EcsAssumptions) {}

  public of(operation: string, reply: Input): Input {
    const { absentFields, unknownStatus } = this.assumptions;
    if (!/^(Describe|List)/.test(operation) || (absentFields === 'none' && unknownStatus === 'off')) return reply;
    const isNew = unknownStatus === 'emit' && WITH_STATUS.includes(operation) && this.chance();
    const copy = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(copy);
      if (typeof value !== 'object' || value === null || value instanceof Date) return value;
      return Object.fromEntries(Object.entries(value).filter(([key]) => !this.isAbsent(key))
        .map(([key, field]) => [key, key === 'status' && isNew ? 'TRANSITIONING' : copy(field)]));
    };
    return copy(reply) as Input;
  }

  private isAbsent(key: string): boolean {
    switch (this.assumptions.absentFields) {
      case 'none': return false;
      case 'settings': return SETTINGS.includes(key);
      case 'at-random': return OPTIONAL.has(key) && this.chance();
    }
  }

  /** From a source of its own, so that everything else random stays. */
  private chance(): boolean {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return this.state / 0x8000_0000 < SHARE;
  }
}
