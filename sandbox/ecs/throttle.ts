import { AwsError } from '../core/aws-error';
import type { World } from '../core/world';
import type { EcsAssumptions } from './assumptions';

const WRITES = ['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon', 'RegisterDaemonTaskDefinition', 'DeleteDaemonTaskDefinition'];
const READS = [
  'DescribeDaemon', 'ListDaemons', 'ListDaemonDeployments', 'DescribeDaemonDeployments', 'DescribeDaemonRevisions',
  'DescribeDaemonTaskDefinition', 'ListDaemonTaskDefinitions',
];

/** Token buckets for the daemon operations (A24): no rate is published, these are guesses on the safe side. */
export class Throttle {
  private readonly writes?: TokenBucket;
  private readonly reads?: TokenBucket;

  constructor(world: World, setting: EcsAssumptions['throttle']) {
    if (setting === 'off') return;
    const { writesPerSecond, readsPerSecond } = setting === 'assumed' ? { writesPerSecond: 1, readsPerSecond: 20 } : setting;
    this.writes = new TokenBucket(world, 20, writesPerSecond);
    this.reads = new TokenBucket(world, 50, readsPerSecond);
  }

  public check(operation: string): void {
    const bucket = WRITES.includes(operation) ? this.writes : READS.includes(operation) ? this.reads : undefined;
    if (bucket && !bucket.take()) throw new AwsError('ThrottlingException', 'Rate exceeded');
  }
}

class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(private readonly world: World, private readonly burst: number, private readonly perSecond: number) {
    this.tokens = burst;
    this.filledAt = world.clock.now();
  }

  public take(): boolean {
    const now = this.world.clock.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}
