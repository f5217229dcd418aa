import { paceOf, unhurried } from '../../lambda/rollout/facts/pace';
import { FakeDaemonApi, scripted, steady, type Course } from './fake-daemon-api';
import { readsOf, seenAs, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const alarms = { AlarmNames: ['cpu-high'] };
const guarded = (more = {}) => updateRequest(alarms, { ...alarms, ...taskDefinition(2), ...more });
const endless = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 3]);

describe('progress', () => {
  test('is logged by batch, each once', async () => {
    const { lines } = await simulate(withDaemon(), updateRequest({}, { ...taskDefinition(2), BakeTimeInMinutes: 0 }));
    expect(lines.filter((line) => line.includes('new revision'))).toEqual([
      'DEPLOYING: 0 of 12 instances run the new revision',
      'DEPLOYING: batch 1 of about 4: 0 of 12 instances run the new revision, 3 drain',
      'DEPLOYING: batch 2 of about 4: 3 of 12 instances run the new revision, 3 drain',
      'DEPLOYING: batch 3 of about 4: 6 of 12 instances run the new revision, 3 drain',
      'DEPLOYING: batch 4 of about 4: 9 of 12 instances run the new revision, 3 drain',
    ]);
  });

  test('includes instances without the daemon, in the log and in the reason of a failure (A34)', async () => {
    const api = withDaemon();
    api.course = (age) => age < 400 ? { status: 'IN_PROGRESS', moved: 3, draining: 3, lacking: 2, failures: age < 200 ? 0 : 1 }
      : age < 800 ? { status: 'ROLLBACK_IN_PROGRESS', moved: 2 } : { status: 'ROLLBACK_SUCCESSFUL', moved: 0 };
    const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), Critical: false }));
    expect(run.lines).toContain('DEPLOYING: batch 2 of about 4: 3 of 12 instances run the new revision, 3 drain, 2 are without the daemon');
    expect(run.lines).toContainEqual(expect.stringMatching(/2 are without the daemon; the daemon failed to start 1 time \(the limit is 3\)$/));
    expect(run.answer.Reason).toContain('after 3 of 12 instances ran the new revision, 2 without the daemon; ');
  });

  test('is logged for a single instance, which is not a batch', async () => {
    const api = withDaemon();
    api.instances = 1;
    api.course = (age) => age < 100 ? { status: 'IN_PROGRESS', moved: 0, draining: 1 }
      : age < 200 ? { status: 'IN_PROGRESS', moved: 0, lacking: 1, failures: age < 150 ? 0 : 2 } : { status: 'SUCCESSFUL', moved: 1 };
    const { lines, answer } = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(lines.filter((line) => line.includes('new revision'))).toEqual([
      'DEPLOYING: 0 of 1 instance runs the new revision, 1 drains',
      'DEPLOYING: 0 of 1 instance runs the new revision, 1 is without the daemon',
      'DEPLOYING: 0 of 1 instance runs the new revision, 1 is without the daemon; the daemon failed to start 2 times (the limit is 3)',
    ]);
    expect(answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 1 instance');
  });

  test.each<[string, Course, number, number]>([
    ['some of the fleet has not moved', (age) => ({ status: age < 900 ? 'IN_PROGRESS' : 'SUCCESSFUL', moved: age < 400 ? 6 : 12 }), 400, 420],
    ['an instance still runs what is replaced', (age) => ({ status: age < 900 ? 'IN_PROGRESS' : 'SUCCESSFUL', moved: age < 400 ? 11 : 12 }), 400, 420],
  ])('shows no bake while %s', async (_what, course, from, to) => {
    const api = withDaemon();
    api.course = course;
    const { transcript } = await simulate(api, updateRequest({}, { ...taskDefinition(2), BakeTimeInMinutes: 10 }));
    const begun = transcript.filter((line) => line.includes('BAKING:'));
    expect(begun).toHaveLength(1);
    expect(parseInt(begun[0]!)).toBeGreaterThanOrEqual(from);
    expect(parseInt(begun[0]!)).toBeLessThanOrEqual(to);
  });

  test('counts instances that wait for the daemon in a create neither as baking nor as uncovered', async () => {
    const api = new FakeDaemonApi();
    api.course = (age) => age < 400 ? { status: 'IN_PROGRESS', moved: 6, lacking: 6 } : { status: 'STOPPED', moved: 6, lacking: 6 };
    const run = await simulate(api, createRequest({ BakeTimeInMinutes: 10 }));
    expect(run.lines.join()).not.toContain('BAKING');
    expect(run.answer.Reason).toContain('after 6 of 12 instances ran the new revision: ');
  });

  test('does not announce batches while ECS rolls back', async () => {
    const api = withDaemon();
    api.course = (age) => age < 400 ? { status: 'IN_PROGRESS', moved: 3 } : age < 800 ? { status: 'ROLLBACK_IN_PROGRESS', moved: 5 }
      : { status: 'ROLLBACK_SUCCESSFUL', moved: 0 };
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Reason).toContain('after 3 of 12 instances ran the new revision; ');
  });

  test('is logged without batches if all instances drain at once', async () => {
    const api = withDaemon();
    api.course = (age) => age < 300 ? { status: 'IN_PROGRESS', moved: 0, draining: 12 } : { status: 'SUCCESSFUL', moved: 12 };
    const { lines } = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 100 }));
    expect(lines.filter((line) => line.includes('new revision'))).toEqual(['DEPLOYING: 0 of 12 instances run the new revision, 12 drain']);
  });

  test('shows the bake when all instances are replaced, although some are without a non-critical daemon', async () => {
    const api = withDaemon({ Critical: false });
    api.course = (age) => age < 300 ? { status: 'IN_PROGRESS', moved: 6, draining: 6 }
      : { status: age < 900 ? 'IN_PROGRESS' : 'SUCCESSFUL', moved: 10, lacking: 2 };
    const run = await simulate(api, updateRequest({ Critical: false }, { ...taskDefinition(2), Critical: false, BakeTimeInMinutes: 10 }));
    expect(run.lines).toContain('BAKING: all 12 instances run the new revision, 2 are without the daemon; alarms are watched for 10 minutes');
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 10 instances; 2 instances are without the daemon');
  });
});

