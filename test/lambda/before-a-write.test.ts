import type { DaemonApi } from '../../lambda/rollout/aws/daemon-api';
import { perform } from '../../lambda/rollout/perform';
import { rolloutOf } from '../../lambda/rollout/rollout';
import type { State } from '../../lambda/rollout/state';
import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, settings, STACK_ID, taskDefinition, updateRequest } from './requests';
import { simulate, type Circumstances } from './simulate';

const RECORD = 'cdk-ecs-managed-daemons:adoption';
const quick = { DrainPercent: 100 };

/** What happens right before a write is made for the first time, after the last look. */
function rightBefore(wanted: string, happens: () => unknown): Circumstances {
  return {
    cut: (command, attempt) => {
      if (command === wanted && attempt === 1) happens();
      return undefined;
    },
  };
}

test('a daemon with the same logical id of another stack is not ours', async () => {
  const other = { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:stack-id': STACK_ID.replace('/demo/', '/other/') };
  for (const request of [createRequest(taskDefinition(2)), updateRequest({}, taskDefinition(2)), deleteRequest()]) {
    const api = withDaemon({}, other);
    const run = await simulate(api, request);
    expect(run.answer.Reason).toContain('belongs to the resource Agent of the stack other; it was left alone');
    expect(writesOf(api)).toEqual([]);
  }
});

test('a deployment that starts between the poll and the write is read before the write', async () => {
  const api = withDaemon();
  api.readLagSeconds = 0;
  let looks = 0;
  api.refuse = (call) => {
    if (call === 'describeDaemon' && ++looks === 2) api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), steady(12));
    return undefined;
  };
  const begin = api.now;
  const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 50 }));
  expect(run.lines).toContain('APPLYING: the daemon has changed meanwhile; reads again before the write');
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBeGreaterThan(begin + 1_000_000);
});

test('a daemon that another stack adopts between the poll and the write is not written to', async () => {
  const api = withDaemon();
  const adopter = { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:stack-id': STACK_ID.replace('/demo/', '/other/') };
  let looks = 0;
  const listTags = api.listTags.bind(api);
  api.listTags = async (arn) => ++looks > 1 ? adopter : listTags(arn);
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toContain('belongs to the resource Agent of the stack other; it was left alone');
  expect(writesOf(api)).toEqual([]);
});

test('a rollout does not search for an update that was never sent', async () => {
  const api = withDaemon();
  let looks = 0;
  api.refuse = (call) => call === 'describeDaemon' && ++looks === 2 ? { kind: 'transient', name: 'ServerException', message: 'oops' } : undefined;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.calls.map(({ name }) => name)).not.toContain('listDeployments');
});

test('the remains of a deleted daemon do not count as a daemon (A16)', async () => {
  const api = withDaemon({}, { owner: 'somebody' });
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), status: 'INACTIVE' });
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Reason).toBe('UNCHANGED: there is no daemon agent');
});

test('a daemon that gets a deployment right before its adoption is adopted after it', async () => {
  const api = withDaemon({}, { team: 'theirs' });
  api.readLagSeconds = 0;
  const begin = api.now;
  const course = scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]);
  const run = await simulate(api, createRequest({ ...quick, AdoptExisting: true }), rightBefore('adopt-daemon', () => {
    api.deployByHand(DAEMON_ARN, settings(quick), course);
  }));
  expect(run.lines).toContain('APPLYING: the daemon has changed meanwhile; reads again before the write');
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.calls.find(({ name }) => name === 'tag')!.at - begin).toBeGreaterThanOrEqual(400_000);
});

test('an interrupted adoption that shows only after the last poll is not repeated with our own tags as the former ones', async () => {
  const api = withDaemon({}, { team: 'theirs' });
  api.readLagSeconds = 0;
  const Tags = [{ key: 'team', value: 'ours' }];
  const adopted = { ...OWNER_TAGS, team: 'ours', 'cdk-ecs-managed-daemons:was:team': 'theirs', [RECORD]: 'this-operation' };
  const run = await simulate(api, createRequest({ AdoptExisting: true, Tags }), rightBefore('adopt-daemon', () => api.tag(DAEMON_ARN, adopted)));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(await api.listTags(DAEMON_ARN)).toEqual(adopted);
  expect(writesOf(api)).toEqual(['tag']);
});

