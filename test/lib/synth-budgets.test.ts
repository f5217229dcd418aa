import { aws_ecs as ecs, aws_logs as logs, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { budgets } from '../../bench/synth/budgets';
import { appOf, type Candidate } from '../../bench/synth/candidates';
import { daemonsPerStack } from '../../bench/synth/fleet';
import { sizeOf, type TemplateSize } from '../../bench/synth/template-size';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from '../../lib';
import { image } from './stack-with-daemon';

const mostResources = 500;

describe(`${daemonsPerStack} daemons with imported roles`, () => {
  const sizes = new Map<Candidate, TemplateSize>();

  beforeAll(() => {
    for (const candidate of ['ManagedDaemon', 'CfnDaemon', 'Provider framework'] as const) {
      sizes.set(candidate, sizeOf(appOf(candidate, daemonsPerStack).synth().stacks.map(({ template }) => template)));
    }
  });

  const ours = (): TemplateSize => sizes.get('ManagedDaemon')!;

  test('fit into a stack', () => {
    expect(ours().resources).toBeLessThanOrEqual(mostResources);
  });

  test('share one provider within the budget, smaller than that of the Provider framework', () => {
    expect(ours().providerResources).toBeLessThanOrEqual(budgets.providerResources);
    expect(ours().providerBytes).toBeLessThanOrEqual(budgets.providerBytes);
    expect(ours().providerResources).toBeLessThan(sizes.get('Provider framework')!.providerResources);
    expect(ours().providerBytes).toBeLessThan(sizes.get('Provider framework')!.providerBytes);
  });

  test('need a few managed policies to pass their roles', () => {
    expect(ours().passRolePolicies).toBeGreaterThan(0);
    expect(ours().passRolePolicies).toBeLessThanOrEqual(budgets.passRolePolicies);
  });

  test('need little more of the template than an L1 with every setting, tag and order', () => {
    expect(ours().daemonBytes / sizes.get('CfnDaemon')!.daemonBytes).toBeLessThanOrEqual(budgets.templateBytes);
    expect(ours().daemonOnlyBytes / sizes.get('CfnDaemon')!.daemonOnlyBytes).toBeLessThanOrEqual(budgets.templateBytes);
  });
});

test('97 daemons with their own task role, execution role and policy fit into a stack with an imported cluster', () => {
  const stack = new Stack();
  const cluster = ecs.Cluster.fromClusterArn(stack, 'Cluster', 'arn:aws:ecs:eu-west-1:111122223333:cluster/fleet');
  const logGroup = logs.LogGroup.fromLogGroupName(stack, 'Log', 'agents');
  for (let index = 0; index < 97; index++) {
    const daemonTaskDefinition = new DaemonTaskDefinition(stack, `TaskDefinition${index}`);
    daemonTaskDefinition.addContainer('agent', { image, memoryLimitMiB: 64, logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: 'agent' }) });
    new ManagedDaemon(stack, `Daemon${index}`, {
      cluster, daemonTaskDefinition, capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(stack, 'instances')],
    });
  }
  const template = Template.fromStack(stack);

  template.resourceCountIs('Custom::ECSManagedDaemon', 97);
  expect(Object.keys(template.toJSON().Resources as object).length).toBeLessThanOrEqual(mostResources);
});
