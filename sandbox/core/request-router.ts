import { AwsError } from './aws-error';
import type { Clock } from './clock';
import type { Call, CallContext, Permission, Service, ServiceName } from './aws-service';

/** An entry of the request log: the operation, its caller, time and result. Tests read this log, not the report of a function. */
export interface RequestLogEntry {
  readonly sequence: number;
  /** Virtual time, ISO 8601. */
  readonly time: string;
  readonly service: ServiceName;
  readonly operation: string;
  /** `operator`, `cloudformation` or the name of the function. */
  readonly caller: string;
  readonly input: Call['input'];
  /** The error's name when the call was refused. */
  readonly error?: string;
  readonly errorMessage?: string;
}

/** Thrown by an interceptor: the connection breaks before the reply or inside its body, or the body is garbled (A39). */
export class ConnectionLost extends Error {
  constructor(message?: string, public readonly reply: 'none' | 'cut' | 'garbled' = 'none') {
    super(message);
  }
}

/** Intercepts calls: throwing in `before` loses the request, throwing in `after` loses the reply. */
export interface CallInterceptor {
  before?(call: Call): void | Promise<void>;
  after?(call: Call): void | Promise<void>;
}

export interface RequestRouterOptions {
  readonly clock: Clock;
  readonly services: Partial<Record<ServiceName, Service>>;
  /** Throws if IAM denies one of the permissions. */
  readonly authorize: (call: Call, permissions: Permission[]) => void;
}

/** Performs every call, from clients and between services: logs it, authorizes it, and passes it to the interceptors. */
export class RequestRouter {
  public readonly requests: RequestLogEntry[] = [];
  private readonly interceptors = new Set<CallInterceptor>();

  constructor(private readonly options: RequestRouterOptions) {}

  /** Adds an interceptor; the returned function removes it. */
  public intercept(interceptor: CallInterceptor): () => void {
    this.interceptors.add(interceptor);
    return () => void this.interceptors.delete(interceptor);
  }

  public async perform(call: Call, parked: CallContext['parked'] = (promise) => promise): Promise<unknown> {
    const { clock, services, authorize } = this.options;
    const entry = {
      sequence: this.requests.length,
      time: new Date(clock.now()).toISOString(),
      service: call.service,
      operation: call.operation,
      caller: callerName(call),
      input: loggable(call),
    };
    this.requests.push(entry);
    try {
      for (const interceptor of this.interceptors) await interceptor.before?.(call);
      const service = Object.hasOwn(services, call.service) ? services[call.service] : undefined;
      const operation = service && Object.hasOwn(service.operations, call.operation) ? service.operations[call.operation] : undefined;
      if (!operation) throw new AwsError('UnknownOperationException', `the sandbox does not support ${call.service}:${call.operation}`);
      if (call.caller.kind === 'function') authorize(call, service?.requiredPermissions?.(call.operation, call.input) ?? []);
      const output = await operation(call.input, { caller: call.caller, parked });
      for (const interceptor of this.interceptors) await interceptor.after?.(call);
      return output;
    } catch (error) {
      const { name, message } = error as Error;
      this.requests[entry.sequence] = { ...entry, error: error instanceof AwsError ? error.code : name, errorMessage: message };
      throw error;
    }
  }
}

const callerName = ({ caller }: Call): string => caller.kind === 'function' ? caller.functionArn.split(':')[6]! : caller.kind;

/** The log is a file that people share: no bodies of assets, and no response URL, which is a credential. */
function loggable({ input }: Call): Call['input'] {
  const data = Object.entries(input).filter(([, value]) => typeof value !== 'function'); // calls within the sandbox may carry one
  return Object.fromEntries(data.map(([key, value]) => {
    if (Buffer.isBuffer(value) || value instanceof Uint8Array) return [key, `<${value.length} bytes>`];
    if (typeof value === 'string') return [key, value.replace(/("ResponseURL\\*":\\*")[^"\\]*/g, '$1<hidden>')];
    return [key, value];
  }));
}
