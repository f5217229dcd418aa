import { timelinesOf } from '../../timeline/from-sandbox';
import type { Rollout, Timeline } from '../../timeline/model';
import { toHtml } from '../../timeline/html';
import { summaryOf } from '../../timeline/verdict';
import { DeploymentBench } from './deployment';

const GUARDED = { alarmNames: ['errors'], daemon: { drainPercent: 50 } };
const REASON = 'Threshold Crossed: 9 errors';

let bench: DeploymentBench;
let timelines: Timeline[];
const only = ({ rollouts }: Timeline): Rollout => rollouts[0]!;

beforeAll(async () => {
  bench = await DeploymentBench.start();
  await bench.alarm('errors', 'OK');
  await bench.deploy({ ...GUARDED, imageTag: '1' });
  bench.onInstanceEvent('DAEMON_TASK_RUNNING', 1, 60, () => void bench.alarm('errors', 'ALARM', REASON));
  await bench.deploy({ ...GUARDED, imageTag: '2' });
  await bench.alarm('errors', 'OK');
  await bench.deploy({ ...GUARDED, daemon: { drainPercent: 100 }, imageTag: '1' });
  timelines = timelinesOf(bench.sandbox.recording());
});

afterAll(() => bench.close());

describe('the timelines of real deployments', () => {
  test('end in the words of what happened: a create, a rollback by ECS, and a change of settings only', () => {
    expect(timelines.map((timeline) => summaryOf(timeline).headline)).toEqual([
      expect.stringMatching(/^Succeeded: all 4 instances run 1 after \d+ min/),
      expect.stringMatching(/^Rolled back: errors went into ALARM after \d+ min/),
      'Unchanged: nothing to roll out, rollout settings only',
    ]);
  });

  test('have deployment, alarm, stack events and log lines on one clock', () => {
    const { rollouts: [rollout], stackEvents, log } = timelines[1]!;
    const { duration, phases, alarms, verdict, batches } = rollout!;
    const alarm = alarms[0]!.states[1]!;
    expect(alarm).toMatchObject({ state: 'ALARM', reason: REASON });
    expect(verdict.cause).toMatchObject({ kind: 'alarm', name: 'errors', at: alarm.from, text: REASON });
    expect(phases.map(({ phase }) => phase)).toEqual(['DEPLOYING', 'ROLLING_BACK']);
    expect(phases[1]!.from).toBe(alarm.from);
    expect(batches.every(({ from, to }) => from >= 0 && to! <= duration)).toBe(true);
    const failed = stackEvents.find(({ status }) => status === 'UPDATE_FAILED')!;
    expect(failed.at).toBeGreaterThanOrEqual(duration);
    expect(failed.at - duration).toBeLessThanOrEqual(30_000);
    expect(failed.reason).toMatch(/^DEPLOYING: ECS rolled the daemon agent back: alarm errors went into ALARM/);
    const line = log.find(({ text }) => text.includes('ROLLING_BACK'))!;
    expect(line.at).toBeGreaterThanOrEqual(alarm.from);
    expect(line.at - alarm.from).toBeLessThanOrEqual(30_000);
  });

  test('have the line of the Lambda as their reason, and pages without a credential', () => {
    expect(only(timelines[1]!).verdict.reason).toMatch(/^DEPLOYING: ECS rolled the daemon agent back/);
    expect(only(timelines[2]!).verdict).toMatchObject({ outcome: 'UNCHANGED', reason: expect.stringMatching(/^UNCHANGED: /) });
    for (const timeline of timelines) expect(toHtml(timeline)).not.toMatch(/ResponseURL|AKIA/);
  });
});
