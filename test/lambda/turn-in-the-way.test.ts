import { type FakeDaemonApi, scripted } from './fake-daemon-api';
import { addDaemon, seenAs, withDaemon } from './fixtures';
import { addBusy, daemonArn, foreign, naming, on, quick, update, withBusyNeighbour, writtenAfter } from './neighbours';
import { DAEMON_ARN, deleteRequest, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

/** An ECS with our daemon and one of somebody else's, whose deletion has begun 10 s ago. */
async function besideADeletion(): Promise<FakeDaemonApi> {
  const api = withDaemon(quick);
  addDaemon(api, daemonArn('other'), {}, foreign);
  await api.deleteDaemon(daemonArn('other'));
  api.now += 10_000;
  return api;
}

describe('a deployment blocks others while', () => {
  test.each(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'PAUSED'])('its status is %s', async (status) => {
    const api = withBusyNeighbour(scripted([0, status, 3], [600, 'SUCCESSFUL', 12]));
    const begin = api.now;
    expect((await simulate(api, update())).answer.Status).toBe('SUCCESS');
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(590);
  });

  test('its daemon is being deleted', async () => {
    const api = await besideADeletion();
    const begin = api.now;
    const run = await simulate(api, update());
    expect(run.lines[1]).toBe('WAITING_TURN: waits for the daemon other (deployment deployment-2), which is being deleted on the same capacity providers');
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(590);
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeLessThanOrEqual(630);
  });

  test.each([
    ['names no deployment', { latestArn: '' }],
    ['names a deployment that ECS does not show', { latestArn: 'forgotten' }],
  ])('its daemon is being deleted and %s, without an own deployment', async (_what, told) => {
    const api = await besideADeletion();
    naming(api, daemonArn('other'), told);
    const { lines } = await simulate(api, update());
    expect(lines).toContain('WAITING_TURN: waits for the daemon other, which is being deleted on the same capacity providers');
  });

  test('its daemon is being deleted, which costs one read a poll', async () => {
    const api = await besideADeletion();
    const begin = api.now;
    await simulate(api, update());
    const written = api.calls.findIndex(({ name }) => name === 'updateDaemon');
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(590);
    expect(written).toBeGreaterThanOrEqual(40);
    expect(written).toBeLessThanOrEqual(60);
  });

  test('its daemon is being deleted, until ECS rolls that back (A16)', async () => {
    const api = withDaemon(quick);
    addDaemon(api, daemonArn('other'), {}, foreign);
    const begin = api.now;
    const listDaemons = api.listDaemons.bind(api);
    const isDeleting = (arn: string): boolean => arn === daemonArn('other') && api.now < begin + 100_000;
    api.listDaemons = async (...asked) => (await listDaemons(...asked)).map((daemon) => ({ ...daemon, ...isDeleting(daemon.arn) && { status: 'DELETE_IN_PROGRESS' } }));
    naming(api, daemonArn('other'), { status: 'DELETE_IN_PROGRESS' }, begin + 100_000);
    await simulate(api, update());
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(100);
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeLessThanOrEqual(120);
  });

  test('the status of its daemon is unknown, although it waits for instances that are never launched (A38)', async () => {
    const api = withDaemon(quick);
    api.instances = 0;
    addBusy(api, {}, scripted([0, 'PENDING', 0]));
    api.now += 300_000;
    api.course = scripted([0, 'IN_PROGRESS', 0], [60, 'SUCCESSFUL', 12]);
    const begin = api.now;
    naming(api, daemonArn('other'), { status: 'TRANSITIONING' }, begin + 100_000);
    await simulate(api, update());
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(100);
  });

  test('the status of our own deployment is unknown, which does not give us the turn (A38)', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]));
    seenAs(api, ({ arn }) => arn === 'deployment-1' ? { status: 'SHINY' } : {});
    const begin = api.now;
    await simulate(api, deleteRequest());
    expect(writtenAfter(api, 'deleteDaemon', begin)).toBeGreaterThanOrEqual(290);
  });

  test('its target does not show yet, by the revisions that it replaces', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
    seenAs(api, ({ arn, status }) => arn === 'deployment-3' && status === 'IN_PROGRESS' ? { target: undefined } : {});
    const begin = api.now;
    await simulate(api, update());
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(390);
  });

  test.each([
    ['updateDaemon', updateRequest({ ...quick, ...on('first') }, { ...quick, ...on('first'), ...taskDefinition(2) })],
    ['deleteDaemon', deleteRequest(DAEMON_ARN, { ...quick, ...on('first') })],
  ] as const)('it runs on a capacity provider that a person has added to ours: %s', async (write, request) => {
    const api = withDaemon({ ...quick, ...on('first') });
    api.deployByHand(DAEMON_ARN, settings({ ...quick, ...on('first', 'added') }), scripted([0, 'SUCCESSFUL', 12]));
    addBusy(api, on('added'), scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
    const begin = api.now;
    await simulate(api, request);
    expect(writtenAfter(api, write, begin)).toBeGreaterThanOrEqual(390);
  });

  test('ECS returns it, and no longer after it has expired', async () => {
    const api = withBusyNeighbour();
    const begin = api.now;
    seenAs(api, ({ arn }) => arn === 'deployment-3' && api.now > begin + 300_000 ? undefined : {});
    await simulate(api, update());
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(300);
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeLessThanOrEqual(440);
  });

  test('ECS names it, but does not show it yet (A15)', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
    const begin = api.now;
    const describeDeployments = api.describeDeployments.bind(api);
    api.describeDeployments = async (arns) => describeDeployments(api.now < begin + 60_000 ? arns.filter((arn) => arn !== 'deployment-3') : arns);
    expect((await simulate(api, update())).answer.Status).toBe('SUCCESS');
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(390);
  });

  test.each([['it is new', 0], ['it may be one of ECS\'s own, which the date of the daemon does not tell (A5)', 3600]])('ECS does not show it, until it must: %s', async (_why, age) => {
    const api = withBusyNeighbour();
    seenAs(api, ({ arn }) => arn === 'deployment-3' ? undefined : {});
    api.now += age * 1000;
    const begin = api.now;
    expect((await simulate(api, update())).answer.Status).toBe('SUCCESS');
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(130);
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeLessThanOrEqual(170);
  });

  test('ECS rolls a deletion back with it, and shows neither, until it must (A5, A16)', async () => {
    const api = withDaemon(quick);
    addDaemon(api, daemonArn('other'), {}, foreign);
    api.readLagSeconds = 0;
    await api.deleteDaemon(daemonArn('other'));
    const begin = api.now;
    seenAs(api, ({ arn }) => arn === 'deployment-2' || (arn === 'deployment-3' && api.now < begin + 460_000) ? undefined : {});
    let isTakenBack = false;
    const run = await simulate(api, update(), { meanwhile: (seconds) => {
      if (seconds < 400 || isTakenBack) return;
      isTakenBack = true;
      api.daemons.get(daemonArn('other'))![0]!.deletedAt = undefined;
      api.deployByHand(daemonArn('other'), settings(), scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]));
    } });
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(700);
  });

  test('it removes its daemon from a capacity provider that ours runs on (A27)', async () => {
    const api = withDaemon({ ...quick, ...on('shared') });
    addDaemon(api, daemonArn('other'), on('shared', 'second'), foreign);
    api.deployByHand(daemonArn('other'), settings(on('second')), scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
    api.now += 10_000;
    const begin = api.now;
    const describeDeployments = api.describeDeployments.bind(api);
    api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) => deployment.arn === 'deployment-3'
      ? { ...deployment, sources: deployment.sources.map((source) => ({ ...source, capacityProviderArns: on('shared', 'second').CapacityProviderArns })) }
      : deployment);
    await simulate(api, updateRequest({ ...quick, ...on('shared') }, { ...quick, ...on('shared'), ...taskDefinition(2) }));
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(390);
  });

  test('it runs on a capacity provider that ours leaves with this update (A27)', async () => {
    const api = withDaemon({ ...quick, ...on('first', 'second') });
    addBusy(api, on('second'), scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
    const begin = api.now;
    await simulate(api, updateRequest({ ...quick, ...on('first', 'second') }, { ...quick, ...on('first') }));
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(390);
  });

  test('ECS has just stopped it, and may roll it back by another one (A5)', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [300, 'STOPPED', 3]));
    const describeDeployments = api.describeDeployments.bind(api);
    const begin = api.now;
    const stoppedAt = begin - 10_000 + 300_000;
    api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) =>
      deployment.status === 'STOPPED' ? { ...deployment, endedAt: stoppedAt } : deployment);
    await simulate(api, update());
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(310);
  });
});
