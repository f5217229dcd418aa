import { App, RemovalPolicies, RemovalPolicy } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { StackWithDaemon } from './stack-with-daemon';

const oldRevisions = 'older revisions are deleted although retainOldRevisions is true';
const daemon = 'the daemon is deleted with its resource although its removalPolicy is to retain it';
const versions = 'a deployment that changes the rollout function deletes the version that running rollouts need';

let stack: StackWithDaemon;

beforeEach(() => {
  stack = new StackWithDaemon(new App(), 'Stack');
});

const warningsOf = (path: string, text: string): number =>
  Annotations.fromStack(stack).findWarning(path, Match.stringLikeRegexp(text)).length;

describe('RemovalPolicies.of(stack).destroy()', () => {
  test('causes a warning if older revisions of a task definition should be retained', () => {
    stack.addTaskDefinition('Task');
    RemovalPolicies.of(stack).destroy();

    expect(warningsOf('/Stack/Task', oldRevisions)).toBe(1);
  });

  test('causes a warning about the versions of the rollout function', () => {
    stack.addDaemon();
    RemovalPolicies.of(stack).destroy();

    expect(warningsOf('/Stack/ManagedDaemonProvider', versions)).toBe(1);
  });

  test.each([RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])('causes a warning if the removal policy of a daemon is %s', (removalPolicy) => {
    stack.addDaemon('Daemon', { removalPolicy });
    RemovalPolicies.of(stack).destroy();

    expect(warningsOf('/Stack/Daemon', daemon)).toBe(1);
  });

  test('causes no warning if it excludes the retained resources', () => {
    stack.addDaemon('Daemon', { removalPolicy: RemovalPolicy.RETAIN });
    const excludeResourceTypes = ['AWS::ECS::DaemonTaskDefinition', 'AWS::Lambda::Version', 'Custom::ECSManagedDaemon'];
    RemovalPolicies.of(stack).destroy({ excludeResourceTypes });

    expect(warningsOf('*', 'RemovalPolicies')).toBe(0);
  });

  test('causes no warning about a daemon that should be deleted', () => {
    stack.addDaemon('Daemon', { removalPolicy: RemovalPolicy.DESTROY });
    RemovalPolicies.of(stack).destroy();

    expect(warningsOf('/Stack/Daemon', daemon)).toBe(0);
  });
});

test.each([RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, undefined])('a removal policy %s alone causes no warning', (removalPolicy) => {
  stack.addDaemon('Daemon', { removalPolicy });

  expect(warningsOf('*', 'RemovalPolicies')).toBe(0);
});
