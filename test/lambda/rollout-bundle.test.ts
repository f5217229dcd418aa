import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import type { DurableLambdaHandler } from '@aws/durable-execution-sdk-js';
import type { Report } from '../../lambda/report';
import type { CloudFormationRequest } from '../../lambda/request';
import { FakeAwsServer, type Reply } from './fake-aws-server';
import { createRequest, DAEMON_ARN, deleteRequest, OWNER_TAGS, properties, taskDefinition, updateRequest } from './requests';

/**
 * The bundle that ships, under AWS's own runner: a second opinion on the wiring, for requests that need no waiting. Its skipping
 * of time stops the SDK's sockets, and counts time wrong (EN12); time is for other tests.
 */
const bundle = join(__dirname, '../../lambda/dist/rollout/index.js');

const tags = { tags: Object.entries(OWNER_TAGS).map(([key, value]) => ({ key, value })) };
const daemon = { daemon: { daemonArn: DAEMON_ARN, status: 'ACTIVE', deploymentArn: 'deployment-1',
  currentRevisions: [{ arn: 'revision-1', totalRunningCount: 3, totalWithoutDaemonCount: 0, capacityProviders: properties().CapacityProviderArns.map((arn) => ({ arn })) }] } };
const deployments = { daemonDeployments: [{ daemonDeploymentArn: 'deployment-1', status: 'SUCCESSFUL',
  createdAt: 0, finishedAt: 300,
  targetDaemonRevision: { arn: 'revision-1', totalRunningInstanceCount: 3, totalWithoutDaemonInstanceCount: 0, totalDrainingInstanceCount: 0 } }] };
const revisions = { daemonRevisions: [{ daemonRevisionArn: 'revision-1', daemonTaskDefinitionArn: properties().DaemonTaskDefinitionArn,
  propagateTags: 'NONE', enableECSManagedTags: true, enableExecuteCommand: false, critical: true }] };

const atRest: Record<string, Reply> = {
  DescribeStacks: { error: 'ValidationError' }, // a stack that nobody knows is not rolling back
  DescribeDaemon: daemon,
  DescribeDaemonDeployments: deployments,
  DescribeDaemonRevisions: revisions,
  ListTagsForResource: tags,
};
/** What there is before a create. */
const nothingYet: Readonly<Record<string, object>> = {
  DescribeDaemon: { error: 'DaemonNotFoundException' },
  DescribeCapacityProviders: {
    capacityProviders: properties().CapacityProviderArns.map((capacityProviderArn) => ({ capacityProviderArn, status: 'ACTIVE', type: 'MANAGED_INSTANCES' })),
  },
  ListDaemons: { daemonSummariesList: [] },
  DescribeStacks: { error: 'ValidationError' },
  DescribeStackEvents: {},
  DescribeDaemonTaskDefinition: { daemonTaskDefinition: { status: 'ACTIVE' } },
};
const refused = { error: 'AccessDenied' };

let server: FakeAwsServer;
let handler: DurableLambdaHandler;

beforeAll(async () => {
  if (!existsSync(bundle)) throw new Error('lambda/dist is missing: run npm run build:lambda first');
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await LocalDurableTestRunner.setupTestEnvironment();
});

afterAll(async () => {
  await LocalDurableTestRunner.teardownTestEnvironment();
  jest.restoreAllMocks();
});

afterEach(() => server.close());

async function run(request: CloudFormationRequest, reply: (operation: string, count: number) => Reply) {
  server = new FakeAwsServer(reply);
  const endpoint = await server.listen();
  Object.assign(process.env, { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' });
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- each run needs clients of its own endpoint
    ({ handler } = require(bundle) as { handler: DurableLambdaHandler });
  });
  const runner = new LocalDurableTestRunner<Report>({ handlerFunction: handler });
  const result = await runner.run({ payload: { ...request, ResponseURL: `${endpoint}/answer` } });
  const names = result.getOperations().map((operation) => operation.getName());
  return { result, names };
}

test('an update without changes has the steps start, watch and answer', async () => {
  const { result, names } = await run(updateRequest({}, { DrainPercent: 50 }), (operation) => atRest[operation] ?? refused);
  expect(names).toEqual(['start', 'stack', 'watch', 'answer']);
  expect(result.getStatus()).toBe('SUCCEEDED');
  expect(server.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: DAEMON_ARN, contentType: '' })]);
  const { Status, Reason, PhysicalResourceId, Data } = server.answers[0]!;
  expect(result.getResult()).toMatchObject({ outcome: 'UNCHANGED', answer: { Status, Reason, PhysicalResourceId, Data } });
});

