import { stackTagsFor } from '../../lambda/rollout/facts/stack-tags';
import { begin } from '../../lambda/rollout/machine';
import { rolloutOf } from '../../lambda/rollout/rollout';
import { confirmTags } from '../../lambda/rollout/stages/stack-tags';
import type { State } from '../../lambda/rollout/state';
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

describe('tags of the stack that two requests have changed one after the other', () => {
  const WINDOW_SECONDS = 180;
  const MARKED = { team: 'a', stage: 'beta' };

  /** Two updates at once, of which the second does not see yet what the first has written. */
  async function twice(changes: object, circumstances: object = {}) {
    const api = withDaemon({}, tagsWith(BEFORE));
    api.readLagSeconds = 120;
    await simulate(api, updateRequest({}, SETTINGS), { stackTags: MARKED });
    api.now += 1000;
    const run = await simulate(api, updateRequest(SETTINGS, changes), { stackTags: AFTER, tagsMayBeOlder: true, ...circumstances });
    return { api, run };
  }

  test('are those of the second request, although its first read shows those before both', async () => {
    const { api, run } = await twice({ DrainPercent: 20 });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(tagsOf(api)).toEqual(tagsWith(AFTER));
    expect(run.seconds).toBeGreaterThanOrEqual(WINDOW_SECONDS);
    expect(run.seconds).toBeLessThan(WINDOW_SECONDS + 20);
  });

  test('are written after the deployment, and the response has the outcome of the deployment', async () => {
    const { api, run } = await twice(taskDefinition(2));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' }, Reason: expect.stringContaining('is rolled out to') });
    expect(writesOf(api).indexOf('updateDaemon')).toBeLessThan(writesOf(api).lastIndexOf('tag'));
    expect(tagsOf(api)).toEqual(tagsWith(AFTER));
  });

  test('are those of the template again after a rollback', async () => {
    const api = withDaemon({}, tagsWith(BEFORE));
    api.readLagSeconds = 120;
    await simulate(api, updateRequest({}, SETTINGS), { stackTags: MARKED });
    api.now += 1000;
    const circumstances = { stackTags: BEFORE, tagsMayBeOlder: true, rollingBack: true };
    const { answer } = await simulate(api, updateRequest(SETTINGS, {}), circumstances);
    expect(answer.Status).toBe('SUCCESS');
    expect(tagsOf(api)).toEqual(tagsWith(BEFORE));
  });

  test('are left as they are where the rollout fails', async () => {
    const { api, run } = await twice({ ...taskDefinition(2), AlarmNames: ['missing'] });
    expect(run.answer.Status).toBe('FAILED');
    expect(tagsOf(api)).toEqual(tagsWith(MARKED));
  });

  test.each([
    ['the request before', 10, {}, 170],
    ['this request', 400, { sideEffects: ['the tags were changed'], write: { command: 'tag-daemon', notBefore: 0, latestArn: '', settledAt: 390_000 } }, 120],
    ['neither', 400, {}, 0],
  ] as const)('are read again when reads must return what %s has written', (_what, seconds, known, pause) => {
    const rollout = { ...rolloutOf(updateRequest({}, {}), { startedAt: 0, rollingBack: false, logGroup: '' }, 'arn:rollout'), tagsMayBeOlder: true };
    const answer = { Status: 'SUCCESS', Reason: 'SUCCEEDED', PhysicalResourceId: 'id' } as const;
    const state: State = { ...begin(rollout), ...known, decision: { kind: 'finish', response: answer, outcome: 'SUCCEEDED' } };
    expect(confirmTags(state, seconds * 1000, rollout)).toMatchObject({ decision: { kind: 'poll', afterSeconds: pause }, stage: { ended: { answer } } });
  });

  test('fail the update if ECS refuses them', async () => {
    const api = withDaemon({}, tagsWith(BEFORE));
    api.readLagSeconds = 120;
    await simulate(api, updateRequest({}, SETTINGS), { stackTags: MARKED });
    api.now += 1000;
    api.refuse = (call) => call === 'tag' ? { kind: 'refused', name: 'InvalidParameterException', message: 'too many tags' } : undefined;
    const run = await simulate(api, updateRequest(SETTINGS, { DrainPercent: 20 }), { stackTags: AFTER, tagsMayBeOlder: true });
    expect(run.answer).toMatchObject({
      Status: 'FAILED', Reason: 'APPLYING: the tags of the stack could not be written: InvalidParameterException: too many tags; log /aws/lambda/rollouts',
    });
    expect(run.seconds).toBeLessThan(WINDOW_SECONDS + 20);
  });

  test('delay no request whose reads show them', async () => {
    const { run } = await twice({ DrainPercent: 20 }, { tagsMayBeOlder: false });
    expect(run.seconds).toBeLessThan(10);
  });
});
