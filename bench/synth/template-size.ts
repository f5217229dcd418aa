interface Template { readonly Resources: Record<string, Resource> }
interface Resource { readonly Type: string }
interface Statement { readonly Action: string | string[] }

/** What the templates of an app are made of. Bytes are those that CDK writes. */
export interface TemplateSize {
  readonly resources: number;
  /** Of all the daemons, each with its task definition. */
  readonly daemonBytes: number;
  /** Of the daemons without their task definitions, which are the same whatever makes the daemons. */
  readonly daemonOnlyBytes: number;
  /** Of the stack that has most: all that is there once for its daemons, without what passes their roles. */
  readonly providerResources: number;
  readonly providerBytes: number;
  /** Of the stack that has most: the managed policies that the right to pass roles takes. */
  readonly passRolePolicies: number;
  /** Of all stacks. */
  readonly passRoleBytes: number;
}

/** Measures the templates of an app that `fleet()` made. */
export function sizeOf(templates: Template[]): TemplateSize {
  const stacks = templates.map(sizeOfStack);
  const sum = (value: keyof TemplateSize): number => stacks.reduce((total, stack) => total + stack[value], 0);
  const most = (value: keyof TemplateSize): number => Math.max(...stacks.map((stack) => stack[value]));
  return {
    resources: sum('resources'),
    daemonBytes: sum('daemonBytes'),
    daemonOnlyBytes: sum('daemonOnlyBytes'),
    providerResources: most('providerResources'),
    providerBytes: most('providerBytes'),
    passRolePolicies: most('passRolePolicies'),
    passRoleBytes: sum('passRoleBytes'),
  };
}

function sizeOfStack({ Resources }: Template): TemplateSize {
  // the guard alarm and CDK's own note of what is in use are there whatever makes the daemons
  const resources = Object.entries(Resources).filter(([, { Type }]) => Type !== 'AWS::CDK::Metadata' && Type !== 'AWS::CloudWatch::Alarm');
  const taskDefinitions = resources.filter(([, { Type }]) => Type === 'AWS::ECS::DaemonTaskDefinition');
  const daemons = resources.filter(([id, { Type }]) => Type === 'AWS::ECS::Daemon' || (Type.startsWith('Custom::') && id.startsWith('Daemon')));
  const passRolePolicies = resources.filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
  const provider = resources.filter((entry) => ![...taskDefinitions, ...daemons, ...passRolePolicies].includes(entry));
  return {
    resources: resources.length,
    daemonBytes: bytesOf([...daemons, ...taskDefinitions]),
    daemonOnlyBytes: bytesOf(daemons),
    providerResources: provider.length,
    providerBytes: bytesOf(provider, withoutPassRole),
    passRolePolicies: passRolePolicies.length,
    passRoleBytes: bytesOf(passRolePolicies) + bytesOf(provider) - bytesOf(provider, withoutPassRole),
  };
}

/** The bytes of resources in a template, which CDK indents by one. */
function bytesOf(resources: [string, Resource][], replacer?: (key: string, value: unknown) => unknown): number {
  const render = (some: [string, Resource][]): string => JSON.stringify({ Resources: Object.fromEntries(some) }, replacer, 1);
  return Buffer.byteLength(render(resources)) - Buffer.byteLength(render([]));
}

function withoutPassRole(key: string, value: unknown): unknown {
  return key === 'Statement' ? (value as Statement[]).filter(({ Action }) => Action !== 'iam:PassRole') : value;
}
