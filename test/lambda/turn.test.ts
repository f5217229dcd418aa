import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { addDaemon, readsOf, seenAs, withDaemon, writesOf } from './fixtures';
import { addBusy, daemonArn, foreign, naming, on, quick, update, withBusyNeighbour, writtenAfter } from './neighbours';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const TWENTY_MINUTES = 1176;

/** None of our instances runs the daemon until it is updated. */
function inPieces(api: FakeDaemonApi): void {
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => {
    const described = await describeDaemon(arn);
    const revisions = described.revisions.map((revision) => ({ ...revision, running: 0, withoutDaemon: 12 }));
    return arn === DAEMON_ARN && api.updates.length === 0 ? { ...described, revisions } : described;
  };
}

test.each([
  ['an update', update(), 'updateDaemon', true],
  ['a create', createRequest(quick), 'createDaemon', false],
  ['a delete', deleteRequest(), 'deleteDaemon', true],
] as const)('%s waits for the deployment of another daemon on its capacity providers, and logs its name', async (_what, request, write, exists) => {
  const api = withBusyNeighbour();
  if (!exists) api.daemons.delete(DAEMON_ARN);
  const begin = api.now;
  const run = await simulate(api, request);
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writtenAfter(api, write, begin)).toBeGreaterThanOrEqual(TWENTY_MINUTES - 10);
  expect(writtenAfter(api, write, begin)).toBeLessThanOrEqual(TWENTY_MINUTES + 30);
  expect(run.lines.filter((line) => line.startsWith('WAITING_TURN'))).toEqual([
    'WAITING_TURN: waits for the daemon other (deployment deployment-3), which is rolling out on the same capacity providers',
  ]);
  expect(writesOf(api).filter((name) => name === write)).toHaveLength(1);
});

test.each([
  ['of another capacity provider', (api: FakeDaemonApi) => void addBusy(api, on('elsewhere'))],
  ['that is over', (api: FakeDaemonApi) => void addBusy(api, {}, scripted([0, 'SUCCESSFUL', 12]))],
  ['that waits for instances which nobody launches (A10)', (api: FakeDaemonApi) => {
    api.instances = 0;
    addBusy(api, {}, scripted([0, 'PENDING', 0]));
    api.now += 300_000;
  }],
  ['of another cluster', (api: FakeDaemonApi) => {
    const arn = DAEMON_ARN.replace('/fleet/', '/elsewhere/');
    addDaemon(api, arn, {}, foreign);
    api.deployByHand(arn, settings(taskDefinition(9)), steady(12));
    api.now += 10_000;
  }],
  ['that is older than any deployment takes and not shown (A15)', (api: FakeDaemonApi) => {
    addBusy(api, {});
    seenAs(api, ({ arn }) => arn === 'deployment-3' ? undefined : {});
    api.now += 36 * 3600_000;
  }],
  ['that a daemon does not name', (api: FakeDaemonApi) => {
    addDaemon(api, daemonArn('other'), {}, foreign);
    naming(api, daemonArn('other'), { latestArn: '' });
  }],
])('a deployment %s does not block others', async (_which, prepare) => {
  const api = withDaemon(quick);
  prepare(api);
  const begin = api.now;
  api.course = scripted([0, 'IN_PROGRESS', 0], [60, 'SUCCESSFUL', 12]);
  const run = await simulate(api, update());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writtenAfter(api, 'updateDaemon', begin)).toBe(0);
});

