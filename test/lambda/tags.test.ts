import { stackTagsFor } from '../../lambda/rollout/facts/stack-tags';
import type { FakeDaemonApi } from './fake-daemon-api';
import { withDaemon, writesOf } from './fixtures';
import { DAEMON_ARN, OWNER_TAGS, properties, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const BEFORE = { team: 'a', environment: 'test' };
const AFTER = { team: 'b' };
const SETTINGS = { DrainPercent: 10 };

/** The tags of a daemon that has those of its stack. */
const tagsWith = (stackTags: Record<string, string>) => ({ ...OWNER_TAGS, ...stackTagsFor(properties(), stackTags).set });

const tagsOf = (api: FakeDaemonApi): object => api.daemons.get(DAEMON_ARN)!.at(-1)!.tags.at(-1)!.tags;

test.each(['tag', 'untag'] as const)('a tag that the stack has lost leaves the daemon although the first %s fails', async (failing) => {
  const api = withDaemon({}, tagsWith(BEFORE));
  let failures = 0;
  api.refuse = (call) => call === failing && failures++ === 0 ? { kind: 'transient', name: 'ServerException', message: 'Internal failure' } : undefined;
  const { answer } = await simulate(api, updateRequest({}, SETTINGS), { stackTags: AFTER });
  expect(answer.Status).toBe('SUCCESS');
  expect(tagsOf(api)).toEqual(tagsWith(AFTER));
});

test.each([
  ['changed', [{ key: 'team', value: 'b' }]],
  ['added', [{ key: 'team', value: 'a' }, { key: 'crew', value: 'b' }]],
  ['removed', []],
])('a tag that an update has %s a moment ago is rolled back although the read of the tags is older', async (_how, Tags) => {
  const before = { Tags: [{ key: 'team', value: 'a' }] };
  const api = withDaemon({}, { ...OWNER_TAGS, team: 'a' });
  api.readLagSeconds = 120;
  expect((await simulate(api, updateRequest(before, { Tags }))).answer.Status).toBe('SUCCESS');
  api.now += 5000;
  const { answer } = await simulate(api, updateRequest({ Tags }, before), { rollingBack: true, operationBeganSecondsAgo: 60 });
  expect(answer.Status).toBe('SUCCESS');
  expect(tagsOf(api)).toEqual({ ...OWNER_TAGS, team: 'a' });
});

test('tags that an update changes are written once, however often it waits for its turn after that', async () => {
  const api = withDaemon({}, { ...OWNER_TAGS, team: 'a' });
  let refusals = 0;
  api.refuse = (call) => call === 'updateDaemon' && refusals++ < 3 ? { kind: 'throttled', name: 'ThrottlingException', message: 'Rate exceeded' } : undefined;
  const from = { Tags: [{ key: 'team', value: 'a' }] };
  const { answer } = await simulate(api, updateRequest(from, { Tags: [{ key: 'team', value: 'b' }], ...taskDefinition(2) }));
  expect(answer.Status).toBe('SUCCESS');
  expect(writesOf(api).filter((call) => call === 'tag')).toHaveLength(1);
});
