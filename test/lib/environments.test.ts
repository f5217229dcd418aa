import {
  App, Aws, aws_cloudwatch as cloudwatch, aws_ecs as ecs, NestedStack, Stack, Stage, type StackProps,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, type ManagedDaemonProps } from '../../lib';
import { image, StackWithDaemon } from './stack-with-daemon';

const type = 'Custom::ECSManagedDaemon';
const env = { account: '111122223333', region: 'eu-west-1' };

/** A stack of its own for the daemon and its task definition; the rest comes from elsewhere. */
function stackOfDaemon(scope: App | Stage | NestedStack, rest: Partial<ManagedDaemonProps> & Pick<ManagedDaemonProps, 'cluster'>, props?: StackProps): Stack {
  const stack = scope instanceof NestedStack ? scope : new Stack(scope, 'Agents', props);
  const daemonTaskDefinition = new DaemonTaskDefinition(stack, 'TaskDefinition');
  daemonTaskDefinition.addContainer('agent', { image, memoryLimitMiB: 512 });
  const capacityProviders = [DaemonCapacityProvider.fromCapacityProviderName(stack, 'fleet')];
  new ManagedDaemon(stack, 'Daemon', { capacityProviders, daemonTaskDefinition, ...rest });
  return stack;
}
const imported = { 'Fn::ImportValue': Match.anyValue() };

describe('a daemon of another stack', () => {
  let app: App;
  let owner: StackWithDaemon;

  beforeEach(() => {
    app = new App();
    owner = new StackWithDaemon(app, 'Owner', { env });
  });

  test('may be in another stack than its cluster', () => {
    const stack = stackOfDaemon(app, { cluster: owner.cluster }, { env });

    Template.fromStack(stack).hasResourceProperties(type, { ClusterArn: imported });
    expect(stack.dependencies).toEqual([owner]);
  });

  test('may be in another stack than its capacity provider', () => {
    const stack = stackOfDaemon(app, {
      cluster: owner.cluster, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(owner.instances)],
    }, { env });

    Template.fromStack(stack).hasResourceProperties(type, {
      CapacityProviderArns: [{ 'Fn::Join': ['', Match.arrayWith([`:ecs:${env.region}:${env.account}:capacity-provider/`, imported])] }],
    });
  });

  test('may be in another stack than its deployment alarm', () => {
    const alarm = new cloudwatch.Alarm(owner, 'Alarm', {
      metric: new cloudwatch.Metric({ namespace: 'Agent', metricName: 'Errors' }), threshold: 1, evaluationPeriods: 1,
    });
    const stack = stackOfDaemon(app, { cluster: owner.cluster, alarms: [alarm] }, { env });

    Template.fromStack(stack).hasResourceProperties(type, { AlarmNames: [imported] });
  });
});

test('a daemon may be alone in the app', () => {
  const app = new App();
  const place = new Stack(app, 'Place', { env });
  const cluster = ecs.Cluster.fromClusterArn(place, 'Cluster', 'arn:aws:ecs:eu-west-1:111122223333:cluster/fleet');

  Template.fromStack(stackOfDaemon(app, { cluster }, { env })).hasResourceProperties(type, {
    ClusterArn: 'arn:aws:ecs:eu-west-1:111122223333:cluster/fleet',
    CapacityProviderArns: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecs:eu-west-1:111122223333:capacity-provider/fleet']] }],
  });
});

test('a daemon may have an account and a Region that are known only at deployment', () => {
  const app = new App();
  const cluster = ecs.Cluster.fromClusterArn(new Stack(app, 'Place'), 'Cluster', 'arn:aws:ecs:eu-west-1:111122223333:cluster/fleet');
  const stack = stackOfDaemon(app, { cluster }, { env: { account: Aws.ACCOUNT_ID, region: Aws.REGION } });

  Template.fromStack(stack).hasResourceProperties(type, {
    CapacityProviderArns: [{
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':capacity-provider/fleet']],
    }],
  });
});

test('each stack of each stage has its own provider, with the same logical ids', () => {
  const app = new App();
  const providers = ['Test', 'Production'].map((id) => {
    const stage = new Stage(app, id, { env });
    const stack = new StackWithDaemon(stage);
    stack.addDaemon();
    return Object.keys(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
  });

  expect(providers[0]).toHaveLength(2);
  expect(providers[1]).toEqual(providers[0]);
});

test('a daemon in a nested stack has its provider there', () => {
  const parent = new StackWithDaemon();
  const nested = new NestedStack(parent, 'Nested');
  stackOfDaemon(nested, { cluster: parent.cluster });

  Template.fromStack(nested).resourceCountIs('AWS::Lambda::Function', 2);
  Template.fromStack(nested).hasResourceProperties(type, { ClusterArn: { Ref: Match.stringLikeRegexp('^referencetoStackCluster') } });
  Template.fromStack(parent).resourceCountIs('AWS::Lambda::Function', 0);
});

test('two apps can have daemons on one cluster with different names', () => {
  const [one, two] = ['One', 'Two'].map((id) => new StackWithDaemon(new App(), id).addDaemon().daemonName);

  expect(one).not.toBe(two);
});
