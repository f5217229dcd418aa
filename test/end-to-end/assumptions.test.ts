import { Duration } from 'aws-cdk-lib';
import { ConnectionLost, type EcsAssumptions } from '../../sandbox';
import { FLEET, image, type AgentSettings } from '../../simulation/app/agent-app';
import { count, DeploymentBench, ends, secondsBetween, type DeploymentResult } from './deployment';

/**
 * What AWS leaves open must not matter: whatever the answer, a stack ends the same way and the fleet is moved once.
 *
 * Each row is an answer other than the sandbox's default.
 */
const ASSUMPTIONS: readonly [string, Partial<EcsAssumptions>][] = [
  ['an update during a deployment is refused (A1)', { updateDuringDeployment: 'reject' }],
  ['a superseded deployment passes STOP_REQUESTED (A1)', { supersededPath: 'via-stop-requested' }],
  ['an update during a rollback is refused (A2)', { updateDuringRollback: 'reject' }],
  ['a deletion during a deployment is refused (A3)', { deleteDuringDeployment: 'reject' }],
  ['a rollback is a deployment of its own (A5)', { rollbackDeployment: 'new-arn' }],
  ['an update that changes nothing does nothing (A6)', { identicalUpdate: 'no-op' }],
  ['an update of settings is instant (A7)', { configOnlyUpdate: 'instant' }],
  ['drain percent is a share of all providers (A9)', { drainScope: 'overall', drainRounding: 'floor' }],
  ['a bake after each batch (A11)', { bakePosition: 'per-step' }],
  ['a bake after SUCCESSFUL (A11)', { bakeStatus: 'after-successful' }],
  ['an alarm without data triggers (A13)', { insufficientData: 'triggers' }],
  ['a missing alarm is noticed (A13)', { missingAlarm: 'fails-later' }],
  ['alarms are honoured without being enabled (A14)', { alarmsWithoutEnable: 'honoured' }],
  ['new deployments are missing for a minute (A15)', { arnVisibilityDelay: 60 }],
  ['deployments are missing three minutes after their end (A15)', { deploymentRetention: 0.05 }],
  ['a deleted daemon is a client error (A16)', { afterDelete: 'client-exception' }],
  ['a deleted daemon leaves a shell (A16)', { afterDelete: 'inactive-shell' }],
  ['a deletion rolls back once (A16)', { deletionRollback: 'once' }],
  ['requests are not throttled (A24)', { throttle: 'off' }],
  ['requests are throttled hard (A24)', { throttle: { writesPerSecond: 0.05, readsPerSecond: 0.2 } }],
  ['a deleted task definition can be rolled back to (A19)', { deletedTaskDefinition: 'rollback-works' }],
  ['reads do not lag (A28)', { readLag: 0 }],
  ['reads lag by 120 s (A28)', { readLag: 120 }],
  ['tags lag by 120 s (A28)', { tagLag: 120 }],
  ['nothing new is visible for 120 s (A15, A28)', { readLag: 120, tagLag: 120, arnVisibilityDelay: 120 }],
  ['a failing deployment shows STOPPED first (A29)', { terminalFlip: 'stopped-to-rollback' }],
  ['deployment ARNs have two segments (A30)', { deploymentArnFormat: 'two' }],
  ['a status that nobody knows (A33)', { unknownStatus: 'emit' }],
  ['a deployment waits for full coverage (A34)', { nonCriticalSuccess: 'needs-full-coverage' }],
  ['counters lag by a minute (A35)', { counterLag: 60 }],
  ['service-linked role and cluster are not visible at first (R42)', { serviceLinkedRoleDelay: 30, clusterVisibilityDelay: 30 }],
];

/** From the end of a deployment to the answer, under any switch. */
const ANSWER_SECONDS = 150;

const GUARDED: AgentSettings = { alarmNames: ['errors'], daemon: { drainPercent: 50, bakeTime: Duration.minutes(1) } };

/** Long enough for what an assumption lets become visible, or vanish, between two deployments. */
const PAUSE_SECONDS = 600;

const answerDelay = (result: DeploymentResult): number => secondsBetween(ends(result).at(-1)!, result.answers[0]!);

let bench: DeploymentBench;
afterEach(() => bench.close());

