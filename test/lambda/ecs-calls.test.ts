import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateDaemonCommand, DeleteDaemonCommand, DescribeCapacityProvidersCommand, DescribeDaemonCommand, DescribeDaemonDeploymentsCommand,
  DescribeDaemonRevisionsCommand, DescribeDaemonTaskDefinitionCommand, ECSClient, ListDaemonsCommand, ListTagsForResourceCommand,
  TagResourceCommand, UntagResourceCommand, UpdateDaemonCommand,
} from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import type { CloudFormationRequest } from '../../lambda/request';
import type { DaemonSettings } from '../../lambda/rollout/observation';
import { ApiFault } from '../../lambda/rollout/aws/fault';
import type { RevisionCounts } from '../../lambda/rollout/observation';
import { sdkDaemonApi } from '../../lambda/rollout/aws/sdk-daemon-api';
import { FakeDaemonApi } from './fake-daemon-api';
import { withDaemon } from './fixtures';
import { createRequest, deleteRequest, OWNER_TAGS, taskDefinition, updateRequest } from './requests';
import { simulate } from './simulate';

const ecs = mockClient(ECSClient);
const cloudWatch = mockClient(CloudWatchClient);

/** Lets the mocked clients answer as the fake does, in the shapes of AWS. */
function answerFrom(fake: FakeDaemonApi): void {
  ecs.reset();
  cloudWatch.reset();
  ecs.on(DescribeDaemonCommand).callsFake(({ daemonArn }) => inAwsWords(async () => {
    const { status, latestArn, revisions } = await fake.describeDaemon(daemonArn);
    return { daemon: { status, deploymentArn: latestArn, currentRevisions: revisions.map((revision) => ({
      arn: revision.revisionArn,
      totalRunningCount: revision.running,
      totalWithoutDaemonCount: revision.withoutDaemon,
      capacityProviders: revision.capacityProviderArns.map((arn) => ({ arn })),
    })) } };
  }));
  ecs.on(DescribeDaemonDeploymentsCommand).callsFake(async ({ daemonDeploymentArns }) => ({
    failures: daemonDeploymentArns.map((arn: string) => ({ arn, reason: 'MISSING' })),
    daemonDeployments: (await fake.describeDeployments(daemonDeploymentArns)).map((deployment) => ({
      daemonDeploymentArn: deployment.arn,
      status: deployment.status,
      createdAt: new Date(deployment.createdAt),
      targetDaemonRevision: revisionDetail(deployment.target!),
      sourceDaemonRevisions: deployment.sources.map(revisionDetail),
      circuitBreaker: { failureCount: deployment.failureCount },
    })),
  }));
  ecs.on(DescribeDaemonRevisionsCommand).callsFake(async ({ daemonRevisionArns }) => ({
    daemonRevisions: Object.entries(await fake.describeRevisions(daemonRevisionArns)).map(([daemonRevisionArn, settings]) =>
      ({ ...settings, daemonRevisionArn, daemonTaskDefinitionArn: settings.taskDefinitionArn })),
  }));
  ecs.on(ListTagsForResourceCommand).callsFake(async ({ resourceArn }) => ({
    tags: Object.entries(await fake.listTags(resourceArn)).map(([key, value]) => ({ key, value })),
  }));
  ecs.on(DescribeCapacityProvidersCommand).callsFake(async ({ cluster, capacityProviders }) => ({
    capacityProviders: (await fake.describeCapacityProviders(cluster, capacityProviders)).map(({ arn, ...provider }) =>
      ({ capacityProviderArn: arn, ...provider })),
  }));
  ecs.on(DescribeDaemonTaskDefinitionCommand).callsFake(async ({ daemonTaskDefinition }) => ({
    daemonTaskDefinition: { status: await fake.taskDefinitionStatus(daemonTaskDefinition) },
  }));
  ecs.on(ListDaemonsCommand).callsFake(async ({ clusterArn, capacityProviderArns }) => ({
    daemonSummariesList: (await fake.listDaemons(clusterArn, capacityProviderArns)).map(({ arn, status, updatedAt }) =>
      ({ daemonArn: arn, status, updatedAt: new Date(updatedAt) })),
  }));
  ecs.on(CreateDaemonCommand).callsFake(async (input) => ({
    deploymentArn: await fake.createDaemon({ ...settingsIn(input), ...input, tags: tagsIn(input) }),
  }));
  ecs.on(UpdateDaemonCommand).callsFake(async (input) => ({ deploymentArn: await fake.updateDaemon(input.daemonArn, settingsIn(input)) }));
  ecs.on(DeleteDaemonCommand).callsFake(async ({ daemonArn }) => ({ deploymentArn: await fake.deleteDaemon(daemonArn) }));
  ecs.on(TagResourceCommand).callsFake((input) => fake.tag(input.resourceArn, tagsIn(input)));
  ecs.on(UntagResourceCommand).callsFake(({ resourceArn, tagKeys }) => fake.untag(resourceArn, tagKeys));
  cloudWatch.on(DescribeAlarmsCommand).callsFake(async ({ AlarmNames }) => ({
    MetricAlarms: (await fake.describeAlarms(AlarmNames)).map(({ name, state }) => ({ AlarmName: name, StateValue: state })),
  }));
}

