import { faultOfEventPattern, matchesEventPattern } from '../../../sandbox/events/event-pattern';

const event = {
  'source': 'aws.lambda',
  'detail-type': 'Durable Execution Status Change',
  'resources': ['arn:one', 'arn:two'],
  'detail': { status: 'FAILED', functionArn: 'arn:function:rollout:7', count: 5, flag: true, nothing: null, list: [{ name: 'a' }, { name: 'b' }] },
};

test.each<[string, object, boolean]>([
  ['an exact value', { source: ['aws.lambda'] }, true],
  ['another value', { source: ['aws.ecs'] }, false],
  ['one of several values', { source: ['aws.ecs', 'aws.lambda'] }, true],
  ['all fields have to match', { 'source': ['aws.lambda'], 'detail-type': ['other'] }, false],
  ['a nested field', { detail: { status: ['FAILED', 'TIMED_OUT'] } }, true],
  ['a nested field of another value', { detail: { status: ['SUCCEEDED'] } }, false],
  ['an item of a list in the event', { resources: ['arn:two'] }, true],
  ['no item of a list in the event', { resources: ['arn:three'] }, false],
  ['a field in an item of a list', { detail: { list: { name: ['b'] } } }, true],
  ['numbers, booleans and null as they are', { detail: { count: [5], flag: [true], nothing: [null] } }, true],
  ['a number is no text', { detail: { count: ['5'] } }, false],
  ['prefix', { detail: { functionArn: [{ prefix: 'arn:function:rollout:' }] } }, true],
  ['prefix of something else', { detail: { functionArn: [{ prefix: 'arn:function:other:' }] } }, false],
  ['prefix in any case', { source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }, true],
  ['suffix', { detail: { functionArn: [{ suffix: ':7' }] } }, true],
  ['equals-ignore-case', { source: [{ 'equals-ignore-case': 'AWS.Lambda' }] }, true],
  ['wildcard', { detail: { functionArn: [{ wildcard: 'arn:*:rollout:*' }] } }, true],
  ['anything-but a value', { detail: { status: [{ 'anything-but': 'SUCCEEDED' }] } }, true],
  ['anything-but this very value', { detail: { status: [{ 'anything-but': ['RUNNING', 'FAILED'] }] } }, false],
  ['anything-but a prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }, false],
  ['anything-but never matches what is missing', { detail: { other: [{ 'anything-but': 'x' }] } }, false],
  ['exists', { detail: { status: [{ exists: true }] } }, true],
  ['exists, of a missing field', { detail: { other: [{ exists: true }] } }, false],
  ['does not exist', { detail: { other: [{ exists: false }] } }, true],
  ['does not exist below what is missing', { other: { deeper: [{ exists: false }] } }, true],
  ['numeric range', { detail: { count: [{ numeric: ['>', 0, '<=', 5] }] } }, true],
  ['numeric, out of range', { detail: { count: [{ numeric: ['<', 5] }] } }, false],
  ['$or', { $or: [{ source: ['aws.ecs'] }, { detail: { count: [5] } }] }, true],
  ['$or, none', { $or: [{ source: ['aws.ecs'] }, { detail: { count: [6] } }] }, false],
])('a pattern matches or not: %s', (_what, pattern, matches) => {
  expect(matchesEventPattern(pattern, event)).toBe(matches);
});

test('an event has no fields of its prototype', () => {
  expect(matchesEventPattern({ constructor: [{ exists: true }] }, event)).toBe(false);
});

test.each<[string, object, string]>([
  ['an unknown comparison', { source: [{ cidr: '10.0.0.0/8' }] }, 'does not support the match type cidr'],
  ['a comparison that every object has', { source: [{ constructor: 1 }] }, 'does not support the match type constructor'],
  ['an unknown comparison of anything-but', { source: [{ 'anything-but': { cidr: 'x' } }] }, 'does not support the match type cidr'],
  ['a text in the place of a list', { detail: { status: 'FAILED' } }, '"status" must be an object or an array'],
  ['null in the place of a list', { source: null }, '"source" must be an object or an array'],
  ['an empty list', { source: [] }, '"source" must not be an empty array'],
  ['a list in a list', { source: [['aws.ecs']] }, '"source" must not hold arrays'],
  ['one alternative', { $or: [{ source: ['aws.ecs'] }] }, '"$or" must be an array of at least two objects'],
  ['an alternative with a fault', { $or: [{ source: ['a'] }, { source: 'a' }] }, '"source" must be an object or an array'],
  ['a numeric range that is no list', { detail: { count: [{ numeric: '>' }] } }, 'numeric must be an array'],
])('a pattern with %s is rejected', (_what, pattern, fault) => {
  expect(faultOfEventPattern(pattern)).toContain(fault);
});
