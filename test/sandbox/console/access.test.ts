import { cookieOf, send, startConsole, type ConsoleRig } from './console-rig';

let rig: ConsoleRig;
let port: string;

beforeAll(async () => {
  rig = await startConsole();
  port = new URL(rig.sandbox.endpoint).port;
  await rig.sandbox.call('monitoring', 'PutMetricAlarm', { AlarmName: 'errors', EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });
});

afterAll(() => rig.close());

const entry = (): string => rig.console.address.slice(rig.sandbox.endpoint.length);

describe('the address that the sandbox prints', () => {
  test('turns its key into a cookie that scripts cannot read and other sites cannot send, and leads to an address without the key', async () => {
    const { status, headers } = await send(rig, entry());
    const { 'set-cookie': cookies, location } = headers;

    expect(status).toBe(303);
    expect(location).toBe('/console');
    expect(cookies).toEqual([expect.stringMatching(new RegExp(`^console-${port}=[\\w-]{32}; HttpOnly; SameSite=Strict; Path=/console$`))]);
  });

  test('has a key of its own in every run', async () => {
    const other = await startConsole();
    expect(new URL(other.console.address).search).not.toBe(new URL(rig.console.address).search);
    await other.close();
  });

  test('may be a link on another page, because it has the key', async () => {
    expect((await send(rig, entry(), { 'sec-fetch-site': 'cross-site' })).status).toBe(303);
  });
});

describe('the console', () => {
  test('serves the page with the cookie, and lets it load nothing from elsewhere', async () => {
    const { status, headers, body } = await send(rig, '/console', { cookie: await cookieOf(rig) });

    expect(status).toBe(200);
    expect(body).not.toMatch(/https?:|<style|style=|<script(?! type="module" src="\/console\/)/);
    expect(headers['content-security-policy']).toBe("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
      + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin', 'cross-origin-opener-policy': 'same-origin',
    });
  });

  test.each(['/console', '/console/main.js', '/console/events', '/console/alarms', '/console/rollouts/a-1.svg'])('refuses %s without the cookie in one line', async (path) => {
    const { status, body } = await send(rig, path);

    expect(status).toBe(403);
    expect(body).toBe('The console needs its key. Open the address that the sandbox printed when it started.\n');
  });

  test.each(['/console?key=', '/console?key=wrong'])('refuses the wrong key of %s, and gives no cookie', async (path) => {
    const { status, headers } = await send(rig, path);

    expect(status).toBe(403);
    expect(headers['set-cookie']).toBeUndefined();
  });

  test('refuses the cookie of another run', async () => {
    expect((await send(rig, '/console', { cookie: `console-${port}=${'a'.repeat(32)}` })).status).toBe(403);
  });

  test.each<[string, Record<string, string>]>([
    ['a host name that leads here', { host: 'rebound.example.com' }],
    ['the host of another port', { host: '127.0.0.1:1' }],
    ['a page of another site', { origin: 'https://example.com' }],
    ['a page of another server on this machine', { 'origin': 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
    ['an image in a page of another server on this machine', { 'sec-fetch-site': 'same-site' }],
    ['a page that has no origin', { origin: 'null' }],
  ])('refuses requests from %s', async (_, headers) => {
    expect((await send(rig, '/console', { ...headers, cookie: await cookieOf(rig) })).status).toBe(403);
  });

  test.each([
    ['localhost', 200], ['LOCALHOST', 200],
  ])('is served as %s too', async (name, status) => {
    expect((await send(rig, '/console', { host: `${name}:${port}`, cookie: await cookieOf(rig) })).status).toBe(status);
  });

  test('has no page for a rollout that it does not know', async () => {
    expect((await send(rig, '/console/rollouts/unknown-1.svg', { cookie: await cookieOf(rig) })).status).toBe(404);
  });

  test('leaves signed requests to the services', async () => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${rig.sandbox.environment.AWS_ACCESS_KEY_ID}/20260101/us-east-1/s3/aws4_request, Signature=0`;
    const { body } = await send(rig, '/console/key', { authorization });
    expect(body).toContain('<Code>NoSuchBucket</Code>');
  });
});

describe('a change of an alarm', () => {
  const change = async (body: string, headers: Record<string, string> = { origin: rig.sandbox.endpoint }): Promise<[number, string]> => {
    const answer = await send(rig, '/console/alarms', { ...headers, cookie: await cookieOf(rig) }, 'POST', body);
    return [answer.status, answer.body];
  };

  test('sets its state as the operator would, and is in the request log', async () => {
    expect(await change('{"name":"errors","state":"ALARM"}')).toEqual([204, '']);
    expect(rig.sandbox.cloudWatch.alarm('errors')).toMatchObject({ state: 'ALARM', stateReason: 'set in the console' });
    expect(rig.sandbox.requests.at(-1)).toMatchObject({ operation: 'SetAlarmState', caller: 'operator' });
  });

  test('is refused without an origin, and from another one', async () => {
    expect((await change('{"name":"errors","state":"OK"}', {}))[0]).toBe(403);
    expect((await change('{"name":"errors","state":"OK"}', { origin: 'http://localhost:1' }))[0]).toBe(403);
  });

  test.each([
    ['text that is not JSON', '{', 400], ['null', 'null', 400], ['another state', '{"name":"errors","state":"INSUFFICIENT_DATA"}', 400],
    ['an unknown alarm', '{"name":"unknown","state":"OK"}', 404], ['a body without an end', 'x'.repeat(5000), 413],
  ])('is refused for %s', async (_, body, status) => {
    expect((await change(body))[0]).toBe(status);
  });

  test('is no other method', async () => {
    const { status } = await send(rig, '/console', { origin: rig.sandbox.endpoint, cookie: await cookieOf(rig) }, 'DELETE');
    expect(status).toBe(405);
  });
});
