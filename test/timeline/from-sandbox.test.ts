import type { Recording as SandboxRecording } from '../../sandbox';
import { timelinesOf } from '../../timeline/from-sandbox';
import { timelineOf, type Rollout, type Timeline } from '../../timeline/model';
import type { Recording } from '../../timeline/recording';
import { ALARM, ALARM_REASON, PlayedRollouts } from './played-rollouts';
import * as scenarios from './scenarios';

const only = ({ rollouts }: Timeline): Rollout => rollouts[0]!;
const phases = (rollout: Rollout): string[] => rollout.phases.map(({ phase, from, to }) => `${phase} ${from / 1000}–${to / 1000}`);
const batches = (rollout: Rollout): string[] => rollout.batches.map(({ isRollback, number, of, instances, from, to }) =>
  `${isRollback ? 'rollback ' : ''}${number}${of === undefined ? '' : ` of ${of}`}: ${instances} at ${from / 1000}–${to === undefined ? '' : to / 1000}`);

test('the recording of the sandbox is the input of the timelines', () => {
  const recording = {} as SandboxRecording;
  const input: Recording = recording;
  expect(input).toBeDefined();
});

describe('the timeline of an update that succeeds', () => {
  let timeline: Timeline;
  let rollout: Rollout;
  beforeAll(async () => {
    timeline = await scenarios.succeeded();
    rollout = only(timeline);
  });

  test('names the daemon, its place, its settings and both revisions', () => {
    expect(rollout).toMatchObject({
      daemon: 'cloudwatch-agent', cluster: 'apps', capacityProviders: ['managed'], stack: 'Agents', resource: 'Daemon', request: 'update',
      instances: 12, revisions: { new: '1.300.2', old: '1.300.1' }, settings: { drainPercent: 25, bakeMinutes: 10, alarmNames: [ALARM] },
    });
  });

  test('begins with the request and ends with the deployment', () => {
    expect(rollout).toMatchObject({ requestedAt: 0, duration: 1_776_000, verdict: { outcome: 'SUCCEEDED', stackStatus: 'UPDATE_COMPLETE' } });
  });

  test('has a bake from the end of the last batch on', () => {
    expect(phases(rollout)).toEqual(['DEPLOYING 0–1176', 'BAKING 1176–1776']);
  });

  test('has a batch for the instances that drain at the same moment, until the last of them is terminated', () => {
    expect(batches(rollout)).toEqual(['1 of 4: 3 at 40–294', '2 of 4: 3 at 334–588', '3 of 4: 3 at 628–882', '4 of 4: 3 at 922–1176']);
  });

  test('counts each instance once, by revision and state', () => {
    const at = (seconds: number): unknown => rollout.moments.findLast((moment) => moment.at <= seconds * 1000);
    expect(at(0)).toEqual({ at: 0, new: counts({}), old: counts({ runs: 12 }), applicationTasks: 24 });
    expect(at(40)).toMatchObject({ new: counts({}), old: counts({ runs: 9, draining: 3 }) });
    expect(at(120)).toMatchObject({ new: counts({ starting: 3 }), old: counts({ runs: 9, draining: 3 }) });
    expect(at(160)).toMatchObject({ new: counts({ runs: 3 }), old: counts({ runs: 9, draining: 3 }), applicationTasks: 30 });
    expect(at(1776)).toMatchObject({ new: counts({ runs: 12 }), old: counts({}), applicationTasks: 24 });
  });

  test('has the measures of its counts', () => {
    expect(rollout.measures).toEqual({
      drains: 12, rollbackDrains: 0, ran: 12, ranFrom: 149_000, runsNew: 12, runsOld: 0, draining: 0,
      uncovered: { most: 0, duration: 0 }, applicationTasks: { start: 24, fewest: 24, end: 24 },
    });
  });

  test('has a row for each instance of a small fleet, and none for those of a large one but the slowest eight', async () => {
    expect(rollout.instanceHistories).toHaveLength(24);
    const [first] = rollout.instanceHistories;
    expect(first).toMatchObject({ from: 0, to: 294_000, states: [{ from: 0, role: 'old', state: 'runs' }, { from: 40_000, role: 'old', state: 'draining' }] });
    expect(only(await scenarios.succeeded(200)).instanceHistories.map(({ note }) => note)).toEqual(Array(8).fill('slow'));
  });

  test('is the same for the same recording', async () => {
    expect(JSON.stringify(await scenarios.succeeded())).toBe(JSON.stringify(timeline));
  });
});

describe('the timeline of an update that ECS rolls back', () => {
  let rollout: Rollout;
  beforeAll(async () => rollout = only(await scenarios.rolledBack()));

  test('names the alarm, its reason and the moment', () => {
    expect(rollout.verdict).toMatchObject({
      outcome: 'ROLLED_BACK', rolledBackBy: 'ECS', cause: { kind: 'alarm', name: ALARM, at: 431_000, text: ALARM_REASON },
      stackStatus: 'UPDATE_ROLLBACK_COMPLETE',
    });
    const ok = expect.objectContaining({ state: 'OK', from: 0 });
    expect(rollout.alarms).toEqual([{ name: ALARM, states: [ok, { state: 'ALARM', from: 431_000, reason: ALARM_REASON }] }]);
  });

  test('has the line of the Lambda as its reason', () => {
    expect(rollout.verdict.reason).toBe(`DEPLOYING: ECS rolled the daemon cloudwatch-agent back: alarm agent-cpu-high went into ALARM ("${ALARM_REASON}")`);
  });

  test('rolls back from the alarm on, and numbers the batches of the rollback by themselves', () => {
    expect(phases(rollout)).toEqual(['DEPLOYING 0–431', 'ROLLING_BACK 431–1136']);
    expect(batches(rollout)).toEqual(['1 of 4: 3 at 40–294', '2 of 4: 3 at 334–588', 'rollback 1: 3 at 588–842', 'rollback 2: 3 at 882–1136']);
  });

  test('counts the batch in flight among those that ran the bad revision, and drains of the rollback again', () => {
    expect(rollout.measures).toMatchObject({ ran: 6, ranFrom: 149_000, ranUntil: 882_000, drains: 12, rollbackDrains: 6, runsOld: 12 });
  });

  test('names the revision to which the daemon returned as the old one', () => {
    expect(rollout.revisions).toEqual({ new: '1.300.2', old: '1.300.1' });
  });
});

