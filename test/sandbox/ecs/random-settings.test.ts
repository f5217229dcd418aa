import fc from 'fast-check';
import type { EcsAssumptions } from '../../../sandbox/ecs';
import type { Input } from '../../../sandbox/core/aws-service';
import { EcsByItself, SEED } from './ecs-by-itself';
import { DAEMON_ARN, providerArn } from './ecs-rig';

const FLEETS = { main: 8, second: 4 };

type Step =
  | { readonly kind: 'update'; readonly image: string; readonly drainPercent: number; readonly bake: number; readonly providers: readonly string[] }
  | { readonly kind: 'delete' }
  | { readonly kind: 'alarm'; readonly state: 'OK' | 'ALARM' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('update' as const), image: fc.constantFrom('good:1', 'good:2', 'broken'), drainPercent: fc.constantFrom(10, 25, 50, 100),
      bake: fc.constantFrom(0, 5), providers: fc.constantFrom(['main'], ['main', 'second'], ['second']),
    }),
  },
  fc.record({ kind: fc.constant('delete' as const) }),
  fc.record({ kind: fc.constant('alarm' as const), state: fc.constantFrom('OK' as const, 'ALARM' as const) }),
);

const assumptions: fc.Arbitrary<Partial<EcsAssumptions>> = fc.record({
  supersededPath: fc.constantFrom('direct', 'via-stop-requested'),
  rollbackDeployment: fc.constantFrom('same-arn', 'new-arn'),
  supersedeCost: fc.constantFrom('moved-only', 'whole-fleet'),
  terminalFlip: fc.constantFrom('never', 'stopped-to-rollback'),
  bakeStatus: fc.constantFrom('in-progress', 'after-successful'),
  bakePosition: fc.constantFrom('final', 'per-step'),
}, { noNullPrototype: true });

test('one deployment runs at a time, no two batches overlap, and the last request is in effect after random operations', async () => {
  const scenario = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 900 })), { minLength: 1, maxLength: 8 });
  await fc.assert(fc.asyncProperty(assumptions, scenario, async (given, steps) => {
    const world = new EcsByItself({ throttle: 'off', readLag: 0, arnVisibilityDelay: 0, ...given });
    for (const [capacityProvider, instances] of Object.entries(FLEETS)) world.ecs.seedFleet({ ...SEED, capacityProvider, instances });
    world.ecs.failStarts({ image: 'broken' });
    world.call('PutMetricAlarm', { AlarmName: 'errors', EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' });
    for (const [each, seconds] of steps) {
      try {
        perform(world, each);
      } catch (error) {
        expect((error as Error).name).toMatch(/^(InvalidParameterException|Daemon(NotFound|NotActive)Exception)$/);
      }
      await world.clock.advance(seconds);
      const statuses = world.call('ListDaemonDeployments', { daemonArn: DAEMON_ARN }).daemonDeployments.map(({ status }: Input) => status);
      expect(statuses.filter((status: string) => ['PENDING', 'IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'].includes(status)).length).toBeLessThanOrEqual(1);
    }
    await world.clock.advance(24 * 3600);
    expectBatchesApart(world);
    expectWhatWasTold(world);
  }), { numRuns: 100, seed: 20261122 });
}, 60_000);

function perform(world: EcsByItself, each: Step): void {
  switch (each.kind) {
    case 'update':
      world.write(exists(world) ? 'UpdateDaemon' : 'CreateDaemon', each.image, {
        capacityProviderArns: each.providers.map(providerArn),
        deploymentConfiguration: {
          drainPercent: each.drainPercent, bakeTimeInMinutes: each.bake, alarms: { enable: true, alarmNames: ['errors'] },
        },
      });
      break;
    case 'delete': world.call('DeleteDaemon', { daemonArn: DAEMON_ARN }); break;
    case 'alarm': world.call('SetAlarmState', { AlarmName: 'errors', StateValue: each.state, StateReason: 'test' }); break;
  }
}

const exists = (world: EcsByItself): boolean => world.call('ListDaemons', { clusterArn: 'fleet' }).daemonSummariesList.length > 0;

/** Instances that drain at different moments never do so at the same time (R25), whichever deployment drains them. */
function expectBatchesApart(world: EcsByItself): void {
  const draining = new Map<string, string>();
  for (const { event, instanceId, time } of world.ecs.instanceEvents) {
    if (event === 'INSTANCE_DRAINING') {
      for (const since of draining.values()) expect(since).toBe(time);
      draining.set(instanceId, time);
    }
    if (event === 'INSTANCE_TERMINATED') draining.delete(instanceId);
  }
}

/** After SUCCESSFUL every instance runs the target, after ROLLBACK_SUCCESSFUL the revision from before (R24). */
function expectWhatWasTold(world: EcsByItself): void {
  if (!exists(world)) return;
  const { daemon } = world.call('DescribeDaemon', { daemonArn: DAEMON_ARN });
  const { daemonDeployments: [deployment] } = world.call('DescribeDaemonDeployments', { daemonDeploymentArns: [daemon.deploymentArn] });
  const told = deployment.status === 'SUCCESSFUL' ? deployment.targetDaemonRevision.arn
    : deployment.status === 'ROLLBACK_SUCCESSFUL' ? deployment.rollback.rollbackTargetDaemonRevisionArn : undefined;
  if (told === undefined) return;
  expect(daemon.currentRevisions).toMatchObject([{ arn: told, totalWithoutDaemonCount: 0 }]);
  for (const { arn, runningCount } of daemon.currentRevisions[0].capacityProviders) {
    expect(runningCount).toBe(world.ecs.instancesByState(arn).ACTIVE);
  }
}