describe('the deadline of a rollout that waits:', () => {
  const reason = (phase: string) => `${phase}: TIMED_OUT: it waited for the daemon other (deployment deployment-3); after 34 minutes the 19 that are left are too few for this `
    + 'rollout, which is estimated at 20; nothing was started; log /aws/lambda/rollouts';

  test.each([
    ['an update', updateRequest({}, { ...taskDefinition(2), Tags: [{ key: 'team', value: 'b' }] })],
    ['a create', createRequest({ DaemonName: 'new' })],
  ])('%s fails when the time left is less than its estimate, with the daemon it waited for', async (_what, request) => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3]));
    const run = await simulate(api, request);
    expect(run.answer).toMatchObject({ Status: 'FAILED', Reason: reason('WAITING_TURN') });
    expect(run.outcome).toBe('TIMED_OUT');
    expect(run.seconds).toBeGreaterThanOrEqual(2090);
    expect(run.seconds).toBeLessThanOrEqual(2120);
    expect(writesOf(api)).toEqual([]);
    expect(readsOf(api).length).toBeLessThanOrEqual(150);
  });

  test('a rollout that gets its turn a moment too late fails', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [2105, 'SUCCESSFUL', 12]));
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Reason).toContain('it waited for the daemon other (deployment deployment-3); after 34 minutes');
    expect(writesOf(api)).toEqual([]);
  });

  test('a rollout that has not waited starts, however short its timeout', async () => {
    const api = withDaemon();
    addDaemon(api, daemonArn('other'), {}, foreign);
    api.course = scripted([0, 'IN_PROGRESS', 0], [60, 'SUCCESSFUL', 12]);
    expect((await simulate(api, updateRequest({}, { ...taskDefinition(2), TimeoutInMinutes: 5 }))).answer.Status).toBe('SUCCESS');
  });

  test('a deletion waits to its deadline, and fails with the daemon it waited for', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3]));
    const run = await simulate(api, deleteRequest());
    expect(run.answer).toMatchObject({ Status: 'FAILED' });
    expect(run.answer.Reason).toBe('WAITING_TURN: TIMED_OUT after 55 minutes; it waited for the daemon other (deployment deployment-3); nothing was started; '
      + 'log /aws/lambda/rollouts');
    expect(writesOf(api)).toEqual([]);
    expect(readsOf(api).length).toBeLessThanOrEqual(220);
  });

  test('a rollback that never gets its turn has reverted the tags of the failed update', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3]));
    void api.tag(DAEMON_ARN, { team: 'failed' });
    api.now += 10_000;
    api.calls.length = 0;
    const failed = { ...taskDefinition(3), Tags: [{ key: 'team', value: 'failed' }] };
    const run = await simulate(api, updateRequest(failed, taskDefinition(2)), { rollingBack: true });
    expect(run.answer.Data).toMatchObject({ Outcome: 'DEGRADED' });
    expect(writesOf(api)).toEqual(['untag']);
    expect(await api.listTags(DAEMON_ARN)).toEqual(OWNER_TAGS);
  });

  test('a deletion that gets its turn late starts all the same', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [2500, 'SUCCESSFUL', 12]));
    expect((await simulate(api, deleteRequest())).answer).toMatchObject({ Status: 'SUCCESS', Reason: 'SUCCEEDED: the daemon agent is deleted' });
  });
});

describe('the rollback of a stack', () => {
  const back = () => updateRequest(taskDefinition(2), {});

  test('waits for its turn, and starts however late it is', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [1500, 'SUCCESSFUL', 12]));
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'SUCCESSFUL', 12]));
    api.now += 200_000;
    const begin = api.now;
    const run = await simulate(api, back(), { rollingBack: true });
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(1200);
  });

  test('reverts our own deployment, which has the turn, at once', async () => {
    const api = withBusyNeighbour();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
    api.now += 10_000;
    const begin = api.now;
    await simulate(api, back(), { rollingBack: true });
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeLessThan(60);
  });
});

