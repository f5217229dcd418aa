import { Events } from '../../../sandbox/events';
import type { Input } from '../../../sandbox/core/aws-service';
import type { World } from '../../../sandbox/core/world';
import { startLambdaRig, type LambdaRig } from '../lambda/lambda-rig';

let rig: LambdaRig;
let functionArn: string;

beforeEach(async () => {
  rig = await startLambdaRig();
  functionArn = await rig.createFunction('ordinary.receives', { name: 'target' });
});
afterEach(() => rig.close());

const call = (operation: string, input: Input): Promise<Input> => rig.sandbox.call('events', operation, input);

async function rule(target: Input = {}, settings: Input = {}): Promise<string> {
  const { RuleArn } = await call('PutRule', { Name: 'rule', EventPattern: JSON.stringify({ source: ['mine'] }), ...settings });
  await call('PutTargets', { Rule: 'rule', Targets: [{ Id: '1', Arn: functionArn, ...target }] });
  return RuleArn;
}

const permit = (more: Input): Promise<Input> => rig.sandbox.call('lambda', 'AddPermission', {
  FunctionName: functionArn, StatementId: 'rule', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', ...more,
});

async function put(detail: object = { status: 'FAILED' }): Promise<void> {
  await call('PutEvents', { Entries: [{ Source: 'mine', DetailType: 'Something Happened', Resources: ['arn:it'], Detail: JSON.stringify(detail) }] });
  await rig.sandbox.clock.sleep(1);
}

const received = (): unknown[] => rig.witness.heard.map(({ name }) => JSON.parse(name));

test('an event reaches the target of the rule that it matches', async () => {
  await permit({ SourceArn: await rule() });
  await put();
  expect(received()).toEqual([{
    'version': '0', 'id': expect.stringMatching(/^[0-9a-f-]{36}$/), 'detail-type': 'Something Happened', 'source': 'mine',
    'account': '123456789012', 'time': '2026-01-01T00:00:00Z', 'region': 'us-east-1', 'resources': ['arn:it'], 'detail': { status: 'FAILED' },
  }]);
});

test.each<[string, (ruleArn: string) => Input | undefined, boolean]>([
  ['of this very rule', (SourceArn) => ({ SourceArn }), true],
  ['of every rule', () => ({}), true],
  ['of this account', () => ({ SourceAccount: '123456789012' }), true],
  ['of another rule', (ruleArn) => ({ SourceArn: `${ruleArn}-2` }), false],
  ['of another account', () => ({ SourceAccount: '210987654321' }), false],
  ['for another service', () => ({ Principal: 's3.amazonaws.com' }), false],
  ['not given', () => undefined, false],
])('a target is invoked only with a permission: one %s', async (_what, permission, isInvoked) => {
  const settings = permission(await rule());
  if (settings) await permit(settings);
  await put();
  expect(received()).toHaveLength(isInvoked ? 1 : 0);
  expect(rig.sandbox.requests.some(({ service, operation }) => service === 'lambda' && operation === 'Invoke')).toBe(isInvoked);
});

test('a target that is an alias needs the permission of the alias', async () => {
  await rig.sandbox.call('lambda', 'PublishVersion', { FunctionName: 'target' });
  await rig.sandbox.call('lambda', 'CreateAlias', { FunctionName: 'target', Name: 'live', FunctionVersion: '1' });
  const SourceArn = await rule({ Arn: `${functionArn}:live` });
  await permit({ SourceArn });
  await put();
  expect(received()).toEqual([]);
  await permit({ SourceArn, Qualifier: 'live' });
  await put();
  expect(received()).toHaveLength(1);
});

test.each<[string, Input, unknown]>([
  ['a constant', { Input: '{"a":1}' }, { a: 1 }],
  ['a part of the event', { InputPath: '$.detail' }, { status: 'FAILED', list: [{ n: 7 }] }],
  ['a template', { InputTransformer: {
    InputPathsMap: { status: '$.detail.status', number: '$.detail.list[0].n', all: '$.detail' },
    InputTemplate: '{"text":"it is <status>","bare":<status>,"number":<number>,"all":<all>}',
  } }, { text: 'it is FAILED', bare: 'FAILED', number: 7, all: { status: 'FAILED', list: [{ n: 7 }] } }],
])('the input of a target is built from: %s', async (_what, target, input) => {
  await permit({ SourceArn: await rule(target) });
  await put({ status: 'FAILED', list: [{ n: 7 }] });
  expect(received()).toEqual([input]);
});