test.each(ASSUMPTIONS)('create, update, rollback and delete end in the same way under %s', async (_, ecs) => {
  bench = await DeploymentBench.start({ ecs });
  await bench.alarm('errors', 'OK');

  const created = await bench.deploy({ ...GUARDED, imageTag: '1' });
  expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] });
  expect(granted(created)).toEqual(['CreateDaemon']);
  expect(answerDelay(created)).toBeLessThanOrEqual(ANSWER_SECONDS);

  await bench.sandbox.clock.sleep(PAUSE_SECONDS);
  const updated = await bench.deploy({ ...GUARDED, imageTag: '2' });
  expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] });
  expect(granted(updated)).toEqual(['UpdateDaemon']);
  expect(await bench.runningImageTags()).toEqual(['2']);
  expect(answerDelay(updated)).toBeLessThanOrEqual(ANSWER_SECONDS);

  await bench.sandbox.clock.sleep(PAUSE_SECONDS);
  bench.onInstanceEvent('INSTANCE_DRAINING', 3, 10, () => void bench.alarm('errors', 'ALARM', 'Threshold Crossed: 9 errors'));
  const failed = await bench.deploy({ ...GUARDED, imageTag: '3' });
  expect(failed.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(failed.reasons[0]).toContain('alarm errors went into ALARM ("Threshold Crossed: 9 errors")');
  expect(granted(failed)).toEqual(['UpdateDaemon']);
  expect(await bench.runningImageTags()).toEqual(['2']);

  const destroyed = await bench.destroy(GUARDED);
  expect(destroyed).toMatchObject({ error: undefined, stackStatus: undefined, reasons: [] });
  expect(await bench.daemons()).toEqual([]);
});

test.each<[string, Partial<EcsAssumptions>]>([
  ['is STOPPED', { firstDeploymentFailure: 'stopped' }],
  ['cannot be rolled back', { firstDeploymentFailure: 'rollback-failed' }],
  ['is rolled back to nothing', { firstDeploymentFailure: 'rollback-successful-empty' }],
])('a first deployment that fails and %s leaves nothing behind (A4)', async (_, ecs) => {
  bench = await DeploymentBench.start({ ecs });
  bench.sandbox.ecs.failStarts({ image: image('1') });
  const created = await bench.deploy({ imageTag: '1' });
  expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(created.reasons[0]).toContain('the daemon failed to start');
  expect(count(created, 'CreateDaemon')).toBe(1);
  expect(await bench.daemons()).toEqual([]);
});

test.each<[string, Partial<EcsAssumptions>]>([
  ['SUCCESSFUL soon', { emptyProvider: 'instant-success' }],
  ['SUCCESSFUL after a bake', { emptyProvider: 'instant-success', emptyProviderBake: 'apply' }],
  ['PENDING for ever', { emptyProvider: 'pending-until-instance' }],
])('a deployment without instances that is %s blocks no stack (A10)', async (_, ecs) => {
  bench = await DeploymentBench.start({ ecs, fleets: [{ ...FLEET, instances: 0 }] });
  expect(await bench.deploy({ imageTag: '1' })).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] });
  const updated = await bench.deploy({ imageTag: '2' });
  expect(updated).toMatchObject({ error: undefined, stackStatus: 'UPDATE_COMPLETE', reasons: [] });
  expect(granted(updated)).toEqual(['UpdateDaemon']);
  expect(await bench.destroy()).toMatchObject({ error: undefined, stackStatus: undefined, reasons: [] });
  expect(await bench.daemons()).toEqual([]);
});

