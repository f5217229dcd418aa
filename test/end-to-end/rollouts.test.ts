import { aws_ecs as ecs, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon } from 'cdk-ecs-managed-daemons';
import type { InstanceEvent, SandboxOptions } from '../../sandbox';
import { capacityProviderArn, clusterArn, daemonArn, FLEET, image, type AgentSettings } from '../../simulation/app/agent-app';
import {
  count, DeploymentBench, ends, reads, secondsBetween, writes, type DeploymentResult,
} from './deployment';

let bench: DeploymentBench;
const start = async (options?: SandboxOptions): Promise<void> => { bench = await DeploymentBench.start(options); };
afterEach(() => bench.close());

const BROKEN = 'broken';
const CREATED = { error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] };
const UPDATED = { error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] };
const ROLLED_BACK = { stackStatus: 'UPDATE_ROLLBACK_COMPLETE' };

/** Returns the time at which a deployment sent an operation. */
const requestOf = ({ requests }: DeploymentResult, operation: string) => requests.find((request) => request.operation === operation)!;

const moment = ({ instanceEvents }: DeploymentResult, name: InstanceEvent['event']): InstanceEvent =>
  instanceEvents.find(({ event }) => event === name)!;

/** The instances that were drained together, in order, with the moment when the last of them was gone. */
function batches(events: readonly InstanceEvent[]): { start: number; end: number; instances: number }[] {
  const drained = new Map<number, string[]>();
  for (const { event, time, instanceId } of events) {
    if (event === 'INSTANCE_DRAINING') drained.set(Date.parse(time), [...drained.get(Date.parse(time)) ?? [], instanceId]);
  }
  return [...drained].map(([began, ids]) => ({
    start: began,
    end: Math.max(...events.filter(({ event, instanceId }) => event === 'INSTANCE_TERMINATED' && ids.includes(instanceId)).map(({ time }) => Date.parse(time))),
    instances: ids.length,
  }));
}

/** Application tasks that started before the daemon ran on their instance, or were still there when it stopped. */
function unguarded(events: readonly InstanceEvent[]): InstanceEvent[] {
  const running = new Set<string>();
  const tasks = new Map<string, number>();
  return events.filter(({ event, instanceId }) => {
    const applicationTasks = tasks.get(instanceId) ?? 0;
    switch (event) {
      case 'DAEMON_TASK_RUNNING':
        running.add(instanceId);
        return false;
      case 'APPLICATION_TASK_STARTED':
        tasks.set(instanceId, applicationTasks + 1);
        return !running.has(instanceId);
      case 'APPLICATION_TASK_STOPPED':
        tasks.set(instanceId, applicationTasks - 1);
        return false;
      case 'DAEMON_TASK_STOPPED':
        running.delete(instanceId);
        return applicationTasks > 0;
      default:
        return false;
    }
  });
}

