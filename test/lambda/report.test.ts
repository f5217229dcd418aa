import { StepSemantics } from '@aws/durable-execution-sdk-js';
import type { DaemonProperties } from '../../lambda/contract';
import type { CloudFormationRequest } from '../../lambda/request';
import { carryOut } from '../../lambda/rollout/carry-out';
import { type Engine, type Surroundings } from '../../lambda/rollout/engine';
import { begin } from '../../lambda/rollout/machine';
import type { Observation, ObservedDaemon, ObservedDeployment, RevisionCounts } from '../../lambda/rollout/observation';
import { reportedEnd } from '../../lambda/rollout/report/report';
import { rolloutOf } from '../../lambda/rollout/rollout';
import type { Stage, WatchedDeployment } from '../../lambda/rollout/stage';
import type { State } from '../../lambda/rollout/state';
import { withTimeline } from '../../lambda/rollout/report/timeline';
import { FakeDaemonApi, scripted, steady, type Course } from './fake-daemon-api';
import { FakeExecutions } from './fake-executions';
import { withDaemon } from './fixtures';
import { DAEMON_ARN, deleteRequest, settings, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const START = Date.UTC(2026, 10, 22, 12);
const after = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

interface Step {
  readonly name: string;
  readonly config: {
    readonly semantics?: string;
    readonly retryStrategy: (error: Error, attempt: number) => { readonly shouldRetry: boolean };
  };
}

/** An engine on the clock of the fake, which writes down its steps. */
function engineOn(api: FakeDaemonApi, steps: Step[]): Engine {
  return {
    executionContext: { durableExecutionArn: 'arn:rollout' },
    step: async (name: string, body: () => Promise<unknown>, config: Step['config']) => {
      steps.push({ name, config });
      return body();
    },
    waitForCondition: async (name: string, look: (state: unknown) => Promise<unknown>, { initialState, waitStrategy }: {
      initialState: unknown; waitStrategy: (state: unknown) => { shouldContinue: boolean; delay?: { seconds: number } };
    }) => {
      steps.push({ name, config: { retryStrategy: () => ({ shouldRetry: false }) } });
      for (let state = await look(initialState); ; state = await look(state)) {
        const { shouldContinue, delay } = waitStrategy(state);
        if (!shouldContinue) return state;
        api.now += delay!.seconds * 1000;
      }
    },
  } as unknown as Engine;
}

interface Circumstances {
  readonly put?: Surroundings['put'];
  readonly log?: Surroundings['log'];
}

async function carry(api: FakeDaemonApi, request: CloudFormationRequest, circumstances: Circumstances = {}) {
  const { put = async () => 200, log = () => undefined } = circumstances;
  const steps: Step[] = [];
  const bodies: { readonly at: number; readonly body: Record<string, unknown> }[] = [];
  const around: Surroundings = {
    daemons: api,
    readsMade: () => 0,
    stacks: { describe: async () => ({ status: 'UPDATE_IN_PROGRESS' }), events: async () => ({ events: [] }) },
    executions: new FakeExecutions(),
    put: (url, body) => {
      bodies.push({ at: (api.now - START) / 60_000, body: JSON.parse(body) as Record<string, unknown> });
      return put(url, body);
    },
    now: () => api.now,
    log,
    logGroup: 'rollouts',
  };
  const report = await carryOut(request, engineOn(api, steps), around);
  return { report: JSON.parse(JSON.stringify(report)) as typeof report, steps, bodies };
}

function daemonWith(course: Course): FakeDaemonApi {
  const api = withDaemon();
  api.course = course;
  return api;
}

const gated = (more: Partial<DaemonProperties> = {}) => updateRequest({}, { ...taskDefinition(2), TimeoutInMinutes: 300, ...more });
const goesBack = scripted([0, 'IN_PROGRESS', 3], [300, 'IN_PROGRESS', 6], [7200, 'ROLLBACK_IN_PROGRESS', 4], [7800, 'ROLLBACK_SUCCESSFUL', 0]);

test('the result of an execution describes the result of its request', async () => {
  const { report } = await carry(daemonWith(steady(12)), updateRequest({}, taskDefinition(2)));
  expect(report).toEqual({
    outcome: 'SUCCEEDED',
    reason: 'SUCCEEDED: the daemon agent is rolled out to 12 instances',
    request: 'Update',
    resource: 'Agent',
    startedAt: after(0),
    endedAt: expect.stringMatching(/^2026-11-22T12:19:/),
    answer: expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, Data: expect.objectContaining({ Outcome: 'SUCCEEDED' }) }),
    answeredAt: report.endedAt,
    rollout: {
      daemonArn: DAEMON_ARN,
      deploymentArn: 'deployment-2',
      deploymentStatus: 'SUCCESSFUL',
      revisionArn: 'revision-2',
      tagsWritten: false,
      phases: [
        { phase: 'PREFLIGHT', from: after(0) },
        { phase: 'APPLYING', from: after(0) },
        { phase: 'DEPLOYING', from: after(0) },
        { phase: 'DONE', from: report.endedAt },
      ],
      batches: [3, 6, 9, 12].map((updatedInstances) => ({ moved: updatedInstances, of: 12, at: expect.stringMatching(/^2026-11-22T12:/) })),
      coverage: { running: 12, withoutDaemon: 0 },
      alarms: [],
    },
  });
});

