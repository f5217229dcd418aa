import { request } from 'node:http';
import { connect } from 'node:net';
import { startSandbox, type Sandbox } from '../../../sandbox';

let sandbox: Sandbox;
let told: jest.SpyInstance;

beforeEach(async () => {
  sandbox = await startSandbox();
  told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(async () => {
  await sandbox.close();
  told.mockRestore();
});

const signed = (service: string): Record<string, string> =>
  ({ authorization: `AWS4-HMAC-SHA256 Credential=operator/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0` });
const json = (target: string, service = 'ecs'): Record<string, string> => ({ ...signed(service), 'x-amz-target': target });

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Not by `fetch`, which repairs paths. */
const send = (method: string, path: string, headers: Record<string, string>, body: string | Buffer = ''): Promise<Answer> => new Promise((resolve, reject) => {
  const outgoing = request({ host: '127.0.0.1', port: new URL(sandbox.endpoint).port, method, path, headers }, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => resolve({ status: incoming.statusCode!, text: Buffer.concat(chunks).toString() }));
  });
  outgoing.on('error', reject);
  outgoing.end(body);
});

describe('odd input is refused in one line, by what AWS calls it', () => {
  test.each([
    { name: 'JSON that ends too soon', headers: json('X.DescribeDaemon'), body: '{', error: 'SerializationException' },
    { name: 'JSON that is null', headers: json('X.DescribeDaemon'), body: 'null', error: 'SerializationException' },
    { name: 'JSON that is a list', headers: json('X.DescribeDaemon'), body: '[]', error: 'SerializationException' },
    { name: 'JSON that is a text', headers: json('X.CreateDaemon'), body: '"agent"', error: 'SerializationException' },
    { name: 'an unknown target', headers: json('X.NoSuchOperation'), body: '{}', error: 'UnknownOperationException' },
    { name: 'a target that every object has', headers: json('X.constructor'), body: '{}', error: 'UnknownOperationException' },
    { name: 'an unknown service', headers: json('X.PutItem', 'dynamodb'), body: '{}', error: 'UnknownOperationException' },
    { name: 'a service that every object has', headers: json('X.PutItem', '__proto__'), body: '{}', error: 'UnknownOperationException' },
    { name: 'a form without an action', headers: signed('cloudformation'), body: '', error: 'UnknownOperationException' },
    { name: 'a body for Lambda that is no JSON', headers: signed('lambda'), path: '/2015-03-31/functions', body: '{', error: '' },
    { name: 'a path of Lambda that does not decode', headers: signed('lambda'), path: '/2015-03-31/functions/%E0%A4%A', body: '', error: '' },
    { name: 'a path of S3 that does not decode', headers: {}, path: '/%E0%A4%A/key', body: '', error: 'InvalidURI' },
    { name: 'an answer to nothing', method: 'PUT', headers: {}, path: '/cloudformation-custom-resource-response/%ZZ', body: '{}', error: 'SignatureDoesNotMatch' },
  ])('$name', async ({ method = 'POST', path = '/', headers, body, error }) => {
    const { status, text } = await send(method, path, headers, body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).toContain(error);
    expect(text).not.toMatch(/\bat .*:\d+:\d+/);
    expect(told).not.toHaveBeenCalled(); // it is no fault of the sandbox
  });

  test('a body that is too long is not kept', async () => {
    const { status, text } = await send('PUT', '/bucket/key', {}, Buffer.alloc(256 * 1024 * 1024 + 1));
    expect({ status, text }).toEqual({ status: 413, text: expect.stringContaining('bytes') });
  });
});

test('a client that goes away in the middle of its request neither ends the sandbox nor holds its clock', async () => {
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(sandbox.endpoint).port), '127.0.0.1', () => {
      socket.write(`POST / HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 100\r\nAuthorization: ${signed('ecs').authorization}\r\n\r\n{"da`, () => socket.end());
    });
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
  await sandbox.clock.sleep(60);
  expect((await send('POST', '/', json('X.ListClusters'), '{}')).status).toBe(200);
});
