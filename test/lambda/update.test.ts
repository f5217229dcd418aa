import type { DaemonProperties } from '../../lambda/contract';
import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { addDaemon, readsOf, seenAs, withDaemon, writesOf } from './fixtures';
import { DAEMON_ARN, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const PROVIDERS = { CapacityProviderArns: ['arn:aws:ecs:us-east-1:123456789012:capacity-provider/a', 'arn:aws:ecs:us-east-1:123456789012:capacity-provider/b'] };

test('an update sends all settings to UpdateDaemon (R5)', async () => {
  const api = withDaemon({ Critical: false });
  const wanted = { ...taskDefinition(2), Critical: false, BakeTimeInMinutes: 3, DrainPercent: 50, EnableExecuteCommand: true, PropagateTags: 'DAEMON' } as const;
  const run = await simulate(api, updateRequest({ Critical: false }, wanted));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED', RevisionArn: 'revision-2', DeploymentArn: 'deployment-2' } });
  expect(api.updates).toEqual([settings(wanted)]);
});

test.each<[string, Partial<DaemonProperties>]>([
  ['drain percentage', { DrainPercent: 50 }],
  ['bake time', { BakeTimeInMinutes: 10 }],
  ['alarms, red ones too', { AlarmNames: ['red'] }],
  ['timeout', { TimeoutInMinutes: 20 }],
  ['preflight policies', { AlarmNames: ['red'], PreflightAlarmInAlarm: 'WAIT', PreflightAlarmWithoutData: 'FAIL' }],
])('a change of rollout settings only (%s) needs no write and four reads', async (_name, change) => {
  const api = withDaemon();
  api.addAlarm('red', 'ALARM');
  const run = await simulate(api, updateRequest({}, change));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED', RevisionArn: 'revision-1', DeploymentArn: 'deployment-1' } });
  expect(writesOf(api)).toEqual([]);
  expect(readsOf(api)).toHaveLength(4);
  expect(run.seconds).toBe(0);
});

test('the order of capacity providers is ignored', async () => {
  const api = withDaemon(PROVIDERS);
  const run = await simulate(api, updateRequest(PROVIDERS, { CapacityProviderArns: [...PROVIDERS.CapacityProviderArns].reverse() }));
  expect(run.answer).toMatchObject({ Data: { Outcome: 'UNCHANGED' } });
});

describe('capacity providers that lose the daemon', () => {
  const [one, other] = PROVIDERS.CapacityProviderArns;
  const warning = expect.stringContaining('run without the daemon from then on');

  test('are logged before the update', async () => {
    const run = await simulate(withDaemon(PROVIDERS), updateRequest(PROVIDERS, { CapacityProviderArns: [one!] }));
    expect(run.lines).toContain('PREFLIGHT: instances of b are drained, and run without the daemon from then on');
  });

  test.each([
    ['comes to have it', { CapacityProviderArns: [one!] }, PROVIDERS],
    ['is named by its ARN instead of its name', { CapacityProviderArns: ['b'] }, { CapacityProviderArns: [other!], Critical: false }],
  ])('are none if one %s', async (_, before, after) => {
    const run = await simulate(withDaemon(before), updateRequest(before, after));
    expect(run.lines).toContainEqual(expect.stringMatching(/^PREFLIGHT: an update is needed: /));
    expect(run.lines).not.toContainEqual(warning);
  });
});

test('a change of tags sends tag calls and no UpdateDaemon, and keeps tags of others (R12)', async () => {
  const tags = { ...OWNER_TAGS, team: 'a', old: 'x', foreign: 'y' };
  const api = withDaemon({}, tags);
  const run = await simulate(api, updateRequest(
    { Tags: [{ key: 'team', value: 'a' }, { key: 'old', value: 'x' }] }, { Tags: [{ key: 'team', value: 'b' }, { key: 'new', value: 'z' }] },
  ));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(writesOf(api)).toEqual(['untag', 'tag']);
  api.now += 10_000;
  expect(await api.listTags(DAEMON_ARN)).toEqual({ ...OWNER_TAGS, team: 'b', new: 'z', foreign: 'y' });
});

test('an update writes tags before UpdateDaemon, since tasks get them at their creation (R12)', async () => {
  const api = withDaemon();
  await simulate(api, updateRequest({}, { ...taskDefinition(2), Tags: [{ key: 'team', value: 'b' }] }));
  expect(writesOf(api)).toEqual(['tag', 'updateDaemon']);
});

test('a request that changes no fleet setting never drains, and lists manual changes', async () => {
  const api = withDaemon({ Critical: false });
  const run = await simulate(api, updateRequest({}, { DrainPercent: 50 }));
  expect(run.answer).toMatchObject({ Data: { Outcome: 'UNCHANGED' } });
  expect(writesOf(api)).toEqual([]);
  expect(run.lines[0]).toBe('PREFLIGHT: changed outside CloudFormation, until the next rollout reverts it: critical is false instead of true');
});

test('manual changes since the last rollout are in the log and the reason of the update that reverts them', async () => {
  const api = withDaemon({ Critical: false, ...taskDefinition(7) });
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), EnableExecuteCommand: true }));
  expect(run.lines).toContain('PREFLIGHT: changed outside CloudFormation, and reverted by this update: '
    + 'task definition is agent:7 instead of agent:2; critical is false instead of true');
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances; reverted by this update: '
    + 'task definition is agent:7 instead of agent:2; critical is false instead of true');
});

