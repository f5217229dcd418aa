/** When something is due; what is due at the same time comes in the order of its making. */
export interface Due {
  readonly time: number;
  readonly sequence: number;
}

/** The pending timers, the earliest first. */
export class Schedule<T extends Due> {
  private readonly heap: T[] = [];

  public get first(): T | undefined {
    return this.heap[0];
  }

  public push(entry: T): void {
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

  public pop(): T | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
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
    return first;
  }
}

const isBefore = (a: Due, b: Due): boolean => a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
