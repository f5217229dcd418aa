// What the AwsSolutions pack of cdk-nag finds in every example, and why it may stay; each example adds what only it has.
import { aws_ecs as ecs, Validations, type Acknowledgment, type Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Acknowledges findings of cdk-nag. The acknowledgements of aws-cdk-lib 2.265 accept no id with `::` in it, as most of cdk-nag have. */
export function acknowledge(construct: IConstruct, ...findings: Acknowledgment[]): void {
  for (const finding of findings) {
    try {
      Validations.of(construct).acknowledge(finding);
    } catch {
      // cdk-nag shows the finding
    }
  }
}

/** Acknowledges what is not of the example's making: policies of AWS, roles of the CDK, rights of a rollout. */
export function acknowledgeCommonFindings(stack: Stack): void {
  const capacityProviders = stack.node.findAll().filter((construct) => construct instanceof ecs.ManagedInstancesCapacityProvider);
  capacityProviders.forEach((capacityProvider) => acknowledge(
    capacityProvider,
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances]',
      reason: 'AWS maintains this policy for the launch of Managed Instances',
    },
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'the agent on an instance asks for its endpoint, an action that has no resource to name',
    },
    {
      id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:container-instance/*]',
      reason: 'the id of an instance is not known before it is launched',
    },
  ));
  acknowledge(
    stack.node.findChild('ManagedDaemonProvider'),
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy]',
      reason: 'AWS maintains this policy for durable functions',
    },
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'three reads: neither the list of the daemons of a cluster nor the tags of a daemon have a resource to name, nor have composite alarms',
    },
    ...['daemon', 'daemon-deployment', 'daemon-revision'].map((resource) => ({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:${resource}/*]`,
      reason: 'a rollout reads the daemons of others too; what it writes to must carry the tag of the stack',
    })),
    ...['capacity-provider', 'daemon-task-definition'].map((resource) => ({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:${resource}/*]`,
      reason: 'a rollout looks whether what it relies on is active, before it changes anything',
    })),
    {
      id: 'AwsSolutions-IAM5[Resource::<ManagedDaemonProviderRollout098EA1F9.Arn>:*/durable-execution/*/*]',
      reason: 'executions of the one rollout function; their names are made when they start',
    },
  );
}
