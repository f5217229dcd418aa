import { Duration } from 'aws-cdk-lib';
import { DaemonTaskDefinition, GuardAlarmPolicy } from 'cdk-ecs-managed-daemons';
import type { SandboxOptions } from '../../sandbox';
import {
  ACCOUNT, daemonArn, FLEET, REGION, type AgentSettings,
} from './agent-app';
import { DeploymentBench, secondsBetween, writes, type DeploymentResult } from './deployment';

let bench: DeploymentBench;
const start = async (options?: SandboxOptions): Promise<void> => { bench = await DeploymentBench.start(options); };
afterEach(() => bench.close());

const ROLLED_BACK = 'UPDATE_ROLLBACK_COMPLETE';
const REASON_BYTES = 1024;

const logLines = (): string[] => bench.sandbox.requests
  .filter(({ operation }) => operation === 'PutLogEvents')
  .flatMap(({ input }) => input.logEvents.map(({ message }: { message: string }) => message.replace(/\n$/, '')));

/** The toolkit breaks what it prints into lines. */
const withoutLineBreaks = (text: string): string => text.replaceAll(/\s+/g, '');

/** A failed deployment tells its reason in one line that the CLI shows, and gives no credential away (W23). */
function expectReason(result: DeploymentResult, reason: string | RegExp): void {
  expectOneLine(result, reason);
  const [failed] = result.answers.filter(({ Status }) => Status === 'FAILED');
  expect(withoutLineBreaks(result.error!)).toContain(withoutLineBreaks(failed!.Reason));
}

function expectOneLine(result: DeploymentResult, reason: string | RegExp): void {
  const [failed] = result.answers.filter(({ Status }) => Status === 'FAILED');
  expect(failed!.Reason).toMatch(reason);
  expect(failed!.Reason).toMatch(/^[^\r\n]+$/);
  expect(Buffer.byteLength(failed!.Reason)).toBeLessThanOrEqual(REASON_BYTES);
  expect(failed!.Reason).not.toMatch(/cancelled/i);
  expect(result.reasons[0]).toContain(failed!.Reason);
  expect(logLines()).toContainEqual(expect.stringContaining(failed!.Reason));
  expect(logLines().filter((line) => /ResponseURL|X-Amz-Signature|cloudformation-custom-resource-response/.test(line))).toEqual([]);
}

describe('a name that is taken', () => {
  test('by a daemon of nobody is refused in one line, and that daemon is left alone', async () => {
    await start();
    await bench.foreignDaemon('agent');
    const created = await bench.deploy();
    expectReason(created, /^PREFLIGHT: a daemon named agent exists already in the cluster \S+:cluster\/apps and belongs to nobody that its tags name; it was left alone; /);
    expect(created).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE', instanceEvents: [] });
    expect(writes(created)).toEqual([]);
    expect(created.answers.map(({ Status }) => Status)).toEqual(['FAILED', 'SUCCESS']);
    expect(await bench.runningImageTags()).toEqual(['foreign']);
  });

  test('by a daemon of another stack is refused and names that stack', async () => {
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
    expectReason(created, 'belongs to the resource Theirs of the stack Others; it was left alone');
    expect(writes(created)).toEqual([]);
    expect(await bench.daemons()).toEqual(['agent']);
  });
});

describe('what does not exist', () => {
  const NOWHERE = `arn:aws:ecs:${REGION}:${ACCOUNT}:daemon-task-definition/nowhere:1`;

  test.each<[string, AgentSettings, RegExp]>([
    ['cluster', { cluster: 'nowhere' }, /^PREFLIGHT: the cluster nowhere does not exist; nothing was changed; /],
    ['capacity provider', { capacityProvider: 'nowhere' }, /^PREFLIGHT: the capacity provider nowhere of the cluster apps does not exist; nothing was changed; /],
    ['task definition', { taskDefinitionArn: NOWHERE }, /^PREFLIGHT: the daemon task definition nowhere:1 does not exist; nothing was changed; /],
    ['alarm', { alarmNames: ['nowhere'] }, /^PREFLIGHT: the alarm nowhere does not exist in this account and Region, so that ECS would roll out without it; nothing was changed; /],
  ])('makes a create fail in one line for an unknown %s, and leaves nothing behind', async (_, settings, reason) => {
    await start();
    const created = await bench.deploy(settings);
    expectReason(created, reason);
    expect(created).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE', instanceEvents: [] });
    expect(writes(created)).toEqual([]);
    expect(await bench.daemons()).toEqual([]);
  });

  test.each<[string, AgentSettings, RegExp]>([
    ['capacity provider', { capacityProvider: 'nowhere' }, /^PREFLIGHT: the capacity provider nowhere of the cluster apps does not exist/],
    ['task definition', { taskDefinitionArn: NOWHERE }, /^PREFLIGHT: the daemon task definition nowhere:1 does not exist/],
    ['alarm', { imageTag: '2', alarmNames: ['nowhere'] }, /^PREFLIGHT: the alarm nowhere does not exist/],
  ])('makes an update fail in one line for an unknown %s, and drains nothing', async (_, settings, reason) => {
    await start();
    await bench.deploy();
    const updated = await bench.deploy(settings);
    expectReason(updated, reason);
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });
});

