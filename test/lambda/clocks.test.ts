import type { Event } from '../../lambda/rollout/aws/stack-api';
import { begin, step } from '../../lambda/rollout/machine';
import type { ObservedDaemon } from '../../lambda/rollout/observation';
import { rolloutOf } from '../../lambda/rollout/rollout';
import type { Deletion } from '../../lambda/rollout/stage';
import type { State } from '../../lambda/rollout/state';
import { type FakeDaemonApi, scripted } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { DAEMON_ARN, deleteRequest, OWNER_TAGS, properties, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const AHEAD_AND_BEHIND = [-90, 90];

/** ECS dates its deployments by a clock that is so many seconds ahead of ours. */
function withEcsClock(api: FakeDaemonApi, seconds: number, ended?: (arn: string) => number | undefined): FakeDaemonApi {
  const moved = <T extends { readonly arn: string; readonly createdAt: number }>(deployment: T): T => {
    const endedAt = ended?.(deployment.arn);
    return { ...deployment, createdAt: deployment.createdAt + seconds * 1000, ...endedAt && { endedAt: endedAt + seconds * 1000 } };
  };
  const describeDeployments = api.describeDeployments.bind(api);
  api.describeDeployments = async (arns) => (await describeDeployments(arns)).map(moved);
  const listDeployments = api.listDeployments.bind(api);
  api.listDeployments = async (arn, createdAfter) => (await listDeployments(arn, createdAfter - seconds * 1000)).map(moved);
  return api;
}

describe.each(AHEAD_AND_BEHIND)('with a clock of ECS that is %d s ahead of ours', (seconds) => {
  test.each(['after', 'before'] as const)('a new token whose update is interrupted %s it takes effect rolls out once', async (moment) => {
    const api = withEcsClock(withDaemon(), seconds);
    const request = updateRequest({ RolloutToken: '1' }, { RolloutToken: '2' });
    const run = await simulate(api, request, { cut: (_command, attempt) => attempt === 1 ? moment : undefined });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-2' } });
    expect(api.updates).toHaveLength(1);
  });

  test('the deployment of the token before is not taken for that of an interrupted update', async () => {
    const api = withEcsClock(withDaemon(), seconds);
    api.deployByHand(DAEMON_ARN, settings(), scripted([0, 'SUCCESSFUL', 12]));
    api.now += 10_000;
    const request = updateRequest({ RolloutToken: '1' }, { RolloutToken: '2' });
    const run = await simulate(api, request, { cut: (_command, attempt) => attempt === 1 ? 'before' : undefined });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-3' } });
  });

  test('counts that are older than the end of a rollback by ECS cause no second drain', async () => {
    const api = withDaemon();
    const { revisions: [old] } = await api.describeDaemon(DAEMON_ARN);
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'IN_PROGRESS', 3], [700, 'ROLLBACK_SUCCESSFUL', 0]));
    api.now += 720_000;
    const endedAt = api.now - 45_000;
    withEcsClock(api, seconds, (arn) => arn === 'deployment-2' ? endedAt : undefined);
    const describeDaemon = api.describeDaemon.bind(api);
    const mixed = [{ ...old!, running: 9 }, { ...old!, revisionArn: 'revision-2', running: 3 }];
    api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...api.now < endedAt + 120_000 && { revisions: mixed } });
    const run = await simulate(api, updateRequest(taskDefinition(2), {}), { rollingBack: true });
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
    expect(writesOf(api)).toEqual([]);
  });
});

test('a rollout whose own request is dated 90 s later by CloudFormation is not outdated', async () => {
  const provider = { CapacityProviderArns: ['arn:aws:ecs:us-east-1:123456789012:capacity-provider/shared'] };
  const api = withDaemon(provider);
  addDaemon(api, DAEMON_ARN.replace('/agent', '/other'), provider, { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' });
  api.course = scripted([0, 'IN_PROGRESS', 0], [60, 'SUCCESSFUL', 12]);
  const begin = api.now;
  const event = (LogicalResourceId: string, ResourceStatus: Event['ResourceStatus'], seconds: number): Event => ({
    LogicalResourceId, ResourceStatus, ResourceType: 'Custom::ECSManagedDaemon', Timestamp: new Date(begin + seconds * 1000),
    ResourceProperties: JSON.stringify(properties({ DaemonName: LogicalResourceId.toLowerCase(), ...provider })),
  });
  const request = updateRequest(provider, { ...provider, ...taskDefinition(2) });
  const resourceEvents = () => [
    event(request.LogicalResourceId, 'UPDATE_IN_PROGRESS', 90), event('Other', 'UPDATE_COMPLETE', 89), event('Other', 'UPDATE_IN_PROGRESS', 88),
  ];
  const run = await simulate(api, request, { resourceEvents });
  expect(run.answer.Status).toBe('SUCCESS');
});

test('a deployment that ECS stops and then rolls back late is followed, with a clock of ECS that is 90 s behind', async () => {
  const api = withDaemon();
  const stoppedAt = api.now + 60_000;
  api.course = scripted([0, 'IN_PROGRESS', 3], [60, 'STOPPED', 3], [160, 'ROLLBACK_IN_PROGRESS', 3], [300, 'ROLLBACK_SUCCESSFUL', 0]);
  withEcsClock(api, -90, (arn) => arn === 'deployment-2' && api.now >= stoppedAt ? stoppedAt : undefined);
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  expect(run.answer.Reason).toContain('ECS rolled the daemon agent back');
});

describe("a deletion whose function's clock is two minutes ahead of that of ECS", () => {
  const MINUTE = 60_000;
  const NOW = Date.parse('2026-11-22T12:10:00Z');
  const start = { startedAt: NOW - 6 * MINUTE, rollingBack: false, logGroup: '' };
  const rollout = { ...rolloutOf(deleteRequest(), start, 'arn:rollout'), soleExecutionSince: start.startedAt };
  const after = (daemon: ObservedDaemon | 'absent', known: Partial<Deletion> = {}, sightings: State['sightings'] = {}): State => {
    const deletion: Deletion = { arn: DAEMON_ARN, name: 'agent', requests: 0, ...known };
    return step({ ...begin(rollout), stage: { name: 'drain', deletion }, sightings }, { kind: 'observed', seen: { daemon, reads: 1 } }, NOW, rollout);
  };

  test.each([[4, 'is read again', true], [5, 'counts as gone', false]])('an absent daemon that ECS created %d minutes ago %s', (minutes, _what, isReadAgain) => {
    const { decision } = after('absent', { createdAt: NOW - minutes * MINUTE, requests: 1 }, { 'daemon-gone': NOW - MINUTE });
    expect(decision.kind === 'poll').toBe(isReadAgain);
  });

  test.each([[4, 'are read again', true], [5, 'are believed', false]])('the tags of a daemon that ECS created %d minutes ago %s', (minutes, _what, isReadAgain) => {
    const daemon: ObservedDaemon = {
      arn: DAEMON_ARN, status: 'ACTIVE', createdAt: NOW - minutes * MINUTE, latestArn: '', revisions: [], settings: {}, tags: { owner: 'somebody' },
    };
    expect(after(daemon).decision.kind === 'poll').toBe(isReadAgain);
  });
});
