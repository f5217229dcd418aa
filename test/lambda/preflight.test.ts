import { FakeDaemonApi } from './fake-daemon-api';
import { withDaemon, writesOf } from './fixtures';
import { createRequest, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const alarms = { AlarmNames: ['cpu-high'] };
const update = () => updateRequest(alarms, { ...alarms, ...taskDefinition(2), Tags: [{ key: 'team', value: 'b' }] });

test('R33: an alarm in ALARM refuses an update before anything is touched', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high', 'ALARM', 'Threshold Crossed');
  const run = await simulate(api, update());
  expect(run.answer.Reason).toBe('PREFLIGHT: the alarm cpu-high is in ALARM already ("Threshold Crossed"), so that ECS would ignore it; nothing was '
    + 'changed; log /aws/lambda/rollouts');
  expect(writesOf(api)).toEqual([]);
});

test.each([['Create', createRequest(alarms), () => new FakeDaemonApi()], ['Update', update(), () => withDaemon()]])('R34: a missing alarm refuses a %s', async (_type, request, ecs) => {
  const api = ecs();
  const run = await simulate(api, request);
  expect(run.answer.Reason).toMatch(/^PREFLIGHT: the alarm cpu-high does not exist in this account and Region/);
  expect(writesOf(api)).toEqual([]);
});

test('an alarm that shows up in the second read is not missing', async () => {
  const api = withDaemon();
  const run = await simulate(api, update(), { meanwhile: (seconds) => { if (seconds > 3) api.addAlarm('cpu-high'); } });
  expect(run.answer.Status).toBe('SUCCESS');
});

test('it is judged again in the step of the write', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high');
  let reads = 0;
  api.refuse = (call) => {
    if (call === 'describeAlarms' && ++reads === 2) api.addAlarm('cpu-high', 'ALARM', 'just now');
    return undefined;
  };
  const run = await simulate(api, updateRequest(alarms, { ...alarms, ...taskDefinition(2) }));
  expect(run.answer.Reason).toMatch(/^PREFLIGHT: the alarm cpu-high is in ALARM already \("just now"\)/);
  expect(writesOf(api)).toEqual([]);
});

test.each([
  [10, 120],
  [60, 120],
  [61, 122],
  [299, 598],
  [3600, 600],
])('no data, evaluated over %d s: waited for %d s, then accepted with a note', async (evaluationSeconds, waitedSeconds) => {
  const api = withDaemon();
  api.addAlarm('cpu-high', 'INSUFFICIENT_DATA', '', evaluationSeconds);
  const begin = api.now;
  const run = await simulate(api, update());
  const waited = (api.calls.find(({ name }) => name === 'updateDaemon')!.at - begin) / 1000;
  expect(waited).toBeGreaterThanOrEqual(waitedSeconds);
  expect(waited).toBeLessThan(waitedSeconds + 31);
  expect(run.lines).toContain('PREFLIGHT: goes on although there is no data yet for the alarms cpu-high');
});

test.each(['ALARM', 'INSUFFICIENT_DATA'] as const)('a create reports an alarm in %s and goes on at once', async (state) => {
  const api = new FakeDaemonApi();
  api.addAlarm('cpu-high', state);
  const run = await simulate(api, createRequest(alarms));
  expect(run.answer.Status).toBe('SUCCESS');
  expect(run.lines[0]).toBe(`PREFLIGHT: the alarm cpu-high is ${state}`);
});

test('a no-op never fails for a red alarm', async () => {
  const api = withDaemon();
  api.addAlarm('cpu-high', 'ALARM');
  const run = await simulate(api, updateRequest({}, alarms));
  expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } });
});
