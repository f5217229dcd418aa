import type { Fault } from '../../lambda/rollout/aws/fault';
import { BATCH_SECONDS, FakeDaemonApi, steady } from './fake-daemon-api';
import { readsOf, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const update = updateRequest({}, taskDefinition(2));

/** Refuses to write for so many seconds. */
function refusing<Api extends FakeDaemonApi>(api: Api, fault: Fault, seconds = Infinity): Api {
  const end = api.now + seconds * 1000;
  api.refuse = (call) => (call === 'updateDaemon' || call === 'createDaemon') && api.now < end ? fault : undefined;
  return api;
}

const refused = (message: string): Fault => ({ kind: 'refused', name: 'ClientException', message });

describe('a write that ECS rejects temporarily', () => {
  test.each<[Fault['kind'], string]>([
    ['throttled', 'APPLYING: throttled; tries again: not now'],
    ['denied', 'APPLYING: not allowed yet; tries again: not now'],
    ['not-ready', 'APPLYING: not ready yet; tries again: not now'],
    ['deleting', 'WAITING_TURN: ECS refuses for now: not now'],
    ['not-active', 'WAITING_TURN: ECS refuses for now: not now'],
  ])('is sent again, and its error is logged: %s', async (kind, line) => {
    const api = refusing(withDaemon(), { kind, name: 'SomeException', message: 'not now' }, 60);
    const run = await simulate(api, update);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(run.lines).toContain(line);
    expect(api.updates).toHaveLength(1);
  });

  test('is followed by fewer reads while it is throttled, since they are throttled as well (A24)', async () => {
    const api = refusing(withDaemon(), { kind: 'throttled', name: 'ThrottlingException', message: 'Rate exceeded' }, 200);
    const begin = api.now;
    await simulate(api, update);
    const tries = api.calls.filter(({ name }) => name === 'updateDaemon').map(({ at }) => (at - begin) / 1000);
    expect(tries).toEqual([0, 10, 30, 70, 130, 190, 250]);
  });

  test.each([
    'The daemon has a deployment in progress.',
    'A deployment of the daemon is ongoing.',
    'A deployment is already running.',
    'Another deployment is ACTIVE.',
    'A rollback is in progress.',
    'The daemon is rolling back already.',
  ])('is blocked by another deployment: %s', async (message) => {
    const run = await simulate(refusing(withDaemon(), refused(message), 60), update);
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.lines).toContain(`WAITING_TURN: ECS refuses for now: ${message}`);
    expect(run.phases).toContain('WAITING_TURN');
  });

  test.each<[Fault, string]>([
    [{ kind: 'throttled', name: 'ThrottlingException', message: 'Rate exceeded' }, 'ECS refused: Rate exceeded'],
    [refused('The daemon has a deployment in progress.'), 'ECS refused: The daemon has a deployment in progress.'],
    [{ kind: 'throttled', name: 'ThrottlingException', message: 'x'.repeat(400) }, `ECS refused: ${'x'.repeat(300)}`],
  ])('is in the reason if ECS rejects it until the deadline', async (fault, obstacle) => {
    const run = await simulate(refusing(withDaemon(), fault), update);
    expect(run.outcome).toBe('TIMED_OUT');
    expect(run.answer.Reason).toContain(` ${obstacle}; `);
  });
});

describe('a write that ECS rejects during a deployment', () => {
  const running = (...words: string[]) => {
    const api = withDaemon();
    const arn = api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12, 600));
    const end = api.now + (4 * BATCH_SECONDS + 600) * 1000;
    api.now += 300_000;
    const message = words.join(' ').replace('…', arn);
    api.refuse = (call) => (call === 'updateDaemon' || call === 'deleteDaemon') && api.now < end ? refused(message) : undefined;
    return api;
  };
  const sent = (api: FakeDaemonApi, write: string) => api.calls.filter(({ name }) => name === write).length;

  test.each([
    ['in words that name it', 'The daemon has a deployment in progress: …'],
    ['in words that name none', 'The daemon has a deployment in progress.'],
    ['in words that nobody has documented', 'Not now.'],
  ])('is sent once more in a rollback, when that deployment has ended: rejected %s (A1)', async (_how, message) => {
    const api = running(message);
    const run = await simulate(api, updateRequest(taskDefinition(2), {}), { rollingBack: true });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(sent(api, 'updateDaemon')).toBe(2);
    expect(api.updates).toEqual([settings()]);
    expect(readsOf(api).length).toBeLessThan(300);
  });

  test('is sent once more in a deletion, when that deployment has ended (A3)', async () => {
    const api = running('The daemon has a deployment in progress.');
    const run = await simulate(api, deleteRequest());
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(sent(api, 'deleteDaemon')).toBe(2);
  });

  test('is sent once more when a deployment has ended that did not show when ECS rejected it (A28)', async () => {
    const api = withDaemon();
    api.readLagSeconds = 120;
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), steady(12));
    const end = api.now + 4 * BATCH_SECONDS * 1000;
    api.refuse = (call) => call === 'updateDaemon' && api.now < end ? refused('The daemon has a deployment in progress.') : undefined;
    const run = await simulate(api, updateRequest(taskDefinition(2), {}), { rollingBack: true, operationBeganSecondsAgo: 7200 });
    expect(run.answer.Status).toBe('SUCCESS');
    expect(sent(api, 'updateDaemon')).toBeLessThanOrEqual(2);
  });
});

