import {
  ClientException, ClusterNotFoundException, DaemonNotActiveException, DaemonNotFoundException, ECS, InvalidParameterException,
  type ListDaemonDeploymentsRequest,
} from '@aws-sdk/client-ecs';
import { CLUSTER_ARN, DAEMON_ARN, EcsRig, providerArn, type RigOptions } from './ecs-rig';

let rig: EcsRig;
const start = async (options?: RigOptions): Promise<EcsRig> => (rig = await EcsRig.start(options));
afterEach(() => rig.close());

const invalid = { name: 'InvalidParameterException' };

describe('exceptions (R19)', () => {
  test('are instances of the classes that the SDK models', async () => {
    await start();
    await rig.established();
    await expect(rig.create('agent:1', { clusterArn: 'nowhere' })).rejects.toBeInstanceOf(ClusterNotFoundException);
    await expect(rig.create('agent:1', { daemonName: 'a name' })).rejects.toBeInstanceOf(InvalidParameterException);
    await expect(rig.ecs.describeDaemon({ daemonArn: `${DAEMON_ARN}s` })).rejects.toBeInstanceOf(DaemonNotFoundException);
    await expect(rig.ecs.describeDaemonTaskDefinition({ daemonTaskDefinition: 'unknown:1' })).rejects.toBeInstanceOf(ClientException);
    await rig.delete();
    await expect(rig.update('agent:2')).rejects.toBeInstanceOf(DaemonNotActiveException);
  });
});

