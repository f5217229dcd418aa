import { dispatch } from '../../lambda/dispatcher/dispatch';
import { watch } from '../../lambda/dispatcher/watchdog';
import { executionName, type CloudFormationRequest } from '../../lambda/request';
import { carryOut } from '../../lambda/rollout/carry-out';
import { type Engine, type Surroundings } from '../../lambda/rollout/engine';
import { distrust } from '../../lambda/trust';
import { FakeExecutions } from './fake-executions';
import { withDaemon, writesOf } from './fixtures';
import { createRequest, deleteRequest, STACK_ID, taskDefinition, updateRequest } from './requests';

const ISSUED = Date.parse('2026-11-22T12:00:00Z');
const update = updateRequest({}, taskDefinition(2));
const OTHER_STACK = STACK_ID.replace('demo', 'other');

const { env } = process;

beforeEach(() => { process.env = { ...env }; });

afterEach(() => { process.env = env; });

const answeredAt = (ResponseURL: string): CloudFormationRequest => ({ ...update, ResponseURL });

describe('a trusted request', () => {
  test('comes from its own stack, to a bucket over https', () => {
    process.env['STACK_ID'] = STACK_ID;
    expect(distrust(update, ISSUED)).toBeUndefined();
  });

  test('comes from any stack for a function without a stack', () => {
    expect(distrust({ ...update, StackId: OTHER_STACK }, ISSUED)).toBeUndefined();
  });

  test('may have a clock that is 15 minutes ahead, or no date', () => {
    expect(distrust(update, ISSUED - 900_000)).toBeUndefined();
    expect(distrust(answeredAt('https://bucket/answer'), 0)).toBeUndefined();
  });

  test('may have a date in another format, which is ignored', () => {
    expect(distrust(answeredAt('https://bucket/answer?x-amz-date=99990101t000000z'), ISSUED)).toBeUndefined();
  });

  test("may be answered to the function's own endpoint", () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:4566';
    expect(distrust(answeredAt('http://127.0.0.1:4566/answer'), ISSUED)).toBeUndefined();
  });
});

const SUSPICIOUS: [string, CloudFormationRequest, string][] = [
  ['is of another stack', { ...update, StackId: OTHER_STACK }, `it is of the stack ${OTHER_STACK}, and this function serves ${STACK_ID} only`],
  ['names no stack', { ...update, StackId: undefined as never }, `it is of the stack undefined, and this function serves ${STACK_ID} only`],
  ['is of the year 9999', answeredAt('https://bucket/answer?X-Amz-Date=99990101T000000Z'), 'it was issued 251575416000 s ahead of the clock of this function'],
  ['was issued 901 s ahead', answeredAt('https://bucket/answer?X-Amz-Date=20261122T121501Z'), 'it was issued 901 s ahead of the clock of this function'],
  ['is answered over http', answeredAt('http://bucket.example/answer'), 'its answer would not go over https'],
  ['is answered to another port of the endpoint', answeredAt('http://127.0.0.1:80/answer'), 'its answer would not go over https'],
  ['is answered to no URL', answeredAt('bucket'), 'its answer would not go over https'],
  ['has no URL', answeredAt(undefined as never), 'its answer would not go over https'],
  ['is answered with a name and a password', answeredAt('https://name:password@bucket/answer'), 'its answer would not go over https'],
  ['is of an unknown type', { ...update, RequestType: 'Update ' as never }, 'its type is none of CloudFormation\'s'],
  ['is of a type that every object has', { ...update, RequestType: 'toString' as never }, 'its type is none of CloudFormation\'s'],
];

test.each(['data:text/plain,answer', 'file:///tmp/answer', 'localhost:4566/answer'])('a request that is answered to %s is not trusted by a function whose endpoint has no scheme', (url) => {
  process.env['AWS_ENDPOINT_URL'] = 'localhost:4566';
  expect(distrust(answeredAt(url), ISSUED)).toBe('its answer would not go over https');
});

test('a long id of another stack is cut in the reason', () => {
  process.env['STACK_ID'] = STACK_ID;
  expect(Buffer.byteLength(distrust({ ...update, StackId: 's'.repeat(10_000) }, ISSUED)!)).toBeLessThan(700);
});

const NO_REQUESTS = [null, undefined, 'text', 1, [], {}, { LogicalResourceId: 'Agent' }, { LogicalResourceId: 'Agent', ResourceProperties: null }];

describe.each(NO_REQUESTS)('an event that is not a request: %j', (event) => {
  test('is dropped by the dispatcher with a line', async () => {
    const executions = new FakeExecutions();
    await dispatch(event as never, executions.around);
    expect([executions.calls, executions.answers]).toEqual([[], []]);
    expect(executions.lines).toEqual(['ERROR an event that is no request of CloudFormation is dropped']);
  });

  test('is not answered by the watchdog, which logs a line', async () => {
    const executions = new FakeExecutions();
    executions.entries.push({ arn: 'arn:name', name: 'name', payload: JSON.stringify(event) ?? 'no JSON', startedAt: 0, status: 'FAILED' });
    await watch({ 'detail-type': 'Durable Execution Status Change', 'detail': { durableExecutionArn: 'arn:name', status: 'FAILED' } }, executions.around);
    expect(executions.answers).toEqual([]);
    expect(executions.lines).toEqual(['ERROR the execution arn:name ended as FAILED, and its input is no request of CloudFormation']);
  });
});

