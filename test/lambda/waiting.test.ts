import type { Fault } from '../../lambda/rollout/aws/fault';
import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { readsOf, seenAs, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const endless = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 3]);

/** Estimated at 5 minutes, so that 50 are left to wait. */
const QUICK = { DrainPercent: 100 };

test('a wait for another deployment costs at most 240 reads an hour, and its end is logged with the daemon', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), endless);
  api.now += 10_000;
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), ...QUICK }));
  expect(run.answer.Reason).toBe('WAITING_TURN: TIMED_OUT: it waited for the deployment deployment-2, which is not of this request, to end; after 50 minutes '
    + 'the 4 that are left are too few for this rollout, which is estimated at 5; nothing was started; log /aws/lambda/rollouts');
  expect(readsOf(api).length).toBeLessThanOrEqual(220);
  expect(run.lines.filter((line) => line.startsWith('WAITING_TURN: waits'))).toHaveLength(1);
});

test.each([
  [100, 50], [50, 45], [25, 35], [10, 5], [9, 0],
])('an update at %d percent waits for %d minutes, and then could no longer complete', async (DrainPercent, minutes) => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), endless);
  api.now += 10_000;
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent }));
  expect(run.answer.Status).toBe('FAILED');
  expect(run.seconds).toBeGreaterThanOrEqual(minutes * 60);
  expect(run.seconds).toBeLessThanOrEqual(minutes * 60 + 18);
  expect(writesOf(api)).toEqual([]);
});

test('the rollback of a stack waits however late it is', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), (age) => age < 3000 ? endless(age) : { status: 'SUCCESSFUL', moved: 12 });
  api.now += 10_000;
  const run = await simulate(api, updateRequest(taskDefinition(2), {}), { rollingBack: true });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS' });
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('changes before a wait that takes too long are reported', async () => {
  const api = withDaemon();
  api.readLagSeconds = 0;
  const tag = api.tag.bind(api);
  api.tag = async (arn, tags) => {
    await tag(arn, tags);
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), endless);
  };
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), Tags: [{ key: 'team', value: 'b' }] }));
  expect(run.answer.Reason).toMatch(/which is estimated at 20; only the tags were changed; /);
  expect(writesOf(api)).toEqual(['tag']);
});

test('a wait for the deletion of a daemon of that name costs no more reads', async () => {
  const api = withDaemon({}, { owner: 'somebody' });
  api.drainSeconds = 10_000;
  await api.deleteDaemon(DAEMON_ARN);
  api.now += 10_000;
  const run = await simulate(api, createRequest(QUICK));
  expect(run.answer.Reason).toContain('it waited for a daemon named agent, which is being deleted, to be gone; after 50 minutes the 4 that are left are too few');
  expect(readsOf(api).length).toBeLessThanOrEqual(220);
});

test.each(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'])('a foreign deployment that ends as %s is over, and its drift is reverted', async (end) => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [300, 'PAUSED', 3], [600, end, 3]));
  api.now += 10_000;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBeGreaterThanOrEqual(api.now - 1176_000 - 60_000);
  expect(api.updates).toHaveLength(1);
});

test('a foreign deployment that waits for instances that are never launched is not waited for (A10)', async () => {
  const api = withDaemon();
  api.instances = 0;
  api.course = scripted([0, 'SUCCESSFUL', 0]);
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'PENDING', 0]));
  api.now += 10_000;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.seconds).toBeLessThan(350);
});

test('a deployment of the cancelled update whose revision shows later is superseded, not waited for (A28)', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
  api.now += 10_000;
  const describeRevisions = api.describeRevisions.bind(api);
  const begin = api.now;
  api.describeRevisions = async (arns) => describeRevisions(api.now < begin + 60_000 ? arns.filter((arn) => arn !== 'revision-2') : arns);
  const run = await simulate(api, updateRequest(taskDefinition(2), {}), { rollingBack: true });
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBeLessThan(begin + 90_000);
});

test('a deletion that ECS rejects to the end reports the cause, and that nothing was started', async () => {
  const api = withDaemon();
  api.refuse = (call) => call === 'deleteDaemon' ? { kind: 'refused', name: 'ClientException', message: 'The daemon is frozen.' } : undefined;
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Reason).toMatch(/^DRAINING: TIMED_OUT after 55 minutes; ECS refused the deletion: The daemon is frozen\.; nothing was started; /);
});

test('reads that fail to the end are reported with their cause (FM16)', async () => {
  const api = withDaemon();
  api.refuse = () => ({ kind: 'transient', name: 'ServerException', message: 'Service Unavailable' });
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toMatch(/^PREFLIGHT: TIMED_OUT after 55 minutes; the last read failed: Service Unavailable; nothing was started; /);
});

test('a rollout that has started does not report what blocked it', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]));
  api.now += 10_000;
  api.course = endless;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toMatch(/^DEPLOYING: TIMED_OUT after 55 minutes with 3 of 12 instances on the new revision; no progress for 48 minutes; ECS continues what it has started; reverted by this update: task definition is agent:9 instead of agent:2; deployment /);
});

test('an update of unknown effect at the deadline is not reported as not started', async () => {
  const api = withDaemon();
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), TimeoutInMinutes: 1 }), { cut: () => 'before' });
  expect(run.answer.Reason).toContain('it is unknown whether ECS has started anything');
});

