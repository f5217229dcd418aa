import type { DaemonProperties } from '../../lambda/contract';
import { desiredTags, differ, isOurs, ownerOf, tagChanges, type Tags } from '../../lambda/rollout/facts/ownership';
import { rolloutOf, type Rollout } from '../../lambda/rollout/rollout';
import { DAEMON_ARN, OWNER_TAGS, STACK_ID, updateRequest } from './requests';

const STACK = 'cdk-ecs-managed-daemons:stack-id';
const LOGICAL_ID = 'cdk-ecs-managed-daemons:logical-id';
const RECORD = 'cdk-ecs-managed-daemons:adoption';
const WAS = 'cdk-ecs-managed-daemons:was:team';

const team = (value: string) => ({ key: 'team', value });

const rolloutFrom = (from: Partial<DaemonProperties>, to: Partial<DaemonProperties>): Rollout =>
  rolloutOf(updateRequest(from, to), { startedAt: 0, rollingBack: false, logGroup: '' }, 'arn:rollout');

const rollout = rolloutFrom({}, { Tags: [team('a')] });

test('a daemon of ours carries the tags of the user and those of its owner, which nobody can replace', () => {
  expect(desiredTags(rollout)).toEqual({ team: 'a', [STACK]: STACK_ID, [LOGICAL_ID]: 'Agent' });
  expect(desiredTags(rolloutFrom({}, { Tags: [{ key: STACK, value: 'other' }] }))).toEqual(OWNER_TAGS);
});

test('a tag whose key every object has is set and removed like another', () => {
  const tag = { key: 'constructor', value: 'a' };
  expect(tagChanges(OWNER_TAGS, rolloutFrom({}, { Tags: [tag] })).set).toEqual({ constructor: 'a' });
  expect(tagChanges({ ...OWNER_TAGS, constructor: 'a' } as never, rolloutFrom({ Tags: [tag] }, {})).remove).toEqual(['constructor']);
});

test.each<[string, Tags, boolean]>([
  ['stack and logical id', OWNER_TAGS, true],
  ['the stack only', { ...OWNER_TAGS, [LOGICAL_ID]: 'Other' }, false],
  ['the logical id only', { ...OWNER_TAGS, [STACK]: 'other' }, false],
  ['nothing', {}, false],
])('ours is what names %s of ours', (_what, tags, expected) => {
  expect(isOurs(tags, rollout)).toBe(expected);
});

test.each<[Tags, string]>([
  [OWNER_TAGS, 'the resource Agent of the stack demo'],
  [{ [STACK]: STACK_ID }, 'the resource ? of the stack demo'],
  [{ [STACK]: 'by-hand', [LOGICAL_ID]: 'A' }, 'the resource A of the stack by-hand'],
  [{ [LOGICAL_ID]: 'A', team: 'a' }, 'nobody that its tags name'],
])('the owner by the tags %j is %s', (tags, owner) => {
  expect(ownerOf(tags)).toBe(owner);
});

describe('the tags that are changed', () => {
  const changes = (from: DaemonProperties['Tags'], to: DaemonProperties['Tags'], actual: Tags, more: Partial<Rollout> = {}) =>
    tagChanges({ ...OWNER_TAGS, ...actual }, { ...rolloutFrom({ Tags: from }, { Tags: to }), ...more });

  test.each<[string, DaemonProperties['Tags'], DaemonProperties['Tags'], Tags, Tags, string[]]>([
    ['none, if they are as wanted', [team('a')], [team('a')], { team: 'a' }, {}, []],
    ['those with another value', [team('a')], [team('b')], { team: 'a' }, { team: 'b' }, []],
    ['those that are missing', [], [team('b')], {}, { team: 'b' }, []],
    ['those that are not wanted any more', [team('a')], [], { team: 'a' }, {}, ['team']],
    ['those that are gone already, since a read may be older', [team('a')], [], {}, {}, ['team']],
    ['none that others have put there', [], [], { team: 'theirs' }, {}, []],
  ])('%s', (_what, from, to, actual, set, remove) => {
    const expected = { set, remove };
    expect(changes(from, to, actual)).toEqual(expected);
    expect(differ(expected)).toBe(Object.keys(set).length + remove.length > 0);
  });

  test('none that another daemon of the old properties had', () => {
    expect(changes([team('a')], [], { team: 'a' }, { previousDaemonArn: `${DAEMON_ARN}-2` })).toEqual({ set: {}, remove: [] });
  });

  test('those of an adoption, once it is completed or its record is gone', () => {
    const adopted = { [RECORD]: 'operation', [WAS]: 'a' };
    expect(changes([], [], adopted)).toEqual({ set: {}, remove: [] });
    expect(changes([], [], adopted, { adoptionCompleted: true })).toEqual({ set: {}, remove: [RECORD, WAS] });
    expect(changes([], [], { [WAS]: 'a' })).toEqual({ set: {}, remove: [WAS] });
  });

  test('of a create are those that are missing', () => {
    expect(tagChanges({}, { ...rollout, previous: undefined })).toEqual({ set: { team: 'a', ...OWNER_TAGS }, remove: [] });
  });
});

