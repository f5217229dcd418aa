import { App, aws_ecs as ecs, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DaemonTaskDefinition, type DaemonContainerDefinitionOptions } from '../../lib';
import { image } from './stack-with-daemon';

const type = 'AWS::ECS::DaemonTaskDefinition';
let stack: Stack;
let taskDefinition: DaemonTaskDefinition;
let bucket: s3.IBucket;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
  taskDefinition = new DaemonTaskDefinition(stack, 'Agent');
  bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'settings');
});

const addContainer = (options: Partial<DaemonContainerDefinitionOptions>): unknown =>
  taskDefinition.addContainer('agent', { image, memoryLimitMiB: 512, ...options });
const arn = (resource: string): object => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${resource}`]] });

/** What ECS may do when it starts the containers. */
function expectRightsOfExecutionRole(...statements: object[]): void {
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })) },
    Roles: [{ Ref: Match.stringLikeRegexp('^AgentExecutionRole') }],
  });
}

describe('environment files', () => {
  test('in a bucket are named by their ARN, and ECS may read only them', () => {
    addContainer({ environmentFiles: [ecs.EnvironmentFile.fromBucket(bucket, 'agent/settings.env')] });

    Template.fromStack(stack).hasResourceProperties(type, {
      ContainerDefinitions: [{ EnvironmentFiles: [{ Type: 's3', Value: arn('settings/agent/settings.env') }] }],
    });
    expectRightsOfExecutionRole(
      { Action: 's3:GetObject', Resource: arn('settings/agent/settings.env') },
      { Action: 's3:GetBucketLocation', Resource: arn('settings') },
    );
  });

  test('on the disk are assets, also several', () => {
    const folder = mkdtempSync(join(tmpdir(), 'environment-'));
    const files = ['a', 'b'].map((name) => join(folder, `${name}.env`));
    files.forEach((file) => writeFileSync(file, `NAME=${file}\n`));
    addContainer({ environmentFiles: files.map((file) => ecs.EnvironmentFile.fromAsset(file)) });

    Template.fromStack(stack).hasResourceProperties(type, {
      ContainerDefinitions: [{ EnvironmentFiles: [{ Type: 's3', Value: Match.anyValue() }, { Type: 's3', Value: Match.anyValue() }] }],
    });
    expect(JSON.stringify(Template.fromStack(stack).toJSON()).match(/[0-9a-f]{64}\.env/g)).not.toBeNull();
    rmSync(folder, { recursive: true });
  });

  test.each<[string, number, (index: number) => [string, string?], string]>([
    ['more than 10', 11, (index) => [`${index}.env`], 'environmentFiles must have at most 10 entries, got: 11'],
    ['one with another ending', 1, () => ['settings.txt'], 'the key of an environment file must end in ".env", got: "settings.txt"'],
    ['one with an object version', 1, () => ['settings.env', 'v1'],
      'an environment file must have no object version, since ECS reads the newest, got: "v1"'],
  ])('fail for %s', (_, count, file, message) => {
    const environmentFiles = Array.from({ length: count }, (__, index) => ecs.EnvironmentFile.fromBucket(bucket, ...file(index)));

    expect(() => addContainer({ environmentFiles })).toThrow(new Error(`[Stack/Agent/agent] ${message}`));
  });

  test('can be 10', () => {
    const environmentFiles = Array.from({ length: 10 }, (_, index) => ecs.EnvironmentFile.fromBucket(bucket, `${index}.env`));

    expect(() => addContainer({ environmentFiles })).not.toThrow();
  });
});

describe('a log router', () => {
  const { FLUENTBIT, FLUENTD } = ecs.FirelensLogRouterType;
  const { FILE, S3 } = ecs.FirelensConfigFileType;
  const s3Arn = 'arn:aws:s3:::settings/router.conf';

  test.each<[ecs.FirelensConfig, object]>([
    [{ type: FLUENTD }, { Type: 'fluentd', Options: Match.absent() }],
    [{ type: FLUENTBIT, options: {} }, { Type: 'fluentbit', Options: Match.absent() }],
    [{ type: FLUENTBIT, options: { enableECSLogMetadata: false } }, { Type: 'fluentbit', Options: { 'enable-ecs-log-metadata': 'false' } }],
    [{ type: FLUENTBIT, options: { configFileValue: '/router.conf' } },
      { Type: 'fluentbit', Options: { 'config-file-type': 'file', 'config-file-value': '/router.conf' } }],
    [{ type: FLUENTBIT, options: { configFileType: FILE, configFileValue: '/router.conf' } },
      { Type: 'fluentbit', Options: { 'config-file-type': 'file', 'config-file-value': '/router.conf' } }],
    [{ type: FLUENTBIT, options: { configFileValue: s3Arn } },
      { Type: 'fluentbit', Options: { 'config-file-type': 's3', 'config-file-value': s3Arn } }],
    [{ type: FLUENTBIT, options: { configFileType: S3, configFileValue: s3Arn } },
      { Type: 'fluentbit', Options: { 'config-file-type': 's3', 'config-file-value': s3Arn } }],
  ])('is rendered from %j', (firelensConfig, rendered) => {
    addContainer({ firelensConfig });

    Template.fromStack(stack).hasResourceProperties(type, { ContainerDefinitions: [{ FirelensConfiguration: rendered }] });
  });

  test('has its configuration on S3 read by ECS', () => {
    addContainer({ firelensConfig: { type: FLUENTBIT, options: { configFileValue: s3Arn } } });

    expectRightsOfExecutionRole({ Action: 's3:GetObject', Resource: s3Arn }, { Action: 's3:GetBucketLocation', Resource: 'arn:aws:s3:::settings' });
  });

  test('has its configuration in a bucket of the app read by ECS', () => {
    const own = new s3.Bucket(stack, 'Own');
    addContainer({ firelensConfig: { type: FLUENTBIT, options: { configFileType: S3, configFileValue: own.arnForObjects('router.conf') } } });

    const ownArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Own'), 'Arn'] };
    expectRightsOfExecutionRole(
      { Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [ownArn, '/router.conf']] } },
      { Action: 's3:GetBucketLocation', Resource: ownArn },
    );
  });

  test('with its configuration in a file needs no execution role', () => {
    addContainer({ firelensConfig: { type: FLUENTBIT, options: { configFileValue: '/router.conf' } } });

    expect(taskDefinition.executionRole).toBeUndefined();
  });
});
