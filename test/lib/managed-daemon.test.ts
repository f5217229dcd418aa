import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, Duration, Fn, Lazy, NestedStack, RemovalPolicy, Stack, Tags, type CfnResource } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, DaemonTagPropagation, DaemonTaskDefinition, PreflightAlarmPolicy, ManagedDaemon } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

const type = 'Custom::ECSManagedDaemon';
let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

const properties = (): Record<string, unknown> => Object.values(Template.fromStack(stack).findResources(type))[0].Properties;
const byName = (name: string): DaemonCapacityProvider => DaemonCapacityProvider.fromCapacityProviderName(stack, name);
const byArn = (name: string): DaemonCapacityProvider =>
  DaemonCapacityProvider.fromCapacityProviderArn(`arn:aws:ecs:eu-west-1:111122223333:capacity-provider/${name}`);
const permission = Match.stringLikeRegexp('^ManagedDaemonProviderWatchdogPermission');

describe('the rendered daemon', () => {
  test('contains every property of the contract, defaults included (R5)', () => {
    stack.addDaemon();

    expect(properties()).toEqual({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^ManagedDaemonProviderDispatcher/), 'Arn'] },
      ServiceTimeout: 3600,
      ContractVersion: '1',
      ClusterArn: { 'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'Arn'] },
      DaemonName: expect.stringMatching(/^Stack-Daemon-[0-9A-F]{8}$/),
      DaemonTaskDefinitionArn: { 'Fn::GetAtt': [expect.stringMatching(/^DaemonTaskDefinition/), 'DaemonTaskDefinitionArn'] },
      CapacityProviderArns: [{
        'Fn::Join': ['', [
          'arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':capacity-provider/',
          { Ref: expect.stringMatching(/^Instances/) },
        ]],
      }],
      DrainPercent: 25,
      BakeTimeInMinutes: 0,
      AlarmNames: [],
      PropagateTags: 'NONE',
      EnableECSManagedTags: false,
      EnableExecuteCommand: false,
      Critical: true,
      Tags: [],
      RolloutToken: '',
      TimeoutInMinutes: 55,
    });
  });

  test('contains the given properties', () => {
    stack.addDaemon('Daemon', {
      daemonName: 'agent',
      drainPercent: 50,
      bakeTime: Duration.minutes(15),
      alarms: [cloudwatch.Alarm.fromAlarmName(stack, 'Alarm', 'agent-silent')],
      critical: false,
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      propagateTags: DaemonTagPropagation.DAEMON,
      tags: { team: 'platform' },
      timeout: Duration.minutes(50),
      rolloutToken: '2026-11-22',
    });

    expect(properties()).toMatchObject({
      DaemonName: 'agent',
      DrainPercent: 50,
      BakeTimeInMinutes: 15,
      AlarmNames: ['agent-silent'],
      Critical: false,
      EnableECSManagedTags: true,
      EnableExecuteCommand: true,
      PropagateTags: 'DAEMON',
      Tags: [{ key: 'team', value: 'platform' }],
      TimeoutInMinutes: 50,
      RolloutToken: '2026-11-22',
    });
  });

  test.each([
    [undefined, undefined, {}],
    [PreflightAlarmPolicy.FAIL, undefined, {}],
    [PreflightAlarmPolicy.WAIT, PreflightAlarmPolicy.WAIT, { PreflightAlarmInAlarm: 'WAIT', PreflightAlarmWithoutData: 'WAIT' }],
    [PreflightAlarmPolicy.PROCEED, PreflightAlarmPolicy.FAIL, { PreflightAlarmInAlarm: 'PROCEED', PreflightAlarmWithoutData: 'FAIL' }],
    [undefined, PreflightAlarmPolicy.PROCEED, { PreflightAlarmWithoutData: 'PROCEED' }],
  ])('omits a preflight policy with its default: %s, %s', (alarmInAlarm, alarmWithoutData, expected) => {
    stack.addDaemon('Daemon', { preflight: { alarmInAlarm, alarmWithoutData } });

    expect(Object.fromEntries(Object.entries(properties()).filter(([key]) => key.startsWith('Preflight')))).toEqual(expected);
  });

  test('names alarms of the app by reference, on metrics, composite and on logs', () => {
    const silent = new cloudwatch.Alarm(stack, 'Silent', {
      metric: new cloudwatch.Metric({ namespace: 'CWAgent', metricName: 'mem_used_percent' }), threshold: 1, evaluationPeriods: 1,
    });
    const any = new cloudwatch.CompositeAlarm(stack, 'Any', { alarmRule: cloudwatch.AlarmRule.anyOf(silent) });
    const log = new cloudwatch.CfnLogAlarm(stack, 'Log', {
      queryResultsToAlarm: 1, queryResultsToEvaluate: 1, threshold: 5, comparisonOperator: 'GreaterThanThreshold',
      scheduledQueryConfiguration: {
        queryString: 'fields @message', aggregationExpression: 'count(*)', logGroupIdentifiers: ['app'],
        scheduledQueryRoleArn: 'arn:aws:iam::123456789012:role/queries',
        scheduleConfiguration: { scheduleExpression: 'rate(1 minute)', startTimeOffset: 60 },
      },
    });
    const errors = cloudwatch.Alarm.fromAlarmName(stack, 'Errors', log.ref);
    stack.addDaemon('Daemon', { alarms: [silent, any, errors], bakeTime: Duration.minutes(5) });

    const names = properties().AlarmNames as object[];
    expect(names).toHaveLength(3);
    expect(names).toEqual(expect.arrayContaining([{ Ref: expect.stringMatching(/^Silent/) }, { Ref: expect.stringMatching(/^Any/) }, { Ref: 'Log' }]));
  });

  test('accepts capacity providers of every kind', () => {
    const plain = new ecs.CfnCapacityProvider(stack, 'Plain', { name: 'plain' });
    stack.addDaemon('Daemon', {
      capacityProviders: [
        DaemonCapacityProvider.fromManagedInstances(stack.instances),
        DaemonCapacityProvider.fromCapacityProvider(plain),
        DaemonCapacityProvider.fromCapacityProviderArn('arn:aws:ecs:eu-west-1:111122223333:capacity-provider/other'),
        DaemonCapacityProvider.fromCapacityProviderName(stack, 'named'),
      ],
    });

    const arns = (properties().CapacityProviderArns as unknown[]).map((arn) => JSON.stringify(arn));
    expect(arns).toHaveLength(4);
    expect(arns).toEqual(expect.arrayContaining([
      expect.stringMatching(/:capacity-provider\/.*{"Ref":"Instances/),
      expect.stringMatching(/:capacity-provider\/.*{"Ref":"Plain"}/),
      '"arn:aws:ecs:eu-west-1:111122223333:capacity-provider/other"',
      expect.stringContaining(':capacity-provider/named'),
    ]));
  });

  test.each(['FARGATE', 'FARGATE_SPOT'])('has no daemon to %s', (name) => {
    expect(() => DaemonCapacityProvider.fromCapacityProviderName(stack, name)).toThrow(
      new Error(`[Stack] capacityProviderName must be that of a capacity provider of Managed Instances, got: "${name}"`));
  });

  test('accepts a cluster of a lower level', () => {
    stack.addDaemon('Daemon', {
      cluster: new ecs.CfnCluster(stack, 'Plain'),
      capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn('arn:aws:ecs:eu-west-1:111122223333:capacity-provider/plain')],
    });

    expect(properties()).toMatchObject({ ClusterArn: { 'Fn::GetAtt': ['Plain', 'Arn'] } });
  });

  test('contains alarms that are added later with those of the property, each once', () => {
    const [one, two, three] = ['one', 'two', 'three'].map((name) => cloudwatch.Alarm.fromAlarmName(stack, name, name));
    const daemon = stack.addDaemon('Daemon', { alarms: [one], bakeTime: Duration.minutes(5) });
    daemon.addAlarm(two, one);
    daemon.addAlarm();
    daemon.addAlarm(three);

    expect(properties().AlarmNames).toEqual(['one', 'three', 'two']);
  });

  test.each([
    [RemovalPolicy.RETAIN, 'Retain', 'Retain'],
    [RemovalPolicy.DESTROY, 'Delete', 'Delete'],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', 'Retain'],
  ])('honours the removal policy %s', (removalPolicy, DeletionPolicy, UpdateReplacePolicy) => {
    stack.addDaemon('Daemon', { removalPolicy });

    Template.fromStack(stack).hasResource(type, { DeletionPolicy, UpdateReplacePolicy });
  });

  test('has no removal policy unless stated, so that CloudFormation deletes the daemon', () => {
    stack.addDaemon();

    Template.fromStack(stack).hasResource(type, { DeletionPolicy: Match.absent(), UpdateReplacePolicy: Match.absent() });
  });

  test('is the default child, so that it can be overridden', () => {
    const resource = stack.addDaemon().node.defaultChild as CfnResource;
    resource.addPropertyOverride('DrainPercent', 33);

    expect(resource.cfnResourceType).toBe(type);
    expect(properties()).toMatchObject({ DrainPercent: 33 });
  });

  test('passes on numbers that are known only at deployment', () => {
    const later = (): number => Lazy.number({ produce: () => 40 });
    stack.addDaemon('Daemon', { drainPercent: later(), bakeTime: Duration.minutes(later()) });

    expect(properties()).toMatchObject({ DrainPercent: 40, BakeTimeInMinutes: 40 });
  });
});

