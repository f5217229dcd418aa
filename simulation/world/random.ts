/** A seeded source of choices (mulberry32): the same seed makes the same choices everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 0x9e3779b1) >>> 0;
    for (let round = 0; round < 4; round++) this.next(); // adjacent seeds start alike
  }

  /** In [0, 1). */
  public next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** Both bounds are possible. */
  public integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  public between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  public chance(probability: number): boolean {
    return this.next() < probability;
  }

  public pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)]!;
  }

  /** Returns a source of its own, so that more choices of one leave those of the other unchanged. */
  public fork(): Random {
    return new Random(Math.floor(this.next() * 0x7fff_ffff));
  }
}
