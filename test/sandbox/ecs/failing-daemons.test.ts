import { DAEMON_ARN, EcsRig, uncovered, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

describe('circuit breaker (R35, A8)', () => {
  test('trips after failing launches, and rolls back without an application task that is uncovered (R35)', async () => {
    await start({ fleets: { main: 12 } });
    await rig.established();
    rig.sandbox.ecs.failStarts({ image: /:broken$/, reason: 'CannotPullContainerError: agent:broken' });
    const deploymentArn = await rig.update('agent:broken');
    expect((await rig.deployment(deploymentArn)).circuitBreaker).toEqual({ status: 'MONITORING', failureCount: 0, threshold: 6 });
    await rig.advance(1500);
    expect(await rig.deployment(deploymentArn)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL', circuitBreaker: { status: 'TRIGGERED', failureCount: 6, threshold: 6 },
      rollback: { reason: 'The circuit breaker was triggered: 6 daemon tasks failed to start.' },
    });
    expect(rig.statuses(deploymentArn)).toEqual(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL']);
    expect(rig.events('DAEMON_TASK_START_FAILED')).toHaveLength(6);
    expect(rig.batches()).toEqual([3]); // the instances that could not come up take the old revision
    expect(await rig.runningImages()).toEqual({ 'agent:1': 12 });
    expect(uncovered(rig.events())).toEqual([]);
  });

  test.each([[1, 3], [12, 6], [13, 7], [500, 200]])('has for %i instances a threshold of %i (A8)', async (instances, threshold) => {
    await start({ fleets: { main: instances }, applicationTasksPerInstance: 1 });
    expect((await rig.deployment(await rig.create())).circuitBreaker!.threshold).toBe(threshold);
  });

  test('may have a fixed threshold (A8)', async () => {
    await start({ fleets: { main: 12 }, assumptions: { breakerThreshold: 9 } });
    await rig.established();
    rig.sandbox.ecs.failStarts({ image: 'agent:broken' });
    const deploymentArn = await rig.update('agent:broken');
    await rig.advance(1500);
    expect((await rig.deployment(deploymentArn)).circuitBreaker).toMatchObject({ failureCount: 9, threshold: 9 });
  });

  test('retries launches below the threshold until they succeed', async () => {
    await start();
    await rig.established();
    rig.sandbox.ecs.failStarts({ image: 'agent:2', launches: 2 });
    const deploymentArn = await rig.update('agent:2');
    await rig.advance(131);
    expect(await rig.ecs.describeContainerInstances({
      cluster: 'fleet', containerInstances: (await rig.ecs.listContainerInstances({ cluster: 'fleet', status: 'REGISTERING' })).containerInstanceArns!,
    })).toMatchObject({ containerInstances: [{ status: 'REGISTERING', healthStatus: { details: [{ type: 'DAEMON', status: 'IMPAIRED' }] } }] });
    await rig.advance(300);
    expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'SUCCESSFUL', circuitBreaker: { status: 'MONITORING_COMPLETE', failureCount: 2 } });
  });

  test('fails a rollback with failing daemon tasks as ROLLBACK_FAILED', async () => {
    await start();
    await rig.established();
    rig.sandbox.ecs.failStarts({ image: /^agent/ });
    const deploymentArn = await rig.update('agent:2');
    await rig.advance(3000);
    expect(await rig.status(deploymentArn)).toBe('ROLLBACK_FAILED');
  });
});