describe('the attributes of a daemon', () => {
  test('include ARNs as references, so that their users depend on the rollout', () => {
    const { daemonArn, daemonRef, deploymentArn, rolloutArn, revisionArn } = stack.addDaemon();
    const reference = (name: string): unknown => ({ 'Fn::GetAtt': [expect.stringMatching(/^Daemon/), name] });

    expect(stack.resolve([daemonArn, daemonRef.daemonArn, deploymentArn, rolloutArn, revisionArn])).toEqual(
      [reference('DaemonArn'), reference('DaemonArn'), reference('DeploymentArn'), reference('RolloutArn'), reference('RevisionArn')]);
  });

  test('include the name as a concrete string, so that an alarm on the daemon can protect it', () => {
    expect(stack.addDaemon('First', { daemonName: 'agent' }).daemonName).toBe('agent');
    expect(stack.addDaemon('Second').daemonName).toMatch(/^Stack-Second-[0-9A-F]{8}$/);
  });

  test('include a name of at most 255 characters for a long path', () => {
    expect(stack.addDaemon('x'.repeat(255)).daemonName).toMatch(/^[A-Za-z0-9_-]{200,255}$/);
  });

  test('include the name of an imported daemon', () => {
    const arn = 'arn:aws:ecs:eu-west-1:111122223333:daemon/cluster/agent';
    const imported = ManagedDaemon.fromDaemonArn(stack, 'Imported', arn);

    expect(imported.daemonName).toBe('agent');
    expect(imported.daemonRef).toEqual({ daemonArn: arn });
    expect(imported.env).toEqual({ account: '111122223333', region: 'eu-west-1' });
  });

  test('include the ARN of a daemon that is imported by name', () => {
    const cluster = ecs.Cluster.fromClusterArn(stack, 'Imported', 'arn:aws:ecs:eu-west-1:111122223333:cluster/fleet');
    const imported = ManagedDaemon.fromManagedDaemonAttributes(stack, 'Agent', { daemonName: 'agent', cluster });

    expect(stack.resolve(imported.daemonArn)).toEqual(
      { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecs:eu-west-1:111122223333:daemon/fleet/agent']] });
    expect(imported.metricCpuUtilization().dimensions).toMatchObject({ ClusterName: expect.anything() });
  });

  test('distinguish a daemon from other constructs', () => {
    expect(ManagedDaemon.isManagedDaemon(stack.addDaemon())).toBe(true);
    expect(ManagedDaemon.isManagedDaemon(stack)).toBe(false);
  });

  test('include the name of an imported daemon with an ARN that is known only at deployment', () => {
    const imported = ManagedDaemon.fromDaemonArn(stack, 'Imported', Fn.importValue('agent'));

    expect(stack.resolve(imported.daemonName)).toEqual({ 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::ImportValue': 'agent' }] }] });
  });
});

describe('the tags of a daemon', () => {
  test('include those of Tags.of() and of the property', () => {
    stack.addDaemon('Daemon', { tags: { team: 'platform' } });
    Tags.of(stack).add('stage', 'test');

    expect(properties().Tags).toEqual([{ key: 'stage', value: 'test' }, { key: 'team', value: 'platform' }]);
  });

  test('include those of Tags.of() rather than those of the property', () => {
    const daemon = stack.addDaemon('Daemon', { tags: { team: 'platform' } });
    Tags.of(daemon).add('team', 'observability');

    expect(properties().Tags).toEqual([{ key: 'team', value: 'observability' }]);
  });

  test('include those of the stack, which the daemon gets in no other way', () => {
    stack = new StackWithDaemon(new App(), 'Stack', { tags: { team: 'platform', stage: 'test' } });
    stack.addDaemon('Daemon', { tags: { stage: 'prod' } });

    expect(properties()).toMatchObject({ Tags: [{ key: 'stage', value: 'prod' }, { key: 'team', value: 'platform' }] });
    expect(properties()).not.toHaveProperty('ExcludedStackTags');
  });

  test('include those that are added to the stack after the daemon', () => {
    stack.addDaemon();
    stack.tags.setTag('team', 'platform');
    Tags.of(stack).add('stage', 'test', { includeResourceTypes: ['aws:cdk:stack'] });

    expect(properties().Tags).toEqual([{ key: 'stage', value: 'test' }, { key: 'team', value: 'platform' }]);
  });

  test('include those of the parent of a nested stack', () => {
    stack = new StackWithDaemon(new App(), 'Stack', { tags: { team: 'platform' } });
    const { cluster, instances } = stack;
    const nested = new NestedStack(stack, 'Nested');
    new ManagedDaemon(nested, 'Daemon', {
      cluster,
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(instances)],
      daemonTaskDefinition: stack.addTaskDefinition(),
    });

    Template.fromStack(nested).hasResourceProperties(type, { Tags: [{ key: 'team', value: 'platform' }] });
  });

  test.each([
    [{ includeResourceTypes: ['AWS::ECS::Daemon'] }, [{ key: 'team', value: 'platform' }]],
    [{ includeResourceTypes: ['AWS::ECS::Service'] }, []],
    [{ excludeResourceTypes: ['AWS::ECS::Service'] }, [{ key: 'team', value: 'platform' }]],
    [{ excludeResourceTypes: ['AWS::ECS::Daemon'] }, []],
  ])('are filtered by the type of the daemon: %j', (filter, tags) => {
    stack.addDaemon();
    Tags.of(stack).add('team', 'platform', filter);

    expect(properties().Tags).toEqual(tags);
  });

  test.each([
    [{}, ['team']],
    [{ '@aws-cdk/core:explicitStackTags': true }, undefined],
  ])('are sent with the excluded tags of the stack, which the rollout reads: %j', (context, excluded) => {
    stack = new StackWithDaemon(new App({ context }));
    stack.addDaemon();
    Tags.of(stack).add('team', 'platform', { excludeResourceTypes: ['AWS::ECS::Daemon'] });

    expect(properties().ExcludedStackTags).toEqual(excluded);
  });

  test('omit those of the stack with values that are known only at deployment, like CDK', () => {
    stack = new StackWithDaemon(new App(), 'Stack', { tags: { team: Lazy.string({ produce: () => 'platform' }) } });
    stack.addDaemon();

    expect(properties().Tags).toEqual([]);
  });

  test('can be removed', () => {
    const daemon = stack.addDaemon();
    Tags.of(stack).add('stage', 'test');
    Tags.of(daemon).remove('stage');

    expect(properties().Tags).toEqual([]);
  });
});

describe('the order of a daemon', () => {
  test('has one dependency, which stands for the whole provider', () => {
    stack.addDaemon();

    Template.fromStack(stack).hasResource(type, { DependsOn: [permission] });
  });

  test('follows the association of its capacity providers, if there is one (R43)', () => {
    stack.addDaemon();
    stack.cluster.addDefaultCapacityProviderStrategy([{ capacityProvider: stack.instances.capacityProviderName }]);

    Template.fromStack(stack).resourceCountIs('AWS::ECS::ClusterCapacityProviderAssociations', 1);
    Template.fromStack(stack).hasResource(type, { DependsOn: [Match.stringLikeRegexp('^Cluster[0-9A-F]+$'), permission] });
  });

  test('keeps dependencies of the user', () => {
    const first = stack.addDaemon('First');
    const second = stack.addDaemon('Second');
    second.node.addDependency(first);

    Template.fromStack(stack).hasResource(type, {
      Properties: { DaemonName: second.daemonName }, DependsOn: [Match.stringLikeRegexp('^First'), permission],
    });
  });

  test('makes dependents of the daemon depend on its custom resource', () => {
    const daemon = stack.addDaemon();
    new ecs.CfnCluster(stack, 'Later').node.addDependency(daemon);

    Template.fromStack(stack).hasResource('AWS::ECS::Cluster', { DependsOn: [stack.getLogicalId(daemon.node.defaultChild as CfnResource)] });
  });
});

describe('roles', () => {
  test('the task role gets the permissions for ECS Exec if enabled', () => {
    stack.addDaemon('Daemon', { enableExecuteCommand: true });

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: Match.arrayWith(['ssmmessages:OpenDataChannel']), Resource: '*' })] },
      Roles: [{ Ref: Match.stringLikeRegexp('^DaemonTaskDefinitionTaskRole') }],
    });
  });

  test('the task role gets no permissions without ECS Exec', () => {
    stack.addDaemon();

    expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('^DaemonTaskDefinitionTaskRole') }] },
    }))).toEqual([]);
  });
});