describe('a deployment that is SUCCESSFUL although no instance runs the daemon', () => {
  const without = (from: number): Course => (age) => ({ status: 'SUCCESSFUL', moved: age < from ? 0 : 12, lacking: age < from ? 12 : 0 });
  const rollOut = (course: Course, settingsToo: object) => {
    const api = withDaemon(settingsToo);
    api.course = course;
    return simulate(api, updateRequest(settingsToo, { ...settingsToo, ...taskDefinition(2) }));
  };

  test('counts as failed, since an update that replaces no instance succeeds at once (A7)', async () => {
    const { answer } = await rollOut(without(Number.POSITIVE_INFINITY), { Critical: true });
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toMatch(/^DEPLOYING: the deployment is SUCCESSFUL, but none of 12 instances runs the daemon; deployment /);
  });

  test('does not count as failed if the counts are older than its end (A28)', async () => {
    const { answer } = await rollOut(without(100), { Critical: true });
    expect(answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
  });

  test('does not count as failed if the daemon is not critical, and is reported', async () => {
    const { answer } = await rollOut(without(Number.POSITIVE_INFINITY), { Critical: false });
    expect(answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 0 instances; 12 instances are without the daemon');
  });
});

describe('a stall', () => {
  const draining: Course = (age) => ({ status: age < 40 ? 'PENDING' : 'IN_PROGRESS', moved: age < 2000 ? 3 : 6, draining: 3, failures: age < 100 ? 0 : 2 });

  test('of more than ten minutes is logged once, with the reason of ECS; the next one again', async () => {
    const api = withDaemon();
    api.course = draining;
    api.statusReason = 'no capacity';
    const { lines, answer } = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(lines.filter((line) => line.includes('no progress'))).toEqual([
      'DEPLOYING: no progress for 10 minutes while 3 drain: the daemon failed to start 2 times (the limit is 3), "no capacity"',
      'DEPLOYING: no progress for 10 minutes while 3 drain: the daemon failed to start 2 times (the limit is 3), "no capacity"',
      expect.stringMatching(/^DEPLOYING: TIMED_OUT after 55 minutes with 6 of 12 instances on the new revision; no progress for 21 minutes while 3 drain; /),
    ]);
    expect(answer.Status).toBe('FAILED');
  });

  test.each([[9, 0], [11, 1]])('of %d minutes is logged %d times', async (minutes, times) => {
    const api = withDaemon();
    api.course = (age) => age < minutes * 60 ? { status: 'IN_PROGRESS', moved: 3, draining: 3 } : { status: 'SUCCESSFUL', moved: 12 };
    const { lines } = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(lines.filter((line) => line.includes('no progress'))).toHaveLength(times);
  });

  test('without a reason of ECS is logged as such, also in a rollback and before a bake', async () => {
    const stands = 'no progress for 10 minutes while 3 drain: ECS names no reason';
    for (const [status, line] of [['IN_PROGRESS', `DEPLOYING: ${stands}`], ['ROLLBACK_IN_PROGRESS', `ROLLING_BACK: ${stands}`]] as const) {
      const api = withDaemon();
      api.course = (age) => age < 900 ? { status, moved: 3, draining: 3 } : { status: 'ROLLBACK_SUCCESSFUL', moved: 0 };
      const { lines } = await simulate(api, updateRequest({}, { ...taskDefinition(2), BakeTimeInMinutes: 30 }));
      expect(lines.filter((told) => told.includes('no progress'))).toEqual([line]);
    }
  });

  test('is not logged for a fleet without instances, nor for a deployment that has ended', async () => {
    const empty = withDaemon();
    empty.instances = 0;
    empty.course = scripted([0, 'IN_PROGRESS', 0]);
    const run = await simulate(empty, updateRequest({}, taskDefinition(2)));
    expect(run.lines.join()).not.toContain('no progress');
    expect(run.answer.Reason).toContain('TIMED_OUT after 55 minutes; ');
    const over = withDaemon();
    over.course = (age) => ({ status: age < 610 ? 'IN_PROGRESS' : 'STOPPED', moved: 3, draining: 3 });
    expect((await simulate(over, updateRequest({}, taskDefinition(2)))).lines.join()).not.toContain('no progress');
  });

  test('is not logged for a bake, whether after the last batch or after each (A11)', async () => {
    for (const moved of [3, 12]) {
      const api = withDaemon();
      api.course = (age) => age < 1800 ? { status: 'IN_PROGRESS', moved } : { status: 'SUCCESSFUL', moved: 12 };
      const { lines } = await simulate(api, updateRequest({}, { ...taskDefinition(2), BakeTimeInMinutes: 30 }));
      expect(lines.filter((line) => line.includes('no progress'))).toEqual([]);
    }
  });

  test('of a deletion is logged once', async () => {
    const api = withDaemon();
    api.drainSeconds = 2000;
    const { lines } = await simulate(api, deleteRequest());
    expect(lines.filter((line) => line.includes('no progress'))).toEqual(['DRAINING: no progress for 10 minutes: 12 instances still run the daemon agent']);
  });
});

describe('our own monitoring of the deployment alarms', () => {
  const fires = (api: FakeDaemonApi, from: number, to = Number.POSITIVE_INFINITY) => ({
    meanwhile: (seconds: number) => api.addAlarm('cpu-high', seconds > from && seconds < to ? 'ALARM' : 'OK', 'Threshold Crossed'),
  });

  test.each([['goes on', Number.POSITIVE_INFINITY], ['has cleared again', 500]])('fails the update for an alarm that fires without a reaction of ECS, even if it %s', async (_name, to) => {
    const api = withDaemon();
    api.course = endless;
    api.addAlarm('cpu-high');
    const run = await simulate(api, guarded(), fires(api, 300, to));
    expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
    expect(run.answer.Reason).toBe('DEPLOYING: alarm cpu-high went into ALARM ("Threshold Crossed") after 3 of 12 instances ran the new revision, and ECS did not '
      + 'act on it; its deployment continues until the rollback of the stack replaces it; deployment deployment-2; log /aws/lambda/rollouts');
    expect(run.lines).toContain('DEPLOYING: alarm cpu-high went into ALARM ("Threshold Crossed")');
    expect(run.seconds).toBeLessThan(600);
    expect(writesOf(api)).toEqual(['updateDaemon']);
  });

  test('ignores an alarm that was in ALARM before the write until it clears and fires again (R33)', async () => {
    const red = { PreflightAlarmInAlarm: 'PROCEED' as const };
    for (const [clears, status] of [[Number.POSITIVE_INFINITY, 'SUCCESS'], [200, 'FAILED']] as const) {
      const api = withDaemon();
      api.addAlarm('cpu-high', 'ALARM', 'since yesterday');
      const run = await simulate(api, updateRequest({ ...alarms, ...red }, { ...alarms, ...red, ...taskDefinition(2) }), {
        meanwhile: (seconds) => api.addAlarm('cpu-high', seconds > clears && seconds < 500 ? 'OK' : 'ALARM', 'again'),
      });
      expect(run.answer.Status).toBe(status);
    }
  });

  test('ignores it also beside another alarm that stays in ALARM (R33)', async () => {
    const both = { AlarmNames: ['cpu-high', 'errors'], PreflightAlarmInAlarm: 'PROCEED' as const };
    const api = withDaemon();
    for (const name of both.AlarmNames) api.addAlarm(name, 'ALARM', 'since yesterday');
    const run = await simulate(api, updateRequest(both, { ...both, ...taskDefinition(2) }), {
      meanwhile: (seconds) => api.addAlarm('cpu-high', seconds > 200 && seconds < 500 ? 'OK' : 'ALARM', 'again'),
    });
    expect(run.answer.Reason).toContain('alarm cpu-high went into ALARM ("again")');
  });

  test('leaves the rollback to ECS, and keeps the reason that the alarm had when it fired', async () => {
    const api = withDaemon();
    api.addAlarm('cpu-high');
    api.triggeredAlarms = ['cpu-high'];
    api.course = scripted([0, 'IN_PROGRESS', 3], [390, 'STOP_REQUESTED', 3], [420, 'ROLLBACK_IN_PROGRESS', 2], [700, 'ROLLBACK_SUCCESSFUL', 0]);
    const run = await simulate(api, guarded(), fires(api, 290, 395));
    expect(run.answer.Reason).toMatch(/^DEPLOYING: ECS rolled the daemon agent back: alarm cpu-high went into ALARM \("Threshold Crossed"\) after 3 of 12 /);
  });

  test('reads no alarm in a create or a rollback of the stack after the start of its deployment (A13)', async () => {
    const created = new FakeDaemonApi();
    created.addAlarm('cpu-high');
    await simulate(created, createRequest(alarms));
    expect(readsOf(created).slice(-4)).not.toContain('describeAlarms');
    expect(created.calls.filter(({ name }) => name === 'describeAlarms').length).toBeLessThanOrEqual(2);
    const back = withDaemon({ ...alarms, ...taskDefinition(2) });
    await simulate(back, updateRequest({ ...alarms, ...taskDefinition(2) }, alarms), { rollingBack: true });
    expect(readsOf(back)).not.toContain('describeAlarms');
  });

  test('detects an alarm within 90 s of a bake', async () => {
    for (const offset of [0, 20, 40, 60, 80]) {
      const api = withDaemon();
      api.addAlarm('cpu-high');
      api.course = (age) => age < 300 ? { status: 'IN_PROGRESS', moved: 6, draining: 6 } : { status: 'IN_PROGRESS', moved: 12 };
      const run = await simulate(api, guarded({ BakeTimeInMinutes: 30 }), fires(api, 1000 + offset));
      const noticed = run.transcript.find((line) => line.includes('BAKING: alarm cpu-high went into ALARM'))!;
      expect(parseInt(noticed) - 1000 - offset).toBeLessThanOrEqual(90);
    }
  });

  test('ends when ECS rolls the deployment back', async () => {
    const api = withDaemon();
    api.addAlarm('cpu-high');
    api.course = scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [2000, 'ROLLBACK_SUCCESSFUL', 0]);
    const begin = api.now;
    await simulate(api, guarded());
    expect(api.calls.filter(({ name, at }) => name === 'describeAlarms' && at > begin + 430_000)).toEqual([]);
  });

  test('ignores an alarm that was in ALARM before a deployment that is only followed (R33)', async () => {
    const api = withDaemon(alarms);
    api.addAlarm('cpu-high', 'ALARM', 'since yesterday');
    api.deployByHand(DAEMON_ARN, settings({ ...alarms, ...taskDefinition(2) }), scripted([0, 'IN_PROGRESS', 3], [900, 'SUCCESSFUL', 12]));
    api.now += 10_000;
    const run = await simulate(api, guarded());
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-2' } });
  });

  test('reads at once the reason of the alarm that ECS names', async () => {
    const api = withDaemon();
    api.addAlarm('cpu-high');
    api.triggeredAlarms = ['cpu-high'];
    api.course = scripted([0, 'IN_PROGRESS', 3], [310, 'STOP_REQUESTED', 3], [420, 'ROLLBACK_IN_PROGRESS', 2], [700, 'ROLLBACK_SUCCESSFUL', 0]);
    const run = await simulate(api, guarded(), fires(api, 305));
    expect(run.lines).toContain('DEPLOYING: the alarm cpu-high has fired');
    expect(run.answer.Reason).toMatch(/alarm cpu-high went into ALARM \("Threshold Crossed"\)/);
  });

  test('continues to follow the deployment if the alarms cannot be read', async () => {
    const api = withDaemon();
    api.addAlarm('cpu-high');
    let reads = 0;
    api.refuse = (call) => call === 'describeAlarms' && ++reads > 2 && api.calls.length < 40
      ? { kind: 'denied', name: 'AccessDenied', message: 'not authorized to perform cloudwatch:DescribeAlarms' } : undefined;
    expect((await simulate(api, guarded())).answer.Status).toBe('SUCCESS');
  });

  test('detects the end of the deployment while the alarms cannot be read', async () => {
    const api = withDaemon();
    api.addAlarm('cpu-high');
    api.course = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 3], [500, 'ROLLBACK_IN_PROGRESS', 2], [600, 'ROLLBACK_SUCCESSFUL', 0]);
    const begin = api.now;
    api.refuse = (call) => call === 'describeAlarms' && api.now > begin + 100_000 && api.now < begin + 1_200_000
      ? { kind: 'transient', name: 'ServerException', message: 'oops' } : undefined;
    const run = await simulate(api, guarded());
    expect(run.answer.Reason).toMatch(/^DEPLOYING: ECS rolled the daemon agent back/);
    expect(run.seconds).toBeLessThan(700);
  });
});

