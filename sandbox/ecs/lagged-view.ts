import type { World } from '../core/world';
import type { EcsAssumptions } from './assumptions';

/** The age of a read, as a share of the most that it may be (A28). */
export const readAges = (world: World, { readAge }: EcsAssumptions): (() => number) => readAge === 'random' ? () => world.random() : () => 1;

/** The lagging view of a state: reads return it as it was some seconds ago (R41, A28, A35). */
export class LaggedView<T> {
  private history: { readonly time: number; readonly state: T }[] = [];

  constructor(private readonly lagSeconds: number, private readonly age: () => number = () => 1) {}

  public record(now: number, state: T): void {
    if (this.history.at(-1)?.time === now) this.history.pop();
    this.history.push({ time: now, state });
    const seen = this.indexAt(now - this.lagSeconds * 1000);
    if (seen > 0) this.history = this.history.slice(seen);
  }

  /** Undefined if there was no state yet. */
  public read(now: number): T | undefined {
    return this.history[this.indexAt(now - this.lagSeconds * 1000 * this.age())]?.state;
  }

  /** As `read`, but what was there first is seen at once. */
  public readOrFirst(now: number): T | undefined {
    return this.read(now) ?? this.history[0]?.state;
  }

  private indexAt(time: number): number {
    let index = this.history.length - 1;
    while (index >= 0 && this.history[index]!.time > time) index--;
    return index;
  }
}