describe('CreateDaemon', () => {
  test('needs name, task definition and capacity providers (R3)', async () => {
    await start();
    for (const missing of [{ daemonName: '' }, { daemonTaskDefinitionArn: '' }, { capacityProviderArns: [] }]) {
      await expect(rig.create('agent:1', missing)).rejects.toMatchObject(invalid);
    }
  });

  test('returns the ARNs of a deployment and of the daemon in their formats (R8, R18)', async () => {
    await start();
    const answer = await rig.ecs.createDaemon({
      daemonName: 'agent', clusterArn: CLUSTER_ARN, daemonTaskDefinitionArn: await rig.taskDefinition(), capacityProviderArns: [providerArn('main')],
    });
    expect(answer).toMatchObject({ daemonArn: DAEMON_ARN, status: 'ACTIVE', createdAt: expect.any(Date) });
    expect(answer.deploymentArn).toMatch(/:daemon-deployment\/fleet\/agent\/[^/]+$/);
    const { targetDaemonRevision } = await rig.deployment(answer.deploymentArn!);
    expect(targetDaemonRevision!.arn).toMatch(/:daemon-revision\/fleet\/agent\/[0-9a-f-]{36}$/);
  });

  test('may return a deployment ARN without the daemon (A30)', async () => {
    await start({ assumptions: { deploymentArnFormat: 'two' } });
    expect(await rig.create()).toMatch(/:daemon-deployment\/fleet\/[^/]+$/);
  });

  test.each([-1, 101])('rejects a drain percentage of %d (R29)', async (drainPercent) => {
    await start();
    await expect(rig.create('agent:1', { deploymentConfiguration: { drainPercent } })).rejects.toMatchObject(invalid);
  });

  test.each([-1, 1441, 1.5])('rejects a bake of %d minutes (R30)', async (bakeTimeInMinutes) => {
    await start();
    await expect(rig.create('agent:1', { deploymentConfiguration: { bakeTimeInMinutes } })).rejects.toMatchObject(invalid);
  });

  test.each<[string, object]>([
    ['alarms whose switch is a text', { deploymentConfiguration: { alarms: { alarmNames: ['errors'], enable: 'true' } } }],
    ['a drain percentage that is a text', { deploymentConfiguration: { drainPercent: '25' } }],
    ['a bake that is a text', { deploymentConfiguration: { bakeTimeInMinutes: '5' } }],
    ['a flag that is a text', { critical: 'false' }],
  ])('rejects %s, since AWS accepts no text', async (_what, given) => {
    await start();
    const malformed = { name: 'SerializationException' };
    await expect(rig.create('agent:1', given)).rejects.toMatchObject(malformed);
    await rig.established();
    await expect(rig.update('agent:2', given)).rejects.toMatchObject(malformed);
  });

  test('rejects an alarm without a name', async () => {
    await start();
    const given = { deploymentConfiguration: { alarms: { alarmNames: [''], enable: true } } };
    await expect(rig.create('agent:1', given)).rejects.toMatchObject(invalid);
    await rig.established();
    await expect(rig.update('agent:2', given)).rejects.toMatchObject(invalid);
  });

  test('accepts a drain percentage of 1 and 100 and a bake of a day (R29, R30)', async () => {
    await start();
    await rig.create('agent:1', { deploymentConfiguration: { drainPercent: 1, bakeTimeInMinutes: 0 } });
    await rig.update('agent:2', { deploymentConfiguration: { drainPercent: 100, bakeTimeInMinutes: 1440 } });
  });

  test('fails until the service-linked role and a new cluster are usable (R42)', async () => {
    await start({ fleets: {}, assumptions: { serviceLinkedRoleDelay: 60, clusterVisibilityDelay: 60 } });
    await rig.advance(30);
    rig.sandbox.ecs.seedFleet({ cluster: 'fleet', capacityProvider: 'main', instances: 1, applicationTasksPerInstance: 1 });
    await expect(rig.create()).rejects.toMatchObject({ ...invalid, message: expect.stringContaining('assume the service linked role') });
    await rig.advance(30);
    await expect(rig.create()).rejects.toMatchObject({ name: 'ClusterNotFoundException' });
    await rig.advance(30);
    await rig.create();
  });

  test('requires ARNs of ACTIVE Managed Instances providers of the cluster, each once (R43)', async () => {
    await start({ assumptions: { capacityProviderActivation: 30 } });
    await rig.advance(30);
    rig.sandbox.ecs.seedFleet({ cluster: 'other', capacityProvider: 'elsewhere', instances: 0, applicationTasksPerInstance: 1 });
    await rig.ecs.createCapacityProvider({ name: 'scaling', autoScalingGroupProvider: { autoScalingGroupArn: 'arn:aws:autoscaling:…' } });
    await rig.advance(30);
    const instanceLaunchTemplate = { ec2InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/p', networkConfiguration: {} };
    await rig.ecs.createCapacityProvider({
      name: 'fresh', cluster: 'fleet', managedInstancesProvider: { infrastructureRoleArn: 'arn:aws:iam::123456789012:role/r', instanceLaunchTemplate },
    });
    const refused = [['main'], ['unknown', 'elsewhere', 'scaling', 'fresh'].map(providerArn), [providerArn('main'), providerArn('main')]];
    for (const capacityProviderArns of [refused[0]!, ...refused[1]!.map((arn) => [arn]), refused[2]!]) {
      await expect(rig.create('agent:1', { capacityProviderArns })).rejects.toMatchObject(invalid);
    }
    await rig.advance(30);
    await rig.create('agent:1', { capacityProviderArns: [providerArn('fresh')] });
  });

  test('accepts at most 50 tags, none of AWS', async () => {
    await start();
    const tags = Array.from({ length: 51 }, (_, index) => ({ key: `key-${index}`, value: '' }));
    await expect(rig.create('agent:1', { tags })).rejects.toMatchObject(invalid);
    await expect(rig.create('agent:1', { tags: [{ key: 'aws:mine', value: '' }] })).rejects.toMatchObject(invalid);
    await rig.create('agent:1', { tags: tags.slice(1) });
  });
});

describe('UpdateDaemon', () => {
  test('needs daemon, task definition and capacity providers (R4)', async () => {
    await start();
    await rig.established();
    const daemonTaskDefinitionArn = await rig.taskDefinition();
    const complete = { daemonArn: DAEMON_ARN, daemonTaskDefinitionArn, capacityProviderArns: [providerArn('main')] };
    for (const missing of [{ daemonArn: '' }, { daemonTaskDefinitionArn: '' }, { capacityProviderArns: [] }]) {
      await expect(rig.ecs.updateDaemon({ ...complete, ...missing })).rejects.toMatchObject(invalid);
    }
    expect(await rig.ecs.updateDaemon(complete)).toMatchObject({ daemonArn: DAEMON_ARN, status: 'ACTIVE', updatedAt: expect.any(Date) });
  });
});

describe('reads', () => {
  test('of DescribeDaemon omit name, task definition, configuration, flags and tags (R15)', async () => {
    await start();
    await rig.established();
    const { daemon } = await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN });
    expect(Object.keys(daemon!).sort()).toEqual(
      ['clusterArn', 'createdAt', 'currentRevisions', 'daemonArn', 'deploymentArn', 'status', 'updatedAt'],
    );
  });

  test('return unknown ARNs as failures, and accept at most 20 (R13)', async () => {
    await start();
    const known = await rig.create();
    expect(await rig.ecs.describeDaemonDeployments({ daemonDeploymentArns: [`${known}x`, known] })).toMatchObject({
      daemonDeployments: [{ daemonDeploymentArn: known }], failures: [{ arn: `${known}x`, reason: 'MISSING' }],
    });
    expect((await rig.ecs.describeDaemonRevisions({ daemonRevisionArns: ['arn:unknown'] })).failures).toEqual([{ arn: 'arn:unknown', reason: 'MISSING' }]);
    const many = Array.from({ length: 21 }, (_, index) => `arn:${index}`);
    await expect(rig.ecs.describeDaemonDeployments({ daemonDeploymentArns: many })).rejects.toMatchObject(invalid);
    await expect(rig.ecs.describeDaemonRevisions({ daemonRevisionArns: many })).rejects.toMatchObject(invalid);
  });

  test('have pages, of 20 newest deployments in ListDaemonDeployments (R14)', async () => {
    await start({ fleets: { main: 0 } });
    await rig.create();
    for (let update = 0; update < 24; update++) {
      await rig.advance(60);
      await rig.update('agent:2');
    }
    const first = await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN });
    expect(first.daemonDeployments).toHaveLength(20);
    expect(first.daemonDeployments![0]).toMatchObject({ status: 'PENDING', daemonArn: DAEMON_ARN, targetDaemonRevisionArn: expect.any(String) });
    const second = await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN, nextToken: first.nextToken });
    expect(second.daemonDeployments).toHaveLength(5);
    expect(second.nextToken).toBeUndefined();
    const { createdAt } = first.daemonDeployments![2]!;
    const countOf = async (query: Partial<ListDaemonDeploymentsRequest>): Promise<number> =>
      (await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN, ...query })).daemonDeployments!.length;
    expect(await countOf({ createdAt: { after: createdAt } })).toBe(2);
    expect(await countOf({ status: ['PENDING'] })).toBe(1);
    expect(await countOf({ maxResults: 100 })).toBe(25);
    await expect(rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN, maxResults: 101 })).rejects.toMatchObject(invalid);
  });

  test('of ListDaemons filter by cluster and capacity provider', async () => {
    await start({ fleets: { main: 0, spot: 0 } });
    await rig.create();
    await rig.create('logs:1', { daemonName: 'logs', capacityProviderArns: [providerArn('spot')] });
    const names = async (...capacityProviderArns: string[]): Promise<(string | undefined)[]> =>
      (await rig.ecs.listDaemons({ clusterArn: CLUSTER_ARN, capacityProviderArns })).daemonSummariesList!.map(({ daemonArn }) => daemonArn!.split('/').at(-1));
    expect(await names()).toEqual(['agent', 'logs']);
    expect(await names(providerArn('spot'))).toEqual(['logs']);
    const { nextToken } = await rig.ecs.listDaemons({ clusterArn: CLUSTER_ARN, maxResults: 1 });
    expect((await rig.ecs.listDaemons({ clusterArn: CLUSTER_ARN, maxResults: 1, nextToken })).daemonSummariesList).toHaveLength(1);
  });

  test('of ListDaemonDeployments never return DaemonNotFound (R19)', async () => {
    await start();
    expect((await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN })).daemonDeployments).toEqual([]);
  });

  test('return a new revision as MISSING at first (A15)', async () => {
    await start({ assumptions: { arnVisibilityDelay: 5 } });
    await rig.create();
    const { daemonDeployments } = await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN });
    const arn = daemonDeployments![0]!.targetDaemonRevisionArn!;
    const describe = () => rig.ecs.describeDaemonRevisions({ daemonRevisionArns: [arn] });
    expect(await describe()).toMatchObject({ daemonRevisions: [], failures: [{ arn, reason: 'MISSING' }] });
    await rig.advance(5);
    expect(await describe()).toMatchObject({ daemonRevisions: [{ daemonRevisionArn: arn }], failures: [] });
  });

  test('of ListTasks filter by daemon name', async () => {
    await start({ fleets: { main: 3 } });
    await rig.established();
    expect((await rig.ecs.listTasks({ cluster: 'fleet', daemonName: 'agent' })).taskArns).toHaveLength(3);
    expect((await rig.ecs.listTasks({ cluster: 'fleet' })).taskArns).toHaveLength(9);
  });
});

