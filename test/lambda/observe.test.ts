import { executionName, resourcePart } from '../../lambda/request';
import type { DaemonApi } from '../../lambda/rollout/aws/daemon-api';
import { ApiFault, type Fault } from '../../lambda/rollout/aws/fault';
import type { Reads } from '../../lambda/rollout/observation';
import { observe } from '../../lambda/rollout/observe/observe';
import type { StackApi } from '../../lambda/rollout/aws/stack-api';
import { scripted, type FakeDaemonApi } from './fake-daemon-api';
import { accessDenied, FakeExecutions } from './fake-executions';
import { addDaemon, withDaemon } from './fixtures';
import { CLUSTER_ARN, createRequest, DAEMON_ARN, OWNER_TAGS, properties, settings, STACK_ID, taskDefinition } from './requests';

const OTHER_ARN = DAEMON_ARN.replace('/agent', '/other');
const [PROVIDER] = properties().CapacityProviderArns as [string];
const OTHER_PROVIDER = `${PROVIDER}-2`;

const stacks: StackApi = {
  describe: async () => ({ status: 'UPDATE_IN_PROGRESS' }),
  events: async (PhysicalResourceId) => ({ events: [{ EventId: 'event', PhysicalResourceId, ResourceStatus: 'UPDATE_IN_PROGRESS' }] }),
};

const seen = (daemons: DaemonApi, reads: Reads, executions = new FakeExecutions()) =>
  observe({ daemons, stacks, executions }, { daemonArn: DAEMON_ARN, desired: { AlarmNames: ['cpu'] } }, reads);

const refusing = (api: FakeDaemonApi, call: keyof DaemonApi, fault: Partial<Fault>): FakeDaemonApi => {
  api.refuse = (name) => name === call ? { kind: 'refused', name: 'ClientException', message: 'no', ...fault } : undefined;
  return api;
};

const calls = (api: FakeDaemonApi) => api.calls.map(({ name }) => name);

test('an observation without a request reads nothing', async () => {
  const api = withDaemon();
  const observation = await seen(api, {});
  expect(Object.values(observation).filter((part) => part !== undefined)).toEqual([]);
  expect(calls(api)).toEqual([]);
});

test('an observation reads only what was requested', async () => {
  const api = withDaemon();
  api.addAlarm('cpu');
  api.addAlarm('foreign');
  expect(await seen(api, { alarms: true })).toEqual({ alarms: [expect.objectContaining({ name: 'cpu' })] });
  expect(await seen(api, { openOperations: STACK_ID })).toEqual({ openOperations: ['event'] });
  expect(await seen(api, { deployment: 'deployment-1' })).toEqual({ deployment: expect.objectContaining({ arn: 'deployment-1' }) });
  expect(await seen(api, { deployment: 'deployment-9' })).toEqual({ deployment: 'missing' });
});

test('a fault is returned as an observation (EN3)', async () => {
  const fault: Fault = { kind: 'throttled', name: 'Throttling', message: 'Rate exceeded' };
  expect(await seen(refusing(withDaemon(), 'describeDaemon', fault), { daemon: { arn: DAEMON_ARN } })).toEqual({ fault });
});

