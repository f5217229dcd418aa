import type { Clock, Timer } from '../../sandbox/clock';

interface Entry {
  readonly time: number;
  readonly sequence: number;
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
  private readonly heap: Entry[] = [];
  private sequence = 0;

  constructor(private time: number) {}

  public now(): number {
    return this.time;
  }

  public at(time: number, action: () => void): Timer {
    return this.schedule(time, action, false);
  }

  public after(seconds: number, action: () => void): Timer {
    return this.at(this.time + seconds * 1000, action);
  }

  /** Like `after`, for an action by which promises go on. */
  public wake(seconds: number, action: () => void): Timer {
    return this.schedule(this.time + seconds * 1000, action, true);
  }

  public sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => void this.wake(seconds, resolve));
  }

  public hold(): () => void {
    return () => undefined;
  }

  /** Lets time pass until `end`, or until `isOver` says so. */
  public async run(end: number, isOver: () => boolean = () => false): Promise<void> {
    await settled();
    for (let next = this.heap[0]; next && next.time <= end && !isOver(); next = this.heap[0]) {
      this.pop();
      if (next.cancelled) continue;
      this.time = Math.max(this.time, next.time);
      next.action();
      if (next.wakes) await settled();
    }
    if (!isOver()) this.time = Math.max(this.time, end);
  }

  private schedule(time: number, action: () => void, wakes: boolean): Timer {
    const entry: Entry = { time: Math.max(time, this.time), sequence: this.sequence++, action, wakes, cancelled: false };
    this.push(entry);
    return { cancel: () => { entry.cancelled = true; } };
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.sequence < b.sequence);

/** When a turn of the event loop is over, every promise that could go on has done so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
