import fc from 'fast-check';
import type { Answer } from '../../lambda/answer';
import type { DaemonProperties } from '../../lambda/contract';
import type { Report } from '../../lambda/report';
import { executionName, resourcePart, type CloudFormationRequest } from '../../lambda/request';
import type { ObservedDeployment } from '../../lambda/rollout/observation';
import { observe } from '../../lambda/rollout/observe/observe';
import { gateOf, rolloutGate } from '../../lambda/rollout/pollers/rollout-gate';
import { advance, begin } from '../../lambda/rollout/pollers/poller';
import { FakeDaemonApi, scripted, steady, type Course } from './fake-daemon-api';
import { accessDenied, FakeExecutions } from './fake-executions';
import { readsOf, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, OWNER_TAGS, settings, STACK_ID, stringified, taskDefinition, updateRequest } from './requests';

/** The ARN of the execution that a request of the daemon's starts. */
const arnOf = (request: CloudFormationRequest): string =>
  `arn:aws:lambda:us-east-1:123456789012:function:rollout:1/durable-execution/${executionName(request)}/id`;

const issued = (minute: number, request: CloudFormationRequest = updateRequest({}, taskDefinition(2))): CloudFormationRequest =>
  ({ ...request, ResponseURL: `https://bucket/answer?X-Amz-Date=20261122T12${String(minute).padStart(2, '0')}00Z&X-Amz-Signature=secret` });

const asking = issued(10);

function gateRequest(
  RequestType: CloudFormationRequest['RequestType'] = 'Update', GateNumber = 1, GateCount = 4, RolloutArn: string = arnOf(asking),
): CloudFormationRequest {
  return {
    ...createRequest(),
    RequestType,
    ResourceType: 'Custom::ECSManagedDaemonGate',
    LogicalResourceId: 'Gate',
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'agent-gate-1' }),
    ResourceProperties: stringified({ ContractVersion: '1', DaemonArn: DAEMON_ARN, RolloutArn, GateNumber, GateCount }),
  };
}

const reportOf = (outcome: string, reason: string, more: Partial<Report> = {}): string => JSON.stringify({
  outcome, reason, request: 'Update', resource: 'Agent', answeredAt: 'then',
  answer: {
    Status: 'SUCCESS', Reason: 'CONTINUING', PhysicalResourceId: DAEMON_ARN, Data: { DaemonArn: DAEMON_ARN, DaemonName: 'agent', Outcome: 'CONTINUING' },
  },
  rollout: { daemonArn: DAEMON_ARN, deploymentArn: 'deployment-2', revisionArn: 'revision-2', phases: [], batches: [], alarms: [] },
  ...more,
} satisfies Report);

type Status = 'RUNNING' | 'PAUSING' | 'PAUSED' | 'FAILED' | 'STOPPED' | 'TIMED_OUT' | 'SUCCEEDED';

/** The rollout function's executions, of which one carries this request. */
function withRollout(request: CloudFormationRequest = asking, status: Status = 'RUNNING', result?: string): FakeExecutions {
  const executions = new FakeExecutions();
  add(executions, request, status, result);
  return executions;
}

function add(executions: FakeExecutions, request: CloudFormationRequest, status: Status, result?: string): void {
  const [arn, name, payload] = [arnOf(request), executionName(request), JSON.stringify(request)];
  executions.entries.push({ arn, name, payload, startedAt: executions.now - 1000 + executions.entries.length, status, result });
}

/** More looks than a wait of an hour takes: one that goes on for ever fails instead. */
const MOST_LOOKS = 1000;

interface Circumstances {
  readonly request?: CloudFormationRequest;
  readonly rollingBack?: boolean;
  readonly api?: FakeDaemonApi;
  readonly meanwhile?: (seconds: number) => void;
}

interface Run {
  readonly answer: Answer;
  readonly seconds: number;
  readonly lines: readonly string[];
  readonly looks: number;
}

