import { Iam, type IamOptions } from '../../../sandbox/iam';
import { VirtualClock } from '../../../sandbox/core/clock';
import type { Call, Input, ServiceName } from '../../../sandbox/core/aws-service';
import type { World } from '../../../sandbox/core/world';

const roleArn = 'arn:aws:iam::123456789012:role/rollout';
const daemonArn = 'arn:aws:ecs:us-east-1:123456789012:daemon/cluster/agent';

let clock: VirtualClock;
let iam: Iam;

async function setUp(options?: IamOptions): Promise<void> {
  clock = new VirtualClock('manual', new Date('2026-01-01T00:00:00Z'));
  const world: Partial<World> = { partition: 'aws', region: 'us-east-1', accountId: '123456789012', clock, random: () => 0.5 };
  iam = new Iam(world as World, options);
  await call('CreateRole', { RoleName: 'rollout', AssumeRolePolicyDocument: { Statement: [] } });
}

beforeEach(() => setUp());

const call = async (operation: string, input: Input): Promise<Input> =>
  await iam.operations[operation]!(input, { caller: { kind: 'operator' }, parked: (promise) => promise }) as Input;

const grant = (statement: object | object[], PolicyName = 'policy'): Promise<Input> =>
  call('PutRolePolicy', { RoleName: 'rollout', PolicyName, PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statement }) });

function authorize(action: string, context?: Record<string, string>, service: ServiceName = 'ecs', resources: readonly string[] = [daemonArn]): void {
  const caller: Call['caller'] = { kind: 'function', functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:rollout-function', roleArn };
  iam.authorize({ service, operation: action.split(':')[1]!, input: {}, caller }, [{ action, resources, ...(context && { context }) }]);
}

const allow = { Effect: 'Allow', Action: 'ecs:*', Resource: '*' };
const malformed = (...Statement: object[]): Input => ({ RoleName: 'rollout', PolicyName: 'p', PolicyDocument: { Statement } });

describe('the authorizer', () => {
  test('denies a call without an Allow, with the message of AWS', () => {
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(expect.objectContaining({
      code: 'AccessDeniedException',
      statusCode: 400,
      message: 'User: arn:aws:sts::123456789012:assumed-role/rollout/rollout-function is not authorized to perform: ecs:UpdateDaemon '
        + `on resource: ${daemonArn} because no identity-based policy allows the ecs:UpdateDaemon action`,
    }));
  });

  test.each<[ServiceName, string, number]>([
    ['ecs', 'AccessDeniedException', 400], ['lambda', 'AccessDeniedException', 403], ['cloudformation', 'AccessDenied', 403], ['logs', 'AccessDeniedException', 400],
  ])('denies a call of %s with %s, status %d', (service, code, statusCode) => {
    expect(() => authorize('x:Y', {}, service)).toThrow(expect.objectContaining({ code, statusCode }));
  });

  test('allows a call with an Allow, and denies one with a Deny too', async () => {
    await grant(allow);
    authorize('ecs:UpdateDaemon');
    await grant({ Effect: 'Deny', Action: 'ecs:UpdateDaemon', Resource: '*' }, 'deny');
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/with an explicit deny in an identity-based policy$/);
    authorize('ecs:DeleteDaemon');
  });

  test('has no aws:SourceAccount for calls of functions', async () => {
    await grant({ ...allow, Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } });
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/no identity-based policy allows/);
  });

  test('requires an Allow for every resource', async () => {
    await grant({ ...allow, Resource: daemonArn });
    authorize('ecs:DescribeDaemonDeployments', {}, 'ecs', [daemonArn]);
    expect(() => authorize('ecs:DescribeDaemonDeployments', {}, 'ecs', [daemonArn, `${daemonArn}-2`])).toThrow(/agent-2 because/);
  });

  test('denies daemons of other owners by a condition on the owner tag', async () => {
    await grant({ ...allow, Condition: { StringEquals: { 'aws:ResourceTag/owner': 'mine' } } });
    authorize('ecs:UpdateDaemon', { 'aws:ResourceTag/owner': 'mine' });
    expect(() => authorize('ecs:UpdateDaemon', { 'aws:ResourceTag/owner': 'foreign' })).toThrow(/not authorized/);
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/not authorized/);
  });

  test('evaluates iam:PassRole with the service that receives the role', async () => {
    const task = 'arn:aws:iam::123456789012:role/task';
    await grant({ Effect: 'Allow', Action: 'iam:PassRole', Resource: task, Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } } });
    authorize('iam:PassRole', { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }, 'ecs', [task]);
    expect(() => authorize('iam:PassRole', { 'iam:PassedToService': 'ec2.amazonaws.com' }, 'ecs', [task])).toThrow(/iam:PassRole/);
  });

  test.each([['aws:PrincipalArn', roleArn], ['aws:PrincipalAccount', '123456789012'], ['aws:RequestedRegion', 'us-east-1'], ['aws:SecureTransport', 'true']])(
    'the global key %s is known', async (key, value) => {
      await grant({ ...allow, Condition: { StringEquals: { [key]: value } } });
      authorize('ecs:UpdateDaemon');
    },
  );

  test('allows all calls of operator and CloudFormation', () => {
    for (const kind of ['operator', 'cloudformation'] as const) {
      iam.authorize({ service: 'ecs', operation: 'UpdateDaemon', input: {}, caller: { kind } }, [{ action: 'ecs:UpdateDaemon', resources: ['*'] }]);
    }
  });

  test('denies calls with a deleted role', async () => {
    await grant(allow);
    await call('DeleteRolePolicy', { RoleName: 'rollout', PolicyName: 'policy' });
    await call('DeleteRole', { RoleName: 'rollout' });
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/not authorized/);
  });
});

