import type { CloudFormationRequest } from '../../lambda/request';
import { scripted, steady } from './fake-daemon-api';
import { withDaemon, writesOf } from './fixtures';
import { DAEMON_ARN, deleteRequest, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

/** Old properties that another version of the Lambda has served, or that this one has refused. */
const NEWER = { ContractVersion: '2', SomethingNew: 'yes' };
const UNREADABLE = { ContractVersion: '2', DrainPercent: { Of: 'a shape that is new' } };

const from = (old: Record<string, unknown>, request = updateRequest(taskDefinition(2), {})): CloudFormationRequest =>
  ({ ...request, OldResourceProperties: { ...request.OldResourceProperties, ...old } });

describe.each([['of a newer version', NEWER], ['that cannot be read', UNREADABLE]])('a stack that rolls back from properties %s', (_what, old) => {
  test('restores the fleet', async () => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'SUCCESSFUL', 12]));
    api.now += 600_000;
    const run = await simulate(api, from(old), { rollingBack: true });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(api.updates).toEqual([settings()]);
  });

  test('supersedes the deployment of the failed update', async () => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), steady(12));
    api.now += 60_000;
    const begin = api.now;
    const run = await simulate(api, from(old), { rollingBack: true });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin).toBeLessThan(30_000);
  });

  test('sends no write if nothing was started, after a late one would show (FM24)', async () => {
    const api = withDaemon();
    const run = await simulate(api, from(old), { rollingBack: true });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(run.seconds).toBeGreaterThanOrEqual(130);
    expect(writesOf(api)).toEqual([]);
  });
});

test('an update from properties of a newer version, after a downgrade, compares the actual settings', async () => {
  for (const old of [NEWER, UNREADABLE]) {
    const api = withDaemon();
    const run = await simulate(api, from(old, updateRequest({}, taskDefinition(2))));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
    expect(writesOf(api)).toEqual(['updateDaemon']);
  }
});

test('a daemon that a newer version has created is deleted (FM20)', async () => {
  const api = withDaemon();
  const request = deleteRequest();
  const run = await simulate(api, { ...request, ResourceProperties: { ...request.ResourceProperties, ...NEWER } });
  expect(run.answer.Reason).toBe('SUCCEEDED: the daemon agent is deleted');
  expect(api.exists(DAEMON_ARN)).toBe(false);
});

test('desired properties of a newer version are rejected', async () => {
  const request = updateRequest({}, taskDefinition(2));
  await expect(simulate(withDaemon(), { ...request, ResourceProperties: { ...request.ResourceProperties, ...NEWER } }))
    .rejects.toThrow('ContractVersion "2" is newer than this Lambda, which reads version 1');
});
