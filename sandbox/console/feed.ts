import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { patchOf, type Json } from './merge-patch';
import type { ConsoleView } from './view';

/** The shortest pause between two messages, in milliseconds. */
const PAUSE = 500;
/** After so many milliseconds a page that has lost its connection tries again. */
const RECONNECTION_PAUSE = 1000;
/** A view that takes long to read is read less often: so much of the time is left to deployments. */
const REST = 20;
/** How many messages a page may miss and still get them later. */
const KEPT_MESSAGES = 100;
/** A page that reads so many bytes too slowly is cut off, and begins again when it reconnects. */
const MOST_BUFFERED = 4 * 1024 * 1024;

interface Message {
  readonly number: number;
  readonly text: string;
}

/**
 * Sends the view to the pages that listen, as server-sent events: whole at first, then what has changed, however much that is, at most
 * twice a second. While nobody listens it reads nothing.
 */
export class Feed {
  /** The ids of another run mean nothing here. */
  private readonly run = randomBytes(4).toString('hex');
  private readonly pages = new Set<ServerResponse>();
  private messages: Message[] = [];
  private number = 0;
  private view?: ConsoleView;
  private timer?: NodeJS.Timeout;

  constructor(private readonly read: () => ConsoleView) {}

  /** Begins to send; `lastEventId` is what a page that reconnects has received last. */
  public add(page: ServerResponse, lastEventId: string | undefined): void {
    page.writeHead(200, { 'content-type': 'text/event-stream' });
    page.write(`retry: ${RECONNECTION_PAUSE}\n\n`);
    page.on('close', () => {
      this.pages.delete(page);
      if (this.pages.size === 0) this.stop();
    });
    if (this.pages.size === 0) this.update();
    const missed = this.missedSince(lastEventId);
    if (missed) for (const { text } of missed) page.write(text);
    else page.write(this.messageOf('all', this.view as unknown as Json));
    this.pages.add(page);
    this.schedule(PAUSE);
  }

  public close(): void {
    this.stop();
    for (const page of this.pages) page.end();
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(pause: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const started = performance.now();
      this.update();
      if (this.pages.size > 0) this.schedule(Math.max(PAUSE, (performance.now() - started) * REST));
    }, pause).unref();
  }

  /** Reads the view and sends what has changed since. */
  private update(): void {
    const before = this.view;
    this.view = this.read();
    const patch = before && patchOf(before as unknown as Json, this.view as unknown as Json);
    if (patch === undefined) return;
    this.number++;
    const message = { number: this.number, text: this.messageOf('change', patch) };
    this.messages.push(message);
    if (this.messages.length > KEPT_MESSAGES) this.messages.shift();
    for (const page of this.pages) {
      if (page.writableLength > MOST_BUFFERED) page.destroy();
      else page.write(message.text);
    }
  }

  private messageOf(kind: 'all' | 'change', data: Json): string {
    return `event: ${kind}\nid: ${this.run}-${this.number}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  /** The messages after one that a page has received; undefined if there are older ones in between. */
  private missedSince(lastEventId: string | undefined): Message[] | undefined {
    const [run, received] = lastEventId?.split('-') ?? [];
    if (run !== this.run || !(Number(received) <= this.number)) return undefined;
    const missed = this.messages.filter(({ number }) => number > Number(received));
    return missed.length === this.number - Number(received) ? missed : undefined;
  }
}