test('a function needs a permission to put events or rules', () => {
  const events = new Events({ partition: 'aws', region: 'us-east-1', accountId: '123456789012' } as World);
  const rights = ['PutEvents', 'PutTargets'].map((operation) => events.requiredPermissions(operation, { Rule: 'rule' }));
  expect(rights).toEqual([
    [{ action: 'events:PutEvents', resources: ['arn:aws:events:us-east-1:123456789012:event-bus/default'] }],
    [{ action: 'events:PutTargets', resources: ['arn:aws:events:us-east-1:123456789012:rule/rule'] }],
  ]);
});

test('a disabled rule does nothing until it is enabled', async () => {
  await permit({ SourceArn: await rule({}, { State: 'DISABLED' }) });
  await put();
  expect(received()).toEqual([]);
  await call('EnableRule', { Name: 'rule' });
  await put();
  expect(received()).toHaveLength(1);
});

test('a rule is described, and is deleted only without targets', async () => {
  await rule({}, { Description: 'about it' });
  expect(await call('DescribeRule', { Name: 'rule' })).toMatchObject({
    Name: 'rule', Arn: 'arn:aws:events:us-east-1:123456789012:rule/rule', State: 'ENABLED', Description: 'about it', EventPattern: '{"source":["mine"]}',
  });
  expect(await call('ListTargetsByRule', { Rule: 'rule' })).toEqual({ Targets: [{ Id: '1', Arn: functionArn }] });
  await expect(call('DeleteRule', { Name: 'rule' })).rejects.toMatchObject({ code: 'ValidationException' });
  await call('RemoveTargets', { Rule: 'rule', Ids: ['1'] });
  await call('DeleteRule', { Name: 'rule' });
  await expect(call('DescribeRule', { Name: 'rule' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
});

describe('PutEvents', () => {
  const entry = { Source: 'mine', DetailType: 'Something Happened', Detail: '{}' };

  test.each<[string, Input, string, string]>([
    ['the source of an AWS service', { Source: 'aws.ecs' }, 'NotAuthorizedForSourceException', 'Not authorized for the source.'],
    ['a detail that is no JSON', { Detail: '{' }, 'MalformedDetail', 'Detail is malformed.'],
    ['a detail that is no object', { Detail: '[]' }, 'MalformedDetail', 'Detail is malformed.'],
    ['a detail that is nested too deeply', { Detail: `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }, 'MalformedDetail', 'Detail is malformed.'],
    ['no source', { Source: undefined }, 'InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.'],
    ['no detail type', { DetailType: '' }, 'InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.'],
  ])('rejects an entry with %s, and accepts the others', async (_what, fault, ErrorCode, ErrorMessage) => {
    await permit({ SourceArn: await rule({}, { EventPattern: '{"detail-type":["Something Happened"]}' }) });
    expect(await call('PutEvents', { Entries: [{ ...entry, ...fault }, entry] })).toEqual({
      FailedEntryCount: 1, Entries: [{ ErrorCode, ErrorMessage }, { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    });
    await rig.sandbox.clock.sleep(1);
    expect(received()).toHaveLength(1);
  });
});

test.each(['null', '[]', '{', '"x"', '{"source":"mine"}'])('the event pattern %s is rejected with the rule', async (EventPattern) => {
  await expect(call('PutRule', { Name: 'rule', EventPattern })).rejects.toMatchObject({ code: 'InvalidEventPatternException' });
  expect(await call('ListRules', {})).toEqual({ Rules: [] });
});

test('an input transformer reaches no prototype of the event', async () => {
  const InputTransformer = { InputPathsMap: { name: '$.detail.constructor.name' }, InputTemplate: '{"a":<name>,"b":"<constructor>"}' };
  await permit({ SourceArn: await rule({ InputTransformer }) });
  await put();
  expect(received()).toEqual([{ a: null, b: '<constructor>' }]);
});
