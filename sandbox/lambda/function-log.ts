import type { Caller, Input } from '../service';
import type { World } from '../world';

/**
 * Writes what functions print to their log groups, with the rights of their roles: without them the lines are lost, as
 * on AWS. Log events carry wall-clock time, because the CDK CLI asks for them by it (`cdk-cli-wire.md` § 10).
 */
export class FunctionLog {
  private readonly streams = new Map<string, Promise<void>>();
  private readonly pending = new Map<string, { readonly caller: Caller; readonly events: Input[] }>();
  private lastTimestamp = 0;

  constructor(private readonly world: World) {}

  public write(logGroupName: string, logStreamName: string, caller: Caller, message: string): void {
    const key = JSON.stringify([logGroupName, logStreamName]);
    // never backwards, whatever the wall clock does: readers order events by it
    this.lastTimestamp = Math.max(Date.now(), this.lastTimestamp);
    const event = { timestamp: this.lastTimestamp, message };
    const batch = this.pending.get(key);
    if (batch) return void batch.events.push(event);
    this.pending.set(key, { caller, events: [event] });
    const release = this.world.clock.hold();
    setImmediate(() => {
      const { events } = this.pending.get(key)!;
      this.pending.delete(key);
      const previous = this.streams.get(key) ?? this.open(logGroupName, logStreamName, caller);
      this.streams.set(key, previous
        .then(() => this.world.call('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents: events }, caller))
        .then(() => undefined, () => undefined)
        .finally(release));
    });
  }

  /** Resolves when every line written so far has been stored, or dropped. */
  public async flush(): Promise<void> {
    while (this.pending.size > 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(this.streams.values());
  }

  private async open(logGroupName: string, logStreamName: string, caller: Caller): Promise<void> {
    const create = (): Promise<unknown> => this.world.call('logs', 'CreateLogStream', { logGroupName, logStreamName }, caller);
    await create().catch(async (error: Error) => {
      if (error.name !== 'ResourceNotFoundException') return;
      await this.world.call('logs', 'CreateLogGroup', { logGroupName }, caller);
      await create();
    }).catch(() => undefined);
  }
}
