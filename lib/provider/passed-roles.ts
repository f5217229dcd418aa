import type { aws_ecs as ecs, aws_iam as iam } from 'aws-cdk-lib';
import type { IDaemonTaskDefinition } from '../task-definition/daemon-task-definition';

/** The roles of a task definition; undefined if they are not known, as with a bare reference or an import by ARN. */
export function rolesOf(taskDefinition: ecs.IDaemonTaskDefinitionRef): iam.IRole[] | undefined {
  return isDaemonTaskDefinitionWithRoles(taskDefinition) ? taskDefinition.passedRoles : undefined;
}

function isDaemonTaskDefinitionWithRoles(taskDefinition: ecs.IDaemonTaskDefinitionRef): taskDefinition is IDaemonTaskDefinition {
  return 'passedRoles' in taskDefinition;
}
