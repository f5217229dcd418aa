import type { ResourceRequest } from '../world/custom-resources';

/** A write that had an effect. */
export interface Write {
  readonly operation: string;
  readonly daemonArn: string;
  readonly at: number;
  readonly request: ResourceRequest;
}

/** The writes to each daemon, with their callers and times. */
export class Writes {
  private readonly ours: Write[] = [];
  private readonly byHand = new Map<string, number>();

  public add(write: Write): void {
    this.ours.push(write);
  }

  public addManual(daemonArn: string, at: number): void {
    this.byHand.set(daemonArn, at);
  }

  /** Returns the time of the last write by a person. */
  public lastManual(daemonArn: string): number | undefined {
    return this.byHand.get(daemonArn);
  }

  public last(daemonArn: string, before = Number.POSITIVE_INFINITY): Write | undefined {
    return this.ours.findLast((write) => write.daemonArn === daemonArn && write.at < before);
  }

  public filter(isMeant: (write: Write) => boolean): Write[] {
    return this.ours.filter(isMeant);
  }
}
