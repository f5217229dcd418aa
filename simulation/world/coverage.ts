export type Subject = 'phase' | 'outcome' | 'fault' | 'assumption' | 'operation' | 'status' | 'kind' | 'exception';

/** Counts how often the simulation reached each phase, outcome, fault and other value that it should cover. */
export class Coverage {
  private readonly counts = new Map<string, number>();

  public reached(subject: Subject, value: string, times = 1): void {
    const key = `${subject} ${value}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + times);
  }

  public of(subject: Subject): Record<string, number> {
    const prefix = `${subject} `;
    return Object.fromEntries([...this.counts].filter(([key]) => key.startsWith(prefix))
      .map(([key, count]) => [key.slice(prefix.length), count] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  public toJSON(): [string, number][] {
    return [...this.counts];
  }

  public add(counts: readonly (readonly [string, number])[]): void {
    for (const [key, count] of counts) this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }
}
