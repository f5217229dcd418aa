import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { toHtml } from '../../timeline/html';
import { toSvg } from '../../timeline/svg';
import { AwsError } from '../core/aws-error';
import type { ClockMode } from '../core/clock';
import type { Page } from '../http/page';
import type { Sandbox } from '../index';
import { checkOrigin, ConsoleAccess, Refusal } from './access';
import { Feed } from './feed';
import { shell, THEME } from './shell';
import { ViewReader } from './view-reader';

/** What sandbox/build.mjs has built of page/. */
const ASSETS = [join(__dirname, 'console'), join(__dirname, '../dist/console')].find(existsSync)!;

const MOST_BODY_BYTES = 4096;

interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly port: number;
}

/** Nothing comes from elsewhere, nothing is sent elsewhere, and no other page may frame this one. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** The page of a running sandbox, at `/console`: its fleets, rollouts, alarms, requests and log as they change. */
export class Console implements Page {
  private readonly access = new ConsoleAccess();
  private sandbox?: Sandbox;
  private reader?: ViewReader;
  private feed?: Feed;

  /** Begins to serve a sandbox that this page was given to. */
  public open(sandbox: Sandbox, clock: ClockMode = 'jumping'): void {
    const { endpoint, region, accountId } = sandbox;
    const reader = new ViewReader(sandbox, { endpoint, region, accountId, clock: inWords(clock) });
    this.sandbox = sandbox;
    this.reader = reader;
    this.feed = new Feed(() => reader.read());
  }

  /** The address that a person opens once: it has the key. */
  public get address(): string {
    return `${this.sandbox!.endpoint}${this.access.path}`;
  }

  /** Adds a line to the log of the page. */
  public note(line: string): void {
    this.reader?.note(line);
  }

  public handle(incoming: IncomingMessage, outgoing: ServerResponse, port: number): boolean {
    const [path = '', query = ''] = (incoming.url ?? '').split('?', 2);
    // a signed request is one for S3, whose buckets may have that name
    if (incoming.headers.authorization !== undefined || !(path === '/console' || path.startsWith('/console/'))) return false;
    for (const [name, value] of Object.entries(HEADERS)) outgoing.setHeader(name, value);
    void this.answer(incoming, outgoing, { path, query: new URLSearchParams(query), port }).catch((error: Error) => {
      incoming.resume();
      const isExpected = error instanceof Refusal || error instanceof AwsError;
      if (!isExpected) console.error('sandbox fault:', error);
      send(outgoing, isExpected ? error.statusCode : 500, 'text/plain; charset=utf-8', `${isExpected ? error.message : 'The console has a fault.'}\n`);
    });
    return true;
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse, { path, query, port }: Target): Promise<void> {
    const { method = 'GET', headers } = incoming;
    const key = path === '/console' && method === 'GET' ? query.get('key') : null;
    checkOrigin(headers, port, key !== null);
    const cookie = this.access.cookieFor(key, port);
    if (cookie !== undefined) return void outgoing.writeHead(303, { 'location': '/console', 'set-cookie': cookie }).end();
    this.access.checkCookie(headers, port);
    if (!this.sandbox) throw new Refusal('The sandbox is starting. Try again.', 503);
    if (method === 'POST' && path === '/console/alarms') return this.setAlarm(incoming, outgoing);
    if (method !== 'GET') throw new Refusal(`The method must be GET, got: ${method}.`, 405);
    switch (path) {
      case '/console': return send(outgoing, 200, 'text/html; charset=utf-8', shell('Sandbox'));
      case '/console/main.js': return send(outgoing, 200, 'text/javascript; charset=utf-8', readFileSync(join(ASSETS, 'main.js')));
      case '/console/style.css': return send(outgoing, 200, 'text/css; charset=utf-8', THEME + readFileSync(join(ASSETS, 'main.css'), 'utf8'));
      case '/console/events': return this.feed!.add(outgoing, headers['last-event-id'] as string | undefined);
      default: return this.sendRollout(outgoing, path, query.get('theme') === 'dark' ? 'dark' : 'light');
    }
  }

  /** A rollout as a picture or as a report, in the words of all other surfaces. */
  private sendRollout(outgoing: ServerResponse, path: string, theme: 'light' | 'dark'): void {
    const [, id, ending] = /^\/console\/rollouts\/([\w-]+?)(\.svg)?$/.exec(path) ?? [];
    const { rollouts } = this.reader!;
    const timeline = id === undefined ? undefined : ending ? rollouts.timeline(id) : rollouts.withLog(id, this.sandbox!.logs.lines);
    if (!timeline) throw new Refusal('There is no such page.', 404);
    if (ending) return send(outgoing, 200, 'image/svg+xml', toSvg(timeline, { theme, headline: false }));
    outgoing.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"); // it has no script
    return send(outgoing, 200, 'text/html; charset=utf-8', toHtml(timeline));
  }

  private async setAlarm(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.headers.origin === undefined) throw new Refusal('A change must come from the page of the console.');
    const { name, state } = await bodyOf(incoming);
    if (typeof name !== 'string' || (state !== 'ALARM' && state !== 'OK')) throw new Refusal('The body must have a name, and a state that is ALARM or OK.', 400);
    this.note(`Alarm ${name}: ${state} (set in the console)`);
    await this.sandbox!.call('monitoring', 'SetAlarmState', { AlarmName: name, StateValue: state, StateReason: 'set in the console' });
    outgoing.writeHead(204).end();
  }
}

const inWords = (clock: ClockMode): string => typeof clock === 'object' ? `virtual, ${clock.scale} × as fast` : 'virtual, jumps to what is due next';

function send(outgoing: ServerResponse, statusCode: number, type: string, body: string | Buffer): void {
  outgoing.writeHead(statusCode, { 'content-type': type }).end(body);
}

async function bodyOf(incoming: IncomingMessage): Promise<{ name?: unknown; state?: unknown }> {
  let text = '';
  for await (const chunk of incoming) {
    text += String(chunk);
    if (text.length > MOST_BODY_BYTES) throw new Refusal(`The body must have at most ${MOST_BODY_BYTES} bytes.`, 413);
  }
  try {
    return JSON.parse(text) as { name?: unknown; state?: unknown } ?? {};
  } catch {
    throw new Refusal('The body must be JSON.', 400);
  }
}
