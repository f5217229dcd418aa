import fc from 'fast-check';
import type { Answer } from '../../lambda/answer';
import type { CloudFormationRequest } from '../../lambda/request';
import type { Fault } from '../../lambda/rollout/aws/fault';
import type { Observation, ObservedDaemon, ObservedDeployment } from '../../lambda/rollout/observation';
import { verificationOf, instanceCheck } from '../../lambda/rollout/pollers/instance-check';
import { advance, begin } from '../../lambda/rollout/pollers/poller';
import { CLUSTER_ARN, createRequest, DAEMON_ARN } from './requests';

const REVISION = 'revision-2';

const verifying = (RequestType: 'Create' | 'Update' | 'Delete', more: Partial<CloudFormationRequest> = {}): CloudFormationRequest => ({
  ...createRequest(),
  RequestType,
  ResourceType: 'Custom::ECSManagedDaemonVerification',
  LogicalResourceId: 'Verification',
  ...(RequestType !== 'Create' && { PhysicalResourceId: DAEMON_ARN }),
  ResourceProperties: { ContractVersion: '1', ClusterArn: CLUSTER_ARN, DaemonName: 'agent', RevisionArn: REVISION, Services: ['Web', 'Api'] },
  ...more,
});

const counts = (revisionArn: string, running: number, withoutDaemon = 0) =>
  ({ revisionArn, capacityProviderArns: ['managed'], running, withoutDaemon, draining: 0 });

const deployment = (status: string, changes: Partial<ObservedDeployment> = {}): ObservedDeployment => ({
  arn: 'deployment-2', status, statusReason: '', createdAt: 0, target: counts(REVISION, 0), sources: [], failureCount: 0, failureThreshold: 3,
  circuitBreakerStatus: 'MONITORING_COMPLETE', alarmsStatus: 'MONITORING_COMPLETE', triggeredAlarmNames: [], rollbackReason: '', rollbackTargetArn: '',
  rollbackCapacityProviderArns: [], configuration: { drainPercent: 25, bakeTimeInMinutes: 0, alarmNames: [] }, ...changes,
});

/** The daemon as a look shows it: so many instances that run it, that lack it, and that run another revision. */
const daemon = (
  running: number, withoutDaemon = 0, onOther = 0, latest: ObservedDeployment = deployment('SUCCESSFUL'), status = 'ACTIVE',
): Observation => ({
  daemon: {
    arn: DAEMON_ARN, status, createdAt: 0, latestArn: latest.arn, latest, settings: {},
    revisions: [counts(REVISION, running, withoutDaemon), counts('revision-1', onOther)],
  } satisfies ObservedDaemon,
});

/** More looks than a wait of an hour takes: one that goes on for ever fails instead. */
const MOST_LOOKS = 1000;

const withoutDeployment = ({ daemon: seen }: Observation): Observation => ({ daemon: { ...seen as ObservedDaemon, latest: undefined } });

interface Run {
  readonly answer: Answer;
  readonly seconds: number;
  readonly lines: readonly string[];
  readonly looks: number;
}

/** Plays the engine: what each look shows depends on how many seconds have passed. */
function verify(see: (seconds: number) => Observation, request: CloudFormationRequest = verifying('Create'), rollingBack = false): Run {
  const startedAt = Date.UTC(2026, 10, 22, 12);
  const verification = verificationOf(request, { startedAt, rollingBack, logGroup: '/rollouts' });
  const lines: string[] = [];
  let now = startedAt;
  let looks = 0;
  let turns = 0;
  let state = begin(instanceCheck, verification);
  while (state.decision.kind === 'poll') {
    now += state.decision.afterSeconds * 1000;
    const seen = state.decision.reads.daemon ? see((now - startedAt) / 1000) : {};
    looks += state.decision.reads.daemon ? 1 : 0;
    state = JSON.parse(JSON.stringify(advance(instanceCheck, state, seen, now, verification))) as typeof state;
    lines.push(...state.logLines);
    if (++turns > MOST_LOOKS) throw new Error('it looks for ever');
  }
  return { answer: state.decision.response, seconds: (now - startedAt) / 1000, lines, looks };
}

