import { Aws, aws_iam as iam } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { OwnerStackTagKey } from '../../lambda/contract';
import { policyText } from './policy-text';

const ownerTag: OwnerStackTagKey = 'cdk-ecs-managed-daemons:stack-id';

/**
 * The permissions of the rollout function, except those to pass roles.
 *
 * They do not depend on the list of daemons, because CloudFormation changes a policy before its cleanup deletes the daemons that the
 * old one was for. The owner tag makes IAM deny a write on a daemon of another owner.
 */
export function rolloutStatements(scope: IConstruct): iam.PolicyStatement[] {
  const ecsArn = (resource: string): string => policyText(scope, `arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}/*`);
  const stackId = policyText(scope, Aws.STACK_ID);
  return [
    new iam.PolicyStatement({
      // `*`: any name, but only with the owner tag of this stack
      actions: ['ecs:CreateDaemon'],
      resources: [ecsArn('daemon')],
      conditions: { StringEquals: { [`aws:RequestTag/${ownerTag}`]: stackId } },
    }),
    new iam.PolicyStatement({
      // `*`: the tags of a new daemon of any name; without ecs:CreateAction this would be the permission to take over any daemon
      actions: ['ecs:TagResource'],
      resources: [ecsArn('daemon')],
      conditions: { StringEquals: { [`aws:RequestTag/${ownerTag}`]: stackId, 'ecs:CreateAction': 'CreateDaemon' } },
    }),
    new iam.PolicyStatement({
      // `*`: daemons that left the template too, but only with the owner tag of this stack
      actions: ['ecs:DeleteDaemon', 'ecs:TagResource', 'ecs:UntagResource', 'ecs:UpdateDaemon'],
      resources: [ecsArn('daemon')],
      conditions: { StringEquals: { [`aws:ResourceTag/${ownerTag}`]: stackId } },
    }),
    new iam.PolicyStatement({
      // `*`: what a rollout relies on may be of any stack, and it waits for the daemons of others on the same capacity providers (R54)
      actions: [
        'ecs:DescribeCapacityProviders', 'ecs:DescribeDaemon', 'ecs:DescribeDaemonDeployments', 'ecs:DescribeDaemonRevisions',
        'ecs:DescribeDaemonTaskDefinition', 'ecs:ListDaemonDeployments',
      ],
      resources: ['capacity-provider', 'daemon', 'daemon-deployment', 'daemon-revision', 'daemon-task-definition'].map(ecsArn),
    }),
    new iam.PolicyStatement({
      // `*`: listing has no resource type; the condition keeps it to clusters of this account and Region
      actions: ['ecs:ListDaemons'],
      resources: ['*'],
      conditions: { ArnLike: { 'ecs:cluster': ecsArn('cluster') } },
    }),
    new iam.PolicyStatement({
      // `*`: ListTagsForResource has no resource type for daemons, and DescribeAlarms returns composite alarms only to a caller
      // with permission for all alarms
      actions: ['cloudwatch:DescribeAlarms', 'ecs:ListTagsForResource'],
      resources: ['*'],
    }),
  ];
}

/**
 * The permission to take over one daemon, whoever owns it.
 *
 * Unlike the others it names a daemon, and exists only while `adoptExisting` is set. To release the daemon, permission to change the
 * tags of a daemon of this stack is enough.
 */
export const adoptionStatement = (scope: IConstruct, daemonArn: string): iam.PolicyStatement => new iam.PolicyStatement({
  actions: ['ecs:TagResource'],
  resources: [daemonArn],
  conditions: { StringEquals: { [`aws:RequestTag/${ownerTag}`]: policyText(scope, Aws.STACK_ID) } },
});
