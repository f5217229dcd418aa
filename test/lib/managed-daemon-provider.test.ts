import {
  App, Aspects, aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_logs as logs, PermissionsBoundary, Stage, Tags, type Stack,
} from 'aws-cdk-lib';
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

interface Statement { readonly Action: string | string[]; readonly Resource: unknown }

interface FunctionProperties {
  readonly Role: { readonly 'Fn::GetAtt': [string, string] };
  readonly Environment?: { readonly Variables?: Record<string, unknown> };
  readonly LoggingConfig: unknown;
  readonly TracingConfig?: unknown;
  readonly VpcConfig?: unknown;
}

const functions = (): FunctionProperties[] =>
  Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')).map(({ Properties }) => Properties as FunctionProperties);
const logLevels = (): unknown[] => functions().map(({ Environment }) => Environment?.Variables?.LOG_LEVEL);
const tracingRights = (): Statement[] => Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
  .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[])
  .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('xray:')));
const versionIds = (of: Stack): string[] => Object.keys(Template.fromStack(of).findResources('AWS::Lambda::Version'));
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

  test('can be a log without expiration', () => {
    stack.addDaemon();
    ManagedDaemonProvider.configure(stack, { logRetention: INFINITE });

    expect(logGroup()).toEqual({});
  });

  test('can be a key for the log', () => {
    stack.addDaemon();
    ManagedDaemonProvider.configure(stack, { logEncryptionKey: new kms.Key(stack, 'Key') });

    expect(logGroup()).toEqual({ RetentionInDays: 90, KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] } });
  });

  test.each([
    ['of another service', 'arn:aws:s3:::bucket/key', 'logEncryptionKey must be the ARN of a key, arn:aws:kms:<Region>:<account>:key/<id>, got: "arn:aws:s3:::bucket/key"'],
    ['of another Region', 'arn:aws:kms:us-east-1:111122223333:key/a', 'logEncryptionKey must be of the Region eu-west-1 of the daemon'],
  ])('fail synth with a key for the log %s', (_, keyArn, message) => {
    stack = new StackWithDaemon(app, 'Placed', { env: { account: '111122223333', region: 'eu-west-1' } });
    stack.addDaemon();
    ManagedDaemonProvider.configure(stack, { logEncryptionKey: kms.Key.fromKeyArn(stack, 'Key', keyArn) });

    expect(() => Template.fromStack(stack)).toThrow(message);
  });

  test('are those of the app, stage and stack, of which the nearest apply', () => {
    stack.addDaemon();
    ManagedDaemonProvider.configure(app, { logRetention: ONE_DAY });
    expect(ManagedDaemonProvider._settingsOf(stack)).toEqual({ logRetention: ONE_DAY });

    ManagedDaemonProvider.configure(stage, { logRetention: ONE_YEAR });
    expect(ManagedDaemonProvider._settingsOf(stack)).toEqual({ logRetention: ONE_YEAR });

    ManagedDaemonProvider.configure(stack, { logRetention: ONE_WEEK });
    expect(logGroup()).toEqual({ RetentionInDays: 7 });
  });

  describe('the log level', () => {
    test.each([[undefined], [lambda.ApplicationLogLevel.INFO]])('is not sent to the functions if it is %s', (logLevel) => {
      stack.addDaemon();
      ManagedDaemonProvider.configure(stack, { logLevel });

      expect(logLevels()).toEqual([undefined, undefined]);
    });

    test.each([['before', true], ['after', false]])('applies to both functions, stated %s the first daemon', (_, first) => {
      if (first) ManagedDaemonProvider.configure(app, { logLevel: lambda.ApplicationLogLevel.DEBUG });
      stack.addDaemon();
      if (!first) ManagedDaemonProvider.configure(app, { logLevel: lambda.ApplicationLogLevel.DEBUG });

      expect(logLevels()).toEqual(['DEBUG', 'DEBUG']);
    });

    test('keeps the lines as text, which the CDK CLI prints unchanged', () => {
      stack.addDaemon();
      ManagedDaemonProvider.configure(stack, { logLevel: lambda.ApplicationLogLevel.WARN });

      expect(functions().map(({ LoggingConfig }) => LoggingConfig)).toEqual(Array(2).fill({ LogGroup: { Ref: expect.any(String) } }));
    });
  });

  describe('tracing', () => {
    test.each([[undefined], [lambda.Tracing.DISABLED]])('is off if it is %s, without permissions', (tracing) => {
      stack.addDaemon();
      ManagedDaemonProvider.configure(stack, { tracing });

      expect(functions().map(({ TracingConfig }) => TracingConfig)).toEqual([undefined, undefined]);
      expect(tracingRights()).toEqual([]);
    });

    test.each([
      ['before', true, lambda.Tracing.ACTIVE], ['after', false, lambda.Tracing.ACTIVE], ['after', false, lambda.Tracing.PASS_THROUGH],
    ])('is turned on %s the first daemon, with its permissions', (_, first, tracing) => {
      if (first) ManagedDaemonProvider.configure(stage, { tracing });
      stack.addDaemon();
      if (!first) ManagedDaemonProvider.configure(stage, { tracing });

      expect(functions().map(({ TracingConfig }) => TracingConfig)).toEqual([{ Mode: tracing }, { Mode: tracing }]);
      expect(tracingRights()).toEqual(Array(2).fill(
        expect.objectContaining({ Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: '*' })));
    });

    test('is off in a stack that turns it off for itself', () => {
      stack.addDaemon();
      ManagedDaemonProvider.configure(app, { tracing: lambda.Tracing.ACTIVE });
      ManagedDaemonProvider.configure(stack, {});

      expect(functions().map(({ TracingConfig }) => TracingConfig)).toEqual([undefined, undefined]);
      expect(tracingRights()).toEqual([]);
    });
  });

  test.each<[ManagedDaemonProviderProps, string]>([
    [{ logRetention: ONE_DAY }, '{"logRetention":1}'],
    [{ logRetention: ONE_WEEK, logLevel: lambda.ApplicationLogLevel.DEBUG }, '{"logRetention":7,"logLevel":"DEBUG"}'],
    [{ logRetention: ONE_WEEK, tracing: lambda.Tracing.ACTIVE }, '{"logRetention":7,"tracing":"Active"}'],
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
    const configure = (): void => ManagedDaemonProvider.configure(stack, {
      logRetention: ONE_WEEK, logEncryptionKey, logLevel: lambda.ApplicationLogLevel.ERROR, tracing: lambda.Tracing.ACTIVE,
    });
    configure();

    expect(configure).not.toThrow();
  });

  test('are not those of a part of a stack', () => {
    expect(() => ManagedDaemonProvider.configure(stack.cluster, {})).toThrow(
      new Error('[Stage/Stack/Cluster] ManagedDaemonProvider.configure() needs a stack, a stage or an app'));
  });
});

