import { stackTagsFor } from '../../lambda/rollout/stack-tags';
import type { FakeDaemonApi } from './fake-daemon-api';
import { withDaemon } from './fixtures';
import { DAEMON_ARN, OWNER_TAGS, properties, updateRequest } from './requests';
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
