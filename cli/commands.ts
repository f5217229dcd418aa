import { createRequire } from 'node:module';
import { plan } from './plan-command';
import { policy } from './policy-command';

const USAGE = `usage: cdk-ecs-managed-daemons COMMAND [options]

commands:
  plan     show what a deployment would do to the daemons of an app and to their instances
  policy   print the IAM policy with which a command reads an account
  sandbox  start an AWS on this machine, for cdk deploy and AWS SDKs

cdk-ecs-managed-daemons COMMAND --help lists the options of a command.
`;

/** Runs the command that the arguments name, and resolves to its exit code; the `sandbox` command ends the process itself. */
export async function run([command, ...values]: readonly string[]): Promise<number | undefined> {
  switch (command) {
    case 'plan':
      return plan(values);
    case 'policy':
      return policy(values);
    case 'sandbox':
      createRequire(__filename)('../../sandbox/dist/cli.js'); // sandbox/build.mjs bundles it, with the process that it starts
      return undefined;
    case undefined:
    case '--help':
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(`The command must be plan, policy or sandbox, got: ${JSON.stringify(command)}. --help lists them.\n`);
      return 1;
  }
}
