import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aws_ecr as ecr, aws_ecs as ecs, aws_iam as iam, aws_lambda as lambda, aws_s3 as s3, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ManagedDaemonProvider } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

interface Statement { readonly Effect: string; readonly Action: string | string[]; readonly Resource: unknown; readonly Condition?: object }
interface Wildcard { readonly holder: string; readonly actions: string[]; readonly resources: string[]; readonly conditions: string[] }

/** A reason in a comment of ours, which begins with `*`; or somebody else's doing, and whose. */
type Reason = { readonly comment: string } | { readonly by: string };

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
    { comment: 'any name, but only with the owner tag of this stack' },
  ],
  [
    { holder: ROLLOUT, actions: ['ecs:TagResource'], resources: [ecsArn('daemon')], conditions: [REQUEST_TAG, 'ecs:CreateAction'] },
    { comment: 'the tags of a new daemon of any name; without ecs:CreateAction this would be the right to take over any daemon' },
  ],
  [
    {
      holder: ROLLOUT,
      actions: ['ecs:DeleteDaemon', 'ecs:TagResource', 'ecs:UntagResource', 'ecs:UpdateDaemon'],
      resources: [ecsArn('daemon')],
      conditions: [RESOURCE_TAG],
    },
    { comment: 'daemons that left the template too, but only with the owner tag of this stack' },
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
    { comment: 'what a rollout relies on may be of any stack, and it waits for the daemons of others on the same capacity providers (R54)' },
  ],
  [
    { holder: ROLLOUT, actions: ['ecs:ListDaemons'], resources: ['*'], conditions: ['ecs:cluster'] },
    { comment: 'listing has no resource type; the condition keeps it to clusters of this account and Region' },
  ],
  [
    { holder: ROLLOUT, actions: ['cloudwatch:DescribeAlarms', 'ecs:ListTagsForResource'], resources: ['*'], conditions: [] },
    { comment: 'ListTagsForResource has no resource type for daemons, and DescribeAlarms tells of composite alarms only to those who may ask for all' },
  ],
  [{ holder: ROLLOUT, actions: XRAY, resources: ['*'], conditions: [] }, { comment: 'traces have no resource type' }],
  [
    {
      holder: DISPATCHER,
      actions: ['lambda:StopDurableExecution'],
      resources: ['<ManagedDaemonProviderRollout098EA1F9.Arn>:*/durable-execution/*/*'],
      conditions: [],
    },
    { comment: 'executions of any version of this function; their names are made when they start' },
  ],
  [
    {
      holder: 'ManagedDaemonProviderExecutions',
      actions: ['lambda:GetDurableExecution', 'lambda:GetDurableExecutionHistory', 'lambda:ListDurableExecutionsByFunction'],
      resources: ['<ManagedDaemonProviderRollout098EA1F9.Arn>:*/durable-execution/*/*'],
      conditions: [],
    },
    { comment: 'executions of any version of this function; their names are made when they start' },
  ],
  [{ holder: DISPATCHER, actions: XRAY, resources: ['*'], conditions: [] }, { comment: 'traces have no resource type' }],
  [
    {
      holder: 'AgentTaskRole',
      actions: ['ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel'],
      resources: ['*'],
      conditions: [],
    },
    { comment: 'the channels have no resource type' },
  ],
  [
    {
      holder: 'Reader',
      actions: ['ecs:DescribeDaemon', 'ecs:DescribeDaemonDeployments', 'ecs:DescribeDaemonRevisions', 'ecs:ListDaemonDeployments'],
      resources: [expect.stringMatching(/:daemon-deployment\/.+\/\*$/), expect.stringMatching(/:daemon-revision\/.+\/\*$/)],
      conditions: [],
    },
    { comment: 'the ids of deployments and revisions are made by ECS, within the name of this daemon' },
  ],
  [
    { holder: 'AgentExecutionRole', actions: ['ecr:GetAuthorizationToken'], resources: ['*'], conditions: [] },
    { by: 'aws-ecr: the token is of the registry, and has no resource type' },
  ],
];

/** Policies of AWS that our roles have: their statements are on `*` too. */
const awsPolicies: [string, string, string][] = [
  [ROLLOUT, 'service-role/AWSLambdaBasicDurableExecutionRolePolicy', 'AWS grants them on `*`; narrower ones would name the function, which comes after its role'],
];

/** What the comments in the sources of the constructs say, in one line. */
const comments = readdirSync(join(__dirname, '../../lib'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => readFileSync(join(__dirname, '../../lib', file), 'utf8')
    .split('\n').filter((line) => /^\s*\/\//.test(line)).map((line) => line.replace(/^\s*\/\/\s*/, '')).join(' '))
  .join(' ');

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

  test('of a stack with all features are those of the table, and no others', () => {
    expect(sorted(wildcardsIn(template))).toEqual(sorted(wildcards.map(([wildcard]) => wildcard)));
  });

  test('allow no action by a pattern', () => {
    expect(wildcardsIn(template).flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
  });

  test('of others are attached by these policies of AWS alone', () => {
    const attached = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => !id.startsWith('Instances'))
      .flatMap(([id, { Properties }]) => ((Properties.ManagedPolicyArns ?? []) as unknown[]).map((arn) => [nameOf(id), textOf(arn)]));

    expect(attached).toEqual(awsPolicies.map(([holder, policy]) => [holder, `arn:<AWS::Partition>:iam::aws:policy/${policy}`]));
  });

  test.each([
    ...wildcards.flatMap(([{ holder, actions }, reason]) => 'comment' in reason ? [[`${holder}: ${actions[0]}`, `\`*\`: ${reason.comment}`]] : []),
    ...awsPolicies.map(([holder, policy, reason]) => [`${holder}: ${policy}`, reason]),
  ])('have their reason in a comment beside them: %s', (_, reason) => {
    expect(comments).toContain(reason);
  });
});