describe('a successful verification', () => {
  test('ends after the consistency window, if every instance runs the revision (A28)', () => {
    const run = verify(() => daemon(3));
    expect(run.answer).toEqual({
      Status: 'SUCCESS', Reason: 'SUCCEEDED: 3 of 3 instances run the daemon agent', PhysicalResourceId: DAEMON_ARN,
    });
    expect(run.seconds).toBe(130);
    expect(run.lines).toEqual(['VERIFYING: 3 of 3 instances run the daemon agent, behind Web, Api', run.answer.Reason]);
  });

  test('ignores reads that are older than the request', () => {
    const run = verify((seconds) => seconds < 120 ? daemon(1) : seconds < 400 ? daemon(1, 1) : daemon(2));
    expect(run.answer.Reason).toBe('SUCCEEDED: 2 of 2 instances run the daemon agent');
  });

  test('waits for a first instance that starts late', () => {
    const run = verify((seconds) => seconds < 570 ? daemon(0) : daemon(1));
    expect(run.lines[0]).toBe('VERIFYING: there are no instances for the daemon agent, behind Web, Api');
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Reason: 'SUCCEEDED: 1 of 1 instance runs the daemon agent' });
    expect(run.seconds).toBe(580);
  });

  test('waits for instances that are without the daemon for a while', () => {
    expect(verify((seconds) => seconds < 500 ? daemon(1, 2) : daemon(3)).answer.Status).toBe('SUCCESS');
  });

  test('waits while there is progress within every 10 minutes', () => {
    const run = verify((seconds) => daemon(Math.min(4, Math.floor(seconds / 580)), 4 - Math.min(4, Math.floor(seconds / 580))));
    expect(run.answer).toMatchObject({ Status: 'SUCCESS', Reason: 'SUCCEEDED: 4 of 4 instances run the daemon agent' });
  });

  test('counts it as progress if instances without the daemon terminate one by one', () => {
    expect(verify((seconds) => daemon(1, Math.max(0, 3 - Math.floor(seconds / 500)))).answer.Reason).toBe('SUCCEEDED: 1 of 1 instance runs the daemon agent');
  });

  test('counts it as progress after all instances of a smaller fleet have run it', () => {
    expect(verify((seconds) => daemon(1, seconds < 100 ? 0 : Math.max(0, 3 - Math.floor((seconds - 50) / 550)))).answer.Status).toBe('SUCCESS');
  });

  test('counts it as progress if one more instance runs the daemon', () => {
    const run = verify((seconds) => seconds < 60 ? daemon(1, 2) : seconds < 100 ? daemon(1) : seconds < 600 ? daemon(1, 2)
      : seconds < 1100 ? daemon(2, 1) : daemon(3));
    expect(run.answer.Reason).toBe('SUCCEEDED: 3 of 3 instances run the daemon agent');
  });

  test('does not need the last deployment if it has expired (A15)', () => {
    expect(verify(() => withoutDeployment(daemon(3))).answer.Status).toBe('SUCCESS');
  });

  test('has a note if no instance starts, as for a service without tasks', () => {
    const run = verify(() => daemon(0));
    expect(run.answer).toMatchObject({
      Status: 'SUCCESS', Reason: 'SUCCEEDED: no instance has come in 10 minutes, so that nothing was there to verify',
    });
    expect(run.seconds).toBe(610);
  });

  test('has a note while a deployment waits for the first instance (A10)', () => {
    expect(verify(() => daemon(0, 0, 0, deployment('PENDING'))).answer.Reason).toMatch(/^SUCCEEDED: no instance has come/);
  });

  test('accepts any revision if none was named', () => {
    const request = verifying('Create', { ResourceProperties: { ClusterArn: CLUSTER_ARN, DaemonName: 'agent', RevisionArn: '', Services: [] } });
    expect(verify(() => daemon(1, 0, 2), request).answer.Reason).toBe('SUCCEEDED: 3 of 3 instances run the daemon agent');
  });

  test('waits for the deployment of the first instances', () => {
    const run = verify((seconds) => daemon(1, 0, 0, deployment(seconds < 900 ? 'IN_PROGRESS' : 'SUCCESSFUL')));
    expect(run.answer.Status).toBe('SUCCESS');
    expect(run.seconds).toBe(910);
  });
});

