import type { Clock } from '../../core/clock';

/** A moment on both clocks: CloudFormation's own times are wall clock, functions compare with virtual time. */
export interface Moment {
  readonly wallClock: Date;
  readonly virtual: Date;
}

/** Moments that grow strictly on the wall clock, which the CLI's event poll relies on (W19). */
export class Moments {
  private last = 0;

  constructor(private readonly clock: Clock) {}

  public next(): Moment {
    this.last = Math.max(Date.now(), this.last + 1);
    return { wallClock: new Date(this.last), virtual: new Date(this.clock.now()) };
  }
}
