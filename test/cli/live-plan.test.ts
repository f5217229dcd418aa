import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aws_ec2 as ec2, aws_ecs as ecs, CfnOutput, Fn } from 'aws-cdk-lib';
import { DaemonCapacityProvider } from 'cdk-ecs-managed-daemons';
import { agentApp, daemonArn, FLEET, STACK, type AgentSettings } from '../../simulation/app/agent-app';
import type { Sandbox } from '../../sandbox';
import { command, deploy, runCommand, startAccount, statusOf, submit, type CommandResult } from './live-account';
import { agentAssembly, assemblyOf, newFolder } from './plan-bench';

const MOST_READS = 20;
const READ = /^(sts:GetCallerIdentity|\w+:(Describe|List|Get)\w+)$/;

let sandbox: Sandbox;

afterEach(() => sandbox?.close());

/** Deploys an app to a new account with a fleet of twelve. */
async function deployed(...folders: string[]): Promise<void> {
  sandbox = await startAccount({ fleets: [{ ...FLEET, instances: 12 }] });
  for (const folder of folders) expect(await deploy(sandbox, folder)).toMatch(/_COMPLETE$/);
  await sandbox.clock.sleep(3600);
}

/** Plans an app against the account, and checks that the account was read only. */
async function planned(folder: string, ...values: string[]): Promise<CommandResult> {
  const result = await command(sandbox, ['plan', '--app', folder, ...values]);
  expect(result.calls.filter((call) => !READ.test(call))).toEqual([]);
  expect(result.calls.length).toBeLessThanOrEqual(MOST_READS);
  return result;
}

/** Deploys an app, and counts the instances that its daemon drains. */
async function deployNow(folder: string): Promise<{ status: string; drained: number }> {
  const first = sandbox.ecs.instanceEvents.length;
  const own = new Set<string>();
  const stop = sandbox.ecs.onDeploymentStatus(({ daemonArn: arn, deploymentArn }) => { if (arn === daemonArn('agent')) own.add(deploymentArn); });
  const status = await deploy(sandbox, folder);
  stop();
  const events = sandbox.ecs.instanceEvents.slice(first);
  return { status, drained: events.filter(({ event, deploymentArn }) => event === 'INSTANCE_DRAINING' && own.has(deploymentArn!)).length };
}

const before: AgentSettings = { imageTag: '1', daemon: { drainPercent: 25 } };
const after: AgentSettings = { ...before, imageTag: '2' };

const manually = (settings: object): Promise<unknown> => sandbox.call('ecs', 'UpdateDaemon', {
  daemonArn: daemonArn('agent'), capacityProviderArns: [`arn:aws:ecs:us-east-1:123456789012:capacity-provider/${FLEET.capacityProvider}`],
  propagateTags: 'DAEMON', critical: true, deploymentConfiguration: { drainPercent: 25 }, ...settings,
});

