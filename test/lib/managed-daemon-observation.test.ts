import { aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_events_targets as targets, aws_iam as iam, aws_sns as sns, Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonDeploymentStatus, ManagedDaemon, ManagedDaemonAddress, ManagedDaemonGrants } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

const importedArn = 'arn:aws:ecs:eu-west-1:111122223333:daemon/fleet/agent';
let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

const ecsArn = (resource: string, rest: string): unknown => ({
  'Fn::Join': ['', [
    'arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${resource}/`,
    { Ref: expect.stringMatching(/^Cluster/) }, rest,
  ]],
});

describe('a metric of a daemon', () => {
  test.each<[string, (daemon: ManagedDaemon) => cloudwatch.Metric]>([
    ['CPUUtilization', (daemon) => daemon.metricCpuUtilization()],
    ['MemoryUtilization', (daemon) => daemon.metricMemoryUtilization()],
    ['Other', (daemon) => daemon.metric('Other')],
  ])('has the dimensions that AWS documents: %s', (name, metric) => {
    const daemon = stack.addDaemon('Daemon', { daemonName: 'agent' });

    expect(stack.resolve(metric(daemon).toMetricConfig().metricStat)).toMatchObject({
      namespace: 'AWS/ECS',
      metricName: name,
      statistic: 'Average',
      period: Duration.minutes(5),
      dimensions: [{ name: 'ClusterName', value: { Ref: expect.stringMatching(/^Cluster/) } }, { name: 'ServiceName', value: 'daemon:agent' }],
    });
  });

  test('exists for an imported daemon', () => {
    const { dimensions, statistic } = ManagedDaemon.fromDaemonArn(stack, 'Imported', importedArn).metricCpuUtilization({ statistic: 'Maximum' });

    expect({ dimensions, statistic }).toEqual({ dimensions: { ClusterName: 'fleet', ServiceName: 'daemon:agent' }, statistic: 'Maximum' });
  });

  test('can have an alarm that protects the daemon without a circle', () => {
    const daemon = stack.addDaemon('Daemon', { bakeTime: Duration.minutes(5) });
    daemon.addAlarm(daemon.metricCpuUtilization().createAlarm(stack, 'Busy', { threshold: 90, evaluationPeriods: 2 }));

    Template.fromStack(stack).hasResourceProperties('Custom::ECSManagedDaemon', { AlarmNames: [{ Ref: Match.stringLikeRegexp('^Busy') }] });
  });
});

describe('an event rule of a daemon', () => {
  test('matches deployments by status', () => {
    const target = new targets.SnsTopic(new sns.Topic(stack, 'Topic'));
    stack.addDaemon('Daemon', { daemonName: 'agent' }).onDeploymentStateChange('Reverted', {
      statuses: [DaemonDeploymentStatus.ROLLBACK_SUCCESSFUL, DaemonDeploymentStatus.ROLLBACK_FAILED], target, description: 'tells us',
    });
    const [{ Properties: rule }] = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule', { Properties: { Description: 'tells us' } }));

    expect(rule).toMatchObject({
      EventPattern: {
        'source': ['aws.ecs'],
        'detail-type': ['ECS Daemon Deployment State Change'],
        'detail': {
          daemonArn: [ecsArn('daemon', '/agent')],
          eventName: ['DAEMON_DEPLOYMENT_ROLLBACK_SUCCESSFUL', 'DAEMON_DEPLOYMENT_ROLLBACK_FAILED'],
        },
      },
      Targets: [{ Arn: { Ref: expect.stringMatching(/^Topic/) } }],
    });
  });

  test('matches deployments of every status', () => {
    ManagedDaemon.fromDaemonArn(stack, 'Imported', importedArn).onDeploymentStateChange('Any', { ruleName: 'any' });

    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      Name: 'any',
      EventPattern: { 'source': ['aws.ecs'], 'detail-type': ['ECS Daemon Deployment State Change'], 'detail': { daemonArn: [importedArn], eventName: Match.absent() } },
    });
  });

  test('matches tasks that do not start', () => {
    ManagedDaemon.fromDaemonArn(stack, 'Imported', importedArn).onTaskStartImpaired('Impaired');

    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        'source': ['aws.ecs'],
        'detail-type': ['ECS Daemon Service Action'],
        'detail': { daemonArn: [importedArn], eventName: ['DAEMON_TASK_START_IMPAIRED'] },
      },
    });
  });

  test('does not depend on a rollout, so that it matches the first one too', () => {
    const daemon = stack.addDaemon();
    daemon.onDeploymentStateChange('Any');

    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::Events::Rule'))).not.toContain('DaemonArn');
  });
});

describe('a grant of a daemon', () => {
  let role: iam.Role;

  beforeEach(() => {
    role = new iam.Role(stack, 'Operator', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  });

  const statements = (): unknown[] => Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy', {
    Properties: { Roles: [{ Ref: stack.getLogicalId(role.node.defaultChild as iam.CfnRole) }] },
  }))[0].Properties.PolicyDocument.Statement;

  test('to read covers the daemon, its deployments and its revisions', () => {
    ManagedDaemon.fromDaemonArn(stack, 'Imported', importedArn).grants.read(role);

    expect(statements()).toEqual([{
      Effect: 'Allow',
      Action: ['ecs:DescribeDaemon', 'ecs:DescribeDaemonDeployments', 'ecs:DescribeDaemonRevisions', 'ecs:ListDaemonDeployments'],
      Resource: [
        importedArn,
        'arn:aws:ecs:eu-west-1:111122223333:daemon-deployment/fleet/agent/*',
        'arn:aws:ecs:eu-west-1:111122223333:daemon-revision/fleet/agent/*',
      ],
    }]);
  });

  test('to update covers the daemon, and the roles of its task definition, also later ones', () => {
    const daemonTaskDefinition = stack.addTaskDefinition();
    stack.addDaemon('Daemon', { daemonName: 'agent', daemonTaskDefinition }).grants.update(role);
    daemonTaskDefinition.obtainExecutionRole();
    const toEcs = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
    const passRole = (id: string): unknown => (
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: { 'Fn::GetAtt': [expect.stringMatching(id), 'Arn'] }, Condition: toEcs });

    expect(statements()).toEqual([
      { Effect: 'Allow', Action: 'ecs:UpdateDaemon', Resource: ecsArn('daemon', '/agent') },
      passRole('^TaskDefinitionTaskRole'),
      passRole('^TaskDefinitionExecutionRole'),
    ]);
  });

  test('to update a daemon of a lower level covers the listed roles', () => {
    const daemon = new ecs.CfnDaemon(stack, 'Plain');
    const passed = iam.Role.fromRoleArn(stack, 'Passed', 'arn:aws:iam::111122223333:role/agent');
    ManagedDaemonGrants.fromDaemon(daemon, passed).update(role);

    expect(statements()).toEqual([
      { Effect: 'Allow', Action: 'ecs:UpdateDaemon', Resource: { Ref: 'Plain' } },
      expect.objectContaining({ Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/agent' }),
    ]);
  });

  test('may be to the task role, without a dependency on the rollout', () => {
    const daemonTaskDefinition = stack.addTaskDefinition();
    const daemon = stack.addDaemon('Daemon', { daemonTaskDefinition });
    daemon.grants.read(daemonTaskDefinition.taskRole);

    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

test('applications find daemons at addresses that AWS documents', () => {
  expect(ManagedDaemonAddress.IPV4).toBe('169.254.172.2');
  expect(ManagedDaemonAddress.IPV6).toBe('fd00:ec2::172:2');
});
