import type { SandboxOptions } from '../../sandbox';
import { capacityProviderArn, clusterArn, daemonArn, FLEET, image, type AgentSettings } from '../../simulation/app/agent-app';
import { DeploymentBench, secondsBetween, writes, type DeploymentResult } from './deployment';
import { logLines } from './reasons';

let bench: DeploymentBench;
const start = async (options?: SandboxOptions): Promise<void> => { bench = await DeploymentBench.start(options); };
afterEach(() => bench.close());

const UPDATED = { error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] };
const OTHERS: AgentSettings = { stackName: 'Others', daemon: { daemonName: 'other' } };

/** The first instance that is drained from now on hangs; what is returned lets it go. */
function hangNextDrain(): () => void {
  let hanging: string | undefined;
  const stop = bench.sandbox.ecs.onInstanceEvent(({ event, instanceId }) => {
    if (event !== 'INSTANCE_DRAINING') return;
    stop();
    hanging = instanceId;
    bench.sandbox.ecs.hangDrain(instanceId);
  });
  return () => bench.sandbox.ecs.releaseDrain(hanging!);
}

/** Performs an action so many seconds after a rollout next lists daemons. */
function onFirstLookForTurn(seconds: number, action: () => void): void {
  const stop = bench.sandbox.intercept({
    after: ({ operation, caller }) => {
      if (operation !== 'ListDaemons' || caller.kind !== 'function') return;
      stop();
      bench.sandbox.clock.after(seconds, action);
    },
  });
}

/** Creates a daemon without an owner, with a deployment that hangs. The returned function lets it continue. */
async function busyForeignDaemon(): Promise<() => void> {
  await bench.foreignDaemon('foreign');
  const release = hangNextDrain();
  const { daemonTaskDefinitions } = await bench.sandbox.call('ecs', 'ListDaemonTaskDefinitions', { family: 'foreign' });
  await bench.sandbox.call('ecs', 'UpdateDaemon', {
    daemonArn: daemonArn('foreign'),
    daemonTaskDefinitionArn: daemonTaskDefinitions[0].arn,
    capacityProviderArns: [capacityProviderArn(FLEET.capacityProvider)],
  });
  await bench.sandbox.clock.sleep(60);
  return release;
}

/** Instances that a deployment drained while another daemon's deployment had not ended yet. */
function overlaps({ statuses }: DeploymentResult): string[] {
  const running = new Map<string, string>();
  return statuses.flatMap(({ daemonArn: arn, status }) => {
    const others = [...running.keys()].filter((other) => other !== arn);
    if (status === 'PENDING') running.set(arn, status);
    if (['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'].includes(status)) running.delete(arn);
    return status === 'PENDING' && others.length > 0 ? [`${arn} while ${others.join()}`] : [];
  });
}

describe('daemons of two stacks on one capacity provider', () => {
  test('roll out one after the other, and the waiting one logs the other\'s name (FM15)', async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    await bench.deploy({ ...OTHERS, imageTag: '1' });
    const release = hangNextDrain();
    let second: Promise<DeploymentResult> | undefined;
    const stop = bench.sandbox.ecs.onDeploymentStatus(({ status }) => {
      if (status !== 'IN_PROGRESS') return;
      stop();
      // the clock stands still until the second rollout has begun as well
      const letGo = bench.sandbox.clock.hold();
      const arrived = bench.sandbox.intercept({
        after: ({ operation, caller }) => {
          if (operation !== 'ListDaemons' || caller.kind !== 'function') return;
          arrived();
          letGo();
          bench.sandbox.clock.after(300, release);
        },
      });
      second = bench.deploy({ ...OTHERS, imageTag: '2' });
    });
    const first = await bench.deploy({ imageTag: '2' });
    expect(first).toMatchObject(UPDATED);
    const other = await second!;
    expect(other).toMatchObject(UPDATED);
    expect(overlaps(other)).toEqual([]);
    expect(logLines(bench)).toContainEqual(expect.stringMatching(
      /^other WAITING_TURN: waits for the daemon agent \(deployment arn:\S+\), which is rolling out on the same capacity providers$/));
    expect([await bench.runningImageTags('agent'), await bench.runningImageTags('other')]).toEqual([['2'], ['2']]);
  });
});

describe("a foreign daemon's deployment", () => {
  test.each<[string, string, (release: () => void) => Promise<DeploymentResult>]>([
    ['a create', 'CreateDaemon', async () => bench.deploy({ imageTag: '1' })],
    ['an update', 'UpdateDaemon', async () => bench.deploy({ imageTag: '2' })],
    ['a delete', 'DeleteDaemon', async () => bench.destroy()],
  ])('is waited for by %s', async (what, write, act) => {
    await start();
    if (what !== 'a create') await bench.deploy({ imageTag: '1' });
    const release = await busyForeignDaemon();
    onFirstLookForTurn(300, release);
    const result = await act(release);
    expect(result).toMatchObject({ error: undefined, reasons: [] });
    expect(writes(result)).toEqual([write]);
    expect(overlaps(result)).toEqual([]);
    const [asked, written] = ['Invoke', write].map((name) => result.requests.find(({ operation }) => operation === name)!);
    expect(secondsBetween(asked!, written!)).toBeGreaterThanOrEqual(300);
    expect(logLines(bench)).toContainEqual(expect.stringContaining('agent WAITING_TURN: waits for the daemon foreign (deployment arn:'));
  });

  test('that continues for too long fails an update in one line with its name, without a drain', async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    await busyForeignDaemon();
    const updated = await bench.deploy({ imageTag: '2', daemon: { drainPercent: 25, tags: { team: 'platform' } } });
    expect(updated.answers[0]!.Reason).toMatch(/^WAITING_TURN: TIMED_OUT: it waited for the daemon foreign \(deployment arn:\S+\); after 35 minutes the 19 that are left are too few for this rollout, which is estimated at 20; nothing was started; /);
    expect(updated).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE', reasons: [expect.stringContaining(updated.answers[0]!.Reason)] });
    // the rollback removes the tag of the failed update: an old read might hide that it was set (A28)
    expect(writes(updated)).toEqual(['UntagResource']);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test('does not delay an update that changes rollout settings only', async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    await busyForeignDaemon();
    const updated = await bench.deploy({ imageTag: '1', daemon: { drainPercent: 50 } });
    expect(updated).toMatchObject(UPDATED);
    expect(writes(updated)).toEqual([]);
    expect(updated.calls.length).toBeLessThanOrEqual(6);
  });

  test('on another capacity provider does not block a rollout', async () => {
    await start({ fleets: [FLEET, { ...FLEET, capacityProvider: 'elsewhere' }] });
    await bench.deploy({ imageTag: '1' });
    hangNextDrain();
    const { daemonTaskDefinitionArn } = await bench.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
      family: 'foreign', containerDefinitions: [{ name: 'foreign', image: image('foreign'), memory: 64, essential: true }],
    });
    await bench.sandbox.call('ecs', 'CreateDaemon', {
      daemonName: 'foreign', clusterArn: clusterArn(FLEET.cluster), daemonTaskDefinitionArn, capacityProviderArns: [capacityProviderArn('elsewhere')],
    });
    await bench.sandbox.clock.sleep(60);
    expect(await bench.deploy({ imageTag: '2' })).toMatchObject(UPDATED);
    expect(logLines(bench).filter((line) => line.includes('WAITING_TURN'))).toEqual([]);
  });
});