test.each<[string, Input, string]>([
  ['GetRole', { RoleName: 'rollout' }, roleArn],
  ['AttachRolePolicy', { RoleName: 'rollout', PolicyArn: 'arn:policy' }, roleArn],
  ['GetPolicy', { PolicyArn: 'arn:policy' }, 'arn:policy'],
  ['ListRoles', {}, '*'],
])('a function needs a permission to call %s', (operation, input, resource) => {
  expect(iam.requiredPermissions(operation, input)).toEqual([{ action: `iam:${operation}`, resources: [resource] }]);
});

describe('a managed policy', () => {
  test('of the durable engine grants its permissions', async () => {
    await call('AttachRolePolicy', {
      RoleName: 'rollout', PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy',
    });
    for (const action of ['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState', 'logs:PutLogEvents']) authorize(action);
    expect(() => authorize('lambda:InvokeFunction')).toThrow(/not authorized/);
  });

  test('that is unknown can be attached and grants nothing', async () => {
    await call('AttachRolePolicy', { RoleName: 'rollout', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' });
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/not authorized/);
  });

  test('of the account applies in its default version, to every role with it', async () => {
    const { Policy } = await call('CreatePolicy', { PolicyName: 'shared', PolicyDocument: JSON.stringify({ Statement: [{ ...allow, Action: 'ecs:Describe*' }] }) });
    await call('AttachRolePolicy', { RoleName: 'rollout', PolicyArn: Policy.Arn });
    authorize('ecs:DescribeDaemon');
    await call('CreatePolicyVersion', { PolicyArn: Policy.Arn, PolicyDocument: JSON.stringify({ Statement: [allow] }), SetAsDefault: true });
    authorize('ecs:UpdateDaemon');
    await expect(call('DeletePolicy', { PolicyArn: Policy.Arn })).rejects.toMatchObject({ code: 'DeleteConflict' });
    await call('DetachRolePolicy', { RoleName: 'rollout', PolicyArn: Policy.Arn });
    expect(() => authorize('ecs:DescribeDaemon')).toThrow(/not authorized/);
    await call('DeletePolicy', { PolicyArn: Policy.Arn });
  });
});

describe('a permissions boundary', () => {
  test('must allow a call too', async () => {
    await grant(allow);
    const { Policy } = await call('CreatePolicy', { PolicyName: 'boundary', PolicyDocument: { Statement: [{ ...allow, Action: 'ecs:Describe*' }] } });
    await call('PutRolePermissionsBoundary', { RoleName: 'rollout', PermissionsBoundary: Policy.Arn });
    authorize('ecs:DescribeDaemon');
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/because no permissions boundary allows the ecs:UpdateDaemon action$/);
    await call('DeleteRolePermissionsBoundary', { RoleName: 'rollout' });
    authorize('ecs:UpdateDaemon');
  });

  test('grants nothing by itself', async () => {
    await call('PutRolePermissionsBoundary', { RoleName: 'rollout', PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess' });
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/no identity-based policy/);
  });
});

describe('the eventual consistency of IAM', () => {
  test('denies a new permission at first, unlike older ones of the same policy', async () => {
    await setUp({ propagationSeconds: 60 });
    await grant(allow);
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/not authorized/);
    await clock.advance(60);
    authorize('ecs:UpdateDaemon');
    await grant([allow, { Effect: 'Allow', Action: 'lambda:*', Resource: '*' }]);
    authorize('ecs:UpdateDaemon');
    expect(() => authorize('lambda:InvokeFunction')).toThrow(/not authorized/);
    await clock.advance(60);
    authorize('lambda:InvokeFunction');
  });

  test('removes a permission at once', async () => {
    await setUp({ propagationSeconds: 60 });
    await grant(allow);
    await clock.advance(60);
    await grant({ ...allow, Action: 'ecs:DescribeDaemon' });
    expect(() => authorize('ecs:UpdateDaemon')).toThrow(/not authorized/);
  });
});