describe('a rollout that continues after its answer', () => {
  test('is answered once, in a step between two watches, and its report has both', async () => {
    const { report, steps, bodies } = await carry(daemonWith(goesBack), gated());
    expect(steps.map(({ name }) => name)).toEqual(['start', 'stack', 'watch', 'update-daemon', 'watch', 'answer', 'watch']);
    expect(bodies).toEqual([{ at: 55, body: expect.objectContaining({ Status: 'SUCCESS', Data: expect.objectContaining({ Outcome: 'CONTINUING' }) }) }]);
    expect(report).toMatchObject({
      outcome: 'ROLLED_BACK',
      reason: expect.stringMatching(/^DEPLOYING: ECS rolled the daemon agent back: ECS names no reason after 6 of 12 instances ran the new revision; deployment deployment-2; log rollouts$/),
      answer: { Data: { Outcome: 'CONTINUING' } },
      answeredAt: after(55),
    });
    expect(Date.parse(report.endedAt!)).toBeGreaterThan(Date.parse(after(130)));
    expect(report.rollout!.phases.map(({ phase }) => phase)).toEqual(['PREFLIGHT', 'APPLYING', 'DEPLOYING', 'ROLLING_BACK', 'DONE']);
    expect(report.rollout!.batches.map(({ moved }) => moved)).toEqual([3, 6]);
  });

  test('answers like it writes: not after it is stopped, and again only if the first attempt was interrupted (EN4)', async () => {
    const { steps } = await carry(daemonWith(goesBack), gated());
    const { config } = steps.find(({ name }) => name === 'answer')!;
    expect(config.semantics).toBe(StepSemantics.AtMostOncePerRetry);
    expect(config.retryStrategy(Object.assign(new Error('interrupted'), { name: 'StepInterruptedError' }), 1).shouldRetry).toBe(true);
  });

  test('sends no second answer after an internal error, and reports it', async () => {
    const api = daemonWith(goesBack);
    const lines: string[] = [];
    const log: Surroundings['log'] = (line, level) => {
      if (line.includes('ROLLING_BACK')) throw new Error('a mistake of ours');
      lines.push(`${level} ${line}`);
    };
    const { report, bodies } = await carry(api, gated(), { log });
    expect(bodies).toHaveLength(1);
    expect(report).toMatchObject({ outcome: 'FAILED', answer: { Data: { Outcome: 'CONTINUING' } } });
    expect(report.reason).toContain('a mistake of ours');
    expect(lines.at(-1)).toBe(`ERROR Agent ${report.reason}`);
  });

  test('ends if it cannot be answered, so that the watchdog answers', async () => {
    await expect(carry(daemonWith(goesBack), gated(), { put: async () => 503 })).rejects.toThrow('HTTP 503');
  });
});

