import type { Answer } from '../../lambda/answer';
import type { CloudFormationRequest } from '../../lambda/request';
import { carryOut } from '../../lambda/rollout/carry-out';
import { type Engine, type Surroundings } from '../../lambda/rollout/engine';
import { FakeExecutions } from './fake-executions';
import { readsOf, withDaemon } from './fixtures';
import { CLUSTER_ARN, createRequest, DAEMON_ARN, deleteRequest, taskDefinition, updateRequest } from './requests';

/** How often a step is tried. */
const ATTEMPTS = 5;

/** An engine that forgets nothing and never stops: a step is tried so many times. */
const engineWith = (attempts: number, steps: string[]): Engine => ({
  executionContext: { durableExecutionArn: 'arn:rollout' },
  step: async (name: string, body: () => Promise<unknown>) => {
    steps.push(name);
    for (let attempt = 1; ; attempt++) {
      try {
        return await body();
      } catch (error) {
        if (attempt === attempts) throw error;
      }
    }
  },
  waitForCondition: async (name: string, look: (state: unknown) => Promise<unknown>, { initialState, waitStrategy }: {
    initialState: unknown; waitStrategy: (state: unknown) => { shouldContinue: boolean };
  }) => {
    steps.push(name);
    let state = await look(initialState);
    for (let looks = 1; waitStrategy(state).shouldContinue; looks++) {
      if (looks > 1000) throw new Error('it looks for ever');
      state = await look(state);
    }
    return state;
  },
} as unknown as Engine);

interface Course {
  readonly rollingBack?: boolean;
  /** After how many looks at the clock our own code fails, until it answers. */
  readonly failsAfter?: number;
  readonly put?: Surroundings['put'];
}

async function carry(request: CloudFormationRequest, { rollingBack = false, failsAfter = 1, put = async () => 200 }: Course) {
  const daemons = withDaemon();
  const lines: string[] = [];
  const warnings: string[] = [];
  let looks = 0;
  const around: Surroundings = {
    daemons,
    readsMade: () => readsOf(daemons).length,
    stacks: {
      describe: async () => ({ status: rollingBack ? 'UPDATE_ROLLBACK_IN_PROGRESS' : 'UPDATE_IN_PROGRESS' }),
      events: async (stackId: string) => ({ events: [{ PhysicalResourceId: stackId, ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', Timestamp: new Date(0) }] }),
    } as unknown as Surroundings['stacks'],
    executions: new FakeExecutions(),
    put: (url, body) => {
      looks = Number.NEGATIVE_INFINITY;
      return put(url, body);
    },
    now: () => {
      if (++looks > failsAfter) throw new Error('a mistake of ours');
      return daemons.now;
    },
    log: (line, level) => {
      lines.push(line);
      if (level === 'WARN') warnings.push(line);
    },
    logGroup: 'rollouts',
  };
  const steps: string[] = [];
  const result = await carryOut(request, engineWith(ATTEMPTS, steps), around).catch((error: Error) => error);
  return { result, answer: result instanceof Error ? result : result.answer, lines, warnings, steps };
}

test.each([
  ['a create', createRequest(), DAEMON_ARN],
  ['a create that cannot be read', { ...createRequest(), ResourceProperties: {} }, 'Agent-not-made'],
  ['an update', updateRequest({}, taskDefinition(2)), DAEMON_ARN],
  ['a delete', deleteRequest('the-id'), 'the-id'],
])('an internal error in %s is answered at once, with the real id if there is one (FM12)', async (_name, request, id) => {
  const { answer, lines } = await carry(request, {});
  expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: id });
  expect(lines.at(-1)).toContain('Agent PREFLIGHT: ');
  expect(lines.filter((line) => line.includes('Agent PREFLIGHT: '))).toHaveLength(1);
});

test.each([[true, ['start', 'stack', 'rolling-back', 'alone', 'answer']], [false, ['start', 'stack', 'watch', 'answer']]])('the names of the steps show whether the stack rolls back: %s', async (rollingBack, expected) => {
  const { steps } = await carry(updateRequest(taskDefinition(2), {}), { rollingBack });
  expect(steps).toEqual(expected);
});

test('an internal error in the rollback of a stack is answered as DEGRADED success (FM11)', async () => {
  const { answer } = await carry(updateRequest(taskDefinition(2), {}), { rollingBack: true });
  expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: { Outcome: 'DEGRADED', DaemonArn: DAEMON_ARN } });
  expect((answer as { Reason: string }).Reason).toContain('a mistake of ours');
});

