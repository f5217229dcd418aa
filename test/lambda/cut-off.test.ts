import { FakeDaemonApi, scripted } from './fake-daemon-api';
import { withDaemon, writesOf } from './fixtures';
import { createRequest, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const LAGS = [0, 5, 120];
const DOWN = [1, 29, 129, 300];

describe.each(LAGS)('with a read lag of %d s', (readLagSeconds) => {
  describe.each(DOWN)('and an execution that is down for %d s', (downSeconds) => {
    test.each([
      [['after']],
      [['before']],
      [['before', 'after']],
      [['before', 'before']],
      [['after', 'after']],
    ] as ('before' | 'after')[][][])('one effective UpdateDaemon, whatever is cut off: %s (R7)', async (cuts) => {
      for (const request of [updateRequest({}, taskDefinition(2)), updateRequest({ RolloutToken: '1' }, { RolloutToken: '2' })]) {
        const api = withDaemon();
        api.readLagSeconds = readLagSeconds;
        const run = await simulate(api, request, { downSeconds, cut: (_command, attempt) => cuts[attempt - 1] });
        expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
        expect(api.updates).toHaveLength(1);
      }
    });

    test.each(['before', 'after'] as const)('an interrupted create results in one daemon: %s (A17, FM4)', async (moment) => {
      const api = new FakeDaemonApi();
      api.readLagSeconds = readLagSeconds;
      const run = await simulate(api, createRequest(), { downSeconds, cut: (_command, attempt) => attempt === 1 ? moment : undefined });
      expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
      expect(api.created).toHaveLength(1);
    });
  });
});

test.each([[129, 1], [130, 2]])('an interrupted update counts as lost after 130 s: an effect that shows after %d s results in %d requests', async (seconds, requests) => {
  const api = withDaemon();
  api.readLagSeconds = seconds;
  const run = await simulate(api, updateRequest({}, taskDefinition(2)), { downSeconds: 0, cut: (_command, attempt) => attempt === 1 ? 'after' : undefined });
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.updates.length).toBeLessThanOrEqual(requests);
});

test('a deployment by another caller does not count as ours', async () => {
  const api = withDaemon();
  const other = settings(taskDefinition(9));
  let done = false;
  const quick = { ...taskDefinition(2), DrainPercent: 50 };
  const run = await simulate(api, updateRequest({}, quick), {
    cut: (_command, attempt) => attempt === 1 ? 'before' : undefined,
    meanwhile: (seconds) => { if (seconds > 20 && !done) done = Boolean(api.deployByHand([...api.daemons.keys()][0]!, other)); },
  });
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.updates).toEqual([settings(quick)]);
});

test.each(['create', 'update'])('the deployment of the %s is found by reads if the reply does not name it', async (request) => {
  const api = request === 'create' ? new FakeDaemonApi() : withDaemon();
  const { createDaemon, updateDaemon } = { createDaemon: api.createDaemon.bind(api), updateDaemon: api.updateDaemon.bind(api) };
  api.createDaemon = async (daemon) => { await createDaemon(daemon); return ''; };
  api.updateDaemon = async (arn, wanted) => { await updateDaemon(arn, wanted); return ''; };
  const run = await simulate(api, request === 'create' ? createRequest() : updateRequest({}, taskDefinition(2)));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(writesOf(api)).toEqual([`${request}Daemon`]);
});

test.each([0, 5, 120])('a write without a reply is followed by reads, not sent again, with a read lag of %d s (FM3)', async (readLagSeconds) => {
  const api = withDaemon();
  api.readLagSeconds = readLagSeconds;
  const updateDaemon = api.updateDaemon.bind(api);
  api.updateDaemon = async (arn, wanted) => {
    await updateDaemon(arn, wanted);
    throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
  };
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.lines).toContain('APPLYING: update-daemon was interrupted (socket hang up); reads whether it took effect');
  expect(run.answer.Status).toBe('SUCCESS');
  expect(api.updates).toHaveLength(1);
});

describe('a create that is interrupted minutes after the start of its request', () => {
  const late = (visibleAfterSeconds: number) => {
    const api = new FakeDaemonApi();
    const { now: begin } = api;
    const [provider] = createRequest().ResourceProperties.CapacityProviderArns as string[];
    api.capacityProviders.set(provider!, { status: 'PROVISIONING', type: 'MANAGED_INSTANCES' });
    const describeProviders = api.describeCapacityProviders.bind(api);
    api.describeCapacityProviders = async (...parameters) => {
      if (api.now >= begin + 300_000) api.capacityProviders.delete(provider!);
      return describeProviders(...parameters);
    };
    const describeDeployments = api.describeDeployments.bind(api);
    api.describeDeployments = async (arns) => (await describeDeployments(arns))
      .filter(({ createdAt }) => api.now >= createdAt + visibleAfterSeconds * 1000);
    return api;
  };
  const cut = { cut: (command: string, attempt: number) => command === 'create-daemon' && attempt === 1 ? 'after' as const : undefined };

  test('does not update the daemon while its own deployment does not show yet (A15)', async () => {
    const api = late(30);
    const run = await simulate(api, createRequest(), cut);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writesOf(api)).toEqual(['createDaemon']);
  });

  test('does not succeed while its deployment, which shows late, replaces instances (A15)', async () => {
    const api = late(60);
    api.course = scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]);
    const run = await simulate(api, createRequest(), cut);
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(run.seconds).toBeGreaterThanOrEqual(700);
    expect(writesOf(api)).toEqual(['createDaemon']);
  });
});
