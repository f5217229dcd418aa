import type { SandboxOptions } from '../../sandbox';
import {
  ACCOUNT, daemonArn, FLEET, REGION, type AgentSettings,
} from '../../simulation/app/agent-app';
import { DeploymentBench, writes } from './deployment';
import { expectReason, logLines } from './reasons';

let bench: DeploymentBench;
const start = async (options?: SandboxOptions): Promise<void> => { bench = await DeploymentBench.start(options); };
afterEach(() => bench.close());

describe('a name that is in use', () => {
  test('by a daemon without an owner fails the create in one line, and leaves that daemon alone', async () => {
    await start();
    await bench.foreignDaemon('agent');
    const created = await bench.deploy();
    expectReason(bench, created, /^PREFLIGHT: a daemon named agent exists already in the cluster \S+:cluster\/apps and belongs to nobody that its tags name; it was left alone; /);
    expect(created).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE', instanceEvents: [] });
    expect(writes(created)).toEqual([]);
    expect(created.answers.map(({ Status }) => Status)).toEqual(['FAILED', 'SUCCESS']);
    expect(await bench.runningImageTags()).toEqual(['foreign']);
  });

  test('by a daemon of another stack fails the create with that stack\'s name', async () => {
    await start();
    await bench.foreignDaemon('agent');
    await bench.sandbox.call('ecs', 'TagResource', {
      resourceArn: daemonArn('agent'),
      tags: [
        { key: 'cdk-ecs-managed-daemons:stack-id', value: `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Others/1` },
        { key: 'cdk-ecs-managed-daemons:logical-id', value: 'Theirs' },
      ],
    });
    const created = await bench.deploy();
    expectReason(bench, created, 'belongs to the resource Theirs of the stack Others; it was left alone');
    expect(writes(created)).toEqual([]);
    expect(await bench.daemons()).toEqual(['agent']);
  });
});

describe('a missing prerequisite', () => {
  const NOWHERE = `arn:aws:ecs:${REGION}:${ACCOUNT}:daemon-task-definition/nowhere:1`;

  test.each<[string, AgentSettings, RegExp]>([
    ['cluster', { cluster: 'nowhere' }, /^PREFLIGHT: the cluster nowhere does not exist; nothing was changed; /],
    ['capacity provider', { capacityProvider: 'nowhere' }, /^PREFLIGHT: the capacity provider nowhere of the cluster apps does not exist; nothing was changed; /],
    ['task definition', { taskDefinitionArn: NOWHERE }, /^PREFLIGHT: the daemon task definition nowhere:1 does not exist; nothing was changed; /],
    ['alarm', { alarmNames: ['nowhere'] }, /^PREFLIGHT: the alarm nowhere does not exist in this account and Region, so that ECS would roll out without it; nothing was changed; /],
  ])('fails a create in one line for an unknown %s, and leaves nothing behind', async (_, settings, reason) => {
    await start();
    const created = await bench.deploy(settings);
    expectReason(bench, created, reason);
    expect(created).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE', instanceEvents: [] });
    expect(writes(created)).toEqual([]);
    expect(await bench.daemons()).toEqual([]);
  });

  test.each<[string, AgentSettings, RegExp]>([
    ['capacity provider', { capacityProvider: 'nowhere' }, /^PREFLIGHT: the capacity provider nowhere of the cluster apps does not exist/],
    ['task definition', { taskDefinitionArn: NOWHERE }, /^PREFLIGHT: the daemon task definition nowhere:1 does not exist/],
    ['alarm', { imageTag: '2', alarmNames: ['nowhere'] }, /^PREFLIGHT: the alarm nowhere does not exist/],
  ])('fails an update in one line for an unknown %s, and drains nothing', async (_, settings, reason) => {
    await start();
    await bench.deploy();
    const updated = await bench.deploy(settings);
    expectReason(bench, updated, reason);
    expect(updated).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE', instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });
});

describe('an unusable prerequisite', () => {
  const refused = async (settings: AgentSettings, reason: RegExp): Promise<void> => {
    const created = await bench.deploy(settings);
    expectReason(bench, created, reason);
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(writes(created)).toEqual([]);
  };

  test('fails in one line if it is a capacity provider of another kind', async () => {
    await start();
    await bench.sandbox.call('ecs', 'CreateCapacityProvider', { name: 'scaling', autoScalingGroupProvider: { autoScalingGroupArn: 'arn:aws:autoscaling:…' } });
    await bench.sandbox.call('ecs', 'PutClusterCapacityProviders', {
      cluster: FLEET.cluster, capacityProviders: [FLEET.capacityProvider, 'scaling'], defaultCapacityProviderStrategy: [],
    });
    await refused({ capacityProvider: 'scaling' },
      /^PREFLIGHT: the capacity provider scaling is of the type EC2_AUTOSCALING, but daemons run on MANAGED_INSTANCES only; nothing was changed; /);
  });

  test('fails in one line if it is a capacity provider that is being deleted', async () => {
    await start();
    await bench.sandbox.call('ecs', 'DeleteCapacityProvider', { capacityProvider: FLEET.capacityProvider });
    await refused({}, /^PREFLIGHT: the capacity provider managed is (DEPROVISIONING|INACTIVE) instead of ACTIVE; nothing was changed; /);
  });

  test('is waited for if it is a capacity provider that is not ACTIVE yet (R43)', async () => {
    await start({ ecs: { capacityProviderActivation: 300 } });
    const stop = bench.sandbox.intercept({
      after: ({ operation, caller }) => {
        if (operation !== 'DescribeCapacityProviders' || caller.kind !== 'function') return;
        stop();
        void bench.sandbox.call('ecs', 'CreateCapacityProvider', {
          name: 'late', cluster: FLEET.cluster, managedInstancesProvider: { infrastructureRoleArn: `arn:aws:iam::${ACCOUNT}:role/ecsInfrastructureRole` },
        });
      },
    });
    const created = await bench.deploy({ capacityProvider: 'late' });
    expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] });
    expect(writes(created)).toEqual(['CreateDaemon']);
    expect(logLines(bench)).toContainEqual(expect.stringContaining('PREFLIGHT: waits for the capacity provider late, which is PROVISIONING, to be ACTIVE'));
  });

  test('fails in one line if it is a task definition that is being deleted', async () => {
    await start();
    const { daemonTaskDefinitionArn } = await bench.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
      family: 'gone', containerDefinitions: [{ name: 'gone', image: 'gone', memory: 64, essential: true }],
    });
    await bench.sandbox.call('ecs', 'DeleteDaemonTaskDefinition', { daemonTaskDefinition: daemonTaskDefinitionArn });
    await refused({ taskDefinitionArn: daemonTaskDefinitionArn }, /^PREFLIGHT: the daemon task definition gone:1 is (DELETE_IN_PROGRESS|DELETED) instead of ACTIVE; /);
  });
});
