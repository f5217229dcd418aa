import { DAEMON_ARN, EcsRig, providerArn, uncovered, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

describe('the published timing of a rollout', () => {
  test('is reproduced for one instance: draining 0:40, registering 1:53, active 2:29, old one deregistering 3:42, SUCCESSFUL 4:54', async () => {
    await start();
    await rig.established();
    const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: { drainPercent: 25, bakeTimeInMinutes: 0 } });
    await rig.advance(300);
    expect(rig.events().filter(({ event }) => event.startsWith('INSTANCE_')).map(({ event, time }) => [rig.seconds(time), event])).toEqual([
      [40, 'INSTANCE_DRAINING'], [113, 'INSTANCE_REGISTERING'], [149, 'INSTANCE_ACTIVE'], [222, 'INSTANCE_DEREGISTERING'], [294, 'INSTANCE_TERMINATED'],
    ]);
    expect(rig.statusLines(deploymentArn)).toEqual([[0, 'PENDING'], [40, 'IN_PROGRESS'], [294, 'SUCCESSFUL']]);
  });

  test('gives four batches of three for twelve instances at 25 %, 294 s each, without overlap (R25)', async () => {
    await start({ fleets: { main: 12 } });
    await rig.established();
    const deploymentArn = await rig.update('agent:2');
    await rig.advance(1300);
    expect(rig.drains()).toEqual([40, 334, 628, 922].flatMap((time) => [time, time, time]));
    expect(rig.events('INSTANCE_TERMINATED').map(({ time }) => rig.seconds(time))).toEqual([294, 588, 882, 1176].flatMap((time) => [time, time, time]));
    expect(rig.statusLines(deploymentArn).at(-1)).toEqual([1176, 'SUCCESSFUL']);
    expect(rig.sandbox.ecs.instancesByState('main')).toEqual({ REGISTERING: 0, ACTIVE: 12, DRAINING: 0, DEREGISTERING: 0 });
  });
});

describe('the order on an instance (R28)', () => {
  test('starts the daemon before application tasks and stops it after them (R28)', async () => {
    await start({ fleets: { main: 4 } });
    await rig.established();
    await rig.update('agent:2', { deploymentConfiguration: { drainPercent: 50 } });
    await rig.advance(700);
    expect(uncovered(rig.events())).toEqual([]);
    const { instanceId } = rig.events('INSTANCE_REGISTERING')[0]!;
    expect(rig.events().filter((entry) => entry.instanceId === instanceId).map(({ event }) => event)).toEqual([
      'INSTANCE_REGISTERING', 'DAEMON_TASK_STARTED', 'DAEMON_TASK_RUNNING', 'INSTANCE_ACTIVE', 'APPLICATION_TASK_STARTED', 'APPLICATION_TASK_STARTED',
    ]);
    const old = rig.events('INSTANCE_DRAINING')[0]!.instanceId;
    expect(rig.events().filter((entry) => entry.instanceId === old).map(({ event }) => event)).toEqual([
      'INSTANCE_DRAINING', 'APPLICATION_TASK_STOPPED', 'APPLICATION_TASK_STOPPED', 'DAEMON_TASK_STOPPED', 'INSTANCE_DEREGISTERING', 'INSTANCE_TERMINATED',
    ]);
  });

  test('keeps the capacity, since the replacement is ACTIVE before the old tasks stop (R25)', async () => {
    await start({ fleets: { main: 4 } });
    await rig.established();
    await rig.update('agent:2');
    let tasks = 8;
    let fewest = tasks;
    rig.sandbox.ecs.onInstanceEvent(({ event }) => {
      if (event === 'APPLICATION_TASK_STARTED') tasks++;
      if (event === 'APPLICATION_TASK_STOPPED') tasks--;
      fewest = Math.min(fewest, tasks);
    });
    await rig.advance(1300);
    expect([fewest, tasks]).toEqual([8, 8]);
  });
});