describe('an expired deployment (A15)', () => {
  const forgotten = (api: FakeDaemonApi, from: number): void => {
    const begin = api.now;
    seenAs(api, ({ arn }) => arn === 'deployment-2' && api.now > begin + from * 1000 ? undefined : {});
  };

  test.each([
    ['what is desired', 'SUCCESSFUL', 12, 'SUCCESS', /^SUCCEEDED: ECS no longer returns the deployment, and the daemon agent has the desired settings/, 1500],
    ['what it replaced', 'ROLLBACK_SUCCESSFUL', 0, 'FAILED', /does not have the desired settings: task definition is agent:1 instead of agent:2/, 1900],
    ['several revisions', 'STOPPED', 3, 'FAILED', /TIMED_OUT after 55 minutes .*does not have the desired settings: instances run several revisions/, 3300],
  ] as const)('is judged by the instances, which run %s (FM17)', async (_what, status, moved, answer, reason, seconds) => {
    const api = withDaemon();
    api.course = scripted([0, 'IN_PROGRESS', 3], [1000, status, moved]);
    forgotten(api, 400);
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Status).toBe(answer);
    expect(run.answer.Reason).toMatch(reason);
    expect(run.seconds).toBeGreaterThanOrEqual(1000);
    expect(run.seconds).toBeLessThanOrEqual(seconds);
  });
});

