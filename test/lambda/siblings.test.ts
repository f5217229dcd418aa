import type { Event } from '../../lambda/rollout/aws/stack-api';
import { stackRequests } from '../../lambda/rollout/observe/stack-requests';
import { scripted, type FakeDaemonApi } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, properties, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const provider = (name: string) => `arn:aws:ecs:us-east-1:123456789012:capacity-provider/${name}`;
const on = (...names: string[]) => ({ CapacityProviderArns: names.map(provider) });
const OTHER_ARN = DAEMON_ARN.replace('/agent', '/other');
const OWN = createRequest().LogicalResourceId;
const STACK = createRequest().StackId;
const quick = { DrainPercent: 100, ...on('shared') };
const BEGIN = Date.UTC(2026, 10, 22, 12);

/** An event of a daemon's resource, so many seconds after the beginning. */
const event = (LogicalResourceId: string, ResourceStatus: Event['ResourceStatus'], seconds: number, changes: object | string = on('shared')): Event => ({
  LogicalResourceId, ResourceStatus, ResourceType: 'Custom::ECSManagedDaemon', Timestamp: new Date(BEGIN + seconds * 1000),
  ResourceProperties: typeof changes === 'string' ? changes : JSON.stringify(properties({ DaemonName: LogicalResourceId.toLowerCase(), ...changes })),
});

/** Our daemon and another one of its stack, which runs elsewhere by now: both drain what they share. */
function besideSibling(changes: object = on('elsewhere')): FakeDaemonApi {
  const api = withDaemon(quick);
  addDaemon(api, OTHER_ARN, changes, { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' });
  api.course = scripted([0, 'IN_PROGRESS', 0], [60, 'SUCCESSFUL', 12]);
  return api;
}

const back = () => updateRequest({ ...quick, ...taskDefinition(2) }, quick);
const rollingBack = true;

/** Takes an update of ours back, and tells when that was written. */
async function writtenAfter(api: FakeDaemonApi, events: (seconds: number) => readonly Event[]) {
  api.deployByHand(DAEMON_ARN, settings({ ...quick, ...taskDefinition(2) }), scripted([0, 'SUCCESSFUL', 12]));
  api.now += 200_000;
  const begin = api.now;
  const shifted = (seconds: number) => events(seconds)
    .map((each) => ({ ...each, Timestamp: new Date(begin + each.Timestamp!.getTime() - BEGIN) }));
  const { lines, phases } = await simulate(api, back(), { rollingBack, resourceEvents: shifted });
  return { seconds: (api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin) / 1000, lines, phases };
}

test('a rollout waits for earlier requests of its stack on capacity providers that it drains', async () => {
  const { seconds, lines, phases } = await writtenAfter(besideSibling(), (now) => [
    ...now >= 300 ? [event('Other', 'UPDATE_COMPLETE', 300)] : [], event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'UPDATE_IN_PROGRESS', -2),
  ]);
  expect(seconds).toBeGreaterThanOrEqual(300);
  expect(seconds).toBeLessThanOrEqual(361);
  expect(lines.filter((line) => line.startsWith('WAITING_TURN'))).toEqual(['WAITING_TURN: waits for the resource Other of this stack, whose turn comes first']);
  expect(phases).toContain('WAITING_TURN');
});

test.each([
  ['is asked to go to some of them', besideSibling(), on('shared', 'second')],
  ['runs on them, though it is asked to go elsewhere', besideSibling(on('shared')), on('elsewhere')],
])('a rollout waits for a request of its stack that %s', async (_what, api, asked) => {
  const { seconds } = await writtenAfter(api, (now) => [
    ...now >= 100 ? [event('Other', 'UPDATE_COMPLETE', 100, asked)] : [], event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'UPDATE_IN_PROGRESS', -2, asked),
  ]);
  expect(seconds).toBeGreaterThanOrEqual(100);
});

test('a rollout that supersedes its own deployment starts no drain, and does not wait', async () => {
  const api = besideSibling();
  api.deployByHand(DAEMON_ARN, settings({ ...quick, ...taskDefinition(2) }), scripted([0, 'IN_PROGRESS', 3]));
  api.now += 10_000;
  const begin = api.now;
  await simulate(api, back(), { rollingBack, resourceEvents: () => [event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'UPDATE_IN_PROGRESS', -2)]
    .map((each) => ({ ...each, Timestamp: new Date(begin - 1000) })) });
  expect((api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin) / 1000).toBeLessThanOrEqual(20);
});