describe('a warning', () => {
  const alarms = (): cloudwatch.IAlarmRef[] => [cloudwatch.Alarm.fromAlarmName(stack, 'Alarm', 'agent-silent')];

  test('is given for alarms without a bake time', () => {
    stack.addDaemon('Daemon', { alarms: alarms() });

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', Match.stringLikeRegexp('the alarms are watched only until the last batch is through'));
  });

  test('is given for alarms that are added later without a bake time', () => {
    stack.addDaemon().addAlarm(...alarms());

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', Match.stringLikeRegexp('the alarms are watched only until the last batch is through'));
  });

  test('is given for a bake time without alarms', () => {
    stack.addDaemon('Daemon', { bakeTime: Duration.minutes(5) });

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', Match.stringLikeRegexp('bakeTime makes each rollout longer and guards nothing'));
  });

  test('is not given for a bake time if alarms are added later', () => {
    stack.addDaemon('Daemon', { bakeTime: Duration.minutes(5) }).addAlarm(...alarms());

    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test.each([[51, true], [100, true], [50, false]])('is given for a drain percent of %d: %s', (drainPercent, warned) => {
    stack.addDaemon('Daemon', { drainPercent });
    const warnings = Annotations.fromStack(stack).findWarning('/Stack/Daemon', Match.stringLikeRegexp(
      `a rollout drains ${drainPercent} percent of the instances at the same time`));

    expect(warnings).toHaveLength(warned ? 1 : 0);
  });

  test('is given for a family of two task definitions', () => {
    stack.addDaemon('First', { daemonTaskDefinition: stack.addTaskDefinition('One', { family: 'agent' }) });
    stack.addDaemon('Second', { daemonTaskDefinition: stack.addTaskDefinition('Two', { family: 'agent' }) });

    Annotations.fromStack(stack).hasWarning('/Stack/Second', Match.stringLikeRegexp(
      'the family "agent" also has the revisions that the daemon "Stack/First" runs, from another task definition'));
    Annotations.fromStack(stack).hasNoWarning('/Stack/First', Match.anyValue());
  });

  test('is given for a task definition that runs twice on the same instances, for any form of the capacity provider', () => {
    const daemonTaskDefinition = stack.addTaskDefinition('One', { family: 'agent' });
    stack.addDaemon('First', { daemonTaskDefinition, capacityProviders: [byName('other'), byName('managed')] });
    stack.addDaemon('Second', { daemonTaskDefinition, capacityProviders: [byArn('managed')] });

    Annotations.fromStack(stack).hasWarning('/Stack/Second', Match.stringLikeRegexp(
      'the daemon "Stack/First" runs the same task definition of the family "agent" on a capacity provider of this one'));
    Annotations.fromStack(stack).hasNoWarning('/Stack/First', Match.anyValue());
  });

  test('is not given for a task definition of daemons on different instances', () => {
    const daemonTaskDefinition = stack.addTaskDefinition();
    stack.addDaemon('First', { daemonTaskDefinition, capacityProviders: [byName('managed')] });
    stack.addDaemon('Second', { daemonTaskDefinition, capacityProviders: [byName('other')] });

    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('is given for ECS Exec with an imported task definition', () => {
    const daemonTaskDefinition = DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(stack, 'Elsewhere', {
      daemonTaskDefinitionArn: 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:7',
    });
    stack.addDaemon('Daemon', { daemonTaskDefinition, enableExecuteCommand: true });

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', Match.stringLikeRegexp('only if its task role allows the ssmmessages actions'));
  });

  test('is given for a timeout below the estimate', () => {
    stack.addDaemon('Daemon', { timeout: Duration.minutes(39) });

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', Match.stringLikeRegexp(
      'a rollout with these settings is estimated at up to 40 minutes \\(4 batches of 10 minutes\\), more than the timeout of 39 minutes'));
  });

  test('is given for a timeout below the estimate with a bake after each batch (A11)', () => {
    stack.addDaemon('Daemon', { alarms: alarms(), bakeTime: Duration.minutes(20), timeout: Duration.minutes(119) });

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', Match.stringLikeRegexp(
      'estimated at up to 120 minutes \\(4 batches of 10 minutes, each followed by a bake of 20, since AWS does not say that there is only one\\),'
      + ' more than the timeout of 119 minutes'));
  });

  test('is given for an estimate above every timeout', () => {
    stack.addDaemon('Daemon', { alarms: alarms(), bakeTime: Duration.hours(24) });

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', Match.stringLikeRegexp('more than the longest timeout of 2160 minutes'));
  });

  test.each([
    ['drain percent', { drainPercent: Lazy.number({ produce: () => 10 }) }],
    ['bake time', { bakeTime: Duration.minutes(Lazy.number({ produce: () => 10 })) }],
  ])('is given for a %s that is known only at deployment, without a timeout', (_, props) => {
    stack.addDaemon('Daemon', props);
    stack.addDaemon('WithTimeout', { ...props, timeout: Duration.hours(2) });

    Annotations.fromStack(stack).hasWarning('/Stack/Daemon', Match.stringLikeRegexp(
      'how long a rollout takes is known only at deployment, and it has 55 minutes; set timeout'));
    Annotations.fromStack(stack).hasNoWarning('/Stack/WithTimeout', Match.anyValue());
  });

  test('is not given for valid settings', () => {
    stack.addDaemon('Daemon', { alarms: alarms(), bakeTime: Duration.minutes(1), timeout: Duration.minutes(45) });

    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    Annotations.fromStack(stack).hasNoInfo('*', Match.anyValue());
  });
});

test('a daemon refers to a cluster of another stack across stacks', () => {
  const app = new App();
  const owner = new StackWithDaemon(app, 'Owner');
  const user = new Stack(app, 'User');
  new ManagedDaemon(user, 'Daemon', {
    cluster: owner.cluster,
    capacityProviders: [DaemonCapacityProvider.fromManagedInstances(owner.instances)],
    daemonTaskDefinition: DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes(user, 'TaskDefinition', {
      daemonTaskDefinitionArn: 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:7',
    }),
  });

  Template.fromStack(user).hasResourceProperties(type, { ClusterArn: { 'Fn::ImportValue': Match.anyValue() } });
});
