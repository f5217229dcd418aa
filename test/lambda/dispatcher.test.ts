import { dispatch } from '../../lambda/dispatcher/dispatch';
import { isDenied } from '../../lambda/dispatcher/settling';
import { executionName, type CloudFormationRequest } from '../../lambda/request';
import { accessDenied, FakeExecutions } from './fake-executions';
import { createRequest, deleteRequest, updateRequest, taskDefinition } from './requests';

/** The moment in the URL of a request. */
const ISSUED = Date.parse('2026-11-22T12:00:00Z');

const issued = (second: number, request: CloudFormationRequest = createRequest()): CloudFormationRequest =>
  ({ ...request, ResponseURL: `https://bucket/answer?X-Amz-Date=20261122T1200${String(second).padStart(2, '0')}Z` });

const recorded = { Status: 'SUCCESS', Reason: 'SUCCEEDED: done', PhysicalResourceId: 'arn:daemon', Data: { Outcome: 'SUCCEEDED' } };

let executions: FakeExecutions;

beforeEach(() => { executions = new FakeExecutions(); });

async function deliver(request: CloudFormationRequest): Promise<string> {
  executions.now += 1000;
  await dispatch(request, executions.around);
  return executionName(request);
}

test('the dispatcher starts an execution with the unchanged event as its payload', async () => {
  const request = createRequest();
  const name = await deliver(request);
  expect(executions.entries).toMatchObject([{ name, payload: JSON.stringify(request), status: 'RUNNING' }]);
  expect(executions.calls).toEqual(['newest', 'start', 'newest', 'alive']);
  expect(executions.answers).toEqual([]);
});

test('the same event again changes nothing while its execution runs (FM1)', async () => {
  await deliver(createRequest());
  await deliver(createRequest());
  expect(executions.entries).toHaveLength(1);
  expect(executions.stopped).toEqual([]);
  expect(executions.answers).toEqual([]);
});

test('the same event after the end of its execution sends the recorded answer again (FM2)', async () => {
  const name = await deliver(createRequest());
  executions.end(name, 'SUCCEEDED', { result: JSON.stringify({ outcome: 'SUCCEEDED', answer: recorded }) });
  await deliver(createRequest());
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = createRequest();
  expect(executions.answers).toEqual([{ url: ResponseURL, body: { ...recorded, StackId, RequestId, LogicalResourceId } }]);
  expect(executions.lines).toEqual(['INFO Agent: delivered again after its end; its answer is sent again']);
});

test('a rollout that continued after its answer repeats that answer, whatever its result (FM2)', async () => {
  const name = await deliver(createRequest());
  const continuing = { ...recorded, Reason: 'CONTINUING: DEPLOYING', Data: { Outcome: 'CONTINUING' } };
  executions.end(name, 'SUCCEEDED', { result: JSON.stringify({ outcome: 'ROLLED_BACK', reason: 'an alarm', answer: continuing, answeredAt: 'then' }) });
  await deliver(createRequest());
  const { StackId, RequestId, LogicalResourceId } = createRequest();
  expect(executions.answers.map(({ body }) => body)).toEqual([{ ...continuing, StackId, RequestId, LogicalResourceId }]);
});

describe('an execution that ends before its delivery does', () => {
  const endsAtOnce = (): void => {
    const start = executions.start.bind(executions);
    executions.start = async (name, payload) => {
      const arn = await start(name, payload);
      executions.end(name, 'SUCCEEDED', { result: JSON.stringify({ outcome: 'SUCCEEDED', answer: recorded }) });
      return arn;
    };
  };

  test.each([0, 15_000, 60_000])('has sent its answer, which is not sent again, with lists that lag by %d ms', async (lag) => {
    executions.listLagMilliseconds = lag;
    endsAtOnce();
    await deliver(createRequest());
    expect(executions.answers).toEqual([]);
  });

  test('has its answer sent again if it is unknown whether an earlier delivery has started it', async () => {
    let lists = 0;
    executions.refuse = (call) => call === 'newest' && ++lists === 1 ? new Error('the connection was lost') : undefined;
    endsAtOnce();
    await deliver(createRequest());
    expect(executions.answers).toHaveLength(1);
  });
});

