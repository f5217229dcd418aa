import type { aws_iam as iam, IResource } from 'aws-cdk-lib';
import { checkArn, roleArn } from './arn-validation';
import { checkOptionalClass } from './class-validation';

/** A role that is passed to ECS must be of the account of the daemon, and name one role. */
export function checkRole(scope: IResource, property: string, role: iam.IRole | undefined): string | undefined {
  return checkOptionalClass(property, 'an iam.Role', 'roleArn', role)
    ?? (role && checkArn(property, role.roleArn, { ...roleArn, env: scope.env }));
}
