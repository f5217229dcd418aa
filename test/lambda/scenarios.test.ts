import { FakeDaemonApi, scripted, steady } from './fake-daemon-api';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

/** A daemon of ours that has been at rest for a day. */
function atRest(api: FakeDaemonApi, changes = {}): void {
  const now = api.now;
  api.now -= 86_400_000;
  api.put(DAEMON_ARN, settings(changes), OWNER_TAGS, steady(12));
  api.now = now;
}

test('create', async () => {
  const api = new FakeDaemonApi();
  const run = await simulate(api, createRequest());
  console.log(run.lines.join('\n'), run.answer, run.seconds, run.looks, run.largestState, api.calls.length);
});
test('update', async () => {
  const api = new FakeDaemonApi();
  atRest(api);
  const run = await simulate(api, updateRequest({}, taskDefinition(2)));
  console.log(run.lines.join('\n'), run.answer, run.seconds, run.looks, run.largestState, api.calls.length);
});
test('rolled back', async () => {
  const api = new FakeDaemonApi();
  atRest(api);
  api.addAlarm('cpu-high');
  api.triggeredAlarms = ['cpu-high'];
  api.course = scripted([0, 'PENDING', 0], [40, 'IN_PROGRESS', 0], [294, 'IN_PROGRESS', 3], [400, 'STOP_REQUESTED', 3], [430, 'ROLLBACK_IN_PROGRESS', 2], [700, 'ROLLBACK_SUCCESSFUL', 0]);
  const run = await simulate(api, updateRequest({ AlarmNames: ['cpu-high'] }, { ...taskDefinition(2), AlarmNames: ['cpu-high'] }), { meanwhile: (s) => { if (s > 400) api.addAlarm('cpu-high', 'ALARM', 'Threshold Crossed: 1 datapoint'); } });
  console.log(run.lines.join('\n'), run.answer, run.seconds, run.looks, run.largestState, api.calls.length);
  const back = await simulate(api, updateRequest({ ...taskDefinition(2), AlarmNames: ['cpu-high'] }, { AlarmNames: ['cpu-high'] }), { rollingBack: true });
  console.log(back.lines.join('\n'), back.answer, back.seconds, back.looks, back.largestState, api.updates.length);
});
test('delete', async () => {
  const api = new FakeDaemonApi();
  atRest(api);
  const run = await simulate(api, deleteRequest());
  console.log(run.lines.join('\n'), run.answer, run.seconds, run.looks, run.largestState, api.calls.length);
});
