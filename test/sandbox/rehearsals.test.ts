import type { SandboxOptions } from '../../sandbox';
import { EcsRig } from './ecs/ecs-rig';

let rig: EcsRig;
let lines: string[];
let details: string[];

async function start(sandbox: SandboxOptions, instances = 4): Promise<void> {
  lines = [];
  details = [];
  const prints = { onNotice: (line: string) => void lines.push(line), onDetail: (line: string) => void details.push(line) };
  rig = await EcsRig.start({ fleets: { main: instances }, sandbox: { ...prints, ...sandbox } });
}

afterEach(() => rig.close());

const watching = { deploymentConfiguration: { alarms: { enable: true, alarmNames: ['app-errors-1F2E'] }, bakeTimeInMinutes: 60, drainPercent: 100 } };

describe('an alarm that is rehearsed', () => {
  test('goes into ALARM so many minutes after the start of a rollout that it protects, and is OK again after its end', async () => {
    await start({ alarmsDuringRollouts: [{ alarm: 'app-errors-*', minutes: 20 }] });
    await rig.established();
    await rig.putAlarm('app-errors-1F2E');
    const deploymentArn = await rig.update('agent:2', watching);
    await rig.advance(3600);
    expect(rig.statusLines(deploymentArn).slice(0, 3)).toEqual([[0, 'PENDING'], [40, 'IN_PROGRESS'], [40 + 20 * 60, 'STOP_REQUESTED']]);
    expect(await rig.status(deploymentArn)).toBe('ROLLBACK_SUCCESSFUL');
    expect(rig.sandbox.cloudWatch.alarm('app-errors-1F2E')).toMatchObject({ state: 'OK' });
    expect(lines.slice(2)).toEqual([
      'Daemon fleet/agent: update deployment IN_PROGRESS',
      'Alarm app-errors-1F2E: ALARM (rehearsed by the sandbox)',
      'Daemon fleet/agent: update deployment ROLLBACK_IN_PROGRESS: CloudWatch alarm app-errors-1F2E entered ALARM.',
      'Daemon fleet/agent: update deployment ROLLBACK_SUCCESSFUL: CloudWatch alarm app-errors-1F2E entered ALARM.',
      'Alarm app-errors-1F2E: OK (the deployment has ended)',
    ]);
  });

  test('keeps its state in a rollout that it does not protect, and in one that has ended before', async () => {
    await start({ alarmsDuringRollouts: [{ alarm: 'app-errors-*', minutes: 20 }] });
    await rig.putAlarm('app-errors-1F2E');
    await rig.established();
    await rig.update('agent:2', { deploymentConfiguration: { ...watching.deploymentConfiguration, bakeTimeInMinutes: 0 } });
    await rig.advance(3600);
    expect(rig.sandbox.cloudWatch.alarm('app-errors-1F2E')).toMatchObject({ state: 'INSUFFICIENT_DATA' });
  });

  test('is reported in a line if it does not exist', async () => {
    await start({ alarmsDuringRollouts: [{ alarm: 'app-errors-1F2E', minutes: 20 }] });
    const deploymentArn = await rig.create('agent:1', watching);
    await rig.advance(7200);
    expect(await rig.status(deploymentArn)).toBe('SUCCESSFUL');
    expect(lines).toContain('Alarm app-errors-1F2E does not exist: the sandbox cannot put it into ALARM');
  });
});

test('the first instance of a capacity provider with a hanging drain does not drain, and the others do', async () => {
  await start({ hangingDrains: ['main'] });
  const deploymentArn = await rig.create('agent:1', { deploymentConfiguration: { drainPercent: 100 } });
  await rig.advance(4 * 3600);
  expect(await rig.status(deploymentArn)).toBe('IN_PROGRESS');
  expect(rig.sandbox.ecs.instancesByState('main')).toMatchObject({ DRAINING: 1, ACTIVE: 4 });
});

test.each(['proxy:broken', '*:broken', 'proxy:br?ken'])('daemon tasks with a container of the image %s do not start', async (image) => {
  await start({ startFailures: [{ image }] });
  const { daemonTaskDefinitionArn } = await rig.ecs.registerDaemonTaskDefinition({
    family: 'agent', containerDefinitions: [{ name: 'agent', image: 'agent:1', memory: 128 }, { name: 'proxy', image: 'proxy:broken', memory: 128 }],
  });
  const deploymentArn = await rig.create('agent:1', { daemonTaskDefinitionArn });
  await rig.advance(4 * 3600);
  expect(await rig.deployment(deploymentArn)).toMatchObject({ status: 'STOPPED', statusReason: expect.stringContaining('failed to start') });
});

test('events of instances are details', async () => {
  await start({}, 1);
  await rig.create();
  await rig.advance(3600);
  expect(lines).toEqual(['Daemon fleet/agent: create deployment IN_PROGRESS', 'Daemon fleet/agent: create deployment SUCCESSFUL: The daemon deployment completed successfully.']);
  expect(details).toContainEqual(expect.stringMatching(/^Instance i-[0-9a-f]{17} of main: INSTANCE_DRAINING$/));
});
