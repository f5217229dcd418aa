import { AwsError } from '../../../sandbox/core/aws-error';
import type { Input } from '../../../sandbox/core/aws-service';
import { FakeWorld } from './fake-world';

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld();
});

/** Answers each operation with nothing, except for those with an answer of their own. */
const allow = (answers: Record<string, (input: Input) => unknown>) => Object.assign(world.answers, answers);
const nothing = () => ({});
const named = (operation: string) => world.calls.filter((call) => call.operation === operation).map(({ input }) => input);
const operations = () => world.calls.map(({ operation }) => operation);
const one = (Type: string, Properties: unknown) => ({ Resources: { It: { Type, Properties } } });
const attribute = async (key = 'Value') => ((await world.stack()).Outputs as Input[]).find(({ OutputKey }) => OutputKey === key)!.OutputValue;
const missing = (code: string) => () => {
  throw new AwsError(code, 'gone');
};

test('IAM: a role is created with its inline and managed policies, and gets a separate policy', async () => {
  allow({
    CreateRole: ({ RoleName }) => ({ Role: { RoleName, RoleId: 'AROA1', Arn: `arn:aws:iam::123456789012:role/${RoleName}` } }),
    PutRolePolicy: nothing, AttachRolePolicy: nothing, DetachRolePolicy: nothing, DeleteRolePolicy: nothing, DeleteRole: nothing,
    UpdateAssumeRolePolicy: nothing,
  });
  const document = (action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
  const template = (action: string, managed: string) => ({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: document('sts:AssumeRole'), ManagedPolicyArns: [managed],
          Policies: [{ PolicyName: 'inline', PolicyDocument: document('s3:*') }],
        },
      },
      Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'own', PolicyDocument: document(action), Roles: [{ Ref: 'Role' }] } },
    },
    Outputs: { Value: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  });
  await world.create(template('ecs:DescribeDaemon', 'arn:one'));
  const { RoleName: role } = named('CreateRole')[0]!;
  expect(role).toMatch(/^Test-Role-[0-9A-F]{12}$/);
  expect(await attribute()).toBe(`arn:aws:iam::123456789012:role/${role}`);
  expect(named('PutRolePolicy')).toEqual([
    { RoleName: role, PolicyName: 'inline', PolicyDocument: JSON.stringify(document('s3:*')) },
    { RoleName: role, PolicyName: 'own', PolicyDocument: JSON.stringify(document('ecs:DescribeDaemon')) },
  ]);
  await world.update(template('ecs:UpdateDaemon', 'arn:two'));
  expect(operations().slice(4)).toEqual(['AttachRolePolicy', 'DetachRolePolicy', 'PutRolePolicy']);
  await world.delete();
  expect(operations().slice(7)).toEqual(['DeleteRolePolicy', 'DeleteRolePolicy', 'DetachRolePolicy', 'DeleteRole']);
});

test('IAM: a managed policy never has more than two versions', async () => {
  const versions = [{ VersionId: 'v1', IsDefaultVersion: false }, { VersionId: 'v2', IsDefaultVersion: true }];
  allow({
    CreatePolicy: ({ PolicyName }) => ({ Policy: { Arn: `arn:aws:iam::123456789012:policy/${PolicyName}`, PolicyId: 'ANPA1' } }),
    ListPolicyVersions: () => ({ Versions: versions }), DeletePolicyVersion: nothing, CreatePolicyVersion: nothing,
    AttachRolePolicy: nothing, DetachRolePolicy: nothing, DeletePolicy: nothing,
  });
  const template = (action: string) => one('AWS::IAM::ManagedPolicy', { PolicyDocument: { Statement: [{ Action: action }] }, Roles: ['role'] });
  await world.create(template('a:A'));
  await world.update(template('a:B'));
  expect(operations()).toEqual(['CreatePolicy', 'AttachRolePolicy', 'ListPolicyVersions', 'DeletePolicyVersion', 'CreatePolicyVersion']);
  await world.delete();
  expect(operations().slice(5)).toEqual(['DetachRolePolicy', 'ListPolicyVersions', 'DeletePolicyVersion', 'DeletePolicy']);
});

