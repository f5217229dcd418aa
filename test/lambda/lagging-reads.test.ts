import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { readsOf, seenAs, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const NOT_FOUND = { kind: 'not-found', name: 'DaemonNotFoundException', message: 'no daemon' } as const;
const back = () => updateRequest(taskDefinition(2), {});
const rollingBack = { rollingBack: true };
const atOnce = scripted([0, 'IN_PROGRESS', 3], [30, 'SUCCESSFUL', 12]);

const until = (api: FakeDaemonApi, seconds: number): () => boolean => {
  const end = api.now + seconds * 1000;
  return () => api.now < end;
};

test('one read without the daemon does not fail an update (A28)', async () => {
  const api = withDaemon();
  let reads = 0;
  api.refuse = (call) => call === 'describeDaemon' && ++reads === 1 ? NOT_FOUND : undefined;
  expect((await simulate(api, updateRequest({}, taskDefinition(2)))).answer.Status).toBe('SUCCESS');
});

test('an update does not create a daemon again that reads do not return for 100 s (A28)', async () => {
  const api = withDaemon();
  const hidden = until(api, 100);
  api.refuse = (call) => call === 'describeDaemon' && hidden() ? NOT_FOUND : undefined;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines.join('\n')).not.toContain('creates it again');
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('a new daemon that does not show yet, although its deployment is over, does not count as deleted', async () => {
  const api = new FakeDaemonApi();
  api.course = atOnce;
  const hidden = until(api, 100);
  api.refuse = (call) => call === 'describeDaemon' && hidden() ? NOT_FOUND : undefined;
  expect((await simulate(api, createRequest())).answer.Status).toBe('SUCCESS');
});

test('counts that are older than the end of the deployment do not fail it (FM17)', async () => {
  const api = withDaemon();
  api.course = atOnce;
  const stale = until(api, 100);
  const describeDaemon = api.describeDaemon.bind(api);
  const before = await describeDaemon(DAEMON_ARN);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(stale() ? { revisions: before.revisions } : {}) });
  expect((await simulate(api, updateRequest({}, taskDefinition(2)))).answer.Status).toBe('SUCCESS');
});

test('counts that are older than the end of a rollback by ECS cause no second drain', async () => {
  const api = withDaemon();
  const { revisions: [old] } = await api.describeDaemon(DAEMON_ARN);
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'IN_PROGRESS', 3], [700, 'ROLLBACK_SUCCESSFUL', 0]));
  api.now += 720_000;
  const endedAt = api.now - 15_000;
  const stale = until(api, 60);
  const describeDaemon = api.describeDaemon.bind(api);
  const describeDeployments = api.describeDeployments.bind(api);
  const mixed = [{ ...old!, running: 9 }, { ...old!, revisionArn: 'revision-2', running: 3 }];
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(stale() ? { revisions: mixed } : {}) });
  api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) => ({ ...deployment, endedAt }));
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(writesOf(api)).toEqual([]);
});

test('a deployment that does not show yet is not superseded (A15)', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), steady(12));
  api.now += 10_000;
  const begin = api.now;
  const hidden = until(api, 60);
  const describeDeployments = api.describeDeployments.bind(api);
  api.describeDeployments = async (arns) => hidden() ? [] : describeDeployments(arns);
  expect((await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 50 }))).answer.Status).toBe('SUCCESS');
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBeGreaterThan(begin + 1_000_000);
});

test('an interrupted update is found although its revision shows late (R41)', async () => {
  const api = withDaemon();
  const hidden = until(api, 200);
  const describeRevisions = api.describeRevisions.bind(api);
  api.describeRevisions = async (arns) => describeRevisions(hidden() ? arns.filter((arn) => arn !== 'revision-2') : arns);
  const run = await simulate(api, updateRequest({}, taskDefinition(2)), { cut: (_command, attempt) => attempt === 1 ? 'after' : undefined });
  expect(run.lines).toContain('APPLYING: the interrupted update has taken effect');
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.updates).toHaveLength(1);
});

