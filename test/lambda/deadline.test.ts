import { scripted, FakeDaemonApi } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const endless = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 3]);

test.each([
  [55, 3300],
  [20, 1200],
])('a rollout with a timeout of %d minutes and no gates is answered after %d s (FM23)', async (TimeoutInMinutes, seconds) => {
  const api = withDaemon();
  api.course = endless;
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), TimeoutInMinutes }));
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(run.answer.Reason).toBe(`DEPLOYING: TIMED_OUT after ${seconds / 60} minutes with 3 of 12 instances on the new revision; `
    + `no progress for ${seconds / 60 - 1} minutes; ECS continues what it has started; `
    + 'deployment deployment-2; log /aws/lambda/rollouts');
  expect(run.seconds).toBe(seconds);
});

test.each([[0, 3300], [1, 3299], [120, 3180], [1800, 1500]])('the delivery time of a request counts towards its deadline: %d s', async (seconds, left) => {
  const api = withDaemon();
  api.now += seconds * 1000;
  api.course = endless;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.seconds).toBe(left);
});

test('a request dated by another clock counts from its start', async () => {
  for (const skewSeconds of [-86_400, -1, 1801, 86_400]) {
    const api = new FakeDaemonApi();
    api.now += skewSeconds * 1000;
    addDaemon(api, DAEMON_ARN);
    api.course = endless;
    expect((await simulate(api, updateRequest({}, taskDefinition(2)))).seconds).toBe(3300);
  }
});

test('a write that could not complete by the deadline is not sent', async () => {
  const api = withDaemon();
  api.course = endless;
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)));
  api.now += 10_000;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toMatch(/^WAITING_TURN: TIMED_OUT: it waited for .*; after 35 minutes the 19 that are left are too few for this rollout/);
  expect(writesOf(api)).toEqual([]);
});

test('a deletion that does not end fails', async () => {
  const api = withDaemon();
  api.drainSeconds = 10_000;
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Reason).toMatch(/^DRAINING: TIMED_OUT after 55 minutes/);
});

test.each([{ DeletionTimeoutInMinutes: 20 }, { TimeoutInMinutes: 20 }])('a deletion has at least 55 minutes: %j', async (changes) => {
  const api = withDaemon();
  api.drainSeconds = 50 * 60;
  const run = await simulate(api, deleteRequest(DAEMON_ARN, changes));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
});

test('a create that does not end is answered with the real id', async () => {
  const api = new FakeDaemonApi();
  api.course = endless;
  expect((await simulate(api, createRequest())).answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
});

test('the timeout of the user shortens neither a deletion nor a rollback', async () => {
  const deleted = await simulate(withDaemon(), deleteRequest(DAEMON_ARN, { TimeoutInMinutes: 5 }));
  expect(deleted.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  const api = withDaemon(taskDefinition(2));
  const back = await simulate(api, updateRequest(taskDefinition(2), { TimeoutInMinutes: 5 }), { rollingBack: true });
  expect(back.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
});

test.each([
  ['Create', () => createRequest({ TimeoutInMinutes: 20 }), 20],
  ['Delete', () => deleteRequest(), 55],
])('a %s in a rollback of its stack keeps its own deadline and its failure, unlike an Update', async (type, request, minutes) => {
  const api = type === 'Create' ? new FakeDaemonApi() : withDaemon();
  api.course = endless;
  api.drainSeconds = 10_000;
  const run = await simulate(api, request(), { rollingBack: true });
  expect(run.answer.Status).toBe('FAILED');
  expect(run.seconds).toBe(minutes * 60);
});
