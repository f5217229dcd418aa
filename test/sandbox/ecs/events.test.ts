import { EcsByItself, SEED } from './ecs-by-itself';

describe('EventBridge', () => {
  test('gets an event on every change of status, without reason and counts (R55)', async () => {
    const world = new EcsByItself();
    const { clock, emitted, ecs } = world;
    ecs.seedFleet(SEED);
    const { deploymentArn, daemonArn } = world.write('CreateDaemon', 'agent:1');
    await clock.advance(300);
    expect(emitted.map(({ detail }) => detail.eventName)).toEqual([
      'DAEMON_DEPLOYMENT_PENDING', 'DAEMON_DEPLOYMENT_IN_PROGRESS', 'DAEMON_DEPLOYMENT_SUCCESSFUL',
    ]);
    expect(emitted[1]).toEqual({
      source: 'aws.ecs', detailType: 'ECS Daemon Deployment State Change', resources: [daemonArn],
      detail: {
        eventType: 'INFO', eventName: 'DAEMON_DEPLOYMENT_IN_PROGRESS', clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/fleet', daemonArn,
        daemonDeploymentArn: deploymentArn, targetDaemonRevisionArn: expect.stringContaining(':daemon-revision/fleet/agent/'), updatedAt: '2026-01-01T00:00:40.000Z',
      },
    });
  });

  test('gets ROLLBACK_FAILED as an ERROR (R55)', async () => {
    const world = new EcsByItself({ firstDeploymentFailure: 'rollback-failed' });
    const { clock, emitted, ecs } = world;
    ecs.seedFleet(SEED);
    ecs.failStarts({ image: 'agent:1' });
    world.write('CreateDaemon', 'agent:1');
    await clock.advance(1000);
    expect(emitted.at(-1)!.detail).toMatchObject({ eventName: 'DAEMON_DEPLOYMENT_ROLLBACK_FAILED', eventType: 'ERROR' });
  });

  test.each([true, false])('gets the reason of a failed start, critical %s (R56)', async (critical) => {
    const world = new EcsByItself();
    const { clock, emitted, ecs } = world;
    ecs.seedFleet(SEED);
    ecs.failStarts({ image: 'agent:1', launches: 1, reason: 'Essential container in task exited' });
    ecs.failStarts({ image: 'agent:1', launches: 1, reason: 'RESOURCE:CPU', failureType: 'TASK_CREATION_FAILED' });
    world.write('CreateDaemon', 'agent:1', { critical });
    await clock.advance(1000);
    const [failedToRun, failedToCreate] = emitted.filter(({ detailType }) => detailType === 'ECS Daemon Service Action');
    expect(failedToRun!.detail).toMatchObject({
      eventType: 'WARNING', eventName: 'DAEMON_TASK_START_IMPAIRED', failureType: 'TASK_FAILED_TO_RUN', reason: 'Essential container in task exited',
      capacityProviderName: 'main', daemonTaskDefinitionArn: expect.stringContaining('daemon-task-definition/agent:1'),
      containerInstanceArn: expect.stringContaining('container-instance/fleet/'),
    });
    expect(failedToRun!.resources).toEqual([failedToRun!.detail.taskArn]);
    expect(failedToCreate).toMatchObject({ resources: [], detail: { failureType: 'TASK_CREATION_FAILED', reason: 'RESOURCE:CPU' } });
    expect(failedToCreate!.detail).not.toHaveProperty('taskArn');
  });
});

describe('the event log of instances', () => {
  test('is the same for the same seed, and has other ids for another seed', async () => {
    const run = async (randomSeed: number): Promise<unknown> => {
      const world = new EcsByItself({}, randomSeed);
      const { clock, ecs } = world;
      ecs.seedFleet({ ...SEED, instances: 4 });
      world.write('CreateDaemon', 'agent:1');
      await clock.advance(2000);
      return ecs.instanceEvents;
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  test('contains cluster, provider, task, revision, image and the cause deployment', async () => {
    const world = new EcsByItself();
    const { clock, ecs } = world;
    ecs.seedFleet(SEED);
    const heard: string[] = [];
    const stop = ecs.onInstanceEvent(({ event }) => heard.push(event));
    const { deploymentArn, daemonArn } = world.write('CreateDaemon', 'agent:1');
    await clock.advance(135);
    stop();
    await clock.advance(1000);
    expect(heard).toEqual(['INSTANCE_DRAINING', 'INSTANCE_REGISTERING', 'DAEMON_TASK_STARTED', 'DAEMON_TASK_RUNNING']);
    expect(ecs.instanceEvents.find(({ event }) => event === 'DAEMON_TASK_RUNNING')).toEqual({
      time: '2026-01-01T00:02:11.000Z', cluster: 'fleet', capacityProvider: 'main', instanceId: expect.stringMatching(/^i-[0-9a-f]{17}$/),
      event: 'DAEMON_TASK_RUNNING', taskArn: expect.stringContaining(':task/fleet/'), daemonArn, image: 'agent:1', deploymentArn,
      revisionArn: expect.stringContaining(':daemon-revision/'),
    });
  });

  test('shows seeded instances with the daemons of their provider', async () => {
    const world = new EcsByItself();
    const { clock, ecs } = world;
    ecs.seedFleet({ ...SEED, instances: 0 });
    world.write('CreateDaemon', 'agent:1');
    await clock.advance(100);
    ecs.seedFleet({ ...SEED, instances: 2 });
    expect(ecs.instanceEvents.filter(({ event }) => event === 'DAEMON_TASK_RUNNING')).toHaveLength(2);
    expect(ecs.instancesByState('main')).toEqual({ REGISTERING: 0, ACTIVE: 2, DRAINING: 0, DEREGISTERING: 0 });
  });
});