describe('the daemon', () => {
  test('contains what was requested', async () => {
    const api = withDaemon();
    expect(await seen(api, { daemon: { arn: DAEMON_ARN } })).toEqual({ daemon: {
      arn: DAEMON_ARN, status: 'ACTIVE', createdAt: api.now - 86_400_000, latestArn: 'deployment-1', settings: {},
      revisions: [expect.objectContaining({ revisionArn: 'revision-1' })],
    } });
    expect(calls(api)).toEqual(['describeDaemon']);
    const { daemon } = await seen(api, { daemon: { arn: DAEMON_ARN, latest: true, settings: true, tags: true } });
    expect(daemon).toMatchObject({ latest: { arn: 'deployment-1' }, settings: { 'revision-1': settings() }, tags: OWNER_TAGS });
  });

  test('contains the settings of every revision that it or its deployment names, each read once (R41)', async () => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'ROLLBACK_IN_PROGRESS', 12]));
    api.now += 60_000;
    const asked: (readonly string[])[] = [];
    const describeRevisions = api.describeRevisions.bind(api);
    api.describeRevisions = (arns) => {
      asked.push(arns);
      return describeRevisions(arns);
    };
    await seen(api, { daemon: { arn: DAEMON_ARN, latest: true, settings: true } });
    expect(asked).toEqual([['revision-2', 'revision-1']]);
  });

  test('may name no deployment', async () => {
    const api = withDaemon();
    api.describeDaemon = async () => ({ status: 'ACTIVE', createdAt: 0, latestArn: '', revisions: [] });
    const { daemon } = await seen(api, { daemon: { arn: DAEMON_ARN, latest: true } });
    expect(daemon).toEqual({ arn: DAEMON_ARN, status: 'ACTIVE', createdAt: 0, latestArn: '', revisions: [], settings: {} });
    expect(calls(api)).toEqual([]);
  });

  test.each<[string, Partial<Fault>]>([
    ['it is not found', { kind: 'not-found', name: 'DaemonNotFoundException' }],
    ['its cluster is not found (R42)', { kind: 'not-ready', name: 'ClusterNotFoundException' }],
  ])('is absent if %s', async (_why, fault) => {
    expect(await seen(refusing(withDaemon(), 'describeDaemon', fault), { daemon: { arn: DAEMON_ARN } })).toEqual({ daemon: 'absent' });
  });

  test('is absent if it is INACTIVE (A16)', async () => {
    const api = withDaemon();
    api.describeDaemon = async () => ({ status: 'INACTIVE', createdAt: 0, latestArn: '', revisions: [] });
    expect(await seen(api, { daemon: { arn: DAEMON_ARN } })).toEqual({ daemon: 'absent' });
  });

  test('is not absent after another error', async () => {
    expect(await seen(refusing(withDaemon(), 'describeDaemon', {}), { daemon: { arn: DAEMON_ARN } })).toMatchObject({ fault: { kind: 'refused' } });
  });
});

test('deployments newer than a moment are listed with their settings, those of that moment included', async () => {
  const api = withDaemon();
  api.now += 1000;
  const at = api.now;
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)));
  api.now += 60_000;
  const listDeployments = api.listDeployments.bind(api);
  api.listDeployments = (arn) => listDeployments(arn, 0); // AWS may list more than was asked for
  const { newer } = await seen(api, { newerThan: at });
  expect(newer).toEqual([expect.objectContaining({ arn: 'deployment-2', settings: settings(taskDefinition(2)) })]);
  expect(newer![0]).not.toHaveProperty('targetRevisionArn');
  expect((await seen(api, { newerThan: at + 1 })).newer).toEqual([]);
});