describe('a daemon deployed by the CDK toolkit', () => {
  beforeEach(() => start());

  test('is created on every instance, updated and deleted with one write each', async () => {
    const created = await bench.deploy({ imageTag: '1' });
    expect(created).toMatchObject(CREATED);
    expect(writes(created)).toEqual(['CreateDaemon']);
    expect(await bench.runningImageTags()).toEqual(['1']);

    const updated = await bench.deploy({ imageTag: '2' });
    expect(updated).toMatchObject(UPDATED);
    expect(writes(updated)).toEqual(['UpdateDaemon']);
    expect(await bench.runningImageTags()).toEqual(['2']);

    const destroyed = await bench.destroy();
    expect(destroyed).toMatchObject({ error: undefined, stackStatus: undefined, reasons: [] });
    expect(writes(destroyed)).toEqual(['DeleteDaemon']);
    expect(await bench.daemons()).toEqual([]);
  });

  test('carries the tags that name its owner', async () => {
    await bench.deploy({ daemon: { tags: { team: 'platform' } } });
    expect(await bench.tags()).toEqual({
      'team': 'platform',
      'cdk-ecs-managed-daemons:stack-id': expect.stringMatching(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/Agents\//),
      'cdk-ecs-managed-daemons:logical-id': expect.stringMatching(/^Daemon/),
    });
  });

  test('gets no write and no read when the same template is deployed again', async () => {
    await bench.deploy();
    expect(await bench.deploy()).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [], calls: [], answers: [] });
  });

  test('is rolled out once for a changed rollout token', async () => {
    await bench.deploy({ daemon: { rolloutToken: 'monday' } });
    const updated = await bench.deploy({ daemon: { rolloutToken: 'tuesday' } });
    expect(updated).toMatchObject(UPDATED);
    expect(writes(updated)).toEqual(['UpdateDaemon']);
    expect(batches(updated.instanceEvents)).toMatchObject([{ instances: FLEET.instances }]);
  });

  test.each<[string, NonNullable<AgentSettings['daemon']>, string[]]>([
    ['a further tag', { tags: { team: 'platform', stage: 'test' } }, ['TagResource']],
    ['another value of a tag', { tags: { team: 'network' } }, ['TagResource']],
    ['a tag less', { tags: {} }, ['UntagResource']],
    ['one tag instead of another', { tags: { stage: 'test' } }, ['UntagResource', 'TagResource']],
  ])('is tagged and not rolled out for %s', async (_, daemon, expected) => {
    await bench.deploy({ daemon: { tags: { team: 'platform' } } });
    const updated = await bench.deploy({ daemon });
    expect(updated).toMatchObject(UPDATED);
    expect(writes(updated)).toEqual(expected);
    expect(updated.instanceEvents).toEqual([]);
    expect(await bench.tags()).toMatchObject(daemon.tags!);
    expect(Object.keys(await bench.tags())).toHaveLength(2 + Object.keys(daemon.tags!).length);
  });

  test.each<[string, NonNullable<AgentSettings['daemon']>]>([
    ['drain percent', { drainPercent: 50 }],
    ['bake time', { bakeTime: Duration.minutes(7) }],
    ['timeout', { timeout: Duration.minutes(40) }],
  ])('is left alone for a changed %s, with at most 6 reads and an answer within 5 s', async (_, daemon) => {
    await bench.deploy();
    const updated = await bench.deploy({ daemon });
    expect(updated).toMatchObject({ ...UPDATED, instanceEvents: [] });
    expect(writes(updated)).toEqual([]);
    expect(reads(updated).length).toBeGreaterThan(0);
    expect(reads(updated).length).toBeLessThanOrEqual(6);
    expect(secondsBetween(requestOf(updated, 'Invoke'), updated.answers[0]!)).toBeLessThanOrEqual(5);
  });

  test('stays when its stack is deleted, if the app retains it', async () => {
    const settings: AgentSettings = { adapt: (_, daemon) => daemon.applyRemovalPolicy(RemovalPolicy.RETAIN) };
    await bench.deploy(settings);
    const destroyed = await bench.destroy(settings);
    expect(destroyed).toMatchObject({ error: undefined, stackStatus: undefined, calls: [], instanceEvents: [] });
    expect(await bench.daemons()).toEqual(['agent']);
  });

  test.each([
    ['a moment before, while reads still show it (A28)', 0],
    ['long before', 60],
  ])('may have been deleted manually %s its stack is deleted', async (_, seconds) => {
    await bench.deploy();
    await bench.deleteByHand('agent', seconds);
    const destroyed = await bench.destroy();
    expect(destroyed).toMatchObject({ error: undefined, stackStatus: undefined, reasons: [] });
    expect(await bench.daemons()).toEqual([]);
  });

  test('is created again by the update that follows its manual deletion', async () => {
    await bench.deploy({ imageTag: '1' });
    await bench.deleteByHand('agent', 60);
    const updated = await bench.deploy({ imageTag: '2' });
    expect(updated).toMatchObject(UPDATED);
    expect(await bench.runningImageTags()).toEqual(['2']);
  });
});