async function inAwsWords<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { name, message } = (error as ApiFault).fault;
    throw Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
  }
}

const revisionDetail = ({ revisionArn, capacityProviderArns, running, withoutDaemon, draining }: RevisionCounts) => ({
  arn: revisionArn,
  totalRunningInstanceCount: running,
  totalWithoutDaemonInstanceCount: withoutDaemon,
  totalDrainingInstanceCount: draining,
  capacityProviders: capacityProviderArns.map((arn) => ({ arn })),
});

const tagsIn = ({ tags }: { tags: { key: string; value: string }[] }) => Object.fromEntries(tags.map(({ key, value }) => [key, value]));

const settingsIn = (input: UpdateDaemonCommand['input']): DaemonSettings => ({
  ...input as Required<typeof input>,
  taskDefinitionArn: input.daemonTaskDefinitionArn!,
  capacityProviderArns: input.capacityProviderArns!,
  drainPercent: input.deploymentConfiguration!.drainPercent!,
  bakeTimeInMinutes: input.deploymentConfiguration!.bakeTimeInMinutes!,
  alarmNames: input.deploymentConfiguration!.alarms!.alarmNames!,
});

/** The calls in order, each with its input; those that only repeat the one or the two before are left out. */
async function callsOf(fake: FakeDaemonApi, request: CloudFormationRequest): Promise<string[]> {
  answerFrom(fake);
  const run = await simulate(fake, request, { through: sdkDaemonApi() });
  expect(run.answer.Status).toBe('SUCCESS');
  const sent = [...ecs.calls(), ...cloudWatch.calls()].sort((a, b) => a.calledBefore(b) ? -1 : 1).map(({ firstArg }) =>
    `${(firstArg as object).constructor.name.replace('Command', '')} ${JSON.stringify(firstArg.input, null, 2)}`);
  return sent.reduce<string[]>((kept, call) => {
    const [first, second, third] = kept.slice(-3);
    return call === kept.at(-1) || (call === second && first === third) ? kept : [...kept, call];
  }, []);
}

const alarms = { AlarmNames: ['cpu-high'] };

test('a create sends these calls', async () => {
  const fake = new FakeDaemonApi();
  fake.addAlarm('cpu-high');
  expect((await callsOf(fake, createRequest({ ...alarms, Tags: [{ key: 'team', value: 'a' }] }))).join('\n')).toMatchSnapshot();
});

test('an update sends these calls', async () => {
  const fake = withDaemon();
  fake.addAlarm('cpu-high');
  const change = { ...alarms, ...taskDefinition(2), BakeTimeInMinutes: 1, Critical: false, PropagateTags: 'DAEMON' } as const;
  expect((await callsOf(fake, updateRequest({}, change))).join('\n')).toMatchSnapshot();
});