describe('the peers', () => {
  const reads = (updatedSince: number): Reads =>
    ({ peers: { clusterArn: CLUSTER_ARN, capacityProviderArns: [PROVIDER], updatedSince } });

  const withOther = (change = {}): FakeDaemonApi => {
    const api = withDaemon();
    addDaemon(api, OTHER_ARN, change);
    api.calls.length = 0;
    return api;
  };

  test('cost one read if there are none', async () => {
    const api = withDaemon();
    expect(await seen(api, reads(0))).toEqual({ peers: [] });
    expect(calls(api)).toEqual(['listDaemons']);
  });

  test('are none without a cluster', async () => {
    const api = refusing(withDaemon(), 'listDaemons', { kind: 'not-ready', name: 'ClusterNotFoundException' });
    expect(await seen(api, reads(0))).toEqual({ peers: [] });
    expect(await seen(refusing(withDaemon(), 'listDaemons', {}), reads(0))).toMatchObject({ fault: { kind: 'refused' } });
  });

  test('are returned with their capacity providers and deployments, ours among them', async () => {
    const api = withOther();
    expect((await seen(api, reads(api.now))).peers).toEqual([DAEMON_ARN, OTHER_ARN].map((arn, index) => ({
      arn, status: 'ACTIVE', updatedAt: api.now - 86_400_000, sharesProviders: true, isUncovered: false, capacityProviderArns: [PROVIDER],
      latestArn: `deployment-${index + 1}`, latest: expect.objectContaining({ arn: `deployment-${index + 1}` }),
    })));
  });

  test('of other capacity providers count if they were updated lately', async () => {
    const api = withOther({ CapacityProviderArns: [OTHER_PROVIDER] });
    const updatedAt = api.now - 86_400_000;
    const arns = async (since: number) => (await seen(api, reads(since))).peers!.map(({ arn, sharesProviders }) => [arn, sharesProviders]);
    expect(await arns(updatedAt)).toEqual([[DAEMON_ARN, true], [OTHER_ARN, false]]);
    expect(await arns(updatedAt + 1)).toEqual([[DAEMON_ARN, true]]);
  });

  test.each<[string, (readonly [running: number, withoutDaemon: number])[], boolean]>([
    ['all run it', [[3, 0], [3, 0]], false],
    ['all run one of its revisions', [[0, 0], [3, 0]], false],
    ['one lacks it', [[3, 0], [3, 1]], true],
    ['none runs it', [[0, 0], [0, 0]], true],
  ])('contain whether instances are without them: %s (R36, R28)', async (_what, counts, isUncovered) => {
    const api = withOther();
    const revisions = counts.map(([running, withoutDaemon]) => ({ revisionArn: 'revision', capacityProviderArns: [], running, withoutDaemon, draining: 0 }));
    api.describeDaemon = async () => ({ status: 'ACTIVE', createdAt: 0, latestArn: '', revisions });
    expect((await seen(api, reads(0))).peers!.map(({ isUncovered }) => isUncovered)).toEqual([isUncovered, isUncovered]);
  });

  test('that are deleted meanwhile are omitted; another fault fails the poll', async () => {
    const api = withOther();
    const describeDaemon = api.describeDaemon.bind(api);
    const failing = (fault: Fault) => {
      api.describeDaemon = async (arn) => {
        if (arn === OTHER_ARN) throw new ApiFault(fault);
        return describeDaemon(arn);
      };
      return seen(api, reads(0));
    };
    const gone: Fault = { kind: 'not-found', name: 'DaemonNotFoundException', message: 'gone' };
    expect((await failing(gone)).peers!.map(({ arn }) => arn)).toEqual([DAEMON_ARN]);
    const throttled: Fault = { kind: 'throttled', name: 'Throttling', message: 'Rate exceeded' };
    expect(await failing(throttled)).toEqual({ fault: throttled });
  });

  test('may name no deployment, or one that does not show (A15)', async () => {
    const api = withOther();
    api.describeDaemon = async (arn) => ({ status: 'ACTIVE', createdAt: 0, latestArn: arn === OTHER_ARN ? 'deployment-9' : '', revisions: [] });
    const asked: (readonly string[])[] = [];
    api.describeDeployments = async (arns) => {
      asked.push(arns);
      return [];
    };
    expect((await seen(api, reads(0))).peers!.map(({ latest }) => latest)).toEqual([undefined, 'missing']);
    expect(asked).toEqual([['deployment-9']]);
  });

  test('without any deployment cost no read of deployments', async () => {
    const api = withOther();
    api.describeDaemon = async () => ({ status: 'ACTIVE', createdAt: 0, latestArn: '', revisions: [] });
    await seen(api, reads(0));
    expect(calls(api)).toEqual(['listDaemons', 'listDaemons']);
  });
});