async function waitAt(executions: FakeExecutions, circumstances: Circumstances = {}): Promise<Run> {
  const { request = gateRequest(), rollingBack = false, api = withDaemon(), meanwhile = () => undefined } = circumstances;
  const startedAt = api.now;
  const gate = gateOf(request, { startedAt, rollingBack, logGroup: '/rollouts' });
  const sources = { daemons: api, stacks: undefined as never, executions };
  const lines: string[] = [];
  let looks = 0;
  let state = begin(rolloutGate, gate);
  while (state.decision.kind === 'poll') {
    api.now += state.decision.afterSeconds * 1000;
    executions.now = api.now;
    meanwhile((api.now - startedAt) / 1000);
    const before = api.calls.length;
    const seen = await observe(sources, { daemonArn: gate.daemonArn, desired: { AlarmNames: [] } }, state.decision.reads);
    const observation = { ...seen, reads: api.calls.length - before };
    state = JSON.parse(JSON.stringify(advance(rolloutGate, state, observation, api.now, gate))) as typeof state;
    expect(JSON.stringify(state).length).toBeLessThan(4096);
    lines.push(...state.logLines);
    if (++looks > MOST_LOOKS) throw new Error('it looks for ever');
  }
  return { answer: state.decision.response, seconds: (api.now - startedAt) / 1000, lines, looks };
}

const allAttributes = { DaemonArn: DAEMON_ARN, DaemonName: 'agent', RolloutArn: arnOf(asking) };

describe('a gate whose rollout has ended', () => {
  test.each(['SUCCEEDED', 'UNCHANGED', 'DEGRADED'])('as %s succeeds at once with its outcome and attributes', async (outcome) => {
    const { answer, seconds, looks } = await waitAt(withRollout(asking, 'SUCCEEDED', reportOf(outcome, `${outcome}: 12 instances`)));
    expect(answer).toEqual({
      Status: 'SUCCESS',
      Reason: `${outcome}: 12 instances`,
      PhysicalResourceId: 'agent-gate-1',
      Data: { ...allAttributes, DeploymentArn: 'deployment-2', RevisionArn: 'revision-2', Outcome: outcome },
    });
    expect([seconds, looks]).toEqual([0, 1]);
  });

  test.each(['ROLLED_BACK', 'FAILED', 'SUPERSEDED', 'TIMED_OUT', 'AN_OUTCOME_OF_TOMORROW'])('as %s fails with the reason of the rollout (FM23)', async (outcome) => {
    const { answer } = await waitAt(withRollout(asking, 'SUCCEEDED', reportOf(outcome, 'DEPLOYING: the alarm errors went into ALARM')));
    expect(answer).toEqual({ Status: 'FAILED', Reason: 'DEPLOYING: the alarm errors went into ALARM', PhysicalResourceId: 'agent-gate-1' });
  });

  test('waits for it although a forged one, dated ahead, was dropped', async () => {
    const executions = withRollout();
    add(executions, issued(15), 'SUCCEEDED', reportOf('DROPPED', 'the stack is UPDATE_COMPLETE'));
    const { answer } = await waitAt(executions, { meanwhile: (seconds) => {
      if (seconds >= 600) executions.end(executionName(asking), 'SUCCEEDED', { result: reportOf('SUCCEEDED', 'SUCCEEDED: done') });
    } });
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: 'SUCCEEDED: done', Data: { RolloutArn: arnOf(asking) } });
  });

  test('completes at its next poll', async () => {
    const executions = withRollout();
    const { answer, seconds } = await waitAt(executions, { meanwhile: (age) => {
      if (age >= 700) executions.end(executionName(asking), 'SUCCEEDED', { result: reportOf('SUCCEEDED', 'SUCCEEDED: done') });
    } });
    expect(answer.Data).toMatchObject({ Outcome: 'SUCCEEDED' });
    expect(seconds).toBe(720);
  });

  test('is answered as DEGRADED success in the rollback of the stack, whatever its result (FM11)', async () => {
    const { answer } = await waitAt(withRollout(asking, 'SUCCEEDED', reportOf('FAILED', 'DEPLOYING: no')), { rollingBack: true });
    expect(answer).toMatchObject({
      Status: 'SUCCESS',
      Reason: "DEGRADED: the stack's rollback was not completed: DEPLOYING: no",
      Data: { ...allAttributes, DeploymentArn: 'deployment-2', RevisionArn: 'revision-2', Outcome: 'DEGRADED' },
    });
  });

  test('is answered as DEGRADED success in the rollback of the stack if the rollout had no deployment (FM11)', async () => {
    const result = reportOf('FAILED', 'PREFLIGHT: no', { rollout: undefined });
    const { answer } = await waitAt(withRollout(asking, 'SUCCEEDED', result), { rollingBack: true });
    expect(answer.Data).toEqual({ ...allAttributes, DeploymentArn: '', RevisionArn: '', Outcome: 'DEGRADED' });
  });

  test.each([
    ["those of the rollout's answer, which may be newer", { DaemonArn: `${DAEMON_ARN}-2`, DaemonName: 'agent-2' }, `${DAEMON_ARN}-2`, 'agent-2'],
    ['its own if that answer names only an ARN', { DaemonArn: `${DAEMON_ARN}-2` }, DAEMON_ARN, 'agent'],
    ['its own if that answer has no attributes', undefined, DAEMON_ARN, 'agent'],
  ])('returns the attributes of the rollout: %s', async (_whose, Data, arn, name) => {
    const result = reportOf('SUCCEEDED', 'done', { answer: { Status: 'SUCCESS', Reason: 'done', PhysicalResourceId: DAEMON_ARN, Data } as Answer });
    const { answer } = await waitAt(withRollout(asking, 'SUCCEEDED', result));
    expect(answer.Data).toMatchObject({ DaemonArn: arn, DaemonName: name });
  });
});

