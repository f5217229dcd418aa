import { AwsError } from './core/aws-error';
import type { Input, Operation, Permission, Service } from './core/aws-service';
import { arnOf, randomHex, type World } from './core/world';

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly version: number;
}

/** High enough for every version of the CDK. */
const BOOTSTRAP_VERSION = '30';

/** Public parameters: AWS owns them, and their values are ids of images. */
const PUBLIC_PREFIX = '/aws/service/';

/** SSM: the parameter store. */
export class Ssm implements Service {
  public readonly operations: Readonly<Record<string, Operation>>;
  private readonly parameters = new Map<string, Parameter>();
  private readonly publicParameters = new Map<string, Parameter>();

  constructor(private readonly world: World) {
    this.parameters.set('/cdk-bootstrap/hnb659fds/version', {
      name: '/cdk-bootstrap/hnb659fds/version', type: 'String', value: BOOTSTRAP_VERSION, version: 1,
    });
    this.operations = {
      GetParameter: ({ Name: name }) => {
        const parameter = this.find(String(name));
        if (!parameter) throw new AwsError('ParameterNotFound', '');
        return { Parameter: this.describe(parameter) };
      },
      GetParameters: ({ Names: names }) => {
        const found = (names as string[]).map((name) => ({ name, parameter: this.find(name) }));
        return {
          Parameters: found.flatMap(({ parameter }) => (parameter ? this.describe(parameter) : [])),
          InvalidParameters: found.filter(({ parameter }) => !parameter).map(({ name }) => name),
        };
      },
      PutParameter: ({ Name: name, Type: type, Value: value, Overwrite: overwrite }) => {
        const known = this.parameters.get(String(name));
        if (known && overwrite !== true) {
          throw new AwsError('ParameterAlreadyExists', 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.');
        }
        const version = (known?.version ?? 0) + 1;
        this.parameters.set(String(name), { name: String(name), type: String(type ?? known?.type ?? 'String'), value: String(value), version });
        return { Version: version, Tier: 'Standard' };
      },
      DeleteParameter: ({ Name: name }) => {
        if (!this.parameters.delete(String(name))) throw new AwsError('ParameterNotFound', '');
      },
    };
  }

  public requiredPermissions(operation: string, { Name: name, Names: names = [name] }: Input): Permission[] {
    const nameIn = (nameOrArn: string): string => nameOrArn.replace(/^arn:.*:parameter(?=\/)/, '').replace(/^\//, '');
    return [{ action: `ssm:${operation}`, resources: (names as string[]).map((each) => arnOf(this.world, 'ssm', `parameter/${nameIn(String(each))}`)) }];
  }

  private find(nameOrArn: string): Parameter | undefined {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf(':parameter/') + ':parameter'.length) : nameOrArn;
    return this.parameters.get(name) ?? (name.startsWith(PUBLIC_PREFIX) ? this.publicParameter(name) : undefined);
  }

  /** The same id on every request; no service of the sandbox resolves it. */
  private publicParameter(name: string): Parameter {
    const known = this.publicParameters.get(name);
    if (known) return known;
    const made = { name, type: 'String', value: `ami-${randomHex(this.world, 17)}`, version: 1 };
    this.publicParameters.set(name, made);
    return made;
  }

  private describe({ name, type, value, version }: Parameter): Record<string, unknown> {
    return {
      Name: name, Type: type, Value: value, Version: version, DataType: 'text',
      ARN: arnOf(this.world, 'ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`),
    };
  }
}