describe('what a rollout relies on, and cannot', () => {
  const refused = async (settings: AgentSettings, reason: RegExp): Promise<void> => {
    const created = await bench.deploy(settings);
    expectReason(created, reason);
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(writes(created)).toEqual([]);
  };

  test('a capacity provider of another kind is refused in one line', async () => {
    await start();
    await bench.sandbox.call('ecs', 'CreateCapacityProvider', { name: 'scaling', autoScalingGroupProvider: { autoScalingGroupArn: 'arn:aws:autoscaling:…' } });
    await bench.sandbox.call('ecs', 'PutClusterCapacityProviders', {
      cluster: FLEET.cluster, capacityProviders: [FLEET.capacityProvider, 'scaling'], defaultCapacityProviderStrategy: [],
    });
    await refused({ capacityProvider: 'scaling' },
      /^PREFLIGHT: the capacity provider scaling is of the type EC2_AUTOSCALING, but daemons run on MANAGED_INSTANCES only; nothing was changed; /);
  });

  test('a capacity provider that is being deleted is refused in one line', async () => {
    await start();
    await bench.sandbox.call('ecs', 'DeleteCapacityProvider', { capacityProvider: FLEET.capacityProvider });
    await refused({}, /^PREFLIGHT: the capacity provider managed is (DEPROVISIONING|INACTIVE) instead of ACTIVE; nothing was changed; /);
  });

  test('a capacity provider that is not ACTIVE yet is waited for (R43)', async () => {
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
    expect(logLines()).toContainEqual(expect.stringContaining('PREFLIGHT: waits for the capacity provider late, which is PROVISIONING, to be ACTIVE'));
  });

  test('a task definition that is being deleted is refused in one line', async () => {
    await start();
    const { daemonTaskDefinitionArn } = await bench.sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
      family: 'gone', containerDefinitions: [{ name: 'gone', image: 'gone', memory: 64, essential: true }],
    });
    await bench.sandbox.call('ecs', 'DeleteDaemonTaskDefinition', { daemonTaskDefinition: daemonTaskDefinitionArn });
    await refused({ taskDefinitionArn: daemonTaskDefinitionArn }, /^PREFLIGHT: the daemon task definition gone:1 is (DELETE_IN_PROGRESS|DELETED) instead of ACTIVE; /);
  });
});

