import { ManagedDaemonWaves, type ManagedDaemon } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;
let daemon: ManagedDaemon;

beforeEach(() => {
  stack = new StackWithDaemon();
  daemon = stack.addDaemon();
});

/** JavaScript lets through what TypeScript refuses. */
const addWaves = (props: unknown): ManagedDaemonWaves => new ManagedDaemonWaves(stack, 'Waves', props as never);
const placed = (target: unknown): unknown => ({ waves: [{ waveName: 'all', targets: [target] }] });

describe('waves from JavaScript', () => {
  test.each<[string, unknown, string]>([
    ['no properties', undefined, 'waves must be a list, got: undefined'],
    ['no waves', {}, 'waves must be a list, got: undefined'],
    ['a wave that is a string', { waves: ['all'] }, 'each entry of waves must be an object with waveName and targets, got: the string "all"'],
    ['a wave without targets', { waves: [{ waveName: 'all' }] }, 'targets of the wave "all" must be a list, got: undefined'],
    ['a target that is undefined', placed(undefined),
      'each entry of targets of the wave "all" must be an object with targetName, cluster and capacityProviders, got: undefined'],
    ['a target without a cluster', placed({ targetName: 'a', capacityProviders: [] }),
      'cluster must be an ecs.Cluster or another reference to a cluster, got: undefined'],
  ])('with %s fail with the path of the construct', (_, props, problem) => {
    expect(() => addWaves(props)).toThrow(`[Stack/Waves] ${problem}`);
  });

  test('with a target without capacity providers fail with the path of the construct', () => {
    expect(() => addWaves(placed({ targetName: 'a', cluster: stack.cluster }))).toThrow('[Stack/Waves] capacityProviders must be a list, got: undefined');
  });
});

describe('a daemon from JavaScript', () => {
  test.each<[string, unknown]>([['undefined', undefined], ['the string "Other"', 'Other']])('rolls out after no %s', (shown, other) => {
    expect(() => daemon.rolloutAfter(other as never))
      .toThrow(`[Stack/Daemon] each entry of daemons must be a ManagedDaemon of this app, got: ${shown}`);
  });

  test.each(['startBefore', 'verifyAfter'] as const)('rejects a value in %s that is not a service', (method) => {
    expect(() => daemon[method](undefined as never)).toThrow('[Stack/Daemon] each entry of services must be an ECS service, as an ecs.FargateService, got: undefined');
    expect(() => daemon[method](stack.cluster as never)).toThrow('got: the construct "Stack/Cluster"');
  });
});
