import type { Event } from '../../lambda/rollout/aws/stack-api';
import { FakeDaemonApi, scripted, steady, type Course } from './fake-daemon-api';
import { addDaemon, seenAs, withDaemon } from './fixtures';
import { DAEMON_ARN, deleteRequest, properties, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const OTHER_ARN = DAEMON_ARN.replace('/agent', '/other');
const quick = { DrainPercent: 100 };
const forEver: Course = scripted([0, 'IN_PROGRESS', 3]);

/** Our daemon, whose last deployment has come to `status`, and another one that began to roll out 150 s ago and gets no further. */
function besideAnother(status: string, otherCourse: Course = forEver, otherChanges = {}): FakeDaemonApi {
  const api = new FakeDaemonApi();
  addDaemon(api, OTHER_ARN, otherChanges, { owner: 'somebody' });
  addDaemon(api, DAEMON_ARN, quick);
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, status, 0]));
  api.deployByHand(OTHER_ARN, settings({ ...taskDefinition(9), ...otherChanges }), otherCourse);
  api.now += 150_000;
  return api;
}

const deletedAfter = (api: FakeDaemonApi, begin: number): number => (api.calls.find(({ name }) => name === 'deleteDaemon')!.at - begin) / 1000;

const PASSED = 'WAITING_TURN: no instance of the daemon other was replaced for 10 minutes, which may be due to this daemon, whose own deployment has failed; continues';

test('the deletion of a daemon of which the deployment has just stopped waits for the deployment of another one', async () => {
  const api = withDaemon(quick);
  addDaemon(api, OTHER_ARN, {}, { owner: 'somebody' });
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'STOPPED', 0]));
  api.deployByHand(OTHER_ARN, settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
  const describeDeployments = api.describeDeployments.bind(api);
  const stoppedAt = api.now;
  api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) =>
    deployment.status === 'STOPPED' ? { ...deployment, endedAt: stoppedAt } : deployment);
  api.now += 10_000;
  const begin = api.now;
  expect((await simulate(api, deleteRequest())).answer.Status).toBe('SUCCESS');
  expect(deletedAfter(api, begin)).toBeGreaterThanOrEqual(390);
});

test.each(['STOPPED', 'ROLLBACK_FAILED'])('a daemon that is %s is deleted once the other deployment has stalled, whose instances it may block (R28)', async (status) => {
  const api = besideAnother(status);
  const begin = api.now;
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(deletedAfter(api, begin)).toBeGreaterThanOrEqual(600);
  expect(deletedAfter(api, begin)).toBeLessThanOrEqual(660);
  expect(run.lines).toContain(PASSED);
});

test('an update of a failed daemon proceeds after the blocking deployment has stalled for 10 minutes', async () => {
  const api = besideAnother('STOPPED');
  const begin = api.now;
  const run = await simulate(api, updateRequest({ ...quick, ...taskDefinition(2) }, { ...quick, ...taskDefinition(3) }));
  expect(run.lines).toContain(PASSED);
  expect((api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin) / 1000).toBeLessThanOrEqual(660);
});

test.each([
  ['runs what it should', 'SUCCESSFUL', forEver],
  ['has failed, while the instances of the other move', 'STOPPED', steady(12)],
])('a daemon that %s waits until the other deployment ends', async (_which, status, otherCourse) => {
  const api = besideAnother(status, otherCourse);
  const run = await simulate(api, deleteRequest());
  expect(run.lines).not.toContain(PASSED);
});

test('a deployment that is older than all its batches and bakes no longer counts as baking', async () => {
  const bakes: Course = () => ({ status: 'IN_PROGRESS', moved: 12 });
  const api = besideAnother('STOPPED', bakes, { ...quick, BakeTimeInMinutes: 30 });
  api.now += 40 * 60_000;
  const begin = api.now;
  const run = await simulate(api, deleteRequest());
  expect(run.lines).toContain(PASSED);
  expect(deletedAfter(api, begin)).toBeGreaterThanOrEqual(600);
  expect(deletedAfter(api, begin)).toBeLessThanOrEqual(660);
});

test('a deployment that bakes is not stalled', async () => {
  const bakes: Course = (age) => ({ status: age < 2000 ? 'IN_PROGRESS' : 'SUCCESSFUL', moved: 12 });
  const api = besideAnother('STOPPED', bakes, { BakeTimeInMinutes: 30 });
  const begin = api.now;
  const run = await simulate(api, deleteRequest());
  expect(run.lines).not.toContain(PASSED);
  expect(deletedAfter(api, begin)).toBeGreaterThanOrEqual(1800);
});

test('a deployment that still drains is stalled after 10 minutes, although a bake precedes it', async () => {
  const drains: Course = () => ({ status: 'IN_PROGRESS', moved: 3, draining: 3 });
  const api = besideAnother('STOPPED', drains, { BakeTimeInMinutes: 30 });
  const begin = api.now;
  await simulate(api, deleteRequest());
  expect(deletedAfter(api, begin)).toBeLessThanOrEqual(660);
});

