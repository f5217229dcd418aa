import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeCapacityProvidersCommand, DescribeDaemonCommand, DescribeDaemonDeploymentsCommand, DescribeDaemonRevisionsCommand,
  DescribeDaemonTaskDefinitionCommand, ECSClient, ListDaemonDeploymentsCommand, ListDaemonsCommand, ListTagsForResourceCommand,
} from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import { judgeAlarms } from '../../lambda/rollout/guards/alarms';
import { sdkDaemonApi } from '../../lambda/rollout/aws/sdk-daemon-api';
import { sdkStackApi } from '../../lambda/rollout/aws/sdk-stack-api';
import { withMonitoring } from '../../lambda/rollout/facts/alarm-watch';
import type { Rollout } from '../../lambda/rollout/rollout';
import { desiredFleet, differences, isSameFleet, isUnreported } from '../../lambda/rollout/facts/fleet-settings';
import type { State, StateIn } from '../../lambda/rollout/state';
import { judgeTargets } from '../../lambda/rollout/guards/targets';
import { properties } from './requests';

const ecs = mockClient(ECSClient);
const cloudWatch = mockClient(CloudWatchClient);
const cloudFormation = mockClient(CloudFormationClient);

beforeEach(() => [ecs, cloudWatch, cloudFormation].forEach((client) => client.reset()));

const unreadable = { fault: { kind: 'transient' } };

describe('a reply without a field that a decision needs is read again:', () => {
  test('a daemon that is not described at all', async () => {
    ecs.on(DescribeDaemonCommand).resolves({});
    await expect(sdkDaemonApi().describeDaemon('arn')).rejects.toMatchObject(unreadable);
  });

  test('counts of instances', async () => {
    ecs.on(DescribeDaemonCommand).resolves({ daemon: { deploymentArn: 'd', currentRevisions: [{ arn: 'r', totalRunningCount: 3 }] } });
    await expect(sdkDaemonApi().describeDaemon('arn')).rejects.toMatchObject({
      fault: { kind: 'transient', message: 'the reply of AWS does not contain totalWithoutDaemonCount' },
    });
  });

  test('an occasionally missing field is read again at once, and costs one more call', async () => {
    ecs.on(ListTagsForResourceCommand).resolvesOnce({}).resolves({ tags: [{ key: 'team', value: 'a' }] });
    await expect(sdkDaemonApi().listTags('arn')).resolves.toEqual({ team: 'a' });
    expect(ecs.calls()).toHaveLength(2);
  });

  test('an ARN that is neither found nor MISSING', async () => {
    ecs.on(DescribeDaemonDeploymentsCommand).resolves({ daemonDeployments: [] });
    await expect(sdkDaemonApi().describeDeployments(['d'])).rejects.toMatchObject(unreadable);
    ecs.on(DescribeDaemonDeploymentsCommand).resolves({ failures: [{ arn: 'd', reason: 'MISSING' }] });
    await expect(sdkDaemonApi().describeDeployments(['d'])).resolves.toEqual([]);
    ecs.on(DescribeCapacityProvidersCommand).resolves({});
    await expect(sdkDaemonApi().describeCapacityProviders('fleet', ['p'])).rejects.toMatchObject(unreadable);
  });

  test('the tags, by which the owner is known', async () => {
    ecs.on(ListTagsForResourceCommand).resolves({});
    await expect(sdkDaemonApi().listTags('arn')).rejects.toMatchObject(unreadable);
  });

  test('the status of a task definition, and the state of an alarm', async () => {
    ecs.on(DescribeDaemonTaskDefinitionCommand).resolves({ daemonTaskDefinition: {} });
    await expect(sdkDaemonApi().taskDefinitionStatus('arn')).rejects.toMatchObject(unreadable);
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: 'errors' }] });
    await expect(sdkDaemonApi().describeAlarms(['errors'])).rejects.toMatchObject(unreadable);
  });

  test('the status of the stack', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({});
    await expect(sdkStackApi().describe('stack')).rejects.toThrow('the reply of AWS does not contain StackStatus');
  });
});

