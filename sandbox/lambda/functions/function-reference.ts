import { AwsError } from '../../core/aws-error';
import type { Input } from '../../core/aws-service';

/** A function as requests name it: by name, by partial or by full ARN, each with or without a qualifier. */
export interface FunctionReference {
  readonly name: string;
  /** A version, an alias or `$LATEST`; undefined when the function itself is meant. */
  readonly qualifier?: string;
}

export function parseFunctionReference({ FunctionName, Qualifier }: Input): FunctionReference {
  const match = /^(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:)?(?:function:)?([\w-]{1,140})(?::(\$LATEST|[\w-]+))?$/.exec(FunctionName ?? '');
  if (!match) throw new AwsError('ValidationException', `1 validation error detected: Value '${FunctionName}' at 'functionName' failed to satisfy constraint`);
  const [, name, inName] = match;
  if (inName !== undefined && Qualifier !== undefined && inName !== Qualifier) {
    throw new AwsError('InvalidParameterValueException', 'The derived qualifier from the function name does not match the specified qualifier.');
  }
  const qualifier = inName ?? Qualifier;
  return { name: name!, ...(qualifier !== undefined && { qualifier }) };
}
