import type { EcsAssumptions } from '../../sandbox';
import type { AgentSettings } from '../../simulation/app/agent-app';
import { DeploymentBench, writes } from './deployment';

type State = 'OK' | 'ALARM';

/** A guard alarm of each kind that CloudWatch has, all by the name "guard". */
const KINDS = {
  metric: {
    make: () => bench.alarm('guard', 'OK'),
    turn: (state: State) => bench.alarm('guard', state, 'Threshold Crossed: 9 errors'),
    why: 'Threshold Crossed: 9 errors',
  },
  composite: {
    make: async () => {
      await bench.alarm('errors', 'OK');
      await bench.sandbox.call('monitoring', 'PutCompositeAlarm', { AlarmName: 'guard', AlarmRule: 'ALARM("errors")' });
      await bench.sandbox.clock.sleep(60);
    },
    turn: (state: State) => bench.alarm('errors', state),
    why: 'errors is ALARM',
  },
  log: {
    make: async () => {
      await bench.sandbox.call('monitoring', 'PutLogAlarm', {
        AlarmName: 'guard', QueryResultsToEvaluate: 1, QueryResultsToAlarm: 1, Threshold: 5, ComparisonOperator: 'GreaterThanThreshold',
        ScheduledQueryConfiguration: {
          QueryString: 'fields @message | filter @message like /ERROR/', LogGroupIdentifiers: ['app'], AggregationExpression: 'count(*)',
          ScheduledQueryRoleARN: 'arn:aws:iam::123456789012:role/queries',
          ScheduleConfiguration: { ScheduleExpression: 'rate(1 minute)', StartTimeOffset: 60 },
        },
      });
      await KINDS.log.turn('OK');
    },
    turn: (StateValue: State): Promise<unknown> =>
      bench.sandbox.call('monitoring', 'SetAlarmState', { AlarmName: 'guard', StateValue, StateReason: 'count(*) was 9' }),
    why: 'count(*) was 9',
  },
} as const;

const GUARDED: AgentSettings = { alarmNames: ['guard'] };

let bench: DeploymentBench;
afterEach(() => bench.close());

describe.each(['metric', 'composite', 'log'] as const)('a %s alarm', (kind) => {
  const { make, turn, why } = KINDS[kind];

  test('protects a rollout, which it fails before the start if missing or in ALARM, and rolls back in ALARM during it', async () => {
    bench = await DeploymentBench.start();
    const missing = await bench.deploy({ ...GUARDED, imageTag: '1' });
    expect(missing.reasons[0]).toContain('PREFLIGHT: the alarm guard does not exist in this account and Region');
    expect(writes(missing)).toEqual([]);
    await bench.destroy(GUARDED);

    await make();
    expect(await bench.deploy({ ...GUARDED, imageTag: '1' })).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE' });

    await turn('ALARM');
    const red = await bench.deploy({ ...GUARDED, imageTag: '2' });
    expect(red.reasons[0]).toContain('PREFLIGHT: the alarm guard is in ALARM already');
    expect(red.reasons[0]).toContain(why);
    expect(writes(red)).toEqual([]);

    await turn('OK');
    bench.onInstanceEvent('INSTANCE_DRAINING', 1, 10, () => void turn('ALARM'));
    const fired = await bench.deploy({ ...GUARDED, imageTag: '2' });
    expect(fired.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fired.reasons[0]).toMatch(/DEPLOYING: ECS rolled the daemon agent back: alarm guard went into ALARM \(".*"\) after /);
    expect(fired.reasons[0]).toContain(why);
    expect(writes(fired)).toEqual(['UpdateDaemon']);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });
});

/** AWS documents for metric alarms only that a deployment monitors them (A13). */
const IGNORED: readonly [keyof typeof KINDS, Partial<EcsAssumptions>][] = [
  ['composite', { compositeAlarms: 'ignored' }],
  ['log', { logAlarms: 'ignored' }],
];

test.each(IGNORED)('a %s alarm that ECS ignores fails the update in which it fires, and the stack rolls back', async (kind, ecs) => {
  bench = await DeploymentBench.start({ ecs });
  await KINDS[kind].make();
  await bench.deploy({ ...GUARDED, imageTag: '1' });
  bench.onInstanceEvent('INSTANCE_DRAINING', 1, 10, () => void KINDS[kind].turn('ALARM'));
  const failed = await bench.deploy({ ...GUARDED, imageTag: '2' });
  expect(failed.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(failed.reasons[0]).toContain('alarm guard went into ALARM');
  expect(await bench.runningImageTags()).toEqual(['1']);
});

const REJECTED: readonly [keyof typeof KINDS, Partial<EcsAssumptions>, string][] = [
  ['composite', { compositeAlarms: 'reject' }, 'CompositeAlarm'],
  ['log', { logAlarms: 'reject' }, 'LogAlarm'],
];

test.each(REJECTED)('a %s alarm that ECS rejects fails the update in one line, and drains nothing', async (kind, ecs, type) => {
  bench = await DeploymentBench.start({ ecs });
  await KINDS[kind].make();
  await bench.deploy({ imageTag: '1' });
  const refused = await bench.deploy({ ...GUARDED, imageTag: '2' });
  expect(refused).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE', instanceEvents: [] });
  expect(refused.reasons[0]).toContain(`APPLYING: InvalidParameterException: Alarms of the type ${type} aren't supported: guard`);
  expect(await bench.runningImageTags()).toEqual(['1']);
});
