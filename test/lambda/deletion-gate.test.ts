import type { Answer } from '../../lambda/answer';
import type { CloudFormationRequest } from '../../lambda/request';
import { observe } from '../../lambda/rollout/observe/observe';
import { deletionGateOf, deletionGate } from '../../lambda/rollout/pollers/deletion-gate';
import { advance, begin } from '../../lambda/rollout/pollers/poller';
import { FakeDaemonApi } from './fake-daemon-api';
import { FakeExecutions } from './fake-executions';
import { readsOf, withDaemon, writesOf } from './fixtures';
import { createRequest, DAEMON_ARN, stringified } from './requests';

const HOURS = 3600;
const OTHER_ARN = `${DAEMON_ARN}-before`;

const gateRequest = (RequestType: CloudFormationRequest['RequestType'], GateNumber = 1, GateCount = 2, id: string = DAEMON_ARN): CloudFormationRequest => ({
  ...createRequest(),
  RequestType,
  ResourceType: 'Custom::ECSManagedDaemonDeletionGate',
  LogicalResourceId: 'DeletionGate',
  ...(RequestType !== 'Create' && { PhysicalResourceId: id }),
  ResourceProperties: stringified({ DaemonArn: DAEMON_ARN, GateNumber, GateCount }),
});

/** More looks than a wait of an hour takes: one that goes on for ever fails instead. */
const MOST_LOOKS = 1000;

interface Run {
  readonly answer: Answer;
  readonly seconds: number;
  readonly lines: readonly string[];
  readonly looks: number;
}

async function waitAt(api: FakeDaemonApi, request = gateRequest('Delete'), meanwhile: (seconds: number) => void = () => undefined): Promise<Run> {
  const startedAt = api.now;
  const gate = deletionGateOf(request, { startedAt, rollingBack: false, logGroup: '/rollouts' });
  const sources = { daemons: api, stacks: undefined as never, executions: new FakeExecutions() };
  const lines: string[] = [];
  let looks = 0;
  let state = begin(deletionGate, gate);
  while (state.decision.kind === 'poll') {
    api.now += state.decision.afterSeconds * 1000;
    meanwhile((api.now - startedAt) / 1000);
    const seen = await observe(sources, { daemonArn: gate.daemonArn, desired: { AlarmNames: [] } }, state.decision.reads);
    state = JSON.parse(JSON.stringify(advance(deletionGate, state, seen, api.now, gate))) as typeof state;
    lines.push(...state.logLines);
    if (++looks > MOST_LOOKS) throw new Error('it looks for ever');
  }
  expect(writesOf(api)).toEqual([]);
  return { answer: state.decision.response, seconds: (api.now - startedAt) / 1000, lines, looks };
}

/** A daemon that ECS has been deleting for an hour, and is done with after so many seconds more. */
function withDeletion(secondsLeft: number): FakeDaemonApi {
  const api = withDaemon();
  api.drainSeconds = HOURS + secondsLeft;
  void api.deleteDaemon(DAEMON_ARN);
  api.calls.length = 0;
  api.now += HOURS * 1000;
  return api;
}

test.each([
  ['is made', 'Create', DAEMON_ARN],
  ['is updated', 'Update', DAEMON_ARN],
  ['is updated with another daemon, so that CloudFormation deletes the gate of the one before in its cleanup', 'Update', OTHER_ARN],
] as const)('a deletion gate that %s answers at once with the ARN of its daemon as its id', async (_name, type, id) => {
  const api = withDaemon();
  const { answer, seconds } = await waitAt(api, gateRequest(type, 1, 2, id));
  expect(answer).toEqual({ Status: 'SUCCESS', Reason: 'UNCHANGED: it waits only when its daemon is deleted', PhysicalResourceId: DAEMON_ARN });
  expect(seconds).toBe(0);
  expect(readsOf(api)).toEqual([]);
});

