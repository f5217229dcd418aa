import type { Caller, Input } from '../../core/aws-service';
import type { World } from '../../core/world';

/**
 * Writes what functions print to their log groups, with the permissions of their roles: without these the lines are lost, as
 * on AWS. Log events carry wall-clock time, because the CDK CLI queries them by it.
 */
export class FunctionLog {
  private readonly streams = new Map<string, Promise<void>>();
  private readonly pending = new Map<string, Input[]>();
  private lastTimestamp = 0;

  constructor(private readonly world: World) {}

  /**
   * What Lambda does when an environment starts, whether or not its function ever prints: it opens a stream and writes to
   * it. The lines of Lambda's own are left out, since the CDK CLI would print them among those of the function (W24).
   */
  public open(logGroupName: string, logStreamName: string, caller: Caller): void {
    this.add(logGroupName, logStreamName, caller, []);
  }

  public write(logGroupName: string, logStreamName: string, caller: Caller, message: string): void {
    // never backwards, whatever the wall clock does: readers order events by it
    this.lastTimestamp = Math.max(Date.now(), this.lastTimestamp);
    this.add(logGroupName, logStreamName, caller, [{ timestamp: this.lastTimestamp, message }]);
  }

  /** Resolves when every line written so far has been stored, or dropped. */
  public async flush(): Promise<void> {
    while (this.pending.size > 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(this.streams.values());
  }

  private add(logGroupName: string, logStreamName: string, caller: Caller, added: Input[]): void {
    const key = JSON.stringify([logGroupName, logStreamName]);
    const batch = this.pending.get(key);
    if (batch) return void batch.push(...added);
    const logEvents = [...added];
    this.pending.set(key, logEvents);
    const release = this.world.clock.hold();
    setImmediate(() => {
      this.pending.delete(key);
      const previous = this.streams.get(key) ?? this.createStream(logGroupName, logStreamName, caller);
      this.streams.set(key, previous
        .then(() => this.world.call('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents }, caller))
        .then(() => undefined, () => undefined)
        .finally(release));
    });
  }

  private async createStream(logGroupName: string, logStreamName: string, caller: Caller): Promise<void> {
    const create = (): Promise<unknown> => this.world.call('logs', 'CreateLogStream', { logGroupName, logStreamName }, caller);
    await create().catch(async (error: Error) => {
      if (error.name !== 'ResourceNotFoundException') return;
      await this.world.call('logs', 'CreateLogGroup', { logGroupName }, caller);
      await create();
    }).catch(() => undefined);
  }
}