describe('the tags of the stack', () => {
  const STACK_TAGS = 'cdk-ecs-managed-daemons:stack-tags';
  const withStackTags = (stackTags: Tags | undefined, to: Partial<DaemonProperties> = {}, from: Partial<DaemonProperties> = {}): Rollout =>
    ({ ...rolloutFrom(from, to), stackTags });
  const numbered = (count: number): Tags => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index + 10}`, 'v']));

  test('reach the daemon, and one tag records their keys', () => {
    expect(desiredTags(withStackTags({ team: 'a', cost: '1' }))).toEqual(
      { team: 'a', cost: '1', ...OWNER_TAGS, [STACK_TAGS]: expect.stringMatching(/^[\w-]{10}$/) },
    );
  });

  test('lose against those of the daemon, which are not recorded', () => {
    expect(desiredTags(withStackTags({ team: 'stack' }, { Tags: [team('daemon')] }))).toEqual({ team: 'daemon', ...OWNER_TAGS });
  });

  test('of AWS, of ours and those that are excluded do not reach the daemon', () => {
    const tags = { 'aws:cloudformation:stack-name': 'demo', [WAS]: 'x', team: 'a' };
    expect(desiredTags(withStackTags(tags, { ExcludedStackTags: ['team'] }))).toEqual(OWNER_TAGS);
  });

  test('leave the daemon with the stack', () => {
    const actual = { ...desiredTags(withStackTags({ team: 'a', cost: '1' })), theirs: 'x' };
    expect(tagChanges(actual, withStackTags({ cost: '2' }))).toEqual({ set: { cost: '2', [STACK_TAGS]: expect.any(String) }, remove: ['team'] });
    expect(tagChanges(actual, withStackTags({}))).toEqual({ set: {}, remove: ['cost', 'team', STACK_TAGS] });
  });

  test('stay on the daemon while they cannot be read', () => {
    const actual = desiredTags(withStackTags({ team: 'a' }));
    expect(tagChanges(actual, withStackTags(undefined))).toEqual({ set: {}, remove: [] });
  });

  test('become the own ones of the daemon once the template states them, and leave with it', () => {
    const actual = desiredTags(withStackTags({ team: 'a' }));
    expect(tagChanges(actual, withStackTags({ team: 'a' }, { Tags: [team('a')] }), true)).toEqual({ set: {}, remove: [STACK_TAGS] });
    expect(tagChanges({ ...OWNER_TAGS, team: 'a' }, withStackTags({}, {}, { Tags: [team('a')] }))).toEqual({ set: {}, remove: ['team'] });
  });

  test('stay as an adoption has found them until it is completed', () => {
    const actual = { ...desiredTags(withStackTags({ team: 'a' })), [RECORD]: 'operation' };
    expect(tagChanges(actual, withStackTags({}))).toEqual({ set: {}, remove: [] });
    expect(tagChanges(actual, { ...withStackTags({}), adoptionCompleted: true }).remove).toEqual(['team', STACK_TAGS, RECORD]);
  });

  test.each([
    [47, {}, 47], [48, {}, 47], [60, {}, 47], [50, { Tags: [team('a')] }, 46], [50, { AdoptExisting: true }, 44],
  ])('never make more than 50 tags: of %d, beside %j, %d fit, and their record does too', (count, properties, fitting) => {
    const tags = desiredTags(withStackTags(numbered(count), properties));
    expect(Object.keys(tags).filter((key) => key.startsWith('key'))).toHaveLength(fitting);
    expect(Object.keys(tags).length).toBeLessThanOrEqual(50);
    expect(tags[STACK_TAGS]!.length).toBeLessThanOrEqual(256);
  });
});