test('the deployment before an interrupted update does not count as its own', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(), scripted([0, 'SUCCESSFUL', 12]));
  api.now += 10_000;
  const run = await simulate(api, updateRequest({ RolloutToken: '1' }, { RolloutToken: '2' }), { cut: (_command, attempt) => attempt === 1 ? 'before' : undefined });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-3' } });
  expect(api.updates).toHaveLength(1);
});

test('an interrupted create fails without another write if its deployment has failed', async () => {
  const api = new FakeDaemonApi();
  api.course = scripted([0, 'IN_PROGRESS', 0], [100, 'STOPPED', 0]);
  const run = await simulate(api, createRequest(), { cut: (_command, attempt) => attempt === 1 ? 'after' : undefined, downSeconds: 300 });
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(writesOf(api)).toEqual(['createDaemon']);
});

test.each([[1, 'SUCCEEDED'], [2, 'DEGRADED']])('one write of the cancelled update that arrives after ours is superseded: %d (FM24)', async (late, outcome) => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
  api.now += 4_000_000;
  let landed = 0;
  const run = await simulate(api, back(), { ...rollingBack, meanwhile: (seconds) => {
    if (landed < late && api.updates.length > landed && seconds > 60 * (landed + 1)) {
      landed++;
      api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
    }
  } });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: outcome } });
  expect(api.updates).toEqual([settings(), settings()]);
});

test.each([[60, 123], [400, 133]])('a read from before our own update starts nothing within the consistency window: one %d s late (FM24)', async (late, writtenAfter) => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
  api.now += 4_000_000;
  const describeDaemon = api.describeDaemon.bind(api);
  const before = await describeDaemon(DAEMON_ARN);
  let foreign: string | undefined;
  let retakenAt: number | undefined;
  api.describeDaemon = async (arn) => retakenAt !== undefined && api.now < retakenAt + late * 1000 ? before : describeDaemon(arn);
  const run = await simulate(api, back(), { ...rollingBack, meanwhile: (seconds, { resubmitted }) => {
    if (seconds > 30) foreign ??= api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
    if (resubmitted) retakenAt ??= api.now;
  } });
  const [first, second] = api.calls.filter(({ name }) => name === 'updateDaemon').map(({ at }) => at / 1000);
  expect(second! - first!).toBe(writtenAfter);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
});

test('a daemon that still names the deployment before ours does not count as superseded', async () => {
  const api = withDaemon();
  api.course = atOnce;
  const stale = until(api, 60);
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(stale() ? { latestArn: 'deployment-1' } : {}) });
  expect((await simulate(api, updateRequest({}, taskDefinition(2)))).answer.Status).toBe('SUCCESS');
});

test('statuses that go back are ignored (A28, FM17)', async () => {
  const api = withDaemon();
  api.course = scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [500, 'IN_PROGRESS', 3], [600, 'ROLLBACK_IN_PROGRESS', 2],
    [700, 'ROLLBACK_SUCCESSFUL', 0]);
  const { lines } = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(lines.filter((line) => line.startsWith('ROLLING_BACK: ECS rolls the deployment back'))).toHaveLength(1);
});

describe('a read of the revision that instances run (R41)', () => {
  const rolledBack = scripted([0, 'IN_PROGRESS', 3], [700, 'ROLLBACK_SUCCESSFUL', 0]);
  const hideRevisions = (api: FakeDaemonApi, from: number, to: number): void => {
    const begin = api.now;
    const describeRevisions = api.describeRevisions.bind(api);
    api.describeRevisions = async (arns) => api.now >= begin + from * 1000 && api.now < begin + to * 1000 ? {} : describeRevisions(arns);
  };

  test('causes no drain if it is late', async () => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), rolledBack);
    api.now += 800_000;
    hideRevisions(api, 0, 100);
    const run = await simulate(api, back(), { ...rollingBack, operationBeganSecondsAgo: 800 });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(writesOf(api)).toEqual([]);
  });

  test('causes no drain if it is late after a deployment that was waited for', async () => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), rolledBack);
    api.now += 300_000;
    const endedAt = api.now + 400_000;
    seenAs(api, ({ status }) => status === 'ROLLBACK_SUCCESSFUL' ? { endedAt } : {});
    hideRevisions(api, 400, 460);
    const run = await simulate(api, updateRequest(taskDefinition(3), {}));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writesOf(api)).toEqual([]);
  });

  test('does not prevent the update after the consistency window if it never returns a revision', async () => {
    const api = withDaemon();
    api.describeRevisions = async () => ({});
    const { now } = api;
    await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBe(now + 130_000);
  });
});

