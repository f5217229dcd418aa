import { CLOCK_MARGIN_SECONDS } from '../../lambda/timing';
import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { seenAs, withDaemon, writesOf } from './fixtures';
import { createRequest, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const alarms = { AlarmNames: ['cpu-high'] };
const guarded = () => updateRequest(alarms, { ...alarms, ...taskDefinition(2) });
const UPDATE_IS_ALONE = 'ECS does not monitor the deployment alarms (their status is DISABLED): only this rollout watches them';

/** A daemon with an alarm that is OK, and what ECS tells of its watch over the alarms of the deployments to come. */
function withWatch(alarmsStatus: string, api = withDaemon()): FakeDaemonApi {
  api.addAlarm('cpu-high');
  seenAs(api, () => ({ alarmsStatus }));
  return api;
}

const told = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('does not monitor'));

test.each(['MONITORING', 'TRIGGERED', 'MONITORING_COMPLETE'])('a deployment of which the alarms are %s is followed, and its monitoring is not logged', async (status) => {
  const run = await simulate(withWatch(status), guarded());
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
  expect(told(run.lines)).toEqual([]);
});

test('missing monitoring by ECS is logged once, at the first batch, and is in the reason', async () => {
  const api = withWatch('DISABLED');
  const saidAt: number[] = [];
  const run = await simulate(api, guarded(), {
    meanwhile: (seconds, { logLines }) => { if (told(logLines).length > 0) saidAt.push(seconds); },
  });
  expect(told(run.lines)).toEqual([`DEPLOYING: ${UPDATE_IS_ALONE}`]);
  expect(saidAt).toHaveLength(1);
  expect(saidAt[0]).toBeLessThanOrEqual(40 + api.readLagSeconds + 2 * 20); // as soon as it is seen to be IN_PROGRESS, and a look later
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances; ECS did not monitor the deployment alarms (their status was DISABLED)');
});

test.each(['', 'SUSPENDED'])('a missing or unknown status of the alarms ("%s") does not mean that ECS ignores them (A33, A38)', async (status) => {
  const run = await simulate(withWatch(status), guarded());
  expect(run.answer.Reason).not.toContain('ECS did not monitor');
});

test('an alarm that fires without monitoring by ECS fails the update at the poll that reads it', async () => {
  const api = withWatch('DISABLED');
  api.course = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 3]);
  const run = await simulate(api, guarded(), { meanwhile: (seconds) => { if (seconds > 300) api.addAlarm('cpu-high', 'ALARM', 'Threshold Crossed'); } });
  expect(run.answer.Reason).toBe('DEPLOYING: alarm cpu-high went into ALARM ("Threshold Crossed") after 3 of 12 instances ran the new revision, and ECS did not '
    + 'act on it; its deployment continues until the rollback of the stack replaces it; ECS did not monitor the deployment alarms (their status was DISABLED)'
    + '; deployment deployment-2; log /aws/lambda/rollouts');
  expect(run.seconds).toBeGreaterThan(300);
  expect(run.seconds).toBeLessThanOrEqual(300 + 120); // the alarms are looked at every 100 s
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('a deployment of which ECS starts to monitor the alarms later succeeds like any other', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high');
  seenAs(api, ({ createdAt }) => ({ alarmsStatus: api.now < createdAt + 300_000 ? 'DISABLED' : 'MONITORING' }));
  const run = await simulate(api, guarded());
  expect(told(run.lines)).toHaveLength(1);
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
});

test('a deployment is not reported as unmonitored before its first batch or during its rollback', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high');
  api.course = scripted([0, 'PENDING', 0], [200, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [600, 'ROLLBACK_SUCCESSFUL', 0]);
  seenAs(api, ({ status }) => ({ alarmsStatus: status === 'IN_PROGRESS' ? 'MONITORING' : 'DISABLED' }));
  const run = await simulate(api, guarded());
  expect(run.answer.Status).toBe('FAILED');
  expect(told(run.lines)).toEqual([]);
  expect(run.answer.Reason).not.toContain('monitor');
});