describe('rollouts that wait for the same deployment', () => {
  /** Two daemons of ours in different stacks play against one ECS: when each of them has written. */
  async function writeTimes(names: readonly string[], blockedSeconds: number): Promise<number[]> {
    const times = [];
    for (const name of names) {
      const api = new FakeDaemonApi();
      for (const other of names) addDaemon(api, daemonArn(other), quick);
      addDaemon(api, daemonArn('blocker'), quick, foreign);
      api.deployByHand(daemonArn('blocker'), settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [blockedSeconds, 'SUCCESSFUL', 12]));
      const describeDeployments = api.describeDeployments.bind(api);
      const endedAt = api.now + blockedSeconds * 1000;
      api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) =>
        deployment.status === 'SUCCESSFUL' ? { ...deployment, endedAt: Math.min(deployment.createdAt + 86_000_000, endedAt) } : deployment);
      api.now += 10_000;
      const begin = api.now;
      const named = { ...quick, DaemonName: name };
      const run = await simulate(api, updateRequest(named, { ...named, ...taskDefinition(2) }, daemonArn(name)));
      expect(run.answer.Status).toBe('SUCCESS');
      times.push(writtenAfter(api, 'updateDaemon', begin));
    }
    return times;
  }

  test.each([300, 307, 313, 600])('start in order, so far apart that later ones read the earlier ones (after %d s)', async (seconds) => {
    const times = await writeTimes(['agent', 'collector', 'tracer'], seconds);
    times.slice(1).forEach((time, index) => expect(time - times[index]!).toBeGreaterThanOrEqual(35));
    times.slice(1).forEach((time, index) => expect(time - (seconds - 10)).toBe(60 * (index + 1) + 2));
    expect(times[2]! - seconds).toBeLessThanOrEqual(150);
  });

  test('wait no longer than their place requires if they read the end only among the other daemons', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [60, 'SUCCESSFUL', 12]));
    addDaemon(api, daemonArn('a-third'), {}, foreign);
    // ECS names the deployment, but does not show it until it is over (A15)
    const describeDeployments = api.describeDeployments.bind(api);
    api.describeDeployments = async (arns) => (await describeDeployments(arns)).filter(({ status }) => status === 'SUCCESSFUL');
    const begin = api.now;
    const run = await simulate(api, update());
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.lines.filter((line) => line.includes('since others may have waited too'))).toHaveLength(1);
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(50 + 60 - 10);
    expect(writtenAfter(api, 'updateDaemon', begin)).toBeLessThanOrEqual(50 + 60 + 30);
  });

  test('log how much longer they wait', async () => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]));
    addDaemon(api, daemonArn('a-collector'), quick, foreign);
    const { lines } = await simulate(api, update());
    expect(lines).toContainEqual(expect.stringMatching(/^WAITING_TURN: waits \d+ s more, since others may have waited too$/));
  });

  test.each([
    ['between its neighbours', ['a-collector', 'tracer'], 90],
    ['by those alone that run on the same capacity providers', ['tracer'], 30],
  ])('include one for a new daemon, which gets its place %s', async (_where, others, seconds) => {
    const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]));
    api.daemons.delete(DAEMON_ARN);
    for (const name of others) addDaemon(api, daemonArn(name), quick, foreign);
    addDaemon(api, daemonArn('a-elsewhere'), on('elsewhere'), foreign);
    const endedAt = api.now - 10_000 + 300_000;
    seenAs(api, ({ status, arn }) => status === 'SUCCESSFUL' && arn === 'deployment-3' ? { endedAt } : {});
    await simulate(api, createRequest(quick));
    expect(writtenAfter(api, 'createDaemon', endedAt)).toBe(seconds);
  });

  test('read the alarms again after they get their turn', async () => {
    const alarms = { ...quick, AlarmNames: ['cpu-high'] };
    const api = withBusyNeighbour();
    api.addAlarm('cpu-high');
    const run = await simulate(api, updateRequest(alarms, { ...alarms, ...taskDefinition(2) }), {
      meanwhile: (seconds) => { if (seconds > 600) api.addAlarm('cpu-high', 'ALARM', 'meanwhile'); },
    });
    expect(run.answer.Reason).toMatch(/^PREFLIGHT: the alarm cpu-high is in ALARM already \("meanwhile"\)/);
    expect(writesOf(api)).toEqual([]);
  });
});