test('an update continues after the consistency window if the last deployment has expired (A15)', async () => {
  const api = withDaemon();
  seenAs(api, ({ arn }) => arn === 'deployment-1' ? undefined : {});
  const { now } = api;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBe(now + 130_000);
});

test('an update of a daemon that names no deployment continues at once', async () => {
  const api = withDaemon();
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...api.updates.length === 0 && { latestArn: '' } });
  const { now } = api;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBe(now);
});

test('counts are used after the consistency window, whatever the result of the last deployment', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'SUCCESSFUL', 12]));
  const endedAt = api.now;
  api.now += 600_000;
  seenAs(api, ({ arn }) => arn === 'deployment-2' ? { endedAt } : {});
  const describeDaemon = api.describeDaemon.bind(api);
  const [before] = (await describeDaemon(DAEMON_ARN)).revisions;
  api.describeDaemon = async (arn) => {
    const described = await describeDaemon(arn);
    return api.updates.length > 0 ? described : { ...described, revisions: [{ ...before!, running: 9 }, { ...before!, revisionArn: 'revision-1', running: 3 }] };
  };
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.lines).toContain('PREFLIGHT: an update is needed: instances run several revisions, are without the daemon, or are in an unknown state after a failed deployment');
  expect(api.updates).toHaveLength(1);
});

describe('the daemon of an interrupted create (A28)', () => {
  const interrupted = { cut: (_command: string, attempt: number) => attempt === 1 ? 'after' as const : undefined };
  const withTags = (seen: (api: FakeDaemonApi) => Record<string, string> | undefined): FakeDaemonApi => {
    const api = new FakeDaemonApi();
    const listTags = api.listTags.bind(api);
    api.listTags = async (arn) => seen(api) ?? listTags(arn);
    return api;
  };

  test('is ours if its tags show late', async () => {
    const shown = Date.UTC(2026, 10, 22, 12, 2);
    const api = withTags(({ now }) => now < shown ? {} : undefined);
    const run = await simulate(api, createRequest(), interrupted);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writesOf(api)).toEqual(['createDaemon']);
  });

  test('is left alone if its tags never show, after the consistency window', async () => {
    const run = await simulate(withTags(() => ({})), createRequest(), interrupted);
    expect(run.outcome).toBe('FAILED');
    expect(run.answer.Reason).toContain('belongs to nobody that its tags name; it was left alone');
    expect(run.seconds).toBeGreaterThanOrEqual(130);
    expect(run.seconds).toBeLessThanOrEqual(140);
  });

  test('is left alone at once if its tags name another owner', async () => {
    const other = { 'cdk-ecs-managed-daemons:stack-id': 'arn:aws:cloudformation:us-east-1:123456789012:stack/others/1' };
    const run = await simulate(withTags(() => other), createRequest(), interrupted);
    expect(run.answer.Reason).toContain('of the stack others; it was left alone');
    expect(run.seconds).toBeLessThanOrEqual(20);
  });
});

test('a deployment of an earlier attempt counts although the clock of ECS is half a minute behind ours', async () => {
  const api = new FakeDaemonApi();
  api.course = scripted([0, 'IN_PROGRESS', 0], [100, 'STOPPED', 0]);
  seenAs(api, ({ createdAt }) => ({ createdAt: createdAt - 30_000 }));
  const run = await simulate(api, createRequest(), { cut: (_command, attempt) => attempt === 1 ? 'after' : undefined, downSeconds: 300 });
  expect(run.answer.Status).toBe('FAILED');
  expect(writesOf(api)).toEqual(['createDaemon']);
});

