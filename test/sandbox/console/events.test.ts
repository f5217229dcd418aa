import { merge, type Json } from '../../../sandbox/console/merge-patch';
import { cookieOf, listen, startConsole, type ConsoleEvents, type ConsoleRig } from './console-rig';

let rig: ConsoleRig;
let headers: Record<string, string>;
const open: ConsoleEvents[] = [];

beforeEach(async () => {
  rig = await startConsole({ fleets: [{ cluster: 'apps', capacityProvider: 'managed', instances: 1000 }] });
  headers = { cookie: await cookieOf(rig) };
});

afterEach(async () => {
  for (const events of open.splice(0)) events.stop();
  await rig.close();
});

async function events(lastEventId?: string): Promise<ConsoleEvents> {
  const listening = await listen(rig, { ...headers, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) });
  open.push(listening);
  return listening;
}

const putAlarm = (name: string): Promise<unknown> =>
  rig.sandbox.call('monitoring', 'PutMetricAlarm', { AlarmName: name, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });

test('a page receives everything at first, and then what has changed only', async () => {
  const page = await events();
  const first = await page.next();

  expect(first.kind).toBe('all');
  expect(first.data.about).toEqual({
    endpoint: rig.sandbox.endpoint, region: 'us-east-1', accountId: '123456789012', clock: 'virtual, jumps to what is due next',
  });
  expect(Object.keys(first.data.providers['apps/managed']!.cells)).toHaveLength(1000);

  await putAlarm('errors');
  const { kind, data } = await page.next();
  expect(kind).toBe('change');
  expect(data).toEqual({
    alarms: { errors: { state: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', since: Date.parse('2026-01-01T00:00:00Z') } },
    requests: { 1: { at: Date.parse('2026-01-01T00:00:00Z'), service: 'monitoring', operation: 'PutMetricAlarm', caller: 'operator' } },
  });
});

test('many changes at once are one message, which has the newest hundred requests', async () => {
  const page = await events();
  const first = await page.next();
  for (let number = 0; number < 500; number++) await putAlarm(`alarm-${number % 5}`);

  const view = first.data;
  let messages = 0;
  while (view.requests[500] === undefined) {
    merge(view, (await page.next()).data);
    messages++;
  }
  expect(messages).toBeLessThanOrEqual(10);
  expect(Object.keys(view.requests)).toHaveLength(100);
  expect(Object.keys(view.alarms)).toHaveLength(5);
});

test('a page that reconnects receives what it has missed, and no more', async () => {
  const page = await events();
  const { id, data } = await page.next();
  page.stop();
  const other = await events();
  await other.next();
  await putAlarm('errors');
  const change = await other.next();

  const missed = await (await events(id)).next();
  expect(missed).toEqual(change);
  merge(data, missed.data as Record<string, Json>);
  expect(data.alarms.errors).toBeDefined();
});

test.each(['another-run', '12345678-0', 'x'])('a page that comes with the id %s of another run begins again', async (id) => {
  expect((await (await events(id)).next()).kind).toBe('all');
});

test('looking changes neither the request log nor virtual time', async () => {
  const before = rig.sandbox.clock.now();
  const page = await events();
  await page.next();
  await putAlarm('errors');
  await page.next();

  expect(rig.sandbox.requests.map(({ operation }) => operation)).toEqual(['PutMetricAlarm']);
  expect(rig.sandbox.clock.now()).toBe(before);
});

test('lines of the sandbox are in the log, cut after 400 characters', async () => {
  rig.console.note('x'.repeat(1000));
  const { data } = await (await events()).next();
  expect(data.log[1]!.text).toBe(`${'x'.repeat(400)}…`);
});
