import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { strToU8, zipSync } from 'fflate';
import { request } from 'node:http';
import { connect } from 'node:net';
import { ConnectionLost, startSandbox, type Sandbox } from '../../../sandbox';

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

type Headers = Record<string, string>;

const signed = (service: string, key = sandbox.environment.AWS_ACCESS_KEY_ID): Headers =>
  ({ authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0` });
const json = (target: string, service = 'ecs'): Headers => ({ ...signed(service), 'x-amz-target': target });

const LIST_CLUSTERS = 'X.ListClusters';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Not by `fetch`, which repairs paths. */
const send = (method: string, path: string, headers: Headers, body: string | Buffer = ''): Promise<Answer> => new Promise((resolve, reject) => {
  const outgoing = request({ host: '127.0.0.1', port: new URL(sandbox.endpoint).port, method, path, headers }, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => resolve({ status: incoming.statusCode!, text: Buffer.concat(chunks).toString() }));
  });
  outgoing.on('error', reject);
  outgoing.end(body);
});

describe('invalid input', () => {
  test.each<{ name: string; method?: string; path?: string; headers: () => Headers; body: string; error: string }>([
    { name: 'JSON that ends too soon', headers: () => json('X.DescribeDaemon'), body: '{', error: 'SerializationException' },
    { name: 'JSON that is null', headers: () => json('X.DescribeDaemon'), body: 'null', error: 'SerializationException' },
    { name: 'JSON that is a list', headers: () => json('X.DescribeDaemon'), body: '[]', error: 'SerializationException' },
    { name: 'JSON that is a text', headers: () => json('X.CreateDaemon'), body: '"agent"', error: 'SerializationException' },
    { name: 'JSON that is nested too deeply', headers: () => json('X.CreateDaemon'), body: `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, error: 'SerializationException' },
    { name: 'a form whose names are nested too deeply', headers: () => signed('sts'), body: `Action=AssumeRole&${'a.'.repeat(100_000)}a=1`, error: 'MalformedInput' },
    { name: 'a form of EC2 whose names are nested too deeply', headers: () => signed('ec2'), body: `Action=DescribeVpcs&${'a.'.repeat(100_000)}a=1`, error: 'MalformedInput' },
    { name: 'a form of EC2 whose filter is both a text and a list', headers: () => signed('ec2'), body: 'Action=DescribeVpc&Filter=x&Filter.1.Name=y', error: 'UnknownOperation' },
    { name: 'an alarm rule of many parentheses', headers: () => json('X.PutCompositeAlarm', 'monitoring'), body: JSON.stringify({ AlarmName: 'a', AlarmRule: '('.repeat(10_000) }), error: 'ValidationException' },
    { name: 'a trust policy that is null', headers: () => signed('iam'), body: 'Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=null', error: 'MalformedPolicyDocument' },
    { name: 'a trust policy that is nested too deeply', headers: () => signed('iam'), body: `Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=${'['.repeat(100_000)}${']'.repeat(100_000)}`, error: 'MalformedPolicyDocument' },
    { name: 'a trust policy whose statement is null', headers: () => signed('iam'), body: 'Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={"Statement":null}', error: 'MalformedPolicyDocument' },
    { name: 'a trust policy without a principal', headers: () => signed('iam'), body: 'Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={"Statement":{"Effect":"Allow","Action":"a","Principal":null}}', error: 'MalformedPolicyDocument' },
    { name: 'a required member that is null', headers: () => json('X.DescribeRule', 'events'), body: '{"Name":null}', error: "Value null at 'Name' failed to satisfy constraint: Member must not be null" },
    { name: 'an unknown target', headers: () => json('X.NoSuchOperation'), body: '{}', error: 'UnknownOperationException' },
    { name: 'a target that every object has', headers: () => json('X.constructor'), body: '{}', error: 'UnknownOperationException' },
    { name: 'an unknown service', headers: () => json('X.PutItem', 'dynamodb'), body: '{}', error: 'UnknownOperationException' },
    { name: 'a service that every object has', headers: () => json('X.PutItem', '__proto__'), body: '{}', error: 'UnknownOperationException' },
    { name: 'a form without an action', headers: () => signed('cloudformation'), body: '', error: 'UnknownOperationException' },
    { name: 'a body for Lambda that is no JSON', headers: () => signed('lambda'), path: '/2015-03-31/functions', body: '{', error: '' },
    { name: 'a path of Lambda that does not decode', headers: () => signed('lambda'), path: '/2015-03-31/functions/%E0%A4%A', body: '', error: '' },
    { name: 'a path of S3 that does not decode', headers: () => signed('s3'), path: '/%E0%A4%A/key', body: '', error: 'InvalidURI' },
    { name: 'an answer to nothing', method: 'PUT', headers: () => ({}), path: '/cloudformation-custom-resource-response/%ZZ', body: '{}', error: 'SignatureDoesNotMatch' },
  ])('is rejected with the error of AWS: $name', async ({ method = 'POST', path = '/', headers, body, error }) => {
    const { status, text } = await send(method, path, headers(), body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).toContain(error);
    expect(text).not.toMatch(/\bat .*:\d+:\d+/);
    expect(told).not.toHaveBeenCalled(); // it is no fault of the sandbox
  });

  test('is not buffered if the body is too long', async () => {
    const { status, text } = await send('PUT', '/bucket/key', signed('s3'), Buffer.alloc(256 * 1024 * 1024 + 1));
    expect({ status, text }).toEqual({ status: 413, text: expect.stringContaining('bytes') });
  }, 60_000);
});

