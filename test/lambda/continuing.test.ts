import type { DaemonProperties } from '../../lambda/contract';
import { FakeDaemonApi, scripted, steady, type Course } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate, type Run } from './simulate';

const HOURS = 3600;
const ANSWER_SECONDS = 55 * 60;
const gated = { TimeoutInMinutes: 300 };
const endless = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 3]);
const until = (hours: number, status: string, moved: number): Course =>
  scripted([0, 'IN_PROGRESS', 3], [hours * HOURS, status, moved]);

function daemonWith(course: Course, from: Partial<DaemonProperties> = {}): FakeDaemonApi {
  const api = withDaemon(from);
  api.course = course;
  return api;
}

/** Somebody else's deployment, which every read shows. */
function deployByHand(api: FakeDaemonApi, arn: string, course: Course): void {
  api.deployByHand(arn, settings(taskDefinition(9)), course);
  api.now += 10_000;
}

const update = (course: Course, more: Partial<DaemonProperties> = gated): Promise<Run> =>
  simulate(daemonWith(course), updateRequest(gated, { ...taskDefinition(2), ...more }));

const goBack = (api: FakeDaemonApi, more: Partial<DaemonProperties>): Promise<Run> =>
  simulate(api, updateRequest({ ...taskDefinition(2), ...more }, more), { rollingBack: true });

describe('a rollout with gates', () => {
  test.each([
    ['a create', () => {
      const api = new FakeDaemonApi();
      api.course = until(4, 'SUCCESSFUL', 12);
      return simulate(api, createRequest(gated));
    }],
    ['an update', () => update(until(4, 'SUCCESSFUL', 12))],
    ['the rollback of the stack', () => goBack(daemonWith(until(4, 'SUCCESSFUL', 12), taskDefinition(2)), gated)],
  ])('is answered as CONTINUING after 55 minutes, and continues to its end: %s (FM23)', async (_name, run) => {
    const { answer, seconds, end, endSeconds } = await run();
    expect(answer).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: DAEMON_ARN,
      Data: {
        DaemonArn: DAEMON_ARN, DaemonName: 'agent', DeploymentArn: expect.stringMatching(/^deployment-\d$/),
        RevisionArn: expect.any(String), RolloutArn: 'arn:rollout', Outcome: 'CONTINUING',
      },
    });
    expect(seconds).toBe(ANSWER_SECONDS);
    expect(end).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED', RolloutArn: 'arn:rollout' } });
    expect(endSeconds).toBeGreaterThan(4 * HOURS);
    expect(endSeconds).toBeLessThan(4 * HOURS + 150);
  });

  test('reports its progress, and how long it may take', async () => {
    const { answer, lines } = await update(until(4, 'SUCCESSFUL', 12));
    expect(answer.Reason).toBe('CONTINUING: DEPLOYING after 55 minutes with 3 of 12 instances on the new revision; no progress for 54 minutes; '
      + 'the rollout may take 300 minutes; gates hold the stack');
    expect(lines).toContain(answer.Reason);
  });

  test('has a single answer with the result if it ends in time', async () => {
    const { answer, end, seconds, endSeconds } = await update(steady(12));
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(end).toBe(answer);
    expect(endSeconds).toBe(seconds);
  });

  test('ends with its result after the answer', async () => {
    const { answer, end } = await update(scripted([0, 'IN_PROGRESS', 3], [2 * HOURS, 'ROLLBACK_IN_PROGRESS', 2], [3 * HOURS, 'ROLLBACK_SUCCESSFUL', 0]));
    expect(answer.Data).toMatchObject({ Outcome: 'CONTINUING' });
    expect(end).toMatchObject({ Status: 'FAILED' });
    expect(end.Reason).toMatch(/^DEPLOYING: ECS rolled the daemon agent back: /);
  });

  test.each([[56], [300], [2160]])('ends at its timeout of %d minutes (FM23)', async (TimeoutInMinutes) => {
    const { answer, end, endSeconds } = await update(endless, { TimeoutInMinutes });
    expect(answer.Data).toMatchObject({ Outcome: 'CONTINUING' });
    expect(end.Reason).toContain(`DEPLOYING: TIMED_OUT after ${TimeoutInMinutes} minutes with 3 of 12 instances on the new revision; `);
    expect(endSeconds).toBe(TimeoutInMinutes * 60);
  });

  test('sends after its answer the writes that it could not send before', async () => {
    const api = withDaemon();
    deployByHand(api, DAEMON_ARN, until(2, 'SUCCESSFUL', 12));
    const { answer, end } = await simulate(api, updateRequest(gated, { ...gated, ...taskDefinition(2) }));
    expect(answer.Reason).toMatch(/^CONTINUING: WAITING_TURN after 55 minutes; it waited for the deployment deployment-2/);
    expect(answer.Data).toMatchObject({ Outcome: 'CONTINUING', DeploymentArn: 'deployment-2' });
    expect(end.Data).toMatchObject({ Outcome: 'SUCCEEDED', DeploymentArn: 'deployment-3' });
    expect(writesOf(api)).toEqual(['updateDaemon']);
  });

  test('is followed for at least 110 minutes in the rollback of the stack', async () => {
    const { answer, end, endSeconds } = await goBack(daemonWith(endless, taskDefinition(2)), { TimeoutInMinutes: 60 });
    expect(answer.Reason).toContain('gates hold the rollback of the stack, unless it began before they were asked');
    expect(end).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'DEGRADED' } });
    expect(endSeconds).toBe(110 * 60);
  });
});