describe('the wait of a gate for the newest rollout', () => {
  test('includes one that is newer than that of the request', async () => {
    const executions = withRollout(issued(1), 'SUCCEEDED', reportOf('SUCCEEDED', 'SUCCEEDED: long ago'));
    add(executions, asking, 'SUCCEEDED', reportOf('DEGRADED', 'DEGRADED: the way back'));
    const { answer } = await waitAt(executions, { request: gateRequest('Update', 1, 4, arnOf(issued(1))), rollingBack: true });
    expect(answer).toMatchObject({ Reason: 'DEGRADED: the way back', Data: { RolloutArn: arnOf(asking) } });
  });

  test('orders by the time of the request, not by that of the start (FM31)', async () => {
    const executions = withRollout(asking, 'SUCCEEDED', reportOf('SUCCEEDED', 'SUCCEEDED: newest'));
    add(executions, issued(5), 'STOPPED');
    expect((await waitAt(executions)).answer.Reason).toBe('SUCCEEDED: newest');
  });

  test('includes the one of the request, even if the list does not show it yet', async () => {
    const executions = withRollout(issued(1), 'SUCCEEDED', reportOf('FAILED', 'long ago'));
    executions.listLagMilliseconds = 1;
    const [arn, name, result] = [arnOf(asking), executionName(asking), reportOf('SUCCEEDED', 'SUCCEEDED: new')];
    executions.entries.push({ arn, name, payload: '', startedAt: Number.MAX_SAFE_INTEGER, status: 'SUCCEEDED', result });
    expect((await waitAt(executions)).answer.Reason).toBe('SUCCEEDED: new');
  });

  test('ignores rollouts of other resources', async () => {
    const executions = withRollout(asking, 'SUCCEEDED', reportOf('SUCCEEDED', 'SUCCEEDED: ours'));
    add(executions, { ...issued(20), LogicalResourceId: 'Other' }, 'SUCCEEDED', reportOf('FAILED', 'of another daemon'));
    expect((await waitAt(executions)).answer.Reason).toBe('SUCCEEDED: ours');
  });

  test('continues with a rollout that supersedes it', async () => {
    const executions = withRollout();
    const next = issued(12);
    const { answer, lines } = await waitAt(executions, { meanwhile: (age) => {
      if (age === 90) {
        executions.end(executionName(asking), 'STOPPED');
        add(executions, next, 'RUNNING');
      }
      if (age > 300) executions.end(executionName(next), 'SUCCEEDED', { result: reportOf('SUCCEEDED', 'SUCCEEDED: newer') });
    } });
    expect(answer).toMatchObject({ Reason: 'SUCCEEDED: newer', Data: { RolloutArn: arnOf(next) } });
    expect(lines.filter((line) => line.includes('waits for the rollout'))).toEqual([
      `GATE 1 of 4: waits for the rollout ${arnOf(asking)}`, `GATE 1 of 4: waits for the rollout ${arnOf(next)}`,
    ]);
  });

  test('names the superseding rollout for the next gate', async () => {
    const executions = withRollout(issued(12));
    const { answer } = await waitAt(executions);
    expect(answer.Data).toMatchObject({ RolloutArn: arnOf(issued(12)), Outcome: 'CONTINUING' });
  });

  test('needs one list in its first poll and one cheap call in each later one', async () => {
    const executions = withRollout();
    const calls: string[] = [];
    executions.refuse = (call) => void calls.push(call);
    const { looks } = await waitAt(executions);
    expect(looks).toBe(111);
    expect(calls.filter((call) => call === 'newestOf')).toHaveLength(1);
    expect(calls.filter((call) => call === 'get')).toHaveLength(1);
    expect(calls.filter((call) => call === 'status')).toHaveLength(110);
  });
});

