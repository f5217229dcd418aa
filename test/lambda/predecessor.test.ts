import { executionName } from '../../lambda/request';
import { endedBefore } from '../../lambda/rollout/observe/predecessor';
import { accessDenied, FakeExecutions } from './fake-executions';
import { createRequest, deleteRequest } from './requests';

const at = (second: number): string => `https://bucket.example/key?X-Amz-Date=20260101T0000${String(second).padStart(2, '0')}Z`;
const OLDEST = executionName({ ...createRequest(), ResponseURL: at(1) });
const OLDER = executionName({ ...createRequest(), ResponseURL: at(2) });
const OWN = executionName({ ...deleteRequest(), ResponseURL: at(9) });

const reportOf = (deploymentStatus: string | undefined, endedAt: number, deploymentArn = 'deployment-2'): string =>
  JSON.stringify({ endedAt: new Date(endedAt).toISOString(), rollout: { deploymentArn, deploymentStatus } });

async function withEnded(result?: (now: number) => string): Promise<FakeExecutions> {
  const executions = new FakeExecutions();
  for (const name of [OLDEST, OLDER, OWN]) await executions.start(name, '');
  executions.end(OLDEST, 'SUCCEEDED', { result: reportOf('SUCCESSFUL', executions.now, 'deployment-1') });
  executions.end(OLDER, result ? 'SUCCEEDED' : 'STOPPED', { result: result?.(executions.now) });
  return executions;
}

const read = (executions: FakeExecutions) =>
  endedBefore(`arn:aws:lambda:us-east-1:123456789012:function:rollout:1/durable-execution/${OWN}/1`, executions, executions.now);

test('the report of the earlier request names the deployment that it followed to its end', async () => {
  const executions = await withEnded((now) => reportOf('ROLLBACK_SUCCESSFUL', now - 5000));
  expect(await read(executions)).toEqual({ arn: 'deployment-2', endedAt: executions.now - 5000 });
});

test.each<[string, ((now: number) => string) | undefined]>([
  ['has not seen the end of its deployment', (now) => reportOf(undefined, now)],
  ['ended so long ago that reads must show it', (now) => reportOf('SUCCESSFUL', now - 130_000)],
  ['was stopped', undefined],
])('no earlier deployment is returned if the earlier request %s', async (_what, result) => {
  expect(await read(await withEnded(result))).toBeUndefined();
});

test('no earlier deployment is returned if the executions cannot be listed', async () => {
  const executions = await withEnded((now) => reportOf('SUCCESSFUL', now));
  executions.refuse = (call) => call === 'newest' ? accessDenied() : undefined;
  expect(await read(executions)).toBeUndefined();
});
