import { Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DaemonTaskDefinition } from 'cdk-ecs-managed-daemons';
import { ConnectionLost, type SandboxOptions } from '../../sandbox';
import { agentApp, STACK, type AgentSettings } from '../../simulation/app/agent-app';
import { DeploymentBench, writes } from './deployment';
import { expectOneLine, expectReason } from './reasons';

const ROLLED_BACK = 'UPDATE_ROLLBACK_COMPLETE';

let bench: DeploymentBench;
const start = async (options?: SandboxOptions): Promise<void> => { bench = await DeploymentBench.start(options); };
afterEach(() => bench.close());

const withRole: AgentSettings['adapt'] = (stack) => {
  const agent = stack.node.findChild('Agent');
  if (DaemonTaskDefinition.isDaemonTaskDefinition(agent)) agent.obtainExecutionRole();
};

const WITH_GATES: AgentSettings['daemon'] = { timeout: Duration.hours(2) };

const OF_A_CREATE: [string, AgentSettings][] = [
  ['ecs:CreateDaemon', {}],
  ['ecs:TagResource', {}],
  ['ecs:DescribeDaemonDeployments', {}],
  ['ecs:DescribeCapacityProviders', {}],
  ['ecs:DescribeDaemonTaskDefinition', {}],
  ['ecs:ListDaemons', {}],
  ['cloudwatch:DescribeAlarms', { alarmNames: ['errors'] }],
  ['cloudformation:DescribeStackEvents', {}],
  ['iam:PassRole', { adapt: withRole }],
  ['lambda:GetDurableExecution', { daemon: WITH_GATES }],
];

const OF_AN_UPDATE: [string, AgentSettings][] = [
  ['ecs:UpdateDaemon', { imageTag: '2' }],
  ['ecs:TagResource', { daemon: { tags: { team: 'platform' } } }],
  ['ecs:UntagResource', { daemon: { tags: {} } }],
  ['ecs:DescribeDaemon', { imageTag: '2' }],
  ['ecs:DescribeDaemonDeployments', { imageTag: '2' }],
  ['ecs:DescribeDaemonRevisions', { imageTag: '2' }],
  ['ecs:ListDaemons', { imageTag: '2' }],
  ['ecs:ListTagsForResource', { imageTag: '2' }],
  ['ecs:DescribeCapacityProviders', { imageTag: '2' }],
  ['ecs:DescribeDaemonTaskDefinition', { imageTag: '2' }],
  ['cloudwatch:DescribeAlarms', { imageTag: '2', alarmNames: ['errors'] }],
  ['cloudformation:DescribeStackEvents', { imageTag: '2' }],
  ['iam:PassRole', { imageTag: '2', adapt: withRole }],
  ['lambda:ListDurableExecutionsByFunction', { imageTag: '2' }],
];

const OF_A_DELETE = [
  ['ecs:DescribeDaemon'], ['ecs:ListDaemons'], ['ecs:ListTagsForResource'], ['ecs:DeleteDaemon'], ['cloudformation:DescribeStackEvents'],
] as const;

const OF_A_ROLLBACK = 'cloudformation:DescribeStacks';

/** Without it, a gate only omits since when the rollout is paused. */
const OF_A_PAUSE = 'lambda:GetDurableExecutionHistory';

