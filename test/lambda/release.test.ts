import type { DaemonProperties } from '../../lambda/contract';
import { stackTagsFor } from '../../lambda/rollout/facts/stack-tags';
import { steady, type FakeDaemonApi } from './fake-daemon-api';
import { withDaemon, writesOf } from './fixtures';
import {
  createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, properties, settings, STACK_ID, updateRequest,
} from './requests';
import { simulate, type Circumstances, type Run } from './simulate';

const STACK = 'cdk-ecs-managed-daemons:stack-id';
const LOGICAL_ID = 'cdk-ecs-managed-daemons:logical-id';
const RECORD = 'cdk-ecs-managed-daemons:adoption';
const WAS_STACK = 'cdk-ecs-managed-daemons:was:cdk-ecs-managed-daemons:stack-id';
const OTHER_STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/others/1';

/** Nothing of it is a default, so that a lost setting is found. */
const BEFORE: Partial<DaemonProperties> = {
  DrainPercent: 10, BakeTimeInMinutes: 3, AlarmNames: ['theirs'], PropagateTags: 'DAEMON', EnableECSManagedTags: false, EnableExecuteCommand: true,
  Critical: false,
};
const ADOPTING: Partial<DaemonProperties> = {
  ...BEFORE, AlarmNames: ['ours'], AdoptExisting: true,
  Tags: [{ key: 'team', value: 'ours' }, { key: 'same', value: 'same' }, { key: 'new', value: 'one' }],
};

const foreign = { team: 'theirs', same: 'same', cost: 'center' };
const formerOwners: [string, Record<string, string>, string][] = [
  ['nobody', foreign, 'nobody that its tags name'],
  ['another resource of this stack', { ...foreign, [STACK]: STACK_ID, [LOGICAL_ID]: 'Former' }, 'the resource Former of the stack demo'],
  ['another stack', { ...foreign, [STACK]: OTHER_STACK, [LOGICAL_ID]: 'Theirs' }, 'the resource Theirs of the stack others'],
  ['another stack, with a tag of its own', { ...foreign, ...stackTagsFor(properties(), { cost: 'center' }).set, [STACK]: OTHER_STACK, [LOGICAL_ID]: 'Theirs' }, 'the resource Theirs of the stack others'],
  ['another stack, under the same logical id', { ...foreign, [STACK]: OTHER_STACK, [LOGICAL_ID]: 'Agent' }, 'the resource Agent of the stack others'],
];

const cuts = [0, 5, 120].flatMap((lag) => [1, 2].flatMap((attempts) =>
  (['before', 'after'] as const).map((moment) => [moment, attempts, lag] as const)));

const tagsOf = (api: FakeDaemonApi): Record<string, string> => api.daemons.get(DAEMON_ARN)![0]!.tags.at(-1)!.tags;

/** The tags, but for the one that stays where IAM does not let us remove it. */
function tagsBut(api: FakeDaemonApi): Record<string, string> {
  const { [WAS_STACK]: kept, ...tags } = tagsOf(api);
  expect([undefined, tags[STACK]]).toContain(kept);
  return tags;
}

/** IAM refuses what is not on a daemon of this stack. */
function withIam(api: FakeDaemonApi): FakeDaemonApi {
  const { refuse } = api;
  const mayTag = (call: string): boolean => tagsOf(api)[STACK] === STACK_ID || call === 'tag' && tagsOf(api)[RECORD] === undefined;
  api.refuse = (call) => ['tag', 'untag', 'updateDaemon', 'deleteDaemon'].includes(call) && !mayTag(call)
    ? { kind: 'denied', name: 'AccessDeniedException', message: `no ${call} on what is not ours` } : refuse(call);
  return api;
}

async function adopted(
  tags: Record<string, string>, properties: Partial<DaemonProperties>, stackTags?: Record<string, string>,
): Promise<FakeDaemonApi> {
  const api = withDaemon(BEFORE, tags);
  api.addAlarm('ours');
  api.course = steady(12);
  const { answer } = await simulate(api, createRequest(properties), { stackTags });
  expect(answer.Status).toBe('SUCCESS');
  api.calls.length = 0;
  api.updates.length = 0;
  return withIam(api);
}

const rollBack = (api: FakeDaemonApi, properties: Partial<DaemonProperties>, circumstances?: Circumstances): Promise<Run> =>
  simulate(api, deleteRequest(DAEMON_ARN, properties), circumstances);