test('an update continues if ECS no longer returns the revision of instances (A15)', async () => {
  const api = withDaemon();
  api.describeRevisions = async () => ({});
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(run.lines).toContain('PREFLIGHT: an update is needed: ECS does not return what instances run');
  expect(api.updates).toHaveLength(1);
});

test('a change of name and token creates one daemon and no update, although the create is interrupted', async () => {
  const api = withDaemon();
  const request = updateRequest({ RolloutToken: '1' }, { DaemonName: 'agent-2', RolloutToken: '2' });
  const run = await simulate(api, request, { cut: (_command, attempt) => attempt === 1 ? 'after' : undefined });
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writesOf(api)).toEqual(['createDaemon']);
});

test('counts that lag behind the end of a create are not reported as zero (A28)', async () => {
  const api = new FakeDaemonApi();
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), revisions: [] });
  const run = await simulate(api, createRequest());
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
});

test('an update outside a rollback waits for a deployment of the earlier settings', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
  api.now += 10_000;
  const begin = api.now;
  const run = await simulate(api, updateRequest(taskDefinition(2), { ...taskDefinition(3), ...QUICK }));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBeGreaterThan(begin + 1_000_000);
});

test('a create supersedes the deployment of its own earlier attempt', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
  api.now += 10_000;
  const begin = api.now;
  const run = await simulate(api, createRequest(taskDefinition(3)));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBe(begin);
});

test.each([
  ['is IN_PROGRESS, though no instance is counted', scripted([0, 'IN_PROGRESS', 0], [1000, 'SUCCESSFUL', 0]), 0, {}],
  ['is PENDING, while instances still run what it replaces', scripted([0, 'PENDING', 0], [1000, 'SUCCESSFUL', 12]), 12, {}],
  ['is PENDING, while its own instances come', scripted([0, 'PENDING', 0], [1000, 'SUCCESSFUL', 12]), 12, { sources: [] }],
] as const)('a foreign deployment that %s is waited for (A10)', async (_what, course, instances, seen) => {
  const api = withDaemon();
  api.instances = instances;
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), course);
  api.now += 10_000;
  const begin = api.now;
  const running = { running: 1, withoutDaemon: 0, draining: 0 };
  seenAs(api, ({ arn, target }) => arn === 'deployment-2' && 'sources' in seen && api.now < begin + 980_000 ? { ...seen, target: { ...target!, ...running } } : {});
  await simulate(api, updateRequest({}, { ...taskDefinition(2), ...QUICK }));
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBeGreaterThanOrEqual(begin + 980_000);
});

test.each([[290, false], [310, true]])('a foreign deployment without instances is waited for until it is five minutes old: %d s (A10)', async (age, isOver) => {
  const api = withDaemon();
  api.instances = 0;
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'PENDING', 0]));
  api.now += age * 1000;
  const begin = api.now;
  await simulate(api, updateRequest({}, { ...taskDefinition(2), ...QUICK }));
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at === begin).toBe(isOver);
});

describe('a poll with failing reads', () => {
  const failing = (faults: (call: number) => Fault | undefined) => {
    const api = withDaemon();
    const begin = api.now;
    const times: number[] = [];
    api.refuse = (call) => {
      if (call !== 'describeDaemon') return undefined;
      times.push((api.now - begin) / 1000);
      return faults(times.length);
    };
    return { api, times };
  };
  const transient = (message: string): Fault => ({ kind: 'transient', name: 'ServerException', message });

  test('is repeated after 15 s, 30 s and then every minute, and is logged once', async () => {
    const { api, times } = failing((call) => call <= 5 ? transient('oops') : undefined);
    const { lines } = await simulate(api, updateRequest({}, { DrainPercent: 50 }));
    expect(times).toEqual([0, 15, 45, 105, 165, 225]);
    expect(lines.filter((line) => line.includes('oops'))).toEqual(['PREFLIGHT: a read failed and is tried again: oops']);
  });

  test('is logged again after another error, and its intervals restart after one that succeeds', async () => {
    const { api, times } = failing((call) => call === 1 ? transient('oops') : call === 2 ? transient('no connection') : undefined);
    const { lines } = await simulate(api, updateRequest({}, { DrainPercent: 50 }));
    expect(times).toEqual([0, 15, 45]);
    expect(lines.slice(0, 2)).toEqual(['PREFLIGHT: a read failed and is tried again: oops', 'PREFLIGHT: a read failed and is tried again: no connection']);
  });

  test.each(['throttled', 'not-ready', 'not-found', 'not-active', 'deleting'] as const)('is repeated after %s', async (kind) => {
    const api = withDaemon();
    let reads = 0;
    api.refuse = (call) => call === 'describeDeployments' && ++reads === 4 ? { kind, name: 'SomeException', message: 'not now' } : undefined;
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.lines).toContain('DEPLOYING: a read failed and is tried again: not now');
  });

  test('is repeated every 15 s while permissions may not be effective', async () => {
    const { api, times } = failing((call) => call <= 4 ? { kind: 'denied', name: 'AccessDeniedException', message: 'no' } : undefined);
    const { lines } = await simulate(api, updateRequest({}, { DrainPercent: 50 }));
    expect(times).toEqual([0, 15, 30, 45, 60]);
    expect(lines[0]).toBe('PREFLIGHT: not allowed yet, tried again: no');
  });
});