describe('a rollout without gates', () => {
  test.each([[55], [20]])('answers an update with a timeout of %d minutes only at its end', async (TimeoutInMinutes) => {
    const { answer, end } = await update(endless, { TimeoutInMinutes });
    expect(answer).toMatchObject({ Status: 'FAILED' });
    expect(end).toBe(answer);
  });

  test('answers a rollback of more than an hour with SUCCESS and DEGRADED, and follows it to the end of the deployment (FM11)', async () => {
    const { answer, seconds, end, endSeconds } = await goBack(daemonWith(until(1.5, 'SUCCESSFUL', 12), taskDefinition(2)), {});
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'DEGRADED' } });
    expect(answer.Reason).toContain('TIMED_OUT after 55 minutes with 3 of 12 instances on the new revision');
    expect(seconds).toBe(ANSWER_SECONDS);
    expect(end.Data).toMatchObject({ Outcome: 'SUCCEEDED' });
    expect(endSeconds).toBeGreaterThan(1.5 * HOURS);
  });

  test('starts nothing after the answer of a rollback that has started nothing', async () => {
    const api = withDaemon(taskDefinition(2));
    deployByHand(api, DAEMON_ARN, until(1.5, 'SUCCESSFUL', 12));
    const { answer, end } = await goBack(api, {});
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'DEGRADED' } });
    expect(end).toBe(answer);
    expect(writesOf(api)).toEqual([]);
  });
});