describe('a right that is missing', () => {
  const denied = (action: string) => new RegExp(`AccessDenied(Exception)?: .*is not authorized to perform: ${action} on resource: \\S+`);
  const withRole: AgentSettings['adapt'] = (stack) => {
    const agent = stack.node.findChild('Agent');
    if (DaemonTaskDefinition.isDaemonTaskDefinition(agent)) agent.obtainExecutionRole();
  };

  /** Takes the rollout role's policies down as they are now; what it returns puts them back, as an operator would by hand. */
  const rememberRights = async (): Promise<() => Promise<void>> => {
    const { Roles } = await bench.sandbox.call('iam', 'ListRoles', {});
    const { RoleName } = Roles.find((role: { RoleName: string }) => role.RoleName.includes('RolloutRole'));
    const { PolicyNames } = await bench.sandbox.call('iam', 'ListRolePolicies', { RoleName });
    const policies = await Promise.all(PolicyNames.map((PolicyName: string) =>
      bench.sandbox.call('iam', 'GetRolePolicy', { RoleName, PolicyName })));
    return async () => {
      for (const { PolicyName, PolicyDocument } of policies) {
        await bench.sandbox.call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: decodeURIComponent(PolicyDocument) });
      }
    };
  };

  test.each<[string, AgentSettings]>([
    ['ecs:CreateDaemon', {}],
    ['ecs:DescribeDaemonDeployments', {}],
    ['ecs:DescribeCapacityProviders', {}],
    ['ecs:DescribeDaemonTaskDefinition', {}],
    ['cloudwatch:DescribeAlarms', { alarmNames: ['errors'] }],
    ['iam:PassRole', { adapt: withRole }],
  ])('%s makes a create fail in one line, and leaves nothing behind', async (action, settings) => {
    await start();
    await bench.alarm('errors', 'OK');
    const created = await bench.deploy({ ...settings, withheldRights: [action] });
    expectReason(created, denied(action));
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await bench.daemons()).toEqual([]);
  });

  test.each<[string, AgentSettings]>([
    ['ecs:UpdateDaemon', { imageTag: '2' }],
    ['ecs:TagResource', { daemon: { tags: { team: 'platform' } } }],
    ['ecs:UntagResource', { daemon: { tags: {} } }],
    ['ecs:DescribeDaemon', { imageTag: '2' }],
    ['ecs:DescribeDaemonDeployments', { imageTag: '2' }],
    ['ecs:DescribeDaemonRevisions', { imageTag: '2' }],
    ['ecs:ListTagsForResource', { imageTag: '2' }],
    ['ecs:DescribeCapacityProviders', { imageTag: '2' }],
    ['ecs:DescribeDaemonTaskDefinition', { imageTag: '2' }],
    ['cloudwatch:DescribeAlarms', { imageTag: '2', alarmNames: ['errors'] }],
    ['iam:PassRole', { imageTag: '2', adapt: withRole }],
  ])('%s makes an update fail in one line, and drains nothing', async (action, settings) => {
    await start();
    await bench.alarm('errors', 'OK');
    await bench.deploy({ adapt: settings.adapt, alarmNames: settings.alarmNames, daemon: { tags: { stage: 'test' } } });
    const updated = await bench.deploy({ daemon: { tags: { stage: 'test' } }, ...settings, withheldRights: [action] });
    expectReason(updated, denied(action));
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test.each([
    ['ecs:DescribeDaemon'],
    ['ecs:ListTagsForResource'],
    ['ecs:DeleteDaemon'],
  ])('%s makes a delete fail in one line; the daemon, which may not be deleted, stays until the right is back', async (action) => {
    await start();
    await bench.deploy();
    const giveBack = await rememberRights();
    await bench.deploy({ withheldRights: [action] });
    const refused = await bench.destroy();
    expectOneLine(refused, denied(action));
    expect(refused).toMatchObject({ error: expect.stringContaining('DELETE_FAILED'), stackStatus: 'DELETE_FAILED', instanceEvents: [] });
    expect(await bench.daemons()).toEqual(['agent']);

    await giveBack();
    expect(await bench.destroy()).toMatchObject({ error: undefined, stackStatus: undefined, reasons: [] });
    expect(await bench.daemons()).toEqual([]);
  });

  test('ecs:DescribeDaemon makes even the deletion after a failed create fail, although there is no daemon', async () => {
    await start();
    const created = await bench.deploy({ withheldRights: ['ecs:DescribeDaemon'] });
    expectReason(created, denied('ecs:DescribeDaemon'));
    expect(created.stackStatus).toBe('ROLLBACK_FAILED');
    expect(writes(created)).toEqual([]);
    expect(await bench.daemons()).toEqual([]);
  });

  test('lambda:InvokeFunction of the dispatcher makes an update fail in one line, and drains nothing', async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    const updated = await bench.deploy({ imageTag: '2', withheldRights: ['lambda:InvokeFunction'] });
    expectReason(updated, /^the rollout could not be started: .*not authorized to perform: lambda:InvokeFunction on resource: \S+/);
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
  });

  test('is waited for while IAM spreads it', async () => {
    await start({ iam: { propagationSeconds: 60 } });
    const created = await bench.deploy();
    expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] });
    expect(created.requests.filter(({ error }) => error?.startsWith('AccessDenied')).length).toBeGreaterThan(0);
  });
});

