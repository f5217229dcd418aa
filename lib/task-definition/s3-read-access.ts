import { aws_iam as iam, Fn, Token } from 'aws-cdk-lib';

/** A task definition whose execution role gets permissions. */
export interface ExecutionRolePolicies {
  addToExecutionRolePolicy(statement: iam.PolicyStatement): void;
}

/**
 * Lets ECS read an object on S3 when it starts the containers of a daemon.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 */
export function allowToReadObject(taskDefinition: ExecutionRolePolicies, objectArn: string): void {
  taskDefinition.addToExecutionRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [objectArn] }));
  taskDefinition.addToExecutionRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetBucketLocation'], resources: [bucketOf(objectArn)] }));
}

function bucketOf(objectArn: string): string {
  const slash = objectArn.indexOf('/');
  return slash < 0 && Token.isUnresolved(objectArn) ? Fn.select(0, Fn.split('/', objectArn)) : objectArn.slice(0, slash);
}