test('an alarm that fires without monitoring by ECS fails the rollout, and the stack rolls back (A13)', async () => {
  bench = await DeploymentBench.start({ ecs: { alarmMonitoring: 'never' } });
  await bench.alarm('errors', 'OK');
  await bench.deploy({ ...GUARDED, imageTag: '1' });
  bench.onInstanceEvent('INSTANCE_DRAINING', 3, 10, () => void bench.alarm('errors', 'ALARM', 'Threshold Crossed: 9 errors'));
  const failed = await bench.deploy({ ...GUARDED, imageTag: '2' });
  expect(failed.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(failed.reasons[0]).toContain('alarm errors went into ALARM ("Threshold Crossed: 9 errors")');
  expect(failed.reasons[0]).toContain('; ECS did not monitor the deployment alarms (their status was DISABLED); ');
  expect(granted(failed)).toEqual(['UpdateDaemon', 'UpdateDaemon']); // ECS has no call that stops a deployment (R2)
  expect(await bench.runningImageTags()).toEqual(['1']);
});

test.each<[string, Partial<EcsAssumptions>]>([
  ['InvalidParameterException', { createExisting: 'invalid-parameter', tokenRetention: 0 }],
  ['ClientException', { createExisting: 'client-exception', tokenRetention: 0 }],
  ['the daemon that exists', { createExisting: 'returns-existing', tokenRetention: 0 }],
  ['the first reply, remembered by its token', {}],
])('a create with a lost reply, of which a repetition would get %s, creates one daemon (A17, FM4)', async (_, ecs) => {
  bench = await DeploymentBench.start({ ecs });
  const stop = bench.sandbox.intercept({
    after: ({ operation }) => {
      if (operation !== 'CreateDaemon') return;
      stop();
      throw new ConnectionLost();
    },
  });
  const created = await bench.deploy();
  expect(created).toMatchObject({ error: undefined, stackStatus: 'CREATE_COMPLETE', reasons: [] });
  expect(ends(created).map(({ status }) => status)).toEqual(['SUCCESSFUL']);
});

describe('a rollout that exceeds its timeout', () => {
  /** A fourth of the fleet takes 5 minutes. */
  const SLOW: AgentSettings['daemon'] = { drainPercent: 25, timeout: Duration.minutes(12) };
  const rowsOfA1: [string, Partial<EcsAssumptions>][] = [
    ['supersedes it', {}],
    ['supersedes it by way of STOP_REQUESTED', { supersededPath: 'via-stop-requested' }],
    ['is refused while it runs', { updateDuringDeployment: 'reject' }],
    ['supersedes it and drains all instances again (A26)', { supersedeCost: 'whole-fleet' }],
  ];

  test.each(rowsOfA1)('is reverted by one UpdateDaemon of the stack, which %s (A1)', async (_, ecs) => {
    bench = await DeploymentBench.start({ ecs });
    await bench.deploy({ imageTag: '1' });
    const updated = await bench.deploy({ imageTag: '2', daemon: SLOW });
    expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(updated.answers.map(({ Status }) => Status)).toEqual(['FAILED', 'SUCCESS']);
    expect(updated.answers[0]!.Reason).toMatch(/^DEPLOYING: TIMED_OUT after 12 minutes with \d of 4 instances on the new revision/);
    expect(updated.answers[1]!.Reason).toMatch(/^SUCCEEDED: /);
    expect(granted(updated)).toEqual(['UpdateDaemon', 'UpdateDaemon']);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test.each<[string, Partial<EcsAssumptions>]>([
    ['would supersede it', {}],
    ['would be refused', { updateDuringRollback: 'reject' }],
  ])('is left to ECS while ECS rolls it back, if an UpdateDaemon %s (A2)', async (_, ecs) => {
    bench = await DeploymentBench.start({ ecs });
    await bench.alarm('errors', 'OK');
    await bench.deploy({ imageTag: '1', alarmNames: ['errors'] });
    bench.onInstanceEvent('INSTANCE_DRAINING', 3, 10, () => void bench.alarm('errors', 'ALARM', 'Threshold Crossed: 9 errors'));
    const updated = await bench.deploy({ imageTag: '2', alarmNames: ['errors'], daemon: SLOW });
    expect(updated.stackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(updated.answers.map(({ Reason }) => Reason)).toEqual([
      expect.stringMatching(/^ROLLING_BACK: TIMED_OUT after 12 minutes/), expect.stringMatching(/^SUCCEEDED: /),
    ]);
    expect(granted(updated)).toEqual(['UpdateDaemon']);
    expect(await bench.runningImageTags()).toEqual(['1']);
  });

  test.each<[string, Partial<EcsAssumptions>]>([
    ['is accepted', {}],
    ['is refused while it runs', { deleteDuringDeployment: 'reject' }],
  ])('leaves nothing behind in a create, if a DeleteDaemon %s (A3)', async (_, ecs) => {
    bench = await DeploymentBench.start({ ecs });
    const created = await bench.deploy({ daemon: SLOW });
    expect(created.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(created.reasons[0]).toContain('DEPLOYING: TIMED_OUT after 12 minutes');
    expect(granted(created)).toEqual(['CreateDaemon', 'DeleteDaemon']);
    expect(await bench.daemons()).toEqual([]);
  });
});

/** Writes that ECS has accepted and that move instances. */
function granted({ requests }: DeploymentResult): string[] {
  return requests
    .filter(({ operation, error }) => ['CreateDaemon', 'UpdateDaemon', 'DeleteDaemon'].includes(operation) && error === undefined)
    .map(({ operation }) => operation);
}
