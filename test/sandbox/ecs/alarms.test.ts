import { EcsRig, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

const watching = (...alarmNames: string[]) => ({ deploymentConfiguration: { alarms: { enable: true, alarmNames } } });

test('an alarm that enters ALARM during a batch makes ECS roll back, and the moved instances drain again in batches (R32)', async () => {
  await start({ fleets: { main: 4 } });
  await rig.established();
  await rig.putAlarm('errors');
  const deploymentArn = await rig.update('agent:2', watching('errors'));
  await rig.advance(400); // the first batch is done, the second one under way
  await rig.setAlarm('errors', 'ALARM', 'too many errors');
  await rig.advance(29);
  expect(await rig.deployment(deploymentArn)).toMatchObject({
    status: 'STOP_REQUESTED', statusReason: 'CloudWatch alarm errors entered ALARM.', // ECS is about to roll back (R22)
    alarms: { status: 'TRIGGERED', alarmNames: ['errors'], triggeredAlarmNames: ['errors'] },
  });
  await rig.advance(1500);
  expect(rig.statusLines(deploymentArn)).toEqual([
    [0, 'PENDING'], [40, 'IN_PROGRESS'], [400, 'STOP_REQUESTED'], [430, 'ROLLBACK_IN_PROGRESS'], [842, 'ROLLBACK_SUCCESSFUL'],
  ]);
  // the second batch launched after the alarm: its replacement already carries the old revision
  expect(rig.drains()).toEqual([40, 334, 588]);
  expect(await rig.runningImages()).toEqual({ 'agent:1': 4 }); // the old revision runs again (R24)
  expect((await rig.deployment(deploymentArn)).rollback).toMatchObject({ reason: 'CloudWatch alarm errors entered ALARM.' });
});

test('alarms are monitored during the bake (R32)', async () => {
  await start();
  await rig.established();
  await rig.putAlarm('errors');
  const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: { bakeTimeInMinutes: 30, ...watching('errors').deploymentConfiguration } });
  await rig.advance(1000);
  await rig.setAlarm('errors', 'ALARM');
  await rig.advance(1000);
  expect(rig.statuses(deploymentArn)).toEqual(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL']);
});

test('an alarm already in ALARM when the deployment starts is ignored, for as long as the deployment lasts (R33)', async () => {
  await start();
  await rig.established();
  await rig.putAlarm('errors');
  await rig.setAlarm('errors', 'ALARM');
  const deploymentArn = await rig.update('agent:2', watching('errors'));
  await rig.advance(100);
  await rig.setAlarm('errors', 'OK');
  await rig.setAlarm('errors', 'ALARM');
  await rig.advance(300);
  expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'SUCCESSFUL', alarms: { status: 'MONITORING_COMPLETE', triggeredAlarmNames: [] } });
});

test('alarm names without enable are ignored, or honoured (R31, A14)', async () => {
  for (const [alarmsWithoutEnable, enable, end] of [
    ['ignored', undefined, 'SUCCESSFUL'], ['honoured', false, 'SUCCESSFUL'], ['honoured', undefined, 'ROLLBACK_SUCCESSFUL'],
  ] as const) {
    await start({ assumptions: { alarmsWithoutEnable } });
    await rig.established();
    await rig.putAlarm('errors');
    const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: { alarms: { alarmNames: ['errors'], enable } } });
    expect((await rig.deployment(deploymentArn)).alarms!.status).toBe(end === 'SUCCESSFUL' ? 'DISABLED' : 'MONITORING');
    await rig.advance(100);
    await rig.setAlarm('errors', 'ALARM');
    await rig.advance(1000);
    expect(await rig.status(deploymentArn)).toBe(end);
    if (enable !== undefined || alarmsWithoutEnable === 'ignored') await rig.close();
  }
});

test('alarm names are not validated (R34)', async () => {
  await start();
  await rig.established();
  const deploymentArn = await rig.update('agent:2', watching('nobody-knows-me'));
  await rig.advance(300);
  expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
});

test('a missing alarm fails the deployment later by missingAlarm (A13)', async () => {
  await start({ assumptions: { missingAlarm: 'fails-later' } });
  await rig.established();
  const deploymentArn = await rig.update('agent:2', watching('nobody-knows-me'));
  await rig.advance(1000);
  expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', rollback: { reason: 'CloudWatch alarm nobody-knows-me does not exist.' } });
});

test('no alarm is monitored by alarmMonitoring (A13)', async () => {
  await start({ assumptions: { alarmMonitoring: 'never' } });
  await rig.established();
  await rig.putAlarm('errors');
  const deploymentArn = await rig.update('agent:2', watching('errors'));
  await rig.advance(100);
  await rig.setAlarm('errors', 'ALARM');
  expect((await rig.deployment(deploymentArn)).alarms).toEqual({ status: 'DISABLED', alarmNames: ['errors'], triggeredAlarmNames: [] });
  await rig.advance(1000);
  expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
});

test.each([['ignored', 'SUCCESSFUL'], ['triggers', 'ROLLBACK_SUCCESSFUL']] as const)('an alarm without data has the effect of insufficientData: %s (A13)', async (insufficientData, end) => {
  await start({ assumptions: { insufficientData } });
  await rig.established();
  await rig.putAlarm('errors');
  await rig.setAlarm('errors', 'OK');
  const deploymentArn = await rig.update('agent:2', watching('errors'));
  await rig.advance(100);
  await rig.setAlarm('errors', 'INSUFFICIENT_DATA');
  await rig.advance(1000);
  expect(await rig.status(deploymentArn)).toBe(end);
});

