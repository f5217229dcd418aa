import { DaemonTagPropagation } from 'cdk-ecs-managed-daemons';
import { count, DeploymentBench } from './deployment';

let bench: DeploymentBench;
beforeAll(async () => { bench = await DeploymentBench.start(); });
afterAll(() => bench.close());

const RECORD = 'cdk-ecs-managed-daemons:stack-tags';
const daemon = { tags: { owner: 'daemon' }, propagateTags: DaemonTagPropagation.DAEMON };

describe('tags of `cdk deploy --tags`', () => {
  test('reach a new daemon, of which the own tags win', async () => {
    const { error } = await bench.deploy({ daemon }, { team: 'platform', owner: 'stack' });

    expect(error).toBeUndefined();
    expect(await bench.tags()).toMatchObject({ team: 'platform', owner: 'daemon', [RECORD]: expect.any(String) });
  });

  test('change and leave with the next deployment that changes the daemon, without a drain', async () => {
    const result = await bench.deploy({ daemon: { ...daemon, drainPercent: 50 } }, { cost: '1' });

    expect(result.error).toBeUndefined();
    expect(count(result, 'UpdateDaemon')).toBe(0);
    const tags = await bench.tags();
    expect(tags).toMatchObject({ cost: '1', owner: 'daemon' });
    expect(tags).not.toHaveProperty('team');
  });

  test('are restored after a deployment that fails', async () => {
    bench.sandbox.ecs.failStarts({ image: /broken/ });
    const result = await bench.deploy({ daemon, imageTag: 'broken' }, { cost: '2' });

    expect(result.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await bench.tags()).toMatchObject({ cost: '1' });
  });
});