describe('Lambda', () => {
  const functions = () => allow({
    CreateFunction: ({ FunctionName }) => ({ FunctionName, FunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:${FunctionName}` }),
    UpdateFunctionCode: nothing, UpdateFunctionConfiguration: nothing, DeleteFunction: nothing, TagResource: nothing,
    GetFunctionConfiguration: missing('ResourceNotFoundException'),
  });
  const template = (properties: Record<string, unknown>) => ({
    Resources: {
      Function: { Type: 'AWS::Lambda::Function', Properties: { Handler: 'index.handler', Code: { S3Bucket: 'b', S3Key: 'k' }, ...properties } },
    },
  });

  test('code and configuration are updated separately', async () => {
    functions();
    await world.create(template({ Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(named('CreateFunction')[0]).toMatchObject({ Code: { S3Bucket: 'b', S3Key: 'k' }, Handler: 'index.handler', Tags: { a: 'b' } });
    await world.update(template({ Tags: [{ Key: 'a', Value: 'b' }], Code: { S3Bucket: 'b', S3Key: 'k2' } }));
    await world.update(template({ Tags: [{ Key: 'a', Value: 'b' }], Code: { S3Bucket: 'b', S3Key: 'k2' }, Timeout: 30 }));
    await world.update(template({ Tags: [{ Key: 'a', Value: 'c' }], Code: { S3Bucket: 'b', S3Key: 'k2' }, Timeout: 30 }));
    expect(operations()).toEqual(['CreateFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration', 'TagResource']);
    expect(named('UpdateFunctionConfiguration')[0]).toMatchObject({ Timeout: 30 });
  });

  test('adding DurableConfig replaces, changing it does not', async () => {
    functions();
    await world.create(template({}));
    await world.update(template({ DurableConfig: { ExecutionTimeout: 60 } }));
    expect(operations()).toEqual(['CreateFunction', 'CreateFunction', 'DeleteFunction', 'GetFunctionConfiguration']);
    await world.update(template({ DurableConfig: { ExecutionTimeout: 90 } }));
    expect(operations().slice(4)).toEqual(['UpdateFunctionConfiguration']);
  });

  test('the deletion waits for running executions (EN7)', async () => {
    functions();
    await world.create(template({}));
    allow({ GetFunctionConfiguration: nothing });
    expect(await world.delete()).toBe('DELETE_IN_PROGRESS');
    await world.clock.advance(600);
    allow({ GetFunctionConfiguration: missing('ResourceNotFoundException') });
    await world.clock.advance(5);
    await expect(world.stack()).rejects.toThrow('does not exist');
  });

  test('the deletion fails when executions run for more than an hour (EN7)', async () => {
    functions();
    await world.create(template({}));
    allow({ GetFunctionConfiguration: nothing });
    await world.delete();
    await world.clock.advance(3605);
    expect((await world.stack()).StackStatus).toBe('DELETE_FAILED');
  });

  test('versions, aliases and permissions are created and deleted', async () => {
    functions();
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:f';
    allow({
      PublishVersion: () => ({ FunctionArn: `${arn}:3`, Version: '3' }), CreateAlias: ({ Name }) => ({ AliasArn: `${arn}:${Name}` }), AddPermission: nothing,
      DeleteAlias: nothing, RemovePermission: nothing,
    });
    await world.create({
      Resources: {
        Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: 'f' } },
        Alias: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: 'f', Name: 'live', FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] } } },
        Permission: {
          Type: 'AWS::Lambda::Permission', Properties: { FunctionName: { Ref: 'Alias' }, Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' },
        },
      },
      Outputs: { Value: { Value: { Ref: 'Version' } } },
    });
    expect(await attribute()).toBe(`${arn}:3`);
    expect(named('CreateAlias')[0]).toMatchObject({ FunctionVersion: '3', Name: 'live' });
    expect(named('AddPermission')[0]).toMatchObject({ FunctionName: arn, Qualifier: 'live', Principal: 'events.amazonaws.com' });
    await world.delete();
    expect(named('DeleteFunction')).toEqual([{ FunctionName: 'f', Qualifier: '3' }]);
  });
});

describe('ECS', () => {
  const service = (desiredCount: number) => one('AWS::ECS::Service', { Cluster: 'apps', TaskDefinition: 'app:1', DesiredCount: desiredCount });
  let running: number;

  beforeEach(() => {
    running = 0;
    allow({
      CreateService: ({ serviceName }) => ({ service: { serviceName, serviceArn: `arn:service/${serviceName}` } }), UpdateService: nothing, DeleteService: nothing,
      DescribeServices: () => ({ services: [{ status: 'ACTIVE', runningCount: running, desiredCount: 2 }] }),
    });
  });

  test('a service is complete when it is steady, in virtual time', async () => {
    expect(await world.create(service(2))).toBe('CREATE_IN_PROGRESS');
    running = 2;
    await world.clock.advance(5);
    expect((await world.stack()).StackStatus).toBe('CREATE_COMPLETE');
    expect(named('CreateService')[0]).toMatchObject({ cluster: 'apps', taskDefinition: 'app:1', desiredCount: 2 });
  });

  test('a service is gone when it is inactive', async () => {
    running = 2;
    await world.create(service(2));
    expect(await world.delete()).toBe('DELETE_IN_PROGRESS');
    allow({ DescribeServices: () => ({ services: [{ status: 'INACTIVE', runningCount: 0, desiredCount: 0 }] }) });
    await world.clock.advance(5);
    expect(named('DeleteService')).toEqual([{ cluster: 'apps', service: expect.stringMatching(/^arn:service/), force: true }]);
    await expect(world.stack()).rejects.toThrow('does not exist');
  });

  test('an interrupted service is deleted (E9)', async () => {
    allow({ CreateCluster: missing('LimitExceededException') });
    await world.create({ Resources: { It: service(2).Resources.It, Cluster: { Type: 'AWS::ECS::Cluster' } } });
    allow({ DescribeServices: () => ({ services: [] }) });
    await world.clock.advance(5);
    expect((await world.stack()).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(operations()).toContain('DeleteService');
  });

  test('capacity providers and their associations are created and deleted', async () => {
    allow({ CreateCapacityProvider: ({ name }) => ({ capacityProvider: { name } }), PutClusterCapacityProviders: nothing });
    await world.create({
      Resources: {
        Provider: { Type: 'AWS::ECS::CapacityProvider', Properties: { Name: 'managed', ClusterName: 'apps', ManagedInstancesProvider: { InfrastructureRoleArn: 'r' } } },
        Associations: {
          Type: 'AWS::ECS::ClusterCapacityProviderAssociations',
          Properties: { Cluster: 'apps', CapacityProviders: [{ Ref: 'Provider' }], DefaultCapacityProviderStrategy: [] },
        },
      },
    });
    expect(named('CreateCapacityProvider')).toEqual([{ name: 'managed', cluster: 'apps', managedInstancesProvider: { infrastructureRoleArn: 'r' } }]);
    expect(named('PutClusterCapacityProviders')).toEqual([{ cluster: 'apps', capacityProviders: ['managed'], defaultCapacityProviderStrategy: [] }]);
  });

  test('a native daemon waits for its deployment, and fails with it (A36)', async () => {
    const daemon = (version: number) => one('AWS::ECS::Daemon', { ClusterArn: 'c', DaemonName: 'agent', DaemonTaskDefinitionArn: `agent:${version}`, CapacityProviderArns: ['p'] });
    let status = 'IN_PROGRESS';
    allow({
      CreateDaemon: () => ({ daemonArn: 'arn:daemon', deploymentArn: 'arn:deployment:1' }), UpdateDaemon: () => ({ daemonArn: 'arn:daemon', deploymentArn: 'arn:deployment:2' }),
      DescribeDaemonDeployments: ({ daemonDeploymentArns: [arn] }) => ({ daemonDeployments: [{ daemonDeploymentArn: arn, status, statusReason: 'alarm' }] }),
      DescribeDaemon: () => ({ daemon: { status: 'ACTIVE' } }),
    });
    expect(await world.create(daemon(1))).toBe('CREATE_IN_PROGRESS');
    status = 'SUCCESSFUL';
    await world.clock.advance(5);
    expect((await world.stack()).StackStatus).toBe('CREATE_COMPLETE');
    status = 'ROLLBACK_SUCCESSFUL';
    expect(await world.update(daemon(2))).toBe('UPDATE_ROLLBACK_FAILED');
    expect(named('UpdateDaemon')[0]).toEqual({ daemonArn: 'arn:daemon', daemonTaskDefinitionArn: 'agent:2', capacityProviderArns: ['p'] });
  });
});

test('resources of CloudWatch, EventBridge and CloudWatch Logs are created and deleted', async () => {
  allow({
    PutMetricAlarm: nothing, PutLogAlarm: nothing, PutRule: ({ Name }) => ({ RuleArn: `arn:rule/${Name}` }), PutTargets: nothing, CreateLogGroup: nothing, PutRetentionPolicy: nothing,
    DeleteAlarms: nothing, RemoveTargets: nothing, DeleteRule: nothing, DeleteLogGroup: nothing,
  });
  await world.create({
    Resources: {
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'high', Threshold: 1, Tags: [{ Key: 'a', Value: 'b' }] } },
      LogAlarm: { Type: 'AWS::CloudWatch::LogAlarm', Properties: { AlarmName: 'errors', Threshold: 2, QueryResultsToEvaluate: 3 } },
      Rule: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: ['aws.ecs'] }, State: 'ENABLED', Targets: [{ Id: 'Target0', Arn: 'arn:f' }] } },
      Log: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
    },
    Outputs: { Log: { Value: { 'Fn::GetAtt': ['Log', 'Arn'] } }, Alarm: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } } },
  });
  expect(named('PutMetricAlarm')[0]).toEqual({ AlarmName: 'high', Threshold: 1, Tags: [{ Key: 'a', Value: 'b' }] });
  expect(named('PutLogAlarm')[0]).toEqual({ AlarmName: 'errors', Threshold: 2, QueryResultsToEvaluate: 3, Tags: [] });
  expect(named('PutRule')[0]).toMatchObject({ EventPattern: '{"source":["aws.ecs"]}', State: 'ENABLED' });
  expect(named('PutTargets')[0]).toMatchObject({ Targets: [{ Id: 'Target0', Arn: 'arn:f' }] });
  expect(await attribute('Log')).toMatch(/^arn:aws:logs:us-east-1:123456789012:log-group:Test-Log-[0-9A-F]{12}:\*$/);
  expect(await attribute('Alarm')).toBe('arn:aws:cloudwatch:us-east-1:123456789012:alarm:high');
  await world.delete();
  expect(operations()).toEqual(expect.arrayContaining(['DeleteAlarms', 'RemoveTargets', 'DeleteRule', 'DeleteLogGroup']));
});

test('SSM parameters can be read', async () => {
  const values = new Map<string, string>();
  allow({ PutParameter: ({ Name, Value }) => void values.set(Name, Value), DeleteParameter: ({ Name }) => void values.delete(Name) });
  const template = (value: string) => ({
    ...one('AWS::SSM::Parameter', { Name: '/own', Type: 'String', Value: value }), Outputs: { Value: { Value: { 'Fn::GetAtt': ['It', 'Value'] } } },
  });
  await world.create(template('1'));
  await world.update(template('2'));
  expect(await attribute()).toBe('2');
  expect([...values]).toEqual([['/own', '2']]);
  await world.delete();
  expect(values.size).toBe(0);
});

test('other types are inert, with ids and attributes in the format of AWS', async () => {
  await world.create({
    Resources: {
      Vpc: { Type: 'AWS::EC2::VPC' }, Group: { Type: 'AWS::EC2::SecurityGroup' }, Bucket: { Type: 'AWS::S3::Bucket' },
      Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { InstanceProfileName: 'profile' } },
    },
    Outputs: {
      Vpc: { Value: { Ref: 'Vpc' } }, Group: { Value: { 'Fn::GetAtt': ['Group', 'GroupId'] } },
      Bucket: { Value: { 'Fn::GetAtt': ['Bucket', 'Arn'] } }, Profile: { Value: { 'Fn::GetAtt': ['Profile', 'Arn'] } },
    },
  });
  expect(await attribute('Vpc')).toMatch(/^vpc-[0-9a-f]{17}$/);
  expect(await attribute('Group')).toMatch(/^sg-[0-9a-f]{17}$/);
  expect(await attribute('Bucket')).toMatch(/^arn:aws:s3:::test-bucket-[0-9a-f]{12}$/);
  expect(await attribute('Profile')).toBe('arn:aws:iam::123456789012:instance-profile/profile');
});

test('an inert resource with another name is another resource', async () => {
  const template = (name: string) => ({ ...one('AWS::S3::Bucket', { BucketName: name }), Outputs: { Value: { Value: { Ref: 'It' } } } });
  await world.create(template('one'));
  await world.update(template('two'));
  expect(await attribute()).toBe('two');
  expect(await world.eventLines()).toContain('It DELETE_COMPLETE');
});

test('the error of a service is the reason of the failure', async () => {
  allow({ CreateCluster: missing('LimitExceededException') });
  expect(await world.create(one('AWS::ECS::Cluster', {}))).toBe('ROLLBACK_COMPLETE');
  expect((await world.stackEvents()).map(({ ResourceStatusReason: reason }) => reason))
    .toContain('Resource handler returned message: "gone" (HandlerErrorCode: LimitExceededException)');
});
