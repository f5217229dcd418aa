import { App, aws_cloudwatch as cloudwatch, aws_ecs as ecs, Duration, Stack, type AppProps } from 'aws-cdk-lib';
import {
  DaemonCapacityProvider, DaemonTaskDefinition, ManagedDaemon, ManagedDaemonWaves, type DaemonTarget, type DaemonWave,
} from 'cdk-ecs-managed-daemons';
import type { InstanceEvent } from '../../sandbox';
import type { DeploymentStatusChange } from '../../sandbox/ecs';
import { ACCOUNT, capacityProviderArn, clusterArn, image, REGION, STACK } from '../../simulation/app/agent-app';
import { DeploymentBench, ends, secondsBetween, writes, type DeploymentResult } from './deployment';

const CLUSTERS: Record<string, string> = { canary: 'apps', general: 'apps', batch: 'jobs', spare: 'jobs' };
const BROKEN = 'broken';
const UPDATED = { error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] };

let bench: DeploymentBench;
beforeEach(async () => {
  bench = await DeploymentBench.start({
    fleets: Object.entries(CLUSTERS).map(([name, clusterName]) =>
      ({ cluster: clusterName, capacityProvider: name, instances: 2, applicationTasksPerInstance: 2 })),
  });
});
afterEach(() => bench.close());

/** A wave of targets, each of which is the capacity provider that has its name, unless it lists others. */
interface Wave extends Partial<Omit<DaemonWave, 'waveName' | 'targets'>> {
  readonly name: string;
  readonly targets: readonly (string | Target)[];
}

interface Target extends Pick<DaemonTarget, 'targetName' | 'daemonName' | 'adoptExisting'> {
  readonly on?: readonly string[];
  /** An alarm that guards this target alone. */
  readonly alarmName?: string;
}

const taskDefinition = (stack: Stack, imageTag: string): DaemonTaskDefinition => {
  const definition = new DaemonTaskDefinition(stack, 'Agent', { family: `agent-${stack.stackName}`, cpu: 256, memoryMiB: 256 });
  definition.addContainer('agent', { image: ecs.ContainerImage.fromRegistry(image(imageTag)), memoryLimitMiB: 256 });
  return definition;
};
const cluster = (stack: Stack, name: string): ecs.ICluster =>
  stack.node.tryFindChild(name) as ecs.ICluster | undefined ?? ecs.Cluster.fromClusterArn(stack, name, clusterArn(name));
const capacityProvider = (name: string): DaemonCapacityProvider =>
  DaemonCapacityProvider.fromCapacityProviderArn(capacityProviderArn(name));

const placeFrom = (target: string | Target): Target => typeof target === 'string' ? { targetName: target } : target;

/** One agent in waves, each target rolled out in one batch. */
const wavesApp = (imageTag: string, ...waves: Wave[]) => (props: AppProps): App => {
  const app = new App(props);
  const stack = new Stack(app, STACK, { env: { account: ACCOUNT, region: REGION } });
  const made = new ManagedDaemonWaves(stack, 'Waves', {
    daemonTaskDefinition: taskDefinition(stack, imageTag),
    drainPercent: 100,
    waves: waves.map(({ name, targets, ...settings }) => ({
      waveName: name,
      targets: targets.map((each) => {
        const { targetName, on = [targetName], daemonName, adoptExisting } = placeFrom(each);
        const where = { cluster: cluster(stack, CLUSTERS[on[0]!]!), capacityProviders: on.map(capacityProvider) };
        return { targetName, daemonName, adoptExisting, ...where };
      }),
      ...settings,
    })),
  });
  for (const { targetName, alarmName } of waves.flatMap(({ targets }) => targets.map(placeFrom))) {
    if (alarmName !== undefined) made.daemonFor(targetName).addAlarm(cloudwatch.Alarm.fromAlarmName(stack, alarmName, alarmName));
  }
  return app;
};
const wave = (name: string, ...targets: Wave['targets']): Wave => ({ name, targets });
const deploy = (imageTag: string, ...waves: Wave[]): Promise<DeploymentResult> => bench.deployApp(wavesApp(imageTag, ...waves));

const THREE = [wave('canary', 'canary'), wave('early', 'general'), wave('rest', 'batch')] as const;

/** Returns the target in a daemon's derived name. */
const placeOf = (daemonArn: string): string => /\/Agents-Waves-([a-z]+)-/.exec(daemonArn)?.[1] ?? daemonArn;