test('the latest deployment of a daemon that names none is the newest of the list', async () => {
  ecs.on(DescribeDaemonCommand).resolves({ daemon: { currentRevisions: [] } });
  ecs.on(ListDaemonDeploymentsCommand).resolves({
    daemonDeployments: [{ daemonDeploymentArn: 'old', createdAt: new Date(1) }, { daemonDeploymentArn: 'new', createdAt: new Date(2) }],
  });
  await expect(sdkDaemonApi().describeDaemon('arn')).resolves.toMatchObject({ latestArn: 'new' });
});

test('a daemon without the time of its last update counts as one that was updated lately', async () => {
  ecs.on(ListDaemonsCommand).resolves({ daemonSummariesList: [{ daemonArn: 'arn' }] });
  await expect(sdkDaemonApi().listDaemons('fleet')).resolves.toEqual([{ arn: 'arn', updatedAt: Number.POSITIVE_INFINITY }]);
});

describe('a setting that a revision does not contain', () => {
  const untold = { ...desiredFleet(properties({ Critical: false })), critical: undefined };

  test('is unknown, and does not count as its default', async () => {
    ecs.on(DescribeDaemonRevisionsCommand).resolves({ daemonRevisions: [{ daemonRevisionArn: 'r', daemonTaskDefinitionArn: 't' }] });
    expect((await sdkDaemonApi().describeRevisions(['r'])).r).toEqual({ taskDefinitionArn: 't' });
  });

  test.each([true, false])('is no difference from critical: %s', (Critical) => {
    expect(differences(untold, desiredFleet(properties({ Critical })))).toEqual([]);
    expect(isSameFleet(untold, desiredFleet(properties({ Critical })))).toBe(true);
  });

  test('leaves it unknown whether a change of only that setting is in effect', () => {
    const [before, after] = [true, false].map((Critical) => desiredFleet(properties({ Critical })));
    expect(isUnreported(untold, before!, after!)).toBe(true);
    expect(isUnreported(untold, { ...before!, taskDefinitionArn: 'another' }, after!)).toBe(false);
    expect(isUnreported(untold, after!, after!)).toBe(false);
  });
});

describe('an unknown status', () => {
  const rollout = { desired: properties({ AlarmNames: ['errors'], PreflightAlarmWithoutData: 'FAIL' }), startedAt: 0, deadline: 55 * 60_000 } as Rollout;
  const targets = (status: string, taskDefinitionStatus: string, type = 'MANAGED_INSTANCES') => ({
    capacityProviders: rollout.desired.CapacityProviderArns.map((arn) => ({ arn, status, type })), taskDefinitionStatus,
  });

  test.each([['WARMING', 'ACTIVE'], ['ACTIVE', 'VALIDATING'], ['UNKNOWN', 'ACTIVE']])(
    'of a capacity provider (%s) or a task definition (%s) is waited for', (provider, taskDefinition) => {
      expect(judgeTargets(targets(provider, taskDefinition), 0, rollout)).toMatchObject({ kind: 'wait' });
    },
  );

  test.each([['INACTIVE', 'ACTIVE'], ['DEPROVISIONING', 'ACTIVE'], ['ACTIVE', 'DELETE_IN_PROGRESS']])(
    'is none of the documented last ones (%s, %s), which are refused', (provider, taskDefinition) => {
      expect(judgeTargets(targets(provider, taskDefinition), 0, rollout)).toMatchObject({ kind: 'refuse' });
    },
  );

  test('an unknown type of capacity provider is left to ECS to accept', () => {
    expect(judgeTargets(targets('ACTIVE', 'ACTIVE', 'MANAGED_INSTANCES_V2'), 0, rollout)).toBeUndefined();
  });

  test('of an alarm is waited for like an alarm without data, but never fails the update', () => {
    const alarms = [{ name: 'errors', state: 'MUTED', stateReason: '', evaluationSeconds: 0 }];
    expect(judgeAlarms({ sightings: {}, stage: { name: 'plan' } } as unknown as State, alarms, 0, { ...rollout, request: 'update' })).toMatchObject({ kind: 'wait' });
  });

  test.each(['', 'PAUSED'])('of the alarms of a deployment ("%s") does not mean that ECS ignores them', (alarmsStatus) => {
    const state = { logLines: [], stage: { name: 'watch', watched: { direction: 'forward' } } } as unknown as StateIn<'watch'>;
    expect(withMonitoring(state, { status: 'IN_PROGRESS', alarmsStatus } as never, 0, rollout)).toBe(state);
  });
});