describe('the prerequisites of a write', () => {
  const reads: Reads = { targets: { clusterArn: CLUSTER_ARN, capacityProviderArns: [PROVIDER], taskDefinitionArn: 'agent:1' } };

  test('are read', async () => {
    expect(await seen(withDaemon(), reads)).toEqual({ targets: {
      capacityProviders: [{ arn: PROVIDER, status: 'ACTIVE', type: 'MANAGED_INSTANCES' }], taskDefinitionStatus: 'ACTIVE',
    } });
  });

  test('may be without the cluster', async () => {
    const api = refusing(withDaemon(), 'describeCapacityProviders', { kind: 'not-ready', name: 'ClusterNotFoundException' });
    expect(await seen(api, reads)).toMatchObject({ targets: { capacityProviders: 'no-cluster' } });
    expect(await seen(refusing(withDaemon(), 'describeCapacityProviders', {}), reads)).toMatchObject({ fault: { kind: 'refused' } });
  });

  test.each<[string, Partial<Fault>]>([
    ['an exception of its own', { kind: 'transient', name: 'DaemonTaskDefinitionNotFoundException' }],
    ['a refusal that says not found', { message: 'Daemon task definition not found' }],
    ['a refusal that says being deleted', { message: 'The daemon task definition is being deleted' }],
    ['not found, in words', { kind: 'not-found', message: 'The daemon was NOT FOUND' }],
  ])('are without the task definition after %s (A31)', async (_how, fault) => {
    expect(await seen(refusing(withDaemon(), 'taskDefinitionStatus', fault), reads)).toMatchObject({ targets: { taskDefinitionStatus: 'ABSENT' } });
  });

  test.each<Partial<Fault>>([
    { message: 'invalid' }, { kind: 'not-found', message: 'no' }, { kind: 'throttled', message: 'not found' },
  ])('fail the poll after another fault: %j (A31)', async (fault) => {
    expect(await seen(refusing(withDaemon(), 'taskDefinitionStatus', fault), reads)).toMatchObject({ fault });
  });
});