describe('a failed verification', () => {
  const places = '; deployment deployment-2; log /rollouts';

  test('reports counts and ECS\'s reason if instances are without the daemon for 10 minutes', () => {
    const run = verify(() => daemon(1, 2, 0, deployment('SUCCESSFUL', { failureCount: 4 })));
    expect(run.answer).toEqual({
      Status: 'FAILED',
      Reason: 'VERIFYING: 1 of 3 instances run the daemon agent, 2 are without it, and none has come to run it in 10 minutes; it failed to start'
        + ` 4 times; ECS reports why in its events (DAEMON_TASK_START_IMPAIRED)${places}`,
      PhysicalResourceId: DAEMON_ARN,
    });
    expect(run.seconds).toBe(610);
  });

  test('ends 10 minutes after a first instance that starts late and is without the daemon', () => {
    const run = verify((seconds) => seconds < 500 ? daemon(0) : daemon(0, 1));
    expect(run.answer.Reason).toMatch(/^VERIFYING: 0 of 1 instance runs the daemon agent, 1 is without it, and none has come to run it in 10 minutes/);
    expect(run.seconds).toBe(1120);
  });

  test('reports instances that run another revision', () => {
    const events = 'ECS reports why in its events (DAEMON_TASK_START_IMPAIRED)';
    expect(verify(() => daemon(1, 0, 1)).answer.Reason).toBe(
      `VERIFYING: 1 of 2 instances run the daemon agent, 1 runs another revision, and none has come to run it in 10 minutes; ${events}${places}`);
    expect(verify(() => withoutDeployment(daemon(1, 0, 2))).answer.Reason).toBe(
      `VERIFYING: 1 of 3 instances run the daemon agent, 2 run another revision, and none has come to run it in 10 minutes; ${events}; log /rollouts`);
  });

  test('ends 10 minutes after the deployment if instances are still without the daemon', () => {
    const run = verify((seconds) => daemon(1, 2, 0, deployment(seconds < 900 ? 'IN_PROGRESS' : 'SUCCESSFUL')));
    expect(run.answer.Reason).toMatch(/and none has come to run it in 10 minutes/);
    expect(run.seconds).toBeGreaterThanOrEqual(1470);
    expect(run.seconds).toBeLessThan(1530);
  });

  test('does not count it as progress if instances with the daemon terminate', () => {
    const run = verify((seconds) => daemon(seconds < 500 ? 2 : 1, 1));
    expect(run.answer.Status).toBe('FAILED');
    expect(run.seconds).toBe(610);
  });

  test('ends with the deployment of any revision, if none was named', () => {
    const request = verifying('Create', { ResourceProperties: { ClusterArn: CLUSTER_ARN, DaemonName: 'agent', RevisionArn: '', Services: [] } });
    expect(verify(() => daemon(1, 0, 0, deployment('STOPPED')), request).answer.Reason).toMatch(/^VERIFYING: the deployment of the daemon agent is STOPPED/);
  });

  test('does not count it as progress if instances are replaced and no more of them run the daemon', () => {
    const run = verify((seconds) => daemon(2, seconds % 60 === 10 ? 2 : 1));
    expect(run.answer.Status).toBe('FAILED');
    expect(run.seconds).toBeLessThan(800);
  });

  test.each(['STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'])('ends as soon as ECS has ended the deployment of the revision as %s', (status) => {
    const failed = deployment(status, { failureCount: 3, circuitBreakerStatus: 'TRIGGERED', statusReason: 'no such image' });
    const run = verify((seconds) => seconds < 60 ? daemon(0) : daemon(0, 1, 0, failed));
    expect(run.answer.Reason).toBe(`VERIFYING: the deployment of the daemon agent is ${status}: the daemon failed to start 3 times (the limit is 3),`
      + ` "no such image"; 0 of 1 instance runs the daemon agent, 1 is without it${places}`);
    expect(run.seconds).toBe(64);
  });

  test('ignores a terminal status that was read only once (A29)', () => {
    const run = verify((seconds) => daemon(1, 0, 0, deployment(seconds === 30 ? 'STOPPED' : seconds < 200 ? 'IN_PROGRESS' : 'SUCCESSFUL')));
    expect(run.answer.Status).toBe('SUCCESS');
  });

  test('ignores a failed deployment of another revision', () => {
    expect(verify(() => daemon(1, 0, 0, deployment('STOPPED', { target: counts('revision-3', 0) }))).answer.Status).toBe('SUCCESS');
  });

  test('ends within 55 minutes of the request, although ECS still deploys', () => {
    const run = verify(() => daemon(0, 1, 0, deployment('IN_PROGRESS')));
    expect(run.answer.Reason).toBe('VERIFYING: TIMED_OUT after 55 minutes; 0 of 1 instance runs the daemon agent, 1 is without it, behind Web, Api; log /rollouts');
    expect(run.seconds).toBe(3300);
    expect(run.looks * 2).toBeLessThanOrEqual(240); // reads an hour
  });

  test('reports that the daemon is being deleted', () => {
    expect(verify(() => daemon(1, 0, 0, deployment('PENDING'), 'DELETE_IN_PROGRESS')).answer.Reason).toBe('VERIFYING: the daemon agent is being deleted; log /rollouts');
  });

  test.each([[120, 'SUCCESS'], [180, 'FAILED']])('ends if the daemon is not visible for %d s: %s', (until, status) => {
    const { answer } = verify((seconds) => seconds < until ? { daemon: 'absent' } : daemon(1));
    expect(answer.Status).toBe(status);
    if (status === 'FAILED') expect(answer.Reason).toBe('VERIFYING: the daemon agent does not exist any more; log /rollouts');
  });
});

