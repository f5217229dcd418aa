import { isThrottlingError, isTransientError } from '@smithy/core/retry';
import { AwsError } from '../../sandbox/core/aws-error';
import type { SimulatedClock } from './clock';
import type { Coverage } from './coverage';
import type { Recording } from './digest';
import { NO_FAULTS, type CallFault, type CallSite, type Faults } from './faults';
import type { Random } from './random';
import type { Trace } from './trace';

/** A run of a function, which may crash at any time: its pending calls then never return. */
export class Process {
  public isDead = false;
  public hasCrashed = false;

  constructor(
    public readonly name: string,
    private readonly died: () => void,
    /** Whether its calls have no faults, since it is the last attempt. */
    public readonly isSpared = false,
  ) {}

  public crash(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.hasCrashed = true;
    this.died();
  }

  /** It has ended by itself. */
  public end(): void {
    this.isDead = true;
  }
}

/** Returns a promise that never settles. A shared one would keep everything that awaits it in memory. */
export const never = (): Promise<never> => new Promise<never>(() => undefined);

/** The SDK's clients give up after this long. */
const TIMEOUT_SECONDS = 20;
/** The faults after which a client waits for its reply. */
const WITH_WAIT: readonly CallFault[] = ['slow-reply', 'lost-reply', 'lost-request', 'cut-reply', 'garbled-reply'];
/** The most that a read may lag behind (A28), as of when it was sent. */
const STALE_SECONDS = 120;

/** Carries every call between functions and AWS, and injects its faults. */
export class Network {
  public faults: Faults = NO_FAULTS;
  private readonly seen = new Map<string, { readonly time: number; readonly reply: unknown }>();

  constructor(
    private readonly clock: SimulatedClock,
    private readonly random: Random,
    private readonly coverage: Coverage,
    private readonly trace: Trace,
    /** How many seconds the reads of an operation lag behind without any fault. */
    private readonly lagOf: (operation: string) => number,
    private readonly recording?: Recording,
  ) {}

  /** Calls as a client of the SDK, which repeats a retryable call up to so many times. */
  public async callPersistently<T>(attempts: number, process: Process, site: CallSite, identity: string, arrive: () => T): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.call(process, site, identity, arrive);
      } catch (error) {
        if (attempt >= attempts || !isRepeated(error as SdkError)) throw error;
        await this.clock.sleep(this.random.between(0, Math.min(20, 0.1 * 2 ** attempt)));
      }
    }
  }

  /** Sends a call; `arrive` performs it at its arrival. `identity` distinguishes calls for stale reads. */
  public async call<T>(process: Process, site: CallSite, identity: string, arrive: () => T): Promise<T> {
    if (process.isDead) return never();
    const fault = process.isSpared ? undefined : this.faults.choose(site);
    if (fault) this.note(process, site, fault);
    this.recording?.sent(process.name, `${site.service}:${site.operation}`, fault);
    if (fault === 'crash-before') {
      process.crash();
      return never();
    }
    await this.clock.sleep(fault === 'slow-request' ? this.random.between(1, TIMEOUT_SECONDS) : this.random.between(0.02, 0.4));
    const arrived = this.arrive(site, identity, fault, arrive);
    if (fault === 'crash-after') {
      process.crash();
      return never();
    }
    if (fault && WITH_WAIT.includes(fault)) await this.clock.sleep(this.random.between(1, TIMEOUT_SECONDS));
    else if (site.isWrite) await this.clock.sleep(this.random.between(0.02, 0.4));
    if (process.isDead) return never();
    if (fault === 'lost-reply') throw new Error('the connection was lost');
    const status = 'error' in arrived ? (arrived.error as SdkError).$metadata?.httpStatusCode : 200;
    if (fault === 'cut-reply') throw this.dated(unread('Error', 'aborted', status, 'ECONNRESET'));
    if (fault === 'garbled-reply') throw this.dated(unread('SyntaxError', 'Unterminated string in JSON', status));
    if ('error' in arrived) throw arrived.error;
    return arrived.reply;
  }

  private arrive<T>(site: CallSite, identity: string, fault: CallFault | undefined, arrive: () => T): { reply: T } | { error: unknown } {
    switch (fault) {
      case 'lost-request': return { error: new Error('the connection was lost') };
      case 'throttle': return { error: this.refused('ThrottlingException', 'Rate exceeded', 400) };
      case 'server-error': return { error: this.refused('ServerException', 'Internal failure', 500) };
      case 'denied': return { error: this.refused('AccessDeniedException', `User is not authorized to perform: ${site.operation}`, 400) };
      default:
    }
    const now = this.clock.now();
    const earlier = this.seen.get(identity);
    const isRecent = earlier !== undefined && now - earlier.time < (STALE_SECONDS - this.lagOf(site.operation)) * 1000;
    if (fault === 'stale-read' && isRecent) return { reply: earlier.reply as T };
    try {
      const reply = arrive();
      if (site.service === 'ecs' && !site.isWrite && fault === undefined && !isRecent) {
        this.seen.set(identity, { time: now, reply });
      }
      return { reply };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { error: this.refused(error.code, error.message, error.statusCode) };
    }
  }

  /** An error as the SDK throws it. */
  private refused(name: string, message: string, httpStatusCode: number): Error {
    return this.dated(Object.assign(new Error(message), { name, $metadata: { httpStatusCode } }));
  }

  /** An error with the reply of AWS, which is dated by another clock than that of the functions. */
  private dated(error: Error): Error {
    return Object.assign(error, { $response: { headers: { date: new Date(this.clock.now()).toUTCString() } } });
  }

  private note(process: Process, site: CallSite, fault: CallFault): void {
    this.coverage.reached('fault', fault);
    this.trace.add(process.name, () => `${site.service}:${site.operation} meets ${fault}`);
  }
}

type SdkError = Parameters<typeof isTransientError>[0];

/** Whether the SDK repeats the call; a connection that gives no status is lost. */
const isRepeated = (error: SdkError): boolean => !error.$metadata || isThrottlingError(error) || isTransientError(error);

/** As the SDK throws an error of a reply that has not arrived whole, whatever its status (A39). */
const unread = (name: string, message: string, httpStatusCode: number | undefined, code?: string): Error =>
  Object.assign(new Error(message), { name, code, $metadata: { httpStatusCode } });
