import { scripted, steady, FakeDaemonApi } from './fake-daemon-api';
import { seenAs, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, OWNER_TAGS, settings, taskDefinition } from './requests';
import { simulate } from './simulate';

test('creates the daemon with all settings, its owner tags and a client token, and waits for the deployment', async () => {
  const api = new FakeDaemonApi();
  const run = await simulate(api, createRequest({ Tags: [{ key: 'team', value: 'platform' }] }));
  expect(run.answer).toEqual({
    Status: 'SUCCESS',
    Reason: 'SUCCEEDED: the daemon agent is rolled out to 12 instances',
    PhysicalResourceId: DAEMON_ARN,
    Data: {
      DaemonArn: DAEMON_ARN,
      DaemonName: 'agent',
      DeploymentArn: 'deployment-1',
      RevisionArn: 'revision-1',
      RolloutArn: 'arn:rollout',
      Outcome: 'SUCCEEDED',
    },
  });
  expect(writesOf(api)).toEqual(['createDaemon']);
  expect(api.created[0]).toMatchObject({ ...settings(), tags: { team: 'platform', ...OWNER_TAGS } });
  expect(api.created[0]!.clientToken).toMatch(/^[0-9a-f]{26}$/);
});

test('fails and names a daemon of that name which is not ours, and leaves it alone (A17)', async () => {
  const api = withDaemon({}, { owner: 'somebody' });
  const run = await simulate(api, createRequest());
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(run.answer.Reason).toMatch(/^PREFLIGHT: a daemon named agent exists already .* it was left alone/);
  expect(run.outcome).toBe('FAILED');
  expect(writesOf(api)).toEqual([]);
});