test.each([['honoured', 'ROLLBACK_SUCCESSFUL'], ['ignored', 'SUCCESSFUL'], ['reject', undefined]] as const)('a composite alarm has the effect of compositeAlarms: %s (A13)', async (compositeAlarms, end) => {
  await start({ assumptions: { compositeAlarms } });
  await rig.established();
  await rig.putAlarm('errors');
  await rig.cloudWatch.putCompositeAlarm({ AlarmName: 'any', AlarmRule: 'ALARM("errors")' });
  const update = rig.update('agent:2', watching('any'));
  if (end === undefined) {
    await expect(update).rejects.toMatchObject({ name: 'InvalidParameterException' });
    return;
  }
  const deploymentArn = await update;
  await rig.advance(100);
  await rig.setAlarm('errors', 'ALARM');
  await rig.advance(1000);
  expect(await rig.status(deploymentArn)).toBe(end);
});

test.each([['honoured', 'ROLLBACK_SUCCESSFUL'], ['ignored', 'SUCCESSFUL'], ['reject', undefined]] as const)('a log alarm has the effect of logAlarms: %s (A13)', async (logAlarms, end) => {
  await start({ assumptions: { logAlarms } });
  await rig.established();
  await rig.cloudWatch.putLogAlarm({
    AlarmName: 'errors', QueryResultsToEvaluate: 1, QueryResultsToAlarm: 1, Threshold: 5, ComparisonOperator: 'GreaterThanThreshold',
    ScheduledQueryConfiguration: {
      QueryString: 'fields @message', AggregationExpression: 'count(*)', ScheduledQueryRoleARN: 'arn:aws:iam::123456789012:role/queries',
      ScheduleConfiguration: { ScheduleExpression: 'rate(1 minute)', StartTimeOffset: 60 },
    },
  });
  const update = rig.update('agent:2', watching('errors'));
  if (end === undefined) {
    await expect(update).rejects.toMatchObject({ name: 'InvalidParameterException' });
    return;
  }
  const deploymentArn = await update;
  await rig.advance(100);
  await rig.setAlarm('errors', 'ALARM');
  await rig.advance(1000);
  expect(await rig.status(deploymentArn)).toBe(end);
});

test('a rollback is another deployment by rollbackDeployment (A5)', async () => {
  await start({ fleets: { main: 2 }, assumptions: { rollbackDeployment: 'new-arn' } });
  await rig.established();
  await rig.putAlarm('errors');
  const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: { drainPercent: 50, ...watching('errors').deploymentConfiguration } });
  await rig.advance(300);
  await rig.setAlarm('errors', 'ALARM');
  await rig.advance(1000);
  expect(rig.statuses(deploymentArn)).toEqual(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'STOPPED']);
  const { daemonDeployments } = await rig.ecs.listDaemonDeployments({ daemonArn: (await rig.ecs.listDaemons({ clusterArn: 'fleet' })).daemonSummariesList![0]!.daemonArn! });
  const newest = daemonDeployments![0]!;
  const failed = await rig.deployment(deploymentArn);
  expect(newest).toMatchObject({ status: 'SUCCESSFUL', targetDaemonRevisionArn: failed.sourceDaemonRevisions![0]!.arn });
  expect(newest.createdAt!.getTime()).toBeGreaterThan(failed.createdAt!.getTime());
  expect(await rig.runningImages()).toEqual({ 'agent:1': 2 });
});

test('a failing deployment shows STOPPED before it rolls back (A29)', async () => {
  await start({ assumptions: { terminalFlip: 'stopped-to-rollback' } });
  await rig.established();
  await rig.putAlarm('errors');
  const deploymentArn = await rig.update('agent:2', watching('errors'));
  await rig.advance(100);
  await rig.setAlarm('errors', 'ALARM');
  await rig.advance(1000);
  expect(rig.statuses(deploymentArn)).toEqual(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'STOPPED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL']);
});

describe('a rollback to a deleted task definition (A19)', () => {
  const rollBackToDeleted = async (deletedTaskDefinition: 'rollback-fails' | 'rollback-works' | 'new-instances-fail'): Promise<string> => {
    await start({ fleets: { main: 2 }, assumptions: { deletedTaskDefinition } });
    await rig.established();
    await rig.putAlarm('errors');
    const deploymentArn = await rig.update('agent:2', watching('errors'));
    await rig.ecs.deleteDaemonTaskDefinition({ daemonTaskDefinition: 'agent:1' });
    await rig.advance(300);
    await rig.setAlarm('errors', 'ALARM');
    await rig.advance(3000);
    return deploymentArn;
  };

  test('ends in ROLLBACK_FAILED, with mixed revisions', async () => {
    const deploymentArn = await rollBackToDeleted('rollback-fails');
    expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'ROLLBACK_FAILED', statusReason: expect.stringContaining('daemon-task-definition/agent:1 is not active') });
    expect(await rig.runningImages()).toEqual({ 'agent:1': 1, 'agent:2': 1 });
  });

  test('succeeds by deletedTaskDefinition', async () => {
    const deploymentArn = await rollBackToDeleted('rollback-works');
    expect(await rig.status(deploymentArn)).toBe('ROLLBACK_SUCCESSFUL');
  });

  test('trips the breaker if new instances fail', async () => {
    const deploymentArn = await rollBackToDeleted('new-instances-fail');
    expect(await rig.status(deploymentArn)).toBe('ROLLBACK_FAILED');
  });
});