test('rollout settings of the last deployment are not reported as drift, since an older template may have them', async () => {
  const api = withDaemon({ Critical: false, DrainPercent: 100, BakeTimeInMinutes: 5 });
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances; reverted by this update: critical is false instead of true');
});

test('changes that the template makes or already contains are not reported as manual', async () => {
  const api = withDaemon({ Critical: false });
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), Critical: false }));
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
});

test('a new rollout token rolls out unchanged settings', async () => {
  const api = withDaemon();
  const run = await simulate(api, updateRequest({ RolloutToken: '1' }, { RolloutToken: '2' }));
  expect(run.answer).toMatchObject({ Data: { Outcome: 'SUCCEEDED' } });
  expect(api.updates).toEqual([settings()]);
});

test('an update waits for a deployment of another caller (A1, FM15)', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(7)), steady(12));
  api.now += 10_000;
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 50 }));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines[0]).toBe('WAITING_TURN: waits for the deployment deployment-2, which is not of this request, to end');
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('an update that ECS rejects during a deployment is sent again after it (A1)', async () => {
  const api = withDaemon();
  const begin = api.now;
  api.refuse = (call) => call === 'updateDaemon' && api.now < begin + 600_000
    ? { kind: 'refused', name: 'ClientException', message: 'The daemon has a deployment in progress.' } : undefined;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.updates).toHaveLength(1);
});

test('a deployment of another caller that replaces ours ends the rollout as SUPERSEDED (FM18)', async () => {
  const api = withDaemon();
  let done = false;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)), { meanwhile: (seconds) => {
    if (seconds > 700 && !done) done = Boolean(api.deployByHand(DAEMON_ARN, settings(taskDefinition(7))));
  } });
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(run.answer.Reason).toMatch(/^DEPLOYING: SUPERSEDED: another deployment, deployment-3 of agent:7, has taken over the daemon agent after 6 of 12 instances/);
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('an update waits for the rollback by ECS, and reports phase, alarm, reason and counts', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high');
  api.triggeredAlarms = ['cpu-high'];
  api.course = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 0], [294, 'IN_PROGRESS', 3], [400, 'STOP_REQUESTED', 3],
    [430, 'ROLLBACK_IN_PROGRESS', 2], [700, 'ROLLBACK_SUCCESSFUL', 0]);
  const alarms = { AlarmNames: ['cpu-high'] };
  const run = await simulate(api, updateRequest(alarms, { ...alarms, ...taskDefinition(2) }), {
    meanwhile: (seconds) => { if (seconds > 400) api.addAlarm('cpu-high', 'ALARM', 'Threshold Crossed: 1 datapoint'); },
  });
  expect(run.answer).toEqual({
    Status: 'FAILED',
    PhysicalResourceId: DAEMON_ARN,
    Reason: 'DEPLOYING: ECS rolled the daemon agent back: alarm cpu-high went into ALARM ("Threshold Crossed: 1 datapoint") after 3 of 12 '
      + 'instances ran the new revision; deployment deployment-2; log /aws/lambda/rollouts',
  });
  expect(run.seconds).toBeGreaterThanOrEqual(700);
  expect(run.seconds).toBeLessThanOrEqual(730);
});

