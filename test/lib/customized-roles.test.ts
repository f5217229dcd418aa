import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, aws_iam as iam, aws_lambda as lambda } from 'aws-cdk-lib';
import { ManagedDaemonProvider } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

interface Statement { Action: string | string[]; Resource: unknown; Condition?: unknown }
interface ReportedRole { roleConstructPath: string; managedPolicyArns: string[]; identityPolicyStatements: Statement[] }

const precreated = [
  'Instances/InstancesRole', 'Instances/InstanceRole', 'AgentTaskDefinition/TaskRole', 'AgentTaskDefinition/ExecutionRole', 'OtherTaskDefinition/TaskRole',
  'ManagedDaemonProvider/RolloutRole', 'ManagedDaemonProvider/DispatcherRole',
];

let resources: Record<string, { Type: string }>;
let text: string;
let roles: ReportedRole[];

/** An administrator creates the roles. */
beforeAll(() => {
  const app = new App();
  iam.Role.customizeRoles(app, { usePrecreatedRoles: Object.fromEntries(precreated.map((role) => [`Stack/${role}`, role.replace('/', '-')])) });
  const stack = new StackWithDaemon(app);
  ManagedDaemonProvider.configure(stack, { tracing: lambda.Tracing.ACTIVE });
  stack.addDaemon('Agent', { adoptExisting: true, enableExecuteCommand: true });
  const other = stack.addTaskDefinition('OtherTaskDefinition');
  stack.addDaemon('Other', { daemonTaskDefinition: other });
  other.addToTaskRolePolicy(new iam.PolicyStatement({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] }));
  const assembly = app.synth();
  resources = (assembly.getStackByName('Stack').template as { Resources: typeof resources }).Resources;
  text = fs.readFileSync(path.join(assembly.directory, 'iam-policy-report.txt'), 'utf8');
  roles = (JSON.parse(fs.readFileSync(path.join(assembly.directory, 'iam-policy-report.json'), 'utf8')) as { roles: ReportedRole[] }).roles;
});

const reported = (role: string): ReportedRole => roles.find(({ roleConstructPath }) => roleConstructPath === `Stack/ManagedDaemonProvider/${role}`)!;
const actionsOf = (role: string): string[] => reported(role).identityPolicyStatements.flatMap(({ Action: action }) => action);

describe('the provider of an app with customized roles', () => {
  test('leaves no role and no policy in the template', () => {
    const types = Object.values(resources).map(({ Type: type }) => type);

    expect(types.filter((type) => type.startsWith('AWS::IAM::') && type !== 'AWS::IAM::InstanceProfile')).toEqual([]);
  });

  test('reports every statement and every managed policy without tokens', () => {
    expect(text).not.toContain('${Token[');
    expect(JSON.stringify(roles)).not.toContain('Fn::');
  });

  test.each(['RolloutRole', 'DispatcherRole'])('reports what the %s does with executions and its stack', (role) => {
    expect(actionsOf(role)).toEqual(expect.arrayContaining(['lambda:ListDurableExecutionsByFunction', 'cloudformation:DescribeStacks', 'xray:PutTraceSegments']));
  });

  test('reports the managed policy of durable functions by its ARN', () => {
    expect(reported('RolloutRole').managedPolicyArns)
      .toEqual(['arn:(PARTITION):iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy']);
  });

  test('reports every role that a rollout passes to ECS, those of later task definitions too', () => {
    const passed = reported('RolloutRole').identityPolicyStatements.filter(({ Action: action }) => action === 'iam:PassRole');

    expect(passed.map(({ Resource: resource }) => resource)).toEqual([
      expect.stringMatching(/AgentTaskDefinition-TaskRole$/), expect.stringMatching(/OtherTaskDefinition-TaskRole$/),
    ]);
  });
});