describe('the status and record of a daemon', () => {
  test('is ACTIVE directly after CreateDaemon and during every update (R20)', async () => {
    await start();
    await rig.create();
    const status = async (): Promise<string | undefined> => (await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).daemon!.status;
    expect(await status()).toBe('ACTIVE');
    await rig.advance(400);
    await rig.update('agent:2');
    await rig.advance(100);
    expect(await status()).toBe('ACTIVE');
  });

  test('shows a create that replaces existing instances, without sources (R25)', async () => {
    await start({ fleets: { main: 2 } });
    rig.mark();
    const deploymentArn = await rig.create();
    await rig.advance(100);
    expect(await rig.deployment(deploymentArn)).toMatchObject({
      sourceDaemonRevisions: [],
      targetDaemonRevision: { totalRunningInstanceCount: 0, totalWithoutDaemonInstanceCount: 1, totalDrainingInstanceCount: 0 },
    });
    await rig.advance(500);
    expect(rig.drains()).toEqual([40, 334]);
    expect(await rig.runningImages()).toEqual({ 'agent:1': 2 });
  });

  test('has one target and an array of sources, with counts that follow the batches (R16, R17, A35)', async () => {
    await start({ fleets: { main: 4 } });
    await rig.established();
    const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: { drainPercent: 50 } });
    const counts = async (): Promise<(number | undefined)[]> => {
      const { targetDaemonRevision: target, sourceDaemonRevisions } = await rig.deployment(deploymentArn);
      const source = sourceDaemonRevisions![0]!;
      return [target!.totalRunningInstanceCount, source.totalRunningInstanceCount, source.totalDrainingInstanceCount];
    };
    const seen = [await counts()];
    for (const seconds of [50, 100, 80, 64]) {
      await rig.advance(seconds);
      seen.push(await counts());
    }
    expect(seen).toEqual([[0, 4, 0], [0, 2, 2], [2, 2, 2], [2, 2, 0], [2, 2, 0]]);
    expect(await rig.runningImages()).toEqual({ 'agent:1': 2, 'agent:2': 2 });
    expect(await rig.deployment(deploymentArn)).not.toHaveProperty('daemonArn');
  });

  test('returns an omitted setting to its default, critical to true (R5)', async () => {
    await start();
    await rig.established('agent:1', { critical: false, enableExecuteCommand: true, enableECSManagedTags: true, propagateTags: 'DAEMON' });
    await rig.update('agent:2');
    await rig.advance(300);
    const { daemon } = await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    const { daemonRevisions } = await rig.ecs.describeDaemonRevisions({ daemonRevisionArns: [daemon!.currentRevisions![0]!.arn!] });
    expect(daemonRevisions![0]).toMatchObject({ critical: true, enableExecuteCommand: false, enableECSManagedTags: false });
    expect(daemonRevisions![0]!.propagateTags).toBeUndefined();
  });

  const none = { drainPercent: 25, bakeTimeInMinutes: 0, alarms: { alarmNames: [], enable: false } };
  test.each([
    { name: 'all of the deployment configuration', given: undefined, then: none },
    { name: 'what an empty one leaves out', given: {}, then: none },
    { name: 'what one with a drain percentage leaves out', given: { drainPercent: 10 }, then: { ...none, drainPercent: 10 } },
    { name: 'the switch of alarms', given: { alarms: { alarmNames: ['other'] } }, then: { ...none, alarms: { alarmNames: ['other'], enable: false } } },
  ])('returns $name to its default if omitted (R5)', async ({ given, then }) => {
    await start();
    const before = { drainPercent: 50, bakeTimeInMinutes: 7, alarms: { alarmNames: ['errors'], enable: true } };
    await rig.established('agent:1', { deploymentConfiguration: before });
    const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: given });
    expect((await rig.deployment(deploymentArn)).deploymentConfiguration).toEqual(then);
    await rig.advance(294);
    expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL'); // without a bake
  });
});

