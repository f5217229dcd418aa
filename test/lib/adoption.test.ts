import { NestedStack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, ManagedDaemon } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
});

const properties = (): Record<string, unknown> => {
  const [resource] = Object.values(Template.fromStack(stack).findResources('Custom::ECSManagedDaemon'));
  return resource.Properties;
};

interface Statement { readonly Action: string; readonly Resource: unknown; readonly Condition: Record<string, Record<string, unknown>> }

const mayTagAnyOwners = (): Statement[] => {
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const statements: Statement[] = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return statements.filter(({ Action, Condition }) => Action === 'ecs:TagResource' && !('ecs:CreateAction' in Condition.StringEquals));
};

test('adoptExisting is sent to the Lambda only if true', () => {
  stack.addDaemon('Daemon', { adoptExisting: true });
  expect(properties()).toMatchObject({ AdoptExisting: true });
});

test.each([[undefined], [false]])('adoptExisting does not change the template if it is %s', (adoptExisting) => {
  stack.addDaemon('Daemon', { adoptExisting });
  expect(properties()).not.toHaveProperty('AdoptExisting');
  expect(mayTagAnyOwners()).toEqual([]);
});

test('adoptExisting grants only the permission to tag that daemon as owned by this stack', () => {
  stack.addDaemon('Daemon', { adoptExisting: true, daemonName: 'agent' });
  expect(mayTagAnyOwners()).toEqual([{
    Effect: 'Allow',
    Action: 'ecs:TagResource',
    Resource: { 'Fn::Join': ['', expect.arrayContaining([expect.stringMatching(/:daemon\/$/), '/agent'])] },
    Condition: { StringEquals: { 'aws:RequestTag/cdk-ecs-managed-daemons:stack-id': { Ref: 'AWS::StackId' } } },
  }]);
});

test('adoptExisting grants the permission before the daemon is requested', () => {
  stack.addDaemon('Daemon', { adoptExisting: true });
  const template = Template.fromStack(stack);
  const [[policyId]] = Object.entries(template.findResources('AWS::IAM::Policy', {
    Properties: { Roles: [{ Ref: Match.stringLikeRegexp('RolloutRole') }] },
  }));
  template.hasResource('AWS::Lambda::Function', {
    Properties: { Description: 'Carries the rollouts of ECS managed daemons' }, DependsOn: Match.arrayWith([policyId]),
  });
});

test.each([[45, undefined], [46, /a daemon can have at most 45 tags, those of its stack included, beside those that tell of its owner and its adoption, got: 46/]])(
  'leaves room for %d tags', (count, message) => {
    stack.addDaemon('Daemon', { adoptExisting: true });
    for (let index = 0; index < count; index++) Tags.of(stack).add(`key${index}`, 'value');
    if (message) expect(() => Template.fromStack(stack)).toThrow(message);
    else expect(() => Template.fromStack(stack)).not.toThrow();
  });

test('adoptExisting fails in a nested stack', () => {
  const nested = new NestedStack(stack, 'Nested');
  expect(() => new ManagedDaemon(nested, 'Daemon', {
    cluster: stack.cluster,
    capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.instances)],
    daemonTaskDefinition: stack.addTaskDefinition(),
    adoptExisting: true,
  })).toThrow('[Stack/Nested/Daemon] adoptExisting must not be true in a nested stack, whose deletion does not tell whether its daemons are to be released');
});
