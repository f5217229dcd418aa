import { parseIdentityPolicy, parsePolicyDocument } from '../../../sandbox/iam/policy-document';
import { appliesTo, requestContext } from '../../../sandbox/iam/policy-evaluation';
import { matchesArnPattern, matchesPattern } from '../../../sandbox/iam/pattern';

const daemon = 'arn:aws:ecs:us-east-1:123456789012:daemon/cluster/agent';
const update = { action: 'ecs:UpdateDaemon', resource: daemon };

const statement = (fields: object): ReturnType<typeof parsePolicyDocument>[number] =>
  parsePolicyDocument({ Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...fields } })[0]!;

describe('actions and resources', () => {
  test.each<[string, object, boolean]>([
    ['the action itself', { Action: 'ecs:UpdateDaemon' }, true],
    ['in any case', { Action: 'ECS:updatedaemon' }, true],
    ['one of a list', { Action: ['ecs:DeleteDaemon', 'ecs:UpdateDaemon'] }, true],
    ['a wildcard', { Action: 'ecs:Update*' }, true],
    ['a wildcard of one character', { Action: 'ecs:UpdateDaemo?' }, true],
    ['everything', { Action: '*' }, true],
    ['another action', { Action: 'ecs:CreateDaemon' }, false],
    ['another service', { Action: 'lambda:*' }, false],
    ['NotAction of another one', { Action: undefined, NotAction: 'ecs:CreateDaemon' }, true],
    ['NotAction of this one', { Action: undefined, NotAction: 'ecs:*' }, false],
    ['the resource itself', { Resource: daemon }, true],
    ['a wildcard that reaches across slashes', { Resource: 'arn:aws:ecs:us-east-1:123456789012:daemon/*' }, true],
    ['a wildcard in the middle', { Resource: 'arn:*:ecs:*:*:daemon/*/agent' }, true],
    ['another resource', { Resource: 'arn:aws:ecs:us-east-1:123456789012:daemon/cluster/other' }, false],
    ['NotResource of another one', { Resource: undefined, NotResource: 'arn:aws:ecs:us-east-1:123456789012:cluster/*' }, true],
    ['NotResource of this one', { Resource: undefined, NotResource: `${daemon.slice(0, -5)}*` }, false],
    ['a variable', { Resource: 'arn:aws:ecs:us-east-1:${aws:PrincipalAccount}:daemon/*' }, true],
    ['an unknown variable', { Resource: 'arn:aws:ecs:us-east-1:${aws:Unknown}:daemon/*' }, false],
  ])('%s', (_what, fields, applies) => {
    const context = requestContext({ 'aws:PrincipalAccount': '123456789012' });
    expect(appliesTo(statement(fields), { ...update, context })).toBe(applies);
  });
});

