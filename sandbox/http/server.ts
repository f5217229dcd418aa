import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { AwsError } from '../core/aws-error';
import type { Clock } from '../core/clock';
import { ConnectionLost, type RequestRouter } from '../core/request-router';
import type { Call, Caller, CallContext, HttpAnswer, HttpRequest, RestService, Service, ServiceName } from '../core/aws-service';
import { refuseForeign, unknownAccessKey } from './admission';
import { checkedInput } from './input-types';
import type { Page } from './page';
import { parseJson, printJson, printJsonError } from './json-protocol';
import { parseQuery, printQuery, printQueryError } from './query-protocol';

/** The path for answers of custom resources, which is the only credential, as on AWS. */
export const ANSWER_PATH = '/cloudformation-custom-resource-response/';

/** More than any asset of an application; what is longer is not kept in memory. */
const BODY_LIMIT_BYTES = 256 * 1024 * 1024;

export interface HttpServerOptions {
  readonly clock: Clock;
  readonly router: RequestRouter;
  readonly services: Partial<Record<ServiceName, Service>>;
  /** The caller that an access key was issued to. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
  readonly receiveAnswer: (request: HttpRequest) => Promise<HttpAnswer>;
  /** @default - no page */
  readonly page?: Page;
}

/** The HTTP server on loopback that real clients talk to. The access key of a signature is required (W1); its value is not checked. */
export class HttpServer {
  private readonly server: Server;
  private port = 0;
  private requestCount = 0;

  constructor(private readonly options: HttpServerOptions) {
    this.server = createServer((incoming, outgoing) => {
      if (options.page?.handle(incoming, outgoing, this.port)) return;
      void this.answer(incoming, outgoing).then(
        ({ statusCode, headers, body }) => {
          outgoing.writeHead(statusCode, { 'x-amzn-requestid': this.nextRequestId(), ...headers });
          outgoing.end(body);
        },
        (fault: unknown) => {
          if (fault instanceof ConnectionLost && fault.reply !== 'none') return breakReply(outgoing, fault.reply);
          if (!(fault instanceof AwsError)) return void outgoing.destroy(); // the client is gone, or a test injects a fault
          outgoing.writeHead(fault.statusCode, { 'connection': 'close', 'x-amzn-errortype': fault.code });
          outgoing.end(fault.message);
        },
      );
    });
    this.server.keepAliveTimeout = 60_000;
  }

  /** Listens on 127.0.0.1 and returns the URL. */
  public async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    this.port = (this.server.address() as AddressInfo).port;
    return `http://127.0.0.1:${this.port}`;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<HttpAnswer> {
    const isAnswer = incoming.method === 'PUT' && incoming.url?.startsWith(ANSWER_PATH) === true;
    const refusal = refuseForeign(incoming.headers, this.port, isAnswer);
    if (refusal) {
      await discard(incoming);
      throw refusal;
    }
    if (isAnswer) {
      const answer = await readRequest(incoming);
      this.holdClock(outgoing);
      return this.options.receiveAnswer(answer);
    }
    const signature = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\/aws4_request/.exec(incoming.headers.authorization ?? '');
    const name = (signature?.[2] ?? 's3') as ServiceName;
    const service = this.options.services[name];
    const caller = signature && this.options.callerOf(signature[1]!);
    if (!caller) {
      await discard(incoming);
      return this.refuseAccessKey(name, incoming.headers['x-amz-target'] !== undefined);
    }
    const request = await readRequest(incoming);
    const release = this.holdClock(outgoing);
    const perform = (call: Call): Promise<unknown> => this.options.router.perform(call, this.parking(release, outgoing));
    const answer = await (service && 'decode' in service ? answerRest(service as RestService, name, request, caller, perform)
      : request.headers['x-amz-target'] ? answerJson(name, request, caller, perform)
        : this.answerQuery(name, request, caller, perform));
    return caller.kind === 'function' ? this.dated(answer) : answer;
  }

  /** Holds the clock until the client has its answer; a request that is never sent whole must not hold it. */
  private holdClock(outgoing: ServerResponse): () => void {
    const release = this.options.clock.hold();
    if (outgoing.closed) release();
    else outgoing.on('close', release);
    return release;
  }