test('the first deployment of another daemon is not stalled while its instances start', async () => {
  const api = withDaemon(quick);
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'STOPPED', 0]));
  api.put(OTHER_ARN, settings(), { owner: 'somebody' }, (age) => ({ status: 'IN_PROGRESS', moved: Math.floor(age / 500) }));
  api.now += 150_000;
  const run = await simulate(api, deleteRequest());
  expect(run.lines).not.toContain(PASSED);
});

test.each([
  ['lack it, has failed', 2, true],
  ['all run it, has not', 0, false],
])('a daemon without a visible deployment, and with instances that %s', async (_which, withoutDaemon, passes) => {
  const api = besideAnother('SUCCESSFUL');
  seenAs(api, ({ target }) => target?.revisionArn === 'revision-3' ? undefined : {});
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => {
    const described = await describeDaemon(arn);
    const revisions = described.revisions.map((revision) => ({ ...revision, withoutDaemon }));
    return arn === DAEMON_ARN ? { ...described, revisions } : described;
  };
  const run = await simulate(api, deleteRequest());
  expect(run.lines.includes(PASSED)).toBe(passes);
});

test('a stalled deployment is not waited for as a resource of this stack either', async () => {
  const api = besideAnother('STOPPED', forEver, quick);
  const event = (LogicalResourceId: string, DaemonName: string): Event => ({
    LogicalResourceId, ResourceStatus: 'UPDATE_IN_PROGRESS', ResourceType: 'Custom::ECSManagedDaemon', Timestamp: new Date(api.now - 1000),
    ResourceProperties: JSON.stringify(properties({ DaemonName })),
  });
  const begin = api.now;
  await simulate(api, updateRequest({ ...quick, ...taskDefinition(2) }, { ...quick, ...taskDefinition(3) }), {
    resourceEvents: () => [event('Agent', 'agent'), event('Other', 'other')],
  });
  expect((api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin) / 1000).toBeLessThanOrEqual(660);
});

test('the exemption covers only the stalled deployment: the next one of that daemon is waited for', async () => {
  const api = besideAnother('STOPPED');
  api.readLagSeconds = 0;
  const begin = api.now;
  let next = 0;
  const run = await simulate(api, deleteRequest(), { meanwhile: (seconds, { exemptArns }) => {
    if (!exemptArns || next > 0) return;
    next = seconds;
    api.deployByHand(OTHER_ARN, settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
  } });
  expect(run.lines).toContain(PASSED);
  expect(deletedAfter(api, begin)).toBeGreaterThanOrEqual(next + 400);
});

test('a stalled deployment is not waited for again after the deployment of a third daemon has stalled too', async () => {
  const api = besideAnother('STOPPED');
  const thirdArn = DAEMON_ARN.replace('/agent', '/third');
  addDaemon(api, thirdArn, {}, { owner: 'somebody' });
  api.deployByHand(thirdArn, settings(taskDefinition(9)), forEver);
  api.now += 150_000;
  const begin = api.now;
  const run = await simulate(api, deleteRequest());
  expect(run.lines.filter((line) => line.startsWith('WAITING_TURN'))).toEqual([
    'WAITING_TURN: waits for the daemon other (deployment deployment-4), which is rolling out on the same capacity providers',
    PASSED,
    'WAITING_TURN: waits for the daemon third (deployment deployment-6), which is rolling out on the same capacity providers',
    PASSED.replace('other', 'third'),
  ]);
  expect(deletedAfter(api, begin)).toBeGreaterThanOrEqual(1200);
  expect(deletedAfter(api, begin)).toBeLessThanOrEqual(1320);
});

test.each<[string, (api: FakeDaemonApi, thirdArn: string) => void]>([
  ['a daemon that runs elsewhere is gone', (api, thirdArn) => { api.daemons.delete(thirdArn); }],
  ['its own daemon has failed once more', (api) => { api.deployByHand(DAEMON_ARN, settings(taskDefinition(3)), scripted([0, 'STOPPED', 0])); }],
])('the stall timer does not restart when %s', async (_what, happens) => {
  const api = besideAnother('STOPPED');
  const thirdArn = DAEMON_ARN.replace('/agent', '/third');
  addDaemon(api, thirdArn, { CapacityProviderArns: ['arn:aws:ecs:us-east-1:123456789012:capacity-provider/elsewhere'] }, { owner: 'somebody' });
  const begin = api.now;
  let done = false;
  const run = await simulate(api, deleteRequest(), { meanwhile: (seconds) => {
    if (seconds > 400 && !done) happens(api, thirdArn);
    done ||= seconds > 400;
  } });
  expect(run.lines).toContain(PASSED);
  expect(deletedAfter(api, begin)).toBeLessThanOrEqual(660);
});