describe('a plan against the account', () => {
  test('agrees with the deployment that follows', async () => {
    await deployed(agentAssembly(before));

    const file = join(newFolder(), 'plan.md');
    const { code, stdout } = await planned(agentAssembly(after), '--markdown', file);

    expect(code).toBe(2);
    expect(readFileSync(file, 'utf8')).toContain('Application tasks: 24, never fewer');
    expect(stdout).toMatch(/^Drains 12 of 12 instances, each once; likely /);
    expect(stdout).toContain('4 batches of 3');
    expect(stdout).toContain('image 1 → 2');
    expect(stdout).toContain('apps/managed has 12 instances in the account');
    expect(stdout).toMatch(/a batch takes as long as in the last rollout of agent: [\d.]+ min/);
    expect(await deployNow(agentAssembly(after))).toEqual({ status: 'UPDATE_COMPLETE', drained: 12 });
  });

  test('drains nothing if the app is what is deployed', async () => {
    await deployed(agentAssembly(before), agentAssembly(after));

    const { code, stdout } = await planned(agentAssembly(after));

    expect([code, stdout.split('\n')[0]]).toEqual([0, 'Nothing drains']);
    expect(stdout).not.toContain('outside CloudFormation');
  });

  test('creates what is not deployed, on the instances that the account has', async () => {
    sandbox = await startAccount({ fleets: [{ ...FLEET, instances: 12 }] });

    const { code, stdout } = await planned(agentAssembly(before));

    expect([code, stdout.split('\n')[0]]).toEqual([2, expect.stringMatching(/^Drains 12 of 12 instances, each once/)]);
    expect(stdout).toContain('create');
    expect(await deployNow(agentAssembly(before))).toEqual({ status: 'CREATE_COMPLETE', drained: 12 });
  });

  test('deletes a daemon that the new app does not have', async () => {
    await deployed(agentAssembly(before));

    const { code, stdout } = await planned(agentAssembly({ withoutDaemon: true }));

    expect([code, stdout]).toEqual([2, expect.stringMatching(/agent {2}apps\/managed {2}delete {2}12 drain/)]);
    expect(await deployNow(agentAssembly({ withoutDaemon: true }))).toEqual({ status: 'UPDATE_COMPLETE', drained: 12 });
  });

  test('names a manual change, which the deployment reverts', async () => {
    await deployed(agentAssembly(before));
    const { daemonTaskDefinitionArn } = await sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
      family: 'agent', cpu: '256', memory: '256', containerDefinitions: [{ name: 'agent', image: 'example.com/agent:manual', memory: 256, essential: true }],
    });
    await manually({ daemonTaskDefinitionArn, enableExecuteCommand: true });
    await sandbox.clock.sleep(7200);
    const next = agentAssembly({ ...before, daemon: { ...before.daemon, rolloutToken: 'again' } });

    const { code, stdout } = await planned(next);

    expect(code).toBe(2);
    expect(stdout).toMatch(/changed outside CloudFormation: .*image 1 → manual.*execute command false → true/);
    expect(stdout).toContain('manual changes reverted');
    expect(await deployNow(next)).toEqual({ status: 'UPDATE_COMPLETE', drained: 12 });
  });

  test('drains nothing if the daemon was changed manually to what the new app has', async () => {
    await deployed(agentAssembly(before));
    const { daemon: { currentRevisions: [revision] } } = await sandbox.call('ecs', 'DescribeDaemon', { daemonArn: daemonArn('agent') });
    const { daemonRevisions: [{ daemonTaskDefinitionArn }] } = await sandbox.call('ecs', 'DescribeDaemonRevisions', { daemonRevisionArns: [revision.arn] });
    await manually({ daemonTaskDefinitionArn, enableExecuteCommand: true });
    await sandbox.clock.sleep(7200);
    const next = agentAssembly({ ...before, daemon: { ...before.daemon, enableExecuteCommand: true } });

    const { code, stdout } = await planned(next);
    const actual = await deployNow(next);

    expect([code, stdout.split('\n')[0]]).toEqual(actual.drained === 0 ? [0, 'Nothing drains'] : [2, expect.stringContaining('Drains 12')]);
  });

  test('is refused if a deployment alarm is in ALARM now', async () => {
    const [guarded, next] = [before, after].map((settings) => agentAssembly({ ...settings, alarmNames: ['errors'] }));
    sandbox = await startAccount({ fleets: [{ ...FLEET, instances: 12 }] });
    await sandbox.call('monitoring', 'PutMetricAlarm', { AlarmName: 'errors', Period: 60, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', Threshold: 0 });
    await sandbox.call('monitoring', 'SetAlarmState', { AlarmName: 'errors', StateValue: 'OK', StateReason: 'test' });
    await deploy(sandbox, guarded!);
    await sandbox.clock.sleep(3600);
    await sandbox.call('monitoring', 'SetAlarmState', { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'too many errors' });

    const { code, stdout } = await planned(next!);

    expect([code, stdout]).toEqual([4, expect.stringMatching(/^The deployment would be refused: agent\n/)]);
    expect(stdout).toContain('too many errors');
    expect(await deployNow(next!)).toEqual({ status: 'UPDATE_ROLLBACK_COMPLETE', drained: 0 });
  });

  test('is refused while the stack is being deployed', async () => {
    await deployed(agentAssembly(before));
    const next = agentAssembly(after);
    await submit(sandbox, next, STACK);
    await sandbox.clock.sleep(300);
    expect(await statusOf(sandbox, STACK)).toBe('UPDATE_IN_PROGRESS');

    const { code, stdout } = await planned(agentAssembly({ ...after, imageTag: '3' }));

    expect(code).toBe(4);
    expect(stdout).toContain('CloudFormation does not update the stack Agents while it is UPDATE_IN_PROGRESS');
    expect(await submit(sandbox, agentAssembly({ ...after, imageTag: '3' }), STACK)).toBe(false);
  });

  test('waits for a rollout of another stack on the same instances', async () => {
    const other = (imageTag: string): string => agentAssembly({ ...before, imageTag, stackName: 'Others', daemon: { drainPercent: 25, daemonName: 'other' } });
    await deployed(agentAssembly(before), other('1'));
    await submit(sandbox, other('2'), 'Others');
    await sandbox.clock.sleep(420);

    const { code, stdout } = await planned(agentAssembly(after));

    expect(code).toBe(2);
    expect(stdout).toMatch(/^Drains 12 of 12 instances, each once/);
    expect(stdout).toMatch(/waits \d+ min for other deployments/);
    expect(stdout).toContain('apps/managed has 12 instances in the account; up to 3 fewer, because so many drain now');
    expect(await deployNow(agentAssembly(after))).toEqual({ status: 'UPDATE_COMPLETE', drained: 12 });
  });

  test('imports what a stack of another app exports', async () => {
    sandbox = await startAccount({ fleets: [{ ...FLEET, instances: 12 }] });
    await sandbox.call('cloudformation', 'CreateStack', { StackName: 'Shared', TemplateBody: JSON.stringify({
      Resources: { Nothing: { Type: 'AWS::CloudFormation::WaitConditionHandle' } }, Outputs: { Team: { Value: 'blue', Export: { Name: 'shared-team' } } },
    }) });
    await sandbox.clock.sleep(60);
    const importing = (settings: AgentSettings): string => agentAssembly({
      ...settings, adapt: (stack) => void new CfnOutput(stack, 'Team', { value: Fn.importValue('shared-team') }),
    });
    expect(await deploy(sandbox, importing(before))).toBe('CREATE_COMPLETE');

    expect(await planned(importing(after))).toMatchObject({ code: 2, stderr: '' });
  });

  test('is refused if the daemon has lost the tag of its owner', async () => {
    await deployed(agentAssembly(before));
    await sandbox.call('ecs', 'UntagResource', { resourceArn: daemonArn('agent'), tagKeys: ['cdk-ecs-managed-daemons:stack-id'] });
    await sandbox.clock.sleep(600);

    const { code, stdout } = await planned(agentAssembly(after));

    expect([code, stdout]).toEqual([4, expect.stringContaining('changed outside CloudFormation: tag cdk-ecs-managed-daemons:stack-id')]);
    expect(await deployNow(agentAssembly(after))).toEqual({ status: 'UPDATE_ROLLBACK_COMPLETE', drained: 0 });
  });

  test('creates a daemon again that was deleted manually', async () => {
    await deployed(agentAssembly(before));
    await sandbox.call('ecs', 'DeleteDaemon', { daemonArn: daemonArn('agent') });
    await sandbox.clock.sleep(7200);

    const { code, stdout } = await planned(agentAssembly(after));

    expect([code, stdout]).toEqual([2, expect.stringContaining('changed outside CloudFormation: deleted')]);
    expect(await deployNow(agentAssembly(after))).toEqual({ status: 'UPDATE_COMPLETE', drained: 12 });
  });

  test('counts registered instances where no daemon runs', async () => {
    sandbox = await startAccount({ fleets: [{ ...FLEET, instances: 12 }, { cluster: 'apps', capacityProvider: 'other', instances: 3 }] });
    expect(await deploy(sandbox, agentAssembly(before))).toBe('CREATE_COMPLETE');
    const next = assemblyOf((props) => agentApp({ ...before, stackName: 'New', capacityProvider: 'other', daemon: { daemonName: 'fresh' } }, props));

    const { code, stdout } = await planned(next);

    expect([code, stdout]).toEqual([2, expect.stringContaining('apps/other has 3 instances in the account')]);
  });

  test('reads a cluster that the stack has created by the name that CloudFormation has given it', async () => {
    const own = (imageTag: string): string => agentAssembly({ ...before, imageTag, make: (stack) => {
      const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-a', availabilityZones: ['a'], privateSubnetIds: ['subnet-a'], privateSubnetRouteTableIds: ['rtb-a'],
      });
      const cluster = new ecs.Cluster(stack, 'Own', { vpc });
      const instances = new ecs.ManagedInstancesCapacityProvider(stack, 'Instances', {
        subnets: vpc.privateSubnets, securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'SecurityGroup', 'sg-a')],
      });
      cluster.addManagedInstancesCapacityProvider(instances);
      return { cluster, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)] };
    } });
    sandbox = await startAccount();
    await deploy(sandbox, own('1'));
    const { physicalId } = sandbox.cloudFormation.deployed('AWS::ECS::CapacityProvider')[0]!;
    sandbox.ecs.seedFleet({ cluster: sandbox.cloudFormation.deployed('AWS::ECS::Cluster')[0]!.physicalId, capacityProvider: physicalId, instances: 5 });
    await sandbox.clock.sleep(3600);

    const { code, stdout } = await planned(own('2'));

    expect([code, stdout]).toEqual([2, expect.stringMatching(/^Drains 5 of 5 instances, each once/)]);
    expect(stdout).not.toContain('outside CloudFormation');
  });
});

describe('an account that cannot be read', () => {
  test('is an error of one line that names the action and the ways without an account', async () => {
    const { code, stdout, stderr } = await runCommand(['plan', '--app', agentAssembly(before)], { HOME: '/nonexistent', AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' });

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^sts:GetCallerIdentity needs credentials, as the AWS CLI does: .*--from FOLDER or --new\.\n$/);
  });

  test('because of another account is an error that names both', async () => {
    sandbox = await startAccount({ accountId: '999999999999' });
    const { code, stderr } = await command(sandbox, ['plan', '--app', agentAssembly(before)]);

    expect([code, stderr]).toEqual([1,
      'The credentials must be of the account 123456789012, which the stack Agents states, got: 999999999999. State the stacks of one account.\n']);
  });
});
