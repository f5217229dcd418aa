import { dispatch } from '../../lambda/dispatcher/dispatch';
import { isStatusChange, watch, type StatusChange } from '../../lambda/dispatcher/watchdog';
import { executionName, type CloudFormationRequest } from '../../lambda/request';
import { FakeExecutions } from './fake-executions';
import { CLUSTER_ARN, createRequest, DAEMON_ARN, updateRequest } from './requests';

const event = (name: string, status: string): StatusChange =>
  ({ 'detail-type': 'Durable Execution Status Change', detail: { durableExecutionArn: `arn:${name}`, status } });

async function ended(request: CloudFormationRequest, status: 'RUNNING' | 'FAILED' | 'TIMED_OUT' | 'STOPPED' | 'SUCCEEDED', error?: string) {
  const executions = new FakeExecutions();
  await dispatch(request, executions.around);
  const name = executionName(request);
  executions.end(name, status, { error });
  return { executions, name };
}

test.each(['FAILED', 'TIMED_OUT'] as const)('FM7: answers for an execution that ended as %s', async (status) => {
  const { executions, name } = await ended(createRequest(), status, 'out of memory');
  await watch(event(name, status), executions.around);
  expect(executions.answers).toEqual([{ url: createRequest().ResponseURL, body: expect.objectContaining({
    Status: 'FAILED',
    Reason: `the rollout's execution ended as ${status} without an answer: out of memory`,
    PhysicalResourceId: DAEMON_ARN,
  }) }]);
});

test('a verification gets the id that it would have had', async () => {
  const ResourceProperties = { ContractVersion: '1', ClusterArn: CLUSTER_ARN, DaemonName: 'agent', RevisionArn: 'revision-1', Services: ['Web'] };
  const request = { ...createRequest(), ResourceType: 'Custom::ECSManagedDaemonVerification', ResourceProperties };
  const { executions, name } = await ended(request, 'FAILED');
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
});

test('an Update keeps its id', async () => {
  const { executions, name } = await ended(updateRequest({}, {}, 'the-id'), 'FAILED');
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers[0]!.body).toMatchObject({ PhysicalResourceId: 'the-id' });
});

test('says nothing for one that has answered', async () => {
  const { executions, name } = await ended(createRequest(), 'SUCCEEDED');
  await watch(event(name, 'SUCCEEDED'), executions.around);
  expect(executions.answers).toEqual([]);
});

test.each(['FAILED', 'TIMED_OUT', 'STOPPED'] as const)('FM7: never answers once more for one that ended as %s behind its answer', async (status) => {
  const { executions, name } = await ended(createRequest(), status, 'out of memory');
  executions.end(name, status, { answered: true });
  await watch(event(name, status), executions.around);
  expect(executions.answers).toEqual([]);
  expect(executions.lines.at(-1)).toBe(`Agent: the rollout ended as ${status} after its answer: out of memory`);
});

test('answers for an execution that a person has stopped', async () => {
  const { executions, name } = await ended(createRequest(), 'STOPPED', 'wrong image');
  await watch(event(name, 'STOPPED'), executions.around);
  expect(executions.answers[0]!.body).toMatchObject({
    Status: 'FAILED', Reason: "the rollout's execution ended as STOPPED without an answer: wrong image",
  });
});

test('says nothing for one that the front desk has stopped', async () => {
  const { executions, name } = await ended(createRequest(), 'RUNNING');
  await executions.stop(`arn:${name}`);
  await watch(event(name, 'STOPPED'), executions.around);
  expect(executions.answers).toEqual([]);
});

test('says nothing if a newer request of the same resource is known', async () => {
  const { executions, name } = await ended(createRequest(), 'FAILED');
  await dispatch({ ...createRequest(), ResponseURL: 'https://bucket/answer?X-Amz-Date=20261122T120100Z' }, executions.around);
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers).toEqual([]);
});

test('properties that cannot be read still get an answer', async () => {
  const { executions, name } = await ended({ ...createRequest(), ResourceProperties: {} }, 'FAILED');
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'Agent-not-made' });
});

test('tells a status change from a request', () => {
  expect(isStatusChange(event('a', 'FAILED'))).toBe(true);
  expect(isStatusChange(createRequest())).toBe(false);
});