describe('conditions', () => {
  const context = requestContext({
    'aws:ResourceTag/owner': 'stack',
    'aws:TagKeys': ['owner', 'team'],
    'ecs:cluster': 'arn:aws:ecs:us-east-1:123456789012:cluster/one',
    'aws:SecureTransport': 'true',
    'count': '5',
    'aws:CurrentTime': '2026-01-01T00:00:00Z',
  });

  test.each<[string, object, boolean]>([
    ['StringEquals', { StringEquals: { 'aws:ResourceTag/owner': 'stack' } }, true],
    ['StringEquals, the key in any case', { StringEquals: { 'AWS:resourcetag/Owner': 'stack' } }, true],
    ['StringEquals, one of several', { StringEquals: { 'aws:ResourceTag/owner': ['other', 'stack'] } }, true],
    ['StringEquals of another value', { StringEquals: { 'aws:ResourceTag/owner': 'Stack' } }, false],
    ['StringEquals of a missing key', { StringEquals: { 'aws:RequestTag/owner': 'stack' } }, false],
    ['StringEquals knows no wildcards', { StringEquals: { 'aws:ResourceTag/owner': 'st*' } }, false],
    ['StringEqualsIfExists of a missing key', { StringEqualsIfExists: { 'aws:RequestTag/owner': 'stack' } }, true],
    ['StringEqualsIfExists of another value', { StringEqualsIfExists: { 'aws:ResourceTag/owner': 'other' } }, false],
    ['StringNotEquals', { StringNotEquals: { 'aws:ResourceTag/owner': 'other' } }, true],
    ['StringNotEquals of a missing key', { StringNotEquals: { 'aws:RequestTag/owner': 'stack' } }, true],
    ['StringNotEquals, one of several', { StringNotEquals: { 'aws:ResourceTag/owner': ['other', 'stack'] } }, false],
    ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { 'aws:ResourceTag/owner': 'STACK' } }, true],
    ['StringLike', { StringLike: { 'aws:ResourceTag/owner': 'st?c*' } }, true],
    ['StringNotLike', { StringNotLike: { 'aws:ResourceTag/owner': 's*' } }, false],
    ['ArnEquals', { ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:us-east-1:123456789012:cluster/*' } }, true],
    ['ArnLike, a wildcard does not reach across a colon', { ArnLike: { 'ecs:cluster': 'arn:aws:ecs:*:cluster/one' } }, false],
    ['ArnNotLike', { ArnNotLike: { 'ecs:cluster': 'arn:aws:ecs:*:*:cluster/two' } }, true],
    ['Bool', { Bool: { 'aws:SecureTransport': true } }, true],
    ['Bool, false', { Bool: { 'aws:SecureTransport': 'false' } }, false],
    ['Null, the key is missing', { Null: { 'aws:RequestTag/owner': 'true' } }, true],
    ['Null, the key is there', { Null: { 'aws:ResourceTag/owner': false } }, true],
    ['Null, the key is there but must not', { Null: { 'aws:ResourceTag/owner': 'true' } }, false],
    ['NumericLessThanEquals', { NumericLessThanEquals: { count: 5 } }, true],
    ['NumericGreaterThan', { NumericGreaterThan: { count: 5 } }, false],
    ['DateLessThan', { DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } }, true],
    ['ForAllValues', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['owner', 'team', 'more'] } }, true],
    ['ForAllValues, one too many', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['owner'] } }, false],
    ['ForAllValues of a missing key', { 'ForAllValues:StringEquals': { 'aws:Missing': ['owner'] } }, true],
    ['ForAnyValue', { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['t*'] } }, true],
    ['ForAnyValue, none', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['other'] } }, false],
    ['ForAnyValue of a missing key', { 'ForAnyValue:StringEquals': { 'aws:Missing': ['owner'] } }, false],
    ['all operators have to be met', { StringEquals: { 'aws:ResourceTag/owner': 'stack' }, Bool: { 'aws:SecureTransport': 'false' } }, false],
    ['all keys have to be met', { StringEquals: { 'aws:ResourceTag/owner': 'stack', 'count': '6' } }, false],
  ])('%s', (_what, condition, applies) => {
    expect(appliesTo(statement({ Condition: condition }), { ...update, context })).toBe(applies);
  });
});

describe('patterns', () => {
  test('what means something to regular expressions means nothing here', () => {
    expect(matchesPattern('a.b+c', 'a.b+c*')).toBe(true);
    expect(matchesPattern('axb+c', 'a.b+c*')).toBe(false);
  });

  test('the resource part of an ARN may have colons', () => {
    expect(matchesArnPattern('arn:aws:lambda:us-east-1:1:function:f:live', 'arn:aws:lambda:*:*:function:*')).toBe(true);
  });
});

describe('documents that IAM refuses', () => {
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /invalid Json/],
    ['no statement', {}, /Missing required field Statement/],
    ['no effect', { Statement: { Action: '*', Resource: '*' } }, /Effect/],
    ['no action', { Statement: { Effect: 'Allow', Resource: '*' } }, /must contain actions/],
    ['no resource', { Statement: { Effect: 'Allow', Action: '*' } }, /must contain resources/],
    ['a principal', { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' } }, /should not specify a principal/],
    ['an unknown operator', { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringIs: { a: 'b' } } } }, /StringIs/],
  ])('%s', (_what, document, message) => {
    expect(() => parseIdentityPolicy(document as object as Record<string, unknown>)).toThrow(message);
  });
});
