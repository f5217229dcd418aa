import { App, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import recommendedFeatureFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { DaemonTaskDefinition } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

type Resources = Record<string, { Type: string; Properties: Record<string, unknown>; DependsOn?: string[] }>;
interface Statement { Action: string | string[]; Resource: unknown; Condition?: unknown }

const templateOf = (stack: Stack): { Resources: Resources } => Template.fromStack(stack).toJSON() as { Resources: Resources };
const providerOf = (stack: Stack): Resources =>
  Object.fromEntries(Object.entries(templateOf(stack).Resources).filter(([id]) => id.startsWith('ManagedDaemonProvider')));
/** A version is named after what it publishes. */
const withoutVersion = (ids: string[]): string[] => ids.filter((id) => !id.includes('CurrentVersion'));

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

describe('the provider', () => {
  test('has logical ids that never change, since the service token must not (FM20)', () => {
    stack.addDaemon();

    expect(withoutVersion(Object.keys(providerOf(stack))).sort()).toEqual([
      'ManagedDaemonProviderDispatcher80D9A1E6',
      'ManagedDaemonProviderDispatcherRoleD2696BBF',
      'ManagedDaemonProviderDispatcherRoleDefaultPolicy81885B36',
      'ManagedDaemonProviderExecutions22482C26',
      'ManagedDaemonProviderLiveEDE558A7',
      'ManagedDaemonProviderLog6EE8A060',
      'ManagedDaemonProviderRollout098EA1F9',
      'ManagedDaemonProviderRolloutRole447DE576',
      'ManagedDaemonProviderRolloutRoleDefaultPolicyBFC9B2AC',
      'ManagedDaemonProviderWatchdog38A1AEE1',
      'ManagedDaemonProviderWatchdogPermission1C4FED79',
    ]);
  });

  test.each([
    ['every stack', {}],
    ['every app, whatever its feature flags', recommendedFeatureFlags],
  ])('has the same logical ids in %s', (_, context) => {
    stack.addDaemon();
    const other = new StackWithDaemon(new App({ context }), 'Other');
    other.addDaemon('Agent');

    expect(withoutVersion(Object.keys(providerOf(other)))).toEqual(withoutVersion(Object.keys(providerOf(stack))));
  });

  test('exists once per stack', () => {
    stack.addDaemon('First');
    const alone = Object.keys(providerOf(stack));
    const both = new StackWithDaemon();
    both.addDaemon('First');
    both.addDaemon('Second');

    expect(Object.keys(providerOf(both))).toEqual(alone);
  });

  test('stays within its budget of 12 resources and 12.5 KB', () => {
    stack.addDaemon();
    const provider = providerOf(stack);

    expect(Object.keys(provider).length).toBeLessThanOrEqual(12);
    expect(Buffer.byteLength(JSON.stringify(provider, undefined, 1))).toBeLessThanOrEqual(12_500);
  });
});

describe('the functions of the provider', () => {
  beforeEach(() => {
    stack.addDaemon();
  });

  test('include a durable rollout of up to 36 hours, with an engine limit of 37 (FM28)', () => {
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 256,
      Timeout: 300,
      DurableConfig: { ExecutionTimeout: 37 * 3600, RetentionPeriodInDays: 7 },
      Environment: { Variables: { STACK_ID: { Ref: 'AWS::StackId' } } },
      LoggingConfig: { LogGroup: { Ref: 'ManagedDaemonProviderLog6EE8A060' } },
    });
  });

  test('include an ordinary dispatcher, which has the alias of the rollout', () => {
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 256,
      Timeout: 120,
      DurableConfig: Match.absent(),
      Environment: { Variables: { ROLLOUT_ALIAS_ARN: { Ref: 'ManagedDaemonProviderLiveEDE558A7' }, STACK_ID: { Ref: 'AWS::StackId' } } },
      LoggingConfig: { LogGroup: { Ref: 'ManagedDaemonProviderLog6EE8A060' } },
    });
  });

  test('include an alias of the published version, which remains after the next deployment (FM20)', () => {
    Template.fromStack(stack).hasResource('AWS::Lambda::Version', { UpdateReplacePolicy: 'Retain', DeletionPolicy: 'Retain' });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Alias', {
      Name: 'live',
      FunctionVersion: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ManagedDaemonProviderRolloutCurrentVersion'), 'Version'] },
    });
  });

  test('write to one log group, which is deleted with the stack', () => {
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 90 }, DeletionPolicy: 'Delete' });
    Template.fromStack(stack).resourceCountIs('AWS::Logs::LogGroup', 1);
  });

  test('include the watchdog, which invokes the dispatcher for executions without an answer', () => {
    const dispatcher = 'ManagedDaemonProviderDispatcher80D9A1E6';
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        'source': ['aws.lambda'],
        'detail-type': ['Durable Execution Status Change'],
        'detail': {
          status: ['FAILED', 'STOPPED', 'TIMED_OUT'],
          functionArn: [{ prefix: { 'Fn::Sub': '${ManagedDaemonProviderRollout098EA1F9.Arn}:' } }],
        },
      },
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [dispatcher, 'Arn'] } })],
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: dispatcher },
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['ManagedDaemonProviderWatchdog38A1AEE1', 'Arn'] },
    });
  });
});