describe('tags (R12)', () => {
  test('change without a deployment (R12)', async () => {
    await start();
    const deploymentArn = await rig.established('agent:1', { tags: [{ key: 'team', value: 'a' }, { key: 'old', value: '1' }] });
    await rig.ecs.tagResource({ resourceArn: DAEMON_ARN, tags: [{ key: 'team', value: 'b' }] });
    await rig.ecs.untagResource({ resourceArn: DAEMON_ARN, tagKeys: ['old'] });
    expect((await rig.ecs.listTagsForResource({ resourceArn: DAEMON_ARN })).tags).toEqual([{ key: 'team', value: 'b' }]);
    await rig.advance(1000);
    expect((await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).daemon!.deploymentArn).toBe(deploymentArn);
    expect(rig.drains()).toEqual([]);
  });

  test('are rejected for a resource that does not exist', async () => {
    await start();
    await expect(rig.ecs.listTagsForResource({ resourceArn: DAEMON_ARN })).rejects.toMatchObject(invalid);
    await expect(rig.ecs.tagResource({ resourceArn: DAEMON_ARN, tags: [] })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('reads after writes (R41)', () => {
  test.each([0, 5, 120])('lag by %i s (A28)', async (readLag) => {
    await start({ assumptions: { readLag } });
    await rig.create();
    const describe = async (): Promise<string | undefined> => {
      try {
        return (await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).daemon!.status;
      } catch (error) {
        return (error as Error).name;
      }
    };
    if (readLag > 0) {
      await rig.advance(readLag - 1);
      expect(await describe()).toBe('DaemonNotFoundException');
      expect((await rig.ecs.listDaemons({ clusterArn: CLUSTER_ARN })).daemonSummariesList).toEqual([]);
      await rig.advance(1);
    }
    expect(await describe()).toBe('ACTIVE');
    await rig.advance(1000);
    const second = await rig.update('agent:2');
    const latest = async (): Promise<string | undefined> =>
      (await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).daemon!.deploymentArn;
    expect(await latest() === second).toBe(readLag === 0);
    await rig.advance(readLag);
    expect(await latest()).toBe(second);
    expect((await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN })).daemonDeployments).toHaveLength(2);
  });

  test('have a random age with readAge, so that the later of two may be the older (A28)', async () => {
    const play = async (): Promise<boolean[]> => {
      await start({ assumptions: { readLag: 60, readAge: 'random' } });
      await rig.create();
      await rig.advance(1000);
      const second = await rig.update('agent:2');
      const shown: boolean[] = [];
      for (let reads = 0; reads < 22; reads++) {
        shown.push((await rig.ecs.describeDaemon({ daemonArn: DAEMON_ARN })).daemon!.deploymentArn === second);
        shown.push((await rig.ecs.describeDaemonDeployments({ daemonDeploymentArns: [second] })).daemonDeployments!.length > 0);
        await rig.advance(3);
      }
      return shown;
    };
    const shown = await play();
    const ofDaemon = shown.filter((_, index) => index % 2 === 0);
    const ofDeployment = shown.filter((_, index) => index % 2 === 1);
    for (const reads of [ofDaemon, ofDeployment]) expect(reads.some((isShown, index) => isShown && reads[index + 1] === false)).toBe(true);
    expect([ofDaemon.at(-1), ofDeployment.at(-1)]).toEqual([true, true]);
    await rig.close();
    expect(await play()).toEqual(shown);
  });

  test('omit no daemon from a list of which the pages have different ages (A28)', async () => {
    await start({ fleets: { main: 0 }, assumptions: { readLag: 60, readAge: 'random' } });
    await rig.create();
    await rig.create('logs:1', { daemonName: 'logs' });
    await rig.create('metrics:1', { daemonName: 'metrics' });
    await rig.advance(1000);
    await rig.ecs.deleteDaemon({ daemonArn: DAEMON_ARN });
    for (let lists = 0; lists < 20; lists++) {
      const names: string[] = [];
      let nextToken: string | undefined;
      do {
        const page = await rig.ecs.listDaemons({ clusterArn: CLUSTER_ARN, maxResults: 1, nextToken });
        names.push(...page.daemonSummariesList!.map(({ daemonArn }) => daemonArn!.split('/').at(-1)!));
        nextToken = page.nextToken;
      } while (nextToken);
      expect(names).toEqual(expect.arrayContaining(['logs', 'metrics']));
      await rig.advance(5);
    }
  });

  test('repeat or omit no deployment in a list of which the pages have different ages (A28)', async () => {
    await start({ fleets: { main: 0 }, assumptions: { readLag: 60, readAge: 'random' } });
    await rig.create();
    await rig.update('agent:2');
    await rig.advance(1000);
    const { daemonDeployments } = await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN });
    const old = daemonDeployments!.map(({ daemonDeploymentArn }) => daemonDeploymentArn);
    await rig.update('agent:3');
    for (let lists = 0; lists < 20; lists++) {
      const arns: (string | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN, maxResults: 1, nextToken });
        arns.push(...page.daemonDeployments!.map(({ daemonDeploymentArn }) => daemonDeploymentArn));
        nextToken = page.nextToken;
      } while (nextToken);
      expect(arns.slice(-2)).toEqual(old);
      expect(new Set(arns).size).toBe(arns.length);
      await rig.advance(5);
    }
  });

  test('of tags lag by tagLag, for new, changed and removed tags (A28)', async () => {
    await start({ assumptions: { tagLag: 60 } });
    const tags = async (): Promise<unknown> => {
      try {
        return (await rig.ecs.listTagsForResource({ resourceArn: DAEMON_ARN })).tags;
      } catch (error) {
        return (error as Error).name;
      }
    };
    await rig.create('agent:1', { tags: [{ key: 'team', value: 'one' }] });
    await rig.advance(59);
    expect(await tags()).toBe('InvalidParameterException');
    await rig.ecs.tagResource({ resourceArn: DAEMON_ARN, tags: [{ key: 'team', value: 'two' }] });
    await rig.advance(1);
    expect(await tags()).toEqual([{ key: 'team', value: 'one' }]);
    await rig.advance(59);
    expect(await tags()).toEqual([{ key: 'team', value: 'two' }]);
    await rig.ecs.untagResource({ resourceArn: DAEMON_ARN, tagKeys: ['team'] });
    expect(await tags()).toEqual([{ key: 'team', value: 'two' }]);
    await rig.advance(60);
    expect(await tags()).toEqual([]);
  });

  test('return new ARNs as MISSING at first, and old ones after their retention (A15)', async () => {
    await start({ assumptions: { arnVisibilityDelay: 5, deploymentRetention: 1 } });
    const deploymentArn = await rig.create();
    const failures = async (): Promise<unknown> =>
      (await rig.ecs.describeDaemonDeployments({ daemonDeploymentArns: [deploymentArn] })).failures;
    expect(await failures()).toEqual([{ arn: deploymentArn, reason: 'MISSING' }]);
    await rig.advance(5);
    expect(await failures()).toEqual([]);
    await rig.advance(294 + 3595 - 5);
    expect(await failures()).toEqual([]);
    await rig.advance(5);
    expect(await failures()).toEqual([{ arn: deploymentArn, reason: 'MISSING' }]);
    expect((await rig.ecs.listDaemonDeployments({ daemonArn: DAEMON_ARN })).daemonDeployments).toEqual([]);
  });

  test('return counters that lag behind the status by counterLag (A35)', async () => {
    await start({ assumptions: { counterLag: 60 } });
    await rig.established();
    const deploymentArn = await rig.update('agent:2');
    await rig.advance(41);
    expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'IN_PROGRESS', sourceDaemonRevisions: [{ totalDrainingInstanceCount: 0 }] });
    await rig.advance(60);
    expect(await rig.deployment(deploymentArn)).toMatchObject({ sourceDaemonRevisions: [{ totalDrainingInstanceCount: 1 }] });
  });
});