test('a report contains the alarms that fired and why, the alarms without effect, and reverted drift', async () => {
  const api = daemonWith((age) => age < 400 ? { status: 'IN_PROGRESS', moved: 3 } : age < 800
    ? { status: 'ROLLBACK_IN_PROGRESS', moved: 2 } : { status: 'ROLLBACK_SUCCESSFUL', moved: 0 });
  const alarms = { AlarmNames: ['cpu-high', 'known-red'] };
  api.addAlarm('cpu-high');
  api.addAlarm('known-red', 'ALARM', 'it has been red for days');
  api.deployByHand(DAEMON_ARN, settings({ ...alarms, EnableExecuteCommand: true }), steady(12));
  api.now += 86_400_000;
  const { now } = api;
  const request = updateRequest(alarms, { ...alarms, ...taskDefinition(2), PreflightAlarmInAlarm: 'PROCEED' });
  const { report } = await simulate(api, request, { meanwhile: (seconds) => {
    if (seconds > 300) api.addAlarm('cpu-high', 'ALARM', 'Threshold Crossed: 97 > 90');
    if (seconds > 400) api.triggeredAlarms = ['cpu-high'];
  } });
  expect(report).toMatchObject({
    alarms: [{ name: 'cpu-high', reason: 'Threshold Crossed: 97 > 90' }],
    unguardingAlarms: ['known-red'],
    resets: 'execute command is true instead of false',
    coverage: { running: 12 },
  });
  expect(Date.parse(report.alarms[0]!.at)).toBeGreaterThan(now + 300_000);
});

test('a report of a hundred batches contains some of them, from the first to the last, and stays small (FM25)', async () => {
  const api = daemonWith((age) => age < 40_000 ? { status: 'IN_PROGRESS', moved: Math.min(1000, 10 * Math.floor(age / 300)) } : { status: 'SUCCESSFUL', moved: 1000 });
  api.instances = 1000;
  const { report, largestState } = await simulate(api, gated({ DrainPercent: 1, TimeoutInMinutes: 2160 }));
  expect(report.batches.length).toBeGreaterThanOrEqual(12);
  expect(report.batches.length).toBeLessThanOrEqual(24);
  expect(report.batches[0]).toMatchObject({ moved: 10, of: 1000 });
  expect(report.batches.at(-1)!.moved).toBeGreaterThanOrEqual(980);
  expect(largestState).toBeLessThan(4096);
});

test('a report of very many changes of phase contains the first and the last', async () => {
  const bakes = (age: number): boolean => Math.floor(age / 120) % 2 === 1;
  const api = daemonWith((age) => age < 10_000 ? { status: 'IN_PROGRESS', moved: bakes(age) ? 12 : 11 } : { status: 'SUCCESSFUL', moved: 12 });
  const { report, largestState } = await simulate(api, gated({ BakeTimeInMinutes: 30 }));
  expect(report.phases).toHaveLength(24);
  expect(report.phases.slice(0, 4).map(({ phase }) => phase)).toEqual(['PREFLIGHT', 'APPLYING', 'DEPLOYING', 'BAKING']);
  expect(report.phases.at(-1)!.phase).toBe('DONE');
  expect(largestState).toBeLessThan(4096);
});

