import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const NOT_FOUND = { kind: 'not-found', name: 'DaemonNotFoundException', message: 'no daemon' } as const;
const back = () => updateRequest(taskDefinition(2), {});
const rollingBack = { rollingBack: true };
const atOnce = scripted([0, 'IN_PROGRESS', 3], [30, 'SUCCESSFUL', 12]);

const until = (api: FakeDaemonApi, seconds: number): () => boolean => {
  const end = api.now + seconds * 1000;
  return () => api.now < end;
};

test('one read without the daemon does not fail an update (A28)', async () => {
  const api = withDaemon();
  let reads = 0;
  api.refuse = (call) => call === 'describeDaemon' && ++reads === 1 ? NOT_FOUND : undefined;
  expect((await simulate(api, updateRequest({}, taskDefinition(2)))).answer.Status).toBe('SUCCESS');
});

test('a daemon that was just made and does not show yet, though its deployment is over, was not deleted', async () => {
  const api = new FakeDaemonApi();
  api.course = atOnce;
  const hidden = until(api, 100);
  api.refuse = (call) => call === 'describeDaemon' && hidden() ? NOT_FOUND : undefined;
  expect((await simulate(api, createRequest())).answer.Status).toBe('SUCCESS');
});

test('counts that are older than the end of the deployment do not fail it', async () => {
  const api = withDaemon();
  api.course = atOnce;
  const stale = until(api, 100);
  const describeDaemon = api.describeDaemon.bind(api);
  const before = await describeDaemon(DAEMON_ARN);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(stale() ? { revisions: before.revisions } : {}) });
  expect((await simulate(api, updateRequest({}, taskDefinition(2)))).answer.Status).toBe('SUCCESS');
});

test('counts that are older than the end of ECS\'s rollback cause no second drain', async () => {
  const api = withDaemon();
  const { revisions: [old] } = await api.describeDaemon(DAEMON_ARN);
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'IN_PROGRESS', 3], [700, 'ROLLBACK_SUCCESSFUL', 0]));
  api.now += 720_000;
  const endedAt = api.now - 15_000;
  const stale = until(api, 60);
  const describeDaemon = api.describeDaemon.bind(api);
  const describeDeployments = api.describeDeployments.bind(api);
  const mixed = [{ ...old!, running: 9 }, { ...old!, revisionArn: 'revision-2', running: 3 }];
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(stale() ? { revisions: mixed } : {}) });
  api.describeDeployments = async (arns) => (await describeDeployments(arns)).map((deployment) => ({ ...deployment, endedAt }));
  const run = await simulate(api, back(), rollingBack);
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(writesOf(api)).toEqual([]);
});

test('A15: a deployment that does not show yet is not superseded unseen', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), steady(12));
  api.now += 10_000;
  const begin = api.now;
  const hidden = until(api, 60);
  const describeDeployments = api.describeDeployments.bind(api);
  api.describeDeployments = async (arns) => hidden() ? [] : describeDeployments(arns);
  expect((await simulate(api, updateRequest({}, { ...taskDefinition(2), DrainPercent: 50 }))).answer.Status).toBe('SUCCESS');
  expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at).toBeGreaterThan(begin + 1_000_000);
});

test('R41: an update that was cut off is found although its revision shows late', async () => {
  const api = withDaemon();
  const hidden = until(api, 200);
  const describeRevisions = api.describeRevisions.bind(api);
  api.describeRevisions = async (arns) => describeRevisions(hidden() ? arns.filter((arn) => arn !== 'revision-2') : arns);
  const run = await simulate(api, updateRequest({}, taskDefinition(2)), { cut: (_command, attempt) => attempt === 1 ? 'after' : undefined });
  expect(run.lines).toContain('APPLYING: the update that was cut off has taken effect');
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  expect(api.updates).toHaveLength(1);
});

test('the deployment before an update that was cut off is not taken for its own', async () => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(), scripted([0, 'SUCCESSFUL', 12]));
  api.now += 10_000;
  const run = await simulate(api, updateRequest({ RolloutToken: '1' }, { RolloutToken: '2' }), { cut: (_command, attempt) => attempt === 1 ? 'before' : undefined });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-3' } });
  expect(api.updates).toHaveLength(1);
});

test('a create that was cut off, and whose deployment has failed meanwhile, fails without another write', async () => {
  const api = new FakeDaemonApi();
  api.course = scripted([0, 'IN_PROGRESS', 0], [100, 'STOPPED', 0]);
  const run = await simulate(api, createRequest(), { cut: (_command, attempt) => attempt === 1 ? 'after' : undefined, downSeconds: 300 });
  expect(run.answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  expect(writesOf(api)).toEqual(['createDaemon']);
});

test.each([[1, 'SUCCEEDED'], [2, 'DEGRADED']])('FM24: of writes of the cancelled update that land after ours, one is superseded: %d', async (late, outcome) => {
  const api = withDaemon();
  api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
  api.now += 4_000_000;
  let landed = 0;
  const run = await simulate(api, back(), { ...rollingBack, meanwhile: (seconds) => {
    if (landed < late && api.updates.length > landed && seconds > 60 * (landed + 1)) {
      landed++;
      api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
    }
  } });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: outcome } });
  expect(api.updates).toEqual([settings(), settings()]);
});

test('a daemon that still names the deployment before ours has not been taken over', async () => {
  const api = withDaemon();
  api.course = atOnce;
  const stale = until(api, 60);
  const describeDaemon = api.describeDaemon.bind(api);
  api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(stale() ? { latestArn: 'deployment-1' } : {}) });
  expect((await simulate(api, updateRequest({}, taskDefinition(2)))).answer.Status).toBe('SUCCESS');
});

test('statuses that go back are not believed (A28)', async () => {
  const api = withDaemon();
  api.course = scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [500, 'IN_PROGRESS', 3], [600, 'ROLLBACK_IN_PROGRESS', 2],
    [700, 'ROLLBACK_SUCCESSFUL', 0]);
  const { lines } = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(lines.filter((line) => line.startsWith('ROLLING_BACK: ECS takes the deployment back'))).toHaveLength(1);
});
