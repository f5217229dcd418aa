import { aws_iam as iam } from 'aws-cdk-lib';
import type { DaemonTaskDefinition } from '../task-definition/daemon-task-definition';

/** Gives the tasks what commands need that are executed in their containers. */
export function allowToExecuteCommands(taskDefinition: DaemonTaskDefinition): void {
  taskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({
    actions: [
      'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
    ],
    // `*`: the channels have no resource type
    resources: ['*'],
  }));
}
