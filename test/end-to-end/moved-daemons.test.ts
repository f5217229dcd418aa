import { aws_ecs as ecs } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';
import type { SandboxOptions } from '../../sandbox';
import { ACCOUNT, capacityProviderArn, clusterArn, FLEET, image, REGION, type AgentSettings } from '../../simulation/app/agent-app';
import { DeploymentBench, writes, type DeploymentResult } from './deployment';

const BROKEN = 'broken';
const OTHER = { ...FLEET, cluster: 'batch', capacityProvider: 'batch-managed' };

let bench: DeploymentBench;
const start = async (options: SandboxOptions = {}): Promise<void> => {
  bench = await DeploymentBench.start({ fleets: [FLEET, OTHER], ...options });
  bench.sandbox.ecs.failStarts({ image: image(BROKEN) });
};
afterEach(() => bench.close());

const denied = ({ requests }: Pick<DeploymentResult, 'requests'>): string[] =>
  requests.filter(({ error }) => error?.startsWith('AccessDenied')).map(({ operation }) => operation);

/** What runs on the instances of all clusters: daemon and image tag. */
async function running(): Promise<string[]> {
  const found: string[] = [];
  for (const cluster of [FLEET.cluster, OTHER.cluster]) {
    const { daemonSummariesList } = await bench.sandbox.call('ecs', 'ListDaemons', { clusterArn: clusterArn(cluster) });
    for (const { daemonArn } of daemonSummariesList as { daemonArn: string }[]) {
      const { daemon } = await bench.sandbox.call('ecs', 'DescribeDaemon', { daemonArn });
      const { daemonRevisions } = await bench.sandbox.call('ecs', 'DescribeDaemonRevisions', {
        daemonRevisionArns: daemon.currentRevisions.map(({ arn }: { arn: string }) => arn),
      });
      for (const { containerImages: [{ image: name }] } of daemonRevisions) found.push(`${daemonArn.split(':daemon/')[1]} ${name.split(':')[1]}`);
    }
  }
  return found.sort();
}

/** A second daemon with its own roles, in a construct of the given id. */
const withSecond = (imageTag: string, id = 'Second', taskDefinitionId = `${id}TaskDefinition`): AgentSettings => ({
  imageTag: '1',
  adapt: (stack) => {
    const taskDefinition = new DaemonTaskDefinition(stack, taskDefinitionId, { family: taskDefinitionId, cpu: 256, memoryMiB: 256 });
    taskDefinition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(image(imageTag)), memoryLimitMiB: 256 });
    new ManagedDaemon(stack, id, {
      cluster: ecs.Cluster.fromClusterArn(stack, `${id}Cluster`, clusterArn(OTHER.cluster)),
      capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(capacityProviderArn(OTHER.capacityProvider))],
      daemonTaskDefinition: taskDefinition,
      daemonName: `second-${id}`,
      drainPercent: 100,
    });
  },
});

const inOtherCluster = { cluster: OTHER.cluster, capacityProvider: OTHER.capacityProvider };

describe('the permissions of a stack in each state', () => {
  test.each<[string, AgentSettings, AgentSettings, string[], string[]]>([
    ['renamed', {}, { daemon: { daemonName: 'next' } }, ['apps/next 2'], ['CreateDaemon', 'DeleteDaemon']],
    ['moved to another cluster', {}, inOtherCluster, ['batch/agent 2'], ['CreateDaemon', 'DeleteDaemon']],
    ['moved and renamed', {}, { ...inOtherCluster, daemon: { daemonName: 'next' } }, ['batch/next 2'], ['CreateDaemon', 'DeleteDaemon']],
  ])('let a daemon be %s', async (_, before, after, expected, written) => {
    await start();
    await bench.deploy({ imageTag: '1', ...before });
    const changed = await bench.deploy({ imageTag: '2', ...after });

    expect(changed).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] });
    expect(writes(changed)).toEqual(written);
    expect(await running()).toEqual(expected);
    expect(denied(changed)).toEqual([]);
  });

  test.each<[string, AgentSettings, AgentSettings, string[]]>([
    ['removed', withSecond('1'), { imageTag: '1' }, ['apps/agent 1']],
    ['given other roles', withSecond('1'), withSecond('2', 'Second', 'Other'), ['apps/agent 1', 'batch/second-Second 2']],
    ['given another construct id', withSecond('1'), withSecond('2', 'Third'), ['apps/agent 1', 'batch/second-Third 2']],
    ['removed with all others, and with the functions that delete them', withSecond('1'), { withoutDaemon: true }, []],
  ])('let a daemon with its own roles be %s', async (_, before, after, expected) => {
    await start();
    await bench.deploy(before);
    expect(await running()).toEqual(['apps/agent 1', 'batch/second-Second 1']);
    const changed = await bench.deploy(after);

    expect(changed).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] });
    expect(await running()).toEqual(expected);
    expect(denied(changed)).toEqual([]);
  });

  describe.each(['adopt', 'keep'] as const)('during the rollback of a failed change (failedUpdateId: %s)', (failedUpdateId) => {
    test.each<[string, AgentSettings, AgentSettings, string[]]>([
      ['a new name', {}, { imageTag: BROKEN, daemon: { daemonName: 'next' } }, ['apps/agent 1']],
      ['another cluster', {}, { imageTag: BROKEN, ...inOtherCluster }, ['apps/agent 1']],
      ['a daemon that is added', {}, withSecond(BROKEN), ['apps/agent 1']],
      ['other roles', withSecond('1'), withSecond(BROKEN, 'Second', 'Other'), ['apps/agent 1', 'batch/second-Second 1']],
      ['another construct id', withSecond('1'), withSecond(BROKEN, 'Third'), ['apps/agent 1', 'batch/second-Second 1']],
    ])('cover %s', async (_, before, after, expected) => {
      await start({ cloudFormation: { failedUpdateId } });
      await bench.deploy({ imageTag: '1', ...before });
      const failed = await bench.deploy(after);

      expect(failed).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE' });
      expect(failed.reasons.join()).toContain('the daemon failed to start');
      expect(await running()).toEqual(expected);
      expect(denied(failed)).toEqual([]);
    });
  });

  test('cover a first deployment and the deletion of the stack (FM21)', async () => {
    await start();
    const created = await bench.deploy(withSecond('1'));
    expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE' });
    const destroyed = await bench.destroy(withSecond('1'));

    expect(destroyed.error).toBeUndefined();
    expect(await running()).toEqual([]);
    expect([...denied(created), ...denied(destroyed)]).toEqual([]);
  });

  test('cover the rollback of a first deployment that fails', async () => {
    await start();
    const failed = await bench.deploy(withSecond(BROKEN));

    expect(failed).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE' });
    expect(await running()).toEqual([]);
    expect(denied(failed)).toEqual([]);
  });

  test('are enforced by the sandbox: the move fails without one of them, and the daemon stays', async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    const failed = await bench.deploy({ imageTag: '1', ...inOtherCluster, withheldPermissions: ['ecs:CreateDaemon'] });

    expect(failed).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(denied(failed)).toContain('CreateDaemon');
    expect(failed.reasons.join()).toContain(
      `is not authorized to perform: ecs:CreateDaemon on resource: arn:aws:ecs:${REGION}:${ACCOUNT}:daemon/batch/agent`);
    expect(await running()).toEqual(['apps/agent 1']);
  });
});
