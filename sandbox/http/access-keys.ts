import { randomBytes } from 'node:crypto';
import type { Caller } from '../core/aws-service';

/**
 * Holds the access keys of this run, by which the server identifies its callers. They are drawn from the machine's own randomness, not from
 * the seed: whoever can guess a key runs code as the user of the sandbox.
 */
export class AccessKeys {
  /** The key in the environment that the sandbox prints. */
  public readonly operator: string;
  private readonly callers = new Map<string, Caller>();
  /** When the keys of sessions expire, in wall-clock time, oldest first. */
  private readonly expiries = new Map<string, number>();

  constructor() {
    this.operator = `AKIA${randomKeyPart()}`;
    this.callers.set(this.operator, { kind: 'operator' });
  }

  /** Issues a key; one with `seconds` expires. */
  public issue(caller: Caller, seconds?: number): string {
    this.removeExpired();
    const id = `ASIA${randomKeyPart()}`;
    this.callers.set(id, caller);
    if (seconds !== undefined) this.expiries.set(id, Date.now() + seconds * 1000);
    return id;
  }

  public callerOf(id: string): Caller | undefined {
    this.removeExpired();
    return this.callers.get(id);
  }

  private removeExpired(): void {
    for (const [id, expiry] of this.expiries) {
      if (expiry > Date.now()) return;
      this.expiries.delete(id);
      this.callers.delete(id);
    }
  }
}

const randomKeyPart = (): string => randomBytes(8).toString('hex').toUpperCase();