describe('a write that ECS rejects permanently', () => {
  test.each<[string, Fault]>([
    ['for a deployment configuration that is not valid', refused('The deployment configuration is not valid.')],
    ['for something else that is in progress', refused('An update of the cluster is in progress.')],
    ['for a deployment, in another kind of fault', { kind: 'not-found', name: 'ClientException', message: 'The deployment in progress was not found.' }],
  ])('fails at once with its message: %s', async (_why, fault) => {
    const run = await simulate(refusing(withDaemon(), fault), update);
    expect(run.answer.Reason).toBe(`APPLYING: ClientException: ${fault.message}; log /aws/lambda/rollouts`);
    expect([run.outcome, run.seconds]).toEqual(['FAILED', 0]);
  });

  test.each<[Fault['kind'], number]>([['denied', 120], ['not-ready', 120]])('fails as %s after %d s', async (kind, seconds) => {
    const run = await simulate(refusing(withDaemon(), { kind, name: 'SomeException', message: 'no' }), update);
    expect(run.answer.Reason).toBe('APPLYING: SomeException: no; log /aws/lambda/rollouts');
    expect(run.seconds).toBeGreaterThanOrEqual(seconds);
    expect(run.seconds).toBeLessThanOrEqual(seconds + 15);
  });
});

describe('a create that ECS rejects because the daemon exists (A17)', () => {
  test('reads the owner, which may not show yet', async () => {
    const api = refusing(new FakeDaemonApi(), refused('The daemon exists already.'), 60);
    const run = await simulate(api, createRequest());
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.lines).toContain('APPLYING: ECS says that the daemon exists: The daemon exists already.');
  });

  test('fails after the consistency window', async () => {
    const run = await simulate(refusing(new FakeDaemonApi(), refused('The daemon exists already.')), createRequest());
    expect(run.answer.Reason).toBe('APPLYING: ClientException: The daemon exists already.; log /aws/lambda/rollouts');
    expect(run.seconds).toBeGreaterThanOrEqual(130);
    expect(run.seconds).toBeLessThanOrEqual(145);
  });

  test.each([
    ['what it needs does not exist', new FakeDaemonApi(), createRequest(), 'The capacity provider does not exist.'],
    ['an update is refused in the same words', withDaemon(), update, 'The daemon exists twice.'],
  ])('does not count as rejected if %s', async (_what, api, request, message) => {
    const run = await simulate(refusing(api, refused(message)), request);
    expect(run.answer.Reason).toContain(`ClientException: ${message}`);
    expect(run.seconds).toBe(0);
  });
});

describe('an interrupted write', () => {
  const cutOff = (name: string) => ({ cut: (command: string, attempt: number) => command === name && attempt === 1 ? 'before' as const : undefined });

  test.each([
    ['tag-daemon', withDaemon(), updateRequest({}, { Tags: [{ key: 'team', value: 'b' }] }), ['tag']],
    ['update-daemon', withDaemon(), update, ['updateDaemon']],
    ['create-daemon', new FakeDaemonApi(), createRequest(), ['createDaemon']],
  ])('is logged, and sent again if it had no effect: %s', async (command, api, request, writes) => {
    const run = await simulate(api, request, cutOff(command));
    expect(run.lines).toContain(`APPLYING: ${command} was interrupted (the function was interrupted); reads whether it took effect`);
    expect(writesOf(api)).toEqual(writes);
    if (command === 'update-daemon') expect(run.lines).toContain('APPLYING: the interrupted update has had no effect; plans it again');
  });

  test('has started nothing if it had no effect', async () => {
    const api = refusing(withDaemon(), { kind: 'throttled', name: 'ThrottlingException', message: 'Rate exceeded' });
    const run = await simulate(api, update, cutOff('update-daemon'));
    expect(run.answer.Reason).toContain('; nothing was started; ');
  });

  test('may have changed the tags, which is reported', async () => {
    const api = refusing(withDaemon(), { kind: 'throttled', name: 'ThrottlingException', message: 'Rate exceeded' });
    const run = await simulate(api, updateRequest({}, { ...taskDefinition(2), Tags: [{ key: 'team', value: 'b' }] }), {
      cut: (command) => command === 'tag-daemon' ? 'after' : undefined,
    });
    expect(run.answer.Reason).toContain('; only the tags were changed; ');
  });
});