test.each(['FAILED', 'STOPPED', 'TIMED_OUT'] as const)('the dispatcher sends no answer again for an execution that ended as %s', async (status) => {
  const name = await deliver(createRequest());
  executions.end(name, status);
  await deliver(createRequest());
  expect(executions.answers).toEqual([]);
});

test('a newer request stops the execution of the older one (FM9)', async () => {
  const old = await deliver(issued(1));
  const young = await deliver(issued(2));
  expect(executions.stopped).toEqual([old]);
  expect(executions.entries.find(({ name }) => name === young)).toMatchObject({ status: 'RUNNING' });
  expect(executions.stopReasons).toEqual([`by ${young}`]);
  expect(executions.lines).toEqual(['INFO Agent: stops the rollout of the request before this one']);
});

describe('an older execution that is not RUNNING but has not ended', () => {
  test.each(['PAUSING', 'PAUSED', 'A_STATUS_OF_TOMORROW'])('is stopped by a newer request: %s', async (status) => {
    const old = await deliver(issued(1));
    executions.end(old, status);
    await deliver(issued(2));
    expect(executions.stopped).toEqual([old]);
  });

  test('is stopped by a newer request although the filter of the list does not accept its status', async () => {
    const old = await deliver(issued(1));
    executions.end(old, 'A_STATUS_OF_TOMORROW');
    executions.alive = async () => [];
    await deliver(issued(2));
    expect(executions.stopped).toEqual([old]);
  });

  test('is stopped by a second delivery of its request after a newer one', async () => {
    await deliver(issued(2));
    await executions.start(executionName(issued(1)), JSON.stringify(issued(1)));
    executions.end(executionName(issued(1)), 'PAUSED');
    await deliver(issued(1));
    expect(executions.stopped).toEqual([executionName(issued(1))]);
  });
});

test('the executions of other resources go on', async () => {
  await deliver({ ...issued(1), LogicalResourceId: 'Other' });
  await deliver(issued(2));
  expect(executions.stopped).toEqual([]);
});

describe('an execution that is named after a newer request', () => {
  test('outdates no request if it has dropped its own', async () => {
    executions.end(await deliver(issued(2)), 'SUCCEEDED', { result: JSON.stringify({ outcome: 'DROPPED', reason: 'no' }) });
    const name = await deliver(issued(1));
    expect(executions.entries.at(-1)).toMatchObject({ name, status: 'RUNNING' });
  });

  test('is stopped, and outdates no request, if it carries out another one', async () => {
    const forged = executionName(issued(2));
    await executions.start(forged, JSON.stringify(issued(1)));
    const name = await deliver(issued(1));
    expect(executions.stopped).toEqual([forged]);
    expect(executions.entries.at(-1)).toMatchObject({ name, status: 'RUNNING' });
  });

  test('outdates a request if it cannot be read', async () => {
    await deliver(issued(2));
    executions.refuse = (call) => call === 'get' ? accessDenied() : undefined;
    await deliver(issued(1));
    expect(executions.entries).toHaveLength(1);
  });
});

test.each(['RUNNING', 'SUCCEEDED', 'FAILED'] as const)('a late delivery of an older request starts no execution while the newer one is %s (FM31)', async (status) => {
  const young = await deliver(issued(2));
  if (status !== 'RUNNING') executions.end(young, status);
  await deliver(issued(1));
  expect(executions.entries).toMatchObject([{ name: young, status }]);
  expect(executions.answers).toEqual([]);
  expect(executions.lines).toEqual(['INFO Agent: a newer request of the same resource is known; this one is not started']);
});

