import {
  CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, DeleteLogGroupCommand, DescribeLogGroupsCommand,
  FilterLogEventsCommand, ListTagsForResourceCommand, PutLogEventsCommand, PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetParameterCommand, GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startSandbox, type Sandbox } from '../../sandbox';
import { AccessKeys } from '../../sandbox/http/access-keys';
import { Ssm } from '../../sandbox/ssm';
import { Sts } from '../../sandbox/sts';
import type { World } from '../../sandbox/core/world';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(() => sandbox.close());

const settings = () => ({ endpoint: sandbox.endpoint, region: sandbox.region, credentials: { accessKeyId: sandbox.environment.AWS_ACCESS_KEY_ID!, secretAccessKey: 'any' } });

test('STS returns the caller, and credentials that are valid on the wall clock', async () => {
  const sts = new STSClient(settings());
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '123456789012', Arn: expect.stringMatching(/^arn:aws:sts::123456789012:/) });
  const role = 'arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-us-east-1';
  const { Credentials: credentials, AssumedRoleUser: user } = await sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'cli' }));
  expect(credentials!.Expiration!.getTime()).toBeGreaterThan(Date.now());
  expect(user!.Arn).toBe('arn:aws:sts::123456789012:assumed-role/cdk-hnb659fds-deploy-role-123456789012-us-east-1/cli');
});

describe('SSM', () => {
  test('has the version of the bootstrap stack', async () => {
    const { Parameter: parameter } = await new SSMClient(settings()).send(new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }));
    expect(parameter!.Value).toBe('30');
  });

  test('puts and reads parameters, and rejects unknown ones', async () => {
    const ssm = new SSMClient(settings());
    await ssm.send(new PutParameterCommand({ Name: '/own', Type: 'String', Value: '1' }));
    await expect(ssm.send(new PutParameterCommand({ Name: '/own', Type: 'String', Value: '2' }))).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    await ssm.send(new PutParameterCommand({ Name: '/own', Type: 'String', Value: '2', Overwrite: true }));
    const found = await ssm.send(new GetParametersCommand({ Names: ['/own', '/missing'] }));
    expect(found).toMatchObject({ Parameters: [{ Name: '/own', Value: '2', Version: 2 }], InvalidParameters: ['/missing'] });
    await expect(ssm.send(new GetParameterCommand({ Name: '/missing' }))).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('returns the same image for public parameters', async () => {
    const ssm = new SSMClient(settings());
    const read = async () => (await ssm.send(new GetParameterCommand({ Name: '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id' }))).Parameter!.Value;
    expect(await read()).toMatch(/^ami-[0-9a-f]{17}$/);
    expect(await read()).toBe(await read());
  });
});

test('CloudWatch Logs keeps the output of functions, by time (W24)', async () => {
  const logs = new CloudWatchLogsClient(settings());
  const group = { logGroupName: '/aws/lambda/f' };
  await logs.send(new CreateLogGroupCommand({ ...group, tags: { a: 'b' } }));
  await logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 30 }));
  await logs.send(new CreateLogStreamCommand({ ...group, logStreamName: 's' }));
  const now = Date.now();
  await logs.send(new PutLogEventsCommand({
    ...group, logStreamName: 's', logEvents: [{ timestamp: now, message: 'second' }, { timestamp: now - 5, message: 'first' }, { timestamp: now - 999_999, message: 'old' }],
  }));
  const { events } = await logs.send(new FilterLogEventsCommand({ ...group, startTime: now - 1000, endTime: now + 1000, limit: 1000 }));
  expect(events).toMatchObject([{ message: 'first', logStreamName: 's' }, { message: 'second', timestamp: now }]);
  const { logGroups: [described] = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/' }));
  expect(described).toMatchObject({ logGroupName: '/aws/lambda/f', retentionInDays: 30 });
  expect((await logs.send(new ListTagsForResourceCommand({ resourceArn: described!.logGroupArn! }))).tags).toEqual({ a: 'b' });
  await logs.send(new DeleteLogGroupCommand(group));
  await expect(logs.send(new FilterLogEventsCommand(group))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a function needs a permission to read parameters or assume a role', () => {
  const world = { partition: 'aws', region: 'us-east-1', accountId: '123456789012' } as World;
  const sts = new Sts(world, new AccessKeys());
  const parameter = 'arn:aws:ssm:us-east-1:123456789012:parameter/own/one';
  expect(new Ssm(world).requiredPermissions('GetParameter', { Name: '/own/one' })).toEqual([{ action: 'ssm:GetParameter', resources: [parameter] }]);
  expect(new Ssm(world).requiredPermissions('GetParameters', { Names: [parameter, 'two'] })).toEqual([
    { action: 'ssm:GetParameters', resources: [parameter, 'arn:aws:ssm:us-east-1:123456789012:parameter/two'] },
  ]);
  expect(sts.requiredPermissions('AssumeRole', { RoleArn: 'arn:aws:iam::123456789012:role/other' })).toEqual([
    { action: 'sts:AssumeRole', resources: ['arn:aws:iam::123456789012:role/other'] },
  ]);
  expect(sts.requiredPermissions('GetCallerIdentity', {})).toEqual([]);
});
