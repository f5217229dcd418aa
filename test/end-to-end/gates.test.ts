import { aws_ecs as ecs, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import type { ManagedDaemon } from 'cdk-ecs-managed-daemons';
import type { InstanceEvent, SandboxOptions } from '../../sandbox';
import { clusterArn, daemonArn, FLEET, STACK, type AgentSettings } from '../../simulation/app/agent-app';
import {
  count, DeploymentBench, ends, secondsBetween, writes, type Answer, type DeploymentResult,
} from './deployment';

let bench: DeploymentBench;

/** Applications that take so long to stop that each of the four batches takes as many minutes. */
const batchesOf = (minutes: number): SandboxOptions => ({ timing: { drainApplicationTasks: minutes * 60 - 231 } });
const start = async (options?: SandboxOptions): Promise<void> => { bench = await DeploymentBench.start(options); };
afterEach(() => bench.close());

const CREATED = { error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] };
const UPDATED = { error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] };
const DESTROYED = { error: undefined, stackStatus: undefined, reasons: [] };
const ROLLED_BACK = { stackStatus: 'UPDATE_ROLLBACK_COMPLETE' };
const HOUR = 3600;

/** Instance by instance, so that it takes long; six gates. */
const CAREFUL: AgentSettings['daemon'] = { drainPercent: 25, timeout: Duration.hours(6) };

const requestOf = ({ requests }: DeploymentResult, operation: string) => requests.find((request) => request.operation === operation)!;
/** CloudFormation's own invocations of the dispatcher. */
const asked = ({ requests }: DeploymentResult) => requests.filter(({ operation, caller }) => operation === 'Invoke' && caller === 'cloudformation');
const drained = ({ instanceEvents }: DeploymentResult): InstanceEvent[] => instanceEvents.filter(({ event }) => event === 'INSTANCE_DRAINING');
const gateAnswers = ({ answers }: DeploymentResult): Answer[] => answers.filter(({ LogicalResourceId }) => /^DaemonGate/.test(LogicalResourceId));
const deletionGateAnswers = ({ answers }: DeploymentResult): Answer[] =>
  answers.filter(({ LogicalResourceId }) => /^DaemonDeletionGate/.test(LogicalResourceId));
const resourcesOf = async (type: string): Promise<string[]> => {
  const { StackResourceSummaries } = await bench.sandbox.call('cloudformation', 'ListStackResources', { StackName: STACK });
  return StackResourceSummaries.filter(({ ResourceType }: Record<string, string>) => ResourceType === type)
    .map(({ LogicalResourceId }: Record<string, string>) => LogicalResourceId);
};
/** A minute later: an execution ends after it has answered. */
const runningExecutions = async (): Promise<string[]> => {
  await bench.sandbox.clock.sleep(60);
  const { Functions } = await bench.sandbox.call('lambda', 'ListFunctions', {});
  const functions = Functions.filter(({ FunctionName }: Record<string, string>) => FunctionName!.includes('Rollout'));
  const lists = await Promise.all(functions.map(({ FunctionName }: Record<string, string>) =>
    bench.sandbox.call('lambda', 'ListDurableExecutionsByFunction', { FunctionName, Statuses: ['RUNNING'] })));
  return lists.flatMap(({ DurableExecutions }) => DurableExecutions).map(({ DurableExecutionArn }) => DurableExecutionArn);
};