test.each<[string, readonly Event[]]>([
  ['was asked for later', [event('Other', 'UPDATE_IN_PROGRESS', 0), event(OWN, 'UPDATE_IN_PROGRESS', -1)]],
  ['is on other capacity providers', [event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'UPDATE_IN_PROGRESS', -2, on('elsewhere'))]],
  ['is no daemon', [event(OWN, 'UPDATE_IN_PROGRESS', -1), { ...event('Other', 'UPDATE_IN_PROGRESS', -2), ResourceType: 'AWS::ECS::Service' }]],
  ['has succeeded', [event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'UPDATE_COMPLETE', -2), event('Other', 'UPDATE_IN_PROGRESS', -3)]],
  ['failed three minutes ago', [event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'UPDATE_FAILED', -180), event('Other', 'UPDATE_IN_PROGRESS', -900)]],
])('a rollout does not wait for a request of its stack that %s', async (_what, events) => {
  expect((await writtenAfter(besideSibling(), () => events)).seconds).toBe(0);
});

test('a rollout waits until reads must show the last write of a request that has just failed (A28, FM24)', async () => {
  const { seconds, lines } = await writtenAfter(besideSibling(), () =>
    [event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'UPDATE_FAILED', -2), event('Other', 'UPDATE_IN_PROGRESS', -900)]);
  expect(lines).toContain('WAITING_TURN: waits for the last write of the failed resource Other of this stack to be visible');
  expect(seconds).toBeGreaterThanOrEqual(148);
  expect(seconds).toBeLessThanOrEqual(181);
});

test('a rollout waits if the events do not contain the capacity providers', async () => {
  const { seconds } = await writtenAfter(besideSibling(), (now) => [
    ...now >= 100 ? [event('Other', 'UPDATE_COMPLETE', 100)] : [], event(OWN, 'UPDATE_IN_PROGRESS', -1),
    event('Other', 'UPDATE_IN_PROGRESS', -2, 'cut off {'),
  ]);
  expect(seconds).toBeGreaterThanOrEqual(100);
});

test('a rollout waits until events show its own request, and so the earlier ones', async () => {
  const { seconds } = await writtenAfter(besideSibling(), (now) => [
    ...now >= 50 ? [event('Other', 'UPDATE_COMPLETE', 50)] : [], ...now >= 30 ? [event(OWN, 'UPDATE_IN_PROGRESS', -1)] : [],
    event('Other', 'UPDATE_IN_PROGRESS', -2),
  ]);
  expect(seconds).toBe(60);
});

test('a rollout waits for a daemon that is being created, which shows only in its request', async () => {
  const api = withDaemon(quick);
  api.course = scripted([0, 'IN_PROGRESS', 0], [60, 'SUCCESSFUL', 12]);
  const { seconds, lines } = await writtenAfter(api, (now) => [
    ...now >= 300 ? [event('Other', 'CREATE_COMPLETE', 300)] : [], event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'CREATE_IN_PROGRESS', -2),
  ]);
  expect(seconds).toBeGreaterThanOrEqual(300);
  expect(lines).toContain('WAITING_TURN: waits for the resource Other of this stack, whose turn comes first');
});