test('a foreign deployment without a visible revision is waited for like any other (R41)', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [600, 'SUCCESSFUL', 12]));
  api.now += 10_000;
  const describeRevisions = api.describeRevisions.bind(api);
  api.describeRevisions = async (arns) => describeRevisions(arns.filter((arn) => arn !== 'revision-2'));
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 100 }));
  expect(run.lines).toContain('WAITING_TURN: waits for the deployment deployment-2, which is not of this request, to end');
  expect(run.answer.Status).toBe('SUCCESS');
});

test.each([
  ['STOP_REQUESTED', 'ECS to roll the deployment deployment-2 back'],
  ['ROLLBACK_IN_PROGRESS', 'ECS to roll the deployment deployment-2 back'],
  ['PAUSED', 'the deployment deployment-2, whose status PAUSED is unknown, to end'],
])('a foreign deployment that is %s is waited for with one read a poll', async (status, whom) => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, status, 3], [1000, 'ROLLBACK_SUCCESSFUL', 0]));
  api.now += 10_000;
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 100 }));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines.filter((line) => line.startsWith('WAITING_TURN'))).toEqual([`WAITING_TURN: waits for ${whom}`]);
  expect(readsOf(api).slice(0, api.calls.findIndex(({ name }) => name === 'updateDaemon')).length).toBeLessThanOrEqual(80);
});

test('a foreign deployment that expires is no longer waited for (A15)', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3]));
  api.now += 200_000;
  const begin = api.now;
  seenAs(api, ({ arn }) => arn === 'deployment-2' && api.now >= begin + 300_000 ? undefined : {});
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 100 }));
  expect(run.answer.Status).toBe('SUCCESS');
  expect((api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin) / 1000).toBeLessThanOrEqual(340);
});

test('a daemon of that name is no longer waited for after ECS has rolled its deletion back (A16)', async () => {
  const api = withDaemon({}, { owner: 'somebody' });
  const begin = api.now;
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...api.now < begin + 300_000 && { status: 'DELETE_IN_PROGRESS' } });
  const run = await simulate(api, createRequest({ DrainPercent: 100 }));
  expect(run.answer.Reason).toContain('a daemon named agent exists already in the cluster');
  expect(run.seconds).toBeLessThanOrEqual(320);
});

test('an older read of a deployment that ECS has begun to roll back causes no write (A28)', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 3], [700, 'ROLLBACK_SUCCESSFUL', 0]));
  api.now += 650_000;
  let ends = 0;
  seenAs(api, ({ arn, status }) => {
    if (arn !== 'deployment-2') return {};
    if (status !== 'ROLLBACK_SUCCESSFUL') return { rollbackTargetArn: '' };
    return ++ends === 2 ? { status: 'IN_PROGRESS', endedAt: undefined } : {};
  });
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writesOf(api)).toEqual([]);
});

test('a rollback of which the first reads show an older deployment in progress waits for the write of the earlier request (A28)', async () => {
  const api = withDaemon();
  const stale = until(api, 60);
  const describeDaemon = api.describeDaemon.bind(api);
  const describeDeployments = api.describeDeployments.bind(api);
  const before = await describeDaemon(DAEMON_ARN);
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
  let reads = 0;
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...stale() && before });
  api.describeDeployments = async (arns) => (await describeDeployments(arns))
    .map((deployment) => ({ ...deployment, ...deployment.arn === before.latestArn && ++reads === 1 && { status: 'IN_PROGRESS' } }));
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('a rollback does not replace a deployment that the earlier request followed to its end, although a read is older (A28)', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'ROLLBACK_SUCCESSFUL', 0]));
  api.now += 10_000;
  const stale = until(api, 60);
  seenAs(api, ({ arn }) => arn === 'deployment-2' && stale() ? { status: 'IN_PROGRESS' } : {});
  const run = await simulate(api, back(), { ...rollingBack, endedArn: 'deployment-2' });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(writesOf(api)).toEqual([]);
});