/** The deployments of ECS with their first and last moment, by target, in order. */
function rollouts({ statuses }: DeploymentResult): { target: string; began: DeploymentStatusChange; ended: DeploymentStatusChange }[] {
  const deployments = [...new Set(statuses.map(({ deploymentArn }) => deploymentArn))];
  return deployments.map((arn) => {
    const changes = statuses.filter(({ deploymentArn }) => deploymentArn === arn);
    return { target: placeOf(changes[0]!.daemonArn), began: changes[0]!, ended: changes.at(-1)! };
  });
}
const placesOf = (result: DeploymentResult): string[] => rollouts(result).map(({ target }) => target);

/** The image tags that the instances of a capacity provider run, each once. */
function running(target: string): string[] {
  const tags = new Map<string, string>();
  for (const { event, instanceId, capacityProvider: name, image: imageName } of bench.sandbox.ecs.instanceEvents) {
    if (name !== target) continue;
    if (event === 'DAEMON_TASK_RUNNING') tags.set(instanceId, imageName!.split(':').pop()!);
    if (event === 'DAEMON_TASK_STOPPED' || event === 'INSTANCE_TERMINATED') tags.delete(instanceId);
  }
  return [...new Set(tags.values())];
}
const runningEverywhere = (): Record<string, string> =>
  Object.fromEntries(Object.keys(CLUSTERS).map((target) => [target, running(target).join()]).filter(([, tags]) => tags !== ''));

const drains = ({ instanceEvents }: DeploymentResult): string[] =>
  instanceEvents.filter(({ event }) => event === 'INSTANCE_DRAINING').map(({ capacityProvider: target }) => target);

/** The custom resources that CloudFormation asked for, by request type and target, in order. */
async function requestsOf(result: DeploymentResult): Promise<string[]> {
  const { StackResources } = await bench.sandbox.call('cloudformation', 'DescribeStackResources', { StackName: STACK });
  const targets = new Map(StackResources.map(({ LogicalResourceId, PhysicalResourceId }: Record<string, string>) =>
    [LogicalResourceId!, placeOf(PhysicalResourceId!)]));
  return result.answers.map(({ LogicalResourceId, Status }) => `${targets.get(LogicalResourceId)} ${Status}`);
}

/** From the moment when a capacity provider begins to drain, an image does not start there or anywhere else. */
function failFrom(target: string, imageTag: string): void {
  const stop = bench.sandbox.ecs.onInstanceEvent(({ event, capacityProvider: name }) => {
    if (event !== 'INSTANCE_DRAINING' || name !== target) return;
    stop();
    bench.sandbox.ecs.failStarts({ image: image(imageTag) });
  });
}

const logLines = (): string[] => bench.sandbox.requests
  .filter(({ operation }) => operation === 'PutLogEvents')
  .flatMap(({ input }) => input.logEvents.map(({ message }: { message: string }) => message.replace(/\n$/, '')));

const tagsOf = async (arn: string): Promise<Record<string, string>> => {
  const { tags } = await bench.sandbox.call('ecs', 'ListTagsForResource', { resourceArn: arn });
  return Object.fromEntries(tags.map(({ key, value }: { key: string; value: string }) => [key, value]));
};
const daemonsIn = async (name: string): Promise<string[]> => {
  const { daemonSummariesList } = await bench.sandbox.call('ecs', 'ListDaemons', { clusterArn: clusterArn(name) });
  return daemonSummariesList.map(({ daemonArn }: { daemonArn: string }) => daemonArn);
};