test('a daemon that does not start leaves instances without it, and is rolled back for it', async () => {
  const rollout = only(await scenarios.withoutDaemon());
  const cause = { kind: 'start-failure', instances: 3, text: expect.stringContaining('CannotPullContainerError') };
  expect(rollout.verdict).toMatchObject({ outcome: 'ROLLED_BACK', cause });
  expect(rollout.measures).toMatchObject({ ran: 0, uncovered: { most: 3, duration: 317_000 } });
  expect(rollout.moments.find((moment) => moment.new.uncovered > 0)?.new).toEqual(counts({ uncovered: 3 }));
  expect(rollout.instanceHistories.filter(({ note }) => note === 'failed')).toHaveLength(3);
});

test('a rollout whose batch has not changed for ten minutes is stalled, and names the instance that drains', async () => {
  const rollout = only(await scenarios.stalled());
  expect(rollout.verdict).toMatchObject({ outcome: 'STALLED', cause: { kind: 'drain', instances: 1 } });
  expect(rollout.instanceHistories.find(({ id }) => id === rollout.verdict.cause?.name)?.note).toBe('stalled');
  expect(phases(rollout)).toEqual(['DEPLOYING 0–588', 'STALLED 588–10800']);
});

test('a rollout that goes on ends now, and its last batch has no end', async () => {
  const rollout = only(await scenarios.running());
  expect(rollout).toMatchObject({ duration: 800_000, verdict: { outcome: 'RUNNING' } });
  expect(batches(rollout).at(-1)).toBe('3 of 4: 3 at 628–');
});

test('an update during another one counts the revision between, whose instances it replaces too', async () => {
  const rollout = only(await scenarios.thirdRevision());
  expect(rollout.revisions).toEqual({ new: '1.300.3', old: '1.300.1', mid: '1.300.2' });
  expect(rollout.moments[0]).toMatchObject({ new: counts({}), mid: counts({ runs: 3 }), old: counts({ runs: 6, draining: 3 }) });
  expect(rollout.moments.at(-1)).toMatchObject({ new: counts({ runs: 12 }), old: counts({}) });
});

test('gates that hold the stack for a minute or more are listed behind the daemon', async () => {
  const { gates } = only(await scenarios.fiveHours());
  expect(gates.map(({ name, from, to }) => `${name}: ${from / 60_000}–${to! / 60_000} min`)).toEqual([
    'daemon: 0–55 min', 'gate 1: 55–110 min', 'gate 2: 110–165 min', 'gate 3: 165–220 min', 'gate 4: 220–275 min', 'gate 5: 275–311 min',
  ]);
});

test('a fleet without instances has one moment and no batch', async () => {
  expect(only(await scenarios.empty())).toMatchObject({ instances: 0, batches: [], moments: [{ at: 0 }], verdict: { outcome: 'SUCCEEDED' } });
});

describe('the timeline of three waves', () => {
  test('has a rollout for each place, since the request for the first one', async () => {
    const { rollouts } = await scenarios.waves();
    expect(rollouts.map(({ place, requestedAt }) => [place!.waveNumber, place!.wave, place!.name, requestedAt])).toEqual([
      [1, 'canary', 'shop-canary', 0], [2, 'early', 'shop', 2_400_000], [3, 'rest', 'search', 4_800_000],
    ]);
  });

  test('tells apart what ECS rolled back, what the stack rolled back, and what was not begun', async () => {
    const { rollouts } = await scenarios.waves(true);
    expect(rollouts.map(({ verdict: { outcome, rolledBackBy } }) => [outcome, rolledBackBy])).toEqual([
      ['ROLLED_BACK', 'stack'], ['ROLLED_BACK', 'ECS'], ['NOT_BEGUN', undefined],
    ]);
    expect(rollouts.map(({ revisions }) => revisions.old)).toEqual(['1.0', '1.0', '1.0']);
    expect(phases(rollouts[0]!)).toEqual(['DEPLOYING 0–588', 'BAKING 588–2388', 'ROLLING_BACK 2991–5379']);
  });

  test('gives the timeline of one place, since its own request', async () => {
    const timeline = await scenarios.waves();
    const one = timelineOf(timeline, timeline.rollouts[1]!);
    expect(one.rollouts).toEqual([{ ...timeline.rollouts[1], requestedAt: 0 }]);
    expect(Date.parse(one.startedAt!) - Date.parse(timeline.startedAt!)).toBe(2_400_000);
  });
});

test('a create and an update are timelines of their own', async () => {
  const rollouts = new PlayedRollouts();
  await rollouts.established();
  rollouts.update('1.300.2');
  await rollouts.advance(3600);
  rollouts.complete();
  rollouts.ofStack('UPDATE_COMPLETE');
  expect(timelinesOf(rollouts.recording()).map((timeline) => only(timeline).request)).toEqual(['create', 'update']);
});

function counts(some: Partial<Rollout['moments'][number]['new']>): Rollout['moments'][number]['new'] {
  return { runs: 0, uncovered: 0, starting: 0, draining: 0, ...some };
}
