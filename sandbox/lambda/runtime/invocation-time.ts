import type { Clock, Timer } from '../../core/clock';

export interface InvocationTimeListener {
  /** The pause is over. */
  wake(): void;
  /** The function's time limit is over. */
  timeOut(): void;
}

/** Keeps virtual time where it is during an invocation, except while the function waits for nothing but a timer. */
export class InvocationTime {
  private release: () => void;
  private timer?: Timer;
  private pausedMilliseconds = 0;
  private pausedAt = 0;

  constructor(private readonly clock: Clock, private readonly timeoutSeconds: number, private readonly listener: InvocationTimeListener) {
    this.release = clock.hold();
  }

  public pause(milliseconds: number): void {
    const left = this.timeoutSeconds * 1000 - this.pausedMilliseconds;
    this.pausedAt = this.clock.now();
    this.timer = this.clock.after(Math.min(milliseconds, left) / 1000, () => {
      this.goOn();
      if (milliseconds > left) this.listener.timeOut();
      else this.listener.wake();
    });
    this.release();
  }

  public resume(): void {
    if (!this.timer) return;
    this.timer.cancel();
    this.goOn();
  }

  public end(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.release();
  }

  private goOn(): void {
    this.timer = undefined;
    this.release = this.clock.hold();
    this.pausedMilliseconds += this.clock.now() - this.pausedAt;
  }
}