describe('throttling (A24)', () => {
  const burst = async (throttle: NonNullable<RigOptions['assumptions']>['throttle'], writes: number): Promise<number> => {
    await start({ assumptions: { throttle } });
    const answers = await Promise.allSettled(Array.from({ length: writes }, () => rig.taskDefinition()));
    const refused = answers.filter((answer) => answer.status === 'rejected');
    for (const { reason } of refused) expect(reason).toMatchObject({ name: 'ThrottlingException' });
    return refused.length;
  };

  test('allows a burst of 20 writes, then one a second, if assumed', async () => {
    expect(await burst('assumed', 23)).toBe(3);
    await rig.advance(2);
    expect((await Promise.allSettled(Array.from({ length: 3 }, () => rig.taskDefinition()))).filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });

  test('allows a burst of 50 reads if assumed', async () => {
    await start({ assumptions: { throttle: 'assumed' } });
    const answers = await Promise.allSettled(Array.from({ length: 55 }, () => rig.ecs.listDaemons({ clusterArn: CLUSTER_ARN })));
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(5);
  });

  test('is off, or has other rates', async () => {
    expect(await burst('off', 60)).toBe(0);
    await rig.close();
    expect(await burst({ writesPerSecond: 10, readsPerSecond: 20 }, 21)).toBe(1);
    await rig.advance(1);
    expect((await Promise.allSettled(Array.from({ length: 10 }, () => rig.taskDefinition()))).every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});

test('the 12 daemon operations exist, and no others (R1)', async () => {
  await start();
  const ofDaemons = Object.keys(rig.sandbox.ecs.operations).filter((name) => /Daemon/.test(name)).sort();
  const ofSdk = Object.getOwnPropertyNames(ECS.prototype).filter((name) => /daemon/i.test(name) && !name.startsWith('waitUntil'))
    .map((name) => name[0]!.toUpperCase() + name.slice(1)).sort();
  expect(ofDaemons).toHaveLength(12);
  expect(ofDaemons).toEqual(ofSdk);
});