describe('a rollout of five hours', () => {
  beforeEach(async () => {
    await start(batchesOf(75));
    expect(await bench.deploy({ imageTag: '1', daemon: { ...CAREFUL, drainPercent: 100 } })).toMatchObject(CREATED);
  });

  test('succeeds through gates, and the stack waits for its end (FM23)', async () => {
    const updated = await bench.deploy({ imageTag: '2', daemon: CAREFUL });
    expect(updated).toMatchObject(UPDATED);
    expect(writes(updated)).toEqual(['UpdateDaemon']);
    expect(await bench.runningImageTags()).toEqual(['2']);
    expect(drained(updated)).toHaveLength(FLEET.instances);

    const [end] = ends(updated);
    expect(end).toMatchObject({ status: 'SUCCESSFUL' });
    expect(secondsBetween(requestOf(updated, 'UpdateDaemon'), end!)).toBeGreaterThan(5 * HOUR - 60);
    // the daemon at 55 minutes, five gates for 55 minutes each, the last one when ECS has ended
    expect(updated.answers).toHaveLength(7);
    const answered = updated.answers.map((answer) => secondsBetween(requestOf(updated, 'Invoke'), answer) / 60);
    [55, 110, 165, 220, 275].forEach((minutes, index) => expect(Math.abs(answered[index]! - minutes)).toBeLessThan(2));
    expect(secondsBetween(end!, updated.answers[5]!)).toBeGreaterThanOrEqual(0);
    expect(secondsBetween(end!, updated.answers[5]!)).toBeLessThan(150);
    expect(secondsBetween(updated.answers[5]!, updated.answers[6]!)).toBeLessThan(10);
    expect(await runningExecutions()).toEqual([]);
  });

  test('lets a service start only after the last gate', async () => {
    const settings = (imageTag: string, adapt?: AgentSettings['adapt']): AgentSettings => ({ imageTag, daemon: CAREFUL, adapt });
    const updated = await bench.deploy(settings('2', (stack, daemon) => daemon.startBefore(addService(stack))));
    expect(updated).toMatchObject(UPDATED);
    const service = requestOf(updated, 'CreateService');
    expect(secondsBetween(ends(updated)[0]!, service)).toBeGreaterThanOrEqual(0);
    expect(secondsBetween(gateAnswers(updated).at(-1)!, service)).toBeGreaterThanOrEqual(0);
    expect(gateAnswers(updated)).toHaveLength(6);
  });

  test('leaves no execution if it is cancelled in its second hour, and one UpdateDaemon reverts it, held by the gates', async () => {
    const firstRunning = new Set(bench.sandbox.ecs.instanceEvents.filter(({ event }) => event === 'DAEMON_TASK_RUNNING').map(({ instanceId }) => instanceId));
    bench.onInstanceEvent('INSTANCE_DRAINING', 1, 2 * HOUR, () => void bench.sandbox.call('cloudformation', 'CancelUpdateStack', { StackName: STACK }));
    const updated = await bench.deploy({ imageTag: '2', daemon: CAREFUL });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(writes(updated)).toEqual(['UpdateDaemon', 'UpdateDaemon']);

    const [, back] = updated.requests.filter(({ operation }) => operation === 'UpdateDaemon');
    const again = drained(updated).filter((event) => secondsBetween(back!, event) >= 0).map(({ instanceId }) => instanceId);
    expect(again.length).toBeGreaterThan(0);
    expect(again.filter((instanceId) => firstRunning.has(instanceId))).toEqual([]);
    expect(await bench.runningImageTags()).toEqual(['1']);
    expect(await runningExecutions()).toEqual([]);

    // the rollback drains for longer than an hour, and is over only when ECS has ended
    const last = ends(updated).at(-1)!;
    expect(last).toMatchObject({ status: 'SUCCESSFUL' });
    expect(secondsBetween(back!, last)).toBeGreaterThan(HOUR);
    expect(secondsBetween(last, updated.answers.at(-1)!)).toBeGreaterThanOrEqual(0);
  });
});

describe('a rollout that fails in its fourth hour', () => {
  const REASON = 'Threshold Crossed: 37 errors in a minute';
  const BAKED: AgentSettings = { alarmNames: ['errors'], daemon: { drainPercent: 25, bakeTime: Duration.minutes(270), timeout: Duration.hours(6) } };

  test('fails a gate with its reason, and the rollback of the stack writes and drains nothing (FM23)', async () => {
    await start();
    await bench.alarm('errors', 'OK');
    expect(await bench.deploy({ imageTag: '1', ...BAKED, daemon: { ...BAKED.daemon, bakeTime: Duration.minutes(0) } })).toMatchObject(CREATED);
    bench.onInstanceEvent('INSTANCE_TERMINATED', FLEET.instances, 3.25 * HOUR, () => void bench.alarm('errors', 'ALARM', REASON));
    const updated = await bench.deploy({ imageTag: '2', ...BAKED });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(count(updated, 'UpdateDaemon')).toBe(1);
    expect(await bench.runningImageTags()).toEqual(['1']);
    const end = ends(updated).at(-1)!;
    expect(end).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    expect(secondsBetween(requestOf(updated, 'UpdateDaemon'), end)).toBeGreaterThan(3 * HOUR);
    expect(updated.instanceEvents.filter((event) => secondsBetween(end, event) > 0)).toEqual([]);

    const told = /BAKING: ECS rolled the daemon agent back: alarm errors went into ALARM \("Threshold Crossed: 37 errors in a minute"\) after 4 of 4 instances ran the new revision/;
    expect(updated.reasons[0]).toMatch(told);
    expect(gateAnswers(updated).find(({ Status }) => Status === 'FAILED')!.Reason).toMatch(told);
    expect(await runningExecutions()).toEqual([]);
  });
});