test('a change of tags has a step for its write', async () => {
  const { names } = await run(updateRequest({}, { Tags: [{ key: 'team', value: 'b' }] }), (operation) => ({ ...atRest, TagResource: {} })[operation] ?? refused);
  expect(names).toEqual(['start', 'stack', 'watch', 'tag-daemon', 'watch', 'answer']);
  expect(server.operations.filter((operation) => operation === 'TagResource')).toHaveLength(1);
  expect(server.answers).toMatchObject([{ Status: 'SUCCESS', Data: { Outcome: 'UNCHANGED' } }]);
});

test('a write that AWS rejects is answered with the message of AWS', async () => {
  const { names } = await run(createRequest(), (operation) => ({ ...nothingYet, CreateDaemon: { error: 'InvalidParameterException' } })[operation] ?? refused);
  expect(names).toEqual(['start', 'stack', 'watch', 'create-daemon', 'watch', 'answer']);
  expect(server.answers).toMatchObject([{ Status: 'FAILED', Reason: 'APPLYING: InvalidParameterException: InvalidParameterException by the fake' }]);
});

test('an update of a daemon of another owner fails', async () => {
  const foreign = { tags: [{ key: 'owner', value: 'somebody' }] };
  const reply = (operation: string) => ({ ...atRest, ListTagsForResource: foreign })[operation] ?? refused;
  const { names } = await run(updateRequest({}, taskDefinition(2)), reply);
  expect(names).toEqual(['start', 'stack', 'watch', 'answer']);
  expect(server.answers).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: DAEMON_ARN }]);
});

test('properties that cannot be read are answered at once', async () => {
  const { names } = await run({ ...createRequest(), ResourceProperties: { ClusterArn: 'fleet', DaemonName: 'agent' } }, (operation) => atRest[operation] ?? refused);
  expect(names).toEqual(['start', 'stack', 'answer']);
  expect(server.answers).toMatchObject([{ Status: 'FAILED', Reason: 'PREFLIGHT: ClusterArn "fleet" is not the ARN of an ECS cluster' }]);
  expect(server.operations).toEqual(['DescribeStacks']);
});

test('a Delete with properties that cannot be read succeeds, since nothing was created', async () => {
  await run({ ...deleteRequest('made-up'), ResourceProperties: {} }, (operation) => atRest[operation] ?? refused);
  expect(server.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'made-up' }]);
});

describe('requests by the type of their resource:', () => {
  test('a verification only reads', async () => {
    const verification = { ...createRequest(), ResourceType: 'Custom::ECSManagedDaemonVerification' };
    const { names } = await run(verification, () => ({ error: 'InvalidParameterException' }));
    expect(names).toEqual(['start', 'stack', 'watch', 'answer']);
    expect(server.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringMatching(/^VERIFYING: InvalidParameterException/), PhysicalResourceId: DAEMON_ARN }]);
    expect(server.operations).toEqual(['DescribeStacks', 'DescribeDaemon']);
  });

  test('a Delete of a verification succeeds without a call of ECS', async () => {
    const { names } = await run({ ...deleteRequest(), ResourceType: 'Custom::ECSManagedDaemonVerification' }, () => refused);
    expect(names).toEqual(['start', 'stack', 'watch', 'answer']);
    expect(server.answers).toMatchObject([{ Status: 'SUCCESS', Reason: 'UNCHANGED: a verification leaves nothing behind' }]);
    expect(server.operations).toEqual(['DescribeStacks']);
  });

  const unknown = 'this version of the Lambda knows no resources of the type Custom::Newer, only Custom::ECSManagedDaemon, Custom::ECSManagedDaemonVerification, Custom::ECSManagedDaemonGate, Custom::ECSManagedDaemonDeletionGate';

  test('an unknown type fails', async () => {
    await run({ ...createRequest(), ResourceType: 'Custom::Newer' }, () => refused);
    expect(server.answers).toMatchObject([{ Status: 'FAILED', Reason: `PREFLIGHT: ${unknown}` }]);
    expect(server.operations).toEqual(['DescribeStacks']);
  });

  test('a Delete of an unknown type, as after a downgrade, succeeds', async () => {
    await run({ ...deleteRequest('new'), ResourceType: 'Custom::Newer' }, () => refused);
    expect(server.answers).toMatchObject([{ Status: 'SUCCESS', Reason: `UNCHANGED: nothing was ever made: ${unknown}`, PhysicalResourceId: 'new' }]);
  });
});