test.each([undefined, null, {}, { durableExecutionArn: 1 }])('the watchdog ignores a status change that names no execution: %j', async (detail) => {
  const executions = new FakeExecutions();
  await watch({ 'detail-type': 'Durable Execution Status Change', detail } as never, executions.around);
  expect(executions.calls).toEqual([]);
  expect(executions.lines).toEqual(['ERROR a status change that names no execution is ignored']);
});

describe.each(SUSPICIOUS)('a request that %s', (_how, request, reason) => {
  beforeEach(() => {
    process.env['STACK_ID'] = STACK_ID;
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:4566';
  });

  test('is not trusted', () => {
    expect(distrust(request, ISSUED)).toBe(reason);
  });

  test('starts nothing, stops nothing and gets no answer from the dispatcher', async () => {
    const executions = new FakeExecutions();
    await dispatch(request, executions.around);
    expect([executions.calls, executions.answers]).toEqual([[], []]);
    expect(executions.lines).toEqual([`ERROR Agent: the ${request.RequestType} is dropped, and not answered: ${reason}`]);
  });

  test('gets no write and no answer from a rollout, whose report says why', async () => {
    const { report, writes, answers, lines } = await rollOut(request);
    expect([writes, answers]).toEqual([[], []]);
    expect(report).toMatchObject({ outcome: 'DROPPED', reason, request: request.RequestType, resource: 'Agent' });
    expect(report).not.toHaveProperty('answer');
    expect(lines).toEqual([`ERROR Agent: the ${request.RequestType} is dropped, and not answered: ${reason}`]);
  });

  test('gets no answer from the watchdog', async () => {
    const executions = new FakeExecutions();
    const name = executionName(update);
    executions.entries.push({ arn: `arn:${name}`, name, payload: JSON.stringify(request), startedAt: 0, status: 'FAILED' });
    await watch({ 'detail-type': 'Durable Execution Status Change', 'detail': { durableExecutionArn: `arn:${name}`, status: 'FAILED' } }, executions.around);
    expect(executions.answers).toEqual([]);
    expect(executions.lines).toEqual([`ERROR Agent: the rollout ended as FAILED, and is not answered for: ${reason}`]);
  });
});

describe('while the stack is in no operation, the dispatcher', () => {
  test.each([createRequest(), update, deleteRequest()])('starts nothing and leaves a request to its next delivery ($RequestType)', async (request) => {
    const executions = new FakeExecutions();
    executions.stack = () => ({ status: 'UPDATE_COMPLETE' });
    await expect(dispatch(request, executions.around)).rejects.toThrow('the stack is UPDATE_COMPLETE, and only an operation of the stack sends requests');
    expect([executions.calls, executions.answers]).toEqual([[], []]);
    expect(executions.lines).toHaveLength(1);
  });

  test('reads again for 20 s', async () => {
    const executions = new FakeExecutions();
    const began = executions.now;
    executions.stack = () => ({ status: executions.now - began < 15_000 ? 'UPDATE_COMPLETE' : 'UPDATE_IN_PROGRESS' });
    await dispatch(update, executions.around);
    expect(executions.entries).toHaveLength(1);
  });

  test('starts nothing if a read fails after one that showed no operation', async () => {
    const executions = new FakeExecutions();
    let reads = 0;
    executions.stack = () => {
      if (++reads > 1) throw new Error('Rate exceeded');
      return { status: 'UPDATE_COMPLETE' };
    };
    await expect(dispatch(update, executions.around)).rejects.toThrow('the stack is UPDATE_COMPLETE');
    expect(executions.calls).toEqual([]);
  });

  test.each([['cannot be read', () => { throw new Error('Rate exceeded'); }], ['is not returned', () => ({ status: '' })]])('goes on if the status %s', async (_why, stack) => {
    const executions = new FakeExecutions();
    executions.stack = stack;
    await dispatch(update, executions.around);
    expect(executions.entries).toHaveLength(1);
  });
});

test('a dropped request that is delivered again gets no answer', async () => {
  const executions = new FakeExecutions();
  await dispatch(update, executions.around);
  executions.end(executionName(update), 'SUCCEEDED', { result: JSON.stringify({ outcome: 'DROPPED', reason: 'no' }) });
  await dispatch(update, executions.around);
  expect(executions.answers).toEqual([]);
});

async function rollOut(request: CloudFormationRequest) {
  const daemons = withDaemon();
  const before = writesOf(daemons).length;
  const answers: string[] = [];
  const lines: string[] = [];
  const engine = {
    executionContext: { durableExecutionArn: 'arn:rollout' },
    step: (_name: string, body: () => Promise<unknown>) => body(),
  } as unknown as Engine;
  const around: Surroundings = {
    daemons,
    stacks: { describe: async () => ({ status: 'UPDATE_IN_PROGRESS' }), events: async () => ({ events: [] }) },
    executions: new FakeExecutions(),
    readsMade: () => 0,
    put: async (url) => answers.push(url),
    now: () => ISSUED,
    log: (line, level = 'INFO') => void lines.push(`${level} ${line}`),
    logGroup: 'rollouts',
  };
  const report = await carryOut(request, engine, around);
  return { report, answers, lines, writes: writesOf(daemons).slice(before) };
}