describe('the report of unused grants', () => {
  test('lists the actions that no call has needed, and remains after the role', async () => {
    await grant([{ Sid: 'Writes', Effect: 'Allow', Action: ['ecs:UpdateDaemon', 'ecs:DeleteDaemon'], Resource: daemonArn }, { ...allow, Action: 'ecs:Describe*' }]);
    authorize('ecs:UpdateDaemon');
    authorize('ecs:DescribeDaemon');
    await call('DeleteRolePolicy', { RoleName: 'rollout', PolicyName: 'policy' });
    await call('DeleteRole', { RoleName: 'rollout' });
    expect(iam.unusedGrants()).toEqual([
      { roleName: 'rollout', policyName: 'policy', statementId: 'Writes', action: 'ecs:DeleteDaemon', resources: [daemonArn] },
    ]);
  });
});

describe('a request that IAM rejects', () => {
  test.each<[string, string, Input, string]>([
    ['a second role of the name', 'CreateRole', { RoleName: 'rollout', AssumeRolePolicyDocument: { Statement: [] } }, 'EntityAlreadyExists'],
    ['an unknown role', 'GetRole', { RoleName: 'other' }, 'NoSuchEntity'],
    ['an unknown inline policy', 'DeleteRolePolicy', { RoleName: 'rollout', PolicyName: 'other' }, 'NoSuchEntity'],
    ['an unknown policy of the account', 'AttachRolePolicy', { RoleName: 'rollout', PolicyArn: 'arn:aws:iam::123456789012:policy/x' }, 'NoSuchEntity'],
    ['a malformed policy', 'PutRolePolicy', { RoleName: 'rollout', PolicyName: 'p', PolicyDocument: '{' }, 'MalformedPolicyDocument'],
    ['an empty list of actions', 'PutRolePolicy', malformed({ ...allow, Action: [] }), 'MalformedPolicyDocument'],
    ['an action without a service', 'PutRolePolicy', malformed({ ...allow, Action: 'UpdateDaemon' }), 'MalformedPolicyDocument'],
    ['an empty list of resources', 'PutRolePolicy', malformed({ ...allow, Resource: [] }), 'MalformedPolicyDocument'],
    ['a resource that is a name', 'PutRolePolicy', malformed({ ...allow, Resource: ['*', 'agent'] }), 'MalformedPolicyDocument'],
    ['a statement id with a hyphen', 'PutRolePolicy', malformed({ ...allow, Sid: 'the-one' }), 'MalformedPolicyDocument'],
    ['a statement id given twice', 'PutRolePolicy', malformed({ ...allow, Sid: 'one' }, { ...allow, Sid: 'one' }), 'MalformedPolicyDocument'],
    ['inline policies above 10,240 characters', 'PutRolePolicy', {
      RoleName: 'rollout', PolicyName: 'p', PolicyDocument: { Statement: [{ ...allow, Resource: Array(300).fill('arn:aws:ecs:us-east-1:123456789012:daemon/x') }] },
    }, 'LimitExceeded'],
  ])('fails: %s', async (_what, operation, input, code) => {
    await expect(call(operation, input)).rejects.toMatchObject({ code });
  });

  test('includes the deletion of a role with policies', async () => {
    await grant(allow);
    await expect(call('DeleteRole', { RoleName: 'rollout' })).rejects.toMatchObject({ code: 'DeleteConflict' });
  });

  test('includes an eleventh managed policy', async () => {
    for (let index = 0; index < 10; index++) await call('AttachRolePolicy', { RoleName: 'rollout', PolicyArn: `arn:aws:iam::aws:policy/P${index}` });
    await expect(call('AttachRolePolicy', { RoleName: 'rollout', PolicyArn: 'arn:aws:iam::aws:policy/P10' })).rejects.toMatchObject({ code: 'LimitExceeded' });
  });
});

test('documents are returned percent-encoded, as by the real service', async () => {
  const { Role } = await call('GetRole', { RoleName: 'rollout' });
  expect(Role).toMatchObject({ Arn: roleArn, AssumeRolePolicyDocument: '%7B%22Statement%22%3A%5B%5D%7D' });
});
