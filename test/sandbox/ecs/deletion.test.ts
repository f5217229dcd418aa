import { CLUSTER_ARN, DAEMON_ARN, EcsRig, providerArn, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

const describeDaemon = () => rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });

describe('DeleteDaemon', () => {
  test('drains like an update, and replacements are without the daemon (R37, R8)', async () => {
    await start({ fleets: { main: 4 } });
    await rig.established();
    const deploymentArn = await rig.delete();
    expect((await describeDaemon()).daemon).toMatchObject({ status: 'DELETE_IN_PROGRESS', deploymentArn });
    await rig.advance(100);
    const deployment = await rig.deployment(deploymentArn);
    expect(deployment).toMatchObject({ status: 'IN_PROGRESS', sourceDaemonRevisions: [{ totalRunningInstanceCount: 3, totalDrainingInstanceCount: 1 }] });
    expect(deployment.targetDaemonRevision).toBeUndefined();
    await rig.advance(1200);
    expect(rig.drains()).toEqual([40, 334, 628, 922]);
    expect(rig.events('DAEMON_TASK_STARTED')).toEqual([]);
    expect(rig.sandbox.ecs.instancesByState()).toEqual({ REGISTERING: 0, ACTIVE: 4, DRAINING: 0, DEREGISTERING: 0 });
    await expect(describeDaemon()).rejects.toMatchObject({ name: 'DaemonNotFoundException' });
    expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
    expect((await rig.ecs.listDaemons({ clusterArn: 'fleet' })).daemonSummariesList).toEqual([]);
  });

  test('ends soon on a provider without instances', async () => {
    await start({ fleets: { main: 0 } });
    await rig.established();
    await rig.delete();
    await rig.advance(50);
    await expect(describeDaemon()).rejects.toMatchObject({ name: 'DaemonNotFoundException' });
  });

  test('rejects a second deletion (R38)', async () => {
    await start();
    await rig.established();
    await rig.delete();
    await expect(rig.delete()).rejects.toMatchObject({ name: 'InvalidParameterException', message: expect.stringContaining('deployment deletion is ongoing') });
  });

  test('rejects an update during the deletion', async () => {
    await start();
    await rig.established();
    await rig.delete();
    await expect(rig.update('agent:2')).rejects.toMatchObject({ name: 'DaemonNotActiveException' });
  });

  test('fails for a daemon that does not exist', async () => {
    await start();
    await expect(rig.delete()).rejects.toMatchObject({ name: 'DaemonNotFoundException' });
    await expect(rig.update('agent:2')).rejects.toMatchObject({ name: 'DaemonNotFoundException' });
  });

  test('frees the name (R39)', async () => {
    await start();
    await rig.established();
    await rig.delete();
    await rig.advance(400);
    rig.mark();
    await rig.create('agent:2');
    await rig.advance(400);
    expect(await rig.runningImages()).toEqual({ 'agent:2': 1 });
  });

  test.each([['client-exception', 'ClientException'], ['daemon-not-found', 'DaemonNotFoundException']] as const)('leads to reads by afterDelete: %s (A16)', async (afterDelete, name) => {
    await start({ assumptions: { afterDelete } });
    await rig.established();
    await rig.delete();
    await rig.advance(400);
    await expect(describeDaemon()).rejects.toMatchObject({ name, message: expect.stringMatching(/not found|wasn't found/) });
  });

  test('leaves an inactive shell by afterDelete (A16)', async () => {
    await start({ assumptions: { afterDelete: 'inactive-shell' } });
    await rig.established();
    await rig.delete();
    await rig.advance(400);
    expect((await describeDaemon()).daemon).toEqual({ daemonArn: DAEMON_ARN, clusterArn: CLUSTER_ARN, status: 'INACTIVE', currentRevisions: [] });
  });

  test('rolls back once by deletionRollback (A16)', async () => {
    await start({ fleets: { main: 2 }, assumptions: { deletionRollback: 'once' } });
    await rig.established();
    const first = await rig.delete();
    await rig.advance(1500);
    expect(rig.statuses(first)).toEqual(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL']);
    expect((await describeDaemon()).daemon!.status).toBe('ACTIVE');
    expect(await rig.runningImages()).toEqual({ 'agent:1': 2 });
    await rig.delete();
    await rig.advance(1500);
    await expect(describeDaemon()).rejects.toMatchObject({ name: 'DaemonNotFoundException' });
  });
});

describe('a create with a name that exists (R9, A17)', () => {
  test.each([['invalid-parameter', 'InvalidParameterException'], ['client-exception', 'ClientException']] as const)('fails by createExisting: %s', async (createExisting, name) => {
    await start({ assumptions: { createExisting } });
    await rig.established();
    await expect(rig.create()).rejects.toMatchObject({ name, message: expect.stringContaining('already exists') });
    await rig.delete();
    await expect(rig.create()).rejects.toMatchObject({ name, message: expect.stringContaining('already exists') });
  });

  test('returns the daemon by createExisting', async () => {
    await start({ assumptions: { createExisting: 'returns-existing' } });
    const first = await rig.established();
    expect(await rig.create('agent:2')).toBe(first);
  });

  test('replaces the deletion by createDuringDelete', async () => {
    await start({ fleets: { main: 2 }, assumptions: { createDuringDelete: 'accept' } });
    await rig.established();
    const deletion = await rig.delete();
    await rig.advance(300);
    const creation = await rig.create('agent:2');
    await rig.advance(2000);
    expect(await rig.status(deletion)).toBe('STOPPED');
    expect(await rig.status(creation)).toBe('SUCCESSFUL');
    expect(await rig.runningImages()).toEqual({ 'agent:2': 2 });
  });

  test('returns the first reply to the same client token and request, as long as tokens are retained (R7)', async () => {
    await start({ assumptions: { tokenRetention: 1 } });
    const request = {
      daemonName: 'agent', clusterArn: CLUSTER_ARN, daemonTaskDefinitionArn: await rig.taskDefinition(),
      capacityProviderArns: [providerArn('main')], clientToken: 'token-1',
    };
    const first = await rig.ecs.createDaemon(request);
    expect(await rig.ecs.createDaemon(request)).toMatchObject({ deploymentArn: first.deploymentArn });
    await expect(rig.ecs.createDaemon({ ...request, critical: false })).rejects.toMatchObject({ name: 'InvalidParameterException', message: expect.stringContaining('client token') });
    await rig.advance(3600);
    await expect(rig.ecs.createDaemon(request)).rejects.toMatchObject({ message: expect.stringContaining('already exists') });
  });
});

describe('cluster and capacity provider of a daemon (A18)', () => {
  test('cannot be deleted (R40)', async () => {
    await start({ fleets: { main: 0 } });
    await rig.established();
    await expect(rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' })).rejects.toMatchObject({ name: 'ClientException' });
    await expect(rig.ecs.deleteCluster({ cluster: 'fleet' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await rig.delete();
    await expect(rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' })).rejects.toMatchObject({ name: 'ClientException' });
    await rig.advance(50);
    await rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' });
    await rig.ecs.deleteCluster({ cluster: 'fleet' });
  });

  test('can be deleted and orphan the daemon by deleteParentWithDaemon', async () => {
    await start({ fleets: { main: 1 }, assumptions: { deleteParentWithDaemon: 'accept-and-orphan' } });
    await rig.established();
    await rig.ecs.deleteCapacityProvider({ capacityProvider: 'main' });
    await rig.advance(100);
    await rig.ecs.deleteCluster({ cluster: 'fleet' });
    expect((await describeDaemon()).daemon!.status).toBe('ACTIVE');
    expect(rig.sandbox.ecs.instancesByState()).toEqual({ REGISTERING: 0, ACTIVE: 0, DRAINING: 0, DEREGISTERING: 0 });
  });
});
