/** The trace of one seed, line by line. Nothing is recorded unless tracing is on. */
export class Trace {
  public readonly lines: string[] = [];

  constructor(private readonly isOn: boolean, private readonly seconds: () => number) {}

  /** Adds a line for an actor; `sentence` is called only if tracing is on. */
  public add(who: string, sentence: () => string): void {
    if (this.isOn) this.lines.push(`${clockTime(this.seconds())} ${who.padEnd(22)} ${sentence()}`);
  }
}

function clockTime(seconds: number): string {
  const part = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${part(seconds / 3600)}:${part((seconds / 60) % 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}