describe('a guard alarm that is red before an update', () => {
  const GUARDED: AgentSettings = { alarmNames: ['errors'], imageTag: '1' };

  beforeEach(async () => {
    await start();
    await bench.alarm('errors', 'OK');
    await bench.deploy(GUARDED);
    await bench.alarm('errors', 'ALARM', 'Threshold Crossed: 9 errors');
  });

  test('makes it fail before anything is touched, tags included', async () => {
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { tags: { team: 'platform' } } });
    expectReason(updated, /^PREFLIGHT: the alarm errors is in ALARM already \("Threshold Crossed: 9 errors"\), so that ECS would ignore it; nothing was changed; if this update repairs what is wrong, set preflight\.alarmInAlarm to PROCEED; /);
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
  });

  test('does not stop it when the app says so: the log and the reason tell that it guards nothing', async () => {
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { preflight: { alarmInAlarm: GuardAlarmPolicy.PROCEED } } });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
    expect(logLines()).toContainEqual(expect.stringContaining('goes on although the alarm errors is in ALARM already: ECS ignores it, so that it guards nothing'));
    expect(updated.answers[0]!.Reason).toContain('in ALARM before, and therefore no guard: errors');
  });

  test('is waited for when the app says so', async () => {
    const stop = bench.sandbox.intercept({
      after: ({ operation, caller }) => {
        if (operation !== 'DescribeAlarms' || caller.kind !== 'function') return;
        stop();
        bench.sandbox.clock.after(300, () => void bench.alarm('errors', 'OK'));
      },
    });
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { preflight: { alarmInAlarm: GuardAlarmPolicy.WAIT } } });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
    const [asked, written] = ['Invoke', 'UpdateDaemon'].map((name) => updated.requests.find(({ operation }) => operation === name)!);
    expect(secondsBetween(asked!, written!)).toBeGreaterThanOrEqual(300);
  });

  test.each<[string, NonNullable<AgentSettings['daemon']>, string[]]>([
    ['the preflight policy', { preflight: { alarmInAlarm: GuardAlarmPolicy.WAIT } }, []],
    ['the bake time', { bakeTime: Duration.minutes(3) }, []],
    ['the tags', { tags: { team: 'platform' } }, ['TagResource']],
  ])('does not matter to an update that changes only %s', async (_, daemon, expected) => {
    const updated = await bench.deploy({ ...GUARDED, daemon });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [], instanceEvents: [] });
    expect(writes(updated)).toEqual(expected);
  });
});

describe('a guard alarm before a create', () => {
  test.each(['ALARM', 'INSUFFICIENT_DATA'] as const)('may be in %s: there is nothing to go back to (A13)', async (state) => {
    await start();
    await bench.alarm('errors', state);
    const created = await bench.deploy({ alarmNames: ['errors'] });
    expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] });
    expect(logLines()).toContainEqual(expect.stringContaining(`PREFLIGHT: the alarm errors is ${state}`));
  });
});

describe('a guard alarm without data before an update (A13)', () => {
  const GUARDED: AgentSettings = { alarmNames: ['errors'] };
  const update = async (): Promise<DeploymentResult> => bench.deploy({ ...GUARDED, imageTag: '2' });

  /** Seconds from the delivery of the request to its UpdateDaemon. */
  const waited = ({ requests }: DeploymentResult): number => secondsBetween(
    requests.find(({ operation }) => operation === 'Invoke')!, requests.find(({ operation }) => operation === 'UpdateDaemon')!);

  /** The alarm changes its state so long after the first look at it. */
  const later = (seconds: number, state: 'OK' | 'ALARM'): void => {
    const stop = bench.sandbox.intercept({
      after: ({ operation, caller }) => {
        if (operation !== 'DescribeAlarms' || caller.kind !== 'function') return;
        stop();
        bench.sandbox.clock.after(seconds, () => void bench.alarm('errors', state, 'Threshold Crossed: 9 errors'));
      },
    });
  };

  beforeEach(async () => {
    await start();
    await bench.alarm('errors', 'OK');
    await bench.deploy({ ...GUARDED, imageTag: '1' });
    await bench.alarm('errors', 'INSUFFICIENT_DATA');
  });

  test('is waited for two minutes, and the log says when the update goes on without it', async () => {
    const updated = await update();
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
    expect(waited(updated)).toBeGreaterThanOrEqual(120);
    expect(waited(updated)).toBeLessThanOrEqual(180);
    expect(logLines()).toContainEqual(expect.stringContaining('PREFLIGHT: goes on although there is no data yet for the alarms errors'));
  });

  test('is not waited for any longer once it is OK', async () => {
    later(45, 'OK');
    const updated = await update();
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
    expect(waited(updated)).toBeGreaterThanOrEqual(45);
    expect(waited(updated)).toBeLessThanOrEqual(90);
  });

  test('makes the update fail once it is in ALARM', async () => {
    later(45, 'ALARM');
    const updated = await update();
    expectReason(updated, /^PREFLIGHT: the alarm errors is in ALARM already/);
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
  });
});
