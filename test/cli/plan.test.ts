import { Duration } from 'aws-cdk-lib';
import { plan } from '../../cli/plan';
import { FLEET } from '../../simulation/app/agent-app';
import { agentAssembly, planUpdate } from './plan-bench';

const bake = { bakeTime: Duration.minutes(10), drainPercent: 50 };

describe('a plan of an update', () => {
  test('lists the image as the cause, with the instances that drain and their batches', async () => {
    const result = await planUpdate({ daemon: bake }, { daemon: bake, imageTag: '2' });

    expect(result.summary).toMatchInlineSnapshot(`
"Drains 4 of 4 instances, each once; likely 20 min (least 17, most 29).
agent on apps/managed is updated (image 1 → 2); drains 4 of 4 instances in 2 batches of 2; likely 20 min (least 17, most 29)."
`);
    expect(result).toMatchObject({ verdict: 'instances drain', exitCode: 2, instances: 4, drainedInstances: 4, unknownFleets: [] });
    expect(result.daemons).toEqual([expect.objectContaining({
      name: 'agent', stack: 'Agents', cluster: 'apps', capacityProviders: ['managed'], change: 'update', outcome: 'succeeds',
      causes: ['image 1 → 2'], batches: [2, 2], instances: 4, drainedInstances: 4,
    })]);
  });

  test('of two equal apps drains nothing', async () => {
    const result = await planUpdate({}, {});

    expect(result.summary).toMatchInlineSnapshot(`
"Nothing drains.
agent on apps/managed is unchanged."
`);
    expect(result).toMatchObject({ verdict: 'nothing drains', exitCode: 0, drainedInstances: 0, daemons: [{ change: 'unchanged', causes: [] }] });
  });

  test('of rollout settings drains nothing, and names the settings', async () => {
    const result = await planUpdate({}, { daemon: bake });

    expect(result.summary).toMatchInlineSnapshot(`
"Nothing drains.
agent on apps/managed changes settings of its rollout only (drain percent 100 → 50, bake minutes 0 → 10); nothing drains."
`);
    expect(result.daemons[0]).toMatchObject({ change: 'settings only', drainedInstances: 0, batches: [] });
  });

  test('of tags drains nothing, and names their keys', async () => {
    const result = await planUpdate({}, { daemon: { tags: { team: 'platform' } } });

    expect(result.exitCode).toBe(0);
    expect(result.daemons[0]).toMatchObject({ change: 'tags only', causes: ['tag team'], drainedInstances: 0 });
  });

  test('that removes the daemon drains its instances', async () => {
    const result = await planUpdate({}, { withoutDaemon: true });

    expect(result.exitCode).toBe(2);
    expect(result.daemons[0]).toMatchObject({ name: 'agent', change: 'delete', drainedInstances: 4 });
  });

  test('is the same each time', async () => {
    const twice = await Promise.all([1, 2].map(() => planUpdate({ daemon: bake }, { daemon: bake, imageTag: '2' })));

    expect(twice[0]).toEqual(twice[1]);
  });
});

describe('a plan without an old app', () => {
  test('creates the daemon on instances that exist, which drain', async () => {
    const result = await plan(agentAssembly(), { fleets: [FLEET] });

    expect(result.summary).toMatchInlineSnapshot(`
"Drains 4 of 4 instances, each once; likely 5.2 min (least 3.6, most 11).
agent on apps/managed is created; drains 4 of 4 instances in 1 batch of 4; likely 5.2 min (least 3.6, most 11)."
`);
    expect(result).toMatchObject({ exitCode: 2, daemons: [{ change: 'create', drainedInstances: 4 }] });
  });
});

describe('a capacity provider of which the number of instances is not known', () => {
  test('makes the number that drain unknown', async () => {
    const result = await planUpdate({}, { imageTag: '2' }, { fleets: [] });

    expect(result.summary).toMatchInlineSnapshot(`
"How many instances drain is not known.
agent on apps/managed is updated (image 1 → 2); how many instances drain is not known."
`);
    expect(result).toMatchObject({ verdict: 'fleet not known', exitCode: 5, unknownFleets: ['apps/managed'] });
    expect(result).not.toHaveProperty('drainedInstances');
    expect(result.daemons[0]).not.toHaveProperty('minutes');
  });

  test('does not matter to a change that drains no instance', async () => {
    expect(await planUpdate({}, { daemon: bake }, { fleets: [] })).toMatchObject({ exitCode: 0, drainedInstances: 0 });
  });
});

