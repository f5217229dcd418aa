import { AwsError } from '../../../sandbox/core/aws-error';
import type { Input } from '../../../sandbox/core/aws-service';
import { FakeWorld } from './fake-world';

let world: FakeWorld;
let revisions: Input[];

beforeEach(async () => {
  world = new FakeWorld();
  revisions = [{ arn: 'revision:1' }];
  Object.assign(world.answers, {
    CreateDaemon: () => ({ daemonArn: 'arn:daemon' }),
    DescribeDaemon: () => ({ daemon: { status: 'ACTIVE', currentRevisions: revisions } }),
    DescribeDaemonRevisions: ({ daemonRevisionArns: [arn] }: Input) => ({ daemonRevisions: [{ daemonTaskDefinitionArn: String(arn).replace('revision', 'agent') }] }),
  });
  await world.create({ Resources: {
    Daemon: { Type: 'AWS::ECS::Daemon', Properties: { ClusterArn: 'c', DaemonName: 'agent', DaemonTaskDefinitionArn: 'agent:1', CapacityProviderArns: ['p'] } },
    Topic: { Type: 'AWS::SNS::Topic' },
  } });
});

async function drift(StackName = 'Test'): Promise<Input> {
  const { StackDriftDetectionId: id } = await world.call('DetectStackDrift', { StackName });
  const { StackDriftStatus: stack } = await world.call('DescribeStackDriftDetectionStatus', { StackDriftDetectionId: id });
  const { StackResourceDrifts: drifts } = await world.call('DescribeStackResourceDrifts', { StackName });
  return { stack, resources: drifts.map(({ LogicalResourceId, StackResourceDriftStatus, PropertyDifferences }: Input) => (
    [LogicalResourceId, StackResourceDriftStatus, ...PropertyDifferences.map(({ PropertyPath, ExpectedValue, ActualValue }: Input) => (
      `${PropertyPath} ${ExpectedValue} ${ActualValue}`
    ))]
  )) };
}

test('a daemon as the template has it is in sync, and a topic is not checked', async () => {
  expect(await drift()).toEqual({ stack: 'IN_SYNC', resources: [['Daemon', 'IN_SYNC']] });
});

test('a daemon with another task definition has drifted', async () => {
  revisions = [{ arn: 'revision:2' }];
  expect(await drift()).toEqual({ stack: 'DRIFTED', resources: [['Daemon', 'MODIFIED', '/DaemonTaskDefinitionArn agent:1 agent:2']] });
});

test('a daemon with a deployment under way has not drifted', async () => {
  revisions = [{ arn: 'revision:2' }, { arn: 'revision:1' }];
  expect(await drift()).toEqual({ stack: 'IN_SYNC', resources: [['Daemon', 'IN_SYNC']] });
});

test('a property that the template omits has not drifted, whatever its default is', async () => {
  Object.assign(world.answers, {
    CreateFunction: () => ({ FunctionName: 'function', FunctionArn: 'arn:function' }),
    GetFunctionConfiguration: () => ({ State: 'Active', Handler: 'index.handler', Runtime: 'nodejs22.x', Timeout: 3, MemorySize: 128 }),
  });
  const Properties = { FunctionName: 'function', Role: 'role', Code: { ZipFile: '' }, Runtime: 'nodejs20.x', Handler: 'index.handler' };
  await world.create({ Resources: { Function: { Type: 'AWS::Lambda::Function', Properties } } }, { StackName: 'Functions' });
  expect(await drift('Functions')).toEqual({
    stack: 'DRIFTED', resources: [['Function', 'MODIFIED', '/Runtime nodejs20.x nodejs22.x']],
  });
});

test('a daemon that is gone has been deleted', async () => {
  world.answers.DescribeDaemon = () => {
    throw new AwsError('DaemonNotFoundException', '');
  };
  expect(await drift()).toEqual({ stack: 'DRIFTED', resources: [['Daemon', 'DELETED']] });
});

test('detections that do not exist and stacks without one have no drifts', async () => {
  expect(await world.call('DescribeStackResourceDrifts', { StackName: 'Test' })).toEqual({ StackResourceDrifts: [] });
  await expect(world.call('DescribeStackDriftDetectionStatus', { StackDriftDetectionId: 'none' })).rejects.toThrow(/does not exist/);
});
