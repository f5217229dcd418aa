import { run } from '../../cli/commands';
import type { Sandbox } from '../../sandbox';
import { agentApp, FLEET } from '../../simulation/app/agent-app';
import { command, deploy, startAccount } from './live-account';
import { agentAssembly, assemblyOf } from './plan-bench';

interface Policy {
  readonly Statement: readonly { readonly Action: readonly string[]; readonly Resource: string }[];
}

async function printedPolicy(): Promise<Policy> {
  let text = '';
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => { text += String(chunk); return true; });
  try {
    expect(await run(['policy', 'plan'])).toBe(0);
  } finally {
    spy.mockRestore();
  }
  return JSON.parse(text) as Policy;
}

let sandbox: Sandbox;

afterEach(() => sandbox?.close());

/** The credentials of a role with a policy, in an account whose daemon has an alarm and was changed manually. */
async function environmentOf(policy: object): Promise<NodeJS.ProcessEnv> {
  await sandbox.call('cloudformation', 'CreateStack', {
    StackName: 'Reader',
    Capabilities: ['CAPABILITY_IAM'],
    TemplateBody: JSON.stringify({ Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: {
        AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] },
        Policies: [{ PolicyName: 'Plan', PolicyDocument: policy }],
      } },
      Function: { Type: 'AWS::Lambda::Function', Properties: {
        FunctionName: 'reader', Runtime: 'nodejs22.x', Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: 'exports.handler = async () => process.env' },
      } },
    } }),
  });
  await sandbox.clock.sleep(60);
  const { Payload } = await sandbox.call('lambda', 'Invoke', { FunctionName: 'reader', Payload: '{}' });
  const variables = JSON.parse(Buffer.from(Payload).toString()) as Record<string, string>;
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
  return { ...sandbox.environment, ...Object.fromEntries(names.map((name) => [name, variables[name]])) };
}

async function fullAccount(): Promise<string> {
  sandbox = await startAccount({ fleets: [FLEET, { ...FLEET, capacityProvider: 'other' }] });
  await sandbox.call('monitoring', 'PutMetricAlarm', { AlarmName: 'errors', Period: 60, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', Threshold: 0 });
  await sandbox.call('monitoring', 'SetAlarmState', { AlarmName: 'errors', StateValue: 'OK', StateReason: 'test' });
  await deploy(sandbox, agentAssembly({ alarmNames: ['errors'] }));
  const { daemonTaskDefinitionArn } = await sandbox.call('ecs', 'RegisterDaemonTaskDefinition', {
    family: 'manual', cpu: '256', memory: '256', containerDefinitions: [{ name: 'agent', image: 'example.com/agent:1', memory: 256, essential: true }],
  });
  await sandbox.call('ecs', 'UpdateDaemon', {
    daemonArn: 'arn:aws:ecs:us-east-1:123456789012:daemon/apps/agent', daemonTaskDefinitionArn,
    capacityProviderArns: ['arn:aws:ecs:us-east-1:123456789012:capacity-provider/managed'], propagateTags: 'DAEMON', critical: true,
  });
  await sandbox.clock.sleep(3600);
  return assemblyOf((props) => agentApp({ alarmNames: ['errors'], imageTag: '2', capacityProvider: 'other' }, props));
}

describe('the policy of the plan command', () => {
  test('suffices for every read of a plan, and each of its actions is needed', async () => {
    const app = await fullAccount();
    const policy = await printedPolicy();

    const { code, stderr, calls } = await command(sandbox, ['plan', '--app', app], await environmentOf(policy));

    expect([code, stderr]).toEqual([2, '']);
    const allowed = policy.Statement.flatMap(({ Action }) => Action);
    const read = new Set(calls.map((call) => call.replace('monitoring', 'cloudwatch')));
    expect([...read].filter((call) => !allowed.includes(call))).toEqual(['sts:GetCallerIdentity']); // it needs no permission
    expect(allowed.filter((action) => !read.has(action))).toEqual(['cloudformation:ListExports']); // of apps with imports
  });

  test('without one of its actions fails in one line that names the action', async () => {
    const app = await fullAccount();
    const policy = await printedPolicy();
    const without = { ...policy, Statement: policy.Statement.map((statement) => (
      { ...statement, Action: statement.Action.filter((action) => action !== 'ecs:ListTagsForResource') })) };

    const { code, stdout, stderr } = await command(sandbox, ['plan', '--app', app], await environmentOf(without));

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^ecs:ListTagsForResource is not allowed: User: .* is not authorized .*"cdk-ecs-managed-daemons policy plan" prints the permissions\.\n$/);
  });
});

describe('the policy command', () => {
  test.each([[[]], [['follow']]])('rejects %j with one line', async (values) => {
    let error = '';
    const spy = jest.spyOn(process.stderr, 'write').mockImplementation((text) => { error += String(text); return true; });
    expect(await run(['policy', ...values])).toBe(1);
    spy.mockRestore();
    expect(error).toMatch(/^The command must be plan, got: .*\n$/);
  });
});
