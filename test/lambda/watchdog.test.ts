import { dispatch } from '../../lambda/dispatcher/dispatch';
import { isStatusChange, watch, type StatusChange } from '../../lambda/dispatcher/watchdog';
import { executionName, type CloudFormationRequest } from '../../lambda/request';
import { FakeExecutions } from './fake-executions';
import { CLUSTER_ARN, createRequest, DAEMON_ARN, updateRequest } from './requests';

const event = (name: string, status: string): StatusChange =>
  ({ 'detail-type': 'Durable Execution Status Change', detail: { durableExecutionArn: `arn:${name}`, status } });

async function ended(request: CloudFormationRequest, status: string, error?: string) {
  const executions = new FakeExecutions();
  await dispatch(request, executions.around);
  const name = executionName(request);
  executions.end(name, status, { error });
  return { executions, name };
}

test.each(['FAILED', 'TIMED_OUT'] as const)('the watchdog answers for an execution that ended as %s (FM7, FM28)', async (status) => {
  const { executions, name } = await ended(createRequest(), status, 'out of memory');
  await watch(event(name, status), executions.around);
  expect(executions.answers).toEqual([{ url: createRequest().ResponseURL, body: expect.objectContaining({
    Status: 'FAILED',
    Reason: `the rollout's execution ended as ${status} without an answer: out of memory`,
    PhysicalResourceId: DAEMON_ARN,
  }) }]);
  expect(executions.lines.at(-1)).toBe(`ERROR Agent: the rollout's execution ended as ${status} without an answer: out of memory`);
});

test('the watchdog answers for a verification with the id that it would have had', async () => {
  const ResourceProperties = { ContractVersion: '1', ClusterArn: CLUSTER_ARN, DaemonName: 'agent', RevisionArn: 'revision-1', Services: ['Web'] };
  const request = { ...createRequest(), ResourceType: 'Custom::ECSManagedDaemonVerification', ResourceProperties };
  const { executions, name } = await ended(request, 'FAILED');
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
});

test('the watchdog answers for an Update with its id', async () => {
  const { executions, name } = await ended(updateRequest({}, {}, 'the-id'), 'FAILED');
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers[0]!.body).toMatchObject({ PhysicalResourceId: 'the-id' });
});

test.each(['FAILED', 'TIMED_OUT', 'STOPPED'] as const)('the watchdog does not answer again for an execution that ended as %s after its answer (FM7)', async (status) => {
  const { executions, name } = await ended(createRequest(), status, 'out of memory');
  executions.end(name, status, { steps: ['start', 'answer'] });
  await watch(event(name, status), executions.around);
  expect(executions.answers).toEqual([]);
  expect(executions.lines.at(-1)).toBe(`WARN Agent: the rollout ended as ${status} after its answer: out of memory`);
});

test('the watchdog reports that Lambda has recorded no error', async () => {
  const { executions, name } = await ended(createRequest(), 'FAILED');
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers[0]!.body.Reason).toBe("the rollout's execution ended as FAILED without an answer: no error was recorded");
  executions.end(name, 'FAILED', { steps: ['start', 'answer'] });
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.lines.at(-1)).toBe('WARN Agent: the rollout ended as FAILED after its answer: no error was recorded');
});

test.each(['RUNNING', 'PAUSED', 'SUCCEEDED'])('the watchdog does not answer for an execution that is %s', async (status) => {
  const { executions, name } = await ended(createRequest(), status);
  executions.calls.length = 0;
  await watch(event(name, status), executions.around);
  expect(executions.calls).toEqual(['get']);
  expect(executions.answers).toEqual([]);
});

test('the watchdog answers for an execution that a person has stopped (FM7)', async () => {
  const { executions, name } = await ended(createRequest(), 'STOPPED', 'wrong image');
  await watch(event(name, 'STOPPED'), executions.around);
  expect(executions.answers[0]!.body).toMatchObject({
    Status: 'FAILED', Reason: "the rollout's execution ended as STOPPED without an answer: wrong image",
  });
});