test('an older execution that started because nothing was listed stops itself, not the newer one (FM31)', async () => {
  await deliver(issued(2));
  let lists = 0;
  executions.refuse = (call) => call === 'newest' && ++lists === 1 ? new Error('the connection was lost') : undefined;
  const old = await deliver(issued(1));
  expect(executions.stopped).toEqual([old]);
  expect(executions.stopReasons).toEqual(['by a newer request']);
  expect(executions.lines).toEqual(['INFO Agent: a newer request of the same resource is known; this one is dropped']);
  expect(executions.answers).toEqual([]);
});

test('an older execution that its delivery could not stop is stopped by the next delivery (FM31)', async () => {
  await deliver(issued(2));
  let lists = 0;
  executions.refuse = (call) => call === 'alive' || (call === 'newest' && ++lists === 1) ? new Error('the connection was lost') : undefined;
  await expect(deliver(issued(1))).rejects.toThrow('the connection was lost');
  executions.refuse = () => undefined;
  executions.lines.length = 0;
  const old = await deliver(issued(1));
  expect(executions.stopped).toEqual([old]);
  expect(executions.stopReasons).toEqual(['by a newer request']);
  expect(executions.lines).toEqual(['INFO Agent: a newer request of the same resource is known; this one, which was started before, is dropped']);
  expect(executions.answers).toEqual([]);
});

test('an older execution that is listed between two lists is stopped too (FM9)', async () => {
  const old = executionName(issued(1));
  await executions.start(old, JSON.stringify(issued(1)));
  executions.listLagMilliseconds = 10_000;
  const slowly = async <T>(list: () => Promise<T>): Promise<T> => {
    const listed = await list();
    executions.now += 15_000;
    return listed;
  };
  const alive = executions.alive.bind(executions);
  executions.alive = () => slowly(alive);
  await deliver(issued(2));
  expect(executions.stopped).toEqual([old]);
});

test('the order of arrival decides between two requests of the same second', async () => {
  const first = await deliver(createRequest());
  await deliver(updateRequest({}, taskDefinition(2)));
  expect(executions.stopped).toEqual([first]);
  await deliver(createRequest());
  expect(executions.stopped).toEqual([first]);
});

test('the Delete continues if a Create and a Delete are issued in the same second, in any order of arrival (E9)', async () => {
  const deleted = await deliver(issued(1, deleteRequest('made-up')));
  await deliver(issued(1));
  expect(executions.entries).toMatchObject([{ name: deleted, status: 'RUNNING' }]);
  executions = new FakeExecutions();
  const created = await deliver(issued(1));
  await deliver(issued(1, deleteRequest('made-up')));
  expect(executions.stopped).toEqual([created]);
});

test('two simultaneous deliveries continue the same execution', async () => {
  for (const [a, b] of [[issued(1), issued(2)], [issued(2), issued(1)]] as const) {
    executions = new FakeExecutions();
    await Promise.all([dispatch(a, executions.around), dispatch(b, executions.around)]);
    expect(executions.stopped).toEqual([executionName(issued(1))]);
  }
});

test.each([[1, 15_000], [10, 15_000]])('the older of two requests issued %d s apart is stopped, although a list lags by %d ms', async (apart, lag) => {
  executions.listLagMilliseconds = lag;
  const old = issued(1);
  await Promise.all([dispatch(old, executions.around), (async () => {
    executions.now += apart * 1000;
    await dispatch(issued(1 + apart), executions.around);
  })()]);
  expect(executions.stopped).toEqual([executionName(old)]);
});

test('an execution that the list does not contain after 20 s counts as the newest', async () => {
  executions.listLagMilliseconds = 60_000;
  await deliver(issued(1));
  executions.now += 60_000;
  const began = executions.now;
  const name = await deliver(issued(59));
  expect(executions.stopped).toEqual([executionName(issued(1))]);
  expect(executions.entries.at(-1)).toMatchObject({ name, status: 'RUNNING' });
  expect(executions.now - began).toBe(21_000);
});