test('fails and names a daemon of another resource of this stack', async () => {
  const api = withDaemon({}, { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' });
  const run = await simulate(api, createRequest());
  expect(run.answer.Reason).toContain('belongs to the resource Other of the stack demo');
});

describe('a daemon of that name that another caller has just created, and that ECS returns to the create (A17)', () => {
  const claimed = (tags: Record<string, string>, tagsShowAfterSeconds = 0) => {
    const api = new FakeDaemonApi();
    const begin = api.now;
    api.createDaemon = async () => {
      api.put(DAEMON_ARN, settings(), tags);
      return 'deployment-1';
    };
    const listTags = api.listTags.bind(api);
    api.listTags = async (arn) => api.now < begin + tagsShowAfterSeconds * 1000 ? {} : listTags(arn);
    return api;
  };

  test('is left alone as soon as its tags show the owner', async () => {
    const run = await simulate(claimed({ ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' }), createRequest());
    expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
    expect(run.answer.Reason).toMatch(/^APPLYING: a daemon named agent exists already .* belongs to the resource Other of the stack /);
    expect(run.seconds).toBeLessThanOrEqual(10);
  });

  test('is left alone once tags of ours would show', async () => {
    const run = await simulate(claimed({}), createRequest());
    expect(run.answer.Status).toBe('FAILED');
    expect(run.answer.Reason).toContain('belongs to nobody that its tags name');
    expect(run.seconds).toBeGreaterThanOrEqual(130);
    expect(run.seconds).toBeLessThanOrEqual(170);
  });

  test('is adopted if adoptExisting is true', async () => {
    const api = claimed({});
    const run = await simulate(api, createRequest({ AdoptExisting: true }));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.lines).toContain('APPLYING: the daemon agent is adopted');
  });

  test('counts as ours if our tags show late', async () => {
    const run = await simulate(claimed(OWNER_TAGS, 125), createRequest());
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
  });

  test('delays a success until its tags show', async () => {
    const api = claimed(OWNER_TAGS, 125);
    api.course = scripted([0, 'SUCCESSFUL', 12]);
    const run = await simulate(api, createRequest());
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.seconds).toBeGreaterThanOrEqual(125);
  });
});

test('continues with a daemon of ours that is as desired', async () => {
  const api = withDaemon();
  const run = await simulate(api, createRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(writesOf(api)).toEqual([]);
});

test('updates a daemon of ours that is not as desired', async () => {
  const api = withDaemon();
  const run = await simulate(api, createRequest(taskDefinition(2)));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('waits until a daemon of that name that is being deleted is gone', async () => {
  const api = withDaemon({}, { owner: 'somebody' });
  await api.deleteDaemon(DAEMON_ARN);
  api.now += 10_000;
  const run = await simulate(api, createRequest());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines[0]).toBe('WAITING_TURN: waits for a daemon named agent, which is being deleted, to be gone');
});

test.each(['STOPPED', 'ROLLBACK_FAILED', 'ROLLBACK_SUCCESSFUL'])('a first deployment that ends as %s fails the create, with the real id (A4, FM12)', async (status) => {
  const api = new FakeDaemonApi();
  api.course = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 0], [300, status, 0]);
  api.statusReason = 'the image could not be pulled';
  const run = await simulate(api, createRequest());
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(run.answer.Reason).toContain('the image could not be pulled');
});

test.each([[280, false], [400, true]])('a deployment without instances that is PENDING for %d s counts as complete: %s (A10)', async (seconds, done) => {
  const api = new FakeDaemonApi();
  api.instances = 0;
  api.course = scripted([0, 'PENDING', 0], [seconds, 'SUCCESSFUL', 0]);
  const run = await simulate(api, createRequest());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.seconds < seconds).toBe(done);
  expect(run.answer.Reason).toBe('SUCCEEDED: the capacity providers have no instances, and new ones will start with the daemon agent');
});

test.each([
  [0, 'has forgotten', ['updateDaemon']], [12, 'has forgotten', []], [0, 'shows', []],
] as const)('a daemon of ours on %d instances whose deployment ECS %s: %j (A10, A15)', async (instances, what, writes) => {
  const api = withDaemon();
  api.instances = instances;
  seenAs(api, ({ target }) => what === 'shows' ? { status: 'SUCCESSFUL', target: { ...target!, running: instances } } : undefined);
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => {
    const daemon = await describeDaemon(arn);
    return { ...daemon, revisions: daemon.revisions.map((revision) => ({ ...revision, running: instances })) };
  };
  await simulate(api, createRequest());
  expect(writesOf(api)).toEqual(writes);
});

test.each([
  ['is not critical', 0, ['updateDaemon']], ['is not critical', 1, []], ['is critical', 11, ['updateDaemon']], ['is critical', 12, []],
] as const)('a daemon of ours that %s, whose deployment ECS has forgotten, and that %d of 12 instances run: %j (A15)', async (what, running, writes) => {
  const Critical = what === 'is critical';
  const api = withDaemon({ Critical });
  api.describeDeployments = async () => [];
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => {
    const daemon = await describeDaemon(arn);
    return { ...daemon, revisions: daemon.revisions.map((revision) => ({ ...revision, running, withoutDaemon: 12 - running })) };
  };
  const run = await simulate(api, createRequest({ Critical }));
  expect(writesOf(api)).toEqual(writes);
  expect(run.lines.some((line) => line.startsWith('PREFLIGHT: an update is needed: instances run several revisions, are without the daemon'))).toBe(writes.length > 0);
});

test('a provider with instances that the daemon keeps from registering does not count as one without instances (A10, R28)', async () => {
  const api = new FakeDaemonApi();
  api.instances = 0;
  api.course = (age) => ({ status: age < 600 ? 'PENDING' : 'STOPPED', moved: 0, failures: 1 });
  const run = await simulate(api, createRequest());
  expect(run.answer.Status).toBe('FAILED');
  expect(run.answer.Reason).toContain('the daemon failed to start 1 time');
});

test.each([[100, 'SUCCESS'], [140, 'FAILED']])('a create in a cluster that is not visible for %d s ends as %s (R42)', async (seconds, status) => {
  const api = new FakeDaemonApi();
  const begin = api.now;
  api.refuse = (call) => call === 'createDaemon' && api.now < begin + seconds * 1000
    ? { kind: 'not-ready', name: 'ClusterNotFoundException', message: 'Cluster not found.' } : undefined;
  const run = await simulate(api, createRequest());
  expect(run.answer.Status).toBe(status);
});

test('a validation error fails at once, with its message', async () => {
  const api = new FakeDaemonApi();
  api.refuse = (call) => call === 'createDaemon' ? { kind: 'refused', name: 'InvalidParameterException', message: 'no such provider' } : undefined;
  const run = await simulate(api, createRequest());
  expect(run.answer.Reason).toBe('APPLYING: InvalidParameterException: no such provider; log /aws/lambda/rollouts');
  expect(run.seconds).toBe(0);
});

test.each([[100, 'SUCCESS'], [140, 'FAILED']])('AccessDenied for %d s ends as %s', async (seconds, status) => {
  const api = new FakeDaemonApi();
  const begin = api.now;
  api.refuse = (call) => call === 'createDaemon' && api.now < begin + seconds * 1000
    ? { kind: 'denied', name: 'AccessDeniedException', message: 'User is not authorized to perform ecs:CreateDaemon' } : undefined;
  const run = await simulate(api, createRequest());
  expect(run.answer.Status).toBe(status);
  if (status === 'FAILED') expect(run.answer.Reason).toContain('AccessDeniedException: User is not authorized to perform ecs:CreateDaemon');
});

test('throttles are retried to the end (FM16)', async () => {
  const api = new FakeDaemonApi();
  let calls = 0;
  api.refuse = () => ++calls ** 2 % 7 === 2 ? { kind: 'throttled', name: 'ThrottlingException', message: 'Rate exceeded' } : undefined;
  api.course = steady(12);
  const run = await simulate(api, createRequest());
  expect(run.answer.Status).toBe('SUCCESS');
});

test('a create waits while the status is unknown (A33)', async () => {
  const api = new FakeDaemonApi();
  api.course = scripted([0, 'PENDING', 0], [40, 'PAUSED', 0], [300, 'SUCCESSFUL', 12]);
  const run = await simulate(api, createRequest());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines).toContain('DEPLOYING: ECS reports the status PAUSED, which is unknown; keeps polling');
});

test.each([
  ['nobody', { owner: 'somebody' }, 'change the daemonName, or set adoptExisting to take it over'],
  ['another resource of this stack', { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' },
    'give one of the two resources another daemonName, or remove one'],
  ['another stack', { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:stack-id': 'arn:other/stack' },
    'change the daemonName; only if that stack releases the daemon, set adoptExisting to take it over'],
])('the advice about a name that is in use fits the owner: %s', async (_owner, tags, advice) => {
  const run = await simulate(withDaemon({}, tags), createRequest());
  expect(run.answer.Reason).toContain(advice);
});