describe('a gate at its deadline', () => {
  test('completes with all attributes, and the next gate continues to wait', async () => {
    const { answer, seconds } = await waitAt(withRollout());
    expect(answer).toEqual({
      Status: 'SUCCESS',
      Reason: `CONTINUING: waits for the rollout ${arnOf(asking)}; passes the wait on to gate 2 of 4`,
      PhysicalResourceId: 'agent-gate-1',
      Data: { ...allAttributes, DeploymentArn: '', RevisionArn: '', Outcome: 'CONTINUING' },
    });
    expect(seconds).toBe(55 * 60);
  });

  test('fails the stack two minutes later if it is the last one, after the rollout\'s own deadline', async () => {
    const { answer, seconds } = await waitAt(withRollout(), { request: gateRequest('Update', 4, 4) });
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toBe('TIMED_OUT: the rollout of the daemon agent is not over, and there is no gate after 4 of 4; '
      + `waits for the rollout ${arnOf(asking)}; log /rollouts`);
    expect(seconds).toBe(57 * 60);
  });

  test('is answered as DEGRADED success if it is the last one in the rollback of the stack (FM11)', async () => {
    const { answer } = await waitAt(withRollout(), { request: gateRequest('Update', 4, 4), rollingBack: true });
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'DEGRADED' } });
  });

  test('completes while reads fail', async () => {
    const executions = withRollout();
    executions.refuse = () => Object.assign(new Error('Rate exceeded'), { name: 'TooManyRequestsException', $metadata: { httpStatusCode: 429 } });
    const { answer, lines } = await waitAt(executions);
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: 'CONTINUING: the last read failed: Rate exceeded; passes the wait on to gate 2 of 4' });
    expect(answer.Data).toMatchObject({ RolloutArn: arnOf(asking) });
    expect(lines[0]).toBe('GATE 1 of 4: a read failed and is tried again: Rate exceeded');
  });
});

describe('missing permissions of a gate', () => {
  test('are waited for for two minutes', async () => {
    const executions = withRollout(asking, 'SUCCEEDED', reportOf('SUCCEEDED', 'SUCCEEDED: done'));
    executions.refuse = () => executions.now < Date.UTC(2026, 10, 22, 12, 1) ? accessDenied() : undefined;
    expect((await waitAt(executions)).answer.Status).toBe('SUCCESS');
  });

  test('fail it after two minutes', async () => {
    const executions = withRollout();
    executions.refuse = () => accessDenied();
    const { answer, seconds } = await waitAt(executions);
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: 'GATE: AccessDeniedException: User is not authorized to perform this' });
    expect(seconds).toBe(120);
  });
});

