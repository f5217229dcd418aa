import type { ExecutionEnvironment, InvocationOutcome } from './execution-environment';
import type { InvocationRequest } from './worker-messages';

export interface PoolOptions {
  readonly maximumBusy: number;
  readonly maximumIdle: number;
  readonly reuses: boolean;
}

/** The kind of environment of an invocation: the function, and a key that changes with its code and configuration. */
export interface EnvironmentKind {
  readonly functionName: string;
  readonly key: string;
  create(): ExecutionEnvironment;
}

interface Slot {
  readonly kind: EnvironmentKind;
  readonly environment: ExecutionEnvironment;
}

/** The execution environments of all functions: warm ones are used again, and their number is bounded, for the memory's sake. */
export class EnvironmentPool {
  private readonly slots = new Set<Slot>();
  private readonly waiting: (() => void)[] = [];
  private busyQueued = 0;

  constructor(private readonly options: PoolOptions) {}

  /** Queues if too many environments are busy: for asynchronous invocations. */
  public async invokeQueued(kind: EnvironmentKind, request: InvocationRequest): Promise<InvocationOutcome> {
    if (this.busyQueued >= this.options.maximumBusy) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.busyQueued++;
    try {
      return await this.invoke(kind, request);
    } finally {
      const next = this.waiting.shift();
      if (next) next(); // hands over its place, so that the order stays
      else this.busyQueued--;
    }
  }

  public async invoke(kind: EnvironmentKind, request: InvocationRequest): Promise<InvocationOutcome> {
    const slot = this.warmSlot(kind) ?? this.newSlot(kind);
    const outcome = await slot.environment.invoke(request);
    if (!this.options.reuses) this.drop(slot);
    this.trim();
    return outcome;
  }

  /** Ends every environment of a function that has an invocation under way; returns how many there were. */
  public crash(functionName: string): number {
    const hit = [...this.slots].filter(({ kind, environment }) => kind.functionName === functionName && environment.isBusy);
    for (const { environment } of hit) environment.crash();
    return hit.length;
  }

  /** Ends the idle environments of a function that is gone or has changed. */
  public terminate(functionName: string): void {
    for (const slot of this.slots) if (slot.kind.functionName === functionName && !slot.environment.isBusy) this.drop(slot);
  }

  public async close(): Promise<void> {
    await Promise.all([...this.slots].map(({ environment }) => environment.close()));
    this.slots.clear();
  }

  private warmSlot({ key }: EnvironmentKind): Slot | undefined {
    return [...this.slots].find(({ kind, environment }) => kind.key === key && environment.isAlive && !environment.isBusy);
  }

  private newSlot(kind: EnvironmentKind): Slot {
    const slot = { kind, environment: kind.create() };
    this.slots.add(slot);
    return slot;
  }

  private trim(): void {
    for (const slot of this.slots) if (!slot.environment.isAlive) this.slots.delete(slot);
    const idle = [...this.slots].filter(({ environment }) => !environment.isBusy);
    for (const slot of idle.slice(0, Math.max(0, idle.length - this.options.maximumIdle))) this.drop(slot);
  }

  private drop(slot: Slot): void {
    this.slots.delete(slot);
    void slot.environment.close();
  }
}