describe('a deletion gate that is deleted', () => {
  test('waits while ECS deletes its daemon, and logs the progress', async () => {
    const { answer, seconds, lines } = await waitAt(withDeletion(HOURS / 2));
    expect(answer).toEqual({ Status: 'SUCCESS', Reason: 'SUCCEEDED: the daemon agent is deleted', PhysicalResourceId: DAEMON_ARN });
    expect(seconds).toBeGreaterThan(HOURS / 2);
    expect(seconds).toBeLessThan(HOURS / 2 + 60);
    expect(lines).toEqual(['DELETION GATE 1 of 2: 12 instances still run the daemon agent, which is being deleted', answer.Reason]);
  });

  test('logs the progress of a single instance', async () => {
    const api = withDeletion(HOURS / 2);
    api.instances = 1;
    const describeDaemon = api.describeDaemon.bind(api);
    api.describeDaemon = async (arn) => {
      const described = await describeDaemon(arn);
      return { ...described, revisions: described.revisions.map((revision) => ({ ...revision, running: 1 })) };
    };
    const { lines } = await waitAt(api);
    expect(lines[0]).toBe('DELETION GATE 1 of 2: 1 instance still runs the daemon agent, which is being deleted');
  });

  test('does not rely on one read without its daemon (A16)', async () => {
    const api = withDeletion(HOURS / 2);
    const describeDaemon = api.describeDaemon.bind(api);
    let reads = 0;
    api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(++reads === 3 && { status: 'INACTIVE' }) });
    const { answer, seconds } = await waitAt(api);
    expect(answer.Reason).toBe('SUCCEEDED: the daemon agent is deleted');
    expect(seconds).toBeGreaterThan(HOURS / 2);
  });

  test('answers with the id of the request, even one that CloudFormation has invented (E9)', async () => {
    const { answer } = await waitAt(new FakeDaemonApi(), gateRequest('Delete', 1, 2, 'demo-DeletionGate-1ABCDEF'));
    expect(answer.PhysicalResourceId).toBe('demo-DeletionGate-1ABCDEF');
  });

  test('completes if the daemon no longer exists', async () => {
    const { answer, seconds, looks } = await waitAt(new FakeDaemonApi());
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: 'SUCCEEDED: there is no daemon agent' });
    expect([seconds, looks]).toEqual([0, 1]);
  });

  test('completes if the daemon stays, as when the timeout becomes shorter', async () => {
    const { answer, seconds } = await waitAt(withDaemon());
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: 'UNCHANGED: the daemon agent is not being deleted' });
    expect(seconds).toBe(0);
  });

  test('completes after 55 minutes, and the next gate continues to wait', async () => {
    const { answer, seconds } = await waitAt(withDeletion(2 * HOURS));
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN });
    expect(answer.Reason).toBe('CONTINUING: 12 instances still run the daemon agent, which is being deleted; passes the wait on to deletion gate 2 of 2');
    expect(seconds).toBe(55 * 60);
  });

  test('fails after 55 minutes if it is the last one', async () => {
    const { answer, seconds } = await waitAt(withDeletion(2 * HOURS), gateRequest('Delete', 2, 2));
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN });
    expect(answer.Reason).toBe('DRAINING: TIMED_OUT: 12 instances still run the daemon agent, which is being deleted, and there is no deletion gate after 2 of 2; '
      + 'ECS continues what it has started; log /rollouts');
    expect(seconds).toBe(55 * 60);
  });

  test('fails if ECS rolls the deletion back for good (A16)', async () => {
    const api = withDeletion(HOURS);
    const { now } = api;
    const describeDaemon = api.describeDaemon.bind(api);
    api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(api.now - now > 600_000 && { status: 'ACTIVE' }) });
    const { answer, seconds } = await waitAt(api);
    expect(answer).toMatchObject({ Status: 'FAILED' });
    expect(answer.Reason).toMatch(/^DRAINING: the daemon agent is ACTIVE again: ECS has rolled its deletion back/);
    expect(seconds).toBeGreaterThan(600 + 130);
  });

  test('continues to wait if the deletion is requested again, or did not show for a while (A16, A28)', async () => {
    const api = withDeletion(HOURS / 2);
    const { now } = api;
    const describeDaemon = api.describeDaemon.bind(api);
    const between = (from: number, to: number): boolean => api.now - now > from * 1000 && api.now - now < to * 1000;
    api.describeDaemon = async (arn) => ({ ...await describeDaemon(arn), ...(between(300, 420) && { status: 'ACTIVE' }), ...(between(900, 960) && { status: 'PAUSED' }) });
    const { answer, lines } = await waitAt(api);
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: 'SUCCEEDED: the daemon agent is deleted' });
    expect(lines).toContain('DELETION GATE 1 of 2: the status of the daemon agent is PAUSED, which is unknown');
  });

  test.each([
    ['throttled', 'SUCCESS', /^SUCCEEDED/],
    ['transient', 'SUCCESS', /^SUCCEEDED/],
    ['denied', 'FAILED', /^DRAINING: AccessDenied: no/],
    ['refused', 'FAILED', /^DRAINING: AccessDenied: no/],
  ] as const)('of which the reads are %s for ten minutes answers with %s', async (kind, status, reason) => {
    const api = withDeletion(HOURS / 2);
    const { now } = api;
    api.refuse = () => api.now - now < 600_000 ? { kind, name: 'AccessDenied', message: 'no' } : undefined;
    const { answer, lines } = await waitAt(api);
    expect(answer.Status).toBe(status);
    expect(answer.Reason).toMatch(reason);
    if (kind !== 'refused') expect(lines[0]).toBe('DELETION GATE 1 of 2: a read failed and is tried again: no');
  });

  test('of which the reads fail to the end completes with the cause, and the next gate continues', async () => {
    const api = withDaemon();
    api.refuse = () => ({ kind: 'transient', name: 'ServerException', message: 'Service Unavailable' });
    const { answer } = await waitAt(api);
    expect(answer).toMatchObject({ Status: 'SUCCESS' });
    expect(answer.Reason).toBe('CONTINUING: the last read failed: Service Unavailable; passes the wait on to deletion gate 2 of 2');
  });

  test('reads twice a minute', async () => {
    const api = withDeletion(2 * HOURS);
    await waitAt(api);
    expect(readsOf(api).length).toBeLessThanOrEqual(111);
  });
});
