import fc from 'fast-check';
import type { EcsAssumptions } from '../../../sandbox/ecs';
import { EcsByItself, SEED } from './ecs-by-itself';
import { uncovered } from './ecs-rig';

const ARN = (name: string): string => `arn:aws:ecs:us-east-1:123456789012:daemon/fleet/${name}`;
const TERMINAL = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

type Step =
  | { readonly kind: 'update'; readonly name: string; readonly image: string; readonly drainPercent: number; readonly critical: boolean }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'scale'; readonly desiredCount: number }
  | { readonly kind: 'alarm'; readonly state: 'OK' | 'ALARM' };

const name = fc.constantFrom('agent', 'logs');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('update' as const), name, image: fc.constantFrom('good:1', 'good:2', 'broken', 'flaky'),
      drainPercent: fc.constantFrom(10, 25, 50, 100), critical: fc.constantFrom(true, true, true, true, true, false),
    }),
  },
  fc.record({ kind: fc.constant('delete' as const), name }),
  fc.record({ kind: fc.constant('scale' as const), desiredCount: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ kind: fc.constant('alarm' as const), state: fc.constantFrom('OK' as const, 'ALARM' as const) }),
);

const assumptions: fc.Arbitrary<Partial<EcsAssumptions>> = fc.record({
  supersededPath: fc.constantFrom('direct', 'via-stop-requested'),
  rollbackDeployment: fc.constantFrom('same-arn', 'new-arn'),
  firstDeploymentFailure: fc.constantFrom('stopped', 'rollback-failed', 'rollback-successful-empty'),
  concurrentDaemons: fc.constantFrom('two-passes', 'merged'),
  supersedeCost: fc.constantFrom('moved-only', 'whole-fleet'),
  terminalFlip: fc.constantFrom('never', 'stopped-to-rollback'),
  bakeStatus: fc.constantFrom('in-progress', 'after-successful'),
  bakePosition: fc.constantFrom('final', 'per-step'),
  createDuringDelete: fc.constantFrom('reject', 'accept'),
  nonCriticalSuccess: fc.constantFrom('ignores-gaps', 'needs-full-coverage'),
}, { noNullPrototype: true });

test('deployments end, instances settle, and no task runs without its critical daemon after random operations', async () => {
  const scenario = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 700 })), { maxLength: 12 });
  await fc.assert(fc.asyncProperty(assumptions, scenario, async (given, steps) => {
    const world = new EcsByItself({ throttle: 'off', readLag: 0, ...given });
    world.ecs.seedFleet({ ...SEED, instances: 5 });
    world.ecs.failStarts({ image: 'broken' });
    world.ecs.failStarts({ image: 'flaky', instances: 2, launches: 3 });
    world.call('PutMetricAlarm', { AlarmName: 'errors', EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });
    const capacityProviderStrategy = [{ capacityProvider: 'main' }];
    world.call('CreateService', { cluster: 'fleet', serviceName: 'web', desiredCount: 3, capacityProviderStrategy });
    const deploymentArns = new Set<string>();
    world.ecs.onDeploymentStatus(({ deploymentArn }) => deploymentArns.add(deploymentArn));
    const hasNonCritical = steps.some(([each]) => each.kind === 'update' && !each.critical);

    for (const [each, seconds] of steps) {
      try {
        perform(world, each);
      } catch (error) {
        expect((error as Error).name).toMatch(/^(InvalidParameterException|Daemon(NotFound|NotActive)Exception|ClientException)$/);
      }
      await world.clock.advance(seconds);
    }
    await world.clock.advance(12 * 3600);

    const { REGISTERING, DRAINING, DEREGISTERING } = world.ecs.instancesByState();
    // a critical daemon that cannot start and has nothing to go back to holds an instance, and with it whoever needs that instance
    if (REGISTERING === 0) {
      expect([DRAINING, DEREGISTERING]).toEqual([0, 0]);
      for (const arn of deploymentArns) expect(TERMINAL).toContain(statusOf(world, arn));
    }
    if (!hasNonCritical) {
      for (const daemon of ['agent', 'logs']) expect(uncoveredCritical(world, ARN(daemon))).toEqual([]);
    }
    // at rest: nothing happens any more, so that a jumping clock stands still
    const before = world.ecs.instanceEvents.length;
    await world.clock.advance(12 * 3600);
    expect(world.ecs.instanceEvents.length).toBe(before);
  }), { numRuns: 150, seed: 20261122 });
}, 60_000);

const statusOf = (world: EcsByItself, arn: string): string =>
  world.call('DescribeDaemonDeployments', { daemonDeploymentArns: [arn] }).daemonDeployments[0].status;

function perform(world: EcsByItself, each: Step): void {
  switch (each.kind) {
    case 'update': {
      const { image, drainPercent, critical } = each;
      const deploymentConfiguration = { drainPercent, bakeTimeInMinutes: 5, alarms: { enable: true, alarmNames: ['errors'] } };
      const { daemonSummariesList } = world.call('ListDaemons', { clusterArn: 'fleet' });
      const exists = daemonSummariesList.some(({ daemonArn }: { daemonArn: string }) => daemonArn === ARN(each.name));
      world.write(exists ? 'UpdateDaemon' : 'CreateDaemon', image, { deploymentConfiguration, critical }, each.name);
      break;
    }
    case 'delete': world.call('DeleteDaemon', { daemonArn: ARN(each.name) }); break;
    case 'scale': world.call('UpdateService', { cluster: 'fleet', service: 'web', desiredCount: each.desiredCount }); break;
    case 'alarm': world.call('SetAlarmState', { AlarmName: 'errors', StateValue: each.state, StateReason: 'test' }); break;
  }
}

/** Moments at which an instance that had become ACTIVE with the daemon ran application tasks without it. */
function uncoveredCritical(world: EcsByItself, daemonArn: string): string[] {
  const running = new Set<string>();
  const covered = new Set<string>();
  for (const { event, instanceId, daemonArn: of } of world.ecs.instanceEvents) {
    if (event === 'DAEMON_TASK_RUNNING' && of === daemonArn) running.add(instanceId);
    if (event === 'DAEMON_TASK_STOPPED' && of === daemonArn) running.delete(instanceId);
    if (event === 'INSTANCE_ACTIVE' && running.has(instanceId)) covered.add(instanceId);
  }
  return uncovered(world.ecs.instanceEvents.filter(({ instanceId }) => covered.has(instanceId)), daemonArn);
}