describe('a missing permission', () => {
  // the list of executions is denied to the dispatcher as well, which then starts nothing
  const denied = (action: string) => new RegExp(`(AccessDenied(Exception)?|older rollouts of this resource could not be listed): .*is not authorized to perform: ${action} on resource: \\S+`);

  /** Records the policies of the rollout role. The returned function restores them, as an operator would. */
  const rememberPermissions = async (): Promise<() => Promise<void>> => {
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

  test.each(OF_A_CREATE)('for %s fails a create in one line, and leaves nothing behind', async (action, settings) => {
    await start();
    await bench.alarm('errors', 'OK');
    const created = await bench.deploy({ ...settings, withheldPermissions: [action] });
    expectReason(bench, created, denied(action));
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await bench.daemons()).toEqual([]);
  });

  test.each(OF_AN_UPDATE)('for %s fails an update in one line, and drains nothing', async (action, settings) => {
    await start();
    await bench.alarm('errors', 'OK');
    await bench.deploy({ adapt: settings.adapt, alarmNames: settings.alarmNames, daemon: { tags: { stage: 'test' } } });
    const updated = await bench.deploy({ daemon: { tags: { stage: 'test' } }, ...settings, withheldPermissions: [action] });
    expectReason(bench, updated, denied(action));
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test.each(OF_A_DELETE)('for %s fails a delete in one line, and the daemon stays until the permission is restored', async (action) => {
    await start();
    await bench.deploy();
    const giveBack = await rememberPermissions();
    await bench.deploy({ withheldPermissions: [action] });
    const refused = await bench.destroy();
    expectOneLine(bench, refused, denied(action));
    expect(refused).toMatchObject({ error: expect.stringContaining('DELETE_FAILED'), stackStatus: 'DELETE_FAILED', instanceEvents: [] });
    expect(await bench.daemons()).toEqual(['agent']);

    await giveBack();
    expect(await bench.destroy()).toMatchObject({ error: undefined, stackStatus: undefined, reasons: [] });
    expect(await bench.daemons()).toEqual([]);
  });

  test('for ecs:ListDaemonDeployments fails an update without a reply, and the reason states that it may have started', async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    const stop = bench.sandbox.intercept({
      after: ({ operation }) => {
        if (operation !== 'UpdateDaemon') return;
        stop();
        throw new ConnectionLost();
      },
    });
    const updated = await bench.deploy({ imageTag: '2', withheldPermissions: ['ecs:ListDaemonDeployments'] });
    expectReason(bench, updated, denied('ecs:ListDaemonDeployments'));
    expect(updated.reasons[0]).toContain('; it is unknown whether ECS has started anything; ');
    expect(updated.stackStatus).toBe(ROLLED_BACK);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test(`for ${OF_A_ROLLBACK} does not affect an update that succeeds, since only a rollback reads the operation of the stack`, async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    const updated = await bench.deploy({ imageTag: '2', withheldPermissions: [OF_A_ROLLBACK] });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] });
    expect(await bench.runningImageTags()).toEqual(['2']);
  });

  test('is tried for every action of the rollout function', async () => {
    await start();
    const template = Template.fromStack(agentApp({ alarmNames: ['errors'], adapt: withRole }).node.findChild(STACK) as Stack);
    const granted = Object.values(template.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('RolloutRole'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action));
    const tried = [...OF_A_CREATE, ...OF_AN_UPDATE, ...OF_A_DELETE, ['ecs:ListDaemonDeployments'], [OF_A_ROLLBACK], [OF_A_PAUSE]].map(([action]) => action);
    expect([...new Set(granted)].sort()).toEqual([...new Set(tried)].sort());
  });

  test('for ecs:DescribeDaemon fails even the deletion after a failed create, although there is no daemon', async () => {
    await start();
    const created = await bench.deploy({ withheldPermissions: ['ecs:DescribeDaemon'] });
    expectReason(bench, created, denied('ecs:DescribeDaemon'));
    expect(created.stackStatus).toBe('ROLLBACK_FAILED');
    expect(writes(created)).toEqual([]);
    expect(await bench.daemons()).toEqual([]);
  });

  test('for lambda:InvokeFunction of the dispatcher fails an update in one line, and drains nothing', async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    const updated = await bench.deploy({ imageTag: '2', withheldPermissions: ['lambda:InvokeFunction'] });
    expectReason(bench, updated, /^the rollout could not be started: .*not authorized to perform: lambda:InvokeFunction on resource: \S+/);
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
  });

  test('is waited for until IAM makes it effective', async () => {
    await start({ iam: { propagationSeconds: 60 } });
    const created = await bench.deploy();
    expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] });
    expect(created.requests.filter(({ error }) => error?.startsWith('AccessDenied')).length).toBeGreaterThan(0);
  });
});
