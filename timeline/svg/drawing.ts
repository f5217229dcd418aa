import type { Palette } from './palette';
import type { TimeScale } from './time-scale';

/** What the lanes of a picture share. Labels and rules are drawn last, above all areas. */
export class Drawing {
  private readonly hairlines: string[] = [];
  private readonly areas: string[] = [];
  private readonly rules: string[] = [];
  private readonly labels: string[] = [];

  constructor(
    public readonly id: string,
    public readonly palette: Palette,
    public readonly scale: TimeScale,
    /** The moment of an alarm, drawn through all lanes. */
    public readonly alarmAt?: number,
  ) {}

  /** The rule at the moment of the alarm: labels keep clear of it. */
  public get rule(): number | undefined {
    return this.alarmAt === undefined ? undefined : this.scale(this.alarmAt);
  }

  public hairline(...parts: string[]): void {
    this.hairlines.push(...parts);
  }

  public area(...parts: string[]): void {
    this.areas.push(...parts);
  }

  public line(...parts: string[]): void {
    this.rules.push(...parts);
  }

  public label(...parts: string[]): void {
    this.labels.push(...parts);
  }

  public toString(): string {
    return [...this.hairlines, ...this.areas, ...this.rules, ...this.labels].join('');
  }

  /** The middle of a stretch, or of its larger side if the rule of an alarm would run through a label of that width. */
  public middle(from: number, to: number, width: number): { readonly x: number; readonly room: number } {
    const { rule } = this;
    const middle = (from + to) / 2;
    if (rule === undefined || rule <= from || rule >= to || Math.abs(rule - middle) > width / 2 + 3) return { x: middle, room: to - from };
    return rule - from > to - rule ? { x: (from + rule) / 2, room: rule - from - 4 } : { x: (rule + to) / 2, room: to - rule - 4 };
  }
}
