import { App, aws_iam as iam, aws_kms as kms, aws_logs as logs, Stage, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ManagedDaemonProvider, type ManagedDaemonProviderProps } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

let app: App;
let stage: Stage;
let stack: StackWithDaemon;

beforeEach(() => {
  app = new App();
  stage = new Stage(app, 'Stage');
  stack = new StackWithDaemon(stage);
});

const logGroup = (): Record<string, unknown> => Object.values(Template.fromStack(stack).findResources('AWS::Logs::LogGroup'))[0].Properties ?? {};
const { ONE_DAY, ONE_WEEK, ONE_YEAR, INFINITE } = logs.RetentionDays;

describe('the settings of a provider', () => {
  test.each([['before', true], ['after', false]])('can be stated %s the first daemon', (_, first) => {
    if (first) ManagedDaemonProvider.configure(stack, { logRetention: ONE_WEEK });
    stack.addDaemon();
    if (!first) ManagedDaemonProvider.configure(stack, { logRetention: ONE_WEEK });

    expect(logGroup()).toEqual({ RetentionInDays: 7 });
  });

  test('have defaults', () => {
    stack.addDaemon();

    expect(logGroup()).toEqual({ RetentionInDays: 90 });
  });

  test('can be a log that is kept forever', () => {
    stack.addDaemon();
    ManagedDaemonProvider.configure(stack, { logRetention: INFINITE });

    expect(logGroup()).toEqual({});
  });

  test('can be a key for the log', () => {
    stack.addDaemon();
    ManagedDaemonProvider.configure(stack, { logEncryptionKey: new kms.Key(stack, 'Key') });

    expect(logGroup()).toEqual({ RetentionInDays: 90, KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] } });
  });

  test('are those of the app, of the stage, of the stack: the nearest hold', () => {
    stack.addDaemon();
    ManagedDaemonProvider.configure(app, { logRetention: ONE_DAY });
    expect(ManagedDaemonProvider._settingsOf(stack)).toEqual({ logRetention: ONE_DAY });

    ManagedDaemonProvider.configure(stage, { logRetention: ONE_YEAR });
    expect(ManagedDaemonProvider._settingsOf(stack)).toEqual({ logRetention: ONE_YEAR });

    ManagedDaemonProvider.configure(stack, { logRetention: ONE_WEEK });
    expect(logGroup()).toEqual({ RetentionInDays: 7 });
  });

  test.each<[ManagedDaemonProviderProps, string]>([
    [{ logRetention: ONE_DAY }, '{"logRetention":1}'],
    [{}, '{}'],
  ])('cannot be stated twice in different ways: %j', (props, got) => {
    ManagedDaemonProvider.configure(stack, { logRetention: ONE_WEEK });

    expect(() => ManagedDaemonProvider.configure(stack, props)).toThrow(expect.objectContaining({
      name: 'ValidationError',
      message: `[Stage/Stack] ManagedDaemonProvider.configure() was called before with other settings: {"logRetention":7}, got: ${got}`,
    }));
  });

  test('can be stated twice in the same way', () => {
    const logEncryptionKey = new kms.Key(stack, 'Key');
    const configure = (): void => ManagedDaemonProvider.configure(stack, { logRetention: ONE_WEEK, logEncryptionKey });
    configure();

    expect(configure).not.toThrow();
  });

  test('are not those of a part of a stack', () => {
    expect(() => ManagedDaemonProvider.configure(stack.cluster, {})).toThrow(
      new Error('[Stage/Stack/Cluster] ManagedDaemonProvider.configure() needs a stack, a stage or an app'));
  });
});

describe("CDK's usual ways reach the provider", () => {
  beforeEach(() => {
    stack.addDaemon();
  });

  test('a permissions boundary', () => {
    iam.PermissionsBoundary.of(stack).apply(iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'));

    Template.fromStack(stack).allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() });
  });

  test('tags', () => {
    Tags.of(stack).add('team', 'platform');

    Template.fromStack(stack).allResourcesProperties('AWS::Lambda::Function', { Tags: [{ Key: 'team', Value: 'platform' }] });
  });

  test('tracing is off', () => {
    Template.fromStack(stack).allResourcesProperties('AWS::Lambda::Function', { TracingConfig: Match.absent() });
  });
});