test('an update that ECS rolls back with another deployment reports why its own was stopped (A5)', async () => {
  const api = withDaemon();
  const reason = 'CannotPullContainerError: no such image';
  api.course = scripted([0, 'IN_PROGRESS', 3], [400, 'STOP_REQUESTED', 3], [430, 'STOPPED', 3]);
  api.statusReason = reason;
  const describeDaemon = api.describeDaemon.bind(api);
  const describeDeployments = api.describeDeployments.bind(api);
  const begin = api.now;
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(api.now > begin + 440_000 ? { latestArn: 'back' } : {}) });
  api.describeDeployments = async (arns) => {
    if (!arns.includes('back')) return describeDeployments(arns);
    const [stopped] = await describeDeployments(['deployment-2']);
    return [{ ...stopped!, arn: 'back', status: api.now > begin + 900_000 ? 'SUCCESSFUL' : 'IN_PROGRESS', statusReason: '', target: stopped!.sources[0], sources: [] }];
  };
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toBe(`DEPLOYING: ECS rolled the daemon agent back: "${reason}" after 3 of 12 instances ran the new revision; deployment back; `
    + 'log /aws/lambda/rollouts');
});

test.each(['', 'Alarm cpu-high'])('an update with a failed rollback by ECS reports the causes of both failures (alarm: "%s")', async (alarm) => {
  const api = withDaemon();
  if (alarm) api.addAlarm('cpu-high');
  api.triggeredAlarms = alarm ? ['cpu-high'] : [];
  api.statusReason = 'the task definition agent:1 is not active';
  api.course = scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [430, 'ROLLBACK_FAILED', 2]);
  const describeDeployments = api.describeDeployments.bind(api);
  api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) => ({ ...deployment, rollbackReason: 'tasks failed to start' }));
  const alarms = alarm ? { AlarmNames: ['cpu-high'] } : {};
  const run = await simulate(api, updateRequest(alarms, { ...alarms, ...taskDefinition(2) }));
  expect(run.answer.Reason).toContain('ECS could not roll the daemon agent back, so that it may run several revisions: ');
  expect(run.answer.Reason).toContain(alarm ? 'alarm cpu-high went into ALARM' : '"tasks failed to start"');
  expect(run.answer.Reason).toContain('"the task definition agent:1 is not active"');
});

test.each([6, 40, 100])('a terminal failure that changes after %d s is ignored (A29)', async (seconds) => {
  const api = withDaemon();
  const [flip, end] = [400 + seconds, 700 + seconds];
  api.course = scripted([0, 'IN_PROGRESS', 3], [400, 'STOPPED', 3], [flip, 'ROLLBACK_IN_PROGRESS', 2], [end, 'ROLLBACK_SUCCESSFUL', 0]);
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toContain('ECS rolled the daemon agent back');
  expect(run.seconds).toBeGreaterThan(end);
  expect(run.seconds).toBeLessThanOrEqual(end + 30);
});

test('a deployment that stays STOPPED fails the update once another deployment would show, within 150 s (A5)', async () => {
  for (const offset of [0, 3, 7, 11, 17]) {
    const api = withDaemon();
    const end = 400 + offset;
    api.course = scripted([0, 'IN_PROGRESS', 3], [end, 'STOPPED', 3]);
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Reason).toContain('ECS stopped the deployment of the daemon agent after 3 of 12 instances ran the new revision');
    expect(run.seconds - end).toBeGreaterThan(120);
    expect(run.seconds - end).toBeLessThanOrEqual(150);
  }
});

