import { FakeDaemonApi } from './fake-daemon-api';
import { readsOf, withDaemon, writesOf } from './fixtures';
import { createRequest, properties, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const alarms = { AlarmNames: ['cpu-high'] };
const update = () => updateRequest(alarms, { ...alarms, ...taskDefinition(2), Tags: [{ key: 'team', value: 'b' }] });

test('an alarm in ALARM fails an update before any write (R33)', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high', 'ALARM', 'Threshold Crossed');
  const run = await simulate(api, update());
  expect(run.answer.Reason).toBe('PREFLIGHT: the alarm cpu-high is in ALARM already ("Threshold Crossed"), so that ECS would ignore it; nothing was '
    + 'changed; if this update repairs what is wrong, set preflight.alarmInAlarm to PROCEED; log /aws/lambda/rollouts');
  expect(writesOf(api)).toEqual([]);
});

test.each([['Create', createRequest(alarms), () => new FakeDaemonApi()], ['Update', update(), () => withDaemon()]])('a missing alarm refuses a %s (R34)', async (_type, request, ecs) => {
  const api = ecs();
  const run = await simulate(api, request);
  expect(run.answer.Reason).toMatch(/^PREFLIGHT: the alarm cpu-high does not exist in this account and Region/);
  expect(writesOf(api)).toEqual([]);
});

test('an alarm that shows up in the second read is not missing', async () => {
  const api = withDaemon();
  const run = await simulate(api, update(), { meanwhile: (seconds) => { if (seconds > 3) api.addAlarm('cpu-high'); } });
  expect(run.answer.Status).toBe('SUCCESS');
});

test('alarms are read again in the step of the write', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high');
  let reads = 0;
  api.refuse = (call) => {
    if (call === 'describeAlarms' && ++reads === 2) api.addAlarm('cpu-high', 'ALARM', 'just now');
    return undefined;
  };
  const run = await simulate(api, updateRequest(alarms, { ...alarms, ...taskDefinition(2) }));
  expect(run.answer.Reason).toMatch(/^PREFLIGHT: the alarm cpu-high is in ALARM already \("just now"\)/);
  expect(writesOf(api)).toEqual([]);
});

test.each([
  [10, 120],
  [60, 120],
  [61, 122],
  [299, 598],
  [3600, 600],
])('an alarm without data, evaluated over %d s, is waited for for %d s, then accepted with a note', async (evaluationSeconds, waitedSeconds) => {
  const api = withDaemon();
  api.addAlarm('cpu-high', 'INSUFFICIENT_DATA', '', evaluationSeconds);
  const begin = api.now;
  const run = await simulate(api, update());
  const waited = (api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin) / 1000;
  expect(waited).toBeGreaterThanOrEqual(waitedSeconds);
  expect(waited).toBeLessThan(waitedSeconds + 31);
  expect(run.lines).toContain('PREFLIGHT: continues although there is no data yet for the alarms cpu-high');
});

test.each(['ALARM', 'INSUFFICIENT_DATA'] as const)('a create reports an alarm in %s and continues at once', async (state) => {
  const api = new FakeDaemonApi();
  api.addAlarm('cpu-high', state);
  const run = await simulate(api, createRequest(alarms));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines[0]).toBe(`PREFLIGHT: the alarm cpu-high is ${state}`);
});

test('an update without changes does not fail for an alarm in ALARM', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high', 'ALARM');
  const run = await simulate(api, updateRequest({}, alarms));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
});

