import type { LogLevel } from '../../lambda/contract';
import type { CloudFormationRequest } from '../../lambda/request';
import { carryOut } from '../../lambda/rollout/carry-out';
import { type Engine, type Surroundings } from '../../lambda/rollout/engine';
import { FakeDaemonApi, scripted } from './fake-daemon-api';
import { FakeExecutions } from './fake-executions';
import { withDaemon } from './fixtures';
import { CLUSTER_ARN, createRequest, DAEMON_ARN, deleteRequest, settings, taskDefinition, updateRequest } from './requests';

interface StepOptions {
  readonly semantics?: string;
  readonly retryStrategy: (error: Error, attempts: number) => { shouldRetry: boolean; delay?: { seconds: number } };
}

/** An engine that plays each step once, and notes what it was told of it. */
class NotingEngine {
  public readonly steps: Record<string, StepOptions> = {};
  public readonly pauses: number[] = [];
  public readonly executionContext = { durableExecutionArn: 'arn:rollout' };
  /** Interrupts a step after its body. */
  public fails: (name: string) => Error | undefined = () => undefined;

  public constructor(private readonly api: FakeDaemonApi) {}

  public async step(name: string, body: () => Promise<unknown>, options: StepOptions): Promise<unknown> {
    this.steps[name] = options;
    const result = await body();
    const error = this.fails(name);
    if (error) throw error;
    return result;
  }

  public async waitForCondition<S>(_name: string, look: (state: S) => Promise<S>, { initialState, waitStrategy }: {
    initialState: S; waitStrategy: (state: S) => { shouldContinue: boolean; delay?: { seconds: number } };
  }): Promise<S> {
    let state = await look(initialState);
    for (let next = waitStrategy(state); next.shouldContinue !== false; next = waitStrategy(state)) {
      this.pauses.push(next.delay!.seconds);
      if (this.pauses.length > 1000) throw new Error('it looks for ever');
      this.api.now += next.delay!.seconds * 1000;
      state = await look(state);
    }
    return state;
  }
}

