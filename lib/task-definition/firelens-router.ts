import { aws_ecs as ecs, Token } from 'aws-cdk-lib';
import { allowToReadObject, type ExecutionRolePolicies } from './s3-read-access';

/** What is wrong with the settings of a log router. */
export function checkFirelensConfig(config: ecs.FirelensConfig | undefined): (string | undefined)[] {
  const { configFileType: type, configFileValue: value } = config?.options ?? {};
  if (type !== undefined && value === undefined) {
    return [`firelensConfig.options.configFileValue must be given with configFileType, got: only ${JSON.stringify(type)}`];
  }
  if (type === undefined && Token.isUnresolved(value)) {
    return ['firelensConfig.options.configFileType must be given with a configFileValue that is known only at deployment, got: undefined'];
  }
  return [
    type === ecs.FirelensConfigFileType.S3 && !Token.isUnresolved(value) && !isObjectArn(value!)
      ? `firelensConfig.options.configFileValue must be the ARN of an object on S3 for the configFileType "s3", got: ${JSON.stringify(value)}`
      : undefined,
  ];
}

/** Lets ECS read the configuration file, if it is on S3, and renders the settings. */
export function bindFirelensConfig(
  config: ecs.FirelensConfig | undefined, taskDefinition: ExecutionRolePolicies,
): ecs.CfnDaemonTaskDefinition.FirelensConfigurationProperty | undefined {
  const { enableECSLogMetadata = true, configFileType, configFileValue } = config?.options ?? {};
  const options = {
    // ECS adds it by default
    ...(!enableECSLogMetadata && { 'enable-ecs-log-metadata': 'false' }),
    ...(configFileValue !== undefined && renderConfigFile(configFileType ?? typeOf(configFileValue), configFileValue, taskDefinition)),
  };
  return config && { type: config.type, options: Object.keys(options).length > 0 ? options : undefined };
}

function renderConfigFile(type: ecs.FirelensConfigFileType, value: string, taskDefinition: ExecutionRolePolicies): Record<string, string> {
  if (type === ecs.FirelensConfigFileType.S3) {
    allowToReadObject(taskDefinition, value);
  }
  return { 'config-file-type': type, 'config-file-value': value };
}

function typeOf(configFileValue: string): ecs.FirelensConfigFileType {
  return isObjectArn(configFileValue) ? ecs.FirelensConfigFileType.S3 : ecs.FirelensConfigFileType.FILE;
}

function isObjectArn(value: string): boolean {
  return /^arn:[^:]+:s3:::[^/]+\/.+/.test(value);
}