describe('the permissions of the functions', () => {
  const statementsOf = (id: string): Statement[] =>
    (templateOf(stack).Resources[id].Properties.PolicyDocument as { Statement: Statement[] }).Statement;
  const rolloutStatements = (): Statement[] => statementsOf('ManagedDaemonProviderRolloutRoleDefaultPolicyBFC9B2AC');
  const ecsArn = (resource: string): unknown =>
    ({ 'Fn::Sub': `arn:\${AWS::Partition}:ecs:\${AWS::Region}:\${AWS::AccountId}:${resource}` });
  const ownerIs = (source: 'RequestTag' | 'ResourceTag'): Record<string, unknown> =>
    ({ [`aws:${source}/cdk-ecs-managed-daemons:stack-id`]: { Ref: 'AWS::StackId' } });

  test('allow the rollout writes only on daemons that this stack owns, reads on all, and PassRole on the roles of the task definitions', () => {
    stack.addDaemon();

    expect(rolloutStatements()).toEqual([
      { Effect: 'Allow', Action: 'ecs:CreateDaemon', Resource: ecsArn('daemon/*'), Condition: { StringEquals: ownerIs('RequestTag') } },
      {
        Effect: 'Allow',
        Action: 'ecs:TagResource',
        Resource: ecsArn('daemon/*'),
        Condition: { StringEquals: { ...ownerIs('RequestTag'), 'ecs:CreateAction': 'CreateDaemon' } },
      },
      {
        Effect: 'Allow',
        Action: ['ecs:DeleteDaemon', 'ecs:TagResource', 'ecs:UntagResource', 'ecs:UpdateDaemon'],
        Resource: ecsArn('daemon/*'),
        Condition: { StringEquals: ownerIs('ResourceTag') },
      },
      {
        Effect: 'Allow',
        Action: [
          'ecs:DescribeCapacityProviders', 'ecs:DescribeDaemon', 'ecs:DescribeDaemonDeployments', 'ecs:DescribeDaemonRevisions',
          'ecs:DescribeDaemonTaskDefinition', 'ecs:ListDaemonDeployments',
        ],
        Resource: ['capacity-provider', 'daemon', 'daemon-deployment', 'daemon-revision', 'daemon-task-definition'].map((kind) => ecsArn(`${kind}/*`)),
      },
      { Effect: 'Allow', Action: 'ecs:ListDaemons', Resource: '*', Condition: { ArnLike: { 'ecs:cluster': ecsArn('cluster/*') } } },
      { Effect: 'Allow', Action: ['cloudwatch:DescribeAlarms', 'ecs:ListTagsForResource'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^DaemonTaskDefinitionTaskRole/), 'Arn'] },
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
    ]);
  });

  test('allow the rollout the calls of the engine from the start', () => {
    stack.addDaemon();

    expect(JSON.stringify(templateOf(stack).Resources.ManagedDaemonProviderRolloutRole447DE576.Properties.ManagedPolicyArns))
      .toContain('service-role/AWSLambdaBasicDurableExecutionRolePolicy');
  });

  test('allow the dispatcher executions of the rollout function, and its log', () => {
    stack.addDaemon();

    expect(statementsOf('ManagedDaemonProviderDispatcherRoleDefaultPolicy81885B36')).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': ['ManagedDaemonProviderLog6EE8A060', 'Arn'] },
      },
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { Ref: 'ManagedDaemonProviderLiveEDE558A7' } },
      {
        Effect: 'Allow',
        Action: 'lambda:StopDurableExecution',
        Resource: { 'Fn::Sub': '${ManagedDaemonProviderRollout098EA1F9.Arn}:*/durable-execution/*/*' },
      },
    ]);
    expect(templateOf(stack).Resources.ManagedDaemonProviderDispatcherRoleD2696BBF.Properties.ManagedPolicyArns).toBeUndefined();
  });

  test('allow both to list executions of only the rollout function, and to read the events of their stack', () => {
    stack.addDaemon();

    expect(statementsOf('ManagedDaemonProviderExecutions22482C26')).toEqual([{
      Effect: 'Allow',
      Action: ['lambda:GetDurableExecution', 'lambda:GetDurableExecutionHistory', 'lambda:ListDurableExecutionsByFunction'],
      Resource: [
        { 'Fn::GetAtt': ['ManagedDaemonProviderRollout098EA1F9', 'Arn'] },
        { 'Fn::Sub': '${ManagedDaemonProviderRollout098EA1F9.Arn}:*/durable-execution/*/*' },
      ],
    }, {
      Effect: 'Allow', Action: ['cloudformation:DescribeStackEvents', 'cloudformation:DescribeStacks'], Resource: { Ref: 'AWS::StackId' },
    }]);
    expect(templateOf(stack).Resources.ManagedDaemonProviderExecutions22482C26.Properties.Roles).toEqual([
      { Ref: 'ManagedDaemonProviderDispatcherRoleD2696BBF' }, { Ref: 'ManagedDaemonProviderRolloutRole447DE576' },
    ]);
  });

  describe('include PassRole permissions that', () => {
    const passedRoles = (): unknown[] => rolloutStatements().filter(({ Action }) => Action === 'iam:PassRole').flatMap(({ Resource }) => Resource);

    test('cover an execution role that is created after the daemon', () => {
      const taskDefinition = stack.addTaskDefinition();
      stack.addDaemon('Daemon', { daemonTaskDefinition: taskDefinition });
      taskDefinition.obtainExecutionRole();

      expect(stack.resolve(taskDefinition.passedRoles!.map(({ roleArn }) => roleArn))).toEqual(passedRoles());
      expect(passedRoles()).toHaveLength(2);
    });

    test('contain a role once that several task definitions share', () => {
      const taskRole = new iam.Role(stack, 'Shared', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
      stack.addDaemon('First', { daemonTaskDefinition: stack.addTaskDefinition('FirstTaskDefinition', { taskRole }) });
      stack.addDaemon('Second', { daemonTaskDefinition: stack.addTaskDefinition('SecondTaskDefinition', { taskRole }) });

      expect(passedRoles()).toEqual([stack.resolve(taskRole.roleArn)]);
    });

    test('contain the roles of an imported task definition', () => {
      const daemonTaskDefinitionArn = 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:7';
      const executionRole = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/execution');
      stack.addDaemon('Daemon', {
        daemonTaskDefinition: DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Imported', { daemonTaskDefinitionArn, executionRole }),
      });

      expect(passedRoles()).toEqual(['arn:aws:iam::111122223333:role/execution']);
    });

    test('are omitted if there is no role to pass', () => {
      const daemonTaskDefinitionArn = 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:7';
      stack.addDaemon('Daemon', {
        daemonTaskDefinition: DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Imported', { daemonTaskDefinitionArn }),
      });

      expect(passedRoles()).toEqual([]);
    });

    test.each([
      ['by default', {}],
      ['with minimized policies', { '@aws-cdk/aws-iam:minimizePolicies': true }],
    ])('fit into 8 more policies for 200 daemons, within the limits of IAM, before the functions, %s', (_, context) => {
      stack = new StackWithDaemon(new App({ context }));
      const role = (name: string): iam.IRole => iam.Role.fromRoleArn(stack, name, `arn:aws:iam::111122223333:role/${name.padEnd(64, 'x')}`);
      for (let index = 0; index < 200; index++) {
        const daemonTaskDefinition = DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, `TaskDefinition${index}`, {
          daemonTaskDefinitionArn: `arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent${index}:1`,
          taskRole: role(`Task${index}`),
          executionRole: role(`Execution${index}`),
        });
        stack.addDaemon(`Daemon${index}`, { daemonTaskDefinition });
      }
      const { Resources } = templateOf(stack);
      const policies = (kind: string): string[] => Object.keys(Resources).filter((id) => Resources[id].Type === `AWS::IAM::${kind}`);
      const documentOf = (id: string): string => JSON.stringify(Resources[id].Properties.PolicyDocument);
      const passed = [...policies('Policy'), ...policies('ManagedPolicy')].flatMap((id) => documentOf(id).match(/role\/(Task|Execution)\d+x+/g) ?? []);

      expect(new Set(passed).size).toBe(400);
      expect(policies('ManagedPolicy').length).toBeLessThanOrEqual(8);
      expect(policies('ManagedPolicy').filter((id) => documentOf(id).length > 6144)).toEqual([]);
      expect(documentOf('ManagedDaemonProviderRolloutRoleDefaultPolicyBFC9B2AC').length).toBeLessThanOrEqual(10_240);
      expect((Resources.ManagedDaemonProviderRolloutRole447DE576.Properties.ManagedPolicyArns as unknown[]).length + policies('ManagedPolicy').length)
        .toBeLessThanOrEqual(10);
      expect(Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function')).toHaveLength(2);
      expect(Resources.ManagedDaemonProviderRollout098EA1F9.DependsOn).toEqual(expect.arrayContaining(policies('ManagedPolicy')));
    });
  });
});
