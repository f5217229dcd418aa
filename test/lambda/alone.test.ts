import { aloneSince } from '../../lambda/rollout/observe/sole-execution';
import { executionName } from '../../lambda/request';
import { accessDenied, FakeExecutions } from './fake-executions';
import { createRequest, deleteRequest } from './requests';

const at = (second: number): string => `https://bucket.example/key?X-Amz-Date=20260101T0000${String(second).padStart(2, '0')}Z`;
const OLDER = executionName({ ...createRequest(), ResponseURL: at(1) });
const OWN = executionName({ ...deleteRequest(), ResponseURL: at(9) });
const NEWER = executionName({ ...createRequest(), ResponseURL: at(20) });
const OTHER = executionName({ ...createRequest(), ResponseURL: at(1), LogicalResourceId: 'Other' });

/** Our rollout and others, which run by now. */
async function running(...names: string[]): Promise<FakeExecutions> {
  const executions = new FakeExecutions();
  for (const name of names) {
    executions.now += 1000;
    await executions.start(name, '');
  }
  return executions;
}

const asked = (executions: FakeExecutions, startedAt = executions.now) =>
  aloneSince(`arn:aws:lambda:us-east-1:123456789012:function:rollout:1/durable-execution/${OWN}/1`, startedAt, executions.around);

test('a rollout polls while an older rollout of the same resource runs (FM9)', async () => {
  await expect(asked(await running(OLDER, OWN))).rejects.toThrow(`the rollout ${OLDER} of an older request still runs`);
});

test('a rollout polls while an older rollout of the same resource is paused', async () => {
  const executions = await running(OLDER, OWN);
  executions.end(OLDER, 'PAUSED');
  await expect(asked(executions)).rejects.toThrow(`the rollout ${OLDER} of an older request still runs`);
});

test('a rollout proceeds as soon as the older one of its resource has ended (FM9)', async () => {
  const executions = await running(OLDER, OWN);
  await executions.stop(`arn:${OLDER}`, 'by the dispatcher');
  executions.now += 30_000;
  expect(await asked(executions, executions.now - 30_000)).toBe(executions.now);
});

test.each([
  ['after', [OTHER, OWN, NEWER]],
  ['before', [OTHER, NEWER, OWN]],
])('a rollout waits neither for other resources nor for newer requests, listed %s it', async (_where, names) => {
  const executions = await running(...names);
  expect(await asked(executions)).toBe(executions.now);
});

test('a rollout polls for 20 s, until executions that started just before it are listed', async () => {
  const executions = await running(OLDER, OWN);
  const startedAt = executions.now;
  executions.listLagMilliseconds = 30_000;
  await expect(asked(executions, startedAt)).rejects.toThrow('this rollout is not listed yet');
  executions.now += 20_000;
  expect(await asked(executions, startedAt)).toBe(executions.now);
});

test('a list of executions that fails is requested again', async () => {
  const executions = await running(OWN);
  executions.refuse = () => accessDenied();
  await expect(asked(executions)).rejects.toThrow('not authorized');
});

test('a rollout proceeds after ten minutes, since the dispatcher has stopped trying by then', async () => {
  const executions = await running(OLDER, OWN);
  const startedAt = executions.now;
  executions.now += 600_000;
  expect(await asked(executions, startedAt)).toBe(executions.now);
});
