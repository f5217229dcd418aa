import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, aws_iam as iam, Duration, Lazy, NestedStack, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, type ManagedDaemonProps } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

const wrongName = (name: string): string =>
  `[Stack/Daemon] daemonName must have 1 to 255 letters, digits, hyphens and underscores, got: ${JSON.stringify(name)}`;
const wrongTimeout = (timeout: string): string =>
  `[Stack/Daemon] timeout must be a whole number of minutes from 1 to 2160, got: ${timeout}`;

describe('the constructor', () => {
  test.each<[Partial<ManagedDaemonProps>, string]>([
    [{ drainPercent: 0 }, '[Stack/Daemon] drainPercent must be from 1 to 100, got: 0'],
    [{ drainPercent: 0.5 }, '[Stack/Daemon] drainPercent must be from 1 to 100, got: 0.5'],
    [{ drainPercent: 101 }, '[Stack/Daemon] drainPercent must be from 1 to 100, got: 101'],
    [{ drainPercent: NaN }, '[Stack/Daemon] drainPercent must be from 1 to 100, got: NaN'],
    [{ bakeTime: Duration.minutes(1441) }, '[Stack/Daemon] bakeTime must be a whole number of minutes from 0 to 1440, got: 1 day 1 minute'],
    [{ bakeTime: Duration.seconds(90) }, '[Stack/Daemon] bakeTime must be a whole number of minutes from 0 to 1440, got: 1 minute 30 seconds'],
    [{ capacityProviders: [] }, '[Stack/Daemon] capacityProviders must have at least one entry, got: []'],
    [{ daemonName: '' }, wrongName('')],
    [{ daemonName: 'my agent' }, wrongName('my agent')],
    [{ daemonName: 'a'.repeat(256) }, `[Stack/Daemon] daemonName must have at most 255 characters, got: 256 characters in "${'a'.repeat(40)}…"`],
    [{ alarms: [] }, '[Stack/Daemon] alarms must have at least one entry when given, got: []'],
    [{ timeout: Duration.minutes(2161) }, wrongTimeout('1 day 12 hours')],
    [{ timeout: Duration.days(3) }, wrongTimeout('3 days')],
    [{ timeout: Duration.minutes(0) }, wrongTimeout('0 minutes')],
    [{ timeout: Duration.seconds(90) }, wrongTimeout('1 minute 30 seconds')],
    [
      { timeout: Duration.minutes(Lazy.number({ produce: () => 55 })) },
      '[Stack/Daemon] timeout must be known at synth, because the gates that hold the stack for so long are in the template, got: a value that is'
      + ' known only at deployment',
    ],
  ])('for %j', (props, message) => {
    expect(() => stack.addDaemon('Daemon', props)).toThrow(expect.objectContaining({ name: 'ValidationError', message }));
  });

  test.each<[Partial<ManagedDaemonProps>]>([
    [{ drainPercent: 1 }],
    [{ drainPercent: 33.4 }],
    [{ drainPercent: 100 }],
    [{ bakeTime: Duration.minutes(0) }],
    [{ bakeTime: Duration.minutes(1440) }],
    [{ bakeTime: Duration.seconds(120) }],
    [{ daemonName: 'a' }],
    [{ daemonName: `A_b-${'9'.repeat(251)}` }],
    [{ timeout: Duration.minutes(1) }],
    [{ timeout: Duration.minutes(56) }],
    [{ timeout: Duration.minutes(2160) }],
  ])('but not for %j', (props) => {
    expect(() => stack.addDaemon('Daemon', props)).not.toThrow();
  });

  test('fails for a capacity provider that is named twice', () => {
    const twice = (): DaemonCapacityProvider => DaemonCapacityProvider.fromManagedInstances(stack.instances);

    expect(() => stack.addDaemon('Daemon', { capacityProviders: [twice(), twice()] })).toThrow(new Error(
      '[Stack/Daemon] capacityProviders must name each capacity provider once, got more than once: "Stack/Instances"'));
  });

  test('fails for a capacity provider that is named in two ways', () => {
    const capacityProviders = [
      DaemonCapacityProvider.fromManagedInstances(stack.instances),
      DaemonCapacityProvider.fromCapacityProvider(stack.instances.node.defaultChild as ecs.CfnCapacityProvider),
    ];

    expect(() => stack.addDaemon('Daemon', { capacityProviders })).toThrow(/got more than once: "Stack\/Instances\/Instances"/);
  });

  test('fails for a capacity provider that is named by its name and by its ARN', () => {
    const capacityProviders = [
      DaemonCapacityProvider.fromCapacityProviderName(stack, 'managed'),
      DaemonCapacityProvider.fromCapacityProviderArn('arn:aws:ecs:eu-west-1:111122223333:capacity-provider/managed'),
    ];

    expect(() => stack.addDaemon('Daemon', { capacityProviders })).toThrow(/got more than once: "arn:aws:ecs:eu-west-1:111122223333:capacity-provider\/managed"/);
  });

  test.each([
    [{ region: 'us-east-1', account: '111122223333' }, 'us-east-1'],
    [{ region: 'eu-west-1', account: '444455556666' }, '444455556666'],
  ])('fails for an alarm in %j', (env, named) => {
    const app = new App();
    stack = new StackWithDaemon(app, 'Stack', { env: { region: 'eu-west-1', account: '111122223333' } });
    const alarm = cloudwatch.Alarm.fromAlarmName(new Stack(app, 'Elsewhere', { env }), 'Alarm', 'agent-silent');

    expect(() => stack.addDaemon('Daemon', { alarms: [alarm] })).toThrow(new RegExp(
      '\\[Stack/Daemon\\] alarms must be in the account 111122223333 and the Region eu-west-1 of the daemon, got: "Elsewhere/Alarm" in .*' + named));
  });

  test('accepts an alarm with a location that is known only at deployment', () => {
    const alarm = cloudwatch.Alarm.fromAlarmName(new Stack(stack.node.root as App, 'Elsewhere'), 'Alarm', 'agent-silent');

    expect(() => stack.addDaemon('Daemon', { alarms: [alarm] })).not.toThrow();
  });

  test('fails for such an alarm that is added later', () => {
    const app = new App();
    stack = new StackWithDaemon(app, 'Stack', { env: { region: 'eu-west-1', account: '111122223333' } });
    const elsewhere = new Stack(app, 'Elsewhere', { env: { region: 'us-east-1', account: '111122223333' } });
    const daemon = stack.addDaemon();

    expect(() => daemon.addAlarm(cloudwatch.Alarm.fromAlarmName(elsewhere, 'Alarm', 'agent-silent'))).toThrow(
      /\[Stack\/Daemon\] alarms must be in the account 111122223333 and the Region eu-west-1 of the daemon/);
  });

  describe('fails for a task definition', () => {
    const bare = (): ecs.CfnDaemonTaskDefinition => new ecs.CfnDaemonTaskDefinition(stack, 'Bare', {
      family: 'agent', containerDefinitions: [{ name: 'agent', image: 'agent' }],
    });

    const byArn = () => DaemonTaskDefinition.fromDaemonTaskDefinitionArn(
      stack, 'ByArn', 'arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:7');
    const references: [string, () => ecs.IDaemonTaskDefinitionRef, string][] = [
      ['a bare reference', bare, 'Stack/Bare'], ['an import by ARN', byArn, 'Stack/ByArn'],
    ];

    test.each(references)('with unknown roles: %s', (_, reference, path) => {
      expect(() => stack.addDaemon('Daemon', { daemonTaskDefinition: reference() })).toThrow(new Error(
        `[Stack/Daemon] daemonTaskDefinition must tell the roles that a rollout passes to ECS, got a reference without them: "${path}"; use`
        + ' DaemonTaskDefinition.fromDaemonTaskDefinitionAttributes({ taskRole, executionRole }), or list the roles in passedRoles'));
    });

    test.each(references)('unless its roles are listed, or none: %s', (_, reference) => {
      const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/agent');
      const daemonTaskDefinition = reference();
      stack.addDaemon('None', { daemonTaskDefinition, passedRoles: [] });
      stack.addDaemon('Listed', { daemonTaskDefinition, passedRoles: [role] });

      Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/agent' })]) },
      });
    });

    test('of another stack', () => {
      const other = new StackWithDaemon(stack.node.root as App, 'Other');

      expect(() => stack.addDaemon('Daemon', { daemonTaskDefinition: other.addTaskDefinition() })).toThrow(new Error(
        '[Stack/Daemon] daemonTaskDefinition must be defined in the stack of the daemon, got: "Other/TaskDefinition" in the stack "Other"; each edit of'
        + ' a task definition makes a new ARN, and an ARN that another stack imports cannot change: define the task definition beside the daemon'));
    });

    test('unless its stack contains this one, since both are deployed together', () => {
      const daemonTaskDefinition = stack.addTaskDefinition();
      const { cluster, instances } = stack;
      const capacityProviders = [DaemonCapacityProvider.fromManagedInstances(instances)];

      expect(() => new ManagedDaemon(new NestedStack(stack, 'Nested'), 'Daemon', { cluster, capacityProviders, daemonTaskDefinition })).not.toThrow();
    });
  });

  test('with all problems at once', () => {
    const messages = '[Stack/Daemon] daemonName must have 1 to 255 letters, digits, hyphens and underscores, got: "!"\n'
      + '[Stack/Daemon] drainPercent must be from 1 to 100, got: 0\n'
      + '[Stack/Daemon] alarms must have at least one entry when given, got: []';

    expect(() => stack.addDaemon('Daemon', { daemonName: '!', drainPercent: 0, alarms: [] })).toThrow(new Error(messages));
  });

  test('before anything is added to the stack', () => {
    expect(() => stack.addDaemon('Daemon', { daemonTaskDefinition: stack.addTaskDefinition(), drainPercent: 0 })).toThrow();

    expect(stack.node.tryFindChild('ManagedDaemonProvider')).toBeUndefined();
  });
});