test('a rollout without a write reads no peers', async () => {
  const api = withBusyNeighbour();
  const run = await simulate(api, updateRequest(quick, { DrainPercent: 50 }));
  expect(run.answer).toMatchObject({ Data: { Outcome: 'UNCHANGED' } });
  expect(readsOf(api)).toHaveLength(4);
});

test('the turn costs two reads without other daemons', async () => {
  const api = withDaemon(quick);
  await simulate(api, update());
  expect(readsOf(api).filter((name) => name === 'listDaemons')).toHaveLength(2);
});

test('a rollout waits first for the blocking deployment of the first daemon by name', async () => {
  for (const names of [['collector', 'tracer'], ['tracer', 'collector']]) {
    const api = withDaemon(quick);
    for (const name of names) {
      addDaemon(api, daemonArn(name), {}, foreign);
      api.deployByHand(daemonArn(name), settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]));
    }
    api.now += 10_000;
    const { lines } = await simulate(api, update());
    expect(lines.find((line) => line.startsWith('WAITING_TURN'))).toContain('waits for the daemon collector ');
  }
});

test('a daemon that is already being deleted has the turn, and its deletion is followed at once (R38)', async () => {
  const api = withBusyNeighbour();
  await api.deleteDaemon(DAEMON_ARN);
  api.now += 10_000;
  const run = await simulate(api, deleteRequest());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(run.seconds).toBeLessThanOrEqual(620);
});

test('an update of which the own deployment has ended does not get the turn by an older read (A28)', async () => {
  const api = withBusyNeighbour();
  const begin = api.now;
  let reads = 0;
  seenAs(api, ({ arn }) => arn === 'deployment-1' && ++reads > 1 && api.now < begin + 100_000 ? { status: 'IN_PROGRESS' } : {});
  await simulate(api, update());
  expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(TWENTY_MINUTES - 10);
});

test.each(['IN_PROGRESS', 'STOP_REQUESTED'])('a deletion does not get the turn by an older read of a deployment that has ended (%s)', async (status) => {
  const api = withBusyNeighbour();
  const begin = api.now;
  seenAs(api, ({ arn }) => arn === 'deployment-1' && api.now < begin + 100_000 ? { status } : {});
  await simulate(api, deleteRequest(), { endedArn: 'deployment-1' });
  expect(writtenAfter(api, 'deleteDaemon', begin)).toBeGreaterThanOrEqual(TWENTY_MINUTES - 10);
});

test('a create does not get the turn by an older read of an earlier daemon of its name (A28)', async () => {
  const api = withBusyNeighbour();
  naming(api, DAEMON_ARN, { status: 'DELETE_IN_PROGRESS' });
  const begin = api.now;
  let reads = 0;
  api.refuse = (call) => call === 'describeDaemon' && ++reads === 1 ? { kind: 'not-found', name: 'DaemonNotFoundException', message: 'no' } : undefined;
  await simulate(api, createRequest(quick));
  expect(writtenAfter(api, 'createDaemon', begin)).toBeGreaterThanOrEqual(TWENTY_MINUTES - 10);
});

test('a deletion that ECS has rolled back does not get the turn by an older read (A16, A28)', async () => {
  const api = withDaemon(quick);
  const begin = api.now;
  const describeDaemon = api.describeDaemon.bind(api);
  const listDaemons = api.listDaemons.bind(api);
  let isListed = false;
  api.listDaemons = (...asked) => {
    isListed = true;
    return listDaemons(...asked);
  };
  api.describeDaemon = async (arn) => {
    const isOlder = isListed && arn === DAEMON_ARN && api.now > begin + 115_000 && api.now < begin + 900_000;
    isListed = false;
    return { ...await describeDaemon(arn), ...isOlder && { status: 'DELETE_IN_PROGRESS' } };
  };
  await simulate(api, deleteRequest(), { meanwhile: () => {
    const daemon = api.daemons.get(DAEMON_ARN)?.[0];
    if (!daemon || daemon.deletedAt === undefined || api.now - daemon.deletedAt < 100_000 || api.daemons.has(daemonArn('other'))) return;
    daemon.deletedAt = undefined;
    addBusy(api, {});
  } });
  const deletions = api.calls.filter(({ name }) => name === 'deleteDaemon').map(({ at }) => (at - begin) / 1000);
  expect(deletions).toHaveLength(2);
  expect(deletions[1]).toBeGreaterThan(TWENTY_MINUTES);
});

