import { FakeDaemonApi, scripted } from './fake-daemon-api';
import { addDaemon, withDaemon, writesOf } from './fixtures';
import { daemonArn, foreign, quick, update, writtenAfter } from './neighbours';
import { deleteRequest, settings, taskDefinition } from './requests';
import { simulate } from './simulate';

/** A deployment of another daemon begins while the step of the write lists the daemons, which takes so long. */
function beginsInTheStepOfTheWrite(api: FakeDaemonApi, milliseconds = 0): void {
  addDaemon(api, daemonArn('other'), {}, foreign);
  let lists = 0;
  api.refuse = (call) => {
    if (call !== 'listDaemons' || ++lists !== 3) return undefined;
    api.now += milliseconds;
    api.deployByHand(daemonArn('other'), settings(taskDefinition(9)), scripted([0, 'IN_PROGRESS', 3], [400, 'SUCCESSFUL', 12]));
    return undefined;
  };
}

test('a deployment that starts during a poll is read in the step of the write, and waited for (A28, FM15)', async () => {
  const api = withDaemon(quick);
  beginsInTheStepOfTheWrite(api);
  api.readLagSeconds = 0;
  const begin = api.now;
  const run = await simulate(api, update());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(400);
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('a poll in the step of the write that takes too long is repeated before the write', async () => {
  const api = withDaemon(quick);
  beginsInTheStepOfTheWrite(api, 11_000);
  const begin = api.now;
  const run = await simulate(api, update());
  expect(run.lines).toContain('APPLYING: update-daemon was not sent: the reads before it took too long; reads again');
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writtenAfter(api, 'updateDaemon', begin)).toBeGreaterThanOrEqual(400);
  expect(writesOf(api)).toEqual(['updateDaemon']);
});

test('a deletion that waits in the step of the write does not count as requested (A28)', async () => {
  const api = withDaemon(quick);
  beginsInTheStepOfTheWrite(api);
  api.readLagSeconds = 0;
  const run = await simulate(api, deleteRequest());
  expect(run.answer.Status).toBe('SUCCESS');
  expect(writesOf(api)).toEqual(['deleteDaemon']);
  expect(run.lines.join()).not.toContain('once more');
});
