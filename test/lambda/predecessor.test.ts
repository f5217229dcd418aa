import { executionName } from '../../lambda/request';
import { predecessorOf } from '../../lambda/rollout/observe/predecessor';
import { accessDenied, FakeExecutions } from './fake-executions';
import { createRequest, deleteRequest } from './requests';

const at = (second: number): string => `https://bucket.example/key?X-Amz-Date=20260101T0000${String(second).padStart(2, '0')}Z`;
const OLDEST = executionName({ ...createRequest(), ResponseURL: at(1) });
const OLDER = executionName({ ...createRequest(), ResponseURL: at(2) });
const OWN = executionName({ ...deleteRequest(), ResponseURL: at(9) });

const reportOf = (deploymentStatus: string | undefined, endedAt: number, tagsWritten?: boolean, deploymentArn = 'deployment-2'): string =>
  JSON.stringify({ endedAt: new Date(endedAt).toISOString(), rollout: { deploymentArn, deploymentStatus, tagsWritten } });

async function withEnded(result?: (now: number) => string): Promise<FakeExecutions> {
  const executions = new FakeExecutions();
  for (const name of [OLDEST, OLDER, OWN]) await executions.start(name, '');
  executions.end(OLDEST, 'SUCCEEDED', { result: reportOf('SUCCESSFUL', executions.now, true, 'deployment-1') });
  executions.end(OLDER, result ? 'SUCCEEDED' : 'STOPPED', { result: result?.(executions.now) });
  return executions;
}

const read = (executions: FakeExecutions) =>
  predecessorOf(`arn:aws:lambda:us-east-1:123456789012:function:rollout:1/durable-execution/${OWN}/1`, executions, executions.now);

const HOUR = 3_600_000;

test('the report of the earlier request names the deployment that it followed to its end', async () => {
  const executions = await withEnded((now) => reportOf('ROLLBACK_SUCCESSFUL', now - 5000));
  expect((await read(executions)).deployment).toEqual({ arn: 'deployment-2', endedAt: executions.now - 5000 });
});

test.each<[string, ((now: number) => string) | undefined]>([
  ['has not seen the end of its deployment', (now) => reportOf(undefined, now)],
  ['ended so long ago that reads must show it', (now) => reportOf('SUCCESSFUL', now - 130_000)],
  ['was stopped', undefined],
])('no earlier deployment is returned if the earlier request %s', async (_what, result) => {
  expect((await read(await withEnded(result))).deployment).toBeUndefined();
});

test.each<[string, boolean, ((now: number) => string) | undefined]>([
  ['has written tags a moment ago', true, (now) => reportOf(undefined, now - 129_000, true)],
  ['has written no tags', false, (now) => reportOf(undefined, now - 129_000, false)],
  ['does not say whether it has written tags', true, (now) => reportOf(undefined, now - 129_000)],
  ['has written tags so long ago that reads must return them', false, (now) => reportOf(undefined, now - 130_000, true)],
  ['was stopped', true, undefined],
  ['has left no report', true, (now) => JSON.stringify({ endedAt: new Date(now - HOUR).toISOString() })],
])('after an earlier request that %s, tags may be older than it: %s', async (_what, expected, result) => {
  expect((await read(await withEnded(result))).tagsMayBeOlder).toBe(expected);
});

test('tags are read as they are if there was no earlier request', async () => {
  const executions = new FakeExecutions();
  await executions.start(OWN, '');
  expect(await read(executions)).toEqual({ tagsMayBeOlder: false });
});

test('tags may be older, and no earlier deployment is returned, if the executions cannot be listed', async () => {
  const executions = await withEnded((now) => reportOf('SUCCESSFUL', now));
  executions.refuse = (call) => call === 'newest' ? accessDenied() : undefined;
  expect(await read(executions)).toEqual({ tagsMayBeOlder: true });
});

test('tags may be older if the list does not return the end of the earlier request yet', async () => {
  const executions = new FakeExecutions();
  for (const name of [OLDEST, OLDER, OWN]) await executions.start(name, '');
  executions.end(OLDEST, 'SUCCEEDED', { result: reportOf('SUCCESSFUL', executions.now - HOUR, false) });
  expect(await read(executions)).toEqual({ tagsMayBeOlder: true });
});