describe.each(formerOwners)('an adoption from %s that is rolled back', (_, tags, owner) => {
  test('releases the daemon with its tags, and drains nothing', async () => {
    const api = await adopted(tags, ADOPTING);
    const run = await rollBack(api, ADOPTING);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: { Outcome: 'SUCCEEDED' } });
    expect(run.answer.Reason).toBe(`SUCCEEDED: the daemon agent is released to ${owner}`);
    expect(api.updates).toEqual([]);
    expect(tagsBut(api)).toEqual(tags);
    expect(writesOf(api)).not.toContain('deleteDaemon');
  });

  test.each(cuts)(
    'whose every write is cut off %s it took effect, %d times, with a read lag of %d s, ends the same', async (moment, attempts, readLagSeconds) => {
      const api = await adopted(tags, ADOPTING);
      api.readLagSeconds = readLagSeconds;
      const run = await rollBack(api, ADOPTING, { cut: (_command, attempt) => attempt <= attempts ? moment : undefined });
      expect(run.answer.Status).toBe('SUCCESS');
      expect(run.answer.Data).toMatchObject({ Outcome: 'SUCCEEDED' });
      expect(run.lines).toContain('APPLYING: reads whether the daemon is released: it was interrupted');
      expect(api.updates).toEqual([]);
      expect(tagsBut(api)).toEqual(tags);
    });

  test.each([1, 2, 3, 4])('and is interrupted at its tag call number %d is completed by the next deletion, which deletes no daemon', async (number) => {
    const api = await adopted(tags, ADOPTING);
    let calls = 0;
    const { refuse } = api;
    api.refuse = (call) => (call === 'tag' || call === 'untag') && ++calls >= number
      ? { kind: 'denied', name: 'AccessDeniedException', message: 'no' } : refuse(call);
    const first = await rollBack(api, ADOPTING);
    if (calls >= number) expect(first.answer.Reason).toMatch(/^APPLYING: the daemon agent could not be released: AccessDeniedException: no/);
    api.refuse = refuse;
    api.now += 600_000;
    const second = await rollBack(api, ADOPTING);
    expect(second.answer.Status).toBe('SUCCESS');
    expect(tagsBut(api)).toEqual(tags);
    expect(writesOf(api)).not.toContain('deleteDaemon');
    expect(api.exists(DAEMON_ARN)).toBe(true);
  });
});

describe.each(formerOwners)('a daemon of %s that was adopted by a stack with tags', (_owner, tags) => {
  test.each([1, 2, 3, 4, 5])('loses them when it is released, even if interrupted at its tag call number %d', async (number) => {
    const api = await adopted(tags, ADOPTING, { own: 'one', cost: 'ours' });
    expect(tagsOf(api)).toMatchObject({ own: 'one', cost: 'ours' });
    let calls = 0;
    const { refuse } = api;
    api.refuse = (call) => (call === 'tag' || call === 'untag') && ++calls === number
      ? { kind: 'transient', name: 'ServerException', message: 'Internal failure' } : refuse(call);
    const run = await rollBack(api, ADOPTING);
    expect(run.answer.Status).toBe('SUCCESS');
    expect(tagsBut(api)).toEqual(tags);
  });
});

test('the ownership is restored although a read right before its write is older than the adoption', async () => {
  const tags = formerOwners[2]![1];
  const api = await adopted(tags, ADOPTING);
  const listTags = api.listTags.bind(api);
  let reads = 0;
  api.listTags = async (arn) => ++reads >= 3 && reads <= 4 ? tags : listTags(arn);
  const run = await rollBack(api, ADOPTING);
  expect(run.answer.Status).toBe('SUCCESS');
  expect(tagsBut(api)).toEqual(tags);
});