test('an execution that ended before it could be stopped causes no error', async () => {
  const old = await deliver(issued(1));
  executions.refuse = (call) => {
    if (call === 'stop') executions.end(old, 'SUCCEEDED');
    return undefined;
  };
  await deliver(issued(2));
  expect(executions.answers).toEqual([]);
});

describe('an older rollout that cannot be stopped', () => {
  test.each([
    ['it runs on', (call: string) => call === 'stop'],
    ['nobody knows whether it runs on', (call: string) => call === 'stop' || call === 'get'],
  ])('is left to the next delivery if %s', async (_case, fails) => {
    const old = await deliver(issued(1));
    executions.refuse = (call) => fails(call) ? new Error('Rate exceeded') : undefined;
    await expect(deliver(issued(2))).rejects.toThrow('Rate exceeded');
    executions.refuse = () => undefined;
    await deliver(issued(2));
    expect(executions.stopped).toEqual([old]);
  });
});

test.each([1, 200])('older rollouts are left to the next delivery, even to the last, if AWS throttles the list (%d s)', async (age) => {
  const old = await deliver(issued(1));
  executions.now = ISSUED + age * 1000;
  executions.refuse = (call) => call === 'alive' ? new Error('Rate exceeded') : undefined;
  await expect(deliver(issued(2))).rejects.toThrow('Rate exceeded');
  expect(executions.answers).toEqual([]);
  executions.refuse = () => undefined;
  await deliver(issued(2));
  expect(executions.stopped).toEqual([old]);
});

describe('permissions that may not be effective yet', () => {
  test.each(['start', 'alive', 'newest'] as const)('are left to the next delivery if %s is denied', async (refused) => {
    executions.now = ISSUED + 118_999; // a delivery takes a second
    executions.refuse = (call) => call === refused ? accessDenied() : undefined;
    await expect(deliver(createRequest())).rejects.toThrow('not authorized');
    expect(executions.answers).toEqual([]);
    expect(executions.lines).toEqual(['WARN Agent: not possible yet, left to the next delivery: User is not authorized to perform this']);

    executions.now += 60_000;
    executions.refuse = () => undefined;
    await deliver(createRequest());
    expect(executions.entries).toMatchObject([{ status: 'RUNNING' }]);
  });

  test('are no longer waited for after two minutes', async () => {
    executions.now = ISSUED + 119_000;
    executions.refuse = (call) => call === 'start' ? accessDenied() : undefined;
    await deliver(createRequest());
    expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED' });
  });

  test.each([118_999, 119_000])('start no rollout while the permission to list older ones is missing (%d ms)', async (age) => {
    executions.now = ISSUED + age;
    executions.refuse = (call) => call === 'newest' ? accessDenied() : undefined;
    await deliver(createRequest()).catch(() => undefined);
    expect(executions.entries.filter(({ status }) => status !== 'STOPPED')).toEqual([]);
    expect(executions.answers.map(({ body }) => body.Reason)).toEqual(age < 119_000 ? []
      : ['older rollouts of this resource could not be listed: User is not authorized to perform this']);
  });

  test.each([-90, 60, 120])('are waited for until the third delivery, which answers, with a clock that is %d s ahead of that of AWS', async (seconds) => {
    executions.clockAheadMilliseconds = seconds * 1000;
    executions.refuse = (call) => call === 'start' ? accessDenied() : undefined;
    for (const age of [0, 62, 185]) {
      expect(executions.answers).toEqual([]);
      executions.now = ISSUED + age * 1000;
      await deliver(createRequest()).catch(() => undefined);
    }
    expect(executions.answers.map(({ body }) => body.Status)).toEqual(['FAILED']);
  });

  test('are not waited for if the URL does not contain the age of the request', async () => {
    executions.refuse = (call) => call === 'start' ? accessDenied() : undefined;
    await deliver({ ...createRequest(), ResponseURL: 'https://bucket.s3.amazonaws.com/answer' });
    expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED' });
  });

  test.each([
    ['by the name of the error', { name: 'AccessDeniedException', message: 'no' }],
    ['by its message', { name: 'Error', message: 'User is not authorized to perform this' }],
    ['by keys that Lambda does not know yet', { name: 'UnrecognizedClientException', message: 'invalid token' }],
  ])('are recognized %s', (_how, error) => {
    expect(isDenied(error)).toBe(true);
  });

  test.each([[undefined], [null], [{}], [new Error('Rate exceeded')]])('are not recognized in %p', (error) => {
    expect(isDenied(error)).toBe(false);
  });
});

