import { scripted, steady, type FakeDaemonApi } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { DAEMON_ARN, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const NEW_ARN = DAEMON_ARN.replace('/agent', '/agent-2');
const rollingBack = { rollingBack: true };
/** What the rollback of the stack asks for: the old properties, with those of the failed update as the old ones (E27). */
const back = () => updateRequest(taskDefinition(2), {});

const rolledBackByEcs = scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [700, 'ROLLBACK_SUCCESSFUL', 0]);

function updated(api: FakeDaemonApi, course = steady(12), secondsAgo = 60): void {
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), course);
  api.now += secondsAgo * 1000;
}

test('a rollback does not drain again after ECS has rolled back (FM10)', async () => {
  const api = withDaemon();
  updated(api, rolledBackByEcs, 800);
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED', RevisionArn: 'revision-1' } });
  expect(writesOf(api)).toEqual([]);
  expect(run.seconds).toBe(0);
});

test('a rollback waits for a rollback by ECS to the desired settings (A2, FM10)', async () => {
  const api = withDaemon();
  updated(api, rolledBackByEcs, 450);
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED', RevisionArn: 'revision-1' } });
  expect(writesOf(api)).toEqual([]);
});

test('a rollback restores the tags that the failed update has changed, whoever rolls the fleet back (A2)', async () => {
  const team = (value: string) => ({ Tags: [{ key: 'team', value }] });
  for (const secondsAgo of [450, 800]) {
    const api = withDaemon({}, { ...OWNER_TAGS, team: 'b' });
    updated(api, rolledBackByEcs, secondsAgo);
    const run = await simulate(api, updateRequest({ ...taskDefinition(2), ...team('b') }, team('a')), rollingBack);
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writesOf(api)).toEqual(['tag']);
    api.now += 10_000;
    expect(await api.listTags(DAEMON_ARN)).toMatchObject({ team: 'a' });
  }
});

test('a rollback does not drain again if ECS returns the providers of its own by name, or not at all (A5)', async () => {
  const describe = (change: (arns: readonly string[]) => string[]) => {
    const api = withDaemon();
    updated(api, rolledBackByEcs, 800);
    const describeDeployments = api.describeDeployments.bind(api);
    api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) => ({
      ...deployment, endedAt: api.now - 60_000, rollbackCapacityProviderArns: change(deployment.rollbackCapacityProviderArns),
    }));
    return api;
  };
  for (const api of [describe((arns) => arns.map((arn) => arn.split('/')[1]!)), describe(() => [])]) {
    const run = await simulate(api, back(), rollingBack);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(writesOf(api)).toEqual([]);
  }
});

test.each([
  ['of the update that is rolled back', 800, 0],
  ['of an earlier attempt at it', 799, 180],
  ['of nobody knows which update', 'unknown', 180],
] as const)('a rollback by ECS is confirmed at once only if it was of the deployment %s (FM24)', async (_whose, operationBeganSecondsAgo, seconds) => {
  const api = withDaemon();
  updated(api, rolledBackByEcs, 800);
  const run = await simulate(api, back(), { ...rollingBack, operationBeganSecondsAgo });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(run.seconds).toBe(seconds);
  const waits = run.lines.filter((line) => line.includes('since a write of an earlier request may not be visible yet'));
  expect(waits).toEqual(seconds === 0 ? [] : ['PREFLIGHT: the daemon has the desired settings; reads again, since a write of an earlier request may not be visible yet']);
});

test.each([800, 3600])('an earlier attempt at the same update, %d s ago, hides no write that arrives late (FM24)', async (secondsAgo) => {
  const api = withDaemon();
  updated(api, rolledBackByEcs, secondsAgo);
  let landed = false;
  const run = await simulate(api, back(), { ...rollingBack, operationBeganSecondsAgo: 60, meanwhile: (seconds) => {
    if (seconds > 20 && !landed) landed = Boolean(api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12)));
  } });
  expect(landed).toBe(true);
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.updates).toEqual([settings()]);
});