test('a deployment alarm that is in ALARM after SUCCESSFUL fails the update (A11)', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high');
  const alarms = { AlarmNames: ['cpu-high'] };
  const run = await simulate(api, updateRequest(alarms, { ...alarms, ...taskDefinition(2) }), {
    meanwhile: (seconds) => { if (seconds > 1170) api.addAlarm('cpu-high', 'ALARM', 'too late for ECS'); },
  });
  expect(run.answer).toMatchObject({ Status: 'FAILED' });
  expect(run.answer.Reason).toContain('all instances of the daemon agent run the new revision, but alarm cpu-high went into ALARM ("too late for ECS")');
});

test('an update answers at most 30 s after SUCCESSFUL, within 240 reads an hour', async () => {
  for (const offset of [0, 3, 7, 11, 17]) {
    const api = withDaemon();
    const end = 3000 + offset;
    api.course = scripted([0, 'IN_PROGRESS', 3], [end, 'SUCCESSFUL', 12]);
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.seconds - end).toBeLessThanOrEqual(30);
    expect(readsOf(api).length / (run.seconds / 3600)).toBeLessThanOrEqual(240);
    expect(run.largestState).toBeLessThan(4096);
  }
});

test.each(['ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'])('an update answers at most 30 s after %s, two equal reads included (A29)', async (status) => {
  for (const offset of [0, 3, 7, 11, 15]) {
    const api = withDaemon();
    const end = 3000 + offset;
    api.course = scripted([0, 'IN_PROGRESS', 3], [1000, 'ROLLBACK_IN_PROGRESS', 2], [end, status, 0]);
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Status).toBe('FAILED');
    expect(run.seconds - end).toBeLessThanOrEqual(30);
    expect(readsOf(api).length / (run.seconds / 3600)).toBeLessThanOrEqual(240);
  }
});

describe('a daemon that another caller has deleted', () => {
  const NOTE = 'the daemon agent does not exist any more: it was deleted outside of CloudFormation';

  test.each<[string, Partial<DaemonProperties>]>([
    ['of the task definition', taskDefinition(2)],
    ['of rollout settings only', { DrainPercent: 50 }],
    ['of tags only', { Tags: [{ key: 'team', value: 'a' }] }],
  ])('is created again by an update %s, with a line in the log and in the reason', async (_what, change) => {
    const api = new FakeDaemonApi();
    const run = await simulate(api, updateRequest({}, change));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: { Outcome: 'SUCCEEDED' } });
    expect(run.answer.Reason).toContain('the daemon had been deleted outside of CloudFormation');
    expect(run.lines).toContain(`PREFLIGHT: ${NOTE}; creates it again`);
    expect(writesOf(api)).toEqual(['createDaemon']);
  });

  test('is created again by the rollback of a stack', async () => {
    const api = new FakeDaemonApi();
    const run = await simulate(api, updateRequest(taskDefinition(2), taskDefinition(1)), { rollingBack: true });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writesOf(api)).toEqual(['createDaemon']);
  });

  test.each([['before', 0], ['after', 0], ['before', 120], ['after', 120]] as const)(
    'is created once where CreateDaemon is interrupted: %s its arrival, with a read lag of %d s', async (moment, readLagSeconds) => {
      const api = new FakeDaemonApi();
      api.readLagSeconds = readLagSeconds;
      const cut = (_command: string, attempt: number) => attempt === 1 ? moment : undefined;
      const run = await simulate(api, updateRequest({}, taskDefinition(2)), { cut });
      expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
      expect(api.created).toHaveLength(1);
    },
  );

  test('is created again once a deletion that is in progress is over', async () => {
    const api = withDaemon();
    await api.deleteDaemon(DAEMON_ARN);
    api.now += 10_000;
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.lines).toContain('WAITING_TURN: waits for the daemon agent, which is being deleted, to be gone');
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writesOf(api)).toEqual(['deleteDaemon', 'createDaemon']);
  });

  /** ECS refuses the create: somebody else has created a daemon of that name a moment before. */
  const taken = (tags: Record<string, string>): FakeDaemonApi => {
    const api = new FakeDaemonApi();
    api.refuse = (call) => {
      if (call !== 'createDaemon') return undefined;
      addDaemon(api, DAEMON_ARN, {}, tags);
      return { kind: 'refused', name: 'InvalidParameterException', message: 'The daemon already exists' };
    };
    return api;
  };

  test('is not created if another owner has its name', async () => {
    const api = taken({ owner: 'somebody' });
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
    expect(run.answer.Reason).toContain('belongs to nobody that its tags name; it was left alone');
  });

  test('is adopted from another owner of its name if adoptExisting is true', async () => {
    const api = taken({ owner: 'somebody' });
    const run = await simulate(api, updateRequest(taskDefinition(2), { AdoptExisting: true }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN });
    expect(run.lines).toContain('APPLYING: the daemon agent is adopted');
    expect(writesOf(api)).toEqual(['createDaemon', 'tag']);
    expect(api.daemons.get(DAEMON_ARN)!.at(-1)!.tags.at(-1)).toMatchObject({ tags: { owner: 'somebody', ...OWNER_TAGS } });
  });

  test('is left alone in a rollback if another owner has its name, whatever adoptExisting is', async () => {
    const api = taken({ owner: 'somebody' });
    const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), AdoptExisting: true }), { rollingBack: true });
    expect(run.answer.Data).toMatchObject({ Outcome: 'DEGRADED' });
    expect(writesOf(api)).toEqual(['createDaemon']);
  });
});