describe('the newest rollout of a resource', () => {
  const issuedAt = (minute: number, LogicalResourceId = 'Agent') => ({
    ...createRequest(), LogicalResourceId, ResponseURL: `https://bucket/answer?X-Amz-Date=20261122T12${minute}00Z`,
  });
  const [OLDER, NEWER, OTHERS] = [issuedAt(10), issuedAt(20), issuedAt(30, 'Other')];
  const arnOf = (request: typeof OLDER) => `arn:aws:lambda:us-east-1:123456789012:function:rollout:1/durable-execution/${executionName(request)}/id`;
  const resource = resourcePart(STACK_ID, 'Agent');

  type Entry = FakeExecutions['entries'][number];

  function withExecutions(...requests: [request: typeof OLDER, more?: Partial<Entry>][]): FakeExecutions {
    const executions = new FakeExecutions();
    for (const [request, more] of requests) {
      const entry: Entry = { arn: arnOf(request), name: executionName(request), payload: JSON.stringify(request), startedAt: 0, status: 'RUNNING' };
      executions.entries.push({ ...entry, ...more });
    }
    return executions;
  }

  const look = (executions: FakeExecutions, namedArn = '', followedArn?: string) =>
    seen(withDaemon(), { execution: { resource, namedArn, followedArn } }, executions);

  test.each<[string, FakeExecutions, string, string]>([
    ['the listed one if the request names none', withExecutions([OLDER]), '', arnOf(OLDER)],
    ['the listed one if the request names an older one', withExecutions([OLDER], [NEWER]), arnOf(OLDER), arnOf(NEWER)],
    ['the listed one if the request names that of another resource', withExecutions([OLDER], [OTHERS]), arnOf(OTHERS), arnOf(OLDER)],
    ['the named one if the list shows an older one', withExecutions([OLDER], [NEWER, { startedAt: 1 }]), arnOf(NEWER), arnOf(NEWER)],
    ['the named one if the list shows none', withExecutions([NEWER, { startedAt: 1 }]), arnOf(NEWER), arnOf(NEWER)],
  ])('is %s; while it runs, only its status is returned', async (_which, executions, namedArn, arn) => {
    expect(await look(executions, namedArn)).toEqual({ execution: { arn, status: 'RUNNING' } });
  });

  test.each<[string, FakeExecutions, string]>([
    ['is listed or named', withExecutions(), ''],
    ['is listed, and what is named is of another resource', withExecutions([OTHERS]), arnOf(OTHERS)],
    ['is listed, and what is named is kept no more (EN31)', withExecutions(), arnOf(OLDER)],
  ])('is gone if none %s', async (_why, executions, namedArn) => {
    expect(await look(executions, namedArn)).toEqual({ execution: 'gone' });
  });

  test('is the one followed so far while that runs, which costs one call', async () => {
    const executions = withExecutions([OLDER], [NEWER]);
    expect(await look(executions, '', arnOf(OLDER))).toEqual({ execution: { arn: arnOf(OLDER), status: 'RUNNING' } });
    expect(executions.calls).toEqual(['status']);
  });

  test.each(['ended', 'forgotten'])('is searched for again when the one followed so far has %s', async (end) => {
    const executions = withExecutions([NEWER], ...end === 'ended' ? [[OLDER, { status: 'STOPPED' }] as [typeof OLDER, Partial<Entry>]] : []);
    expect(await look(executions, '', arnOf(OLDER))).toMatchObject({ execution: { arn: arnOf(NEWER) } });
  });

  test('contains its report, or else its request', async () => {
    const report = { outcome: 'FAILED', reason: 'because' };
    const [reporting, silent, unreadable] = [
      { status: 'SUCCEEDED', result: JSON.stringify(report) }, { status: 'STOPPED' }, { status: 'FAILED', payload: JSON.stringify({ ...OLDER, ResourceProperties: {} }) },
    ] as const satisfies Partial<Entry>[];
    const arn = arnOf(OLDER);
    expect(await look(withExecutions([OLDER, reporting]))).toEqual({ execution: { arn, status: 'SUCCEEDED', report } });
    expect(await look(withExecutions([OLDER, silent]))).toEqual({ execution: { arn, status: 'STOPPED', desired: properties() } });
    expect(await look(withExecutions([OLDER, unreadable]))).toEqual({ execution: { arn, status: 'FAILED' } });
  });

  const dropped = { status: 'SUCCEEDED', result: JSON.stringify({ outcome: 'DROPPED', reason: 'no' }) };
  test.each<[string, Partial<Entry>]>([
    ['has dropped its request', dropped],
    ['carries out a request of another resource', { payload: JSON.stringify(issuedAt(20, 'Other')) }],
    ['carries out a request of another date', { payload: JSON.stringify(issuedAt(19)) }],
    ['carries out no request', { payload: 'null' }],
    ['has a result that cannot be read', { status: 'SUCCEEDED', result: 'no' }],
  ])('is not one that %s', async (_what, forged) => {
    const executions = withExecutions([OLDER], [NEWER, forged]);
    expect(await look(executions)).toEqual({ execution: { arn: arnOf(OLDER), status: 'RUNNING' } });
    expect(await look(withExecutions([NEWER, forged]), arnOf(NEWER))).toMatchObject({ execution: 'gone' });
  });

  test('is gone if there are more forged ones than a look can read', async () => {
    const forged = [11, 12, 13, 14, 15, 16].map((minute): [typeof OLDER, Partial<Entry>] => [issuedAt(minute), dropped]);
    const executions = withExecutions([OLDER], ...forged);
    expect(await look(executions)).toMatchObject({ execution: 'gone' });
    expect(executions.calls.filter((call) => call === 'newestOf')).toHaveLength(5);
  });

  test.each(['status', 'newestOf', 'get'] as const)('fails the poll if its permission is missing: %s', async (call) => {
    const executions = withExecutions([OLDER]);
    executions.refuse = (asked) => asked === call ? accessDenied() : undefined;
    expect(await look(executions, '', call === 'status' ? arnOf(OLDER) : undefined)).toMatchObject({ fault: { kind: 'denied' } });
  });
});
