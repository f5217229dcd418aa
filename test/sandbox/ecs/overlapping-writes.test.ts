import { DAEMON_ARN, EcsRig, providerArn, uncovered, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

describe('an update during a deployment (A1, R23)', () => {
  test.each([['direct', ['STOPPED']], ['via-stop-requested', ['STOP_REQUESTED', 'STOPPED']]] as const)('supersedes it by supersededPath: %s', async (supersededPath, path) => {
    await start({ fleets: { main: 4 }, assumptions: { supersededPath } });
    await rig.established();
    const first = await rig.update('agent:2');
    await rig.advance(100);
    const second = await rig.update('agent:3');
    const { daemon } = await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    expect(daemon!.deploymentArn).toBe(second);
    await rig.advance(2000);
    expect(rig.statuses(first)).toEqual(['PENDING', 'IN_PROGRESS', ...path]);
    expect(await rig.deployment(first)).toMatchObject({ stoppedAt: expect.any(Date), statusReason: 'The deployment was replaced by a newer deployment.' });
    expect(await rig.status(second)).toBe('SUCCESSFUL');
    expect(await rig.runningImages()).toEqual({ 'agent:3': 4 });
    expect(uncovered(rig.events())).toEqual([]);
  });

  test('or is refused', async () => {
    await start({ assumptions: { updateDuringDeployment: 'reject' } });
    await rig.established();
    const first = await rig.update('agent:2');
    await expect(rig.update('agent:3')).rejects.toMatchObject({ name: 'ClientException' });
    await rig.advance(300);
    expect(await rig.status(first)).toBe('SUCCESSFUL');
    await rig.update('agent:3');
  });

  test.each([['supersede', true], ['reject', false]] as const)('has the effect of updateDuringRollback: %s (A2)', async (updateDuringRollback, accepted) => {
    await start({ fleets: { main: 4 }, assumptions: { updateDuringRollback } });
    await rig.established();
    await rig.putAlarm('errors');
    const first = await rig.update('agent:2', { deploymentConfiguration: { alarms: { enable: true, alarmNames: ['errors'] } } });
    await rig.advance(300);
    await rig.setAlarm('errors', 'ALARM');
    await rig.advance(100);
    expect(await rig.status(first)).toBe('ROLLBACK_IN_PROGRESS');
    if (!accepted) {
      await expect(rig.update('agent:3')).rejects.toMatchObject({ name: 'ClientException' });
      return;
    }
    const second = await rig.update('agent:3');
    await rig.advance(3000);
    expect(rig.statuses(first).at(-1)).toBe('STOPPED');
    expect(await rig.status(second)).toBe('SUCCESSFUL');
    expect(await rig.runningImages()).toEqual({ 'agent:3': 4 });
  });

  test('to the former revision drains only the moved instances, or the whole fleet (A26)', async () => {
    for (const [supersedeCost, drained] of [['moved-only', 1], ['whole-fleet', 4]] as const) {
      await start({ fleets: { main: 4 }, assumptions: { supersedeCost } });
      const daemonTaskDefinitionArn = await rig.taskDefinition('agent:1');
      await rig.established('', { daemonTaskDefinitionArn });
      await rig.update('agent:2');
      await rig.advance(300);
      rig.mark();
      const back = await rig.update('', { daemonTaskDefinitionArn });
      await rig.advance(2000);
      expect(rig.drains()).toHaveLength(drained);
      expect(await rig.status(back)).toBe('SUCCESSFUL');
      expect(await rig.runningImages()).toEqual({ 'agent:1': 4 });
      if (supersedeCost === 'moved-only') await rig.close();
    }
  });
});

describe('a delete during a deployment (A3)', () => {
  test('is accepted, and the running deployment is STOPPED', async () => {
    await start({ fleets: { main: 2 } });
    await rig.established();
    const first = await rig.update('agent:2');
    await rig.advance(100);
    await rig.delete();
    expect(await rig.status(first)).toBe('STOPPED');
    await rig.advance(2000);
    await expect(rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).rejects.toMatchObject({ name: 'DaemonNotFoundException' });
  });

  test('or is refused', async () => {
    await start({ assumptions: { deleteDuringDeployment: 'reject' } });
    await rig.create();
    await expect(rig.delete()).rejects.toMatchObject({ name: 'ClientException' });
    await rig.advance(300);
    await rig.delete();
  });
});

describe('two daemons on one provider (A25)', () => {
  const twoDaemons = async (concurrentDaemons: 'two-passes' | 'merged'): Promise<string[]> => {
    await start({ fleets: { main: 4 }, assumptions: { concurrentDaemons } });
    await rig.established('agent:1');
    await rig.established('logs:1', { daemonName: 'logs' });
    const first = await rig.update('agent:2');
    const logs = DAEMON_ARN.replace(/agent$/, 'logs');
    const { deploymentArn } = await rig.ecs.updateDaemon({
      daemonArn: logs, daemonTaskDefinitionArn: await rig.taskDefinition('logs:2'), capacityProviderArns: [providerArn('main')],
    });
    await rig.advance(5000);
    expect(uncovered(rig.events())).toEqual([]);
    expect(uncovered(rig.events(), logs)).toEqual([]);
    return [(await rig.status(first))!, (await rig.status(deploymentArn!))!];
  };

  test('drain every instance twice in two passes', async () => {
    expect(await twoDaemons('two-passes')).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
    expect(rig.drains()).toHaveLength(8);
  });

  test('share a replacement if merged', async () => {
    expect(await twoDaemons('merged')).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
    expect(rig.drains()).toHaveLength(4);
  });

  test('do not block each other for ever if one fails to start', async () => {
    await start({ fleets: { main: 2 } });
    await rig.established('agent:1');
    rig.sandbox.ecs.failStarts({ image: 'agent:2' });
    const failing = await rig.update('agent:2');
    const { deploymentArn } = await rig.ecs.createDaemon({
      daemonName: 'logs', clusterArn: 'fleet', daemonTaskDefinitionArn: await rig.taskDefinition('logs:1'), capacityProviderArns: [providerArn('main')],
    });
    await rig.advance(5000);
    expect(await rig.status(failing)).toBe('ROLLBACK_SUCCESSFUL');
    expect(await rig.status(deploymentArn!)).toBe('SUCCESSFUL');
  });

  test('include, in an update that is SUCCESSFUL at once, an instance that the other daemon keeps from becoming ACTIVE (A7)', async () => {
    await start({ fleets: { main: 2 }, assumptions: { configOnlyUpdate: 'instant' } });
    const daemonTaskDefinitionArn = await rig.taskDefinition('agent:1');
    await rig.established('', { daemonTaskDefinitionArn });
    rig.sandbox.ecs.failStarts({ image: 'logs:1' });
    await rig.create('logs:1', { daemonName: 'logs' });
    await rig.advance(2000);
    expect(rig.sandbox.ecs.instancesByState('main')).toMatchObject({ REGISTERING: 1, DRAINING: 1 });
    const deploymentArn = await rig.update('', { daemonTaskDefinitionArn, enableExecuteCommand: true });
    await rig.advance(300);
    expect(await rig.deployment(deploymentArn)).toMatchObject({
      status: 'SUCCESSFUL', targetDaemonRevision: { totalRunningInstanceCount: 2 }, sourceDaemonRevisions: [{ totalRunningInstanceCount: 0 }],
    });
  });
});

describe('capacity providers of a daemon', () => {
  const both = [providerArn('main'), providerArn('spot')];

  test('are deployed to when they are added (R27)', async () => {
    await start({ fleets: { main: 2, spot: 2 } });
    await rig.established();
    await rig.update('agent:2', { capacityProviderArns: both });
    await rig.advance(2000);
    const { daemon } = await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    expect(daemon!.currentRevisions).toMatchObject([{
      capacityProviders: [{ arn: both[0], runningCount: 2 }, { arn: both[1], runningCount: 2 }], totalRunningCount: 4,
    }]);
  });

  test('are drained when they are removed, and get instances without the daemon (A27)', async () => {
    await start({ fleets: { main: 2, spot: 2 } });
    const daemonTaskDefinitionArn = await rig.taskDefinition('agent:1');
    await rig.established('', { daemonTaskDefinitionArn, capacityProviderArns: both });
    await rig.update('', { daemonTaskDefinitionArn });
    await rig.advance(2000);
    const spot = rig.events('INSTANCE_REGISTERING').filter(({ capacityProvider }) => capacityProvider === 'spot').map(({ instanceId }) => instanceId);
    expect(spot).toHaveLength(2);
    expect(rig.events('DAEMON_TASK_STARTED').filter(({ instanceId }) => spot.includes(instanceId))).toEqual([]);
    const { daemon } = await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    expect(daemon!.currentRevisions).toMatchObject([{ capacityProviders: [{ arn: both[0] }], totalRunningCount: 2 }]);
  });

  test.each([['two-drains', 4], ['one-drain', 2]] as const)('are moved between daemons by providerMove: %s (A27)', async (providerMove, drains) => {
    await start({ fleets: { main: 0, spot: 2 }, assumptions: { providerMove } });
    await rig.established('agent:1', { capacityProviderArns: both });
    await rig.established('other:1', { daemonName: 'other' });
    await rig.update('agent:1', { capacityProviderArns: [both[0]!] });
    await rig.ecs.updateDaemon({
      daemonArn: DAEMON_ARN.replace(/agent$/, 'other'), daemonTaskDefinitionArn: await rig.taskDefinition('other:2'), capacityProviderArns: both,
      deploymentConfiguration: { drainPercent: 50 },
    });
    await rig.advance(5000);
    expect(rig.drains()).toHaveLength(drains);
  });
});

describe('providers without instances (R26, A10)', () => {
  test('launch nothing, and are SUCCESSFUL after 45 s without a bake (R26)', async () => {
    await start({ fleets: { main: 0 } });
    rig.mark();
    const deploymentArn = await rig.create('agent:1', { deploymentConfiguration: { bakeTimeInMinutes: 10 } });
    await rig.advance(100);
    expect(rig.statusLines(deploymentArn)).toEqual([[0, 'PENDING'], [40, 'IN_PROGRESS'], [45, 'SUCCESSFUL']]);
    expect(rig.events()).toEqual([]);
    expect((await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).daemon!.currentRevisions).toMatchObject([
      { capacityProviders: [{ arn: providerArn('main'), runningCount: 0 }], totalRunningCount: 0 },
    ]);
  });

  test('bake by emptyProviderBake (A10)', async () => {
    await start({ fleets: { main: 0 }, assumptions: { emptyProviderBake: 'apply' } });
    rig.mark();
    const deploymentArn = await rig.create('agent:1', { deploymentConfiguration: { bakeTimeInMinutes: 10 } });
    await rig.advance(1000);
    expect(rig.statusLines(deploymentArn).at(-1)).toEqual([645, 'SUCCESSFUL']);
  });

  test('are PENDING until the first instance by emptyProvider (A10)', async () => {
    await start({ fleets: { main: 0 }, assumptions: { emptyProvider: 'pending-until-instance' } });
    rig.mark();
    const deploymentArn = await rig.create();
    await rig.advance(3600);
    expect(rig.statuses(deploymentArn)).toEqual(['PENDING']);
    await rig.ecs.createService({ cluster: 'fleet', serviceName: 'web', desiredCount: 2, capacityProviderStrategy: [{ capacityProvider: 'main' }] });
    await rig.advance(400);
    expect(rig.statuses(deploymentArn)).toEqual(['PENDING', 'IN_PROGRESS', 'SUCCESSFUL']);
  });
});