test('a daemon without our tags is left alone', async () => {
  const api = withDaemon({}, {});
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(run.outcome).toBe('FAILED');
  expect(writesOf(api)).toEqual([]);
});

describe('an update of a daemon of which another owner has the name at the start', () => {
  const OTHER_STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/other/0';
  const howToTakeOver = 'remove the resource from its stack and add it again with adoptExisting, which takes over a daemon only when its resource is created';

  test.each<[string, Record<string, string>, string]>([
    ['nobody that its tags name', { owner: 'somebody' }, `change the daemonName, or ${howToTakeOver}`],
    ['another stack', { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:stack-id': OTHER_STACK },
      `change the daemonName; only if that stack releases the daemon, ${howToTakeOver}`],
    ['another resource of the stack', { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' },
      'give one of the two resources another daemonName, or remove one'],
  ])('fails with adoptExisting, and with advice to adopt or avoid the daemon, if the owner is %s', async (_owner, tags, advice) => {
    const api = withDaemon({}, tags);
    const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), AdoptExisting: true }));
    expect(run.answer.Status).toBe('FAILED');
    expect(run.answer.Reason).toContain(`; it was left alone; ${advice}`);
    expect(writesOf(api)).toEqual([]);
  });
});

describe('a deployment that is in progress when the update starts', () => {
  const begun = (changes: Partial<DaemonProperties>) => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings({ ...taskDefinition(2), ...changes }), scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
    api.now += 10_000;
    return api;
  };
  const withoutProviders = { capacityProviderArns: [] };

  test('is followed if it leads to the desired settings, although ECS does not return its capacity providers', async () => {
    const api = begun({});
    seenAs(api, ({ arn, target }) => arn === 'deployment-2' ? { target: { ...target!, ...withoutProviders } } : {});
    const describeDaemon = api.describeDaemon.bind(api);
    api.describeDaemon = async (arn) => {
      const described = await describeDaemon(arn);
      const revisions = described.revisions.map((revision) => ({ ...revision, ...revision.revisionArn === 'revision-2' && withoutProviders }));
      return { ...described, revisions };
    };
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-2' } });
    expect(writesOf(api)).toEqual([]);
  });

  test('is not followed if it leads to other capacity providers', async () => {
    const api = begun(PROVIDERS);
    const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 100 }));
    expect(run.lines).toContain('WAITING_TURN: waits for the deployment deployment-2, which is not of this request, to end');
    expect(writesOf(api)).toEqual(['updateDaemon']);
  });
});