describe('a start that fails', () => {
  const fails = (name: string, httpStatusCode?: number) => {
    const error = Object.assign(new Error(name), { name, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });
    executions.refuse = (call) => call === 'start' ? error : undefined;
  };

  test.each([
    ['throttled', 'TooManyRequestsException', 429],
    ['too busy', 'ServiceException', 500],
    ['out of reach', 'TimeoutError', undefined],
    ['breaking off its reply', 'Error', 202],
    ['still preparing the version', 'ResourceConflictException', 409],
  ])('because AWS is %s is left to the next delivery, and answered with FAILED by the last one', async (_why, name, status) => {
    fails(name, status);
    executions.now = ISSUED + 60_000;
    await expect(deliver(createRequest())).rejects.toThrow(name);
    expect(executions.answers).toEqual([]);
    executions.now = ISSUED + 181_000;
    await deliver(createRequest());
    expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED', Reason: `the rollout could not be started: ${name}` });
  });

  test('because AWS rejects it is answered with FAILED at once', async () => {
    fails('ResourceNotFoundException', 404);
    executions.now = ISSUED + 1000;
    await deliver(createRequest());
    expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED' });
  });
});

test('an execution that cannot be started is answered with FAILED, in one line', async () => {
  executions.now = Number.MAX_SAFE_INTEGER;
  executions.refuse = (call) => call === 'start' ? accessDenied() : undefined;
  await deliver(createRequest());
  expect(executions.answers.map(({ body }) => body)).toEqual([expect.objectContaining({
    Status: 'FAILED',
    Reason: 'the rollout could not be started: User is not authorized to perform this',
    PhysicalResourceId: 'Agent-not-started',
  })]);
  expect(executions.lines).toEqual(['ERROR Agent: the rollout could not be started: User is not authorized to perform this']);
});

test('the execution of another resource is not read for a start that fails', async () => {
  await deliver({ ...createRequest(), LogicalResourceId: 'Other' });
  executions.now = Number.MAX_SAFE_INTEGER;
  executions.refuse = (call) => call === 'start' ? accessDenied() : undefined;
  await deliver(createRequest());
  expect(executions.answers.map(({ body }) => body)).toEqual([expect.objectContaining({ Status: 'FAILED', LogicalResourceId: 'Agent' })]);
});

test('a start continues if Lambda returns no execution', async () => {
  executions.start = async () => '';
  await deliver(createRequest());
  expect(executions.calls).not.toContain('get');
  expect(executions.answers).toEqual([]);
});

test('an execution of which the start was not confirmed continues', async () => {
  await deliver(createRequest());
  executions.refuse = (call) => call === 'start' ? new Error('socket hang up') : undefined;
  await deliver(createRequest());
  expect(executions.answers).toEqual([]);
  expect(executions.entries).toMatchObject([{ status: 'RUNNING' }]);
});

test('a dispatcher that may not start executions repeats the answer of an earlier delivery (FM2)', async () => {
  const name = await deliver(createRequest());
  executions.end(name, 'SUCCEEDED', { result: JSON.stringify({ outcome: 'SUCCEEDED', answer: recorded }) });
  executions.now = Number.MAX_SAFE_INTEGER;
  executions.refuse = (call) => call === 'start' ? accessDenied() : undefined;
  await deliver(createRequest());
  expect(executions.answers.map(({ body }) => body)).toEqual([expect.objectContaining(recorded)]);
});