test.each<[string, Record<string, string>]>([
  ['of another stack', { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:stack-id': STACK_ID.replace('/demo/', '/other/'), [RECORD]: 'theirs' }],
  ['of an earlier try', { ...OWNER_TAGS, [RECORD]: 'earlier' }],
])('tags %s, which the last read still shows, are not recorded as those of the former owner (A28)', async (_whose, stale) => {
  const api = withDaemon({}, { team: 'theirs' });
  const listTags = api.listTags.bind(api);
  const run = await simulate(api, createRequest({ AdoptExisting: true }), rightBefore('adopt-daemon', () => {
    api.listTags = async (arn) => {
      api.listTags = listTags;
      return { ...await listTags(arn), ...stale };
    };
  }));
  expect(run.lines).toContain('APPLYING: the daemon has changed meanwhile; reads again before the write');
  expect(run.answer.Status).toBe('SUCCESS');
  expect(await listTags(DAEMON_ARN)).toEqual({ ...OWNER_TAGS, team: 'theirs', [RECORD]: 'this-operation' });
  expect(writesOf(api)).toEqual(['tag']);
});

test.each([
  ['update-daemon', () => withDaemon(), updateRequest({}, taskDefinition(2)), 'APPLYING', 'updateDaemon'],
  ['create-daemon', () => new FakeDaemonApi(), createRequest(), 'APPLYING', 'createDaemon'],
  ['delete-daemon', () => withDaemon(), deleteRequest(), 'DRAINING', 'deleteDaemon'],
  ['tag-daemon', () => withDaemon(), updateRequest({}, { Tags: [{ key: 'team', value: 'b' }] }), 'APPLYING', 'tag'],
  ['adopt-daemon', () => withDaemon({}, {}), createRequest({ AdoptExisting: true }), 'APPLYING', 'tag'],
])('a read that fails right before a write is reported with its cause: %s', async (command, ecs, request, phase, write) => {
  const api = ecs();
  let reads = 0;
  const run = await simulate(api, request, rightBefore(command, () => {
    api.refuse = () => ++reads === 1 ? { kind: 'transient', name: 'ServerException', message: 'oops' } : undefined;
  }));
  expect(run.lines).toContain(`${phase}: ${command} was not sent: oops; reads again`);
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writesOf(api)).toEqual([write]);
});

test('a read that keeps failing right before a write is retried at growing intervals, and reported at the deadline', async () => {
  const api = withDaemon();
  const begin = api.now;
  const tries: number[] = [];
  const run = await simulate(api, updateRequest({}, taskDefinition(2)), {
    cut: () => {
      let reads = 0;
      tries.push((api.now - begin) / 1000);
      api.refuse = () => ++reads === 1 ? { kind: 'transient', name: 'ServerException', message: 'x'.repeat(400) } : undefined;
      return undefined;
    },
  });
  expect(tries.slice(0, 6)).toEqual([0, 10, 30, 70, 130, 190]);
  expect(run.answer.Reason).toContain(`; update-daemon was not sent: ${'x'.repeat(300)}; `);
  expect(writesOf(api)).toEqual([]);
});

test.each([
  ['update-daemon', () => withDaemon(quick), updateRequest(quick, { ...quick, ...taskDefinition(2) })],
  ['create-daemon', () => new FakeDaemonApi(), createRequest(quick)],
  ['delete-daemon', () => withDaemon(quick), deleteRequest()],
])('a deployment of another daemon that starts right before a write is waited for: %s (A28)', async (command, ecs, request) => {
  const api = ecs();
  api.readLagSeconds = 0;
  const other = DAEMON_ARN.replace('/agent', '/other');
  addDaemon(api, other, {}, { owner: 'somebody' });
  let begunAt = 0;
  const run = await simulate(api, request, rightBefore(command, () => {
    begunAt = api.now;
    api.deployByHand(other, settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
  }));
  expect(run.answer.Status).toBe('SUCCESS');
  const written = api.calls.filter(({ name }) => name === writesOf(api)[0]);
  expect(written).toHaveLength(1);
  expect(written[0]!.at - begunAt).toBeGreaterThanOrEqual(400_000);
});

test.each([[0, false], [10, false], [11, true]])('a poll right before a write that takes %d s is repeated: %s', async (seconds, again) => {
  const api = withDaemon();
  let looks = 0;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)), rightBefore('update-daemon', () => {
    api.refuse = (call) => {
      if (call === 'listDaemons' && ++looks === 1) api.now += seconds * 1000;
      return undefined;
    };
  }));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines.includes('APPLYING: update-daemon was not sent: the reads before it took too long; reads again')).toBe(again);
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test.each([
  ['update-daemon', () => withDaemon(), updateRequest({}, { ...taskDefinition(2), AlarmNames: ['cpu'] })],
  ['create-daemon', () => new FakeDaemonApi(), createRequest({ AlarmNames: ['cpu'] })],
])('a deployment alarm that is deleted right before a write prevents it: %s (R34)', async (command, ecs, request) => {
  const api = ecs();
  api.addAlarm('cpu');
  const run = await simulate(api, request, rightBefore(command, () => api.alarms.delete('cpu')));
  expect(run.lines).toContain('PREFLIGHT: the deployment alarms have changed meanwhile; reads again before the write');
  expect(run.answer.Status).toBe('FAILED');
  expect(writesOf(api)).toEqual([]);
});

