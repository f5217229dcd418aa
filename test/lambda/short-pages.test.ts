import { CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeCapacityProvidersCommand, ECSClient, ListDaemonDeploymentsCommand, ListDaemonsCommand } from '@aws-sdk/client-ecs';
import { GetDurableExecutionHistoryCommand, LambdaClient, ListDurableExecutionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { sdkExecutions } from '../../lambda/dispatcher/executions';
import { sdkDaemonApi } from '../../lambda/rollout/aws/sdk-daemon-api';
import { sdkStackApi } from '../../lambda/rollout/aws/sdk-stack-api';
import { isRollingBack, newestEvents } from '../../lambda/rollout/observe/stack';
import { updateRequest } from './requests';

const ecs = mockClient(ECSClient);
const cloudWatch = mockClient(CloudWatchClient);
const cloudFormation = mockClient(CloudFormationClient);
const lambda = mockClient(LambdaClient);
const STACK = updateRequest({}, {}).StackId;

/** One entry a page, whatever a client asks for. */
const onePage = <T>(entries: readonly T[], token: unknown): { entries: T[]; next?: string } => {
  const at = Number(token ?? 0);
  return { entries: entries.slice(at, at + 1), ...(at + 1 < entries.length && { next: String(at + 1) }) };
};

beforeEach(() => [ecs, cloudWatch, cloudFormation, lambda].forEach((client) => client.reset()));

describe('lists with pages of one entry', () => {
  test('contain all alarms', async () => {
    cloudWatch.on(DescribeAlarmsCommand).callsFake(({ AlarmNames, NextToken }) => {
      const { entries, next } = onePage<string>(AlarmNames, NextToken);
      return { MetricAlarms: entries.map((AlarmName) => ({ AlarmName, StateValue: 'OK' })), NextToken: next };
    });
    expect((await sdkDaemonApi().describeAlarms(['a1', 'a2', 'a3'])).map(({ name }) => name)).toEqual(['a1', 'a2', 'a3']);
  });

  test('contain all capacity providers', async () => {
    ecs.on(DescribeCapacityProvidersCommand).callsFake(({ capacityProviders, nextToken }) => {
      const { entries, next } = onePage<string>(capacityProviders, nextToken);
      return { capacityProviders: entries.map((capacityProviderArn) => ({ capacityProviderArn, status: 'ACTIVE' })), nextToken: next };
    });
    expect((await sdkDaemonApi().describeCapacityProviders('fleet', ['p1', 'p2'])).map(({ arn }) => arn)).toEqual(['p1', 'p2']);
  });

  test('contain all daemons and their deployments', async () => {
    const createdAt = new Date(0);
    ecs.on(ListDaemonsCommand).callsFake(({ nextToken }) => {
      const { entries, next } = onePage(['d1', 'd2', 'd3'], nextToken);
      return { daemonSummariesList: entries.map((daemonArn) => ({ daemonArn, createdAt })), nextToken: next };
    });
    ecs.on(ListDaemonDeploymentsCommand).callsFake(({ nextToken }) => {
      const { entries, next } = onePage(['one', 'two'], nextToken);
      return { daemonDeployments: entries.map((daemonDeploymentArn) => ({ daemonDeploymentArn, createdAt })), nextToken: next };
    });
    expect((await sdkDaemonApi().listDaemons('fleet')).map(({ arn }) => arn)).toEqual(['d1', 'd2', 'd3']);
    expect((await sdkDaemonApi().listDeployments('d1', 0)).map(({ arn }) => arn)).toEqual(['one', 'two']);
  });

  test('contain all executions, and the whole history of one', async () => {
    const names = ['new', 'newer', 'newest'].map((word) => word.padEnd(20, '0'));
    lambda.on(ListDurableExecutionsByFunctionCommand).callsFake(({ Marker }) => {
      const { entries, next } = onePage(names, Marker);
      return { DurableExecutions: entries.map((name) => ({ DurableExecutionArn: name, DurableExecutionName: name })), NextMarker: next };
    });
    lambda.on(GetDurableExecutionHistoryCommand).callsFake(({ Marker }) => {
      const { entries, next } = onePage(['watch', 'answer'], Marker);
      return { Events: entries.map((Name) => ({ EventType: 'StepSucceeded', Name })), NextMarker: next };
    });
    const executions = sdkExecutions('arn:aws:lambda:us-east-1:1:function:rollout:live', new LambdaClient({ region: 'us-east-1' }));
    expect((await executions.newest()).map(({ name }) => name)).toEqual(names);
    expect((await executions.alive()).map(({ name }) => name)).toEqual(names);
    expect(await executions.hasSucceeded('arn', 'answer')).toBe(true);
  });

  describe('events of a stack', () => {
    const issued = '2026-11-22T12:30:00Z';
    const request = { ...updateRequest({}, {}), ResponseURL: 'https://bucket/answer?X-Amz-Date=20261122T123000Z' };
    const stackEvent = (ResourceStatus: string, time: string) =>
      ({ EventId: time, PhysicalResourceId: STACK, ResourceStatus, Timestamp: new Date(time) });
    const events = [
      ...Array.from({ length: 40 }, (_, index) =>
        ({ EventId: `${index}`, PhysicalResourceId: 'x', ResourceStatus: 'UPDATE_IN_PROGRESS', Timestamp: new Date(issued) })),
      stackEvent('UPDATE_ROLLBACK_IN_PROGRESS', '2026-11-22T12:31:00Z'),
      stackEvent('UPDATE_IN_PROGRESS', '2026-11-22T12:00:00Z'),
    ];

    beforeEach(() => {
      cloudFormation.on(DescribeStackEventsCommand).callsFake(({ NextToken }) => {
        const { entries, next } = onePage(events, NextToken);
        return { StackEvents: entries, NextToken: next };
      });
    });

    test('are read back to the first event', async () => {
      const found: unknown[] = [];
      for await (const event of newestEvents(sdkStackApi(), STACK)) found.push(event);
      expect(found).toHaveLength(events.length);
    });

    test('show a rollback that began after the request, however many events have followed', async () => {
      await expect(isRollingBack(sdkStackApi(), request, 'UPDATE_ROLLBACK_IN_PROGRESS')).resolves.toBe(false);
    });
  });
});
