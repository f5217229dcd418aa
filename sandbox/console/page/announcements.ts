import type { ConsoleView } from '../view';

/** The shortest time between two announcements, in milliseconds. */
const PAUSE = 5000;
const MOST_AT_ONCE = 3;

type Known = Readonly<Record<string, { readonly isRunning: boolean; readonly batch?: string }>>;

/** Says to a screen reader what began, what ended, and which alarm fired; nothing else, and at most one message in five seconds. */
export class Announcements {
  private rollouts?: Known;
  private alarms: Readonly<Record<string, string>> = {};
  /** By what it is about: what is out of date is never said. */
  private readonly waiting = new Map<string, string>();
  private isPausing = false;

  constructor(
    private readonly say: (message: string) => void,
    private readonly after: (action: () => void, milliseconds: number) => void,
  ) {}

  /** Compares the view with the one before; what a page shows at first is not announced. */
  public receive({ rollouts, alarms }: ConsoleView): void {
    for (const [id, { isRunning, batch, where, sentence }] of Object.entries(rollouts)) {
      const before = this.rollouts?.[id];
      if (!this.rollouts) continue;
      if (!isRunning && (before?.isRunning ?? true)) this.add(id, `${where}: ${sentence}.`);
      else if (isRunning && batch !== undefined && batch !== before?.batch) this.add(id, `Batch ${batch} began.`);
      else if (isRunning && !before) this.add(id, `Rollout of ${where} began.`);
    }
    for (const [name, { state }] of Object.entries(alarms)) {
      if (this.rollouts && state === 'ALARM' && this.alarms[name] !== 'ALARM') this.add(`alarm ${name}`, `Alarm ${name} is in ALARM.`);
    }
    this.rollouts = Object.fromEntries(Object.entries(rollouts).map(([id, { isRunning, batch }]) => [id, { isRunning, batch }]));
    this.alarms = Object.fromEntries(Object.entries(alarms).map(([name, { state }]) => [name, state]));
  }

  private add(about: string, message: string): void {
    this.waiting.delete(about);
    this.waiting.set(about, message);
    if (!this.isPausing) this.flush();
  }

  private flush(): void {
    const messages = [...this.waiting.values()];
    this.waiting.clear();
    this.isPausing = messages.length > 0;
    if (!this.isPausing) return;
    const more = messages.length - MOST_AT_ONCE;
    this.say(messages.slice(0, MOST_AT_ONCE).join(' ') + (more > 0 ? ` And ${more} more changes.` : ''));
    this.after(() => this.flush(), PAUSE);
  }
}