describe('the policy for an alarm that cannot protect an update', () => {
  const policies = { ALARM: 'PreflightAlarmInAlarm', INSUFFICIENT_DATA: 'PreflightAlarmWithoutData' } as const;
  const guarded = (state: keyof typeof policies, policy: 'FAIL' | 'WAIT' | 'PROCEED') => ({ ...alarms, [policies[state]]: policy });

  /** An update that the alarm cpu-high guards, whose state is another one after some seconds. */
  const played = async (state: keyof typeof policies, policy: 'FAIL' | 'WAIT' | 'PROCEED', okAfterSeconds = Infinity) => {
    const api = withDaemon();
    api.addAlarm('cpu-high', state, 'Threshold Crossed');
    const begin = api.now;
    const run = await simulate(api, updateRequest(alarms, { ...guarded(state, policy), ...taskDefinition(2) }), {
      meanwhile: (seconds) => { if (seconds >= okAfterSeconds) api.addAlarm('cpu-high'); },
    });
    const write = api.calls.find(({ name }) => name === 'updateDaemon');
    return { api, run, writtenAfter: write && (write.at - begin) / 1000 };
  };

  test.each([
    ['ALARM', /^PREFLIGHT: the alarm cpu-high is in ALARM already \("Threshold Crossed"\), .* set preflight.alarmInAlarm to PROCEED; log/],
    ['INSUFFICIENT_DATA', /^PREFLIGHT: there is no data yet for the alarms cpu-high; nothing was changed; preflight.alarmWithoutData can be set to WAIT or PROCEED; log/],
  ] as const)('fails the update at once with the name of the override: FAIL, %s', async (state, reason) => {
    const { api, run } = await played(state, 'FAIL');
    expect(run.answer.Reason).toMatch(reason);
    expect(run.seconds).toBe(0);
    expect(writesOf(api)).toEqual([]);
  });

  test.each(['ALARM', 'INSUFFICIENT_DATA'] as const)('waits until the alarm is OK: WAIT, %s', async (state) => {
    const { run, writtenAfter } = await played(state, 'WAIT', 800);
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writtenAfter).toBeGreaterThanOrEqual(800);
    expect(writtenAfter).toBeLessThanOrEqual(830);
    expect(run.lines.filter((line) => line.startsWith('PREFLIGHT: waits for '))).toEqual([expect.stringMatching(state === 'ALARM'
      ? /^PREFLIGHT: waits for the alarm cpu-high, which is in ALARM .*, to be OK/ : /^PREFLIGHT: waits for data of the alarms cpu-high/)]);
  });

  test.each([
    ['ALARM', 'PREFLIGHT: the alarm cpu-high is still in ALARM ("Threshold Crossed"); after 35 minutes the 19 that are left are too few for this '
      + 'rollout, which is estimated at 20; nothing was started; log /aws/lambda/rollouts'],
    ['INSUFFICIENT_DATA', 'PREFLIGHT: there is still no data for the alarms cpu-high; after 35 minutes the 19 that are left are too few for this '
      + 'rollout, which is estimated at 20; nothing was started; log /aws/lambda/rollouts'],
  ] as const)('fails the update when the rollout could no longer complete: WAIT, %s', async (state, reason) => {
    const { api, run } = await played(state, 'WAIT');
    expect(run.answer.Reason).toBe(reason);
    expect(writesOf(api)).toEqual([]);
    expect(readsOf(api).length).toBeLessThanOrEqual(80);
  });

  test('continues at once with an alarm in ALARM, and reports that it does not protect the update: PROCEED', async () => {
    const { run, writtenAfter } = await played('ALARM', 'PROCEED');
    expect(writtenAfter).toBe(0);
    expect(run.lines).toContain('PREFLIGHT: continues although the alarm cpu-high is in ALARM already: ECS ignores it during this deployment');
    expect(run.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances; in ALARM before, and therefore ignored by ECS: cpu-high');
  });

  test('names all alarms that do not protect the update: PROCEED', async () => {
    const api = withDaemon();
    const both = { AlarmNames: ['cpu-high', 'errors'] };
    for (const name of both.AlarmNames) api.addAlarm(name, 'ALARM');
    const run = await simulate(api, updateRequest(both, { ...both, ...taskDefinition(2), PreflightAlarmInAlarm: 'PROCEED' }));
    expect(run.answer.Reason).toMatch(/; in ALARM before, and therefore ignored by ECS: cpu-high, errors$/);
  });

  test('waits for the alarm with the longest evaluation time', async () => {
    const api = withDaemon();
    const both = { AlarmNames: ['cpu-high', 'errors'] };
    api.addAlarm('cpu-high', 'INSUFFICIENT_DATA', '', 60);
    api.addAlarm('errors', 'INSUFFICIENT_DATA', '', 299);
    const begin = api.now;
    await simulate(api, updateRequest(both, { ...both, ...taskDefinition(2) }));
    expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin).toBeGreaterThanOrEqual(598_000);
  });

  test('does not apply to a change of name, which creates a daemon without an earlier revision', async () => {
    const api = withDaemon();
    api.addAlarm('cpu-high', 'ALARM');
    const run = await simulate(api, updateRequest(alarms, { ...alarms, DaemonName: 'agent-2' }));
    expect(run.answer.Status).toBe('SUCCESS');
  });

  test('still fails the update for another alarm that is in ALARM at the end: PROCEED', async () => {
    const api = withDaemon();
    const both = { AlarmNames: ['cpu-high', 'errors'] };
    api.addAlarm('cpu-high', 'ALARM');
    api.addAlarm('errors');
    const run = await simulate(api, updateRequest(both, { ...both, ...taskDefinition(2), PreflightAlarmInAlarm: 'PROCEED' }), {
      meanwhile: (seconds) => { if (seconds > 1170) api.addAlarm('errors', 'ALARM', 'late'); },
    });
    expect(run.answer.Reason).toMatch(/^DEPLOYING: all instances of the daemon agent run the new revision, but alarm errors went into ALARM \("late"\); in ALARM before, and therefore ignored by ECS: cpu-high; /);
  });

  test('continues at once with an alarm without data: PROCEED', async () => {
    const { run, writtenAfter } = await played('INSUFFICIENT_DATA', 'PROCEED');
    expect(writtenAfter).toBe(0);
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
  });

  test.each(['ALARM', 'INSUFFICIENT_DATA'] as const)('does not apply to a create: %s', async (state) => {
    const api = new FakeDaemonApi();
    api.addAlarm('cpu-high', state);
    const run = await simulate(api, createRequest(guarded(state, 'FAIL')));
    expect(run.answer.Status).toBe('SUCCESS');
  });

  test('does not apply to a create that continues an earlier attempt', async () => {
    const api = withDaemon();
    api.addAlarm('cpu-high', 'ALARM');
    const run = await simulate(api, createRequest({ ...guarded('ALARM', 'FAIL'), ...taskDefinition(2) }));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writesOf(api)).toEqual(['updateDaemon']);
  });

  test.each(['ALARM', 'INSUFFICIENT_DATA'] as const)('does not apply to the rollback of a stack, which reads no alarm: %s', async (state) => {
    const api = withDaemon(taskDefinition(2));
    api.addAlarm('cpu-high', state);
    const policy = guarded(state, 'FAIL');
    const run = await simulate(api, updateRequest({ ...policy, ...taskDefinition(2) }, policy), { rollingBack: true });
    expect(run.answer.Status).toBe('SUCCESS');
    expect(readsOf(api)).not.toContain('describeAlarms');
  });

  test('waits for an alarm that loses its data between the poll and the write', async () => {
    const api = withDaemon();
    api.addAlarm('cpu-high');
    let reads = 0;
    api.refuse = (call) => {
      if (call === 'describeAlarms' && ++reads === 2) api.addAlarm('cpu-high', 'INSUFFICIENT_DATA');
      return undefined;
    };
    const run = await simulate(api, updateRequest(alarms, { ...alarms, ...taskDefinition(2) }));
    expect(run.lines).toEqual(expect.arrayContaining([
      'PREFLIGHT: the deployment alarms have changed meanwhile; reads again before the write',
      'PREFLIGHT: waits for data of the alarms cpu-high, for up to 120 s',
      'PREFLIGHT: continues although there is no data yet for the alarms cpu-high',
    ]));
    expect(api.updates).toHaveLength(1);
  });
});