describe('the fleet during a rollout', () => {
  // the published measurement, in seconds after the call
  const PUBLISHED = { INSTANCE_DRAINING: 40, INSTANCE_REGISTERING: 113, INSTANCE_ACTIVE: 149, INSTANCE_DEREGISTERING: 222 } as const;
  const within10Percent = (seconds: number, published: number): void => {
    expect(seconds).toBeGreaterThanOrEqual(published * 0.9);
    expect(seconds).toBeLessThanOrEqual(published * 1.1);
  };

  test('is as published for one instance at 25 % without a bake', async () => {
    await start({ fleets: [{ ...FLEET, instances: 1 }] });
    await bench.deploy({ imageTag: '1', daemon: { drainPercent: 25 } });
    const updated = await bench.deploy({ imageTag: '2', daemon: { drainPercent: 25 } });
    const call = requestOf(updated, 'UpdateDaemon');
    for (const [event, published] of Object.entries(PUBLISHED)) {
      within10Percent(secondsBetween(call, moment(updated, event as InstanceEvent['event'])), published);
    }
    expect(ends(updated)).toMatchObject([{ status: 'SUCCESSFUL' }]);
    within10Percent(secondsBetween(call, ends(updated)[0]!), 294);
  });

  test('goes through four batches of three of twelve instances at 25 %, no two overlapping (R25)', async () => {
    await start({ fleets: [{ ...FLEET, instances: 12 }] });
    await bench.deploy({ imageTag: '1' });
    const updated = await bench.deploy({ imageTag: '2', daemon: { drainPercent: 25 } });
    const found = batches(updated.instanceEvents);
    expect(found.map(({ instances }) => instances)).toEqual([3, 3, 3, 3]);
    found.slice(1).forEach((batch, index) => expect(batch.start).toBeGreaterThanOrEqual(found[index]!.end));
    within10Percent(secondsBetween(requestOf(updated, 'UpdateDaemon'), ends(updated)[0]!), 4 * 294);
  });

  test('never runs an application task on an instance without the daemon', async () => {
    await start();
    const created = await bench.deploy({ imageTag: '1', daemon: { drainPercent: 50 } });
    const updated = await bench.deploy({ imageTag: '2', daemon: { drainPercent: 50 } });
    const events = [...created.instanceEvents, ...updated.instanceEvents];
    expect(events.filter(({ event }) => event === 'APPLICATION_TASK_STARTED')).toHaveLength(2 * FLEET.instances * FLEET.applicationTasksPerInstance);
    expect(unguarded(events)).toEqual([]);
  });
});

describe('an alarm that fires', () => {
  const GUARDED = { alarmNames: ['errors'] } as const;
  const REASON = 'Threshold Crossed: 37 errors in a minute';
  const fire = (): void => void bench.alarm('errors', 'ALARM', REASON);

  beforeEach(async () => {
    await start();
    await bench.alarm('errors', 'OK');
    expect(await bench.deploy({ ...GUARDED, imageTag: '1' })).toMatchObject(CREATED);
  });

  test('during the batches rolls the daemon back, and the reason contains phase, alarm, its reason and counts', async () => {
    bench.onInstanceEvent('INSTANCE_DRAINING', 2, 10, fire);
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { drainPercent: 25 } });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(updated.answers[0]!.Reason).toMatch(
      /^DEPLOYING: ECS rolled the daemon agent back: alarm errors went into ALARM \("Threshold Crossed: 37 errors in a minute"\) after 1 of 4 instances ran the new revision; deployment arn:\S+; log \S+$/);
    expect(updated.reasons[0]).toContain(updated.answers[0]!.Reason);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test('during the bake rolls the daemon back, and the reason reports that all instances were replaced', async () => {
    bench.onInstanceEvent('INSTANCE_TERMINATED', FLEET.instances, 90, fire);
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { bakeTime: Duration.minutes(5) } });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(updated.answers[0]!.Reason).toMatch(
      /^BAKING: ECS rolled the daemon agent back: alarm errors went into ALARM \("Threshold Crossed: 37 errors in a minute"\) after 4 of 4 instances ran the new revision; /);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test('leaves the rollback of the stack without a second UpdateDaemon and without a drain', async () => {
    bench.onInstanceEvent('INSTANCE_DRAINING', 2, 10, fire);
    const updated = await bench.deploy({ ...GUARDED, imageTag: '2', daemon: { drainPercent: 25 } });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(updated.answers.map(({ Status }) => Status)).toEqual(['FAILED', 'SUCCESS']);
    expect(count(updated, 'UpdateDaemon')).toBe(1);
    expect(ends(updated).map(({ status }) => status)).toEqual(['ROLLBACK_SUCCESSFUL']);
    const afterwards = updated.instanceEvents.filter((event) => secondsBetween(ends(updated)[0]!, event) > 0);
    expect(afterwards).toEqual([]);
  });
});