describe('an internal error in a read-only rollout', () => {
  const looker = (kind: string): CloudFormationRequest => ({
    ...updateRequest({}, {}, 'the-id'),
    ResourceType: `Custom::ECSManagedDaemon${kind}`,
    ResourceProperties: { ClusterArn: CLUSTER_ARN, DaemonName: 'agent', DaemonArn: DAEMON_ARN, RolloutArn: 'arn:old' },
  });

  test.each([['Verification', 'VERIFYING'], ['Gate', 'GATE'], ['DeletionGate', 'DRAINING']])('fails a %s', async (kind, label) => {
    const { answer } = await carry(looker(kind), {});
    expect(answer).toEqual({ Status: 'FAILED', Reason: `${label}: a mistake of ours`, PhysicalResourceId: 'the-id' });
  });

  test('is answered as DEGRADED success of a gate in the rollback of a stack, with all attributes (FM11)', async () => {
    const { result } = await carry(looker('Gate'), { rollingBack: true });
    expect(result).toMatchObject({
      outcome: 'DEGRADED',
      startedAt: '2026-11-22T12:00:00.000Z',
      answer: {
        Status: 'SUCCESS', PhysicalResourceId: 'the-id', Reason: "DEGRADED: the stack's rollback was not completed: GATE: a mistake of ours",
        Data: { DaemonArn: DAEMON_ARN, DaemonName: 'agent', DeploymentArn: '', RevisionArn: '', RolloutArn: 'arn:old', Outcome: 'DEGRADED' },
      },
    });
  });
});

test('an answer that cannot be put is put again, and each failure is in the log without the URL (FM5)', async () => {
  const request = deleteRequest('the-id');
  let puts = 0;
  const { answer, lines, warnings } = await carry(request, { put: async (url) => {
    if (++puts === 1) throw new Error(`no connection to ${url}`);
    return puts < 4 ? 503 : 200;
  } });
  expect(puts).toBe(4);
  expect(answer).toMatchObject({ PhysicalResourceId: 'the-id' });
  expect(warnings).toEqual([
    'Agent: the answer could not be put, and is put again: no connection to its URL',
    "Agent: the answer could not be put, and is put again: CloudFormation's bucket refused the answer with HTTP 503",
    "Agent: the answer could not be put, and is put again: CloudFormation's bucket refused the answer with HTTP 503",
  ]);
  expect(lines.join()).not.toContain('X-Amz-Signature');
});

test.each([
  ['of a mistake of our own', deleteRequest('the-id'), 1],
  ['of an end', { ...createRequest(), ResourceType: 'Custom::ECSManagedDaemonDeletionGate', ResourceProperties: { DaemonArn: DAEMON_ARN } }, 10],
])('the execution fails in the end, so that the watchdog answers, and its error has no URL: the answer %s (FM5)', async (_what, request, failsAfter) => {
  let puts = 0;
  const { answer } = await carry(request, { failsAfter, put: async (url) => {
    puts++;
    throw new Error(`no connection to ${url}`);
  } });
  expect(answer).toEqual(new Error('no connection to its URL'));
  expect(puts).toBe(ATTEMPTS);
});

test('an internal error before the request is checked fails the execution, and nothing is sent', async () => {
  const put = jest.fn(async () => 200);
  const { result, steps } = await carry(updateRequest({}, taskDefinition(2)), { failsAfter: 0, put });
  expect(result).toEqual(new Error('a mistake of ours'));
  expect(put).not.toHaveBeenCalled();
  expect(steps).toEqual(['start']);
});

test('an answer that CloudFormation would lose is a failure in the log, the report and the answer', async () => {
  let body = '';
  const put = async (_url: string, text: string) => {
    body = text;
    return 200;
  };
  const { answer, lines } = await carry({ ...deleteRequest('i'.repeat(1025)), ResourceProperties: {} }, { put });
  expect(JSON.parse(body)).toMatchObject({ Status: 'FAILED', Reason: (answer as Answer).Reason });
  expect(lines.at(-1)).toContain('the physical id has 1025 characters');
});

test('a create whose name from a token is too long fails with an id that CloudFormation takes', async () => {
  const { answer } = await carry(createRequest({ DaemonName: 'n'.repeat(2000) }), {});
  expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'Agent-not-made' });
  expect((answer as Answer).Reason).toContain('DaemonName must have 1 to 255 letters');
});

test('the deletion after a create with a name that is too long succeeds', async () => {
  const { answer } = await carry(deleteRequest('Agent-not-made', { DaemonName: 'n'.repeat(2000) }), {});
  expect(answer).toMatchObject({ Status: 'SUCCESS' });
});
