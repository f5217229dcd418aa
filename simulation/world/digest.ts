import { createHash, type Hash } from 'node:crypto';

/** Three hashes of what one seed did. Each leaves out more than the one before, so that it shows what a change was meant to keep. */
export interface Digest {
  /** Every line of the log, every call, every answer and the virtual time of each. */
  readonly all: string;
  /** The same without the text of log lines and reasons. */
  readonly withoutWords: string;
  /** Writes to ECS with their inputs and times, answers, and how executions ended. */
  readonly effects: string;
}

const HASH_LENGTH = 10;

/** Collects what a seed does into its digest. */
export class Recording {
  private readonly all = createHash('sha256');
  private readonly withoutWords = createHash('sha256');
  private readonly effects = createHash('sha256');

  /** `milliseconds` is the virtual time. */
  constructor(private readonly milliseconds: () => number) {}

  public log(line: string): void {
    this.into([this.all], 'log', line);
    this.into([this.withoutWords], 'log');
  }

  /** A call that a function sends, with what happens to it on the way. */
  public sent(process: string, call: string, fault: string | undefined): void {
    this.into([this.all, this.withoutWords], process, call, fault);
  }

  /** A call of ECS or CloudWatch that has arrived. */
  public arrived(operation: string, input: unknown, reply: unknown, isWrite: boolean): void {
    this.into([this.all, this.withoutWords, ...isWrite ? [this.effects] : []], operation, input, reply);
  }

  /** A body that was put to the URL of a request. */
  public answered(body: string): void {
    this.into([this.all], body);
    const answer = JSON.parse(body) as object;
    this.into([this.withoutWords, this.effects], { ...answer, Reason: undefined });
  }

  public executionEnded(name: string, status: string, report: string | undefined): void {
    this.into([this.all], name, status, report);
    this.into([this.withoutWords, this.effects], name, status);
  }

  public digest(): Digest {
    const text = (hash: Hash): string => hash.digest('hex').slice(0, HASH_LENGTH);
    return { all: text(this.all), withoutWords: text(this.withoutWords), effects: text(this.effects) };
  }

  private into(hashes: readonly Hash[], ...parts: readonly unknown[]): void {
    const entry = `${JSON.stringify([this.milliseconds(), ...parts])}\n`;
    for (const hash of hashes) hash.update(entry);
  }
}