  private refuseAccessKey(name: ServiceName, usesJson: boolean): HttpAnswer {
    const service = this.options.services[name];
    const { code, message, statusCode } = unknownAccessKey(name);
    if (service && 'decode' in service) return (service as RestService).encodeError({ code, message, statusCode });
    const body = usesJson ? printJsonError(code, message) : printQueryError(code, message, this.nextRequestId());
    return { statusCode, headers: { 'content-type': usesJson ? 'application/x-amz-json-1.1' : 'text/xml' }, body };
  }

  /** A function lives in virtual time: by any other date its SDK would believe that its clock is wrong, and repeat refused calls. */
  private dated(answer: HttpAnswer): HttpAnswer {
    return { ...answer, headers: { ...answer.headers, date: new Date(this.options.clock.now()).toUTCString() } };
  }

  private async answerQuery(service: ServiceName, request: HttpRequest, caller: Caller, perform: Perform): Promise<HttpAnswer> {
    const requestId = this.nextRequestId();
    const headers = { 'content-type': 'text/xml' };
    try {
      const { operation, input } = parseQuery(request.body.toString());
      const output = await perform({ service, operation, input: checkedInput(service, operation, input, 'query'), caller });
      return { statusCode: 200, headers, body: printQuery(operation, output, requestId) };
    } catch (fault) {
      const { code, message, statusCode } = errorOf(fault);
      return { statusCode, headers, body: printQueryError(code, message, requestId) };
    }
  }

  /** A long poll must not stop a jumping clock: it releases the clock while it waits. */
  private parking(release: () => void, outgoing: ServerResponse): CallContext['parked'] {
    return async (promise) => {
      release();
      try {
        return await promise;
      } finally {
        this.holdClock(outgoing);
      }
    };
  }

  private nextRequestId(): string {
    return `00000000-0000-4000-8000-${(++this.requestCount).toString(16).padStart(12, '0')}`;
  }
}

type Perform = (call: Call) => Promise<unknown>;

async function answerJson(service: ServiceName, request: HttpRequest, caller: Caller, perform: Perform): Promise<HttpAnswer> {
  const headers = { 'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.1' };
  const operation = request.headers['x-amz-target']!.split('.').pop()!;
  try {
    const input = checkedInput(service, operation, parseJson(request.body.toString() || '{}'), 'json');
    return { statusCode: 200, headers, body: printJson(await perform({ service, operation, input, caller })) };
  } catch (fault) {
    const { code, message, statusCode } = errorOf(fault);
    return { statusCode, headers, body: printJsonError(code, message) };
  }
}

async function answerRest(
  rest: RestService, service: ServiceName, request: HttpRequest, caller: Caller, perform: Perform,
): Promise<HttpAnswer> {
  try {
    const { operation, input } = rest.decode(request);
    return rest.encode(operation, await perform({ service, operation, input: checkedInput(service, operation, input, 'json'), caller }));
  } catch (fault) {
    return rest.encodeError(errorOf(fault));
  }
}

/** Reports an error other than `AwsError` on stderr: it is a fault of the sandbox. Replies with a 4xx, since clients retry a 5xx (W4). */
function errorOf(fault: unknown): { code: string; message: string; statusCode: number } {
  if (fault instanceof AwsError) return fault;
  if (fault instanceof ConnectionLost) throw fault;
  if (fault instanceof URIError) return { code: 'InvalidURI', message: "Couldn't parse the specified URI.", statusCode: 400 };
  console.error('sandbox fault:', fault);
  return { code: 'SandboxFault', message: (fault as Error).message, statusCode: 400 };
}

/** Reads a request that is refused, so that its client gets to read the answer. */
async function discard(incoming: IncomingMessage): Promise<void> {
  incoming.resume();
  await finished(incoming);
}

/** An HTTP reply whose body breaks off, or is shorter than its length header. */
function breakReply(outgoing: ServerResponse, how: 'cut' | 'garbled'): void {
  const beginning = '{"';
  if (how === 'garbled') return void outgoing.writeHead(200, { connection: 'close' }).end(beginning);
  outgoing.writeHead(200, { 'content-length': 1000 });
  outgoing.write(beginning);
  outgoing.socket?.end(); // in order, so that headers and beginning arrive
}

async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += (chunk as Buffer).length;
    if (length <= BODY_LIMIT_BYTES) chunks.push(chunk as Buffer);
  }
  if (length > BODY_LIMIT_BYTES) throw new AwsError('RequestEntityTooLarge', `The body has more than ${BODY_LIMIT_BYTES} bytes.`, 413);
  const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: incoming.headers as HttpRequest['headers'],
    body: Buffer.concat(chunks),
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
