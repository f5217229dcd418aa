import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aws_ecr as ecr, aws_ecs as ecs, aws_iam as iam, aws_lambda as lambda, aws_s3 as s3, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ManagedDaemonProvider } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

interface Statement { readonly Effect: string; readonly Action: string | string[]; readonly Resource: unknown; readonly Condition?: object }
interface Wildcard { readonly holder: string; readonly actions: string[]; readonly resources: string[]; readonly conditions: string[] }

/** `ours`: a comment beside the statement in lib/ gives the reason; or the module of aws-cdk-lib that adds it, and why. */
type Reason = 'ours' | { readonly by: string };

const ecsArn = (resource: string): string => `arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:${resource}/*`;
const ROLLOUT = 'ManagedDaemonProviderRolloutRole';
const DISPATCHER = 'ManagedDaemonProviderDispatcherRole';
const REQUEST_TAG = 'aws:RequestTag/cdk-ecs-managed-daemons:stack-id';
const RESOURCE_TAG = 'aws:ResourceTag/cdk-ecs-managed-daemons:stack-id';
const XRAY = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

/** Every statement with a `*` that a stack with all features has, and why. */
const wildcards: [Wildcard, Reason][] = [
  [
    { holder: ROLLOUT, actions: ['ecs:CreateDaemon'], resources: [ecsArn('daemon')], conditions: [REQUEST_TAG] },
    'ours',
  ],
  [
    { holder: ROLLOUT, actions: ['ecs:TagResource'], resources: [ecsArn('daemon')], conditions: [REQUEST_TAG, 'ecs:CreateAction'] },
    'ours',
  ],
  [
    {
      holder: ROLLOUT,
      actions: ['ecs:DeleteDaemon', 'ecs:TagResource', 'ecs:UntagResource', 'ecs:UpdateDaemon'],
      resources: [ecsArn('daemon')],
      conditions: [RESOURCE_TAG],
    },
    'ours',
  ],
  [
    {
      holder: ROLLOUT,
      actions: [
        'ecs:DescribeCapacityProviders', 'ecs:DescribeDaemon', 'ecs:DescribeDaemonDeployments', 'ecs:DescribeDaemonRevisions',
        'ecs:DescribeDaemonTaskDefinition', 'ecs:ListDaemonDeployments',
      ],
      resources: ['capacity-provider', 'daemon', 'daemon-deployment', 'daemon-revision', 'daemon-task-definition'].map(ecsArn),
      conditions: [],
    },
    'ours',
  ],
  [
    { holder: ROLLOUT, actions: ['ecs:ListDaemons'], resources: ['*'], conditions: ['ecs:cluster'] },
    'ours',
  ],
  [
    { holder: ROLLOUT, actions: ['cloudwatch:DescribeAlarms', 'ecs:ListTagsForResource'], resources: ['*'], conditions: [] },
    'ours',
  ],
  [{ holder: ROLLOUT, actions: XRAY, resources: ['*'], conditions: [] }, 'ours'],
  [
    {
      holder: DISPATCHER,
      actions: ['lambda:StopDurableExecution'],
      resources: ['<ManagedDaemonProviderRollout098EA1F9.Arn>:*/durable-execution/*/*'],
      conditions: [],
    },
    'ours',
  ],
  [
    {
      holder: 'ManagedDaemonProviderExecutions',
      actions: ['lambda:GetDurableExecution', 'lambda:GetDurableExecutionHistory', 'lambda:ListDurableExecutionsByFunction'],
      resources: ['<ManagedDaemonProviderRollout098EA1F9.Arn>:*/durable-execution/*/*'],
      conditions: [],
    },
    'ours',
  ],
  [{ holder: DISPATCHER, actions: XRAY, resources: ['*'], conditions: [] }, 'ours'],
  [
    {
      holder: 'AgentTaskRole',
      actions: ['ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel'],
      resources: ['*'],
      conditions: [],
    },
    'ours',
  ],
  [
    {
      holder: 'Reader',
      actions: ['ecs:DescribeDaemon', 'ecs:DescribeDaemonDeployments', 'ecs:DescribeDaemonRevisions', 'ecs:ListDaemonDeployments'],
      resources: [expect.stringMatching(/:daemon-deployment\/.+\/\*$/), expect.stringMatching(/:daemon-revision\/.+\/\*$/)],
      conditions: [],
    },
    'ours',
  ],
  [
    { holder: 'AgentExecutionRole', actions: ['ecr:GetAuthorizationToken'], resources: ['*'], conditions: [] },
    { by: 'aws-ecr: the token is of the registry, and has no resource type' },
  ],
];

/** Policies of AWS that our roles have: their statements are on `*` too. */
const awsPolicies: [string, string][] = [
  [ROLLOUT, 'service-role/AWSLambdaBasicDurableExecutionRolePolicy'],
];