describe('a failing first deployment (A4)', () => {
  const failFirst = async (firstDeploymentFailure: 'stopped' | 'rollback-failed' | 'rollback-successful-empty'): Promise<string> => {
    await start({ fleets: { main: 4 }, assumptions: { firstDeploymentFailure } });
    rig.mark();
    rig.sandbox.ecs.failStarts({ image: 'agent:broken' });
    const deploymentArn = await rig.create('agent:broken');
    await rig.advance(3000);
    return deploymentArn;
  };

  test('leaves the daemon ACTIVE with the failed revision, deletable, if STOPPED', async () => {
    const failed = await failFirst('stopped');
    expect(await rig.status(failed)).toBe('STOPPED');
    const { daemon } = await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    expect(daemon).toMatchObject({ status: 'ACTIVE', currentRevisions: [{ totalRunningCount: 0 }] });
    expect(await rig.status(await rig.delete())).toBe('PENDING');
    await rig.advance(1000);
    await expect(rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).rejects.toMatchObject({ name: 'DaemonNotFoundException' });
    expect(rig.sandbox.ecs.instancesByState()).toEqual({ REGISTERING: 0, ACTIVE: 4, DRAINING: 0, DEREGISTERING: 0 });
  });

  test('is repaired by an update with a good image if STOPPED', async () => {
    await failFirst('stopped');
    const deploymentArn = await rig.update('agent:1');
    await rig.advance(2000);
    expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
    expect(await rig.runningImages()).toEqual({ 'agent:1': 4 });
  });

  test('ends as ROLLBACK_FAILED by firstDeploymentFailure', async () => {
    const deploymentArn = await failFirst('rollback-failed');
    expect(await rig.status(deploymentArn)).toBe('ROLLBACK_FAILED');
  });

  test('ends as ROLLBACK_SUCCESSFUL without a revision by firstDeploymentFailure', async () => {
    const deploymentArn = await failFirst('rollback-successful-empty');
    expect(await rig.status(deploymentArn)).toBe('ROLLBACK_SUCCESSFUL');
    expect((await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).daemon!.currentRevisions).toEqual([]);
    expect(rig.sandbox.ecs.instancesByState()).toEqual({ REGISTERING: 0, ACTIVE: 4, DRAINING: 0, DEREGISTERING: 0 });
  });
});

test.each(['taskRoleArn', 'executionRoleArn'])('a daemon does not start while its %s does not trust ECS tasks', async (field) => {
  await start();
  const trusting = (Service: string): string =>
    JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }] });
  const { Role } = await rig.sandbox.call('iam', 'CreateRole', { RoleName: 'agent', AssumeRolePolicyDocument: trusting('ecs.amazonaws.com') });
  const { daemonTaskDefinitionArn } = await rig.ecs.registerDaemonTaskDefinition({
    family: 'agent', containerDefinitions: [{ name: 'agent', image: 'agent:1', memory: 128 }], [field]: Role.Arn,
  });
  await rig.create('agent:1', { daemonTaskDefinitionArn });
  await rig.advance(140);
  expect(rig.events('DAEMON_TASK_START_FAILED')[0]!.reason).toContain(`unable to assume the role '${Role.Arn}'`);
  await rig.sandbox.call('iam', 'UpdateAssumeRolePolicy', { RoleName: 'agent', PolicyDocument: trusting('ecs-tasks.amazonaws.com') });
  await rig.advance(600);
  expect(await rig.runningImages()).toEqual({ 'agent:1': 1 });
});