describe('the rollback of a stack', () => {
  test('is held by the gates if it has to drain for two hours after another resource failed', async () => {
    await start(batchesOf(30));
    expect(await bench.deploy({ imageTag: '1', daemon: CAREFUL })).toMatchObject(CREATED);
    const updated = await bench.deploy({ imageTag: '2', daemon: CAREFUL, adapt: failAfter });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(writes(updated)).toEqual(['UpdateDaemon', 'UpdateDaemon']);
    expect(ends(updated).map(({ status }) => status)).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
    expect(await bench.runningImageTags()).toEqual(['1']);

    const [, back] = updated.requests.filter(({ operation }) => operation === 'UpdateDaemon');
    const last = ends(updated).at(-1)!;
    expect(secondsBetween(back!, last)).toBeGreaterThan(1.9 * HOUR);
    expect(secondsBetween(last, gateAnswers(updated).at(-1)!)).toBeGreaterThanOrEqual(0);
    expect(updated.answers.every(({ Status }) => Status === 'SUCCESS')).toBe(true);
  });
});

describe('a changed timeout', () => {
  const withTimeout = (minutes: number | undefined, imageTag = '1'): AgentSettings => (
    { imageTag, daemon: minutes === undefined ? {} : { timeout: Duration.minutes(minutes) } });

  test.each([
    ['adds gates', undefined, 240, 4],
    ['adds more gates', 111, 240, 4],
    ['removes some gates', 240, 111, 2],
    ['removes all gates', 240, undefined, 0],
  ])('%s, and drains nothing', async (_, before, after, gates) => {
    await start();
    expect(await bench.deploy(withTimeout(before))).toMatchObject(CREATED);
    const updated = await bench.deploy(withTimeout(after));
    expect(updated).toMatchObject(UPDATED);
    expect(writes(updated)).toEqual([]);
    expect(updated.instanceEvents).toEqual([]);
    expect(await resourcesOf('Custom::ECSManagedDaemonGate')).toHaveLength(gates);
    expect(updated.answers.every(({ Status }) => Status === 'SUCCESS')).toBe(true);
    expect(secondsBetween(asked(updated)[0]!, updated.answers.at(-1)!)).toBeLessThan(60);
  });

  test.each([
    ['adds gates', undefined, 240],
    ['removes gates', 240, undefined],
  ])('%s in an update that fails is restored, and nothing is drained twice', async (_, before, after) => {
    await start();
    await bench.deploy(withTimeout(before));
    const gates = await resourcesOf('Custom::ECSManagedDaemonGate');
    const updated = await bench.deploy({ ...withTimeout(after), adapt: failAfter });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(writes(updated)).toEqual([]);
    expect(updated.instanceEvents).toEqual([]);
    expect(await resourcesOf('Custom::ECSManagedDaemonGate')).toEqual(gates);
    expect(await bench.destroy()).toMatchObject(DESTROYED);
  });
});