/** The sources of the constructs, cut where a statement begins. */
const statements = readdirSync(join(__dirname, '../../lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .flatMap((file) => readFileSync(join(__dirname, '../../lib', file), 'utf8').split(/PolicyStatement\(\{|addToPrincipal\(\{/).slice(1));

function stackWithAllFeatures(): StackWithDaemon {
  const stack = new StackWithDaemon();
  ManagedDaemonProvider.configure(stack, { logLevel: lambda.ApplicationLogLevel.DEBUG, tracing: lambda.Tracing.ACTIVE });
  const secret = new secretsmanager.Secret(stack, 'Secret');
  const taskDefinition = stack.addTaskDefinition('Agent');
  taskDefinition.addContainer('other', {
    image: ecs.ContainerImage.fromEcrRepository(new ecr.Repository(stack, 'Repository'), '1'),
    memoryLimitMiB: 64,
    secrets: { API_KEY: ecs.Secret.fromSecretsManager(secret) },
    environmentFiles: [ecs.EnvironmentFile.fromBucket(new s3.Bucket(stack, 'Bucket'), 'agent.env')],
    logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'agent' }),
  });
  const daemon = stack.addDaemon('Daemon', { daemonTaskDefinition: taskDefinition, enableExecuteCommand: true });
  const application = new ecs.TaskDefinition(stack, 'Application', {
    compatibility: ecs.Compatibility.MANAGED_INSTANCES, cpu: '256', memoryMiB: '512', networkMode: ecs.NetworkMode.AWS_VPC,
  });
  application.addContainer('app', { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/nginx:1.29') });
  daemon.verifyAfter(new ecs.FargateService(stack, 'Service', {
    cluster: stack.cluster,
    taskDefinition: application,
    capacityProviderStrategies: [{ capacityProvider: stack.instances.capacityProviderName, weight: 1 }],
  }));
  const principal = new iam.ServicePrincipal('ec2.amazonaws.com');
  daemon.grants.read(new iam.Role(stack, 'Reader', { assumedBy: principal }));
  daemon.grants.update(new iam.Role(stack, 'Updater', { assumedBy: principal }));
  taskDefinition.grants.describe(new iam.Role(stack, 'Describer', { assumedBy: principal }));
  return stack;
}

/** What makes up a text, with names in the place of what is known only at deployment. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[intrinsic, operand]] = Object.entries(value as Record<string, unknown>);
  switch (intrinsic) {
    case 'Ref': return `<${String(operand)}>`;
    case 'Fn::GetAtt': return `<${(operand as string[]).join('.')}>`;
    case 'Fn::Sub': return String(operand).replaceAll(/\$\{([^}]+)\}/g, '<$1>');
    case 'Fn::Join': return (operand as [string, unknown[]])[1].map(textOf).join((operand as [string, unknown[]])[0]);
    default: return JSON.stringify(value);
  }
}

/** The role that a policy or a role itself is of; those of the instances are left out, which aws-ecs makes. */
const nameOf = (logicalId: string): string => logicalId.replace(/(DefaultPolicy|OverflowPolicy\d*)?[0-9A-F]{8}$/, '').replace(/[0-9A-F]{8}$/, '');

function wildcardsIn(template: Template): Wildcard[] {
  const documents = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) => Object.entries(template.findResources(type)))
    .map(([id, { Properties }]) => [id, Properties.PolicyDocument.Statement] as [string, Statement[]]);
  const inline = Object.entries(template.findResources('AWS::IAM::Role')).flatMap(([id, { Properties }]) =>
    ((Properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).map(({ PolicyDocument }) =>
      [id, PolicyDocument.Statement] as [string, Statement[]]));
  return [...documents, ...inline].flatMap(([id, statements]) => statements.map(({ Action, Resource, Condition = {} }) => ({
    holder: nameOf(id),
    actions: [Action].flat(),
    resources: [Resource].flat().map(textOf),
    conditions: Object.values(Condition).flatMap((keys) => Object.keys(keys as object)).sort(),
  }))).filter(({ holder }) => !holder.startsWith('Instances'))
    .map((statement) => statement.actions.some((action) => action.includes('*'))
      ? statement
      : { ...statement, resources: statement.resources.filter((resource) => resource.includes('*')) })
    .filter(({ resources }) => resources.length > 0);
}

const sorted = (found: Wildcard[]): Wildcard[] => [...found].sort((one, other) =>
  `${one.holder} ${one.actions.join()} ${one.conditions.join()}` < `${other.holder} ${other.actions.join()} ${other.conditions.join()}` ? -1 : 1);

describe('the statements with a `*`', () => {
  const template = Template.fromStack(stackWithAllFeatures());

  test('of a stack with all features are those of the table', () => {
    expect(sorted(wildcardsIn(template))).toEqual(sorted(wildcards.map(([wildcard]) => wildcard)));
  });

  test('allow no action by a pattern', () => {
    expect(wildcardsIn(template).flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
  });

  test('of AWS come only from these managed policies', () => {
    const attached = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => !id.startsWith('Instances'))
      .flatMap(([id, { Properties }]) => ((Properties.ManagedPolicyArns ?? []) as unknown[]).map((arn) => [nameOf(id), textOf(arn)]));

    expect(attached).toEqual(awsPolicies.map(([holder, policy]) => [holder, `arn:<AWS::Partition>:iam::aws:policy/${policy}`]));
  });

  test.each(wildcards.flatMap(([{ holder, actions }, reason]) => (reason === 'ours' ? [{ holder, actions }] : [])))(
    'have a comment beside them that says why: $holder, $actions.0',
    ({ actions }) => {
      const own = statements.filter((statement) => {
        const [, list] = /actions: \[(.*?)\]/s.exec(statement) ?? [];
        return list !== undefined && [...list.matchAll(/'([^']+)'/g)].map(([, action]) => action).sort().join() === actions.join();
      });
      expect(own.filter((statement) => /\/\/ `\*`: \w/.test(statement))).not.toEqual([]);
    },
  );
});