test('a daemon with a deployment that has just stopped does not block itself', async () => {
  const api = withDaemon(quick);
  addDaemon(api, daemonArn('other'), {}, foreign);
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'STOPPED', 0]));
  const stoppedAt = api.now;
  seenAs(api, ({ status }) => status === 'STOPPED' ? { endedAt: stoppedAt } : {});
  api.now += 10_000;
  const begin = api.now;
  await simulate(api, deleteRequest());
  expect(writtenAfter(api, 'deleteDaemon', begin)).toBeLessThanOrEqual(20);
});

test('a daemon that names no deployment of its own waits like any other', async () => {
  const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]));
  naming(api, DAEMON_ARN, { latestArn: '' }, api.now + 200_000);
  const begin = api.now;
  expect((await simulate(api, deleteRequest())).answer.Status).toBe('SUCCESS');
  expect(writtenAfter(api, 'deleteDaemon', begin)).toBeGreaterThanOrEqual(290);
});

test('the daemon that a failed change of name has left is deleted in its turn', async () => {
  const api = withBusyNeighbour(scripted([0, 'IN_PROGRESS', 3], [300, 'SUCCESSFUL', 12]));
  addDaemon(api, daemonArn('renamed'), quick);
  const begin = api.now;
  const run = await simulate(api, updateRequest({ ...quick, DaemonName: 'renamed' }, quick, DAEMON_ARN), { rollingBack: true });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN });
  expect(writesOf(api)).toEqual(['deleteDaemon']);
  expect(writtenAfter(api, 'deleteDaemon', begin)).toBeGreaterThanOrEqual(290);
  expect(api.exists(daemonArn('renamed'))).toBe(false);
});

test('a daemon that instances run again at its turn is read once more, and is as desired (A15)', async () => {
  const api = withBusyNeighbour();
  seenAs(api, ({ target }) => target?.revisionArn === 'revision-1' ? undefined : {});
  const overAt = api.now + TWENTY_MINUTES * 1000 + 60_000; // the last instances come up a while after that is told
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => {
    const described = await describeDaemon(arn);
    const revisions = described.revisions.map((revision) => ({ ...revision, running: 0 }));
    return arn === DAEMON_ARN && api.now < overAt ? { ...described, revisions } : described;
  };
  const run = await simulate(api, updateRequest({ ...quick, ...taskDefinition(2) }, quick), { rollingBack: true });
  expect(run.lines).toContain('PREFLIGHT: an update is needed: ECS does not return what instances run');
  expect(run.answer.Data).toMatchObject({ Outcome: 'UNCHANGED' });
  expect(writesOf(api)).toEqual([]);
});

test('a daemon that only some instances run is repaired in its turn, after another read', async () => {
  const api = withBusyNeighbour();
  inPieces(api);
  const run = await simulate(api, updateRequest({ ...quick, ...taskDefinition(2) }, quick), { rollingBack: true });
  expect(run.lines.filter((line) => line.startsWith('PREFLIGHT: an update is needed: instances run several revisions'))).toHaveLength(2);
  expect(run.answer.Data).toMatchObject({ Outcome: 'SUCCEEDED' });
  expect(writesOf(api)).toEqual(['updateDaemon']);
});