test('the watchdog does not answer for an execution that the dispatcher has stopped', async () => {
  const { executions, name } = await ended(createRequest(), 'RUNNING');
  await executions.stop(`arn:${name}`, 'by a newer request');
  await watch(event(name, 'STOPPED'), executions.around);
  expect(executions.answers).toEqual([]);
});

test('the watchdog does not answer if a newer request of the same resource exists', async () => {
  const { executions, name } = await ended(createRequest(), 'FAILED');
  await dispatch({ ...createRequest(), ResponseURL: 'https://bucket/answer?X-Amz-Date=20261122T120100Z' }, executions.around);
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers).toEqual([]);
  expect(executions.lines.at(-1)).toBe('INFO Agent: the rollout ended as FAILED; a newer request answers');
});

test('answers although an execution that is named after a newer request has dropped its own', async () => {
  const { executions, name } = await ended(createRequest(), 'FAILED');
  const newer = { ...createRequest(), ResponseURL: 'https://bucket/answer?X-Amz-Date=20261122T120100Z' };
  await dispatch(newer, executions.around);
  executions.end(executionName(newer), 'SUCCEEDED', { result: JSON.stringify({ outcome: 'DROPPED', reason: 'no' }) });
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers).toHaveLength(1);
});

describe('two requests of the same second', () => {
  const first = createRequest();
  const second = updateRequest({}, {}, 'the-id');

  test.each([
    ['the earlier one is left to the later one', first, []],
    ['the later one is answered for', second, ['the-id']],
  ])('%s', async (_what, request, ids) => {
    const executions = new FakeExecutions();
    for (const each of [first, second]) {
      executions.now += 1000;
      await dispatch(each, executions.around);
    }
    executions.end(executionName(request), 'FAILED');
    await watch(event(executionName(request), 'FAILED'), executions.around);
    expect(executions.answers.map(({ body }) => body.PhysicalResourceId)).toEqual(ids);
  });

  test('include one that is no longer listed, which counts as the earlier one', async () => {
    const executions = new FakeExecutions();
    for (const each of [first, second]) {
      executions.now += 1000;
      await dispatch(each, executions.around);
    }
    executions.mostListed = 1;
    executions.end(executionName(first), 'FAILED');
    await watch(event(executionName(first), 'FAILED'), executions.around);
    expect(executions.answers).toEqual([]);
  });
});

describe('an execution of which the history does not show whether the stack rolls back', () => {
  const throttled = Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });

  /** What becomes of an execution that was denied its first checkpoint, while CloudFormation answers so. */
  async function watched(stack: FakeExecutions['stack'], request = updateRequest({}, {})) {
    const { executions, name } = await ended(request, 'FAILED', 'not authorized');
    const endedAt = executions.now;
    executions.stack = stack;
    executions.stackEvents = [{ PhysicalResourceId: request.StackId, ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', Timestamp: new Date('2026-11-22T11:59:00Z') }];
    const watching = () => watch({ ...event(name, 'FAILED'), time: new Date(endedAt).toISOString() }, executions.around);
    return { executions, endedAt, watching };
  }

  test('is answered as DEGRADED success if the stack does', async () => {
    const { executions, watching } = await watched(() => ({ status: 'UPDATE_ROLLBACK_IN_PROGRESS' }));
    await watching();
    expect(executions.answers[0]!.body).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'DEGRADED' } });
  });

  test('is answered as a failure if the stack does not', async () => {
    const { executions, watching } = await watched(() => ({ status: 'UPDATE_IN_PROGRESS' }));
    await watching();
    expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED' });
  });

  test('is retried for a minute while CloudFormation throttles, and then by the next delivery of the event', async () => {
    const { executions, endedAt, watching } = await watched(() => {
      if (executions.now - endedAt < 100_000) throw throttled;
      return { status: 'UPDATE_ROLLBACK_IN_PROGRESS' };
    });
    await expect(watching()).rejects.toBe(throttled);
    expect(executions.now - endedAt).toBe(60_000);
    expect(executions.answers).toEqual([]);
    executions.now += 60_000;
    await watching();
    expect(executions.answers[0]!.body).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'DEGRADED' } });
  });

  test.each([-90, 0, 120])('is answered as a failure by the last delivery of the event, if it stays unknown (clock %d s ahead)', async (seconds) => {
    const { executions, watching } = await watched(() => { throw executions.dated(throttled); });
    executions.clockAheadMilliseconds = seconds * 1000;
    await expect(watching()).rejects.toBe(throttled);
    executions.now += 60_000;
    await watching();
    expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED' });
  });
});