describe('a request from outside', () => {
  test.each<{ name: string; headers: () => Headers; error: string }>([
    { name: 'another Host name', headers: () => ({ ...json(LIST_CLUSTERS), host: 'attacker.example' }), error: 'Host' },
    { name: 'the Host name of another port', headers: () => ({ ...json(LIST_CLUSTERS), host: '127.0.0.1:1' }), error: 'Host' },
    { name: 'the Origin of a web page', headers: () => ({ ...json(LIST_CLUSTERS), origin: 'https://attacker.example' }), error: 'Origin' },
    { name: 'no signature', headers: () => ({ 'x-amz-target': LIST_CLUSTERS }), error: 'InvalidAccessKeyId' },
    { name: 'the key of another run', headers: () => ({ ...signed('ecs', 'AKIASANDBOXOPERATOR0'), 'x-amz-target': LIST_CLUSTERS }), error: 'UnrecognizedClientException' },
    { name: 'the key of another run, to STS', headers: () => signed('sts', 'AKIASANDBOXOPERATOR0'), error: 'InvalidClientTokenId' },
    { name: 'the key of another run, to Lambda', headers: () => signed('lambda', 'AKIASANDBOXOPERATOR0'), error: 'access key' },
    { name: 'a key that every object has', headers: () => signed('sts', 'constructor'), error: 'InvalidClientTokenId' },
  ])('is rejected with 403 with $name', async ({ headers, error }) => {
    const { status, text } = await send('POST', '/', headers(), '{}');
    expect({ status, text }).toEqual({ status: 403, text: expect.stringContaining(error) });
    expect(sandbox.requests).toHaveLength(0);
  });

  test('is served by the name localhost', async () => {
    const host = sandbox.endpoint.replace('http://127.0.0.1', 'localhost');
    expect((await send('POST', '/', { ...json(LIST_CLUSTERS), host }, '{}')).status).toBe(200);
  });

  test('needs the access key of this sandbox, which differs for the same seed', async () => {
    const other = await startSandbox();
    await other.close();
    expect(other.environment.AWS_ACCESS_KEY_ID).not.toBe(sandbox.environment.AWS_ACCESS_KEY_ID);
  });

  test('gets an error with the remedy in the real client', async () => {
    const { endpoint, region } = sandbox;
    const ecs = new ECSClient({ endpoint, region, credentials: { accessKeyId: 'AKIASANDBOXOPERATOR0', secretAccessKey: 'any' } });
    await expect(ecs.send(new ListClustersCommand())).rejects.toMatchObject({
      name: 'UnrecognizedClientException', message: expect.stringContaining('Export the environment'), $metadata: { httpStatusCode: 403 },
    });
  });

  test('has the permissions of the role that a function has assumed, not those of the operator', async () => {
    await sandbox.call('iam', 'CreateRole', { RoleName: 'own', AssumeRolePolicyDocument: TRUSTS_LAMBDA });
    await sandbox.call('iam', 'CreateRole', { RoleName: 'other', AssumeRolePolicyDocument: TRUSTS_LAMBDA });
    const assumeRole = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }] };
    await sandbox.call('iam', 'PutRolePolicy', { RoleName: 'own', PolicyName: 'p', PolicyDocument: JSON.stringify(assumeRole) });
    const arn = (role: string): string => `arn:aws:iam::123456789012:role/${role}`;
    const code = Buffer.from(zipSync({ 'index.js': strToU8('exports.handler = async () => process.env.AWS_ACCESS_KEY_ID;') }));
    const settings = { FunctionName: 'f', Role: arn('own'), Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile: code } };
    await sandbox.call('lambda', 'CreateFunction', settings);
    const { Payload } = await sandbox.call('lambda', 'Invoke', { FunctionName: 'f' });
    const { endpoint, region } = sandbox;
    const sts = new STSClient({ endpoint, region, credentials: { accessKeyId: JSON.parse(Payload.toString()), secretAccessKey: 'any' } });
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: arn('other'), RoleSessionName: 's' }));
    const { status, text } = await send('POST', '/', { ...signed('ecs', Credentials!.AccessKeyId), 'x-amz-target': LIST_CLUSTERS }, '{}');
    expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining('assumed-role/other/f is not authorized') });
  });
});

