import type { DaemonProperties } from '../../lambda/contract';
import type { Fault } from '../../lambda/rollout/aws/fault';
import { FakeDaemonApi, scripted, steady, type Course } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate, type Circumstances, type Run } from './simulate';

const NEW_ARN = DAEMON_ARN.replace('/agent', '/agent-2');
const OTHER_OWNER = { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Former', team: 'theirs' };
const update = (to: Partial<DaemonProperties> = {}, from: Partial<DaemonProperties> = {}) =>
  updateRequest(from, { ...taskDefinition(2), ...to });

type Change = (api: FakeDaemonApi) => void;

const play = (
  request: ReturnType<typeof createRequest>, circumstances: Circumstances = {}, change: Change = () => undefined, api = withDaemon(),
) => {
  change(api);
  return simulate(api, request, circumstances).then((run) => ({ run, writes: writesOf(api) }));
};

const going = (course: Course): Change => (api) => { api.course = course; };

/** Refuses a call for so many seconds. */
const refusing = (name: string, fault: Partial<Fault>, seconds = Number.POSITIVE_INFINITY): Change => (api) => {
  const end = api.now + seconds * 1000;
  api.refuse = (call) => call === name && api.now < end ? { kind: 'refused', name: 'ClientException', message: 'AWS says no', ...fault } : undefined;
};

const deployedByHand = (course: Course, arn = DAEMON_ARN): Change => (api) => {
  if (!api.exists(arn)) addDaemon(api, arn);
  api.deployByHand(arn, settings(taskDefinition(9)), course);
  api.now += 10_000;
};

const alarms = { AlarmNames: ['errors', 'latency'] };

const withAlarms = (...states: ('OK' | 'ALARM' | 'INSUFFICIENT_DATA')[]): Change => (api) =>
  states.forEach((state, index) => api.addAlarm(alarms.AlarmNames[index]!, state, 'Threshold Crossed'));

const adopting = { AdoptExisting: true };
const foreign = () => withDaemon({}, OTHER_OWNER);

/** What the log tells of a request, second by second, is for people: the CDK CLI prints it after a failure (W24). */
const STORIES: readonly [string, () => Promise<{ run: Run; writes: string[] }>][] = [
  ['a create', () => play(createRequest(), {}, undefined, new FakeDaemonApi())],
  ['a create on a fleet that is empty', () => play(createRequest(), {}, going(scripted([0, 'PENDING', 0])), Object.assign(new FakeDaemonApi(), { instances: 0 }))],
  ['a create whose name is taken', () => play(createRequest(), {}, undefined, foreign())],
  ['a create that is denied for a minute', () => play(createRequest(), {}, refusing('createDaemon', { kind: 'denied' }, 60), new FakeDaemonApi())],
  ['a create that is denied', () => play(createRequest(), {}, refusing('createDaemon', { kind: 'denied' }), new FakeDaemonApi())],
  ['a create in a cluster that is not ready for a minute', () => play(createRequest(), {}, refusing('createDaemon', { kind: 'not-ready' }, 60), new FakeDaemonApi())],
  ['a create whose daemon exists, as ECS says', () =>
    play(createRequest(), {}, refusing('createDaemon', { message: 'The daemon already exists.' }, 30), new FakeDaemonApi())],
  ['a create that is cut off before its write', () => play(createRequest(), { cut: (_, attempt) => attempt === 1 ? 'before' : undefined }, undefined, new FakeDaemonApi())],
  ['a create that is cut off after its write', () => play(createRequest(), { cut: (_, attempt) => attempt === 1 ? 'after' : undefined }, undefined, new FakeDaemonApi())],
  ['a create that stops', () => play(createRequest(), {}, going(scripted([0, 'IN_PROGRESS', 3], [300, 'STOPPED', 3])), new FakeDaemonApi())],

  ['an update', () => play(update())],
  ['an update with a bake', () => play(update({ BakeTimeInMinutes: 5 }), {}, going(steady(12, 300)))],
  ['an update of everything', () => play(update({
    PropagateTags: 'DAEMON', EnableECSManagedTags: false, EnableExecuteCommand: true, Critical: false, Tags: [{ key: 'team', value: 'a' }],
  }))],
  ['an update of the tags', () => play(updateRequest({}, { Tags: [{ key: 'team', value: 'a' }] }))],
  ['an update of the rollout settings, after somebody has changed the daemon', () => play(updateRequest({}, { DrainPercent: 50 }), {}, (api) => {
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(9)), steady(12));
    api.now += 4_000_000;
  })],
  ['an update after somebody has changed the daemon', () => play(update(), {}, (api) => {
    api.deployByHand(DAEMON_ARN, settings({ EnableExecuteCommand: true }), steady(12));
    api.now += 4_000_000;
  })],
  ['a new rollout token', () => play(updateRequest({ RolloutToken: '1' }, { RolloutToken: '2' }))],
  ['an update that waits for a deployment', () => play(update(), {}, deployedByHand(scripted([0, 'IN_PROGRESS', 6], [600, 'SUCCESSFUL', 12])))],
  ['an update that waits for a deployment for too long', () => play(update(), {}, deployedByHand(scripted([0, 'IN_PROGRESS', 6])))],
  ['an update that waits for another daemon', () => play(update(), {}, deployedByHand(steady(12), NEW_ARN))],
  ['an update that waits for another daemon in vain', () => play(update(), {}, deployedByHand(scripted([0, 'IN_PROGRESS', 3]), NEW_ARN))],
  ['an update whose instances do not move', () => play(update(), {}, going(() => ({ status: 'IN_PROGRESS', moved: 3, draining: 1, failures: 1 })))],
  ['an update whose instances are without the daemon', () =>
    play(update({ Critical: false }), {}, going((age) => ({ status: age < 900 ? 'IN_PROGRESS' : 'SUCCESSFUL', moved: 9, lacking: 3, failures: 2 })))],
  ['an update that ECS rolls back', () =>
    play(update(), {}, going(scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [700, 'ROLLBACK_SUCCESSFUL', 0])))],
  ['an update whose rollback fails', () => play(update(), {}, going(scripted([0, 'IN_PROGRESS', 3], [400, 'ROLLBACK_IN_PROGRESS', 2], [700, 'ROLLBACK_FAILED', 2])))],
  ['an update that is stopped', () => play(update(), {}, going(scripted([0, 'IN_PROGRESS', 3], [300, 'STOPPED', 3])))],
  ['an update in a status that is new to us', () => play(update(), {}, going(scripted([0, 'SHINY', 3], [300, 'SUCCESSFUL', 12])))],
  ['an update that is cut off before its write', () => play(update(), { cut: (_, attempt) => attempt === 1 ? 'before' : undefined })],
  ['an update that is cut off after its write', () => play(update(), { cut: (_, attempt) => attempt === 1 ? 'after' : undefined })],
  ['a change of tags that is cut off', () => play(updateRequest({}, { Tags: [{ key: 'team', value: 'a' }] }), { cut: (_, attempt) => attempt === 1 ? 'after' : undefined })],
  ['an update that is throttled for a minute', () => play(update(), {}, refusing('updateDaemon', { kind: 'throttled' }, 60))],
  ['an update that ECS is too busy for', () => play(update(), {}, refusing('updateDaemon', { message: 'A deployment is in progress' }, 60))],
  ['an update that ECS refuses', () => play(update(), {}, refusing('updateDaemon', {}))],
  ['an update whose reads fail for a while', () => play(update(), {}, refusing('describeDaemon', { kind: 'transient' }, 200))],
  ['an update whose reads are refused', () => play(update(), {}, refusing('describeDaemon', {}))],
  ['an update whose deployment cannot be read', () => play(update(), {}, refusing('listDeployments', {}))],
  ['an update of a daemon that is gone', () => play(update(), {}, undefined, new FakeDaemonApi())],
  ['an update of a daemon that is being deleted', () => play(update(), {}, (api) => {
    void api.deleteDaemon(DAEMON_ARN);
    api.now += 10_000;
  })],
  ['an update of a daemon that is not ours', () => play(update(), {}, undefined, foreign())],
  ['an update past a red alarm', () => play(update({ ...alarms, PreflightAlarmInAlarm: 'PROCEED' }, alarms), {}, withAlarms('ALARM', 'OK'))],
  ['an update with alarms without data', () => play(update(alarms, alarms), {}, withAlarms('INSUFFICIENT_DATA', 'INSUFFICIENT_DATA'))],
  ['an update with an alarm that is missing', () => play(update(alarms, alarms), {}, withAlarms('OK'))],
  ['an update with an alarm that fires', () => {
    const api = withDaemon();
    return play(update(alarms, alarms), { meanwhile: (seconds) => { if (seconds > 600) api.addAlarm('errors', 'ALARM', 'too many'); } }, withAlarms('OK', 'OK'), api);
  }],
  ['a rollback of the stack', () => play(updateRequest(taskDefinition(2), {}), { rollingBack: true }, undefined, withDaemon(taskDefinition(2)))],
  ['a rollback of the stack that fails', () => play(
    updateRequest(taskDefinition(2), {}), { rollingBack: true }, going(scripted([0, 'IN_PROGRESS', 3], [300, 'STOPPED', 3])), withDaemon(taskDefinition(2)))],
  ['the rollback of a change of name', () =>
    play(updateRequest({ DaemonName: 'agent-2' }, {}, DAEMON_ARN), { rollingBack: true }, (api) => addDaemon(api, NEW_ARN))],

  ['a delete', () => play(deleteRequest())],
  ['a delete of nothing', () => play(deleteRequest(), {}, undefined, new FakeDaemonApi())],
  ['a delete of what is not ours', () => play(deleteRequest(), {}, undefined, foreign())],
  ['a delete that is slow', () => play(deleteRequest(), {}, (api) => { api.drainSeconds = 2000; })],
  ['a delete that is cut off', () => play(deleteRequest(), { cut: (_, attempt) => attempt === 1 ? 'after' : undefined })],
  ['a delete that is denied', () => play(deleteRequest(), {}, refusing('deleteDaemon', { kind: 'denied' }))],
  ['a delete that is throttled for a minute', () => play(deleteRequest(), {}, refusing('deleteDaemon', { kind: 'throttled' }, 60))],
  ['a delete that ECS refuses for a while', () => play(deleteRequest(), {}, refusing('deleteDaemon', {}, 100))],
  ['a delete of a daemon in a status that is new to us', () => play(deleteRequest(), {}, (api) => {
    const describeDaemon = api.describeDaemon.bind(api);
    const end = api.now + 60_000;
    api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(api.now < end && { status: 'SHINY' }) });
  })],

  ['an adoption', () => play(createRequest(adopting), {}, undefined, foreign())],
  ['an adoption of a daemon that differs', () => play(createRequest({ ...adopting, ...taskDefinition(2) }), {}, undefined, foreign())],
  ['an adoption that is cut off', () =>
    play(createRequest(adopting), { cut: (_, attempt) => attempt === 1 ? 'after' : undefined }, undefined, foreign())],
  ['an adoption that is denied', () => play(createRequest(adopting), {}, refusing('tag', { kind: 'denied' }), foreign())],
  ['an adoption that is rolled back', async () => {
    const api = foreign();
    await simulate(api, createRequest(adopting), { openOperations: ['this'] });
    api.now += 10_000;
    return play(deleteRequest(DAEMON_ARN, adopting), { openOperations: ['back', 'this'] }, undefined, api);
  }],
];

test.each(STORIES)('%s', async (_name, story) => {
  const { run: { transcript, answer, seconds }, writes } = await story();
  expect(['', ...transcript, `${String(seconds).padStart(5)} s  ${answer.Status}`, `writes: ${writes.join(', ')}`, ''].join('\n')).toMatchSnapshot();
});