describe('a deletion of 100 minutes', () => {
  /** Four batches of one instance each; one deletion gate. */
  const SLOW: AgentSettings = { daemon: { drainPercent: 10, timeout: Duration.hours(6) } };
  const create = async (settings: AgentSettings = {}): Promise<void> => {
    await start(batchesOf(25));
    // ECS deletes with the drain percent of the latest deployment
    expect(await bench.deploy({ ...SLOW, ...settings })).toMatchObject(CREATED);
    expect(await resourcesOf('Custom::ECSManagedDaemonDeletionGate')).toHaveLength(1);
  };
  const held = (result: DeploymentResult): void => {
    const [answer] = deletionGateAnswers(result).filter(({ PhysicalResourceId }) => PhysicalResourceId === daemonArn('agent')).slice(-1);
    const deletion = requestOf(result, 'DeleteDaemon');
    const lastGone = result.instanceEvents.findLast(({ event }) => event === 'DAEMON_TASK_STOPPED' || event === 'INSTANCE_TERMINATED')!;
    expect(secondsBetween(deletion, answer!)).toBeGreaterThan(1.5 * HOUR);
    expect(secondsBetween(lastGone, answer!)).toBeGreaterThanOrEqual(0);
    expect(count(result, 'DeleteDaemon')).toBe(1);
  };

  test('is held when the stack is deleted, before the resources that it needs', async () => {
    await create();
    const destroyed = await bench.destroy(SLOW);
    expect(destroyed).toMatchObject(DESTROYED);
    held(destroyed);
    expect(await bench.daemons()).toEqual([]);
    expect(await runningExecutions()).toEqual([]);
    const provider = destroyed.requests.filter(({ operation }) => ['DeleteFunction', 'DeleteRole', 'DeleteRule', 'DeleteRolePolicy'].includes(operation));
    const answer = deletionGateAnswers(destroyed).at(-1)!;
    expect(provider.filter((request) => secondsBetween(answer, request) < 0)).toEqual([]);
  });

  test('is held when the daemon leaves its stack', async () => {
    await create();
    const updated = await bench.deploy({ withoutDaemon: true });
    expect(updated).toMatchObject(UPDATED);
    held(updated);
    expect(await bench.daemons()).toEqual([]);
  });

  test('is held when the daemon is replaced by one of another name', async () => {
    await create();
    const updated = await bench.deploy({ daemon: { ...SLOW.daemon, daemonName: 'agent-next' } });
    expect(updated).toMatchObject(UPDATED);
    held(updated);
    expect(await bench.daemons()).toEqual(['agent-next']);
    expect(await bench.destroy(SLOW)).toMatchObject(DESTROYED);
    expect(await bench.daemons()).toEqual([]);
  });

  test('does not happen, without a wait, if the daemon is retained', async () => {
    const retained = { daemon: { ...SLOW.daemon, removalPolicy: RemovalPolicy.RETAIN } };
    await create(retained);
    const destroyed = await bench.destroy(retained);
    expect(destroyed).toMatchObject({ ...DESTROYED, instanceEvents: [], calls: [] });
    expect(deletionGateAnswers(destroyed)).toEqual([]);
    expect(await bench.daemons()).toEqual(['agent']);
  });

  test('does not happen if the deletion gate is removed with a changed drain percent', async () => {
    await create();
    const updated = await bench.deploy({ daemon: { ...SLOW.daemon, drainPercent: 50 } });
    expect(updated).toMatchObject({ ...UPDATED, instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
    expect(await resourcesOf('Custom::ECSManagedDaemonDeletionGate')).toEqual([]);
  });
});

function addService(stack: Stack): ecs.CfnService {
  const application = new ecs.CfnTaskDefinition(stack, 'Application', {
    family: 'application', containerDefinitions: [{ name: 'web', image: 'example.com/web:1' }], cpu: '256', memory: '512',
    requiresCompatibilities: ['MANAGED_INSTANCES'], networkMode: 'awsvpc',
  });
  return new ecs.CfnService(stack, 'Service', {
    cluster: clusterArn(FLEET.cluster),
    taskDefinition: application.ref,
    desiredCount: 1,
    capacityProviderStrategy: [{ capacityProvider: FLEET.capacityProvider, weight: 1 }],
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  });
}

/** A resource after the daemon that cannot be created. */
function failAfter(stack: Stack, daemon: ManagedDaemon): void {
  const broken = new ecs.CfnService(stack, 'Broken', {
    cluster: clusterArn('unknown'), taskDefinition: 'unknown', capacityProviderStrategy: [{ capacityProvider: 'unknown' }],
  });
  broken.node.addDependency(daemon);
}
