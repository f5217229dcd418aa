import { aws_ecs as ecs, Token } from 'aws-cdk-lib';
import type { DaemonTaskDefinition } from './daemon-task-definition';
import { allowToReadObject } from './object-rights';

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
  config: ecs.FirelensConfig | undefined, taskDefinition: DaemonTaskDefinition,
): ecs.CfnDaemonTaskDefinition.FirelensConfigurationProperty | undefined {
  if (config?.options === undefined) {
    return config && { type: config.type };
  }
  const { enableECSLogMetadata = true, configFileValue } = config.options;
  const metadata = { 'enable-ecs-log-metadata': String(enableECSLogMetadata) };
  if (configFileValue === undefined) {
    return { type: config.type, options: metadata };
  }
  const configFileType = config.options.configFileType ?? typeOf(configFileValue);
  if (configFileType === ecs.FirelensConfigFileType.S3) {
    allowToReadObject(taskDefinition, configFileValue);
  }
  return { type: config.type, options: { ...metadata, 'config-file-type': configFileType, 'config-file-value': configFileValue } };
}

function typeOf(configFileValue: string): ecs.FirelensConfigFileType {
  return isObjectArn(configFileValue) ? ecs.FirelensConfigFileType.S3 : ecs.FirelensConfigFileType.FILE;
}

function isObjectArn(value: string): boolean {
  return /^arn:[^:]+:s3:::[^/]+\/.+/.test(value);
}
