import { aws_ecs as ecs, Duration, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, ManagedDaemonWaves, type DaemonTarget, type DaemonWave, type ManagedDaemonWavesProps } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;
beforeEach(() => {
  stack = new StackWithDaemon();
});

const byName = (name: string): DaemonCapacityProvider => DaemonCapacityProvider.fromCapacityProviderName(stack, name.replace('/', '-'));
const target = (targetName: string, props: Partial<DaemonTarget> = {}): DaemonTarget => ({
  targetName, cluster: stack.cluster, capacityProviders: [byName(targetName)], ...props,
});
const wave = (waveName: string, ...targets: DaemonTarget[]): DaemonWave => ({ waveName, targets });
const addWaves = (waves: DaemonWave[], props: Partial<ManagedDaemonWavesProps> = {}): ManagedDaemonWaves =>
  new ManagedDaemonWaves(stack, 'Waves', { daemonTaskDefinition: stack.addTaskDefinition(), waves, ...props });

const names = 'must have 1 to 255 letters, digits, hyphens and underscores, got:';

describe('invalid waves', () => {
  test.each<[string, () => DaemonWave[], string[]]>([
    ['if there are none', () => [], ['waves must have at least one entry, got: []']],
    ['if one is empty', () => [wave('canary', target('a')), wave('rest')], ['targets of the wave "rest" must have at least one entry, got: []']],
    ['if two have one name', () => [wave('rest', target('a')), wave('rest', target('b')), wave('rest', target('c'))],
      ['waveName must be given once among all waves, got more than once: "rest"']],
    ['if one has no name', () => [wave('', target('a'))], [`waveName ${names} ""`]],
    ['if the name of one cannot be a name', () => [wave('the rest', target('a'))], [`waveName ${names} "the rest"`]],
    ['if two targets of a wave have one name', () => [wave('all', target('a'), target('a', { capacityProviders: [byName('b')] }))],
      ['targetName must be given once among all waves, got more than once: "a"']],
    ['if targets of two waves have one name', () => [wave('canary', target('a')), wave('rest', target('a', { capacityProviders: [byName('b')] }))],
      ['targetName must be given once among all waves, got more than once: "a"']],
    ['if the name of a target cannot be a name', () => [wave('all', target('eu/1', { capacityProviders: [byName('a')] }))], [`targetName ${names} "eu/1"`]],
    ['if a capacity provider is in targets of two waves',
      () => [wave('canary', target('a', { capacityProviders: [byName('one'), byName('two')] })), wave('rest', target('b', { capacityProviders: [byName('two')] }))],
      ['each capacity provider must be in one target, got: "two" in "a" and "b"']],
    ['if a capacity provider is in two targets of one wave',
      () => [wave('all', target('a', { capacityProviders: [byName('one')] }), target('b', { capacityProviders: [byName('one')] }))],
      ['each capacity provider must be in one target, got: "one" in "a" and "b"']],
    ['if a capacity provider is in two targets by name and by ARN', () => [
      wave('canary', target('a')),
      wave('rest', target('b', {
        capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn('arn:aws:ecs:eu-west-1:111122223333:capacity-provider/a')],
      })),
    ], ['each capacity provider must be in one target, got: "a" in "a" and "b"']],
    ['if a capacity provider is in three targets by its construct', () => ['a', 'b', 'c'].map((name) => wave(name, target(name, {
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.instances)],
    }))), ['each capacity provider must be in one target, got: "Stack/Instances" in "a" and "b" and "c"']],
    ['if two daemons of a cluster have one name', () => [wave('canary', target('a', { daemonName: 'agent' })), wave('rest', target('b', { daemonName: 'agent' }))],
      ['daemonName must be given once in a cluster, got: "agent" in "a" and "b"']],
    ['with all that is wrong at once', () => [wave('the rest'), wave('rest', target('a'), target('a'))], [
      `waveName ${names} "the rest"`,
      'targets of the wave "the rest" must have at least one entry, got: []',
      'targetName must be given once among all waves, got more than once: "a"',
      'each capacity provider must be in one target, got: "a" in "a" and "a"',
    ]],
  ])('%s', (_, waves, problems) => {
    expect(() => addWaves(waves())).toThrow(expect.objectContaining({
      name: 'ValidationError', message: problems.map((problem) => `[Stack/Waves] ${problem}`).join('\n'),
    }));
  });

  test('fail at the daemon of a target, for its own properties', () => {
    expect(() => addWaves([{ ...wave('canary', target('a', { capacityProviders: [] })), drainPercent: 0 }])).toThrow(expect.objectContaining({
      name: 'ValidationError',
      message: '[Stack/Waves/a] capacityProviders must have at least one entry, got: []\n[Stack/Waves/a] drainPercent must be from 1 to 100, got: 0',
    }));
  });

  test('fail at synth if a capacity provider belongs to another cluster than its target', () => {
    const other = new ecs.Cluster(stack, 'Other');
    addWaves([wave('canary', target('a', { cluster: other, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.instances)] }))]);
    expect(() => Template.fromStack(stack)).toThrow(
      '[Stack/Waves/a] the capacity provider "Stack/Instances" must belong to the cluster "Stack/Other" of the daemon, got: "Stack/Cluster"');
  });

  test('fail at synth if a daemon depends on a later wave', () => {
    const waves = addWaves([wave('canary', target('a')), wave('rest', target('b'))]);
    waves.daemonFor('a').rolloutAfter(waves.daemonFor('b'));
    expect(() => Template.fromStack(stack)).toThrow(
      '[Stack] daemons must not wait for each other in a circle, got: "Stack/Waves/a" waits for "Stack/Waves/b" waits for "Stack/Waves/a"');
  });
});

