// The findings of cdk-nag's AwsSolutions pack in the examples that are accepted, and why. Their users decide about them by themselves.
import { aws_ecs as ecs, Stack, type App } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding by its id, at the construct below which cdk-nag reports it. */
export interface Acknowledgement {
  readonly construct: IConstruct;
  readonly id: string;
}

interface Finding {
  readonly id: string;
  readonly reason: string;
}

const ARN = 'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>';

const OF_CAPACITY_PROVIDERS: readonly Finding[] = [
  {
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances]',
    reason: 'AWS maintains this policy for the launch of Managed Instances',
  },
  { id: 'AwsSolutions-IAM5[Resource::*]', reason: 'the agent on an instance discovers its endpoint, an action without a resource' },
  { id: `AwsSolutions-IAM5[Resource::${ARN}:container-instance/*]`, reason: 'the id of an instance is not known before its launch' },
];

const OF_PROVIDER: readonly Finding[] = [
  {
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy]',
    reason: 'AWS maintains this policy for durable functions',
  },
  {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'three reads have no resource: the list of the daemons of a cluster, the tags of a daemon, and composite alarms',
  },
  ...['daemon', 'daemon-deployment', 'daemon-revision'].map((resource) => ({
    id: `AwsSolutions-IAM5[Resource::${ARN}:${resource}/*]`,
    reason: 'a rollout also reads the daemons of others; a write requires the tag of the stack',
  })),
  ...['capacity-provider', 'daemon-task-definition'].map((resource) => ({
    id: `AwsSolutions-IAM5[Resource::${ARN}:${resource}/*]`,
    reason: 'a rollout checks that what it uses is active, before it changes anything',
  })),
  {
    id: 'AwsSolutions-IAM5[Resource::<ManagedDaemonProviderRollout098EA1F9.Arn>:*/durable-execution/*/*]',
    reason: 'executions of the one rollout function, whose names are created when they start',
  },
];

const ADDRESS: Finding = { id: 'AwsSolutions-ECS2', reason: 'the address of the daemon is no secret' };
const METRICS: Finding = { id: 'AwsSolutions-IAM5[Resource::*]', reason: 'metrics have no resource; the condition restricts their namespace' };

/** By example, and by the id of a construct in each of its stacks. */
const OF_EXAMPLES: Readonly<Record<string, Readonly<Record<string, readonly Finding[]>>>> = {
  'cloudwatch-agent': {
    Vpc: [{ id: 'AwsSolutions-VPC7', reason: 'the network is there to try the agent, and carries nothing else' }],
    Cluster: [{ id: 'AwsSolutions-ECS4', reason: 'the agent collects the metrics' }],
    Agent: [METRICS],
    Application: [ADDRESS, { id: 'AwsSolutions-ECS7', reason: 'the web server stands in for an application, and nobody calls it' }],
  },
  envoy: { Application: [ADDRESS] },
  'long-rollout': { Application: [ADDRESS] },
  'open-telemetry-collector': {
    Collector: [{ id: 'AwsSolutions-IAM5[Resource::*]', reason: 'these actions of X-Ray have no resource' }],
    Application: [ADDRESS],
  },
  'platform-agent': { Application: [ADDRESS] },
  'platform-library': { Metrics: [METRICS] },
  waves: { AgentTask: [METRICS], Application: [ADDRESS] },
  'waves-over-stacks': { AgentTask: [METRICS], Application: [ADDRESS] },
};

/** Returns the accepted findings of an example. */
export function acknowledgementsOf(example: string, app: App): Acknowledgement[] {
  const at = (construct: IConstruct, findings: readonly Finding[]): Acknowledgement[] => findings.map(({ id }) => ({ construct, id }));
  return app.node.findAll().filter(Stack.isStack).flatMap((stack) => [
    ...stack.node.findAll().filter((construct) => construct instanceof ecs.ManagedInstancesCapacityProvider)
      .flatMap((capacityProvider) => at(capacityProvider, OF_CAPACITY_PROVIDERS)),
    ...at(stack.node.findChild('ManagedDaemonProvider'), OF_PROVIDER),
    ...Object.entries(OF_EXAMPLES[example] ?? {}).flatMap(([id, findings]) => at(stack.node.findChild(id), findings)),
  ]);
}
