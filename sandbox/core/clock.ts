import { type Due, Schedule } from './timer-queue';

/**
 * How virtual time passes:
 * - `jumping`: it is held while anything is under way, and leaps to the next timer otherwise; exact, for tests and rehearsals.
 * - `scaled`: it runs `scale` times as fast as the wall clock, and is held while anything is under way, such as the start of a
 *   function; for a person to watch, never for assertions.
 * - `manual`: it moves only by `advance`.
 */
export type ClockMode = 'jumping' | 'manual' | { readonly scale: number };

export interface Timer {
  cancel(): void;
}

/** The sandbox's only clock. Times are epoch milliseconds of virtual time. */
export interface Clock {
  now(): number;
  /** Runs `action` at a virtual time; at once (but never synchronously) when it has passed. */
  at(time: number, action: () => void): Timer;
  after(seconds: number, action: () => void): Timer;
  /** A promise for `seconds` of virtual time. */
  sleep(seconds: number): Promise<void>;
  /** Keeps a jumping or scaled clock where it is until the returned function is called (once or more often). */
  hold(): () => void;
}

interface Entry extends Due {
  readonly action: () => void;
  isCancelled: boolean;
}

/** Slots of the shared clock, which workers read without asking. */
const VIRTUAL_ORIGIN = 0;
const REAL_ORIGIN = 1;
const SCALE = 2;

export class VirtualClock implements Clock {
  /** The memory from which a Lambda worker reads the same time. */
  public readonly shared = new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT);
  private readonly slots = new Float64Array(this.shared);
  private schedule = new Schedule<Entry>();
  private sequence = 0;
  private holds = 0;
  private leap?: NodeJS.Immediate;
  private wake?: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly mode: ClockMode, start: Date) {
    this.slots[VIRTUAL_ORIGIN] = start.getTime();
    this.slots[REAL_ORIGIN] = Date.now();
    this.slots[SCALE] = this.scale;
  }

  private get scale(): number {
    return typeof this.mode === 'object' ? this.mode.scale : 0;
  }

  public now(): number {
    return Math.floor(readSharedClock(this.slots, Date.now()));
  }

  public at(time: number, action: () => void): Timer {
    const entry: Entry = { time, sequence: this.sequence++, action, isCancelled: false };
    this.schedule.push(entry);
    this.plan();
    return { cancel: () => void (entry.isCancelled = true) };
  }

  public after(seconds: number, action: () => void): Timer {
    return this.at(this.now() + seconds * 1000, action);
  }

  public sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => void this.after(seconds, resolve));
  }

  public hold(): () => void {
    if (this.holds++ === 0) this.run(0);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.holds === 0) this.run(this.scale);
      this.plan();
    };
  }

  /** Moves a manual clock on, timer by timer, and lets what they start settle in between. */
  public async advance(seconds: number): Promise<void> {
    const end = this.now() + seconds * 1000;
    await this.settled();
    for (let next = this.peek(); next && next.time <= end; next = this.peek()) {
      this.fire(this.schedule.pop()!);
      await this.settled();
    }
    this.slots[VIRTUAL_ORIGIN] = Math.max(this.now(), end);
  }

  public close(): void {
    this.closed = true;
    this.schedule = new Schedule();
    if (this.leap) clearImmediate(this.leap);
    if (this.wake) clearTimeout(this.wake);
  }

  /** Waits until nothing holds the clock and the work of this turn is done. */
  private async settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve)); while (this.holds > 0);
  }

  private plan(): void {
    if (this.closed || this.mode === 'manual') return;
    if (this.mode === 'jumping') {
      if (this.holds > 0 || this.leap || !this.schedule.first) return;
      // two turns: what the last timer or request set off must have had its chance to hold the clock
      this.leap = setImmediate(() => {
        this.leap = setImmediate(() => {
          this.leap = undefined;
          try {
            if (this.holds === 0 && this.peek()) this.fire(this.schedule.pop()!);
          } finally {
            this.plan(); // an action that throws must not stop the clock
          }
        });
      });
      return;
    }
    if (this.wake) clearTimeout(this.wake);
    this.wake = undefined;
    const next = this.peek();
    if (!next || this.holds > 0) return;
    const delay = Math.max(0, (next.time - this.now()) / this.mode.scale);
    this.wake = setTimeout(() => {
      this.wake = undefined;
      try {
        for (let due = this.peek(); due && due.time <= this.now() && this.holds === 0; due = this.peek()) this.fire(this.schedule.pop()!);
      } finally {
        this.plan();
      }
    }, Math.min(delay, 2 ** 31 - 1));
  }

  /** Changes the pace of a scaled clock. Workers read the slots meanwhile: at worst they see a moment of the past. */
  private run(scale: number): void {
    if (this.scale === 0) return;
    const now = Date.now();
    const virtual = readSharedClock(this.slots, now);
    this.slots[SCALE] = 0;
    this.slots[VIRTUAL_ORIGIN] = virtual;
    this.slots[REAL_ORIGIN] = now;
    this.slots[SCALE] = scale;
  }

  private fire(entry: Entry): void {
    if (this.scale === 0) this.slots[VIRTUAL_ORIGIN] = Math.max(this.now(), entry.time);
    entry.action();
  }

  private peek(): Entry | undefined {
    while (this.schedule.first?.isCancelled) this.schedule.pop();
    return this.schedule.first;
  }
}

/** The virtual time in a shared clock, given the wall clock; used by the server and by its workers. */
export function readSharedClock(slots: Float64Array, wallClock: number): number {
  return slots[VIRTUAL_ORIGIN]! + (wallClock - slots[REAL_ORIGIN]!) * slots[SCALE]!;
}