test('a failed Update keeps its id', async () => {
  executions.now = Number.MAX_SAFE_INTEGER;
  executions.refuse = (call) => call === 'start' ? new Error('no') : undefined;
  await deliver(updateRequest({}, {}, 'the-id'));
  expect(executions.answers[0]!.body).toMatchObject({ PhysicalResourceId: 'the-id' });
});

test('an execution of the same name with another payload is never answered with FAILED (FM2)', async () => {
  executions.refuse = (call) => call === 'start' ? Object.assign(new Error('no'), { name: 'DurableExecutionAlreadyStartedException' }) : undefined;
  await deliver(createRequest());
  expect(executions.answers).toEqual([]);
  expect(executions.lines).toEqual(['INFO Agent: the request is being carried out already']);
});

test('a dispatcher that may not list executions stops the one that it has started, and answers with the cause', async () => {
  executions.now = Number.MAX_SAFE_INTEGER;
  executions.refuse = (call) => call === 'alive' ? accessDenied() : undefined;
  const name = await deliver(createRequest());
  expect(executions.stopped).toEqual([name]);
  expect(executions.stopReasons).toEqual(['older rollouts could not be listed']);
  const reason = 'older rollouts of this resource could not be listed: User is not authorized to perform this';
  expect(executions.answers[0]!.body).toMatchObject({ Status: 'FAILED', Reason: reason });
  expect(executions.lines).toEqual([`ERROR Agent: ${reason}`]);
});

describe('a late second delivery that may not list executions', () => {
  const deliverLate = async (...refused: readonly string[]): Promise<void> => {
    executions.now = Number.MAX_SAFE_INTEGER;
    executions.refuse = (call) => refused.includes(call) ? accessDenied() : undefined;
    await deliver(createRequest());
  };

  test.each(['newest', 'alive'])('sends no answer once the first execution has answered (%s)', async (call) => {
    const name = await deliver(createRequest());
    executions.end(name, 'RUNNING', { steps: ['answer'] });
    await deliverLate(call);
    expect(executions.answers).toEqual([]);
  });

  test.each(['newest', 'alive'])('stops the first execution, and answers in its place (%s)', async (call) => {
    const name = await deliver(createRequest());
    await deliverLate(call);
    expect(executions.stopped).toEqual([name]);
    expect(executions.answers.map(({ body }) => body.Status)).toEqual(['FAILED']);
  });

  test('sends an answer if it is unknown whether the first execution has answered', async () => {
    const name = await deliver(createRequest());
    executions.end(name, 'RUNNING', { steps: ['answer'] });
    await deliverLate('newest', 'hasSucceeded');
    expect(executions.answers.map(({ body }) => body.Status)).toEqual(['FAILED']);
  });
});

test('an execution that was listed is used although it can neither be started nor listed again', async () => {
  const name = await deliver(createRequest());
  executions.end(name, 'SUCCEEDED', { result: JSON.stringify({ outcome: 'SUCCEEDED', answer: recorded }) });
  executions.now = Number.MAX_SAFE_INTEGER;
  executions.refuse = (call) => call === 'start' || (call === 'alive' && executions.calls.at(-2) === 'start') ? accessDenied() : undefined;
  await deliver(createRequest());
  expect(executions.answers.map(({ body }) => body.Status)).toEqual(['SUCCESS']);
});

test('a list that fails for a while is left to the next delivery', async () => {
  executions.refuse = (call) => call === 'alive' ? new Error('Rate exceeded') : undefined;
  await expect(deliver(createRequest())).rejects.toThrow('Rate exceeded');
  executions.refuse = () => undefined;
  await deliver(createRequest());
  expect(executions.entries).toMatchObject([{ status: 'RUNNING' }]);
});

test('no line of the log contains the URL', async () => {
  await deliver(issued(1));
  await deliver(issued(2));
  await deliver(issued(1));
  expect(executions.lines.length).toBeGreaterThan(0);
  expect(executions.lines.join()).not.toContain('http');
});