describe('a provider and the common features of CDK', () => {
  beforeEach(() => {
    stack.addDaemon();
  });

  test('include a permissions boundary of a stack', () => {
    iam.PermissionsBoundary.of(stack).apply(iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'));

    Template.fromStack(stack).allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() });
  });

  test('include a permissions boundary of a stage', () => {
    const bounded = new StackWithDaemon(new Stage(new App(), 'Bounded', { permissionsBoundary: PermissionsBoundary.fromName('boundary') }));
    bounded.addDaemon();

    Template.fromStack(bounded).allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() });
  });

  test.each(['AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::Logs::LogGroup', 'AWS::Events::Rule'])('include tags on every %s', (type) => {
    Tags.of(stack).add('team', 'platform');

    Template.fromStack(stack).allResourcesProperties(type, { Tags: Match.arrayWith([{ Key: 'team', Value: 'platform' }]) });
  });

  test('include an aspect that places functions in a VPC, published in another version', () => {
    const elsewhere = new StackWithDaemon();
    elsewhere.addDaemon();
    const vpcConfig = { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1'] };
    const access = iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole');
    Aspects.of(stack).add({
      visit: (node) => {
        if (node instanceof lambda.CfnFunction) node.vpcConfig = vpcConfig;
        if (node instanceof lambda.Function) node.role?.addManagedPolicy(access);
      },
    });

    expect(functions().map(({ VpcConfig }) => VpcConfig)).toEqual(Array(2).fill({ SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] }));
    for (const role of functions().map(({ Role }) => Role['Fn::GetAtt'][0])) {
      const { ManagedPolicyArns } = Template.fromStack(stack).findResources('AWS::IAM::Role')[role].Properties;
      expect(JSON.stringify(ManagedPolicyArns)).toContain('AWSLambdaVPCAccessExecutionRole');
    }
    expect(versionIds(stack)).not.toEqual(versionIds(elsewhere));
  });
});
