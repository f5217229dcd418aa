import { rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { Console } from '../../../sandbox/console';
import type { Json } from '../../../sandbox/console/merge-patch';
import type { ConsoleView } from '../../../sandbox/console/view';
import { startSandboxIn, type Sandbox, type SandboxOptions } from '../../../sandbox';
import { createRunFolder } from '../../../sandbox/run-folder';

/** A sandbox with its console, as the command serves it, in this process. */
export interface ConsoleRig {
  readonly sandbox: Sandbox;
  readonly console: Console;
  /** Breaks the connections of pages that listen. */
  interrupt(): void;
  close(): Promise<void>;
}

export async function startConsole(options: SandboxOptions = {}): Promise<ConsoleRig> {
  const home = createRunFolder();
  const page = new Console();
  const streams = new Set<ServerResponse>();
  const sandbox = await startSandboxIn(home, { ...options, onNotice: (line) => page.note(line) }, {
    handle: (incoming, outgoing, port) => {
      if (incoming.url === '/console/events') streams.add(outgoing);
      return page.handle(incoming, outgoing, port);
    },
  });
  page.open(sandbox, options.clock);
  return {
    sandbox, console: page,
    interrupt: () => streams.forEach((stream) => stream.destroy()),
    close: async () => {
      await sandbox.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export interface ConsoleAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends one request; a header that is undefined is left out. */
export function send(
  { sandbox }: ConsoleRig, path: string, headers: Record<string, string> = {}, method = 'GET', body = '',
): Promise<ConsoleAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${sandbox.endpoint}${path}`, { method, headers }, async (incoming) => {
      let text = '';
      for await (const chunk of incoming) text += String(chunk);
      resolve({ status: incoming.statusCode!, headers: incoming.headers, body: text });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The cookie that the address with the key gives. */
export async function cookieOf(rig: ConsoleRig): Promise<string> {
  const { headers } = await send(rig, rig.console.address.slice(rig.sandbox.endpoint.length));
  return headers['set-cookie']![0]!.split(';')[0]!;
}

export interface ConsoleEvent {
  readonly kind: 'all' | 'change';
  readonly id: string;
  readonly data: ConsoleView & Record<string, Json>;
}

/** The server-sent events that a page receives. */
export interface ConsoleEvents {
  /** The next one; it may be here already. */
  next(): Promise<ConsoleEvent>;
  readonly bytes: number;
  stop(): void;
}

export function listen({ sandbox }: ConsoleRig, headers: Record<string, string>): Promise<ConsoleEvents> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${sandbox.endpoint}/console/events`, { headers }, (incoming) => {
      const received: ConsoleEvent[] = [];
      const waiting: ((event: ConsoleEvent) => void)[] = [];
      let text = '';
      let bytes = 0;
      incoming.on('error', () => undefined);
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        text += chunk.toString();
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const fields = Object.fromEntries(text.slice(0, end).split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
          text = text.slice(end + 2);
          if (fields.data === undefined) continue;
          const event = { kind: fields.event, id: fields.id, data: JSON.parse(fields.data as string) } as ConsoleEvent;
          const receive = waiting.shift();
          if (receive) receive(event);
          else received.push(event);
        }
      });
      resolve({
        next: () => new Promise((done) => { if (received.length > 0) done(received.shift()!); else waiting.push(done); }),
        get bytes() { return bytes; },
        stop: () => outgoing.destroy(),
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
