import { AwsError } from '../../core/aws-error';
import type { FunctionVersion } from './function-record';

const ENVIRONMENT_LIMIT_BYTES = 4096;
const RESERVED_VARIABLES = new Set([
  '_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR',
]);
/** Runtimes that support durable functions (EN38); the sandbox runs Node.js only. */
const DURABLE_RUNTIME = /^(nodejs(2[2-9]|[3-9]\d)|python3\.1[3-9]|java|dotnet)/;

/** Refuses a configuration that Lambda refuses. */
export function checkConfiguration(version: Omit<FunctionVersion, 'revisionId' | 'lastModified'>): void {
  const { functionName, runtime, handler, timeoutSeconds, memorySizeInMB, durable, inert } = version;
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(functionName)) throw outOfRange('functionName', functionName);
  if (inert.PackageType !== 'Image' && (!runtime || !handler)) {
    throw invalid('Runtime and Handler are mandatory parameters for functions created with deployment packages.');
  }
  if (!isWithin(timeoutSeconds, 1, 900)) throw outOfRange('timeout', timeoutSeconds);
  if (!isWithin(memorySizeInMB, 128, 10_240)) throw outOfRange('memorySize', memorySizeInMB);
  checkVariables(version.environment);
  if (!durable) return;
  if (!isWithin(durable.executionTimeoutSeconds, 1, 31_622_400)) { // at most 366 days (EN26)
    throw outOfRange('durableConfig.executionTimeout', durable.executionTimeoutSeconds);
  }
  // at most 90 days (EN31)
  if (!isWithin(durable.retentionDays, 1, 90)) throw outOfRange('durableConfig.retentionPeriodInDays', durable.retentionDays);
  if (runtime && !DURABLE_RUNTIME.test(runtime)) throw invalid(`The runtime ${runtime} does not support durable functions.`);
}

function checkVariables(environment: Readonly<Record<string, string>>): void {
  const problem = 'Lambda was unable to configure your environment variables because the environment variables you have provided';
  const reserved = Object.keys(environment).filter((name) => RESERVED_VARIABLES.has(name));
  if (reserved.length > 0) {
    throw invalid(`${problem} contains reserved keys that are currently not supported for modification. `
      + `Reserved keys used in this request: ${reserved.join(', ')}`);
  }
  if (Buffer.byteLength(JSON.stringify(environment)) > ENVIRONMENT_LIMIT_BYTES) throw invalid(`${problem} exceeded the 4KB limit.`);
}

const isWithin = (value: number, from: number, to: number): boolean => Number.isInteger(value) && value >= from && value <= to;

const outOfRange = (field: string, value: unknown): AwsError => new AwsError(
  'ValidationException', `1 validation error detected: Value '${String(value)}' at '${field}' failed to satisfy constraint`,
);

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);