test('the capacity providers that lose the daemon are logged', async () => {
  const arn = PROVIDERS.CapacityProviderArns[0]!;
  const three = { CapacityProviderArns: [arn, arn.replace(/a$/, 'b'), arn.replace(/a$/, 'c')] };
  const { lines } = await simulate(withDaemon(three), updateRequest(three, { CapacityProviderArns: [arn] }));
  expect(lines).toContain('PREFLIGHT: instances of b, c are drained, and run without the daemon from then on');
});

test('an update from several revisions logs all changes', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'STOPPED', 3]));
  api.now += 600_000;
  const { lines } = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(lines.filter((line) => line.startsWith('PREFLIGHT'))).toEqual(['PREFLIGHT: an update is needed: instances run several revisions, are without the daemon, or are in an unknown state after a failed deployment']);
});

test('a request without changes reports no drift if instances run several revisions', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), scripted([0, 'STOPPED', 3]));
  api.now += 600_000;
  const run = await simulate(api, updateRequest({}, { TimeoutInMinutes: 30 }));
  expect(run.lines).toEqual([run.answer.Reason]);
  expect(run.answer.Data).toMatchObject({ Outcome: 'UNCHANGED' });
});

describe('the reported revision of an unchanged daemon', () => {
  const revision = (revisionArn: string, running: number) =>
    ({ revisionArn, running, withoutDaemon: 0, draining: 0, capacityProviderArns: [] });

  test.each([
    ['the one that instances run', [revision('unused', 0), revision('used', 12)], 'deployment-1', 'used'],
    ['that of the last deployment, if none does', [revision('unused', 0)], 'deployment-1', 'revision-1'],
    ['the one that ECS names, if it shows no deployment', [revision('unused', 0)], '', 'unused'],
    ['none, if ECS names none', [], '', ''],
  ])('is %s', async (_which, revisions, latestArn, expected) => {
    const api = withDaemon();
    const describeDaemon = api.describeDaemon.bind(api);
    api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), revisions, latestArn });
    const run = await simulate(api, updateRequest({}, { TimeoutInMinutes: 30 }));
    expect(run.answer.Data).toMatchObject({ Outcome: 'UNCHANGED', RevisionArn: expected, DeploymentArn: latestArn });
  });

  test('is that of the last deployment only if ECS returns its target', async () => {
    const api = withDaemon();
    seenAs(api, () => ({ target: undefined }));
    const describeDaemon = api.describeDaemon.bind(api);
    api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), revisions: [revision('unused', 0)] });
    const run = await simulate(api, updateRequest({}, { TimeoutInMinutes: 30 }));
    expect(run.answer.Data).toMatchObject({ RevisionArn: 'unused' });
  });
});

describe('a change of name', () => {
  const NEW_ARN = DAEMON_ARN.replace('/agent', '/agent-2');
  const rename = () => updateRequest({}, { DaemonName: 'agent-2' });

  test('creates the new daemon, answers its id, and leaves the old one to the cleanup (FM13)', async () => {
    const api = withDaemon();
    const run = await simulate(api, rename());
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: NEW_ARN });
    expect(writesOf(api)).toEqual(['createDaemon']);
    expect(api.exists(DAEMON_ARN)).toBe(true);
  });

  test('answers with the new id if it fails after the creation of the daemon', async () => {
    const api = withDaemon();
    api.course = scripted([0, 'IN_PROGRESS', 0], [300, 'STOPPED', 0]);
    expect((await simulate(api, rename())).answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: NEW_ARN });
  });

  test('answers with the requested id if the name is in use', async () => {
    const api = withDaemon();
    api.put(NEW_ARN, settings(), { owner: 'somebody' });
    api.now += 60_000;
    expect((await simulate(api, rename())).answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  });
});