test('the reason reports missing monitoring of a deployment that ended before a poll showed it in progress', async () => {
  const api = withWatch('DISABLED');
  api.course = scripted([0, 'SUCCESSFUL', 12]);
  expect((await simulate(api, guarded())).answer.Reason).toMatch(/; ECS did not monitor the deployment alarms \(their status was DISABLED\)$/);
});

test('a create and the rollback of a stack report that alarms do not protect them', async () => {
  const created = withWatch('DISABLED', new FakeDaemonApi());
  const creation = await simulate(created, createRequest(alarms));
  const back = withWatch('DISABLED', withDaemon({ ...alarms, ...taskDefinition(2) }));
  const rolledBack = await simulate(back, updateRequest({ ...alarms, ...taskDefinition(2) }, alarms), { rollingBack: true });
  for (const run of [creation, rolledBack]) {
    expect(run.answer.Status).toBe('SUCCESS');
    expect(told(run.lines)).toEqual(['DEPLOYING: ECS does not monitor the deployment alarms (their status is DISABLED): nothing watches them']);
  }
});

test('a deployment without alarms is not reported as unmonitored', async () => {
  const api = withDaemon();
  api.course = steady(12);
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
  expect(told(run.lines)).toEqual([]);
});

describe('a deployment that is SUCCESSFUL before its bake, in which ECS monitors (A11)', () => {
  const bakes = (): FakeDaemonApi => {
    const api = withDaemon();
    api.addAlarm('cpu-high');
    seenAs(api, ({ status, createdAt }) => ({ alarmsStatus: 'MONITORING', ...status === 'SUCCESSFUL' && { endedAt: createdAt + 300_000 } }));
    return api;
  };
  const baking = () => updateRequest(alarms, { ...alarms, ...taskDefinition(2), BakeTimeInMinutes: 10 });

  test('ends after the bake, whatever the status of the alarms is then', async () => {
    const api = bakes();
    api.course = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 6], [300, 'SUCCESSFUL', 12]);
    const run = await simulate(api, baking());
    expect(run.lines).toContain('BAKING: all 12 instances run the new revision; alarms are watched for 10 minutes');
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
    expect(run.seconds).toBeGreaterThanOrEqual(300 + 600);
    expect(run.seconds).toBeLessThanOrEqual(300 + 600 + CLOCK_MARGIN_SECONDS + 30);
  });

  test('is rolled back by an alarm that fires during the bake', async () => {
    const api = bakes();
    api.triggeredAlarms = ['cpu-high'];
    api.course = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 6], [300, 'SUCCESSFUL', 12], [500, 'STOP_REQUESTED', 12], [900, 'ROLLBACK_SUCCESSFUL', 0]);
    const run = await simulate(api, baking());
    expect(run.answer.Reason).toMatch(/^BAKING: ECS rolled the daemon agent back: alarm cpu-high went into ALARM after 12 of 12 instances ran the new revision/);
  });

  test.each([
    ['has monitored the alarms to the end', 'SUCCESSFUL', 'MONITORING_COMPLETE', 'SUCCESS'],
    ['has taken the deployment back', 'ROLLBACK_SUCCESSFUL', 'MONITORING', 'FAILED'],
    ['has stopped the deployment', 'STOPPED', 'MONITORING', 'FAILED'],
  ])('bakes no longer once ECS %s', async (_what, end, alarmsStatus, answer) => {
    const api = withDaemon();
    api.addAlarm('cpu-high');
    seenAs(api, ({ status, createdAt }) => ({ alarmsStatus, ...status === end && { endedAt: createdAt + 300_000 } }));
    api.course = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 6], [300, end, 12]);
    const run = await simulate(api, baking());
    expect(run.answer.Status).toBe(answer);
    expect(run.seconds).toBeLessThan(300 + 300);
  });

  const OVER: [number, string, number] = [1300, 'ROLLBACK_SUCCESSFUL', 0];
  const TAKEN_BACK = /^BAKING: ECS rolled the daemon agent back: alarm cpu-high went into ALARM after 12 of 12 instances ran the new revision/;

  test('is rolled back, though an older read returns its success after its stop (A28)', async () => {
    const api = bakes();
    let stops = 0;
    seenAs(api, ({ status }) => status === 'STOPPED' && ++stops === 2 ? { status: 'SUCCESSFUL', alarmsStatus: 'DISABLED' } : {});
    api.triggeredAlarms = ['cpu-high'];
    api.course = scripted([0, 'IN_PROGRESS', 6], [300, 'SUCCESSFUL', 12], [500, 'STOPPED', 12], [570, 'ROLLBACK_IN_PROGRESS', 6], OVER);
    const run = await simulate(api, baking());
    expect(run.answer.Reason).toMatch(TAKEN_BACK);
  });

  test('a create that ECS stops for an alarm before an instance has come does not succeed by an older read (A28)', async () => {
    const api = bakes();
    api.daemons.clear();
    let stops = 0;
    seenAs(api, ({ status }) => status === 'STOP_REQUESTED' ? { triggeredAlarmNames: ['cpu-high'], ...++stops === 2 && { status: 'PENDING' } } : {});
    api.course = scripted([0, 'PENDING', 0], [296, 'STOP_REQUESTED', 0], [330, 'STOPPED', 0]);
    const run = await simulate(api, createRequest(alarms));
    expect(run.answer.Status).toBe('FAILED');
  });

  test('is not over until ECS has rolled it back for an alarm that ECS has detected', async () => {
    const api = bakes();
    api.daemons.clear();
    seenAs(api, () => ({ alarmsStatus: 'TRIGGERED' }));
    api.triggeredAlarms = ['cpu-high'];
    api.course = scripted([0, 'IN_PROGRESS', 6], [300, 'SUCCESSFUL', 12], [500, 'ROLLBACK_IN_PROGRESS', 9], OVER);
    const run = await simulate(api, createRequest({ ...alarms, BakeTimeInMinutes: 10 }));
    expect(run.answer.Status).toBe('FAILED');
  });

  test('is rolled back, although an older read shows its success once more (A28)', async () => {
    const api = bakes();
    api.triggeredAlarms = ['cpu-high'];
    api.course = scripted([0, 'IN_PROGRESS', 6], [300, 'SUCCESSFUL', 12], [500, 'ROLLBACK_IN_PROGRESS', 9], [920, 'SUCCESSFUL', 12], [960, 'ROLLBACK_IN_PROGRESS', 6], OVER);
    const run = await simulate(api, baking());
    expect(run.answer.Reason).toMatch(TAKEN_BACK);
  });

  test('is rolled back, although the first reads after the bake are older (A28)', async () => {
    const api = bakes();
    api.triggeredAlarms = ['cpu-high'];
    api.course = scripted([0, 'IN_PROGRESS', 6], [300, 'SUCCESSFUL', 12], [910, 'ROLLBACK_IN_PROGRESS', 6], OVER);
    let reads = 0;
    seenAs(api, ({ status, createdAt, target }) => status === 'ROLLBACK_IN_PROGRESS' && reads++ < 2
      ? { status: 'SUCCESSFUL', endedAt: createdAt + 300_000, target: { ...target!, running: 12 }, sources: [] } : {});
    const run = await simulate(api, baking());
    expect(run.answer.Reason).toMatch(TAKEN_BACK);
  });

  test('is over if every read in the consistency window shows its success, whatever earlier reads showed', async () => {
    const api = bakes();
    api.course = scripted([0, 'IN_PROGRESS', 6], [300, 'SUCCESSFUL', 12], [500, 'STOP_REQUESTED', 12], [920, 'SUCCESSFUL', 12]);
    const run = await simulate(api, baking());
    expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is rolled out to 12 instances');
    expect(run.seconds).toBeGreaterThanOrEqual(920 + 130);
    expect(run.seconds).toBeLessThanOrEqual(920 + 130 + CLOCK_MARGIN_SECONDS + 60);
  });
});