describe('a manual write during the rollout', () => {
  test('that deletes the daemon is reported (FM18)', async () => {
    const api = withDaemon();
    api.course = (age) => age < 500 ? { status: 'IN_PROGRESS', moved: 3 } : { status: 'STOPPED', moved: 3 };
    const run = await simulate(api, updateRequest({}, taskDefinition(2)), { meanwhile: (seconds) => {
      const daemon = api.daemons.get(DAEMON_ARN)![0]!;
      if (seconds > 490) daemon.deletedAt ??= api.now;
    } });
    expect(run.answer.Reason).toMatch(/^DEPLOYING: SUPERSEDED: somebody deletes the daemon agent after 3 of 12 instances ran the new revision; /);
    expect(writesOf(api)).toEqual(['updateDaemon']);
  });

  test('that creates the daemon again during its deletion is left alone', async () => {
    const api = withDaemon();
    let remade = false;
    const run = await simulate(api, deleteRequest(), { meanwhile: (seconds) => {
      if (seconds < 300 || remade) return;
      remade = true;
      api.daemons.delete(DAEMON_ARN);
      api.put(DAEMON_ARN, settings(), { owner: 'somebody' });
      api.now += 10_000;
    } });
    expect(remade).toBe(true);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(api.calls.filter(({ name }) => name === 'deleteDaemon')).toHaveLength(1);
    expect(api.exists(DAEMON_ARN)).toBe(true);
  });
});