test.each([
  ['ended lately', 899, 0],
  ['ended long ago, and may be that of an earlier update', 900, 180],
  ['was made lately, as far as ECS tells', undefined, 0],
])('an update to the settings to which ECS has rolled back confirms the deployment before it at once only if it %s', async (_when, endedSecondsAgo, seconds) => {
  const api = withDaemon();
  updated(api, rolledBackByEcs, 800);
  if (endedSecondsAgo !== undefined) {
    const endedAt = api.now - endedSecondsAgo * 1000;
    const describeDeployments = api.describeDeployments.bind(api);
    api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) => ({ ...deployment, endedAt }));
  }
  const run = await simulate(api, back());
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(run.seconds).toBe(seconds);
});

test('a rollback supersedes the deployment of a cancelled update at once (FM9)', async () => {
  const api = withDaemon();
  updated(api, steady(12), 100);
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.updates).toEqual([settings()]);
});

test('a rollback updates a daemon that ECS has stopped and not rolled back, since new instances would get its revision (A4)', async () => {
  const api = withDaemon();
  updated(api, scripted([0, 'IN_PROGRESS', 0], [400, 'STOPPED', 0]), 800);
  const describeDaemon = api.describeDaemon.bind(api);
  const isStopped = () => writesOf(api).length === 0;
  api.describeDaemon = async (arn) => {
    const daemon = await describeDaemon(arn);
    const failed = { ...daemon.revisions[0]!, revisionArn: 'revision-2', running: 0 };
    return isStopped() ? { ...daemon, revisions: [...daemon.revisions, failed] } : daemon;
  };
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(run.lines).toContain('PREFLIGHT: an update is needed: instances run several revisions, are without the daemon, or are in an unknown state after a failed deployment');
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('a rollback reverts a successful update', async () => {
  const api = withDaemon();
  updated(api, steady(12), 4000);
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.updates).toEqual([settings()]);
});

test.each([0, 5, 120])('a rollback finds a write of the cancelled update that arrives late, with a read lag of %d s (FM24)', async (readLagSeconds) => {
  const api = withDaemon();
  api.readLagSeconds = readLagSeconds;
  updated(api, steady(12), 1);
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.updates).toEqual([settings()]);
});

test('a rollback proceeds despite an alarm that is in ALARM or missing', async () => {
  const api = withDaemon();
  api.addAlarm('red', 'ALARM');
  updated(api, steady(12), 4000);
  const alarms = { AlarmNames: ['red', 'missing'] };
  const run = await simulate(api, updateRequest({ ...alarms, ...taskDefinition(2) }, alarms), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.calls.map(({ name }) => name)).not.toContain('describeAlarms');
});

test('a rollback of a token waits for the deployment that it started', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(), steady(12));
  api.now += 60_000;
  const run = await simulate(api, updateRequest({ RolloutToken: '2' }, { RolloutToken: '1' }), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(writesOf(api)).toEqual([]);
  expect(run.seconds).toBeGreaterThan(600);
});

