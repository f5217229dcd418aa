import { readSharedClock } from '../../core/clock';

/** The durable SDK waits this long before it suspends. */
const SUSPENSION_PAUSE_MILLISECONDS = 20;

/**
 * Makes `Date` return virtual time. Timers stay real but for the pauses of a function: the time limits of connections and
 * requests must not follow a clock that leaps.
 */
export function installVirtualDate(sharedClock: SharedArrayBuffer): void {
  const slots = new Float64Array(sharedClock);
  const RealDate = Date;
  const now = (): number => Math.floor(readSharedClock(slots, RealDate.now()));
  const VirtualDate = new Proxy(RealDate, {
    construct: (target, values, newTarget) => Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) => property === 'now' ? now : Reflect.get(target, property, receiver) as unknown,
  });
  RealDate.prototype.constructor = VirtualDate;
  globalThis.Date = VirtualDate;
}

/** A test aid: turns exactly that pause into a millisecond. */
export function shortenSuspensionPause(): void {
  const realSetTimeout = globalThis.setTimeout;
  const shortened = (action: () => void, milliseconds?: number, ...values: []): NodeJS.Timeout =>
    realSetTimeout(action, milliseconds === SUSPENSION_PAUSE_MILLISECONDS ? 1 : milliseconds, ...values);
  globalThis.setTimeout = Object.assign(shortened, realSetTimeout);
}