describe('the release of a daemon', () => {
  const nobody = formerOwners[0]![1];

  test.each([[200, 'SUCCEEDED'], [Infinity, 'FAILED']])('with tags that are throttled for %d s ends as %s', async (seconds, outcome) => {
    const api = await adopted(nobody, ADOPTING);
    const { refuse, now } = api;
    const Reason = /^APPLYING: TIMED_OUT after 55 minutes; the daemon could not be released: ThrottlingException: Rate exceeded; /;
    api.refuse = (call) => (call === 'tag' || call === 'untag') && api.now < now + seconds * 1000
      ? { kind: 'throttled', name: 'ThrottlingException', message: 'Rate exceeded' } : refuse(call);
    const run = await rollBack(api, ADOPTING);
    expect(run.answer.Data?.Outcome ?? 'FAILED').toBe(outcome);
    if (outcome === 'FAILED') expect(run.answer.Reason).toMatch(Reason);
  });

  test('reads the tags again if they cannot be read right before the write', async () => {
    const api = await adopted(nobody, ADOPTING);
    const { refuse } = api;
    let reads = 0;
    const run = await rollBack(api, ADOPTING, {
      cut: (command, attempt) => {
        if (command === 'give-back-daemon' && attempt === 1) {
          api.refuse = (call) => call === 'listTags' && ++reads === 1 ? { kind: 'transient', name: 'ServerException', message: 'oops' } : refuse(call);
        }
        return undefined;
      },
    });
    expect(run.lines).toContain('APPLYING: reads whether the daemon is released: oops');
    expect(run.answer.Data).toMatchObject({ Outcome: 'SUCCEEDED' });
    expect(tagsOf(api)).toEqual(nobody);
  });

  test('succeeds if another caller deletes the daemon while its ownership is restored', async () => {
    const api = await adopted(nobody, ADOPTING);
    const run = await rollBack(api, ADOPTING, {
      cut: (command, attempt) => {
        if (command !== 'give-back-daemon' || attempt > 1) return undefined;
        api.daemons.delete(DAEMON_ARN);
        return 'before';
      },
    });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  });

  test('succeeds if another caller has deleted the daemon', async () => {
    const api = await adopted(nobody, ADOPTING);
    await api.deleteDaemon(DAEMON_ARN);
    api.now += 1_000_000;
    const run = await rollBack(api, ADOPTING);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  });

  test('waits for a deletion of the daemon by another caller, and does not request another one', async () => {
    const api = await adopted(nobody, ADOPTING);
    await api.deleteDaemon(DAEMON_ARN);
    api.now += 10_000;
    api.calls.length = 0;
    const run = await rollBack(api, ADOPTING);
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writesOf(api)).toEqual([]);
  });
});

describe('a Create that was interrupted by the failure of another resource', () => {
  const tags = formerOwners[2]![1];

  test('is rolled back to the former tags', async () => {
    const api = withDaemon(BEFORE, tags);
    await simulate(api, createRequest(ADOPTING), { meanwhile: (_, { adoption }) => { if (adoption && tagsOf(api)[RECORD]) throw new Error('stopped'); } })
      .catch(() => undefined);
    expect(tagsOf(api)).toHaveProperty([RECORD]);
    api.now += 100_000;
    const run = await simulate(withIam(api), deleteRequest('demo-Agent-1ABCDEF', ADOPTING));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'demo-Agent-1ABCDEF', Data: { Outcome: 'SUCCEEDED' } });
    expect(api.updates).toEqual([]);
    expect(tagsBut(api)).toEqual(tags);
  });

  test('releases the daemon also if its tags show during its deletion (A28)', async () => {
    const api = withDaemon(BEFORE, tags);
    const begin = api.now;
    let landed = false;
    const run = await simulate(api, deleteRequest('demo-Agent-1ABCDEF', ADOPTING), { meanwhile: () => {
      if (landed || api.now < begin + 60_000) return;
      landed = true;
      void api.tag(DAEMON_ARN, { ...OWNER_TAGS, [RECORD]: 'this-operation', [WAS_STACK]: OTHER_STACK,
        'cdk-ecs-managed-daemons:was:cdk-ecs-managed-daemons:logical-id': 'Theirs', 'cdk-ecs-managed-daemons:was:team': 'theirs',
        'cdk-ecs-managed-daemons:was:same': 'same', team: 'ours', new: 'one' });
    } });
    expect(run.answer.Data).toMatchObject({ Outcome: 'SUCCEEDED' });
    expect(tagsBut(api)).toEqual(tags);
  });

  test('releases nothing if it was interrupted before its tags were written, which is confirmed after the consistency window', async () => {
    const api = withDaemon(BEFORE, tags);
    const run = await simulate(api, deleteRequest('demo-Agent-1ABCDEF', ADOPTING));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(run.seconds).toBeGreaterThanOrEqual(130);
    expect(writesOf(api)).toEqual([]);
  });
});

test('an adoption by a change of name that an Update rolls back is released, and the former daemon is kept', async () => {
  const tags = formerOwners[0]![1];
  const api = await adopted(tags, ADOPTING);
  const former = DAEMON_ARN.replace('/agent', '/former');
  const own = { DaemonName: 'former' };
  api.now -= 86_400_000;
  api.put(former, settings(own), OWNER_TAGS, steady(12));
  api.now += 86_400_000;
  const run = await simulate(api, updateRequest(ADOPTING, own, former), { rollingBack: true });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: former, Data: { Outcome: 'UNCHANGED', DaemonArn: former } });
  expect(api.updates).toEqual([]);
  expect(tagsOf(api)).toEqual(tags);
  expect(run.lines).toContain('APPLYING: the daemon agent is released to nobody that its tags name');
});
