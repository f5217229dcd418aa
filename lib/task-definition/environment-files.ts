import { Aws, Token, type aws_ecs as ecs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { allowToReadObject, type ExecutionRolePolicies } from './s3-read-access';
import { refuse } from '../validation/validation-error';

const mostFiles = 10;

/** Binds environment files to a container, lets ECS read them, which aws-ecs leaves to its user, and renders them. */
export function bindEnvironmentFiles(
  container: Construct, files: ecs.EnvironmentFile[], taskDefinition: ExecutionRolePolicies,
): ecs.CfnDaemonTaskDefinition.EnvironmentFileProperty[] {
  // each in a scope of its own: assets of aws-ecs all have the same id
  const configs = files.map((file, index) => file.bind(new Construct(container, `EnvironmentFile${index + 1}`)));
  refuse(container, checkEnvironmentFiles(configs));
  return configs.map(({ fileType, s3Location }) => {
    const arn = `arn:${Aws.PARTITION}:s3:::${s3Location.bucketName}/${s3Location.objectKey}`;
    allowToReadObject(taskDefinition, arn);
    return { type: fileType, value: arn };
  });
}

function checkEnvironmentFiles(configs: ecs.EnvironmentFileConfig[]): (string | undefined)[] {
  return [
    configs.length > mostFiles ? `environmentFiles must have at most ${mostFiles} entries, got: ${configs.length}` : undefined,
    ...configs.flatMap(({ s3Location: { objectKey, objectVersion } }) => [
      Token.isUnresolved(objectKey) || objectKey.endsWith('.env')
        ? undefined : `the key of an environment file must end in ".env", got: ${JSON.stringify(objectKey)}`,
      objectVersion === undefined
        ? undefined : `an environment file must have no object version, since ECS reads the newest, got: ${JSON.stringify(objectVersion)}`,
    ]),
  ];
}