test('an update without alarms disables them (A14)', async () => {
  const calls = await callsOf(withDaemon(), updateRequest({}, taskDefinition(2)));
  expect(calls.find((call) => call.startsWith('UpdateDaemon'))).toMatch(/"alarmNames": \[\],\s+"enable": false/);
});

test('an update without changes sends these calls', async () => {
  expect((await callsOf(withDaemon(), updateRequest({}, { DrainPercent: 50 }))).join('\n')).toMatchSnapshot();
});

test('a change of tags sends these calls', async () => {
  const tags = (value: string, ...keys: string[]) => ({ Tags: ['team', ...keys].map((key) => ({ key, value })) });
  const fake = withDaemon({}, { ...OWNER_TAGS, team: 'a', old: 'a' });
  expect((await callsOf(fake, updateRequest(tags('a', 'old'), tags('b')))).join('\n')).toMatchSnapshot();
});

test('a delete sends these calls', async () => {
  expect((await callsOf(withDaemon(), deleteRequest())).join('\n')).toMatchSnapshot();
});

test('alarms of all kinds are requested, and each returns its evaluation time (A13)', async () => {
  const log = (AlarmName: string, ScheduleExpression: string, QueryResultsToEvaluate: number) => ({
    AlarmName, StateValue: 'OK' as const, QueryResultsToEvaluate,
    ScheduledQueryConfiguration: {
      QueryString: '', ScheduledQueryRoleARN: '', AggregationExpression: '', ScheduleConfiguration: { ScheduleExpression, StartTimeOffset: 60 },
    },
  });
  cloudWatch.reset();
  cloudWatch.on(DescribeAlarmsCommand).resolves({
    MetricAlarms: [
      { AlarmName: 'metric', StateValue: 'ALARM', StateReason: 'Threshold Crossed', Period: 60, EvaluationPeriods: 3 },
      { AlarmName: 'math', StateValue: 'INSUFFICIENT_DATA', EvaluationPeriods: 2, Metrics: [{ Id: 'a', MetricStat: { Metric: {}, Stat: 'Sum', Period: 300 } }, { Id: 'b', Period: 10 }] },
    ],
    CompositeAlarms: [{ AlarmName: 'composite', StateValue: 'OK' }],
    LogAlarms: [log('minutes', 'rate(5 minutes)', 3), log('hour', 'rate(1 hour)', 2), log('day', 'rate(1 day)', 1), log('clock', 'cron(0 8 * * ? *)', 2)],
  });
  expect(await sdkDaemonApi().describeAlarms(['metric'])).toEqual([
    { name: 'metric', state: 'ALARM', stateReason: 'Threshold Crossed', evaluationSeconds: 180 },
    { name: 'math', state: 'INSUFFICIENT_DATA', stateReason: '', evaluationSeconds: 600 },
    { name: 'composite', state: 'OK', stateReason: '', evaluationSeconds: 0 },
    { name: 'minutes', state: 'OK', stateReason: '', evaluationSeconds: 900 },
    { name: 'hour', state: 'OK', stateReason: '', evaluationSeconds: 7200 },
    { name: 'day', state: 'OK', stateReason: '', evaluationSeconds: 86_400 },
    { name: 'clock', state: 'OK', stateReason: '', evaluationSeconds: 0 },
  ]);
  expect(cloudWatch.commandCalls(DescribeAlarmsCommand)[0]!.args[0].input)
    .toEqual({ AlarmNames: ['metric'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'], MaxRecords: 100 });
});

test('a write is sent once, without retries by the SDK (R7)', async () => {
  const fake = withDaemon();
  answerFrom(fake);
  ecs.on(UpdateDaemonCommand).rejectsOnce(Object.assign(new Error('oops'), { name: 'ServerException', $metadata: { httpStatusCode: 500 } }));
  await expect(sdkDaemonApi().updateDaemon('arn', { ...settingsOf(fake) })).rejects.toMatchObject({ fault: { kind: 'transient' } });
  expect(ecs.commandCalls(UpdateDaemonCommand)).toHaveLength(1);
});

const settingsOf = (fake: FakeDaemonApi): DaemonSettings => [...fake.daemons.values()][0]![0]!.deployments[0]!.settings;