describe('a non-critical daemon (R36)', () => {
  test('leaves an instance working without it, which counts as uncovered only (R36, A34)', async () => {
    await start({ fleets: { main: 4 } });
    await rig.established('agent:1', { critical: false });
    rig.sandbox.ecs.failStarts({ image: 'agent:2', instances: 1, launches: 2 });
    const deploymentArn = await rig.update('agent:2', { critical: false });
    await rig.advance(149);
    expect(rig.sandbox.ecs.instancesByState()).toMatchObject({ ACTIVE: 4, DRAINING: 1 });
    expect((await rig.deployment(deploymentArn)).targetDaemonRevision)
      .toMatchObject({ totalRunningInstanceCount: 0, totalWithoutDaemonInstanceCount: 1 });
    await rig.advance(1200);
    expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'SUCCESSFUL', circuitBreaker: { failureCount: 2 } });
    expect(await rig.runningImages()).toEqual({ 'agent:2': 4 });
  });

  test.each([['ignores-gaps', 'SUCCESSFUL'], ['needs-full-coverage', 'ROLLBACK_SUCCESSFUL']] as const)('succeeds or waits by nonCriticalSuccess: %s (A34)', async (nonCriticalSuccess, end) => {
    await start({ fleets: { main: 12 }, assumptions: { nonCriticalSuccess } });
    await rig.established('agent:1', { critical: false });
    rig.sandbox.ecs.failStarts({ image: 'agent:2', instances: 1 });
    const deploymentArn = await rig.update('agent:2', { critical: false });
    await rig.advance(4000);
    expect(await rig.status(deploymentArn)).toBe(end);
    const { daemon } = await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    expect(daemon!.currentRevisions![0]).toMatchObject(end === 'SUCCESSFUL'
      ? { totalRunningCount: 11, totalWithoutDaemonCount: 1 } : { totalRunningCount: 12, totalWithoutDaemonCount: 0 });
  });

  test('counts its launch failures for the breaker too (R36)', async () => {
    await start({ fleets: { main: 4 } });
    await rig.established('agent:1', { critical: false });
    rig.sandbox.ecs.failStarts({ image: 'agent:2' });
    const deploymentArn = await rig.update('agent:2', { critical: false });
    await rig.advance(3000);
    expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', circuitBreaker: { failureCount: 3, status: 'TRIGGERED' } });
  });

  test('keeps the instance of a task that stops later, unlike a critical one (R36)', async () => {
    for (const [critical, drains] of [[true, [0]], [false, []]] as const) {
      await start({ fleets: { main: 2 } });
      await rig.established('agent:1', { critical });
      const { instanceId } = rig.sandbox.ecs.instanceEvents.filter(({ event }) => event === 'INSTANCE_ACTIVE').at(-1)!;
      rig.sandbox.ecs.stopDaemonTask(instanceId, DAEMON_ARN);
      await rig.advance(300);
      expect(rig.drains()).toEqual(drains);
      expect(await rig.runningImages()).toEqual({ 'agent:1': critical ? 2 : 1 });
      if (critical) await rig.close();
    }
  });
});

describe('a drain that hangs (A12)', () => {
  const hang = async (stuckDeploymentLimit: 'none' | number): Promise<{ deploymentArn: string; instanceId: string }> => {
    await start({ fleets: { main: 4 }, assumptions: { stuckDeploymentLimit } });
    await rig.established();
    const deploymentArn = await rig.update('agent:2');
    await rig.advance(41);
    const { instanceId } = rig.events('INSTANCE_DRAINING')[0]!;
    rig.sandbox.ecs.hangDrain(instanceId);
    await rig.advance(3 * 3600);
    return { deploymentArn, instanceId };
  };

  test('hangs without a limit, until the tasks stop', async () => {
    const { deploymentArn, instanceId } = await hang('none');
    expect(await rig.deployment(deploymentArn)).toMatchObject({
      status: 'IN_PROGRESS', targetDaemonRevision: { totalRunningInstanceCount: 1 },
      sourceDaemonRevisions: [{ totalRunningInstanceCount: 3, totalDrainingInstanceCount: 1 }],
    });
    rig.sandbox.ecs.releaseDrain(instanceId);
    await rig.advance(1000);
    expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
  });

  test('fails after the limit', async () => {
    const { deploymentArn } = await hang(2);
    expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', rollback: { reason: 'The deployment did not finish within 2 hours.' } });
    expect(await rig.runningImages()).toEqual({ 'agent:1': 4 });
  });

  test('fails after the limit during a rollback as well', async () => {
    await start({ fleets: { main: 4 }, assumptions: { stuckDeploymentLimit: 2 } });
    await rig.established();
    const deploymentArn = await rig.update('agent:2');
    await rig.advance(400);
    rig.sandbox.ecs.hangDrain(rig.events('INSTANCE_ACTIVE').at(-1)!.instanceId);
    rig.sandbox.ecs.failStarts({ image: 'agent:2' });
    await rig.advance(1500);
    expect(await rig.status(deploymentArn)).toBe('ROLLBACK_IN_PROGRESS');
    await rig.advance(2 * 3600);
    expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'ROLLBACK_FAILED', statusReason: 'The rollback did not finish within 2 hours.' });
  });
});