async function carry(
  request: CloudFormationRequest, { api = withDaemon(), status = 'UPDATE_IN_PROGRESS', fails }: Partial<{
    api: FakeDaemonApi; status: string | Error; fails: NotingEngine['fails'];
  }> = {},
) {
  const engine = new NotingEngine(api);
  if (fails) engine.fails = fails;
  const lines: [LogLevel, string][] = [];
  const around: Surroundings = {
    daemons: api,
    readsMade: () => 0,
    executions: new FakeExecutions(),
    stacks: {
      describe: async () => { if (status instanceof Error) throw status; return { status }; },
      events: async (PhysicalResourceId: string) => ({ events: [{ PhysicalResourceId, ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' as const, Timestamp: new Date(0) }] }),
    },
    put: async () => 200,
    now: () => api.now,
    log: (line, level = 'INFO') => void lines.push([level, line]),
    logGroup: 'rollouts',
  };
  const report = await carryOut(request, engine as unknown as Engine, around);
  return { engine, lines, report };
}

const update = updateRequest({}, taskDefinition(2));
const error = new Error('Rate exceeded');

test('a write is a step that the engine never repeats (EN4)', async () => {
  const { engine } = await carry(update);
  expect(Object.keys(engine.steps)).toEqual(['start', 'update-daemon', 'answer']);
  expect(engine.steps['update-daemon']).toMatchObject({ semantics: 'AT_MOST_ONCE_PER_RETRY' });
  expect(engine.steps['update-daemon']!.retryStrategy(error, 1)).toEqual({ shouldRetry: false });
});

test('the answer is sent again for as long as CloudFormation waits, at most a minute apart (EN6)', async () => {
  const { engine } = await carry(update);
  const { semantics, retryStrategy } = engine.steps['answer']!;
  expect(semantics).toBe('AT_MOST_ONCE_PER_RETRY');
  expect(retryStrategy(error, 1).delay!.seconds).toBeLessThanOrEqual(2);
  expect(retryStrategy(error, 59)).toMatchObject({ shouldRetry: true });
  const delays = Array.from({ length: 200 }, () => retryStrategy(error, 59).delay!.seconds);
  expect(Math.max(...delays)).toBeGreaterThan(30);
  expect(Math.max(...delays)).toBeLessThanOrEqual(60);
  expect(retryStrategy(error, 60)).toEqual({ shouldRetry: false });
});

test('the check for older rollouts is repeated at most 10 s apart, for a limited time', async () => {
  const { engine } = await carry(deleteRequest());
  const { retryStrategy } = engine.steps['alone']!;
  expect([1, 4, 5, 6, 99].map((attempt) => retryStrategy(error, attempt))).toEqual(
    [2, 8, 10, 10, 10].map((seconds) => ({ shouldRetry: true, delay: { seconds } })));
  expect(retryStrategy(error, 100)).toMatchObject({ shouldRetry: false });
});

test('a pause is as long as the state machine requests', async () => {
  const { engine } = await carry(update);
  expect(engine.pauses.slice(0, 3)).toEqual([5, 18, 18]);
});

test('an interrupted write is followed by reads', async () => {
  const interrupted = Object.assign(new Error('step failed'), { cause: Object.assign(new Error('interrupted'), { name: 'StepInterruptedError' }) });
  const { report, lines } = await carry(update, { fails: (name) => name === 'update-daemon' ? interrupted : undefined });
  expect(lines.map(([, line]) => line)).toContain(
    'agent APPLYING: update-daemon was interrupted (the function was interrupted); reads whether it took effect');
  expect(report.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
});

test('a write that fails in another way fails the rollout', async () => {
  const { report } = await carry(update, { fails: (name) => name === 'update-daemon' ? new Error('out of operations') : undefined });
  expect(report.answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('out of operations') });
});

describe('the log', () => {
  const failing = () => {
    const api = withDaemon();
    api.course = scripted([0, 'IN_PROGRESS', 3], [300, 'ROLLBACK_SUCCESSFUL', 0]);
    return api;
  };

  test.each([
    ['an update', update, 'UPDATE_IN_PROGRESS', 'Agent: Update begins'],
    ['the rollback of one', update, 'UPDATE_ROLLBACK_IN_PROGRESS', 'Agent: Update in the rollback of the stack begins'],
    ['a create', createRequest(), 'CREATE_IN_PROGRESS', 'Agent: Create begins'],
  ])('starts with the request: %s', async (_name, request, status, line) => {
    const { lines } = await carry(request, { status });
    expect(lines[0]).toEqual(['INFO', line]);
  });

  test('ends with the answer as INFO for a success', async () => {
    const { lines } = await carry(update);
    expect(new Set(lines.map(([level]) => level))).toEqual(new Set(['INFO', 'DEBUG']));
    expect(lines.at(-1)).toEqual(['INFO', 'agent SUCCEEDED: the daemon agent is rolled out to 12 instances']);
  });

  test('ends with the answer as ERROR for a failure', async () => {
    const { lines, report } = await carry(update, { api: failing() });
    expect(lines.at(-1)).toEqual(['ERROR', `agent ${report.reason}`]);
  });

  test('ends with the answer as WARN for a DEGRADED success', async () => {
    const { lines, report } = await carry(update, { api: failing(), status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    expect(report.outcome).toBe('DEGRADED');
    expect(lines.at(-1)).toEqual(['WARN', `agent ${report.reason}`]);
  });

  test('contains an early DEGRADED answer as WARN', async () => {
    const api = withDaemon(taskDefinition(2));
    api.course = scripted([0, 'IN_PROGRESS', 3], [5000, 'SUCCESSFUL', 12]);
    const { lines, report } = await carry(updateRequest(taskDefinition(2), {}), { api, status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    expect(report).toMatchObject({ outcome: 'SUCCEEDED', answer: { Data: { Outcome: 'DEGRADED' } } });
    expect(lines).toContainEqual(['WARN', `agent ${report.answer!.Reason}`]);
  });

  test('contains the observations of each poll at level DEBUG', async () => {
    const { lines } = await carry(deleteRequest());
    const [, seen] = lines.find(([level]) => level === 'DEBUG')!;
    expect(seen).toMatch(/^agent: saw \{"daemon":\{"arn":/);
  });
});

describe('a request that cannot be read', () => {
  test.each([
    ['a type that is new to us', { ...createRequest(), ResourceType: 'Custom::Other' },
      'PREFLIGHT: this version of the Lambda knows no resources of the type Custom::Other, only Custom::ECSManagedDaemon, '
        + 'Custom::ECSManagedDaemonVerification, Custom::ECSManagedDaemonGate, Custom::ECSManagedDaemonDeletionGate'],
    ['a property that is missing', { ...createRequest(), ResourceProperties: {} }, 'PREFLIGHT: the property ClusterArn is missing'],
    ['a property of a verification that is missing', { ...createRequest(), ResourceType: 'Custom::ECSManagedDaemonVerification', ResourceProperties: {} },
      'VERIFYING: the property ClusterArn is missing'],
    ['a property of a gate that is missing', { ...createRequest(), ResourceType: 'Custom::ECSManagedDaemonGate', ResourceProperties: {} },
      'GATE: the property DaemonArn is missing'],
    ['a property of a deletion gate that is missing', { ...createRequest(), ResourceType: 'Custom::ECSManagedDaemonDeletionGate', ResourceProperties: {} },
      'DRAINING: the property DaemonArn is missing'],
  ])('is answered with a failure: %s', async (_what, request, Reason) => {
    const { report, lines } = await carry(request);
    expect(report.answer).toEqual({ Status: 'FAILED', Reason, PhysicalResourceId: expect.any(String) });
    expect(lines.at(-1)).toEqual(['ERROR', `Agent ${Reason}`]);
  });

  test('is answered with success if it is a Delete', async () => {
    const { report } = await carry({ ...deleteRequest('the-id'), ResourceProperties: {} });
    expect(report.answer).toEqual({
      Status: 'SUCCESS', Reason: 'UNCHANGED: nothing was ever made: the property ClusterArn is missing', PhysicalResourceId: 'the-id',
    });
  });
});

describe('a read-only rollout', () => {
  const looker = (ResourceType: string, RequestType: CloudFormationRequest['RequestType'], ResourceProperties: Record<string, unknown>): CloudFormationRequest =>
    ({ ...createRequest(), ResourceType, RequestType, ResourceProperties, ...(RequestType !== 'Create' && { PhysicalResourceId: 'the-id' }) });
  const verification = looker('Custom::ECSManagedDaemonVerification', 'Create', { ClusterArn: CLUSTER_ARN, DaemonName: 'agent', Services: ['Web'] });
  const gate = looker('Custom::ECSManagedDaemonGate', 'Create', { DaemonArn: DAEMON_ARN });
  const deletionGate = looker('Custom::ECSManagedDaemonDeletionGate', 'Delete', { DaemonArn: DAEMON_ARN });
  const gone = (): FakeDaemonApi => new FakeDaemonApi();

  test.each([
    ['a verification', verification, withDaemon, 'SUCCEEDED: 12 of 12 instances run the daemon agent'],
    ['a gate', gate, withDaemon, 'SUCCEEDED: 12 of 12 instances run the daemon agent; there is no record of the rollout any more'],
    ['a deletion gate', deletionGate, gone, 'SUCCEEDED: there is no daemon agent'],
  ])('completes without a write: %s', async (_what, request, ecs, Reason) => {
    const api = ecs();
    const startedAt = new Date(api.now).toISOString();
    const { engine, lines, report } = await carry(request, { api });
    expect(report).toMatchObject({ outcome: 'SUCCEEDED', reason: Reason, startedAt, answer: { Status: 'SUCCESS', Reason } });
    expect(lines.at(-1)).toEqual(['INFO', `agent ${Reason}`]);
    expect(Object.keys(engine.steps)).toEqual(['start', 'answer']);
  });

  test('reads the deployment of its daemon: a verification fails with the one that ECS has stopped', async () => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'STOPPED', 0]));
    api.now += 60_000;
    const { report } = await carry(verification, { api });
    expect(report.reason).toMatch(/^VERIFYING: the deployment of the daemon agent is STOPPED: /);
  });
});
