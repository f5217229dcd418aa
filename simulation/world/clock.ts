import type { Clock, Timer } from '../../sandbox/core/clock';
import { Schedule, type Due } from '../../sandbox/core/timer-queue';

interface Entry extends Due {
  readonly action: () => void;
  /** Whether promises go on from it, which must have come to rest before time does. */
  readonly wakes: boolean;
  cancelled: boolean;
}

/**
 * Virtual time that leaps from event to event.
 *
 * The sandbox's own clock waits two turns of the event loop an event, since requests may be on their way to it. Here nothing is
 * outside of the process: one turn does, and none where no promise goes on.
 */
export class SimulatedClock implements Clock {
  private readonly schedule = new Schedule<Entry>();
  private sequence = 0;

  constructor(private time: number) {}

  public now(): number {
    return this.time;
  }

  public at(time: number, action: () => void): Timer {
    return this.plan(time, action, false);
  }

  public after(seconds: number, action: () => void): Timer {
    return this.at(this.time + seconds * 1000, action);
  }

  /** Like `after`, for an action by which promises go on. */
  public wake(seconds: number, action: () => void): Timer {
    return this.plan(this.time + seconds * 1000, action, true);
  }

  public sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => void this.wake(seconds, resolve));
  }

  public hold(): () => void {
    return () => undefined;
  }

  /** Lets time pass until `end`, or until `isOver` returns true. */
  public async run(end: number, isOver: () => boolean = () => false): Promise<void> {
    await settled();
    for (let next = this.schedule.first; next && next.time <= end && !isOver(); next = this.schedule.first) {
      this.schedule.pop();
      if (next.cancelled) continue;
      this.time = Math.max(this.time, next.time);
      next.action();
      if (next.wakes) await settled();
    }
    if (!isOver()) this.time = Math.max(this.time, end);
  }

  private plan(time: number, action: () => void, wakes: boolean): Timer {
    const entry: Entry = { time: Math.max(time, this.time), sequence: this.sequence++, action, wakes, cancelled: false };
    this.schedule.push(entry);
    return { cancel: () => { entry.cancelled = true; } };
  }
}

/** When a turn of the event loop is over, every promise that could go on has done so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
