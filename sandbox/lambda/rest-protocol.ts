import { AwsError } from '../core/aws-error';
import { parseJson } from '../http/json-protocol';
import type { HttpAnswer, HttpRequest, Input } from '../core/aws-service';

interface Route {
  readonly operation: string;
  readonly method: string;
  /** Segments of the path; `{Name}` is a field of the input. */
  readonly segments: readonly string[];
  readonly statusCode: number;
}

/** The operations with method, path and status, as `client-lambda` has them. */
export const ROUTES: readonly Route[] = `
CreateFunction                    POST   /2015-03-31/functions 201
ListFunctions                     GET    /2015-03-31/functions 200
GetFunction                       GET    /2015-03-31/functions/{FunctionName} 200
DeleteFunction                    DELETE /2015-03-31/functions/{FunctionName} 204
GetFunctionConfiguration          GET    /2015-03-31/functions/{FunctionName}/configuration 200
UpdateFunctionConfiguration       PUT    /2015-03-31/functions/{FunctionName}/configuration 200
UpdateFunctionCode                PUT    /2015-03-31/functions/{FunctionName}/code 200
Invoke                            POST   /2015-03-31/functions/{FunctionName}/invocations 200
PublishVersion                    POST   /2015-03-31/functions/{FunctionName}/versions 201
ListVersionsByFunction            GET    /2015-03-31/functions/{FunctionName}/versions 200
CreateAlias                       POST   /2015-03-31/functions/{FunctionName}/aliases 201
ListAliases                       GET    /2015-03-31/functions/{FunctionName}/aliases 200
GetAlias                          GET    /2015-03-31/functions/{FunctionName}/aliases/{Name} 200
UpdateAlias                       PUT    /2015-03-31/functions/{FunctionName}/aliases/{Name} 200
DeleteAlias                       DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name} 204
AddPermission                     POST   /2015-03-31/functions/{FunctionName}/policy 201
GetPolicy                         GET    /2015-03-31/functions/{FunctionName}/policy 200
RemovePermission                  DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId} 204
TagResource                       POST   /2017-03-31/tags/{Resource} 204
UntagResource                     DELETE /2017-03-31/tags/{Resource} 204
ListTags                          GET    /2017-03-31/tags/{Resource} 200
ListDurableExecutionsByFunction   GET    /2025-12-01/functions/{FunctionName}/durable-executions 200
GetDurableExecution               GET    /2025-12-01/durable-executions/{DurableExecutionArn} 200
GetDurableExecutionHistory        GET    /2025-12-01/durable-executions/{DurableExecutionArn}/history 200
GetDurableExecutionState          GET    /2025-12-01/durable-executions/{DurableExecutionArn}/state 200
CheckpointDurableExecution        POST   /2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint 200
PauseDurableExecution             POST   /2025-12-01/durable-executions/{DurableExecutionArn}/pause 200
ResumeDurableExecution            POST   /2025-12-01/durable-executions/{DurableExecutionArn}/resume 200
StopDurableExecution              POST   /2025-12-01/durable-executions/{DurableExecutionArn}/stop 200
`.trim().split('\n').map((line) => {
    const [operation = '', method = '', path = '', statusCode = ''] = line.split(/ +/);
    return { operation, method, segments: path.split('/'), statusCode: Number(statusCode) };
  });

const LISTS = new Set(['Statuses', 'TagKeys', 'tagKeys']);
const NUMBERS = new Set(['MaxItems']);
const BOOLEANS = new Set(['ReverseOrder', 'IncludeExecutionData']);

export function decodeRequest({ method, path, query, headers, body }: HttpRequest): { operation: string; input: Input } {
  const segments = path.replace(/\/$/, '').split('/').map(decodeURIComponent);
  const route = ROUTES.find((candidate) => candidate.method === method && candidate.segments.length === segments.length
    && candidate.segments.every((segment, index) => segment.startsWith('{') || segment === segments[index]));
  if (!route) throw new AwsError('UnknownOperationException', `the sandbox does not support ${method} ${path} of Lambda`, 404);
  const input: Input = { ...queryInput(query) };
  route.segments.forEach((segment, index) => {
    if (segment.startsWith('{')) input[segment.slice(1, -1)] = segments[index];
  });
  if (route.operation === 'Invoke') {
    input.InvocationType = headers['x-amz-invocation-type'] ?? 'RequestResponse';
    input.DurableExecutionName = headers['x-amz-durable-execution-name'];
    input.Payload = body;
  } else if (body.length > 0) {
    const fields = parseJson(body.toString());
    if (route.operation === 'StopDurableExecution') input.Error = fields; // the body is the error object
    else Object.assign(input, fields);
  }
  decodeZipFile(input);
  return { operation: route.operation, input };
}

export function encodeOutput(operation: string, output: unknown): HttpAnswer {
  const { statusCode } = ROUTES.find((route) => route.operation === operation)!;
  const fields = (output ?? {}) as Input;
  if (operation === 'Invoke') return encodeInvocation(fields);
  if (operation === 'DeleteFunction') return { statusCode: fields.StatusCode };
  if (statusCode === 204) return { statusCode };
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(withEpochSeconds(fields)) };
}

export function encodeError({ code, message, statusCode }: { code: string; message: string; statusCode: number }): HttpAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ Type: statusCode < 500 ? 'User' : 'Service', Message: message, message }),
  };
}

function encodeInvocation({ StatusCode, FunctionError, ExecutedVersion, DurableExecutionArn, Payload }: Input): HttpAnswer {
  return {
    statusCode: StatusCode,
    headers: {
      'content-type': 'application/json',
      ...(FunctionError && { 'x-amz-function-error': FunctionError }),
      ...(ExecutedVersion && { 'x-amz-executed-version': ExecutedVersion }),
      ...(DurableExecutionArn && { 'x-amz-durable-execution-arn': DurableExecutionArn }),
    },
    body: Payload ?? '',
  };
}

function queryInput(query: URLSearchParams): Input {
  const input: Input = {};
  for (const key of new Set(query.keys())) {
    const name = key === 'tagKeys' ? 'TagKeys' : key;
    if (LISTS.has(key)) input[name] = query.getAll(key);
    else if (NUMBERS.has(key)) input[name] = Number(query.get(key));
    else input[name] = BOOLEANS.has(key) ? query.get(key) === 'true' : query.get(key);
  }
  return input;
}

/** An archive travels as base64; as text it would be the source of `index.js`. */
function decodeZipFile(input: Input): void {
  if (typeof input.ZipFile === 'string') input.ZipFile = Buffer.from(input.ZipFile, 'base64');
  if (typeof input.Code?.ZipFile === 'string') input.Code = { ...input.Code, ZipFile: Buffer.from(input.Code.ZipFile, 'base64') };
}

function withEpochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withEpochSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withEpochSeconds(item)]));
}