test('a rollout with gates has its turn after CloudFormation was answered', async () => {
  const gated = { ...quick, TimeoutInMinutes: 300 };
  const api = withDaemon(gated);
  addDaemon(api, OTHER_ARN, on('shared'), { owner: 'somebody' });
  api.deployByHand(OTHER_ARN, settings({ ...on('shared'), ...taskDefinition(9) }), scripted([0, 'IN_PROGRESS', 3], [70 * 60, 'SUCCESSFUL', 12]));
  api.now += 10_000;
  const begin = api.now;
  const at = (seconds: number) => ({ Timestamp: new Date(begin + seconds * 1000) });
  const run = await simulate(api, updateRequest(gated, { ...gated, ...taskDefinition(2) }), {
    resourceEvents: (now) => [
      ...now >= 3300 ? [{ ...event(OWN, 'UPDATE_COMPLETE', 0), ...at(3300) }] : [], { ...event(OWN, 'UPDATE_IN_PROGRESS', 0), ...at(-1) },
      { ...event('Other', 'UPDATE_COMPLETE', 0), ...at(-300) }, { ...event('Other', 'UPDATE_IN_PROGRESS', 0), ...at(-900) },
    ],
  });
  expect(run.answer.Reason).toMatch(/^CONTINUING: /);
  expect(run.end.Reason).toMatch(/^SUCCEEDED: /);
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('a rollout does not wait for its own request after the consistency window', async () => {
  const { seconds } = await writtenAfter(besideSibling(), () => [event('Other', 'UPDATE_IN_PROGRESS', -2)]);
  expect(seconds).toBeGreaterThanOrEqual(130);
  expect(seconds).toBeLessThanOrEqual(180);
});

test('a request of its own that is dated later than clocks differ counts as a newer one (FM9)', async () => {
  const api = besideSibling();
  const begin = api.now;
  const run = await simulate(api, updateRequest(quick, { ...quick, ...taskDefinition(2) }), {
    resourceEvents: () => [event(OWN, 'UPDATE_IN_PROGRESS', 121), event('Other', 'UPDATE_IN_PROGRESS', 122)]
      .map((each) => ({ ...each, Timestamp: new Date(each.Timestamp!.getTime() - BEGIN + begin) })),
  });
  expect(run.answer.Reason).toContain('a newer request, since CloudFormation does not wait for this one any more');
  expect(writesOf(api)).toEqual([]);
});

test('a request that CloudFormation has interrupted sends no more writes (FM9)', async () => {
  const api = besideSibling();
  const run = await simulate(api, updateRequest(quick, { ...quick, ...taskDefinition(2) }), {
    resourceEvents: () => [
      event('Other', 'UPDATE_IN_PROGRESS', 0), event(OWN, 'UPDATE_FAILED', 0), event(OWN, 'UPDATE_IN_PROGRESS', -1), event('Other', 'UPDATE_IN_PROGRESS', -9),
    ],
  });
  expect(run.answer.Reason).toContain('a newer request, since CloudFormation does not wait for this one any more');
  expect(writesOf(api)).toEqual([]);
});

test('a request that is interrupted between the poll and the write sends no write', async () => {
  const api = besideSibling();
  let looks = 0;
  const run = await simulate(api, updateRequest(quick, { ...quick, ...taskDefinition(2) }), {
    resourceEvents: () => {
      const begun = [event('Other', 'UPDATE_IN_PROGRESS', 0), event(OWN, 'UPDATE_IN_PROGRESS', -1)];
      return ++looks === 2 ? [event(OWN, 'UPDATE_FAILED', 1), ...begun] : begun;
    },
  });
  expect(looks).toBe(4); // before the write and in its step, twice
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('a deletion waits until tags must show an adoption by another resource of the stack (A28)', async () => {
  const api = withDaemon(quick);
  api.daemons.get(DAEMON_ARN)![0]!.tags.push({ from: api.now + 100_000, tags: { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Moved' } });
  const adopted = [event('Moved', 'CREATE_COMPLETE', -1, { DaemonName: 'agent' }), event('Moved', 'CREATE_IN_PROGRESS', -9, { DaemonName: 'agent' })]
    .map((each) => ({ ...each, Timestamp: new Date(api.now + each.Timestamp!.getTime() - BEGIN) }));
  const run = await simulate(api, deleteRequest(), { resourceEvents: () => adopted });
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
  expect(run.lines.join('\n')).toContain('waits for the tags of an adoption by the resource Moved of this stack to be visible');
  expect(writesOf(api)).toEqual([]);
});

test('the requests of the stack are those of the current operation, with its rollback, over all pages', async () => {
  const stackEvent = (ResourceStatus: Event['ResourceStatus']): Event => ({ PhysicalResourceId: STACK, ResourceStatus, Timestamp: new Date(BEGIN) });
  const events = [
    event('A', 'UPDATE_IN_PROGRESS', 60, on('one')), stackEvent('UPDATE_ROLLBACK_IN_PROGRESS'), event('A', 'UPDATE_FAILED', 50, on('two')),
    event('A', 'UPDATE_IN_PROGRESS', 40, on('two')), stackEvent('UPDATE_IN_PROGRESS'), event('B', 'CREATE_IN_PROGRESS', -90),
  ];
  const api = {
    describe: async () => ({ status: '' }),
    events: async (_id: string, nextToken = '0') => ({ events: [events[Number(nextToken)]!], nextToken: String(Number(nextToken) + 1) }),
  };
  expect(await stackRequests(api, STACK)).toEqual([{
    logicalId: 'A', place: 3, begunAt: BEGIN + 60_000, hasFailed: false, daemonArns: [DAEMON_ARN.replace('/agent', '/a'), DAEMON_ARN.replace('/agent', '/a')],
    capacityProviderArns: [provider('two'), provider('one')],
  }]);
});

test('a request keeps its place if its event is doubled, and an end without a start is ignored', async () => {
  const events = [event('A', 'CREATE_IN_PROGRESS', 50), event('C', 'CREATE_COMPLETE', 45), event('B', 'CREATE_IN_PROGRESS', 40), event('A', 'CREATE_IN_PROGRESS', 30)];
  const requests = await stackRequests({ describe: async () => ({ status: '' }), events: async () => ({ events }) }, STACK);
  expect(requests.map(({ logicalId, place, begunAt }) => [logicalId, place, begunAt - BEGIN])).toEqual([['A', 0, 30_000], ['B', 1, 40_000]]);
});
