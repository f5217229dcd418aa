import fc from 'fast-check';
import type { CloudFormationRequest } from '../../lambda/request';
import type { Fault } from '../../lambda/rollout/aws/fault';
import { diagram, transitionsOf } from './diagram';
import { FakeDaemonApi, scripted, type Course } from './fake-daemon-api';
import { withDaemon } from './fixtures';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, taskDefinition, updateRequest } from './requests';
import { simulate, type Run } from './simulate';

const anyStatus = fc.constantFrom(
  'PENDING', 'IN_PROGRESS', 'SUCCESSFUL', 'STOP_REQUESTED', 'STOPPED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED', 'PAUSED',
);

type Step = [pauseSeconds: number, status: string, moved: number];

const anySteps = fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), anyStatus, fc.integer({ min: 0, max: 12 })), { maxLength: 6 });

function courseOf(steps: readonly Step[]): Course {
  let age = 0;
  return scripted([0, 'PENDING', 0], ...steps.map(([pause, status, moved]) => [age += pause, status, moved] as [number, string, number]));
}

/** Statuses in any order, sensible or not. */
const anyCourse: fc.Arbitrary<Course> = anySteps.map(courseOf);

/** Statuses in any order, of which SUCCESSFUL is the last if it comes at all (A29). */
const anyEndingCourse: fc.Arbitrary<Course> = anySteps.map((steps) => {
  const end = steps.findIndex(([, status]) => status === 'SUCCESSFUL');
  return courseOf(end < 0 ? steps : steps.slice(0, end + 1));
});

const anyFault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom('transient', 'throttled', 'denied', 'not-found', 'not-active', 'deleting', 'not-ready', 'refused'),
  name: fc.constantFrom('ClientException', 'InvalidParameterException'),
  message: fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.constant('a deployment is in progress'), fc.constant('it exists')),
});

const anyRequest: fc.Arbitrary<CloudFormationRequest> = fc.constantFrom(
  createRequest({ AlarmNames: ['alarm'] }),
  createRequest({ AdoptExisting: true }),
  updateRequest({}, taskDefinition(2)),
  updateRequest({ AlarmNames: ['alarm'] }, { ...taskDefinition(2), AlarmNames: ['alarm'] }),
  updateRequest({ RolloutToken: '1' }, { RolloutToken: '2' }),
  updateRequest({}, { Tags: [{ key: 'a', value: 'b' }], DrainPercent: 1 }),
  updateRequest({}, { DaemonName: 'other' }),
  updateRequest({ DaemonName: 'other' }, {}),
  deleteRequest(),
  deleteRequest('made-up'),
  createRequest({ TimeoutInMinutes: 56 }),
  updateRequest({}, { ...taskDefinition(2), TimeoutInMinutes: 180 }),
  deleteRequest(DAEMON_ARN, { DeletionTimeoutInMinutes: 120 }),
);

interface Circumstances {
  readonly request: CloudFormationRequest;
  readonly course: Course;
  readonly readLagSeconds: number;
  readonly rollingBack: boolean;
  readonly daemonExists: boolean;
  readonly faults: readonly (Fault | undefined)[];
  readonly cuts: readonly ('before' | 'after' | undefined)[];
  readonly alarm?: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
}

const anyCircumstances: fc.Arbitrary<Circumstances> = fc.record({
  request: anyRequest,
  course: anyCourse,
  readLagSeconds: fc.constantFrom(0, 5, 120),
  rollingBack: fc.boolean(),
  daemonExists: fc.boolean(),
  faults: fc.array(fc.option(anyFault, { nil: undefined, freq: 3 }), { maxLength: 30 }),
  cuts: fc.array(fc.constantFrom('before' as const, 'after' as const, undefined), { maxLength: 3 }),
  alarm: fc.constantFrom('OK' as const, 'ALARM' as const, 'INSUFFICIENT_DATA' as const, undefined),
});

async function play(given: Circumstances): Promise<{ run: Run; api: FakeDaemonApi }> {
  const api = given.daemonExists ? withDaemon() : new FakeDaemonApi();
  api.course = given.course;
  api.readLagSeconds = given.readLagSeconds;
  if (given.alarm) api.addAlarm('alarm', given.alarm, 'reason');
  let calls = 0;
  api.refuse = () => given.faults[calls++];
  const run = await simulate(api, given.request, { rollingBack: given.rollingBack, cut: (_command, attempt) => given.cuts[attempt - 1] });
  return { run, api };
}