describe('three waves over two clusters', () => {
  test('roll out one after the other, in the first deployment and in an update', async () => {
    for (const imageTag of ['1', '2']) {
      const result = await deploy(imageTag, ...THREE);
      expect(result).toMatchObject({ error: undefined, reasons: [] });
      expect(placesOf(result)).toEqual(['canary', 'general', 'batch']);
      const [canary, early, rest] = rollouts(result);
      expect(early!.began.time >= canary!.ended.time && rest!.began.time >= early!.ended.time).toBe(true);
      expect(runningEverywhere()).toEqual({ canary: imageTag, general: imageTag, batch: imageTag });
    }
  });

  test('bake as long as each of them defines before the next one starts', async () => {
    const waves: Wave[] = [{ ...THREE[0], bakeTime: Duration.minutes(30) }, { ...THREE[1], bakeTime: Duration.minutes(5) }, THREE[2]];
    await deploy('1', ...waves);
    const result = await deploy('2', ...waves);
    const lastInstance = (target: string): InstanceEvent =>
      result.instanceEvents.findLast(({ event, capacityProvider: name }) => event === 'INSTANCE_TERMINATED' && name === target)!;
    const [, early, rest] = rollouts(result);
    expect(secondsBetween(lastInstance('canary'), early!.began)).toBeGreaterThanOrEqual(30 * 60);
    const second = secondsBetween(lastInstance('general'), rest!.began);
    expect(second).toBeGreaterThanOrEqual(5 * 60);
    expect(second).toBeLessThan(10 * 60);
  });

  test('skip the third and roll back the first when the second fails in an update, after ECS has rolled back the second', async () => {
    await deploy('1', ...THREE);
    failFrom('general', BROKEN);
    const result = await deploy(BROKEN, ...THREE);
    expect(result).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE', reasons: [expect.stringContaining('Agents-Waves-general')] });
    expect(writes(result)).toEqual(['UpdateDaemon', 'UpdateDaemon', 'UpdateDaemon']);
    expect(rollouts(result).map(({ target, ended }) => `${target} ${ended.status}`)).toEqual([
      'canary SUCCESSFUL', 'general ROLLBACK_SUCCESSFUL', 'canary SUCCESSFUL',
    ]);
    // updates go from the first wave to the last, those of a rollback too
    expect(await requestsOf(result)).toEqual(['canary SUCCESS', 'general FAILED', 'canary SUCCESS', 'general SUCCESS']);
    expect(drains(result)).not.toContain('batch');
    expect(runningEverywhere()).toEqual({ canary: '1', general: '1', batch: '1' });
  });

  test('skip the third and delete the others, the newest first, when the second fails in the first deployment', async () => {
    failFrom('general', BROKEN);
    const result = await deploy(BROKEN, ...THREE);
    expect(result.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(result.answers.map(({ PhysicalResourceId, Status }) => `${placeOf(PhysicalResourceId)} ${Status}`)).toEqual([
      'canary SUCCESS', 'general FAILED', 'general SUCCESS', 'canary SUCCESS',
    ]);
    expect(writes(result)).toEqual(['CreateDaemon', 'CreateDaemon', 'DeleteDaemon', 'DeleteDaemon']);
    expect(drains(result)).not.toContain('batch');
    expect([await daemonsIn('apps'), await daemonsIn('jobs')]).toEqual([[], []]);
  });
});

describe('a wave of more than an hour', () => {
  const WAVES: Wave[] = [{ ...wave('canary', 'canary'), bakeTime: Duration.minutes(70) }, wave('rest', 'general')];

  test('holds the next one until its end', async () => {
    await deploy('1', ...WAVES);
    const result = await deploy('2', ...WAVES);
    expect(result).toMatchObject(UPDATED);
    const [canary, rest] = rollouts(result);
    expect(secondsBetween(canary!.began, canary!.ended)).toBeGreaterThanOrEqual(70 * 60);
    expect(rest!.began.time >= canary!.ended.time).toBe(true);
    expect(runningEverywhere()).toEqual({ canary: '2', general: '2' });
  });

  test('leaves the next one alone if it fails late', async () => {
    const [canary, rest] = WAVES;
    const waves = [{ ...canary!, targets: [{ targetName: 'canary', alarmName: 'canary-errors' }] }, rest!];
    await bench.alarm('canary-errors', 'OK');
    await deploy('1', ...waves);
    const stop = bench.sandbox.ecs.onInstanceEvent(({ event, image: imageName }) => {
      if (event !== 'DAEMON_TASK_RUNNING' || imageName !== image('2')) return;
      stop();
      bench.sandbox.clock.after(60 * 60, () => void bench.alarm('canary-errors', 'ALARM'));
    });
    const result = await deploy('2', ...waves);
    expect(result).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_COMPLETE', reasons: [expect.stringContaining('canary-errors went into ALARM')] });
    expect(writes(result)).toEqual(['UpdateDaemon']);
    expect(drains(result)).not.toContain('general');
    expect(runningEverywhere()).toEqual({ canary: '1', general: '1' });
  });
});

describe('the targets of one wave', () => {
  const WAVES = [wave('canary', 'canary'), wave('rest', 'general', 'batch')] as const;

  test('roll out at the same time', async () => {
    await deploy('1', ...WAVES);
    const [, one, other] = rollouts(await deploy('2', ...WAVES));
    expect([one!.target, other!.target].sort()).toEqual(['batch', 'general']);
    expect(other!.began.time < one!.ended.time).toBe(true);
  });

  test('continue if one of them fails, until the wave before has been rolled back, and then roll back themselves', async () => {
    await bench.alarm('general-errors', 'OK');
    const rest: Wave = { ...wave('rest', { targetName: 'general', alarmName: 'general-errors' }, 'batch'), bakeTime: Duration.minutes(30) };
    await deploy('1', WAVES[0], rest);
    const stop = bench.sandbox.ecs.onInstanceEvent(({ event, capacityProvider: name, image: imageName }) => {
      if (event !== 'DAEMON_TASK_RUNNING' || name !== 'general' || imageName !== image('2')) return;
      stop();
      void bench.alarm('general-errors', 'ALARM');
    });
    const result = await deploy('2', WAVES[0], rest);
    expect(result.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(result.reasons).toEqual(expect.arrayContaining([expect.stringContaining('general-errors went into ALARM'), 'Resource update cancelled']));
    expect(rollouts(result).filter(({ target }) => target !== 'general').map(({ target, ended }) => `${target} ${ended.status}`)).toEqual([
      'canary SUCCESSFUL', 'batch STOPPED', 'canary SUCCESSFUL', 'batch SUCCESSFUL',
    ]);
    const [, , back, batchBack] = rollouts(result).filter(({ target }) => target !== 'general');
    expect(batchBack!.began.time >= back!.ended.time).toBe(true);
    expect(writes(result)).toEqual(Array(5).fill('UpdateDaemon'));
    expect(runningEverywhere()).toEqual({ canary: '1', general: '1', batch: '1' });
  });
});

describe('a change of the waves', () => {
  beforeEach(() => deploy('1', ...THREE));

  test('that adds one in front creates its daemons and drains no others', async () => {
    const result = await deploy('1', wave('first', 'spare'), ...THREE);
    expect(result).toMatchObject(UPDATED);
    expect([writes(result), placesOf(result)]).toEqual([['CreateDaemon'], ['spare']]);
    expect(new Set(drains(result))).toEqual(new Set(['spare']));
    expect(placesOf(await deploy('2', wave('first', 'spare'), ...THREE))).toEqual(['spare', 'canary', 'general', 'batch']);
  });

  test('that removes the last one deletes its daemons and drains no others', async () => {
    const result = await deploy('1', THREE[0], THREE[1]);
    expect(result).toMatchObject(UPDATED);
    expect(writes(result)).toEqual(['DeleteDaemon']);
    expect(new Set(drains(result))).toEqual(new Set(['batch']));
    expect(runningEverywhere()).toEqual({ canary: '1', general: '1' });
  });

  test('of their order changes no daemon, and applies from the next rollout', async () => {
    const reordered = [THREE[2], THREE[0], THREE[1]];
    const result = await deploy('1', ...reordered);
    expect(result).toMatchObject({ ...UPDATED, answers: [], instanceEvents: [], calls: [] });
    expect(placesOf(await deploy('2', ...reordered))).toEqual(['batch', 'canary', 'general']);
  });

  test('of their order, together with a new image, applies at once', async () => {
    expect(placesOf(await deploy('2', THREE[2], THREE[0], THREE[1]))).toEqual(['batch', 'canary', 'general']);
  });

  test('of their order that fails is rolled back in the former order', async () => {
    failFrom('general', BROKEN);
    const result = await deploy(BROKEN, THREE[2], THREE[1], THREE[0]);
    expect(await requestsOf(result)).toEqual(['batch SUCCESS', 'general FAILED', 'general SUCCESS', 'batch SUCCESS']);
    expect(runningEverywhere()).toEqual({ canary: '1', general: '1', batch: '1' });
  });

  test('that moves a target to another one sets a tag of its daemon, and drains nothing', async () => {
    const result = await deploy('1', wave('canary', 'canary', 'batch'), wave('early', 'general'));
    expect(result).toMatchObject({ ...UPDATED, instanceEvents: [] });
    expect(writes(result)).toEqual(['TagResource']);
    const [batch] = await daemonsIn('jobs');
    expect(await tagsOf(batch!)).toMatchObject({ 'cdk-ecs-managed-daemons:wave': 'canary', 'cdk-ecs-managed-daemons:target': 'batch' });
  });

  test('of a bake time or a drain percent drains nothing', async () => {
    const result = await deploy('1', { ...THREE[0], bakeTime: Duration.minutes(20), drainPercent: 50 }, THREE[1], THREE[2]);
    expect(result).toMatchObject({ ...UPDATED, instanceEvents: [] });
    expect(writes(result)).toEqual([]);
  });

  test('that gives a target another name keeps its daemon, if it states the name of the daemon and adopts it', async () => {
    const [batch] = await daemonsIn('jobs');
    const result = await deploy('1', THREE[0], THREE[1], wave('rest', {
      targetName: 'nightly', on: ['batch'], daemonName: batch!.split('/').pop()!, adoptExisting: true,
    }));
    expect(result).toMatchObject({ ...UPDATED, instanceEvents: [] });
    expect(await tagsOf(batch!)).toMatchObject({ 'cdk-ecs-managed-daemons:target': 'nightly' });
    expect(await daemonsIn('jobs')).toEqual([batch]);
  });
});

test('a capacity provider that moves to another target is drained twice, and its instances run without the daemon in between (A27)', async () => {
  const target = (targetName: string, ...on: string[]): Wave['targets'][number] => ({ targetName, on });
  await deploy('1', wave('canary', target('first', 'canary', 'general')), wave('rest', target('second', 'batch')));
  const result = await deploy('1', wave('canary', target('first', 'canary')), wave('rest', target('moved', 'general'), target('second', 'batch')));
  expect(result).toMatchObject(UPDATED);
  expect(writes(result)).toEqual(['UpdateDaemon', 'CreateDaemon']);
  expect(logLines()).toContainEqual(expect.stringMatching(/ PREFLIGHT: instances of general are drained, and run without the daemon from then on$/));
  expect(drains(result).filter((capacityProviderName) => capacityProviderName === 'general')).toHaveLength(2 * 2);
  const happened = (name: InstanceEvent['event']): Set<string> =>
    new Set(result.instanceEvents.filter(({ event }) => event === name).map(({ instanceId }) => instanceId));
  const uncovered = [...happened('APPLICATION_TASK_STARTED')].filter((instance) => !happened('DAEMON_TASK_RUNNING').has(instance));
  expect(uncovered).toHaveLength(2);
});

describe('waves in several stacks', () => {
  const OTHER = 'Rest';

  /** The canary in the stack of the bench, the rest in a later stack. */
  const stacksApp = (imageTag: string) => (props: AppProps): App => {
    const app = new App(props);
    const [canary, rest] = ([[STACK, 'canary'], [OTHER, 'general']] as const).map(([stackName, target]) => {
      const stack = new Stack(app, stackName, { env: { account: ACCOUNT, region: REGION } });
      new ManagedDaemon(stack, 'Daemon', {
        cluster: cluster(stack, CLUSTERS[target]!), capacityProviders: [capacityProvider(target)],
        daemonTaskDefinition: taskDefinition(stack, imageTag), drainPercent: 100,
      });
      return stack;
    });
    rest!.addStackDependency(canary!);
    return app;
  };

  test('keep the waves that have succeeded when a later one fails', async () => {
    await bench.deployApp(stacksApp('1'));
    failFrom('general', BROKEN);
    const result = await bench.deployApp(stacksApp(BROKEN));
    expect(result).toMatchObject({ error: expect.stringContaining(OTHER), stackStatus: 'UPDATE_COMPLETE' });
    expect(ends(result).map(({ status }) => status)).toEqual(['SUCCESSFUL', 'ROLLBACK_SUCCESSFUL']);
    expect(runningEverywhere()).toEqual({ canary: BROKEN, general: '1' });
  });

  test('stop at the first wave that fails', async () => {
    await bench.deployApp(stacksApp('1'));
    failFrom('canary', BROKEN);
    const result = await bench.deployApp(stacksApp(BROKEN), OTHER);
    expect(result).toMatchObject({ error: expect.stringContaining(STACK), stackStatus: 'CREATE_COMPLETE' });
    expect(drains(result)).not.toContain('general');
    expect(runningEverywhere()).toEqual({ canary: '1', general: '1' });
  });
});
