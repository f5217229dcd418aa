import { DurableExecutionApiClient } from '@aws/durable-execution-sdk-js';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { mayPass, repliedAt } from '../../lambda/dispatcher/settling';
import { sdkExecutions } from '../../lambda/dispatcher/executions';
import type { NewDaemon } from '../../lambda/rollout/aws/daemon-api';
import { faultOf } from '../../lambda/rollout/aws/fault';
import { sdkDaemonApi } from '../../lambda/rollout/aws/sdk-daemon-api';
import { sdkStackApi } from '../../lambda/rollout/aws/sdk-stack-api';
import { isRollingBack } from '../../lambda/rollout/observe/stack';
import { tolerant } from '../../lambda/rollout/aws/tolerant-client';
import { FakeAwsServer, type BrokenReply, type Reply } from './fake-aws-server';
import { updateRequest } from './requests';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:daemon/fleet/agent';
const ALIAS = 'arn:aws:lambda:us-east-1:123456789012:function:rollout:live';
const settings: NewDaemon = {
  clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/fleet', daemonName: 'agent', tags: {}, clientToken: 'token',
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/agent:1', capacityProviderArns: [], drainPercent: 25,
  bakeTimeInMinutes: 0, alarmNames: [], propagateTags: 'NONE', enableECSManagedTags: false, enableExecuteCommand: false, critical: true,
};

/** In the protocols of all clients, at once and for good. */
const BROKEN: readonly BrokenReply[] = [200, 400, 403, 404, 500].flatMap((status) =>
  (['cut off', 'garbled'] as const).map((broken): BrokenReply => ({ broken, status })));

let server: FakeAwsServer | undefined;

async function clients(reply: Reply) {
  server = new FakeAwsServer(() => reply);
  const config = { endpoint: await server.listen(), region: 'us-east-1', credentials: { accessKeyId: 'id', secretAccessKey: 'secret' }, maxAttempts: 1 };
  const ecs = new ECSClient(config);
  const lambda = new LambdaClient(config);
  return {
    daemons: sdkDaemonApi({ reader: ecs, writer: ecs, cloudWatch: new CloudWatchClient(config) }),
    stacks: sdkStackApi(new CloudFormationClient(config)),
    executions: sdkExecutions(ALIAS, lambda),
    lambda,
  };
}

afterEach(() => server?.close());

describe.each(BROKEN)('a $broken reply with the status $status', (reply) => {
  test('leaves it unknown whether a write to ECS took effect', async () => {
    const { daemons } = await clients(reply);
    for (const write of [
      () => daemons.createDaemon(settings), () => daemons.updateDaemon(ARN, settings), () => daemons.deleteDaemon(ARN),
      () => daemons.tag(ARN, { team: 'a' }), () => daemons.untag(ARN, ['team']),
    ]) await expect(write()).rejects.toMatchObject({ fault: { kind: 'transient' } });
  });

  test('does not count as a reply to a read of ECS or CloudWatch', async () => {
    const { daemons } = await clients(reply);
    for (const read of [
      () => daemons.describeDaemon(ARN), () => daemons.listTags(ARN), () => daemons.describeAlarms(['errors']),
      () => daemons.taskDefinitionStatus(settings.taskDefinitionArn),
    ]) await expect(read()).rejects.toMatchObject({ fault: { kind: 'transient' } });
  });

  test('does not mean that the stack is not rolling back', async () => {
    const { stacks } = await clients(reply);
    await expect(stacks.describe(updateRequest({}, {}).StackId)).rejects.toThrow();
    await expect(isRollingBack(stacks, updateRequest({}, {}), 'UPDATE_ROLLBACK_IN_PROGRESS')).rejects.toThrow();
  });

  test('to the list of executions leaves a young request to its next delivery', async () => {
    const { executions } = await clients(reply);
    server!.date = new Date('2026-11-22T12:01:00Z');
    const error: unknown = await executions.newest().catch((thrown: unknown) => thrown);
    expect(faultOf(error).kind).toBe('transient');
    const request = { ...updateRequest({}, {}), ResponseURL: 'https://bucket/answer?X-Amz-Date=20261122T120000Z' };
    expect(mayPass(error, request, server!.date.getTime())).toBe(true);
  });
});

test.each([200, 403])('the error of a reply with the status %d has the moment of its Date header', async (status) => {
  const { executions } = await clients({ broken: 'garbled', status });
  server!.date = new Date('2026-11-22T12:01:00Z');
  const error: unknown = await executions.newest().catch((thrown: unknown) => thrown);
  expect(repliedAt(error)).toBe(Date.parse('2026-11-22T12:01:00Z'));
});

test.each([[undefined], [new Error('the connection was lost')]])('the error %p, which no reply has caused, has no moment', (error) => {
  expect(repliedAt(error)).toBeUndefined();
});

describe('the durable engine', () => {
  const update = { DurableExecutionArn: 'arn', CheckpointToken: 'token', Updates: [] };

  test.each(BROKEN.filter(({ status }) => status >= 400 && status < 500))(
    'repeats the invocation after a $broken reply with the status $status to a checkpoint', async (reply) => {
      const { lambda } = await clients(reply);
      await expect(tolerant(new DurableExecutionApiClient(lambda)).checkpoint(update)).rejects.toMatchObject({ scope: 'INVOCATION' });
    },
  );

  test('ends the execution if Lambda refuses a checkpoint', async () => {
    const refusal = Object.assign(new Error('no such execution'), { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
    const refusing = { getExecutionState: jest.fn(), checkpoint: () => Promise.reject(refusal) };
    await expect(tolerant(refusing).checkpoint(update)).rejects.toBe(refusal);
  });
});
