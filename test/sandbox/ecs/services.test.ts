import { EcsRig, uncovered, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

const capacityProviderStrategy = [{ capacityProvider: 'main', weight: 1 }];
const createService = (desiredCount: number, serviceName = 'web') =>
  rig.ecs.createService({ cluster: 'fleet', serviceName, taskDefinition: 'web:1', desiredCount, capacityProviderStrategy });
const counts = async (serviceName = 'web'): Promise<unknown[]> => {
  const { services } = await rig.ecs.describeServices({ cluster: 'fleet', services: [serviceName] });
  const { status, desiredCount, runningCount, pendingCount } = services![0]!;
  return [status, desiredCount, runningCount, pendingCount];
};

describe('a service on a Managed Instances provider', () => {
  test('launches ceil(tasks / tasks per instance) instances, with tasks after about 5 minutes', async () => {
    await start({ fleets: { main: 0 } });
    await createService(5);
    expect(await counts()).toEqual(['ACTIVE', 5, 0, 5]);
    await rig.advance(299);
    expect(await counts()).toEqual(['ACTIVE', 5, 0, 5]);
    await rig.advance(1);
    expect(await counts()).toEqual(['ACTIVE', 5, 5, 0]);
    expect(rig.sandbox.ecs.instancesByState('main').ACTIVE).toBe(3);
  });

  test('has instances in REGISTERING until the critical daemon runs, 18 s before the tasks (R28)', async () => {
    await start({ fleets: { main: 0 } });
    await rig.established();
    await createService(2);
    await rig.advance(270);
    expect(rig.sandbox.ecs.instancesByState()).toMatchObject({ REGISTERING: 1, ACTIVE: 0 });
    const { containerInstanceArns } = await rig.ecs.listContainerInstances({ cluster: 'fleet', status: 'REGISTERING' });
    expect(containerInstanceArns).toHaveLength(1);
    await rig.advance(30);
    expect(rig.events().map(({ event, time }) => [rig.seconds(time), event])).toEqual([
      [264, 'INSTANCE_REGISTERING'], [264, 'DAEMON_TASK_STARTED'], [282, 'DAEMON_TASK_RUNNING'],
      [300, 'INSTANCE_ACTIVE'], [300, 'APPLICATION_TASK_STARTED'], [300, 'APPLICATION_TASK_STARTED'],
    ]);
  });

  test('gets no new instances with a failing critical daemon, unlike a non-critical one (R36)', async () => {
    for (const [critical, running] of [[true, 0], [false, 2]] as const) {
      await start({ fleets: { main: 0 } });
      await rig.established('agent:1', { critical });
      rig.sandbox.ecs.failStarts({ image: 'agent:1' });
      await createService(2);
      await rig.advance(4000);
      expect(await counts()).toEqual(['ACTIVE', 2, running, 2 - running]);
      if (critical) await rig.close();
    }
  });

  test('fills free places first, and leaves idle instances for a while after scaling in', async () => {
    await start({ fleets: { main: 0 } });
    await createService(3);
    await rig.advance(400);
    await rig.ecs.updateService({ cluster: 'fleet', service: 'web', desiredCount: 4 });
    expect(await counts()).toEqual(['ACTIVE', 4, 4, 0]);
    await rig.ecs.updateService({ cluster: 'fleet', service: 'web', desiredCount: 1 });
    expect(await counts()).toEqual(['ACTIVE', 1, 1, 0]);
    await rig.advance(300);
    expect(rig.sandbox.ecs.instancesByState()).toMatchObject({ ACTIVE: 1, DRAINING: 1 });
    await rig.advance(100);
    expect(rig.sandbox.ecs.instancesByState()).toEqual({ REGISTERING: 0, ACTIVE: 1, DRAINING: 0, DEREGISTERING: 0 });
  });

  test.each([-1, 1.5, 5001])('rejects a desired count of %d', async (desiredCount) => {
    await start({ fleets: { main: 0 } });
    await expect(createService(desiredCount)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await createService(1);
    await expect(rig.ecs.updateService({ cluster: 'fleet', service: 'web', desiredCount })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('keeps its tasks in an update without changes', async () => {
    await start({ fleets: { main: 0 } });
    await createService(2);
    await rig.advance(400);
    rig.mark();
    await rig.ecs.updateService({ cluster: 'fleet', service: 'web', desiredCount: 2, capacityProviderStrategy, taskDefinition: 'web:2' });
    expect(rig.events()).toEqual([]);
    expect(await counts()).toEqual(['ACTIVE', 2, 2, 0]);
  });

  test('runs its tasks at once if it is not on Managed Instances', async () => {
    await start({ fleets: {} });
    await rig.ecs.createCluster({ clusterName: 'fleet' });
    await rig.ecs.createService({ cluster: 'fleet', serviceName: 'web', desiredCount: 2, launchType: 'FARGATE' });
    expect(await counts()).toEqual(['ACTIVE', 2, 2, 0]);
  });
});

describe('a service during a rollout', () => {
  test('keeps all tasks, which move with their instances', async () => {
    await start({ fleets: { main: 0 } });
    await rig.established();
    await createService(8);
    await rig.advance(400);
    await rig.update('agent:2');
    await rig.advance(1300);
    expect(await counts()).toEqual(['ACTIVE', 8, 8, 0]);
    expect(uncovered(rig.events())).toEqual([]);
    expect(await rig.runningImages()).toEqual({ 'agent:2': 4 });
  });

  test('leaves nothing behind if it is deleted', async () => {
    await start({ fleets: { main: 0 } });
    await rig.established();
    await createService(8);
    await rig.advance(400);
    const deploymentArn = await rig.update('agent:2');
    await rig.advance(350);
    await rig.ecs.deleteService({ cluster: 'fleet', service: 'web', force: true });
    await rig.advance(3000);
    expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
    expect(rig.sandbox.ecs.instancesByState()).toEqual({ REGISTERING: 0, ACTIVE: 0, DRAINING: 0, DEREGISTERING: 0 });
    expect(uncovered(rig.events())).toEqual([]);
  });

  test('launches instances with the target revision', async () => {
    await start({ fleets: { main: 4 } });
    await rig.established();
    const deploymentArn = await rig.update('agent:2');
    await createService(2);
    await rig.advance(2000);
    expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
    expect(await rig.runningImages()).toEqual({ 'agent:2': 5 });
    expect(rig.drains()).toHaveLength(4);
  });
});

describe('the deletion of all resources', () => {
  test('drains the daemon last, and leaves nothing', async () => {
    await start({ fleets: { main: 0 } });
    await rig.established();
    await createService(6);
    await rig.advance(400);
    rig.mark();
    await expect(rig.ecs.deleteService({ cluster: 'fleet', service: 'web' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await rig.ecs.deleteService({ cluster: 'fleet', service: 'web', force: true });
    expect(await counts()).toEqual(['DRAINING', 0, 6, 0]);
    await rig.advance(10);
    expect(await counts()).toEqual(['INACTIVE', 0, 0, 0]);
    await rig.delete();
    await rig.advance(600);
    // no task needs capacity: instances are not replaced
    expect(rig.events('INSTANCE_REGISTERING')).toEqual([]);
    expect(rig.sandbox.ecs.instancesByState()).toEqual({ REGISTERING: 0, ACTIVE: 0, DRAINING: 0, DEREGISTERING: 0 });
    await rig.ecs.putClusterCapacityProviders({ cluster: 'fleet', capacityProviders: [], defaultCapacityProviderStrategy: [] });
    await rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' });
    await rig.ecs.deleteCluster({ cluster: 'fleet' });
    expect((await rig.ecs.describeClusters({ clusters: ['fleet'] })).clusters).toMatchObject([{ status: 'INACTIVE' }]);
  });

  test('rejects a cluster with contents, and waits for the instances of a provider', async () => {
    await start({ fleets: { main: 0 } });
    await createService(2);
    await rig.advance(400);
    await expect(rig.ecs.deleteCluster({ cluster: 'fleet' })).rejects.toMatchObject({ name: 'ClusterContainsServicesException' });
    await expect(rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' })).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await rig.ecs.deleteService({ cluster: 'fleet', service: 'web', force: true });
    await rig.advance(10);
    await expect(rig.ecs.deleteCluster({ cluster: 'fleet' })).rejects.toMatchObject({ name: 'ClusterContainsCapacityProviderException' });
    await rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' });
    const status = async (): Promise<string | undefined> => (await rig.ecs.describeCapacityProviders({ capacityProviders: ['main'] })).capacityProviders![0]!.status;
    expect(await status()).toBe('DEPROVISIONING');
    await rig.advance(90);
    expect(await status()).toBe('INACTIVE');
    await rig.ecs.deleteCluster({ cluster: 'fleet' });
    await expect(createService(1)).rejects.toMatchObject({ name: 'ClusterNotFoundException' });
  });
});
