import { Duration } from 'aws-cdk-lib';
import { PreflightAlarmPolicy } from 'cdk-ecs-managed-daemons';
import type { AgentSettings } from '../../simulation/app/agent-app';
import { DeploymentBench, secondsBetween, writes, type DeploymentResult } from './deployment';
import { expectReason, logLines } from './reasons';

const ROLLED_BACK = 'UPDATE_ROLLBACK_COMPLETE';

let bench: DeploymentBench;
const start = async (): Promise<void> => { bench = await DeploymentBench.start(); };
afterEach(() => bench.close());

describe('a deployment alarm that is in ALARM before an update', () => {
  const GUARDED: AgentSettings = { alarmNames: ['errors'], imageTag: '1' };

  beforeEach(async () => {
    await start();
    await bench.alarm('errors', 'OK');
    await bench.deploy(GUARDED);
    await bench.alarm('errors', 'ALARM', 'Threshold Crossed: 9 errors');
  });

  test('fails it before any change, tags included', async () => {
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { tags: { team: 'platform' } } });
    expectReason(bench, updated, /^PREFLIGHT: the alarm errors is in ALARM already \("Threshold Crossed: 9 errors"\), so that ECS would ignore it; nothing was changed; if this update repairs what is wrong, set preflight\.alarmInAlarm to PROCEED; /);
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    // the rollback removes the tag of the failed update: an old read might hide that it was set (A28)
    expect(writes(updated)).toEqual(['UntagResource']);
  });

  test('does not stop it under the policy PROCEED, and log and reason report that it does not protect it', async () => {
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { preflight: { alarmInAlarm: PreflightAlarmPolicy.PROCEED } } });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
    expect(logLines(bench)).toContainEqual(expect.stringContaining('continues although the alarm errors is in ALARM already: ECS ignores it during this deployment'));
    expect(updated.answers[0]!.Reason).toContain('in ALARM before, and therefore ignored by ECS: errors');
  });

  test('is waited for under the policy WAIT', async () => {
    const stop = bench.sandbox.intercept({
      after: ({ operation, caller }) => {
        if (operation !== 'DescribeAlarms' || caller.kind !== 'function') return;
        stop();
        bench.sandbox.clock.after(300, () => void bench.alarm('errors', 'OK'));
      },
    });
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { preflight: { alarmInAlarm: PreflightAlarmPolicy.WAIT } } });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
    const [asked, written] = ['Invoke', 'UpdateDaemon'].map((name) => updated.requests.find(({ operation }) => operation === name)!);
    expect(secondsBetween(asked!, written!)).toBeGreaterThanOrEqual(300);
  });

  test.each<[string, NonNullable<AgentSettings['daemon']>, string[]]>([
    ['the preflight policy', { preflight: { alarmInAlarm: PreflightAlarmPolicy.WAIT } }, []],
    ['the bake time', { bakeTime: Duration.minutes(3) }, []],
    ['the tags', { tags: { team: 'platform' } }, ['TagResource']],
  ])('does not matter to an update that changes only %s', async (_, daemon, expected) => {
    const updated = await bench.deploy({ ...GUARDED, daemon });
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [], instanceEvents: [] });
    expect(writes(updated)).toEqual(expected);
  });
});

describe('a deployment alarm before a create', () => {
  test.each(['ALARM', 'INSUFFICIENT_DATA'] as const)('may be in %s, since there is no earlier revision (A13)', async (state) => {
    await start();
    await bench.alarm('errors', state);
    const created = await bench.deploy({ alarmNames: ['errors'] });
    expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] });
    expect(logLines(bench)).toContainEqual(expect.stringContaining(`PREFLIGHT: the alarm errors is ${state}`));
  });
});

describe('a deployment alarm without data before an update (A13)', () => {
  const GUARDED: AgentSettings = { alarmNames: ['errors'] };
  const update = async (): Promise<DeploymentResult> => bench.deploy({ ...GUARDED, imageTag: '2' });

  /** Seconds from the delivery of the request to its UpdateDaemon. */
  const waited = ({ requests }: DeploymentResult): number => secondsBetween(
    requests.find(({ operation }) => operation === 'Invoke')!, requests.find(({ operation }) => operation === 'UpdateDaemon')!);

  /** Changes the state of the alarm so long after its first read. */
  const later = (seconds: number, state: 'OK' | 'ALARM'): void => {
    const stop = bench.sandbox.intercept({
      after: ({ operation, caller }) => {
        if (operation !== 'DescribeAlarms' || caller.kind !== 'function') return;
        stop();
        bench.sandbox.clock.after(seconds, () => void bench.alarm('errors', state, 'Threshold Crossed: 9 errors'));
      },
    });
  };

  beforeEach(async () => {
    await start();
    await bench.alarm('errors', 'OK');
    await bench.deploy({ ...GUARDED, imageTag: '1' });
    await bench.alarm('errors', 'INSUFFICIENT_DATA');
  });

  test('is waited for for two minutes, and the log shows when the update continues without it', async () => {
    const updated = await update();
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
    expect(waited(updated)).toBeGreaterThanOrEqual(120);
    expect(waited(updated)).toBeLessThanOrEqual(180);
    expect(logLines(bench)).toContainEqual(expect.stringContaining('PREFLIGHT: continues although there is no data yet for the alarms errors'));
  });

  test('is no longer waited for once it is OK', async () => {
    later(45, 'OK');
    const updated = await update();
    expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE' });
    expect(waited(updated)).toBeGreaterThanOrEqual(45);
    expect(waited(updated)).toBeLessThanOrEqual(90);
  });

  test('makes the update fail once it is in ALARM', async () => {
    later(45, 'ALARM');
    const updated = await update();
    expectReason(bench, updated, /^PREFLIGHT: the alarm errors is in ALARM already/);
    expect(updated).toMatchObject({ stackStatus: ROLLED_BACK, instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
  });
});