const TRUSTS_LAMBDA = JSON.stringify({
  Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
});

test('a request that is never sent whole does not hold the clock', async () => {
  const socket = connect(Number(new URL(sandbox.endpoint).port), '127.0.0.1');
  await new Promise<void>((resolve) => {
    socket.write(`POST / HTTP/1.1\r\nHost: ${new URL(sandbox.endpoint).host}\r\nContent-Length: 100\r\nAuthorization: ${signed('ecs').authorization}\r\n\r\n{"da`, () => resolve());
  });
  await send('POST', '/', json(LIST_CLUSTERS), '{}'); // the sandbox has read the headers of the unfinished one by now
  await sandbox.clock.sleep(60);
  socket.destroy();
});

test.each(['cut', 'garbled'] as const)('a reply can be %s although its status is 200 and the call has taken effect (A39)', async (how) => {
  const remove = sandbox.intercept({ after: () => { throw new ConnectionLost('', how); } });
  const reply = await fetch(sandbox.endpoint, { method: 'POST', headers: json('X.CreateCluster'), body: '{"clusterName":"fleet"}' });
  expect(reply.status).toBe(200);
  await expect(reply.json()).rejects.toThrow(how === 'cut' ? 'terminated' : 'JSON');
  remove();
  expect((await send('POST', '/', json('X.ListClusters'), '{}')).text).toContain('cluster/fleet');
});

test('a client that goes away in the middle of its request neither ends the sandbox nor holds its clock', async () => {
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(sandbox.endpoint).port), '127.0.0.1', () => {
      socket.write(`POST / HTTP/1.1\r\nHost: ${new URL(sandbox.endpoint).host}\r\nContent-Length: 100\r\nAuthorization: ${signed('ecs').authorization}\r\n\r\n{"da`, () => socket.end());
    });
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
  await sandbox.clock.sleep(60);
  expect((await send('POST', '/', json(LIST_CLUSTERS), '{}')).status).toBe(200);
});
