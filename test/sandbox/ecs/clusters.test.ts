import { CLUSTER_ARN, EcsRig, providerArn, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

const managedInstancesProvider = {
  infrastructureRoleArn: 'arn:aws:iam::123456789012:role/ecsInfrastructureRole',
  instanceLaunchTemplate: {
    ec2InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/ecsInstanceRole', networkConfiguration: { subnets: ['subnet-1'] },
  },
  autoRepairConfiguration: { actionsStatus: 'DISABLED' as const },
};

describe('clusters', () => {
  test('are created idempotently, and unknown ones are MISSING', async () => {
    await start({ fleets: {} });
    const { cluster } = await rig.ecs.createCluster({ clusterName: 'fleet', tags: [{ key: 'team', value: 'a' }] });
    expect(cluster).toMatchObject({ clusterArn: CLUSTER_ARN, status: 'ACTIVE', registeredContainerInstancesCount: 0 });
    expect((await rig.ecs.createCluster({ clusterName: 'fleet' })).cluster!.clusterArn).toBe(CLUSTER_ARN);
    expect(await rig.ecs.describeClusters({ clusters: [CLUSTER_ARN, 'unknown'], include: ['TAGS'] })).toMatchObject({
      clusters: [{ clusterName: 'fleet', tags: [{ key: 'team', value: 'a' }] }], failures: [{ reason: 'MISSING' }],
    });
  });

  test('count instances and tasks', async () => {
    await start({ fleets: { main: 3 } });
    await rig.established();
    expect((await rig.ecs.describeClusters({ clusters: ['fleet'] })).clusters).toMatchObject([{ registeredContainerInstancesCount: 3, runningTasksCount: 9 }]);
  });

  test('run as many application tasks on an instance of a fleet as on one of a service', async () => {
    await start({ fleets: { main: 3 }, sandbox: { applicationTasksPerInstance: 5 } });
    await rig.established();
    expect((await rig.ecs.describeClusters({ clusters: ['fleet'] })).clusters).toMatchObject([{ runningTasksCount: 18 }]);
  });

  test('are not deleted while they have instances or tasks (R40)', async () => {
    await start({ fleets: { main: 1 } });
    await rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' });
    await expect(rig.ecs.deleteCluster({ cluster: 'fleet' })).rejects.toMatchObject({ name: 'ClusterContainsCapacityProviderException' });
    await rig.advance(100);
    await rig.ecs.deleteCluster({ cluster: 'fleet' });
    await expect(rig.ecs.deleteCluster({ cluster: 'fleet' })).rejects.toMatchObject({ name: 'ClusterNotFoundException' });
  });
});

describe('Managed Instances capacity providers', () => {
  test('belong to a cluster, and exist at once', async () => {
    await start({ fleets: {} });
    await rig.ecs.createCluster({ clusterName: 'fleet' });
    const { capacityProvider } = await rig.ecs.createCapacityProvider({ name: 'main', cluster: 'fleet', managedInstancesProvider });
    expect(capacityProvider).toMatchObject({
      capacityProviderArn: providerArn('main'), cluster: 'fleet', status: 'ACTIVE', type: 'MANAGED_INSTANCES', managedInstancesProvider,
    });
    expect((await rig.ecs.describeClusters({ clusters: ['fleet'] })).clusters![0]!.capacityProviders).toEqual(['main']);
    await rig.ecs.putClusterCapacityProviders({
      cluster: 'fleet', capacityProviders: ['main', 'FARGATE'], defaultCapacityProviderStrategy: [{ capacityProvider: 'main', weight: 1 }],
    });
    await rig.ecs.createService({ cluster: 'fleet', serviceName: 'web', desiredCount: 2 });
    await rig.advance(300);
    expect(rig.sandbox.ecs.instancesByState(providerArn('main')).ACTIVE).toBe(1);
  });

  test('reject invalid requests', async () => {
    await start();
    const refused = { name: 'InvalidParameterException' };
    await expect(rig.ecs.createCapacityProvider({ name: 'ecs-main', cluster: 'fleet', managedInstancesProvider })).rejects.toMatchObject(refused);
    await expect(rig.ecs.createCapacityProvider({ name: 'more', managedInstancesProvider })).rejects.toMatchObject(refused);
    await expect(rig.ecs.createCapacityProvider({ name: 'more', cluster: 'fleet' })).rejects.toMatchObject(refused);
    await expect(rig.ecs.createCapacityProvider({ name: 'more', cluster: 'unknown', managedInstancesProvider })).rejects.toMatchObject({ name: 'ClusterNotFoundException' });
    await expect(rig.ecs.createCapacityProvider({ name: 'main', cluster: 'fleet', managedInstancesProvider })).rejects.toMatchObject({ name: 'ClientException' });
    await expect(rig.ecs.putClusterCapacityProviders({ cluster: 'fleet', capacityProviders: ['unknown'], defaultCapacityProviderStrategy: [] })).rejects.toMatchObject(refused);
    await expect(rig.ecs.deleteCapacityProvider({ capacityProvider: 'unknown' })).rejects.toMatchObject(refused);
    await expect(rig.ecs.createService({ cluster: 'fleet', serviceName: 'web', capacityProviderStrategy: [{ capacityProvider: 'unknown' }] })).rejects.toMatchObject(refused);
    expect((await rig.ecs.describeCapacityProviders({ capacityProviders: ['unknown'] })).failures).toEqual([{ arn: providerArn('unknown'), reason: 'MISSING' }]);
  });

  test('keep idle instances for scaleInAfter', async () => {
    await start({ fleets: { main: 0 } });
    await rig.ecs.updateCapacityProvider({
      name: 'main', cluster: 'fleet', managedInstancesProvider: { ...managedInstancesProvider, infrastructureOptimization: { scaleInAfter: -1 } },
    });
    const strategy = { capacityProviderStrategy: [{ capacityProvider: 'main' }] };
    await rig.ecs.createService({ cluster: 'fleet', serviceName: 'web', desiredCount: 2, ...strategy });
    await rig.advance(300);
    await rig.ecs.deleteService({ cluster: 'fleet', service: 'web', force: true });
    await rig.advance(3600);
    expect(rig.sandbox.ecs.instancesByState().ACTIVE).toBe(1);
  });

  test('terminate all their instances when they are deleted in the middle of a rollout', async () => {
    await start({ fleets: { main: 4 }, assumptions: { deleteParentWithDaemon: 'accept-and-orphan' } });
    await rig.established();
    await rig.update('agent:2');
    await rig.advance(60);
    await rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' });
    await rig.advance(400);
    expect(rig.sandbox.ecs.instancesByState()).toEqual({ REGISTERING: 0, ACTIVE: 0, DRAINING: 0, DEREGISTERING: 0 });
    expect((await rig.ecs.describeCapacityProviders({ capacityProviders: ['main'] })).capacityProviders![0]!.status).toBe('INACTIVE');
  });
});

describe('ordinary task definitions', () => {
  test('are registered, described and deregistered', async () => {
    await start({ fleets: {} });
    const { taskDefinition } = await rig.ecs.registerTaskDefinition({ family: 'web', containerDefinitions: [{ name: 'web', image: 'web:1' }] });
    expect(taskDefinition).toMatchObject({ family: 'web', revision: 1, status: 'ACTIVE' });
    expect((await rig.ecs.describeTaskDefinition({ taskDefinition: 'web' })).taskDefinition!.taskDefinitionArn).toBe(taskDefinition!.taskDefinitionArn);
    await rig.ecs.deregisterTaskDefinition({ taskDefinition: 'web:1' });
    expect((await rig.ecs.listTaskDefinitions({})).taskDefinitionArns).toEqual([]);
    await expect(rig.ecs.describeTaskDefinition({ taskDefinition: 'web' })).rejects.toMatchObject({ name: 'ClientException' });
  });
});