describe('synth of a daemon', () => {
  const numberedTags = (count: number): { [key: string]: string } => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 'value']));

  test.each<[string, { [key: string]: string }, RegExp]>([
    ['too many tags', numberedTags(49), /\[Stack\/Daemon\] a daemon can have at most 48 tags, those of its stack included, beside the two that name its owner, got: 49/],
    ['a reserved key', { 'aws:team': 'x' }, /\[Stack\/Daemon\] the key of a tag must not begin with "aws:" or "cdk-ecs-managed-daemons:", which are reserved, got: "aws:team"/],
    ['a reserved key in capitals', { 'AWS:team': 'x' }, /which are reserved, got: "AWS:team"/],
    ['our own key', { 'cdk-ecs-managed-daemons:stack-id': 'x' }, /which are reserved, got: "cdk-ecs-managed-daemons:stack-id"/],
    ['a key that is too long', { ['k'.repeat(129)]: 'x' }, /the key of a tag must have 1 to 128 characters, got: 129 characters/],
    ['a value that is too long', { team: 'v'.repeat(257) }, /the value of a tag must have at most 256 characters, got: 257 characters in the value of "team"/],
  ])('for %s', (_, tags, message) => {
    stack.addDaemon('Daemon', { tags });

    expect(() => Template.fromStack(stack)).toThrow(message);
  });

  test('fails for too many tags of the stack and the property together', () => {
    stack = new StackWithDaemon(new App(), 'Stack', { tags: numberedTags(48) });
    stack.addDaemon('Daemon', { tags: { one: 'more' } });

    expect(() => Template.fromStack(stack)).toThrow(/at most 48 tags, those of its stack included, beside the two that name its owner, got: 49/);
  });

  test('fails for too many tags of Tags.of() and the property together', () => {
    stack.addDaemon('Daemon', { tags: numberedTags(48) });
    Tags.of(stack).add('one', 'more');

    expect(() => Template.fromStack(stack)).toThrow(/got: 49/);
  });

  test('accepts the maximum number of tags, and the longest ones', () => {
    stack.addDaemon('Daemon', { tags: { ...numberedTags(47), ['k'.repeat(128)]: 'v'.repeat(256) } });

    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('fails for a capacity provider that belongs to no cluster', () => {
    stack.addDaemon('Daemon', { capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.addInstances('Stray'))] });

    expect(() => stack.node.validate()).not.toThrow();
    expect(stack.node.findChild('Daemon').node.validate()).toEqual([
      'the capacity provider "Stack/Stray" must belong to a cluster, got: none (use cluster.addManagedInstancesCapacityProvider)',
    ]);
  });
});

test('a daemon accepts one alarm and several', () => {
  const alarm = cloudwatch.Alarm.fromAlarmName(stack, 'Alarm', 'agent-silent');

  expect(() => stack.addDaemon('Daemon', { alarms: [alarm], bakeTime: Duration.minutes(5) })).not.toThrow();
});