describe('a report of observations', () => {
  interface Look {
    readonly phase?: State['phase'];
    readonly followed?: Partial<WatchedDeployment>;
    readonly seen?: Observation;
  }

  const rollout = rolloutOf(updateRequest({}, {}), { startedAt: START, rollingBack: false, logGroup: 'rollouts' }, 'arn:rollout');

  /** The report after these looks, of which each is ten seconds after the one before; the first is at once. */
  function reportAfter(looks: readonly Look[]) {
    const state = looks.reduce<State>((before, { phase = 'DEPLOYING', followed, seen = {} }, index) => {
      const now = START + index * 10_000;
      const stage: Stage = followed ? { name: 'watch', watched: followed as WatchedDeployment } : { name: 'plan' };
      return withTimeline({ ...before, phase, stage }, seen, now, rollout);
    }, begin(rollout));
    const answer = { Status: 'SUCCESS', Reason: '', PhysicalResourceId: DAEMON_ARN } as const;
    return reportedEnd({ ...state, decision: { kind: 'finish', response: answer, outcome: 'SUCCEEDED' } }, rollout).rollout!;
  }

  const moving = (updatedInstances: number, direction: WatchedDeployment['direction'] = 'forward'): Look => ({ followed: { direction, updatedInstances, totalInstances: 100 } });
  const fired = (name: string, reason: string): Look =>
    ({ followed: { direction: 'forward', updatedInstances: 0, totalInstances: 9, alarm: { name, reason, since: START } } });
  const second = (seconds: number): string => after(seconds / 60);

  test('starts with the preflight, even if the first poll has left it already', () => {
    expect(reportAfter([{ phase: 'DRAINING' }, { phase: 'DRAINING' }, { phase: 'DONE' }]).phases).toEqual([
      { phase: 'PREFLIGHT', from: second(0) }, { phase: 'DRAINING', from: second(0) }, { phase: 'DONE', from: second(20) },
    ]);
  });

  test('contains each batch once, at the poll that first showed it', () => {
    expect(reportAfter([moving(0), moving(5), moving(5), moving(4), moving(7)]).batches).toEqual([
      { moved: 5, of: 100, at: second(10) }, { moved: 7, of: 100, at: second(40) },
    ]);
  });

  test.each([
    [24, Array.from({ length: 24 }, (_, index) => index + 1)],
    [25, Array.from({ length: 13 }, (_, index) => 2 * index + 1)],
  ])('contains all of 24 batches, and every other of more: of %d', (count, expected) => {
    const batches = Array.from({ length: count }, (_, index) => moving(index + 1));
    expect(reportAfter(batches).batches.map(({ moved }) => moved)).toEqual(expected);
  });

  test.each(['ecs-rollback', 'adopted-rollback'] as const)('contains no batch of a rollback: %s', (direction) => {
    expect(reportAfter([moving(5), moving(9, direction)]).batches.map(({ moved }) => moved)).toEqual([5]);
  });

  test.each<[string, readonly Look[], readonly [name: string, reason: string, atSecond: number][]]>([
    ['the three that fired first', ['a', 'b', 'c', 'd'].map((name) => fired(name, `${name} is red`)),
      [['a', 'a is red', 0], ['b', 'b is red', 10], ['c', 'c is red', 20]]],
    ['a reason that is known later, at its alarm only', [fired('a', 'red'), fired('b', ''), fired('b', 'red too')],
      [['a', 'red', 0], ['b', 'red too', 10]]],
    ['the last reason of an alarm', [fired('a', 'red'), fired('a', 'red again')], [['a', 'red again', 0]]],
    ['a reason that does not show any more', [fired('a', 'red'), fired('a', '')], [['a', 'red', 0]]],
    ['the beginning of a long reason', [fired('a', 'r'.repeat(201))], [['a', 'r'.repeat(200), 0]]],
  ])('contains alarms: %s', (_what, looks, expected) => {
    expect(reportAfter(looks).alarms).toEqual(expected.map(([name, reason, seconds]) => ({ name, reason, at: second(seconds) })));
  });

  const counts = (running: number, withoutDaemon: number): RevisionCounts =>
    ({ revisionArn: 'revision', capacityProviderArns: [], running, withoutDaemon, draining: 0 });
  const byDaemon = (...revisions: RevisionCounts[]): Look => ({ seen: { daemon: { revisions } as unknown as ObservedDaemon } });
  const byDeployment = (target: RevisionCounts | undefined, ...sources: RevisionCounts[]): Look =>
    ({ seen: { deployment: { target, sources } as unknown as ObservedDeployment } });

  test.each<[string, readonly Look[], ReturnType<typeof reportAfter>['coverage']]>([
    ['of all revisions of the daemon', [byDaemon(counts(5, 1), counts(3, 2))], { running: 8, withoutDaemon: 3 }],
    ['of all revisions of the deployment', [byDeployment(counts(5, 1), counts(3, 2), counts(1, 0))], { running: 9, withoutDaemon: 3 }],
    ['of the last look', [byDaemon(counts(5, 1)), byDeployment(counts(6, 0))], { running: 6, withoutDaemon: 0 }],
    ['of the daemon if a look has shown both', [{ seen: { ...byDaemon(counts(5, 1)).seen, ...byDeployment(counts(6, 0)).seen } }],
      { running: 5, withoutDaemon: 1 }],
    ['of the deployment where the daemon does not show', [{ seen: { ...byDeployment(counts(6, 0)).seen, daemon: 'absent' } }],
      { running: 6, withoutDaemon: 0 }],
    ['of an earlier look if a later one shows none', [byDaemon(counts(5, 1)), {}, { seen: { daemon: 'absent' } }, { seen: { deployment: 'missing' } },
      byDeployment(undefined, counts(3, 0)), byDaemon()], { running: 5, withoutDaemon: 1 }],
    ['of no look if none has shown any', [{}, { seen: { daemon: 'absent', deployment: 'missing' } }], undefined],
  ])('contains the coverage %s', (_of, looks, expected) => {
    expect(reportAfter(looks).coverage).toEqual(expected);
  });
});

test('a report contains no credential and no event', async () => {
  const { report } = await carry(withDaemon(), deleteRequest());
  expect(JSON.stringify(report)).not.toMatch(/http|Signature|ResponseURL|ServiceToken/);
});