test('a rollback of a token finds the deployment that it started although reads lag (FM24)', async () => {
  const api = withDaemon();
  api.readLagSeconds = 120;
  api.deployByHand(DAEMON_ARN, settings(), scripted([0, 'SUCCESSFUL', 12]));
  api.now += 200_000;
  api.deployByHand(DAEMON_ARN, settings(), steady(12));
  api.now += 1_000;
  const run = await simulate(api, updateRequest({ RolloutToken: '2' }, { RolloutToken: '1' }), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(writesOf(api)).toEqual([]);
});

test('a rollback of a token never drains', async () => {
  const api = withDaemon();
  const run = await simulate(api, updateRequest({ RolloutToken: '2' }, { RolloutToken: '1' }), rollingBack);
  expect(run.answer).toMatchObject({ Data: { Outcome: 'UNCHANGED' } });
  expect(writesOf(api)).toEqual([]);
});

test.each([
  ['refused', (api: FakeDaemonApi) => { api.refuse = (call) => call === 'updateDaemon' ? { kind: 'refused', name: 'InvalidParameterException', message: 'the task definition is gone' } : undefined; }],
  ['stopped', (api: FakeDaemonApi) => { api.course = scripted([0, 'IN_PROGRESS', 3], [300, 'STOPPED', 3]); }],
  ['endless', (api: FakeDaemonApi) => { api.course = scripted([0, 'IN_PROGRESS', 3]); }],
  ['rolled back', (api: FakeDaemonApi) => { api.course = rolledBackByEcs; }],
])('a rollback that is %s is answered with SUCCESS and DEGRADED (FM11)', async (_name, trouble) => {
  const api = withDaemon();
  updated(api, steady(12), 4000);
  trouble(api);
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: { Outcome: 'DEGRADED' } });
  expect(run.lines.at(-1)).toMatch(/^DEGRADED: the stack's rollback was not completed: /);
});

describe('a rollback of a change of name', () => {
  const rename = { DaemonName: 'agent-2' };

  test('deletes the daemon of the failed update, if CloudFormation has kept the old id', async () => {
    const api = withDaemon();
    addDaemon(api, NEW_ARN);
    const run = await simulate(api, updateRequest(rename, {}, DAEMON_ARN), rollingBack);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN });
    expect(writesOf(api)).toEqual(['deleteDaemon']);
    expect(api.exists(NEW_ARN)).toBe(false);
  });

  test('leaves the new daemon to the cleanup if CloudFormation has adopted the new id (E28)', async () => {
    const api = withDaemon();
    addDaemon(api, NEW_ARN);
    const run = await simulate(api, updateRequest(rename, {}, NEW_ARN), rollingBack);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN });
    expect(writesOf(api)).toEqual([]);
  });

  test('leaves a daemon alone that had the name already', async () => {
    const api = withDaemon();
    addDaemon(api, NEW_ARN, {}, { owner: 'somebody' });
    const run = await simulate(api, updateRequest(rename, {}, DAEMON_ARN), rollingBack);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN });
    expect(writesOf(api)).toEqual([]);
  });
});

describe('a rollback from a change of settings that ECS does not return (A38)', () => {
  const change = { Critical: false };
  const run = async (prepare: (api: FakeDaemonApi) => void) => {
    const api = withDaemon();
    api.now += 3_600_000;
    prepare(api);
    const describeRevisions = api.describeRevisions.bind(api);
    api.describeRevisions = async (arns) => Object.fromEntries(Object.entries(await describeRevisions(arns))
      .map(([arn, { critical: _, ...rest }]) => [arn, rest]));
    const { answer } = await simulate(api, updateRequest(change, {}), rollingBack);
    return { answer, writes: writesOf(api) };
  };
  const changed = (course: ReturnType<typeof scripted>, secondsAgo: number) => (api: FakeDaemonApi) => {
    api.deployByHand(DAEMON_ARN, settings(change), course);
    api.now += secondsAgo * 1000;
  };

  test('writes nothing if the update has started no deployment', async () => {
    const { answer, writes } = await run(() => undefined);
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(writes).toEqual([]);
  });

  test('writes nothing if ECS has rolled the deployment of the update back', async () => {
    const { answer, writes } = await run(changed(rolledBackByEcs, 800));
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(writes).toEqual([]);
  });

  test.each([['runs', 60], ['has succeeded', 800]])('reverts a deployment of the update that %s', async (_, secondsAgo) => {
    const { answer, writes } = await run(changed(scripted([0, 'IN_PROGRESS', 6], [400, 'SUCCESSFUL', 12]), secondsAgo));
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writes).toEqual(['updateDaemon']);
  });
});
