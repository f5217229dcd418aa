import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

/** Shorter pauses take real time. */
const LEAST_MILLISECONDS = 500;
/** How often a worker checks whether it only waits. */
const CHECK_MILLISECONDS = 5;

interface Pause {
  /** Virtual time, epoch milliseconds. */
  readonly due: number;
  readonly timeout: NodeJS.Timeout;
  readonly action: () => void;
}

export interface PauseListener {
  /** The function has nothing to do for so long, in virtual time. */
  onPause(milliseconds: number): void;
  /** The function continues by itself. */
  onResume(): void;
}

/**
 * Lets virtual time pass while a function only waits for a timer.
 *
 * Timers are real, since the time limits of requests must not follow a clock that leaps. But while no request is under way, the host is
 * called with the earliest timer, and `wake` ends it early.
 */
export class Pauses {
  /** By how much more virtual time than real time has passed in pauses. */
  public skippedMilliseconds = 0;
  private readonly pauses = new Map<unknown, Pause>();
  private readonly setTimeout = globalThis.setTimeout;
  private readonly clearTimeout = globalThis.clearTimeout;
  private check?: NodeJS.Timeout;
  private isPaused = false;
  private pausedAt = { virtual: 0, real: 0 };

  constructor(private readonly listener: PauseListener) {}

  public install(): void {
    const start = (action: (...values: unknown[]) => void, milliseconds = 1, ...values: unknown[]): NodeJS.Timeout =>
      this.start(() => action(...values), Number(milliseconds) || 1);
    const stop = (timeout?: NodeJS.Timeout | string | number): void => {
      this.pauses.delete(timeout);
      this.clearTimeout(timeout);
    };
    const { setTimeout: promised } = timersPromises;
    const pause = (milliseconds?: number, value?: unknown, options?: object): Promise<unknown> =>
      options ? promised(milliseconds, value, options) : new Promise((resolve) => void start(resolve as () => void, milliseconds, value));
    Object.assign(start, this.setTimeout);
    Object.defineProperty(start, promisify.custom, { value: pause });
    for (const owner of [globalThis, timers]) Object.assign(owner, { setTimeout: start, clearTimeout: stop });
    Object.assign(timersPromises, { setTimeout: pause });
    syncBuiltinESMExports();
  }

  /** Begins another invocation, which a timer that the last one has left must not disturb. */
  public restart(): void {
    this.isPaused = false;
    this.skippedMilliseconds = 0;
    this.plan();
  }

  /** Ends the earliest pause. */
  public wake(): void {
    const earliest = this.earliest();
    this.isPaused = false;
    if (!earliest) return;
    this.skippedMilliseconds += Date.now() - this.pausedAt.virtual - (performance.now() - this.pausedAt.real);
    this.clearTimeout(earliest.timeout);
    this.end(earliest);
  }

  private start(action: () => void, milliseconds: number): NodeJS.Timeout {
    if (milliseconds < LEAST_MILLISECONDS) return this.setTimeout(action, milliseconds);
    const timeout: NodeJS.Timeout = this.setTimeout(() => {
      if (this.isPaused) this.listener.onResume();
      this.isPaused = false;
      this.end(pause);
    }, milliseconds);
    const pause: Pause = { due: Date.now() + milliseconds, timeout, action };
    this.pauses.set(timeout, pause);
    this.plan();
    return timeout;
  }

  private end(pause: Pause): void {
    this.pauses.delete(pause.timeout);
    this.plan();
    pause.action();
  }

  private earliest(): Pause | undefined {
    return [...this.pauses.values()].filter(({ timeout }) => timeout.hasRef()).sort((a, b) => a.due - b.due)[0];
  }

  private plan(): void {
    if (this.check || this.pauses.size === 0) return;
    this.check = this.setTimeout(() => {
      this.check = undefined;
      const earliest = this.earliest();
      if (earliest && !this.isPaused && this.hasNothingElseToDo()) {
        this.isPaused = true;
        this.pausedAt = { virtual: Date.now(), real: performance.now() };
        this.listener.onPause(Math.max(0, earliest.due - Date.now()));
      } else if (!this.isPaused) {
        this.plan();
      }
    }, CHECK_MILLISECONDS).unref();
  }

  private hasNothingElseToDo(): boolean {
    const active = process.getActiveResourcesInfo().filter((name) => name !== 'MessagePort');
    const waiting = [...this.pauses.values()].filter(({ timeout }) => timeout.hasRef()).length;
    return active.length === waiting && active.every((name) => name === 'Timeout');
  }
}
