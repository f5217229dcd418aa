import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reply that does not arrive whole: its connection breaks inside its body, or its body is not what the protocol says. */
export interface BrokenReply {
  readonly broken: 'cut off' | 'garbled';
  readonly status: number;
}

/** What an operation answers: an object, an error by name, or no whole reply. For operations of CloudFormation, an empty object. */
export type Reply = object | { readonly error: string } | BrokenReply;

/** An HTTP endpoint in the place of AWS: it answers by operation, and keeps what CloudFormation is told. */
export class FakeAwsServer {
  public readonly operations: string[] = [];
  public readonly answers: Record<string, unknown>[] = [];
  /** What replies are dated by. */
  public date = new Date();
  private readonly server: Server;

  constructor(private readonly reply: (operation: string, count: number) => Reply) {
    this.server = createServer((incoming, outgoing) => {
      outgoing.setHeader('date', this.date.toUTCString());
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        if (incoming.method === 'PUT') {
          this.answers.push({ ...JSON.parse(body) as object, contentType: incoming.headers['content-type'] });
          outgoing.end();
          return;
        }
        const target = incoming.headers['x-amz-target'] as string | undefined;
        const operation = target?.split('.')[1] ?? new URLSearchParams(body).get('Action') ?? '';
        this.operations.push(operation);
        const answer = this.reply(operation, this.operations.filter((name) => name === operation).length);
        if ('broken' in answer) return void breakReply(outgoing, answer as BrokenReply);
        const error = (answer as { error?: string }).error;
        if (error && !target) return void outgoing.writeHead(error === 'AccessDenied' ? 403 : 400).end(`<ErrorResponse><Error><Code>${error}</Code></Error></ErrorResponse>`);
        if (!target) return void outgoing.end(`<${operation}Response><${operation}Result/></${operation}Response>`);
        outgoing.writeHead(error ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
        outgoing.end(JSON.stringify(error ? { __type: error, message: `${error} by the fake` } : answer));
      });
    });
  }

  public async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function breakReply(outgoing: ServerResponse, { broken, status }: BrokenReply): void {
  const beginning = '{"deploymentArn":"arn:aws:ecs';
  if (broken === 'garbled') return void outgoing.writeHead(status).end(beginning);
  outgoing.writeHead(status, { 'content-length': 1000 });
  outgoing.write(beginning);
  outgoing.socket?.end(); // in order, so that headers and beginning arrive
}
