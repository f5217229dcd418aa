import { READS } from './live/reads';

const USAGE = `usage: cdk-ecs-managed-daemons policy plan

Prints the least IAM policy with which a command can read an account, as JSON.
`;

const STACKS = 'arn:aws:cloudformation:*:*:stack/*';

/** Prints the policy of a command and returns the exit code. */
export function policy(values: readonly string[]): number {
  if (values.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.length !== 1 || values[0] !== 'plan') {
    process.stderr.write(`The command must be plan, got: ${JSON.stringify(values.join(' '))}. --help lists them.\n`);
    return 1;
  }
  process.stdout.write(`${JSON.stringify(planPolicy(), undefined, 2)}\n`);
  return 0;
}

/** Actions that AWS authorizes on the same resources share a statement. An action on `*` has no resource type. */
function planPolicy(): object {
  const byResource = new Map<string, string[]>();
  for (const [action, resource] of Object.entries(READS)) {
    if (resource !== 'none') byResource.set(resource, [...byResource.get(resource) ?? [], action]);
  }
  return {
    Version: '2012-10-17',
    Statement: [...byResource].map(([resource, Action]) => ({
      Effect: 'Allow', Action, Resource: resource === '*' ? '*' : resource === 'stack' ? STACKS : `arn:aws:ecs:*:*:${resource}/*`,
    })),
  };
}
