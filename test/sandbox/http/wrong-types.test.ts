import { startSandbox, type Sandbox } from '../../../sandbox';
import table from '../../../sandbox/http/input-shapes.json';
import { ROUTES } from '../../../sandbox/lambda/rest-protocol';

type Value = string | number | boolean | Value[] | { [name: string]: Value };
type Members = { [name: string]: Value };
type Shapes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Services whose requests are forms; all others take JSON. */
const FORMS = ['sts', 'cloudformation', 'iam', 'elasticloadbalancing'];

let sandbox: Sandbox;
let told: jest.SpyInstance;

beforeAll(async () => {
  sandbox = await startSandbox({ cloudFormation: { longPollSeconds: 0.001 } });
  told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterAll(async () => {
  told.mockRestore();
  await sandbox.close();
});

const SAMPLES: Readonly<Record<string, Value>> = { s: 'x', n: 1, b: true, t: 0, x: '' };

/** An input that the API's model accepts, with every member up to a depth. */
function sampleOf(type: string, shapes: Shapes, depth: number): Value {
  if (type.startsWith('[]')) return [sampleOf(type.slice(2), shapes, depth - 1)];
  if (type.startsWith('{}')) return { a: sampleOf(type.slice(2), shapes, depth - 1) };
  if (Object.hasOwn(SAMPLES, type)) return SAMPLES[type]!;
  const members = Object.entries(shapes[type]!).filter(([name, member]) => member !== '*' && (depth > 0 || name.endsWith('!')));
  return Object.fromEntries(members.map(([name, member]) => [name.replace('!', ''), sampleOf(member, shapes, depth - 1)]));
}

/** Copies of an input, each with one value of another type. */
function wrongTypes(value: Value): Value[] {
  if (Array.isArray(value)) return [{ a: 'x' }, 'x', ...value.flatMap((item) => wrongTypes(item)).map((item) => [item])];
  if (typeof value === 'object') return ['x', ['x'], ...wrongMembers(value)];
  return [['x'], { a: 'x' }];
}

const wrongMembers = (input: Members): Members[] => Object.entries(input)
  .flatMap(([name, value]) => wrongTypes(value).map((wrong) => ({ ...input, [name]: wrong })));

const formOf = (value: Value, name: string): [string, string][] => (
  Array.isArray(value) ? value.flatMap((item, index) => formOf(item, `${name}.member.${index + 1}`))
    : typeof value === 'object' ? Object.entries(value).flatMap(([member, item]) => formOf(item, `${name}.${member}`))
      : [[name, String(value)]]
);

const signed = (service: string): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${sandbox.environment.AWS_ACCESS_KEY_ID}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

async function send(service: string, operation: string, input: Members): Promise<{ status: number; text: string }> {
  const { path, ...request } = requestOf(service, operation, input);
  const reply = await fetch(sandbox.endpoint + path, { ...request, headers: { ...signed(service), ...request.headers } });
  return { status: reply.status, text: await reply.text() };
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

function requestOf(service: string, operation: string, input: Members): Request {
  if (FORMS.includes(service)) {
    const form = Object.entries(input).flatMap(([name, value]) => formOf(value, name));
    return { method: 'POST', path: '/', body: new URLSearchParams([['Action', operation], ...form]).toString() };
  }
  if (service !== 'lambda') return { method: 'POST', path: '/', body: JSON.stringify(input), headers: { 'x-amz-target': `X.${operation}` } };
  const { method, segments } = ROUTES.find((route) => route.operation === operation)!;
  const path = segments.map((segment) => (segment.startsWith('{') ? 'x' : segment)).join('/');
  return { method, path, ...(method !== 'GET' && method !== 'DELETE' && { body: JSON.stringify(input) }) };
}

/** The members that travel in the body of a request. */
function inBody(service: string, operation: string, input: Members): Members {
  if (service !== 'lambda') return input;
  const { method, segments } = ROUTES.find((route) => route.operation === operation)!;
  if (method === 'GET' || method === 'DELETE' || operation === 'Invoke' || operation === 'StopDurableExecution') return {};
  return Object.fromEntries(Object.entries(input).filter(([name]) => !segments.includes(`{${name}}`)));
}

/** Some operations of Lambda are called by CloudFormation only, within the sandbox. */
const isReachable = (service: string, operation: string): boolean => service !== 'lambda' || ROUTES.some((route) => route.operation === operation);

const OPERATIONS = Object.entries(table).flatMap(([service, { operations, shapes }]) => Object.entries(operations)
  .filter(([operation]) => isReachable(service, operation))
  .map(([operation, shape]) => {
    const sample = (depth: number): Members => inBody(service, operation, sampleOf(shape, shapes as unknown as Shapes, depth) as Members);
    return { service, operation, input: sample(4), least: sample(0) };
  }));

test('every served operation has its input types', () => {
  const servicesOfTextOnly = ['s3', 'ec2', 'route53'];
  const served = Object.entries(sandbox.operations).filter(([service]) => !servicesOfTextOnly.includes(service));
  const unknown = served.flatMap(([service, operations]) => (
    operations.filter((operation) => !Object.hasOwn(table[service as keyof typeof table].operations, operation))
  ));
  expect(unknown).toEqual([]);
});

test.each(OPERATIONS)('$service:$operation rejects members of another type', async ({ service, operation, input }) => {
  const wrong = wrongMembers(input);
  const replies = await Promise.all(wrong.map((members) => send(service, operation, members)));
  const error = FORMS.includes(service) ? '<Code>MalformedInput</Code>' : 'SerializationException';
  const accepted = replies.flatMap(({ status, text }, index) => (
    status === 400 && (text.includes(error) || service === 'lambda') ? [] : { input: wrong[index], status, text }
  ));
  expect(accepted).toEqual([]);
  expect(told).not.toHaveBeenCalled();
});

const ODD_TEXTS = ['', 'x', 'null', '[]', '{}', '"x"', '-1', '__proto__', 'constructor', '%', '${', '(', '['.repeat(5000), 'arn:aws:iam::123456789012:role/x'];

test.each(OPERATIONS)('$service:$operation survives odd texts, and none at all', async ({ service, operation, input, least }) => {
  const withText = (text: string): Members => JSON.parse(JSON.stringify(input), (_key, value: Value) => (value === 'x' ? text : value)) as Members;
  const inputs = [{}, least, ...ODD_TEXTS.map(withText)];
  for (const odd of inputs) {
    const { status, text } = await send(service, operation, odd);
    expect({ odd, status: status < 500, text }).toEqual({ odd, status: true, text: expect.not.stringContaining('SandboxFault') });
  }
  expect(told.mock.calls).toEqual([]);
});