describe('valid waves', () => {
  test('may have names of 255 characters', () => {
    const name = 'n'.repeat(255);
    expect(addWaves([wave(name, target(name, { daemonName: 'agent' }))]).daemonFor(name).daemonName).toBe('agent');
  });

  test('may have a wave and a target of the same name', () => {
    expect(addWaves([wave('a', target('a'))]).daemonsIn('a')).toHaveLength(1);
  });

  test('may have daemons of one name in different clusters', () => {
    const other = new ecs.Cluster(stack, 'Other');
    const waves = addWaves([wave('canary', target('a', { daemonName: 'agent' })), wave('rest', target('b', { daemonName: 'agent', cluster: other }))]);
    expect(waves.daemons.map(({ daemonName }) => daemonName)).toEqual(['agent', 'agent']);
  });

  test('may have one task definition in all targets without a warning', () => {
    addWaves([wave('canary', target('a')), wave('rest', target('b'), target('c'))]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('the warnings of waves', () => {
  test('are at the daemon of the target of their wave', () => {
    addWaves([{ ...wave('canary', target('a')), bakeTime: Duration.minutes(10) }, wave('rest', target('b'))]);
    const annotations = Annotations.fromStack(stack);
    annotations.hasWarning('/Stack/Waves/a', Match.stringLikeRegexp('bakeTime makes each rollout longer and guards nothing'));
    annotations.hasNoWarning('/Stack/Waves/b', Match.anyValue());
  });

  test('report another daemon with the same task definition on the instances of a target', () => {
    const daemonTaskDefinition = stack.addTaskDefinition('Shared');
    addWaves([wave('canary', target('a'))], { daemonTaskDefinition });
    stack.addDaemon('Beside', { daemonTaskDefinition, capacityProviders: [byName('a')] });
    Annotations.fromStack(stack).hasWarning('/Stack/Beside', Match.stringLikeRegexp('the daemon "Stack/Waves/a" runs the same task definition'));
  });
});

describe('tags of the user', () => {
  const tag = (count: number): void => {
    for (let i = 0; i < count; i++) Tags.of(stack).add(`key${i}`, 'value');
  };

  test.each([
    ['46 beside those of owner, wave and target', {}, 46, '46 tags, those of its stack included, beside the two that name its owner and those that name its wave and its target'],
    ['43 during an adoption', { daemonName: 'agent', adoptExisting: true }, 43,
      '43 tags, those of its stack included, beside those that tell of its owner and its adoption and those that name its wave and its target'],
  ])('can be %s', (_, props, most, limit) => {
    addWaves([wave('canary', target('a', props))]);
    tag(most);
    Template.fromStack(stack).resourceCountIs('Custom::ECSManagedDaemon', 1);

    stack = new StackWithDaemon();
    addWaves([wave('canary', target('a', props))]);
    tag(most + 1);
    expect(() => Template.fromStack(stack)).toThrow(`[Stack/Waves/a] a daemon can have at most ${limit}, got: ${most + 1}`);
  });

  test('must not begin with our prefix', () => {
    addWaves([wave('canary', target('a'))], { tags: { 'cdk-ecs-managed-daemons:other': 'x' } });
    expect(() => Template.fromStack(stack)).toThrow(
      '[Stack/Waves/a] the key of a tag must not begin with "aws:" or "cdk-ecs-managed-daemons:", which are reserved, got: "cdk-ecs-managed-daemons:other"');
  });
});