test('a gate is deleted at once, without reads', async () => {
  const executions = withRollout();
  const { answer, seconds } = await waitAt(executions, { request: gateRequest('Delete') });
  expect(executions.calls).toEqual([]);
  expect(answer).toEqual({ Status: 'SUCCESS', Reason: 'UNCHANGED: a gate leaves nothing behind', PhysicalResourceId: 'agent-gate-1' });
  expect(seconds).toBe(0);
});

test('a new gate gets an id that does not change with its daemon', async () => {
  const { answer } = await waitAt(withRollout(asking, 'SUCCEEDED', reportOf('SUCCEEDED', 'done')), { request: gateRequest('Create', 3) });
  expect(answer.PhysicalResourceId).toBe('agent-gate-3');
  const { answer: updated } = await waitAt(withRollout(asking, 'SUCCEEDED', reportOf('SUCCEEDED', 'done')), { request: gateRequest('Update', 3) });
  expect(updated.PhysicalResourceId).toBe('agent-gate-1');
});

describe('a rollout without a report (FM29)', () => {
  const LAG_SECONDS = 130;
  const none = new FakeExecutions();
  const rolledOut = (course: Course, changes: Partial<DaemonProperties> = taskDefinition(2)): FakeDaemonApi => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(changes), course);
    api.now += 600_000;
    return api;
  };
  const goesOn = scripted([0, 'IN_PROGRESS', 3], [1200, 'SUCCESSFUL', 12]);

  test.each(['FAILED', 'STOPPED', 'TIMED_OUT'] as const)('that was %s counts as successful if instances run the desired revision (FM28, FM29)', async (status) => {
    const { answer, seconds } = await waitAt(withRollout(asking, status), { api: rolledOut(goesOn) });
    expect(answer).toEqual({
      Status: 'SUCCESS',
      Reason: `SUCCEEDED: 12 of 12 instances run the daemon agent; the rollout's execution ended as ${status} and reports no outcome`,
      PhysicalResourceId: 'agent-gate-1',
      Data: { ...allAttributes, DeploymentArn: 'deployment-2', RevisionArn: 'revision-2', Outcome: 'SUCCEEDED' },
    });
    expect(seconds).toBeGreaterThanOrEqual(600);
  });

  test('is waited for while ECS continues its deployment', async () => {
    const { lines } = await waitAt(withRollout(asking, 'STOPPED'), { api: rolledOut(goesOn) });
    expect(lines).toEqual([
      "GATE 1 of 4: the rollout's execution ended as STOPPED and reports no outcome; reads ECS instead",
      'GATE 1 of 4: reads whether ECS still changes the daemon agent',
      'GATE 1 of 4: waits for ECS to end the deployment deployment-2, which is IN_PROGRESS',
      expect.stringMatching(/^SUCCEEDED: /),
    ]);
  });

  test('costs at most 240 reads an hour while ECS continues its deployment', async () => {
    const api = rolledOut(scripted([0, 'IN_PROGRESS', 3]));
    const { seconds } = await waitAt(withRollout(asking, 'STOPPED'), { api });
    expect(seconds).toBeGreaterThan(1800);
    expect(readsOf(api).length / (seconds / 3600)).toBeLessThanOrEqual(240);
  });

  test('counts as failed if it was stopped before its first write (FM29)', async () => {
    const { answer, seconds } = await waitAt(withRollout(asking, 'STOPPED'));
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toBe('it does not have the desired settings: task definition is agent:1 instead of agent:2; 12 of 12 instances run the daemon agent; '
      + "the rollout's execution ended as STOPPED and reports no outcome; deployment deployment-1; log /rollouts");
    expect(seconds).toBeGreaterThanOrEqual(LAG_SECONDS);
  });

  test('counts as failed with all differences from the desired settings', async () => {
    const wanted = issued(10, updateRequest({}, { ...taskDefinition(2), Critical: false }));
    const { answer } = await waitAt(withRollout(wanted, 'STOPPED'), { request: gateRequest('Update', 1, 4, arnOf(wanted)) });
    expect(answer.Reason).toMatch(/^it does not have the desired settings: task definition is agent:1 instead of agent:2; critical is true instead of false; /);
  });

  test('counts as failed if ECS has rolled its deployment back', async () => {
    const api = rolledOut(scripted([0, 'IN_PROGRESS', 3], [900, 'ROLLBACK_SUCCESSFUL', 0]));
    api.statusReason = 'the circuit breaker has tripped';
    const { answer } = await waitAt(withRollout(asking, 'FAILED'), { api });
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toContain('the deployment is ROLLBACK_SUCCESSFUL: "the circuit breaker has tripped"; it does not have the desired settings');
  });

  test('may have sent a write that shows late (A28, FM29)', async () => {
    const api = withDaemon();
    const { answer } = await waitAt(withRollout(asking, 'STOPPED'), { api, meanwhile: (seconds) => {
      if (seconds === 0) api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), goesOn);
      api.readLagSeconds = seconds < 120 ? 120 : 5;
    } });
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: 'SUCCEEDED' } });
  });

  test('that has expired counts as successful if the last deployment is, and all instances run it', async () => {
    const { answer } = await waitAt(none, { api: rolledOut(steady(12)) });
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { RolloutArn: arnOf(asking), DeploymentArn: 'deployment-2', RevisionArn: 'revision-2' } });
    expect(answer.Reason).toContain('there is no record of the rollout any more');
  });

  test('that has expired counts as ended if its deployment waits for instances that are never launched (A10)', async () => {
    const api = withDaemon();
    api.instances = 0;
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, 'PENDING', 0]));
    api.now += 600_000;
    const describeDaemon = api.describeDaemon.bind(api);
    api.describeDaemon = async (arn) => {
      const [{ target }] = await api.describeDeployments(['deployment-2']) as [ObservedDeployment];
      return { ...await describeDaemon(arn), revisions: [target!] };
    };
    const { answer } = await waitAt(none, { api });
    expect(answer.Reason).toBe('SUCCEEDED: there are no instances for the daemon agent; there is no record of the rollout any more');
    expect(answer.Data).toMatchObject({ DeploymentArn: 'deployment-2', RevisionArn: 'revision-2' });
  });

  test('that has expired counts as successful if all instances run one revision, although its deployment has expired too (A15)', async () => {
    const api = rolledOut(scripted([0, 'SUCCESSFUL', 12]));
    api.describeDeployments = async () => [];
    const { answer } = await waitAt(none, { api });
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { DeploymentArn: 'deployment-2', RevisionArn: 'revision-2' } });
  });

  test('that has expired returns the revision that instances run, not one that none runs', async () => {
    const api = rolledOut(steady(12));
    const describeDaemon = api.describeDaemon.bind(api);
    api.describeDaemon = async (arn) => {
      const described = await describeDaemon(arn);
      return { ...described, revisions: [{ ...described.revisions[0]!, revisionArn: 'revision-1', running: 0 }, ...described.revisions] };
    };
    expect((await waitAt(none, { api })).answer.Data).toMatchObject({ RevisionArn: 'revision-2' });
  });

  test.each([
    ['ours', OWNER_TAGS],
    ["another resource's of this stack", { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' }],
  ])('that the request does not name counts as successful if the daemon is %s', async (_whose, tags) => {
    const { answer } = await waitAt(none, { api: withDaemon({}, tags), request: gateRequest('Update', 1, 4, '') });
    expect(answer.Reason).toBe('SUCCEEDED: 12 of 12 instances run the daemon agent; there is no record of the rollout any more');
  });

  test.each<[string, string, () => FakeDaemonApi]>([
    ['ECS has rolled its deployment back', 'the deployment is ROLLBACK_SUCCESSFUL', () => rolledOut(scripted([0, 'ROLLBACK_SUCCESSFUL', 0]))],
    ['its tags name a stack, but no resource', 'the daemon agent belongs to', () => withDaemon({}, { 'cdk-ecs-managed-daemons:stack-id': STACK_ID })],
    ['its deployment was taken back', 'the deployment is ROLLBACK_FAILED', () => rolledOut(scripted([0, 'ROLLBACK_FAILED', 3]))],
    ['instances run several revisions', 'instances run several revisions', () => rolledOut(scripted([0, 'STOPPED', 3]))],
    ['there is no daemon', 'the daemon agent does not exist', () => new FakeDaemonApi()],
    ['it is another stack\'s', 'the daemon agent belongs to the resource Agent of the stack other', () =>
      withDaemon({}, { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:stack-id': STACK_ID.replace('demo', 'other') })],
    ['it is another resource\'s', 'the daemon agent belongs to the resource Other of the stack demo', () =>
      withDaemon({}, { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:logical-id': 'Other' })],
    ['it is being deleted', 'the daemon agent is being deleted', () => {
      const api = withDaemon();
      api.drainSeconds = 100_000;
      void api.deleteDaemon(DAEMON_ARN);
      return api;
    }],
  ])('that has expired counts as failed if %s (FM29)', async (_name, sentence, api) => {
    const { answer } = await waitAt(none, { api: api() });
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toContain(sentence);
  });

  test('is answered as DEGRADED success in the rollback of the stack, whatever ECS shows (FM11)', async () => {
    const { answer } = await waitAt(withRollout(asking, 'STOPPED'), { rollingBack: true });
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { ...allAttributes, Outcome: 'DEGRADED' } });
  });

  test('has all attributes in the rollback of the stack, although there is no daemon (FM11)', async () => {
    const { answer } = await waitAt(none, { api: new FakeDaemonApi(), rollingBack: true });
    expect(answer.Data).toEqual({ ...allAttributes, DeploymentArn: '', RevisionArn: '', Outcome: 'DEGRADED' });
  });

  test('leaves the wait to the next gate while ECS is not done', async () => {
    const { answer } = await waitAt(withRollout(asking, 'STOPPED'), { api: rolledOut(scripted([0, 'IN_PROGRESS', 3])) });
    expect(answer.Reason).toBe('CONTINUING: waits for ECS to end the deployment deployment-2, which is IN_PROGRESS; passes the wait on to gate 2 of 4');
  });
});

describe('a gate behind a paused rollout', () => {
  const pausedAt = Date.parse('2026-11-22T12:20:00Z');

  function paused(status: Status = 'PAUSED'): FakeExecutions {
    const executions = withRollout(asking, status);
    executions.entries[0]!.pausedAt = pausedAt;
    return executions;
  }

  test.each(['PAUSING', 'PAUSED'] as const)('waits and logs since when: %s', async (status) => {
    const { answer, seconds } = await waitAt(paused(status));
    expect(answer.Reason).toBe(`CONTINUING: waits for the rollout ${arnOf(asking)}, which is ${status} since 2026-11-22T12:20:00.000Z: resume it, or stop it; `
      + 'passes the wait on to gate 2 of 4');
    expect(seconds).toBe(55 * 60);
  });

  test('reports the pause although the history cannot be read', async () => {
    const executions = paused();
    executions.refuse = (call) => call === 'pausedAt' ? accessDenied() : undefined;
    expect((await waitAt(executions)).answer.Reason).toContain(', which is PAUSED: resume it, or stop it; ');
  });

  test('fails with the rollout\'s name at the deadline of the last gate', async () => {
    const { answer } = await waitAt(paused(), { request: gateRequest('Update', 4, 4) });
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('TIMED_OUT: the rollout of the daemon agent is not over') });
    expect(answer.Reason).toContain('which is PAUSED since 2026-11-22T12:20:00.000Z: resume it, or stop it');
  });

  test('continues when the rollout is resumed', async () => {
    const executions = paused();
    const { answer, lines } = await waitAt(executions, { meanwhile: (age) => {
      if (age === 600) executions.end(executionName(asking), 'RUNNING');
      if (age === 900) executions.end(executionName(asking), 'SUCCEEDED', { result: reportOf('SUCCEEDED', 'SUCCEEDED: at last') });
    } });
    expect(answer.Reason).toBe('SUCCEEDED: at last');
    expect(lines[1]).toBe(`GATE 1 of 4: waits for the rollout ${arnOf(asking)}`);
  });

  test('waits for a rollout of unknown status', async () => {
    const { answer } = await waitAt(withRollout(asking, 'FROZEN' as Status));
    expect(answer.Reason).toContain(`waits for the rollout ${arnOf(asking)}, which is FROZEN; `);
  });
});

test('a gate writes nothing, answers in time and logs no credential, whatever it reads', async () => {
  const anyStatus = fc.constantFrom<Status[]>('RUNNING', 'PAUSING', 'PAUSED', 'FAILED', 'STOPPED', 'TIMED_OUT', 'SUCCEEDED');
  const anyOutcome = fc.constantFrom('SUCCEEDED', 'ROLLED_BACK', 'TIMED_OUT', 'DEGRADED', undefined);
  const anyDeployment = fc.constantFrom('PENDING', 'IN_PROGRESS', 'SUCCESSFUL', 'STOPPED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL', 'PAUSED');
  const anything = fc.record({
    status: anyStatus, outcome: anyOutcome, deployment: anyDeployment, moved: fc.integer({ min: 0, max: 12 }), rollingBack: fc.boolean(),
    type: fc.constantFrom('Create' as const, 'Update' as const, 'Delete' as const), number: fc.integer({ min: 1, max: 4 }),
    faults: fc.array(fc.option(fc.constantFrom(accessDenied(), new Error('no connection')), { nil: undefined, freq: 2 }), { maxLength: 20 }),
  });
  await fc.assert(fc.asyncProperty(anything, async ({ status, outcome, deployment, moved, rollingBack, type, number, faults }) => {
    const api = withDaemon();
    api.deployByHand(DAEMON_ARN, settings(taskDefinition(2)), scripted([0, deployment, moved]));
    const executions = withRollout(asking, status, outcome && reportOf(outcome, `DEPLOYING: ${outcome}`));
    let calls = 0;
    executions.refuse = () => faults[calls++];
    const { answer, seconds, lines } = await waitAt(executions, { api, rollingBack: rollingBack && type === 'Update', request: gateRequest(type, number) });
    expect(writesOf(api)).toEqual([]);
    expect(seconds).toBeLessThanOrEqual(57 * 60);
    expect([...lines, answer.Reason].join()).not.toContain('X-Amz-Signature');
    if (rollingBack && type === 'Update') expect(answer.Status).toBe('SUCCESS');
    if (answer.Status === 'SUCCESS' && type !== 'Delete') expect(Object.keys(answer.Data!)).toHaveLength(6);
  }), { numRuns: 300, seed: 1 });
});

test('a gate does not call ECS while its rollout runs, nor after the rollout has reported its end', async () => {
  const api = withDaemon();
  const before = readsOf(api).length;
  await waitAt(withRollout(), { api });
  await waitAt(withRollout(asking, 'SUCCEEDED', reportOf('SUCCEEDED', 'done')), { api });
  expect(readsOf(api)).toHaveLength(before);
});

test('the resource part of a name is the same for every request of a resource', () => {
  expect(executionName(asking).startsWith(`${resourcePart(STACK_ID, 'Agent')}-`)).toBe(true);
  expect(executionName(issued(1)).split('-')[0]).toBe(executionName(asking).split('-')[0]);
});
