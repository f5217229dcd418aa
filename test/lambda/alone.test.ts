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

test('while an older rollout of the same resource runs, it asks again (FM9)', async () => {
  await expect(asked(await running(OLDER, OWN))).rejects.toThrow(`the rollout ${OLDER} of an older request still runs`);
});

test('while an older rollout is paused, it asks again', async () => {
  const executions = await running(OLDER, OWN);
  executions.end(OLDER, 'PAUSED');
  await expect(asked(executions)).rejects.toThrow(`the rollout ${OLDER} of an older request still runs`);
});

test('it is alone from the moment on when the older one is seen to have ended (FM9)', async () => {
  const executions = await running(OLDER, OWN);
  await executions.stop(`arn:${OLDER}`, 'by the front desk');
  executions.now += 30_000;
  expect(await asked(executions, executions.now - 30_000)).toBe(executions.now);
});

test.each([
  ['after', [OTHER, OWN, NEWER]],
  ['before', [OTHER, NEWER, OWN]],
])('neither the rollout of another resource nor one of a newer request keeps it waiting, listed %s it', async (_where, names) => {
  const executions = await running(...names);
  expect(await asked(executions)).toBe(executions.now);
});

test('what was started a moment before it is listed with it, and until then it asks again, for 20 s', async () => {
  const executions = await running(OLDER, OWN);
  const startedAt = executions.now;
  executions.listLagMilliseconds = 30_000;
  await expect(asked(executions, startedAt)).rejects.toThrow('this rollout is not listed yet');
  executions.now += 20_000;
  expect(await asked(executions, startedAt)).toBe(executions.now);
});

test('a list that is refused is asked for again', async () => {
  const executions = await running(OWN);
  executions.refuse = () => accessDenied();
  await expect(asked(executions)).rejects.toThrow('not authorized');
});

test('after ten minutes it goes on, since the front desk has given up by then', async () => {
  const executions = await running(OLDER, OWN);
  const startedAt = executions.now;
  executions.now += 600_000;
  expect(await asked(executions, startedAt)).toBe(executions.now);
});
