import type { DaemonContainerDefinition, RegisterDaemonTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { EcsRig, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

const container: DaemonContainerDefinition = { name: 'agent', image: 'agent:1', memory: 128 };
const register = (more: Partial<RegisterDaemonTaskDefinitionRequest> = {}) =>
  rig.ecs.registerDaemonTaskDefinition({ family: 'agent', containerDefinitions: [container], ...more });
const withContainer = (more: Partial<DaemonContainerDefinition>) => register({ containerDefinitions: [{ ...container, ...more }] });
const refused = { name: 'InvalidParameterException' };

describe('the validation of a daemon task definition', () => {
  test('rejects unknown fields (R44)', async () => {
    await start();
    await expect(rig.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', { family: 'agent', containerDefinitions: [container], networkMode: 'host' })).rejects.toMatchObject(refused);
    await expect(rig.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', { family: 'agent', containerDefinitions: [{ ...container, portMappings: [] }] })).rejects.toMatchObject(refused);
  });

  test('requires an essential container (R45)', async () => {
    await start();
    await expect(withContainer({ essential: false })).rejects.toMatchObject(refused);
    await expect(register({ containerDefinitions: [] })).rejects.toMatchObject(refused);
  });

  test('requires memory or a reservation for each container, even with task memory (R46)', async () => {
    await start();
    await expect(register({ memory: '512', containerDefinitions: [{ name: 'agent', image: 'agent:1' }] })).rejects.toMatchObject({
      ...refused, message: expect.stringMatching(/'memory' or 'memoryReservation'/),
    });
    await withContainer({ memory: undefined, memoryReservation: 64 });
  });

  test('rejects a volume of both the host and a log driver (R47)', async () => {
    await start();
    const logs = { driver: 'json-file' } as const;
    await expect(register({ volumes: [{ name: 'logs', host: { sourcePath: '/logs' }, logDriverVolumeConfiguration: logs }] })).rejects.toMatchObject(refused);
    await expect(register({ volumes: [{ name: 'logs', logDriverVolumeConfiguration: { driver: 'awslogs' } }] })).rejects.toMatchObject(refused);
    await register({ volumes: [{ name: 'logs', logDriverVolumeConfiguration: logs }, { name: 'proc', host: { sourcePath: '/proc' } }] });
  });

  test('requires the volume of a mount point', async () => {
    await start();
    await expect(withContainer({ mountPoints: [{ sourceVolume: 'proc', containerPath: '/proc' }] })).rejects.toMatchObject(refused);
  });

  test('accepts none and shared as pidMode and ipcMode (R48)', async () => {
    await start();
    await expect(rig.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', { family: 'agent', containerDefinitions: [container], pidMode: 'host' })).rejects.toMatchObject(refused);
    await register({ pidMode: 'shared', ipcMode: 'none' });
  });

  test('accepts the log drivers of the guide, or of the API (R49, A21)', async () => {
    await start();
    await withContainer({ logConfiguration: { logDriver: 'awslogs' } });
    await expect(withContainer({ logConfiguration: { logDriver: 'fluentd' } })).rejects.toMatchObject(refused);
    await rig.close();
    await start({ assumptions: { logDrivers: 'api-enum' } });
    await withContainer({ logConfiguration: { logDriver: 'fluentd' } });
  });

  test('accepts any number of containers, or 10 (A20)', async () => {
    const containerDefinitions = Array.from({ length: 11 }, (_, index) => ({ ...container, name: `agent-${index}` }));
    await start();
    await register({ containerDefinitions });
    await rig.close();
    await start({ assumptions: { maxContainers: 10 } });
    await expect(register({ containerDefinitions })).rejects.toMatchObject(refused);
  });
});

describe('revisions', () => {
  test('are created by every registration (R11)', async () => {
    await start();
    expect((await register()).daemonTaskDefinitionArn).toMatch(/:daemon-task-definition\/agent:1$/);
    expect((await register()).daemonTaskDefinitionArn).toMatch(/:daemon-task-definition\/agent:2$/);
  });

  test('are described by ARN, by revision and by family, without tags', async () => {
    await start();
    const { daemonTaskDefinitionArn } = await register({ cpu: '256', tags: [{ key: 'team', value: 'a' }] });
    for (const daemonTaskDefinition of [daemonTaskDefinitionArn, 'agent:1', 'agent']) {
      const described = (await rig.ecs.describeDaemonTaskDefinition({ daemonTaskDefinition })).daemonTaskDefinition!;
      expect(described).toMatchObject({ daemonTaskDefinitionArn, family: 'agent', revision: 1, status: 'ACTIVE', cpu: '256', containerDefinitions: [container] });
      expect(described).not.toHaveProperty('tags');
    }
    expect((await rig.ecs.listTagsForResource({ resourceArn: daemonTaskDefinitionArn })).tags).toEqual([{ key: 'team', value: 'a' }]);
  });

  test('are deleted if ACTIVE; no new daemon can use them, and daemons keep running (R51)', async () => {
    await start();
    await rig.established();
    await rig.ecs.deleteDaemonTaskDefinition({ daemonTaskDefinition: 'agent:1' });
    await expect(rig.ecs.deleteDaemonTaskDefinition({ daemonTaskDefinition: 'agent:1' })).rejects.toMatchObject({ name: 'ClientException', message: expect.stringContaining('being deleted') });
    const daemonTaskDefinitionArn = 'arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/agent:1';
    await expect(rig.update('', { daemonTaskDefinitionArn })).rejects.toMatchObject({ name: 'ClientException' });
    expect((await rig.ecs.listDaemonTaskDefinitions({ status: 'DELETE_IN_PROGRESS' })).daemonTaskDefinitions).toHaveLength(1);
    await rig.advance(60);
    expect((await rig.ecs.describeDaemonTaskDefinition({ daemonTaskDefinition: 'agent:1' })).daemonTaskDefinition!.status).toBe('DELETED');
    await expect(rig.update('', { daemonTaskDefinitionArn })).rejects.toMatchObject({ message: expect.stringContaining('not found') });
    expect(await rig.runningImages()).toEqual({ 'agent:1': 1 });
  });

  test('keep working on new instances after their deletion (A19)', async () => {
    await start({ applicationTasksPerInstance: 2 });
    await rig.established();
    await rig.ecs.deleteDaemonTaskDefinition({ daemonTaskDefinition: 'agent:1' });
    await rig.ecs.createService({ cluster: 'fleet', serviceName: 'web', desiredCount: 2, capacityProviderStrategy: [{ capacityProvider: 'main' }] });
    await rig.advance(400);
    expect(await rig.runningImages()).toEqual({ 'agent:1': 2 });
  });

  test.each([
    ['client-exception', 'ClientException'], ['invalid-parameter', 'InvalidParameterException'], ['named', 'DaemonTaskDefinitionNotFoundException'],
  ] as const)('are not found as %s (R10, A31)', async (taskDefinitionNotFound, name) => {
    await start({ assumptions: { taskDefinitionNotFound } });
    const error = { name, message: expect.stringContaining('not found') };
    await expect(rig.ecs.describeDaemonTaskDefinition({ daemonTaskDefinition: 'unknown' })).rejects.toMatchObject(error);
    await expect(rig.ecs.deleteDaemonTaskDefinition({ daemonTaskDefinition: 'unknown:1' })).rejects.toMatchObject(error);
  });

  test('are named by ARN, or by family too (A32)', async () => {
    await start();
    await register();
    await expect(rig.create('', { daemonTaskDefinitionArn: 'agent:1' })).rejects.toMatchObject(refused);
    await rig.close();
    await start({ assumptions: { taskDefinitionReference: 'family-allowed' } });
    await register();
    await rig.create('', { daemonTaskDefinitionArn: 'agent' });
  });

  test('are listed by family, latest, sorted, in pages', async () => {
    await start();
    for (const family of ['agent', 'agent', 'logs']) await register({ family });
    const list = async (query: Parameters<EcsRig['ecs']['listDaemonTaskDefinitions']>[0]): Promise<(string | undefined)[]> =>
      (await rig.ecs.listDaemonTaskDefinitions(query)).daemonTaskDefinitions!.map(({ arn }) => arn!.split('/').at(-1));
    expect(await list({})).toEqual(['agent:1', 'agent:2', 'logs:1']);
    expect(await list({ sort: 'DESC', maxResults: 2 })).toEqual(['logs:1', 'agent:2']);
    expect(await list({ family: 'agent' })).toEqual(['agent:1', 'agent:2']);
    expect(await list({ revision: 'LAST_REGISTERED' })).toEqual(['agent:2', 'logs:1']);
  });
});