describe('denied reads', () => {
  const denied = { kind: 'denied', name: 'AccessDeniedException', message: 'not authorized to perform ecs:DescribeDaemonDeployments' } as const;
  const refusing = (api: FakeDaemonApi, from: number, to: number): void => {
    const begin = api.now;
    api.refuse = (call) => call === 'describeDeployments' && api.now > begin + from * 1000 && api.now < begin + to * 1000 ? denied : undefined;
  };

  test('for nine minutes do not end a rollout that ECS continues', async () => {
    const api = withDaemon();
    refusing(api, 300, 840);
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(run.lines.filter((line) => line.includes('is refused and tried again'))).toHaveLength(1);
    const begin = api.now - run.seconds * 1000;
    const times = api.calls.filter(({ name, at }) => name === 'describeDeployments' && at > begin + 300_000 && at < begin + 840_000).map(({ at }) => at);
    expect(times.slice(1).map((at, index) => (at - times[index]!) / 1000)).toEqual([15, ...times.slice(2).map(() => 60)]);
  });

  test('for more than ten minutes end it, and the reason reports what continues', async () => {
    const api = withDaemon();
    refusing(api, 300, 3600);
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Reason).toMatch(/^DEPLOYING: AccessDeniedException: not authorized to perform \S+; ECS continues what it has started; /);
    expect(run.seconds).toBeGreaterThanOrEqual(900);
    expect(run.seconds).toBeLessThan(1020);
  });

  test('end a rollout that has started nothing after permissions must be effective', async () => {
    const api = withDaemon();
    refusing(api, -1, 3600);
    const run = await simulate(api, updateRequest({}, taskDefinition(2)));
    expect(run.answer.Reason).toMatch(/^PREFLIGHT: AccessDeniedException: .*; nothing was started; /);
    expect(run.seconds).toBeLessThan(180);
  });
});

