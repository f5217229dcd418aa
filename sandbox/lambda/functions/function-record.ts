import type { Input } from '../../core/aws-service';
import type { FunctionCode } from './function-code';

/** The configuration of a function or of a published version, which never changes again. */
export interface FunctionVersion {
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly description?: string;
  readonly roleArn: string;
  readonly runtime?: string;
  readonly handler?: string;
  readonly code: FunctionCode;
  readonly timeoutSeconds: number;
  readonly memorySizeInMB: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly durable?: { readonly executionTimeoutSeconds: number; readonly retentionDays: number };
  readonly logGroupName: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly lastModified: Date;
  readonly revisionId: string;
  readonly accessKeyId: string;
  /** Settings that the sandbox stores and returns, without effect. */
  readonly inert: Input;
}

export interface Alias {
  readonly name: string;
  version: string;
  description?: string;
  routingConfig?: Input;
  revisionId: string;
}

/** Everything there is under the name of a function. */
export interface FunctionRecord {
  readonly name: string;
  readonly arn: string;
  latest: FunctionVersion;
  readonly versions: Map<string, FunctionVersion>;
  readonly aliases: Map<string, Alias>;
  /** Statements of the resource policy, by qualifier ('' is the function itself) and statement id. */
  readonly policies: Map<string, Map<string, Input>>;
  /** Of asynchronous invocations, by qualifier, where it was set. */
  readonly maximumRetryAttempts: Map<string, number>;
  tags: Record<string, string>;
  lastVersion: number;
  /** A requested deletion that waits for running executions (EN7): of all versions, or of one. */
  readonly deleting: Set<string>;
}

const INERT = [
  'VpcConfig', 'DeadLetterConfig', 'KMSKeyArn', 'TracingConfig', 'Layers', 'FileSystemConfigs', 'ImageConfig', 'Architectures',
  'EphemeralStorage', 'SnapStart', 'PackageType',
] as const;

/** The part of a request that configures a function, laid over what it was before. */
export function configured(before: FunctionVersion, input: Input): Omit<FunctionVersion, 'revisionId' | 'lastModified'> {
  const { DurableConfig: durable = {}, LoggingConfig: logging = {} } = input;
  return {
    ...before,
    roleArn: input.Role ?? before.roleArn,
    runtime: input.Runtime ?? before.runtime,
    handler: input.Handler ?? before.handler,
    description: input.Description ?? before.description,
    timeoutSeconds: Number(input.Timeout ?? before.timeoutSeconds),
    memorySizeInMB: Number(input.MemorySize ?? before.memorySizeInMB),
    environment: input.Environment ? variables(input.Environment) : before.environment,
    logGroupName: logging.LogGroup ?? before.logGroupName,
    logFormat: logging.LogFormat ?? before.logFormat,
    ...((input.DurableConfig ?? before.durable) && {
      durable: {
        executionTimeoutSeconds: Number(durable.ExecutionTimeout ?? before.durable?.executionTimeoutSeconds),
        retentionDays: Number(durable.RetentionPeriodInDays ?? before.durable?.retentionDays ?? 14),
      },
    }),
    inert: { ...before.inert, ...Object.fromEntries(INERT.filter((name) => input[name] !== undefined).map((name) => [name, input[name]])) },
  };
}

/** CloudFormation hands over what the template has, numbers for instance. */
const variables = ({ Variables = {} }: Input): Record<string, string> =>
  Object.fromEntries(Object.entries(Variables as object).map(([name, value]) => [name, String(value)]));

/** A function's configuration as the API shows it. */
export function describeVersion(record: FunctionRecord, version: FunctionVersion): Input {
  const { durable, inert } = version;
  const isDeleting = record.deleting.has('') || record.deleting.has(version.version);
  return {
    FunctionName: record.name,
    FunctionArn: version.version === '$LATEST' ? record.arn : `${record.arn}:${version.version}`,
    Runtime: version.runtime,
    Role: version.roleArn,
    Handler: version.handler,
    CodeSize: version.code.sizeInBytes,
    CodeSha256: version.code.sha256,
    Description: version.description ?? '',
    Timeout: version.timeoutSeconds,
    MemorySize: version.memorySizeInMB,
    LastModified: version.lastModified.toISOString().replace('Z', '+0000'),
    Version: version.version,
    ...(Object.keys(version.environment).length > 0 && { Environment: { Variables: version.environment } }),
    RevisionId: version.revisionId,
    State: isDeleting ? 'Deleting' : 'Active',
    ...(isDeleting && {
      StateReasonCode: 'DrainingDurableExecutions',
      StateReason: 'The function is being deleted and waits for its running durable executions.',
    }),
    LastUpdateStatus: 'Successful',
    LoggingConfig: { LogFormat: version.logFormat, LogGroup: version.logGroupName },
    ...(durable && { DurableConfig: { ExecutionTimeout: durable.executionTimeoutSeconds, RetentionPeriodInDays: durable.retentionDays } }),
    PackageType: 'Zip',
    Architectures: ['x86_64'],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    TracingConfig: { Mode: 'PassThrough' },
    ...inert,
  };
}

export const describeAlias = (record: FunctionRecord, alias: Alias): Input => ({
  AliasArn: `${record.arn}:${alias.name}`,
  Name: alias.name,
  FunctionVersion: alias.version,
  Description: alias.description ?? '',
  RoutingConfig: alias.routingConfig,
  RevisionId: alias.revisionId,
});