describe('the size of a batch (R29, A9)', () => {
  const drainsOf = async (instances: number, drainPercent: number, options: RigOptions = {}): Promise<number[]> => {
    await start({ fleets: { main: instances }, ...options });
    await rig.established();
    await rig.update('agent:2', { deploymentConfiguration: { drainPercent } });
    await rig.advance(100 * 294);
    return rig.batches();
  };

  test.each([
    [12, 25, [3, 3, 3, 3]], [12, 30, [4, 4, 4]], [3, 1, [1, 1, 1]], [5, 100, [5]], [100, 7, [...Array<number>(14).fill(7), 2]],
  ])('is rounded up for %i instances at %d %% (A9)', async (instances, drainPercent, batches) => {
    expect(await drainsOf(instances, drainPercent)).toEqual(batches);
  });

  test('is rounded down or to the nearest by drainRounding (A9)', async () => {
    expect(await drainsOf(12, 30, { assumptions: { drainRounding: 'floor' } })).toEqual([3, 3, 3, 3]);
    await rig.close();
    expect(await drainsOf(5, 30, { assumptions: { drainRounding: 'round' } })).toEqual([2, 2, 1]);
  });

  test('below one is rejected, or one instance, by drainBelowOne (A9)', async () => {
    await start();
    await expect(rig.create('agent:1', { deploymentConfiguration: { drainPercent: 0.5 } })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await rig.close();
    expect(await drainsOf(3, 0, { assumptions: { drainBelowOne: 'one-instance' } })).toEqual([1, 1, 1]);
  });

  test.each([['per-provider', [2, 1, 1, 1]], ['overall', [2, 2, 1]]] as const)('follows drainScope %s for 4 and 1 instances at 25 %% (A9)', async (drainScope, batches) => {
    await start({ fleets: { main: 4, spot: 1 }, assumptions: { drainScope } });
    const capacityProviderArns = [providerArn('main'), providerArn('spot')];
    await rig.established('agent:1', { capacityProviderArns });
    await rig.update('agent:2', { capacityProviderArns });
    await rig.advance(2000);
    expect(rig.batches()).toEqual(batches);
  });
});

describe('the bake (R30, A11)', () => {
  test('comes once at the end, as part of IN_PROGRESS (R30)', async () => {
    await start({ fleets: { main: 2 } });
    await rig.established();
    const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: { drainPercent: 50, bakeTimeInMinutes: 10 } });
    await rig.advance(2000);
    expect(rig.drains()).toEqual([40, 334]);
    expect(rig.statusLines(deploymentArn)).toEqual([[0, 'PENDING'], [40, 'IN_PROGRESS'], [588 + 600, 'SUCCESSFUL']]);
  });

  test('comes after each batch by bakePosition (A11)', async () => {
    await start({ fleets: { main: 2 }, assumptions: { bakePosition: 'per-step' } });
    await rig.established();
    const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: { drainPercent: 50, bakeTimeInMinutes: 10 } });
    await rig.advance(2000);
    expect(rig.drains()).toEqual([40, 934]);
    expect(rig.statusLines(deploymentArn).at(-1)).toEqual([588 + 1200, 'SUCCESSFUL']);
  });

  test('follows SUCCESSFUL by bakeStatus, and an alarm rolls back (A11)', async () => {
    await start({ assumptions: { bakeStatus: 'after-successful' } });
    await rig.established();
    await rig.putAlarm('errors');
    const deploymentArn = await rig.update('agent:2', { deploymentConfiguration: { bakeTimeInMinutes: 10, alarms: { enable: true, alarmNames: ['errors'] } } });
    await rig.advance(400);
    expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
    await rig.setAlarm('errors', 'ALARM');
    await rig.advance(400);
    expect(rig.statuses(deploymentArn)).toEqual(['PENDING', 'IN_PROGRESS', 'SUCCESSFUL', 'STOP_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL']);
    expect(await rig.runningImages()).toEqual({ 'agent:1': 1 });
  });
});

describe('an update with few changes (A6, A7)', () => {
  test('is a full rollout, or nothing, if identical (A6)', async () => {
    await start();
    const first = await rig.established();
    const { daemon } = await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    const { daemonRevisions } = await rig.ecs.describeDaemonRevisions({ daemonRevisionArns: [daemon!.currentRevisions![0]!.arn!] });
    const { daemonTaskDefinitionArn } = daemonRevisions![0]!;
    expect(await rig.update('', { daemonTaskDefinitionArn })).not.toBe(first);
    await rig.advance(300);
    expect(rig.drains()).toEqual([40]);
    await rig.close();
    await start({ assumptions: { identicalUpdate: 'no-op' } });
    const only = await rig.established();
    expect(await rig.update('', { daemonTaskDefinitionArn })).toBe(only);
    await rig.advance(300);
    expect(rig.drains()).toEqual([]);
  });

  test('is a full rollout, or SUCCESSFUL at once, if it changes only flags (A7)', async () => {
    for (const [configOnlyUpdate, drained] of [['full-rollout', [40]], ['instant', []]] as const) {
      await start({ assumptions: { configOnlyUpdate } });
      await rig.established();
      const { daemonTaskDefinitions } = await rig.ecs.listDaemonTaskDefinitions({});
      const deploymentArn = await rig.update('', { daemonTaskDefinitionArn: daemonTaskDefinitions![0]!.arn!, enableExecuteCommand: true });
      await rig.advance(300);
      expect(rig.drains()).toEqual(drained);
      expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
      expect(await rig.runningImages()).toEqual({ 'agent:1': 1 });
      if (configOnlyUpdate === 'full-rollout') await rig.close();
    }
  });
});

test('a deployment passes a status that no SDK has by unknownStatus (A33)', async () => {
  await start({ assumptions: { unknownStatus: 'emit' } });
  const deploymentArn = await rig.established();
  const update = await rig.update('agent:2');
  await rig.advance(300);
  expect(rig.statusLines(update)).toEqual([[0, 'PENDING'], [40, 'PREPARING_CAPACITY'], [100, 'IN_PROGRESS'], [294, 'SUCCESSFUL']]);
  expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
});