test.each([
  ['are there already by a read that may be older', { team: 'b' }, { Tags: [{ key: 'team', value: 'b' }] }, ['tag']],
  ['have not changed', { team: 'a' }, { Tags: [{ key: 'team', value: 'a' }] }, []],
  ['are only to be removed', { team: 'a' }, {}, ['untag']],
  ['are only to be set', {}, { Tags: [{ key: 'team', value: 'b' }] }, ['tag']],
  ['are to be set and removed', { team: 'a' }, { Tags: [{ key: 'crew', value: 'b' }] }, ['untag', 'tag']],
])('tags that %s are not written again', async (_how, tags, to, writes) => {
  const api = withDaemon({}, { ...OWNER_TAGS, ...tags });
  const run = await simulate(api, updateRequest({ Tags: [{ key: 'team', value: 'a' }] }, to));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writesOf(api)).toEqual(writes);
});

describe('where every call takes 9 s', () => {
  /** Reads one after the other, as slow as can be without a time-out of the client. */
  const slowly = (api: FakeDaemonApi): DaemonApi => new Proxy<DaemonApi>(api, {
    get: (target, name: keyof DaemonApi) => async (...input: never[]) => {
      api.now += 9000;
      return (target[name] as (...input: never[]) => unknown).apply(target, input);
    },
  });

  test.each([
    ['an update', updateRequest({}, taskDefinition(2)), 'updateDaemon'],
    ['a create', createRequest(), 'createDaemon'],
    ['a deletion', deleteRequest(), 'deleteDaemon'],
  ] as const)('%s is written after a check of its own, in time', async (_what, request, write) => {
    const api = withDaemon();
    addDaemon(api, DAEMON_ARN.replace('/agent', '/other'), {}, { owner: 'somebody' });
    if (write === 'createDaemon') api.daemons.delete(DAEMON_ARN);
    const run = await simulate(api, request, { through: slowly(api) });
    expect(run.answer.Status).toBe('SUCCESS');
    expect(writesOf(api)).toEqual([write]);
  });

  test('a write is not sent more than 10 s after the end of its check', async () => {
    const api = withDaemon();
    const rollout = rolloutOf(deleteRequest(), { startedAt: api.now, rollingBack: false, logGroup: '' }, 'arn:rollout');
    const state = { write: { command: 'delete-daemon' } } as State;
    const sources = { daemons: api, stacks: undefined as never };
    const checked = { endedAt: api.now - 10_001 };
    expect(await perform(sources, rollout, state, 'delete-daemon', () => api.now, checked)).toMatchObject({ kind: 'not-sent', isLate: true });
    expect(writesOf(api)).toEqual([]);
  });
});