describe('an execution that ended without an answer in the rollback of a stack (FM11)', () => {
  const OTHER = DAEMON_ARN.replace('/agent', '/other');
  const about = (ResourceType: string, ResourceProperties: Record<string, unknown>): CloudFormationRequest =>
    ({ ...updateRequest({}, {}, 'the-id'), ResourceType, ResourceProperties, OldResourceProperties: ResourceProperties });

  const answerTo = async (request: CloudFormationRequest, steps: readonly string[]) => {
    const { executions, name } = await ended(request, 'TIMED_OUT', 'out of memory');
    executions.end(name, 'TIMED_OUT', { steps });
    await watch(event(name, 'TIMED_OUT'), executions.around);
    return { executions, name, body: executions.answers[0]!.body };
  };

  test('is answered as DEGRADED success, with every attribute (FM11)', async () => {
    const { executions, name, body } = await answerTo(updateRequest({}, {}), ['start', 'rolling-back']);
    expect(body).toMatchObject({
      Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN,
      Reason: "DEGRADED: the stack's rollback was not completed: the rollout's execution ended as TIMED_OUT without an answer: out of memory",
      Data: { DaemonArn: DAEMON_ARN, DaemonName: 'agent', DeploymentArn: '', RevisionArn: '', RolloutArn: `arn:${name}`, Outcome: 'DEGRADED' },
    });
    expect(executions.lines.at(-1)).toBe(`WARN Agent: ${body.Reason as string}`);
  });

  test('is answered as a failure in any other update', async () => {
    const { body } = await answerTo(updateRequest({}, {}), ['start']);
    expect(body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
  });

  test('has the attributes of the old name after a change of name', async () => {
    const { body } = await answerTo(updateRequest({ DaemonName: 'other' }, {}, OTHER), ['start', 'rolling-back']);
    expect(body).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: { DaemonArn: DAEMON_ARN } });
  });

  test('has the id of the former daemon for a deletion gate', async () => {
    const request = { ...about('Custom::ECSManagedDaemonDeletionGate', { DaemonArn: DAEMON_ARN }), PhysicalResourceId: OTHER };
    expect((await answerTo(request, ['start', 'rolling-back'])).body).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN });
  });

  test.each([
    ['a gate', about('Custom::ECSManagedDaemonGate', { DaemonArn: OTHER, RolloutArn: 'arn:rollout', GateNumber: '1' }), {
      DaemonArn: OTHER, DaemonName: 'other', RolloutArn: 'arn:rollout',
    }],
    ['a verification', about('Custom::ECSManagedDaemonVerification', { ClusterArn: CLUSTER_ARN, DaemonName: 'agent' }), { DaemonArn: DAEMON_ARN }],
    ['one whose properties cannot be read', about('Custom::ECSManagedDaemon', {}), {}],
  ])('keeps the id of %s', async (_what, request, Data) => {
    expect((await answerTo(request, ['start', 'rolling-back'])).body).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'the-id', Data });
  });
});

test('the watchdog answers for properties that cannot be read', async () => {
  const { executions, name } = await ended({ ...createRequest(), ResourceProperties: {} }, 'FAILED');
  await watch(event(name, 'FAILED'), executions.around);
  expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'Agent-not-made' });
});

test('the watchdog distinguishes a status change from a request', () => {
  expect(isStatusChange(event('a', 'FAILED'))).toBe(true);
  expect(isStatusChange(createRequest())).toBe(false);
  expect(isStatusChange(undefined)).toBe(false);
});
