import { Duration } from 'aws-cdk-lib';
import { DeploymentBench } from './deployment';

/** What an undisturbed life leaves unused, and when it is needed. */
const onlyDisturbed = {
  'ecs:ListDaemonDeployments': 'an update that was cut off',
  'cloudformation:DescribeStackEvents': 'of the dispatcher: an execution that ended without an answer while the stack rolls back',
  'lambda:GetDurableExecution': 'of the dispatcher: an execution that ended without an answer, a request delivered again after its end',
  'lambda:GetDurableExecutionHistory': 'an execution that ended without an answer, or after one that was not its end',
  'lambda:GetDurableExecutionState': 'a history of more than one page',
  'lambda:StopDurableExecution': 'a request that supersedes another',
  'logs:CreateLogGroup': "a part of AWS's managed policy",
};

describe('the permissions of the provider, over the life of a daemon with gates', () => {
  const gates = { drainPercent: 10, timeout: Duration.hours(2) };
  let bench: DeploymentBench;
  beforeAll(async () => {
    bench = await DeploymentBench.start();
    await bench.sandbox.call('monitoring', 'PutMetricAlarm', {
      AlarmName: 'errors', Namespace: 'Agents', MetricName: 'Errors', Statistic: 'Sum', ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 1, EvaluationPeriods: 1, Period: 60,
    });
    await bench.deploy({ imageTag: '1', daemon: { ...gates, tags: { team: 'agents', stage: 'test' } } });
    await bench.deploy({ imageTag: '2', daemon: { ...gates, tags: { team: 'platform' } }, alarmNames: ['errors'] });
    await bench.destroy();
  });
  afterAll(() => bench.close());

  test('are all used, except for those that only failures need', () => {
    expect([...new Set(bench.sandbox.iam.unusedGrants().map(({ action }) => action))].sort()).toEqual(Object.keys(onlyDisturbed).sort());
  });

  test('are sufficient', () => {
    expect(bench.sandbox.requests.filter(({ error }) => error?.startsWith('AccessDenied'))).toEqual([]);
  });
});