test('every rollout sends one valid answer in time, on a path of the diagram (FM25)', async () => {
  const ways = diagram();
  await fc.assert(fc.asyncProperty(anyCircumstances, async (given) => {
    const { run } = await play(given);
    expect(run.seconds).toBeLessThanOrEqual(3301 + 3 * given.cuts.length);
    expect(run.endSeconds).toBeLessThanOrEqual(180 * 60 + 1 + 3 * given.cuts.length);
    expect(run.looks).toBeLessThan(1000);
    expect(ways).toEqual(expect.arrayContaining(transitionsOf(run.phases)));
    expect(run.largestState).toBeLessThan(4096);
    expect(Buffer.byteLength(run.answer.Reason)).toBeLessThanOrEqual(1000);
    expect(run.answer.Reason).toMatch(/^[A-Z_]+: [^\n]+$/u);
    expect(run.answer.Reason).not.toMatch(/cancelled/i);
    expect(run.answer.PhysicalResourceId).toBeTruthy();
    expect([...run.lines, run.answer.Reason].join()).not.toContain('X-Amz-Signature');
    if (run.end !== run.answer) expect(run.answer).toMatchObject({ Status: 'SUCCESS', Data: { Outcome: expect.stringMatching(/^(CONTINUING|DEGRADED)$/) } });
    if (run.answer.Status === 'SUCCESS') {
      expect(Object.keys(run.answer.Data!).sort()).toEqual(['DaemonArn', 'DaemonName', 'DeploymentArn', 'Outcome', 'RevisionArn', 'RolloutArn']);
    }
  }), { numRuns: 500, seed: 1 });
}, 60_000);

test('one request causes at most one effective UpdateDaemon (R7, FM3)', async () => {
  await fc.assert(fc.asyncProperty(anyCircumstances, async (given) => {
    const { api } = await play({ ...given, rollingBack: false });
    expect(api.updates.length).toBeLessThanOrEqual(1);
    expect(api.created.length).toBeLessThanOrEqual(1);
  }), { numRuns: 500, seed: 1 });
}, 60_000);

test('an Update that succeeds without a note has rolled out the desired settings', async () => {
  await fc.assert(fc.asyncProperty(anyCircumstances, anyEndingCourse, async (given, course) => {
    const request = updateRequest({}, taskDefinition(2));
    const { run, api } = await play({ ...given, course, request, daemonExists: true, rollingBack: false });
    if (run.answer.Status !== 'SUCCESS') return;
    api.refuse = () => undefined;
    const { latestArn } = await api.describeDaemon(DAEMON_ARN);
    const [latest] = await api.describeDeployments([latestArn]);
    expect(latest!.status === 'SUCCESSFUL' || latest!.status === 'PENDING').toBe(true);
    expect(api.updates).toEqual([expect.objectContaining({ taskDefinitionArn: taskDefinition(2).DaemonTaskDefinitionArn })]);
  }), { numRuns: 300, seed: 1 });
}, 60_000);

test('a deletion never changes a daemon of another owner', async () => {
  await fc.assert(fc.asyncProperty(anyCircumstances, async (given) => {
    const api = withDaemon({}, { owner: 'somebody' });
    let calls = 0;
    api.refuse = () => given.faults[calls++];
    await simulate(api, deleteRequest());
    expect(api.calls.map(({ name }) => name)).not.toContain('deleteDaemon');
  }), { numRuns: 200, seed: 1 });
}, 60_000);

test('the daemon of an incomplete adoption is never deleted', async () => {
  const adopted = { ...OWNER_TAGS, 'cdk-ecs-managed-daemons:adoption': 'this-operation' };
  await fc.assert(fc.asyncProperty(anyCircumstances, async (given) => {
    const api = withDaemon({}, adopted);
    api.course = given.course;
    api.readLagSeconds = given.readLagSeconds;
    let calls = 0;
    api.refuse = () => given.faults[calls++];
    const request = deleteRequest(DAEMON_ARN, { AdoptExisting: true });
    const run = await simulate(api, request, { cut: (_command, attempt) => given.cuts[attempt - 1] });
    expect(api.calls.map(({ name }) => name)).not.toContain('deleteDaemon');
    expect(run.seconds).toBeLessThanOrEqual(3301 + 3 * given.cuts.length);
    expect(run.largestState).toBeLessThan(4096);
  }), { numRuns: 300, seed: 1 });
}, 60_000);