describe('a daemon with tasks that do not start', () => {
  beforeEach(async () => {
    await start();
    bench.sandbox.ecs.failStarts({ image: image(BROKEN) });
  });

  test('is rolled back by the circuit breaker in an update', async () => {
    await bench.deploy({ imageTag: '1' });
    const updated = await bench.deploy({ imageTag: BROKEN });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(updated.answers[0]!.Reason).toMatch(
      /^DEPLOYING: ECS rolled the daemon agent back: the daemon failed to start \d+ times \(the limit is 3\), ".*circuit breaker.*" after 0 of 4 instances ran the new revision; /);
    expect(count(updated, 'UpdateDaemon')).toBe(1);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test('leaves nothing behind in a create (A4)', async () => {
    const created = await bench.deploy({ imageTag: BROKEN });
    expect(created).toMatchObject({ stackStatus: 'ROLLBACK_COMPLETE' });
    expect(created.answers[0]!.Reason).toMatch(/^DEPLOYING: ECS stopped the deployment of the daemon agent after 0 of 4 instances ran the new revision: the daemon failed to start \d+ times/);
    expect(created.answers.map(({ Status, PhysicalResourceId }) => [Status, PhysicalResourceId])).toEqual([
      ['FAILED', daemonArn('agent')], ['SUCCESS', daemonArn('agent')],
    ]);
    expect(await bench.daemons()).toEqual([]);
  });
});

describe('a change of name', () => {
  test('creates a new daemon, and deletes the old one after everything has succeeded', async () => {
    await start();
    await bench.deploy();
    const updated = await bench.deploy({ daemon: { daemonName: 'agent-next' } });
    expect(updated).toMatchObject(UPDATED);
    expect(writes(updated)).toEqual(['CreateDaemon', 'DeleteDaemon']);
    expect(updated.answers.map(({ PhysicalResourceId }) => PhysicalResourceId)).toEqual([daemonArn('agent-next'), daemonArn('agent')]);
    expect(await bench.daemons()).toEqual(['agent-next']);
  });

  test.each(['adopt', 'keep'] as const)('leaves the old daemon unchanged and no new one if it fails, with failedUpdateId %s (E27)', async (failedUpdateId) => {
    await start({ cloudFormation: { failedUpdateId } });
    bench.sandbox.ecs.failStarts({ image: image(BROKEN) });
    await bench.deploy({ imageTag: '1' });
    const updated = await bench.deploy({ imageTag: BROKEN, daemon: { daemonName: 'agent-next' } });
    expect(updated).toMatchObject(ROLLED_BACK);
    expect(updated.answers[0]).toMatchObject({ Status: 'FAILED', PhysicalResourceId: daemonArn('agent-next') });
    expect(updated.requests.filter(({ operation }) => ['UpdateDaemon', 'DeleteDaemon'].includes(operation)).map(({ operation, input }) => [operation, input.daemonArn]))
      .toEqual([['DeleteDaemon', daemonArn('agent-next')]]);
    expect(await bench.daemons()).toEqual(['agent']);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });
});

describe('the daemons of others in the cluster', () => {
  test('are not written to by create, update and delete', async () => {
    await start({ fleets: [FLEET, { ...FLEET, capacityProvider: 'other' }] });
    await bench.foreignDaemon('foreign', 'other');
    const before = await bench.sandbox.call('ecs', 'DescribeDaemon', { daemonArn: daemonArn('foreign') });
    const results = [await bench.deploy({ imageTag: '1' }), await bench.deploy({ imageTag: '2' }), await bench.destroy()];
    const written = results.flatMap(({ requests }) => requests)
      .filter(({ operation }) => ['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon'].includes(operation))
      .map(({ input }) => input.daemonName ?? input.daemonArn);
    expect(written).toEqual(['agent', daemonArn('agent'), daemonArn('agent')]);
    expect(results.flatMap(({ instanceEvents }) => instanceEvents).filter(({ capacityProvider }) => capacityProvider === 'other')).toEqual([]);
    expect(await bench.sandbox.call('ecs', 'DescribeDaemon', { daemonArn: daemonArn('foreign') })).toEqual(before);
  });
});

describe('the answer', () => {
  const SECONDS = 30;
  const delay = (result: DeploymentResult): number => secondsBetween(ends(result)[0]!, result.answers[0]!);

  test.each<[string, () => Promise<DeploymentResult>]>([
    ['a create', () => bench.deploy({ imageTag: '1' })],
    ['a create that fails', () => bench.deploy({ imageTag: BROKEN })],
    ['an update', async () => {
      await bench.deploy({ imageTag: '1' });
      return bench.deploy({ imageTag: '2' });
    }],
    ['an update that ECS takes back', async () => {
      await bench.deploy({ imageTag: '1' });
      return bench.deploy({ imageTag: BROKEN });
    }],
    ['a delete', async () => {
      await bench.deploy({ imageTag: '1' });
      return bench.destroy();
    }],
  ])(`to %s comes within ${SECONDS} s of the end of the deployment`, async (_, act) => {
    await start();
    bench.sandbox.ecs.failStarts({ image: image(BROKEN) });
    const result = await act();
    expect(delay(result)).toBeGreaterThanOrEqual(0);
    expect(delay(result)).toBeLessThanOrEqual(SECONDS);
  });

  test('costs at most 240 reads an hour', async () => {
    await start();
    await bench.alarm('errors', 'OK');
    await bench.deploy({ imageTag: '1', alarmNames: ['errors'] });
    const updated = await bench.deploy({ imageTag: '2', alarmNames: ['errors'], daemon: { bakeTime: Duration.minutes(40) } });
    expect(updated).toMatchObject(UPDATED);
    const hours = secondsBetween(requestOf(updated, 'Invoke'), updated.answers[0]!) / 3600;
    expect(hours).toBeGreaterThan(0.7);
    expect(reads(updated).length / hours).toBeGreaterThan(60);
    expect(reads(updated).length / hours).toBeLessThanOrEqual(240);
  });
});

describe('a deployment that hangs (A12)', () => {
  test('fails after 55 minutes with the counts, and the rollback of the stack ends (FM23)', async () => {
    await start();
    await bench.deploy({ imageTag: '1' });
    const hanging = new Set<string>();
    bench.sandbox.ecs.onInstanceEvent(({ event, instanceId }) => {
      if (event === 'INSTANCE_DRAINING' && hanging.size === 0) bench.sandbox.ecs.hangDrain([...hanging.add(instanceId)][0]!);
    });
    const updated = await bench.deploy({ imageTag: '2', daemon: { drainPercent: 50 } });
    expect(updated).toMatchObject(ROLLED_BACK);
    const [failed] = updated.answers;
    expect(failed).toMatchObject({ Status: 'FAILED' });
    expect(failed!.Reason).toMatch(/^DEPLOYING: TIMED_OUT after 55 minutes with \d of 4 instances on the new revision; no progress for \d+ minutes while \d drains?; ECS continues what it has started; deployment arn:/);
    const minutes = secondsBetween(requestOf(updated, 'Invoke'), failed!) / 60;
    expect(minutes).toBeGreaterThan(54);
    expect(minutes).toBeLessThanOrEqual(55);
  });
});

describe('two daemons on one capacity provider', () => {
  /** A second daemon in the stack, on the same instances. */
  const withSecond = (imageTag: string): AgentSettings => ({
    imageTag,
    adapt: (stack) => {
      const second = new DaemonTaskDefinition(stack, 'Second', { family: 'second', cpu: 256, memoryMiB: 256 });
      second.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(image(imageTag)), memoryLimitMiB: 256 });
      new ManagedDaemon(stack, 'SecondDaemon', {
        cluster: ecs.Cluster.fromClusterArn(stack, 'SameCluster', clusterArn(FLEET.cluster)),
        capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn(capacityProviderArn(FLEET.capacityProvider))],
        daemonTaskDefinition: second,
        daemonName: 'second',
        drainPercent: 100,
      });
    },
  });

  test('roll out one after the other when both change in one deployment (FM15)', async () => {
    await start();
    expect(await bench.deploy(withSecond('1'))).toMatchObject(CREATED);
    const updated = await bench.deploy(withSecond('2'));
    expect(updated).toMatchObject(UPDATED);
    expect(updated.statuses.filter(({ status }) => status === 'PENDING' || status === 'SUCCESSFUL')
      .map(({ daemonArn: arn, status }) => [arn, status])).toEqual([
      [daemonArn('agent'), 'PENDING'], [daemonArn('agent'), 'SUCCESSFUL'],
      [daemonArn('second'), 'PENDING'], [daemonArn('second'), 'SUCCESSFUL'],
    ]);
  });
});
