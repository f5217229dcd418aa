import type { DaemonProperties } from '../../lambda/contract';
import { desiredTags, differ, isOurs, ownerOf, tagChanges, type Tags } from '../../lambda/rollout/ownership';
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
    ['none that is gone already', [team('a')], [], {}, {}, []],
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
    const adopted = { [RECORD]: 'operation deployment', [WAS]: 'a' };
    expect(changes([], [], adopted)).toEqual({ set: {}, remove: [] });
    expect(changes([], [], adopted, { adoptionCompleted: true })).toEqual({ set: {}, remove: [RECORD, WAS] });
    expect(changes([], [], { [WAS]: 'a' })).toEqual({ set: {}, remove: [WAS] });
  });

  test('of a create are those that are missing', () => {
    expect(tagChanges({}, { ...rollout, previous: undefined })).toEqual({ set: { team: 'a', ...OWNER_TAGS }, remove: [] });
  });
});
