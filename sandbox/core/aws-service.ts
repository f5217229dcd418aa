/** The name of a service in the credential scope of a signature (W1). */
export type ServiceName =
  | 'sts' | 'ssm' | 's3' | 'cloudformation' | 'ecs' | 'monitoring' | 'lambda' | 'logs' | 'events' | 'iam' | 'cloudtrail'
  | 'ec2' | 'ecr' | 'route53' | 'elasticloadbalancing' | 'kms';

/** The caller of an operation. IAM authorizes functions only; the operator and CloudFormation have all permissions. */
export type Caller =
  | { readonly kind: 'operator' }
  | { readonly kind: 'cloudformation' }
  | { readonly kind: 'function'; readonly functionArn: string; readonly roleArn: string };

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- requests are untyped until a service has checked them
export type Input = Record<string, any>;

/** One call of one AWS operation, whatever protocol it came by. */
export interface Call {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Input;
  readonly caller: Caller;
}

/** The context of an operation, besides its input. */
export interface CallContext {
  readonly caller: Caller;
  /** Lets a jumping clock move while the operation waits for `promise` (a long poll), which it must not do during any other call. */
  parked<T>(promise: Promise<T>): Promise<T>;
}

/** One permission that a call needs: every one of `resources` must be allowed. */
export interface Permission {
  /** For example `ecs:UpdateDaemon`. */
  readonly action: string;
  readonly resources: readonly string[];
  /** The condition keys of this permission, for example `{ 'aws:ResourceTag/team': 'platform' }`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** The input has the names of the AWS API; dates in the output are `Date`s. An operation refuses by throwing an `AwsError`. */
export type Operation = (input: Input, context: CallContext) => unknown;

/** An AWS service of the sandbox. */
export interface Service {
  readonly operations: Readonly<Record<string, Operation>>;
  /** The permissions that a function's role needs for a call; none for an operation that needs no permission. */
  requiredPermissions?(operation: string, input: Input): Permission[];
}

/** An HTTP request as a REST service receives it. */
export interface HttpRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A service whose operations are identified by method and path (Lambda, S3). */
export interface RestService extends Service {
  decode(request: HttpRequest): { operation: string; input: Input };
  encode(operation: string, output: unknown): HttpAnswer;
  encodeError(error: { code: string; message: string; statusCode: number }): HttpAnswer;
}
