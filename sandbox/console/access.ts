import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request to the console is refused, in one line. */
export class Refusal extends Error {
  constructor(message: string, public readonly statusCode = 403) {
    super(message);
  }
}

/**
 * Decides who may use the console: requests with the key of this run, from pages of the sandbox itself. Loopback is no boundary: every page
 * that the user opens can send requests to it, and every other server of the machine has the same host name.
 */
export class ConsoleAccess {
  private readonly key = randomBytes(24).toString('base64url');

  /** The path that turns the key into a cookie. */
  public get path(): string {
    return `/console?key=${this.key}`;
  }

  /** The cookie for a request that has the key; undefined for one without any key. */
  public cookieFor(key: string | null, port: number): string | undefined {
    if (key === null) return undefined;
    if (!isEqual(key, this.key)) throw new Refusal('This key is not of this run of the sandbox. Open the address that it printed when it started.');
    return `${cookieName(port)}=${this.key}; HttpOnly; SameSite=Strict; Path=/console`;
  }

  public checkCookie({ cookie = '' }: IncomingHttpHeaders, port: number): void {
    const name = `${cookieName(port)}=`;
    const value = cookie.split('; ').find((one) => one.startsWith(name))?.slice(name.length);
    if (value === undefined || !isEqual(value, this.key)) {
      throw new Refusal('The console needs its key. Open the address that the sandbox printed when it started.');
    }
  }
}

/** Cookies are shared by all ports of a host: that of another sandbox must not take its place. */
const cookieName = (port: number): string => `console-${port}`;

/** In a time that does not tell how much of it is right. */
const isEqual = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Refuses names that somebody else's DNS gives to this address, and requests of pages that are not of this sandbox. */
export function checkOrigin({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders, port: number, isEntry: boolean): void {
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host.toLowerCase())) {
    throw new Refusal(`The Host header must be 127.0.0.1:${port} or localhost:${port}, got: ${JSON.stringify(host)}.`);
  }
  if (origin !== undefined && origin !== `http://${host}`) throw new Refusal('Requests from other web pages are not allowed.');
  // a link to the console, in a terminal that is itself a page, has the key
  if (!isEntry && site !== undefined && site !== 'same-origin' && site !== 'none') throw new Refusal('Requests from other web pages are not allowed.');
}
