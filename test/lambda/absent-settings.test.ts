import { FakeDaemonApi, scripted } from './fake-daemon-api';
import { withDaemon } from './fixtures';
import { createRequest, DAEMON_ARN, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const MINUTE = 60;
const CHANGED = { Critical: false, ...taskDefinition(2) };

/** An ECS that returns no revision's `critical`. */
function withoutCritical(api: FakeDaemonApi): FakeDaemonApi {
  const describeRevisions = api.describeRevisions.bind(api);
  api.describeRevisions = async (arns) => Object.fromEntries(Object.entries(await describeRevisions(arns))
    .map(([arn, { critical: _, ...others }]) => [arn, others]));
  return api;
}

describe('a running deployment whose `critical` ECS does not return', () => {
  const course = scripted([0, 'IN_PROGRESS', 0], [10 * MINUTE, 'SUCCESSFUL', 12]);

  test('is followed to its end if it matches every setting that ECS returns', async () => {
    const api = withoutCritical(withDaemon());
    const arn = api.deployByHand(DAEMON_ARN, settings(CHANGED), course);
    api.now += MINUTE * 1000;
    const run = await simulate(api, updateRequest({}, CHANGED));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: arn, Outcome: 'SUCCEEDED' } });
    expect(run.seconds).toBeGreaterThan(9 * MINUTE);
    expect(api.updates).toEqual([]);
  });

  test('is followed to its end after the create that started it was interrupted', async () => {
    const api = withoutCritical(new FakeDaemonApi());
    api.course = course;
    const run = await simulate(api, createRequest(CHANGED), { cut: () => 'after' });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-1', Outcome: 'SUCCEEDED' } });
    expect(run.seconds).toBeGreaterThan(9 * MINUTE);
    expect([api.created.length, api.updates]).toEqual([1, []]);
  });

  test('is followed to its end after the update that started it was interrupted, even if only `critical` changes', async () => {
    const api = withoutCritical(withDaemon());
    api.course = course;
    const run = await simulate(api, updateRequest({}, { Critical: false }), { cut: () => 'after' });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-2', Outcome: 'SUCCEEDED' } });
    expect(api.updates).toHaveLength(1);
  });

  test('is not attributed to a request that changes only `critical`, and is not superseded by it', async () => {
    const api = withoutCritical(withDaemon());
    api.deployByHand(DAEMON_ARN, settings(), course);
    const end = api.now + 10 * MINUTE * 1000;
    const run = await simulate(api, updateRequest({}, { Critical: false }));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-3' } });
    expect(api.calls.filter(({ name }) => name === 'updateDaemon').map(({ at }) => at > end)).toEqual([true]);
  });
});