describe('a plan of a deployment that is refused', () => {
  test('has the reason that the stack would report', async () => {
    const composite = { alarmNames: ['errors'] };
    const result = await planUpdate({ ...composite, withheldPermissions: [] }, { ...composite, imageTag: '2', withheldPermissions: ['ecs:UpdateDaemon'] });

    expect(result).toMatchObject({ verdict: 'refused', exitCode: 4, daemons: [{ change: 'refused', reason: expect.stringContaining('ecs:UpdateDaemon') }] });
    expect(result.summary).toContain('The deployment would be refused: agent.');
  });
});

describe('a plan of an adoption', () => {
  const taskDefinitionArn = 'arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/theirs:7';

  test('of a daemon that the old app does not have drains nothing if the template has an imported task definition', async () => {
    const result = await planUpdate({ withoutDaemon: true }, { taskDefinitionArn, daemon: { adoptExisting: true, passedRoles: [] } });

    expect(result).toMatchObject({ exitCode: 0, daemons: [{ change: 'adopt', drainedInstances: 0, instances: 4 }] });
  });

  test('with a task definition of the template is refused, because the daemon has another one', async () => {
    const result = await planUpdate({ withoutDaemon: true }, { daemon: { adoptExisting: true } });

    expect(result).toMatchObject({ exitCode: 4, daemons: [{ change: 'refused', reason: expect.stringContaining('cannot be adopted') }] });
  });
});

test('a plan of a daemon with an imported task definition registers that', async () => {
  const taskDefinition = (revision: number): string => `arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/theirs:${revision}`;
  const [before, after] = [1, 3].map((revision) => ({ taskDefinitionArn: taskDefinition(revision), daemon: { passedRoles: [] } }));

  expect(await planUpdate(before!, after!)).toMatchObject({ exitCode: 2, daemons: [{ change: 'update', causes: ['task definition replaced'] }] });
});

describe('a failure that is rehearsed', () => {
  test('of an alarm rolls the update back, and counts the drains of the rollback', async () => {
    const settings = { daemon: bake, alarmNames: ['errors'] };
    const result = await planUpdate(settings, { ...settings, imageTag: '2' }, { failures: { alarms: [{ alarm: 'errors', minutes: 7 }] } });

    expect(result.summary).toMatchInlineSnapshot(`
"Rolled back: agent; 8 drains; likely 19 min (least 13, most 33).
agent on apps/managed is updated (image 1 → 2); 8 drains on 4 instances in 2 batches of 2; likely 19 min (least 13, most 33); it is rolled back: DEPLOYING: ECS rolled the daemon agent back: alarm errors went into ALARM ("rehearsed by the sandbox") after 4 of 4 instances ran the new revision."
`);
    expect(result).toMatchObject({ exitCode: 2, daemons: [{ change: 'update', outcome: 'rolled back' }] });
  });

  test('of an image that does not start rolls the update back', async () => {
    const result = await planUpdate({}, { imageTag: 'broken' }, { failures: { failingImages: ['*:broken'] } });

    expect(result.summary).toMatchInlineSnapshot(`
"Rolled back: agent; 4 drains; likely 5.9 min (least 4, most 12).
agent on apps/managed is updated (image 1 → broken); 4 drains on 4 instances in 1 batch of 4; likely 5.9 min (least 4, most 12); it is rolled back: DEPLOYING: ECS rolled the daemon agent back: the daemon failed to start 4 times (the limit is 3), "The circuit breaker was triggered: 4 daemon tasks failed to start." after 0 of 4 instances ran the new revision."
`);
    expect(result.daemons[0]).toMatchObject({ change: 'update', outcome: 'rolled back' });
  });

  test('of a drain that hangs lets the rollout time out', async () => {
    const result = await planUpdate({}, { imageTag: '2' }, { failures: { hangingDrains: ['managed'] } });

    expect(result.summary).toMatchInlineSnapshot(`
"Fails: agent; 4 drains.
agent on apps/managed is updated (image 1 → 2); 4 drains on 4 instances in 1 batch of 4; it times out: DEPLOYING: TIMED_OUT after 55 minutes with 4 of 4 instances on the new revision; no progress for 51 minutes while 1 drains; ECS continues what it has started."
`);
    expect(result.daemons[0]).toMatchObject({ change: 'update', outcome: 'times out' });
  });
});