describe('a deletion', () => {
  const erase = (api: FakeDaemonApi, changes: Partial<DaemonProperties>): Promise<Run> =>
    simulate(api, deleteRequest(DAEMON_ARN, changes));

  test('is answered as CONTINUING if it has deletion gates, and continues', async () => {
    const api = withDaemon();
    api.drainSeconds = 2 * HOURS;
    const { answer, seconds, end, endSeconds } = await erase(api, { DeletionTimeoutInMinutes: 150 });
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: { Outcome: 'CONTINUING', RolloutArn: 'arn:rollout' } });
    expect(answer.Reason).toMatch(/^CONTINUING: DRAINING after 55 minutes; .*the deletion may take 150 minutes; deletion gates hold the stack$/);
    expect(seconds).toBe(ANSWER_SECONDS);
    expect(end).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(endSeconds).toBeGreaterThan(2 * HOURS);
  });

  test('ends at its own timeout, not at that of rollouts', async () => {
    const api = withDaemon();
    api.drainSeconds = 10 * HOURS;
    const { end, endSeconds } = await erase(api, { TimeoutInMinutes: 600, DeletionTimeoutInMinutes: 120 });
    expect(end.Reason).toMatch(/^DRAINING: TIMED_OUT after 120 minutes/);
    expect(endSeconds).toBe(120 * 60);
  });

  test('has 55 minutes without deletion gates, whatever the timeout of rollouts is', async () => {
    const api = withDaemon();
    api.drainSeconds = 2 * HOURS;
    const { answer, end } = await erase(api, { TimeoutInMinutes: 600 });
    expect(answer.Reason).toMatch(/^DRAINING: TIMED_OUT after 55 minutes/);
    expect(end).toBe(answer);
  });

  // a gate waits while it sees the daemon being deleted, and its reads may be as old as the lag (A28)
  test.each([
    [129, 'FAILED', undefined],
    [150, 'SUCCESS', 'CONTINUING'],
  ])('that ECS accepts %d s before the deadline is answered with %s', async (left, status, Outcome) => {
    const api = withDaemon();
    const { now } = api;
    api.drainSeconds = 2 * HOURS;
    api.refuse = (call) => call === 'deleteDaemon' && api.now < now + (ANSWER_SECONDS - left) * 1000
      ? { kind: 'refused', name: 'ClientException', message: 'a deployment is in progress' } : undefined;
    const { answer } = await erase(api, { DeletionTimeoutInMinutes: 150 });
    expect(answer.Status).toBe(status);
    expect(answer.Data?.Outcome).toBe(Outcome);
  });
});

describe('the longest rollout (EN2)', () => {
  const longest = { TimeoutInMinutes: 2160, DeletionTimeoutInMinutes: 2160 };
  const alarms = { AlarmNames: ['cpu-high'], ...longest };

  test.each<[string, () => Promise<Run>]>([
    ['a deployment', () => update(endless, longest)],
    ['a deployment with guard alarms', () => {
      const api = daemonWith(endless, alarms);
      api.addAlarm('cpu-high');
      return simulate(api, updateRequest(alarms, { ...alarms, ...taskDefinition(2) }));
    }],
    ['a bake', () => update(scripted([0, 'IN_PROGRESS', 12]), { ...longest, BakeTimeInMinutes: 1440 })],
    ['a deployment of somebody else', () => {
      const api = withDaemon();
      deployByHand(api, DAEMON_ARN, endless);
      return simulate(api, updateRequest(longest, { ...longest, ...taskDefinition(2) }));
    }],
    ["another daemon's deployment", () => {
      const api = withDaemon();
      const other = `${DAEMON_ARN}-too`;
      addDaemon(api, other, {}, { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' });
      deployByHand(api, other, endless);
      return simulate(api, updateRequest(longest, { ...longest, ...taskDefinition(2) }));
    }],
    ['reads that fail', () => {
      const api = daemonWith(endless);
      api.refuse = (call) => call === 'describeDeployments' && api.updates.length > 0
        ? { kind: 'transient', name: 'Error', message: 'no connection' } : undefined;
      return simulate(api, updateRequest(longest, { ...longest, ...taskDefinition(2) }));
    }],
    ['a deletion', () => {
      const api = withDaemon();
      api.drainSeconds = 100 * HOURS;
      return simulate(api, deleteRequest(DAEMON_ARN, longest));
    }],
  ])('takes fewer than 2,000 operations in 36 hours: %s (FM25)', async (_name, run) => {
    const { looks, endSeconds } = await run();
    expect(endSeconds).toBeGreaterThan(23 * HOURS);
    expect(looks).toBeLessThan(2000);
  });
});
