import type { ObservedDeployment } from '../../lambda/rollout/observation';
import { causeOf } from '../../lambda/rollout/facts/alarm-watch';

const ended = (changes: Partial<ObservedDeployment>): ObservedDeployment => ({
  arn: 'deployment', status: 'ROLLBACK_SUCCESSFUL', statusReason: '', createdAt: 0, sources: [], failureCount: 0, failureThreshold: 3,
  circuitBreakerStatus: 'MONITORING', alarmsStatus: 'MONITORING', triggeredAlarmNames: [], rollbackReason: '', rollbackTargetArn: '',
  rollbackCapacityProviderArns: [], configuration: { drainPercent: 25, bakeTimeInMinutes: 0, alarmNames: [] }, ...changes,
});

const alarm = { name: 'errors', reason: 'Threshold Crossed', since: 0 };
const fired = 'alarm errors went into ALARM ("Threshold Crossed")';
const starts = (count: string): string => `the daemon failed to start ${count} (the limit is 3)`;

test.each<[string, Parameters<typeof causeOf>[0], Partial<ObservedDeployment>, string]>([
  ['the alarm that ECS names, with the reason that we have seen', { alarm }, { triggeredAlarmNames: ['errors'] }, fired],
  ['the alarm that ECS names, if we have seen another one', { alarm }, { triggeredAlarmNames: ['latency'] }, 'alarm latency went into ALARM'],
  ['the alarm that ECS names, if we have seen none', {}, { triggeredAlarmNames: ['latency'] }, 'alarm latency went into ALARM'],
  ['the alarm that ECS names, though starts have failed too', { alarm }, { triggeredAlarmNames: ['errors'], circuitBreakerStatus: 'TRIGGERED', failureCount: 3 }, fired],
  ['the alarm that we have seen, if ECS names nothing', { alarm }, {}, fired],
  ['the alarm that we have seen, though some starts have failed', { alarm }, { failureCount: 1 }, fired],
  ['failed starts, if they have tripped the circuit breaker', { alarm }, { circuitBreakerStatus: 'TRIGGERED', failureCount: 3 }, starts('3 times')],
  ['failed starts that have tripped it, though ECS counts none', {}, { circuitBreakerStatus: 'TRIGGERED' }, starts('0 times')],
  ['failed starts, with what ECS tells of them', {}, { failureCount: 1, statusReason: 'no such image' }, `${starts('1 time')}, "no such image"`],
  ['what ECS tells of the rollback and of the deployment', {}, { rollbackReason: 'unhealthy', statusReason: 'stopped' }, '"unhealthy", "stopped"'],
  ['what ECS tells twice, told once', {}, { rollbackReason: 'stopped', statusReason: 'stopped' }, '"stopped"'],
  ['an alarm, and why the rollback has failed', { alarm }, { status: 'ROLLBACK_FAILED', statusReason: 'no capacity' }, `${fired}, and "no capacity"`],
  ['an alarm alone, if the rollback has not failed', { alarm }, { statusReason: 'rolled back' }, fired],
  ['an alarm alone, if the rollback has failed for no reason', { alarm }, { status: 'ROLLBACK_FAILED' }, fired],
  ['nothing, if ECS names nothing', {}, {}, 'ECS names no reason'],
])('the cause of a failure is %s', (_what, followed, deployment, cause) => {
  expect(causeOf(followed, ended(deployment))).toBe(cause);
});

test('a cause stays short, however long the text of AWS is', () => {
  const long = 'x'.repeat(500);
  expect(causeOf({ alarm: { ...alarm, reason: long } }, ended({}))).toBe(`alarm errors went into ALARM ("${'x'.repeat(300)}")`);
  expect(causeOf({}, ended({ statusReason: long }))).toBe(`"${'x'.repeat(300)}"`);
});