describe('a read that fails', () => {
  const fault = (kind: Fault['kind']): Observation => ({ fault: { kind, name: 'SomeException', message: 'as told' } });

  test.each<[Fault['kind'], number, string]>([
    ['transient', 600, 'SUCCESS'], ['throttled', 600, 'SUCCESS'], ['not-ready', 600, 'SUCCESS'],
    ['denied', 100, 'SUCCESS'], ['denied', 150, 'FAILED'], ['refused', 1, 'FAILED'],
  ])('fails or continues the verification after %s for %d s: %s', (kind, until, status) => {
    const run = verify((seconds) => seconds < until ? fault(kind) : daemon(1));
    expect(run.answer.Status).toBe(status);
    if (status === 'FAILED') expect(run.answer.Reason).toBe('VERIFYING: SomeException: as told; log /rollouts');
    else expect(run.lines[0]).toBe('VERIFYING: a read failed and is tried again: as told');
  });

  test('is reported if it lasts to the end', () => {
    expect(verify(() => fault('transient')).answer.Reason).toBe('VERIFYING: TIMED_OUT after 55 minutes; the last read failed: as told; log /rollouts');
  });
});

describe('a verification without reads', () => {
  const never = (): Observation => { throw new Error('looked'); };

  test('succeeds for a Delete', () => {
    expect(verify(never, verifying('Delete')).answer).toEqual({
      Status: 'SUCCESS', Reason: 'UNCHANGED: a verification leaves nothing behind', PhysicalResourceId: DAEMON_ARN,
    });
  });

  test('succeeds for an Update in the rollback of the stack', () => {
    expect(verify(never, verifying('Update'), true).answer).toEqual({
      Status: 'SUCCESS', Reason: 'UNCHANGED: nothing is verified while the stack rolls back', PhysicalResourceId: DAEMON_ARN,
    });
  });
});

test('the physical id of a verification stays, whichever daemon is verified', () => {
  const request = verifying('Update', { ResourceProperties: { ClusterArn: CLUSTER_ARN, DaemonName: 'other', RevisionArn: REVISION, Services: [] } });
  expect(verify(() => daemon(1), request).answer.PhysicalResourceId).toBe(DAEMON_ARN);
});

test('a verification answers within 55 minutes, and succeeds only after a read in which all instances, or none, run the revision', () => {
  const status = fc.constantFrom('PENDING', 'IN_PROGRESS', 'SUCCESSFUL', 'STOPPED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED', 'NEW_STATUS');
  const few = fc.integer({ min: 0, max: 2 });
  const shown = fc.oneof(
    fc.tuple(few, few, few, status).map(([running, without, others, value]) =>
      ({ isCovered: without + others === 0, seen: daemon(running, without, others, deployment(value)) })),
    fc.constantFrom<Observation>({ daemon: 'absent' }, {}, { fault: { kind: 'transient', name: 'ServerException', message: 'later' } })
      .map((seen) => ({ isCovered: false, seen })),
  );
  fc.assert(fc.property(fc.array(shown, { minLength: 1, maxLength: 12 }), (script) => {
    let look = 0;
    const last = () => script[Math.floor((look - 1) / 10) % script.length]!;
    const run = verify(() => {
      look++;
      return last().seen;
    });
    expect(run.seconds).toBeLessThanOrEqual(3300);
    if (run.answer.Status === 'FAILED') return;
    expect(run.seconds).toBeGreaterThanOrEqual(130);
    expect(last().isCovered).toBe(true);
  }));
});
