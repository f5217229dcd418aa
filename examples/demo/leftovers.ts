import type { Sandbox } from 'cdk-ecs-managed-daemons/sandbox';

/** Everything of a stack's that the sandbox still has beside what is retained, as an operator's list calls show it. */
export async function leftovers(sandbox: Sandbox): Promise<string[]> {
  const { StackSummaries } = await sandbox.call('cloudformation', 'ListStacks', {});
  const { clusterArns } = await sandbox.call('ecs', 'ListClusters', {});
  const { capacityProviders } = await sandbox.call('ecs', 'DescribeCapacityProviders', {});
  const { taskDefinitionArns } = await sandbox.call('ecs', 'ListTaskDefinitions', {});
  const { Functions } = await sandbox.call('lambda', 'ListFunctions', {});
  const { Roles } = await sandbox.call('iam', 'ListRoles', {});
  const { Rules } = await sandbox.call('events', 'ListRules', {});
  const { logGroups } = await sandbox.call('logs', 'DescribeLogGroups', {});
  const { MetricAlarms } = await sandbox.call('monitoring', 'DescribeAlarms', {});
  return [
    ...StackSummaries.filter(({ StackStatus }: Named) => StackStatus !== 'DELETE_COMPLETE').map(({ StackName }: Named) => `stack ${StackName}`),
    ...clusterArns.map((arn: string) => `cluster ${arn}`),
    ...capacityProviders
      .filter(({ name, status }: Named) => !name!.startsWith('FARGATE') && status !== 'INACTIVE')
      .map(({ name }: Named) => `capacity provider ${name}`),
    ...taskDefinitionArns.map((arn: string) => `task definition ${arn}`),
    ...Functions.map(({ FunctionName }: Named) => `function ${FunctionName}`),
    ...Roles.map(({ RoleName }: Named) => `role ${RoleName}`),
    ...Rules.map(({ Name }: Named) => `rule ${Name}`),
    ...logGroups.map(({ logGroupName }: Named) => `log group ${logGroupName}`),
    ...MetricAlarms.map(({ AlarmName }: Named) => `alarm ${AlarmName}`),
  ];
}

/** What the constructs keep on purpose, since a rollback may need it; it costs nothing and runs nowhere. */
export async function retained(sandbox: Sandbox): Promise<string[]> {
  const { daemonTaskDefinitions } = await sandbox.call('ecs', 'ListDaemonTaskDefinitions', {});
  return daemonTaskDefinitions.map(({ arn }: Named) => `daemon task definition ${arn}`);
}

type Named = Readonly<Record<string, string | undefined>>;