test('a rollout that has changed tags does not report that nothing was changed', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high');
  const tag = api.tag.bind(api);
  api.tag = async (arn, tags) => {
    await tag(arn, tags);
    api.addAlarm('cpu-high', 'ALARM', 'just now');
  };
  const run = await simulate(api, guarded({ Tags: [{ key: 'team', value: 'b' }] }));
  expect(run.answer.Reason).toMatch(/so that ECS would ignore it; only the tags were changed; /);
  expect(writesOf(api)).toEqual(['tag']);
});

describe('polling', () => {
  test.each([0, 5, 12, 21])('of a guarded rollout costs at most 240 reads an hour, alarms included, and ends at most 30 s after ECS (%d s) (FM19)', async (offset) => {
    for (const [status, moved] of [['SUCCESSFUL', 12], ['ROLLBACK_SUCCESSFUL', 0], ['ROLLBACK_FAILED', 0]] as const) {
      const api = withDaemon();
      api.addAlarm('cpu-high');
      const end = 3150 + offset;
      api.course = (age) => age >= end ? { status, moved } : { ...steady(12)(Math.min(age, 1100)), ...(age > 1200 ? { status: 'IN_PROGRESS', moved: 12, draining: 0 } : {}) };
      const run = await simulate(api, guarded({ BakeTimeInMinutes: 33 }));
      expect(run.answer.Status).toBe(status === 'SUCCESSFUL' ? 'SUCCESS' : 'FAILED');
      expect(run.seconds - end).toBeLessThanOrEqual(30);
      expect(readsOf(api).length / (run.seconds / 3600)).toBeLessThanOrEqual(240);
    }
  });

  test.each([0, 5, 120])('sends the answer at most 150 s after the end at a read lag of %d s', async (readLagSeconds) => {
    const api = withDaemon();
    api.readLagSeconds = readLagSeconds;
    api.addAlarm('cpu-high');
    const run = await simulate(api, guarded());
    expect(run.answer.Status).toBe('SUCCESS');
    const began = api.calls.find(({ name }) => name === 'updateDaemon')!.at;
    expect((api.now - began) / 1000 - 4 * 294).toBeLessThanOrEqual(150);
  });

  test('slows down with age, to fewer than 3,000 operations in 36 hours (FM25)', () => {
    for (const kind of ['deploying', 'baking', 'unguarded'] as const) {
      let looks = 0;
      for (let now = 0; now < 36 * 3_600_000; now += paceOf(kind, 0, now).lookSeconds * 1000) looks++;
      expect(looks).toBeLessThan(2000);
      expect(looks).toBeGreaterThan(1000);
      expect(paceOf(kind, 0, 36 * 3_600_000).lookSeconds).toBeLessThanOrEqual(120);
    }
  });

  test.each([
    [3600, 20, 10, 11], [3601, 60, 10, 60], [43_200, 60, 10, 60], [43_201, 120, 10, 120],
  ])('slows down with age to other intervals than for events that are due: after %d s every %d s', (age, lookSeconds, short, long) => {
    expect(paceOf('deploying', 0, age * 1000).lookSeconds).toBe(lookSeconds);
    expect([10, 11].map((seconds) => unhurried(seconds, 0, age * 1000))).toEqual([short, long]);
    expect(unhurried(500, 0, age * 1000)).toBe(500);
  });
});
