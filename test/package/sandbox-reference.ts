import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox';
import { KNOWN_FUNCTIONS } from '../../sandbox/cloudformation/template/references';
import { resourceProviders } from '../../sandbox/cloudformation/resource-providers';
import { INERT_TYPES } from '../../sandbox/cloudformation/resource-providers/stand-ins';

const root = join(__dirname, '..', '..');
export const REFERENCE = join(root, 'docs', 'sandbox-reference.md');

const SERVICES: Readonly<Record<string, string>> = {
  cloudformation: 'CloudFormation', ec2: 'EC2', ecr: 'ECR', ecs: 'ECS', elasticloadbalancing: 'Elastic Load Balancing (v2)', events: 'EventBridge',
  iam: 'IAM', kms: 'KMS', lambda: 'Lambda', logs: 'CloudWatch Logs', monitoring: 'CloudWatch', route53: 'Route 53', s3: 'S3', ssm: 'Systems Manager',
  sts: 'STS',
};

const code = (names: Iterable<string>): string => [...names].sort().map((name) => `\`${name}\``).join(', ');

/** The page that lists what the sandbox serves. */
export async function renderReference(): Promise<string> {
  const sandbox = await startSandbox();
  const { operations } = sandbox;
  await sandbox.close();
  const services = Object.entries(operations).map(([service, names]) => `| ${SERVICES[service] ?? service} | \`${service}\` | ${code(names)} |`).sort();
  return `<!-- Written by npm run docgen. -->
# What the sandbox serves

See [the sandbox](sandbox.md) for how to start it and for its limits, and the [assumptions](assumptions.md) for its settings.

## Command line

\`\`\`text
${execFileSync(process.execPath, [join(root, 'sandbox', 'dist', 'cli.js'), '--help'], { encoding: 'utf8' }).trimEnd()}
\`\`\`

## Services and operations

Every other operation is refused with "the sandbox does not support SERVICE:OPERATION".

| service | name in signatures | operations |
|---|---|---|
${services.join('\n')}

## Resource types

These have a service of the sandbox behind them:

${code(Object.keys(resourceProviders))}

Every other type is accepted and does nothing: its \`Ref\` and attributes are made up.

## Custom resources

The CDK's own custom resources of these types, and every \`AwsCustomResource\`, do nothing. The sandbox prints a line for each:

${code(INERT_TYPES)}

## Functions of templates

${code(['Ref', 'Condition', ...KNOWN_FUNCTIONS])}
`;
}

if (require.main === module) void renderReference().then((page) => writeFileSync(REFERENCE, page));
