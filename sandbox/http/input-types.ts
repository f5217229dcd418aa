import { AwsError } from '../core/aws-error';
import type { Input } from '../core/aws-service';
import table from './input-shapes.json';

/**
 * By name: the members with their types. A type is a text (`s`), a number, a boolean, a time, bytes (`x`), anything (`*`), a list (`[]`) or
 * a map (`{}`) of a type, or the name of a shape. The names of required members end with an exclamation mark.
 */
type Shapes = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface ServiceShapes {
  /** The shape of each operation's input. */
  readonly operations: Readonly<Record<string, string>>;
  readonly shapes: Shapes;
}

const SERVICES: Readonly<Record<string, ServiceShapes>> = table;

/** In the query protocol every value is text, and an empty text may be an empty list or structure. */
export type Protocol = 'json' | 'query';

/**
 * Checks the input of an operation against the types of the API, as AWS does while it reads a request, and returns it without members
 * that are null. Members that the API does not have are passed on.
 */
export function checkedInput(service: string, operation: string, input: Input, protocol: Protocol): Input {
  const known = Object.hasOwn(SERVICES, service) ? SERVICES[service]! : undefined;
  if (!known || !Object.hasOwn(known.operations, operation)) return input;
  return new Reader(service, known.shapes, protocol).structure(known.operations[operation]!, input, '');
}

class Reader {
  constructor(private readonly service: string, private readonly shapes: Shapes, private readonly protocol: Protocol) {}

  public structure(shape: string, value: object, path: string): Input {
    const read = withoutNulls(value);
    for (const [member, type] of Object.entries(this.shapes[shape]!)) {
      const name = member.replace(/!$/, '');
      const at = path ? `${path}.${name}` : name;
      if (Object.hasOwn(read, name)) read[name] = this.value(type, read[name], at);
      else if (name !== member) throw this.missing(at);
    }
    return read;
  }

  private value(type: string, value: unknown, path: string): unknown {
    if (type === '*') return value;
    const isEmpty = this.protocol === 'query' && value === '';
    if (type.startsWith('[]')) {
      if (isEmpty) return value;
      if (!Array.isArray(value)) throw this.malformed(value, 'a list', path);
      return value.map((item, index) => this.value(type.slice(2), item, `${path}[${index}]`));
    }
    if (type.length === 1) {
      if (!this.isSimple(type, value)) throw this.malformed(value, SIMPLE_NAMES[type]!, path);
      return value;
    }
    if (isEmpty) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.malformed(value, 'a structure', path);
    if (!type.startsWith('{}')) return this.structure(type, value, path);
    return Object.fromEntries(Object.entries(withoutNulls(value))
      .map(([key, item]) => [key, this.value(type.slice(2), item, `${path}.${key}`)]));
  }

  private isSimple(type: string, value: unknown): boolean {
    switch (type) {
      case 's': return typeof value === 'string';
      case 'n': return this.protocol === 'query' ? typeof value === 'string' && !Number.isNaN(Number(value)) : Number.isFinite(value);
      case 'b': return this.protocol === 'query' ? ['true', 'false'].includes(String(value).toLowerCase()) : typeof value === 'boolean';
      case 't': return typeof value === 'string' || typeof value === 'number';
      default: return typeof value === 'string' || value instanceof Uint8Array;
    }
  }

  private malformed(value: unknown, expected: string, path: string): AwsError {
    const message = Array.isArray(value) ? 'Start of list found where not expected.'
      : typeof value === 'object' && value !== null ? 'Start of structure or map found where not expected.'
        : `${nameOf(value)} can not be converted to ${expected}.`;
    return new AwsError(this.protocol === 'json' ? 'SerializationException' : 'MalformedInput', `${message} (${path})`);
  }

  private missing(path: string): AwsError {
    const code = this.service === 'ecs' ? 'InvalidParameterException' : this.protocol === 'json' ? 'ValidationException' : 'ValidationError';
    return new AwsError(code, `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`);
  }
}

const SIMPLE_NAMES: Readonly<Record<string, string>> = { s: 'a String', n: 'a Number', b: 'a Boolean', t: 'a Timestamp', x: 'a Blob' };

const nameOf = (value: unknown): string => (typeof value === 'boolean' ? `${value}_VALUE`.toUpperCase() : value === null ? 'NULL_VALUE'
  : `${typeof value}_VALUE`.toUpperCase());

/** A member that is null is as good as absent. */
const withoutNulls = (value: object): Input =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null && item !== undefined));