describe('the prerequisites of a write', () => {
  const PROVIDER = properties().CapacityProviderArns[0]!;
  const TASK_DEFINITION = taskDefinition(2).DaemonTaskDefinitionArn;
  const provider = (status: string, type = 'MANAGED_INSTANCES') => (api: FakeDaemonApi) => void api.capacityProviders.set(PROVIDER, { status, type });
  const definition = (status: string) => (api: FakeDaemonApi) => void api.taskDefinitions.set(TASK_DEFINITION, status);
  const requests = [
    ['Create', () => new FakeDaemonApi(), createRequest(taskDefinition(2))],
    ['Update', () => withDaemon(), updateRequest({}, { ...taskDefinition(2), Tags: [{ key: 'team', value: 'b' }] })],
  ] as const;

  describe.each(requests)('of a %s', (_type, ecs, request) => {
    test.each([
      ['a capacity provider that is being deleted', provider('DEPROVISIONING'), 0, 'the capacity provider managed is DEPROVISIONING instead of ACTIVE'],
      ['a deleted capacity provider', provider('INACTIVE'), 0, 'the capacity provider managed is INACTIVE instead of ACTIVE'],
      ['a capacity provider of another kind', provider('ACTIVE', 'EC2_AUTOSCALING'), 0,
        'the capacity provider managed is of the type EC2_AUTOSCALING, but daemons run on MANAGED_INSTANCES only'],
      ['a capacity provider that never becomes ACTIVE', provider('PROVISIONING'), 2110, 'the capacity provider managed is PROVISIONING instead of ACTIVE'],
      ['a capacity provider that does not exist', (api: FakeDaemonApi) => void api.capacityProviders.set(PROVIDER, 'missing'), 120,
        'the capacity provider managed of the cluster fleet does not exist'],
      ['a task definition that is being deleted', definition('DELETE_IN_PROGRESS'), 0, 'the daemon task definition agent:2 is DELETE_IN_PROGRESS instead of ACTIVE'],
      ['a deleted task definition', definition('DELETED'), 0, 'the daemon task definition agent:2 is DELETED instead of ACTIVE'],
      ['a task definition that does not exist', definition('missing'), 120, 'the daemon task definition agent:2 does not exist'],
    ])('fail the request before any write if they include %s', async (_what, prepare, afterSeconds, sentence) => {
      const api = ecs();
      prepare(api);
      const run = await simulate(api, request);
      expect(run.answer.Reason).toBe(`PREFLIGHT: ${sentence}; nothing was changed; log /aws/lambda/rollouts`);
      expect(run.seconds).toBe(afterSeconds);
      expect(writesOf(api)).toEqual([]);
    });

    test.each([
      ['a capacity provider', provider('PROVISIONING'), (api: FakeDaemonApi) => void api.capacityProviders.clear(), 800,
        'the capacity provider managed, which is PROVISIONING, to be ACTIVE'],
      ['a capacity provider that is not visible yet', (api: FakeDaemonApi) => void api.capacityProviders.set(PROVIDER, 'missing'),
        (api: FakeDaemonApi) => void api.capacityProviders.clear(), 100,
        'the capacity provider managed of the cluster fleet, which is not visible yet, to appear'],
      ['a task definition that is not visible yet', definition('missing'), (api: FakeDaemonApi) => void api.taskDefinitions.clear(), 100,
        'the daemon task definition agent:2, which is not visible yet, to appear'],
    ])('are waited for if they include %s of the same deployment', async (_what, prepare, repair, afterSeconds, whom) => {
      const api = ecs();
      prepare(api);
      const run = await simulate(api, request, { meanwhile: (seconds) => { if (seconds >= afterSeconds) repair(api); } });
      expect(run.answer.Status).toBe('SUCCESS');
      expect(run.lines.filter((line) => line.startsWith('PREFLIGHT: waits for '))).toEqual([`PREFLIGHT: waits for ${whom}`]);
    });
  });

  test('fail at once for an unusable one, even if another could be waited for', async () => {
    const api = new FakeDaemonApi();
    const second = `${PROVIDER}-2`;
    provider('PROVISIONING')(api);
    api.capacityProviders.set(second, { status: 'INACTIVE', type: 'MANAGED_INSTANCES' });
    const run = await simulate(api, createRequest({ CapacityProviderArns: [PROVIDER, second] }));
    expect(run.answer.Reason).toBe('PREFLIGHT: the capacity provider managed-2 is INACTIVE instead of ACTIVE; nothing was changed; log /aws/lambda/rollouts');
    expect(run.seconds).toBe(0);
  });

  test('include a capacity provider of which ECS does not return the type', async () => {
    const api = new FakeDaemonApi();
    provider('ACTIVE', '')(api);
    expect((await simulate(api, createRequest())).answer.Status).toBe('SUCCESS');
  });

  test('name a missing cluster', async () => {
    const api = new FakeDaemonApi();
    api.refuse = (call) => call === 'describeCapacityProviders' ? { kind: 'not-ready', name: 'ClusterNotFoundException', message: 'Cluster not found.' } : undefined;
    const run = await simulate(api, createRequest());
    expect(run.answer.Reason).toBe('PREFLIGHT: the cluster fleet does not exist; nothing was changed; log /aws/lambda/rollouts');
    expect(run.seconds).toBe(120);
  });

  test('are not read in the rollback of a stack', async () => {
    const api = withDaemon(taskDefinition(2));
    provider('DEPROVISIONING')(api);
    const run = await simulate(api, updateRequest(taskDefinition(2), {}), { rollingBack: true });
    expect(run.answer.Status).toBe('SUCCESS');
    expect(readsOf(api)).not.toContain('describeCapacityProviders');
  });
});
