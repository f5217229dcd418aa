import { aws_ecs as ecs, Duration, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { DaemonCapacityProvider, ManagedDaemonWaves, type DaemonPlace, type DaemonWave, type ManagedDaemonWavesProps } from '../../lib';
import { StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;
beforeEach(() => {
  stack = new StackWithDaemon();
});

const byName = (name: string): DaemonCapacityProvider => DaemonCapacityProvider.fromCapacityProviderName(stack, name.replace('/', '-'));
const place = (placeName: string, props: Partial<DaemonPlace> = {}): DaemonPlace => ({
  placeName, cluster: stack.cluster, capacityProviders: [byName(placeName)], ...props,
});
const wave = (waveName: string, ...places: DaemonPlace[]): DaemonWave => ({ waveName, places });
const addWaves = (waves: DaemonWave[], props: Partial<ManagedDaemonWavesProps> = {}): ManagedDaemonWaves =>
  new ManagedDaemonWaves(stack, 'Waves', { daemonTaskDefinition: stack.addTaskDefinition(), waves, ...props });

const names = 'must have 1 to 255 letters, digits, hyphens and underscores, got:';

describe('waves are refused', () => {
  test.each<[string, () => DaemonWave[], string[]]>([
    ['if there are none', () => [], ['waves must have at least one entry, got: []']],
    ['if one is empty', () => [wave('canary', place('a')), wave('rest')], ['places of the wave "rest" must have at least one entry, got: []']],
    ['if two have one name', () => [wave('rest', place('a')), wave('rest', place('b')), wave('rest', place('c'))],
      ['waveName must be given once among all waves, got more than once: "rest"']],
    ['if one has no name', () => [wave('', place('a'))], [`waveName ${names} ""`]],
    ['if the name of one cannot be a name', () => [wave('the rest', place('a'))], [`waveName ${names} "the rest"`]],
    ['if two places of a wave have one name', () => [wave('all', place('a'), place('a', { capacityProviders: [byName('b')] }))],
      ['placeName must be given once among all waves, got more than once: "a"']],
    ['if places of two waves have one name', () => [wave('canary', place('a')), wave('rest', place('a', { capacityProviders: [byName('b')] }))],
      ['placeName must be given once among all waves, got more than once: "a"']],
    ['if the name of a place cannot be a name', () => [wave('all', place('eu/1', { capacityProviders: [byName('a')] }))], [`placeName ${names} "eu/1"`]],
    ['if a capacity provider is in places of two waves',
      () => [wave('canary', place('a', { capacityProviders: [byName('one'), byName('two')] })), wave('rest', place('b', { capacityProviders: [byName('two')] }))],
      ['each capacity provider must be in one place, got: "two" in "a" and "b"']],
    ['if a capacity provider is in two places of one wave',
      () => [wave('all', place('a', { capacityProviders: [byName('one')] }), place('b', { capacityProviders: [byName('one')] }))],
      ['each capacity provider must be in one place, got: "one" in "a" and "b"']],
    ['if a capacity provider is in two places by name and by ARN', () => [
      wave('canary', place('a')),
      wave('rest', place('b', {
        capacityProviders: [DaemonCapacityProvider.fromCapacityProviderArn('arn:aws:ecs:eu-west-1:111122223333:capacity-provider/a')],
      })),
    ], ['each capacity provider must be in one place, got: "a" in "a" and "b"']],
    ['if a capacity provider is in three places by its construct', () => ['a', 'b', 'c'].map((name) => wave(name, place(name, {
      capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.instances)],
    }))), ['each capacity provider must be in one place, got: "Stack/Instances" in "a" and "b" and "c"']],
    ['if two daemons of a cluster have one name', () => [wave('canary', place('a', { daemonName: 'agent' })), wave('rest', place('b', { daemonName: 'agent' }))],
      ['daemonName must be given once in a cluster, got: "agent" in "a" and "b"']],
    ['with all that is wrong at once', () => [wave('the rest'), wave('rest', place('a'), place('a'))], [
      `waveName ${names} "the rest"`,
      'places of the wave "the rest" must have at least one entry, got: []',
      'placeName must be given once among all waves, got more than once: "a"',
      'each capacity provider must be in one place, got: "a" in "a" and "a"',
    ]],
  ])('%s', (_, waves, problems) => {
    expect(() => addWaves(waves())).toThrow(expect.objectContaining({
      name: 'ValidationError', message: problems.map((problem) => `[Stack/Waves] ${problem}`).join('\n'),
    }));
  });

  test('by the daemon of a place, for what concerns it alone', () => {
    expect(() => addWaves([{ ...wave('canary', place('a', { capacityProviders: [] })), drainPercent: 0 }])).toThrow(expect.objectContaining({
      name: 'ValidationError',
      message: '[Stack/Waves/a] capacityProviders must have at least one entry, got: []\n[Stack/Waves/a] drainPercent must be from 1 to 100, got: 0',
    }));
  });

  test('at synth if a capacity provider belongs to another cluster than its place', () => {
    const other = new ecs.Cluster(stack, 'Other');
    addWaves([wave('canary', place('a', { cluster: other, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.instances)] }))]);
    expect(() => Template.fromStack(stack)).toThrow(
      '[Stack/Waves/a] the capacity provider "Stack/Instances" must belong to the cluster "Stack/Other" of the daemon, got: "Stack/Cluster"');
  });

  test('at synth if a daemon is made to wait for a later wave', () => {
    const waves = addWaves([wave('canary', place('a')), wave('rest', place('b'))]);
    waves.daemonAt('a').rolloutAfter(waves.daemonAt('b'));
    expect(() => Template.fromStack(stack)).toThrow(
      '[Stack] daemons must not wait for each other in a circle, got: "Stack/Waves/a" waits for "Stack/Waves/b" waits for "Stack/Waves/a"');
  });
});

describe('waves may have', () => {
  test('names of 255 characters', () => {
    const name = 'n'.repeat(255);
    expect(addWaves([wave(name, place(name, { daemonName: 'agent' }))]).daemonAt(name).daemonName).toBe('agent');
  });

  test('a wave and a place of the same name', () => {
    expect(addWaves([wave('a', place('a'))]).daemonsIn('a')).toHaveLength(1);
  });

  test('daemons of one name in different clusters', () => {
    const other = new ecs.Cluster(stack, 'Other');
    const waves = addWaves([wave('canary', place('a', { daemonName: 'agent' })), wave('rest', place('b', { daemonName: 'agent', cluster: other }))]);
    expect(waves.daemons.map(({ daemonName }) => daemonName)).toEqual(['agent', 'agent']);
  });

  test('one task definition in all places without a warning', () => {
    addWaves([wave('canary', place('a')), wave('rest', place('b'), place('c'))]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('warnings', () => {
  test('stand at the daemon of the place whose wave they are about', () => {
    addWaves([{ ...wave('canary', place('a')), bakeTime: Duration.minutes(10) }, wave('rest', place('b'))]);
    const annotations = Annotations.fromStack(stack);
    annotations.hasWarning('/Stack/Waves/a', Match.stringLikeRegexp('bakeTime makes each rollout longer and guards nothing'));
    annotations.hasNoWarning('/Stack/Waves/b', Match.anyValue());
  });

  test('tell of another daemon that runs the same on the instances of a place', () => {
    const daemonTaskDefinition = stack.addTaskDefinition('Shared');
    addWaves([wave('canary', place('a'))], { daemonTaskDefinition });
    stack.addDaemon('Beside', { daemonTaskDefinition, capacityProviders: [byName('a')] });
    Annotations.fromStack(stack).hasWarning('/Stack/Beside', Match.stringLikeRegexp('the daemon "Stack/Waves/a" runs the same task definition'));
  });
});

describe('tags of the user', () => {
  const tag = (count: number): void => {
    for (let i = 0; i < count; i++) Tags.of(stack).add(`key${i}`, 'value');
  };

  test.each([
    ['46 beside those of owner, wave and place', {}, 46, '46 tags, those of its stack included, beside the two that name its owner and those that name its wave and its place'],
    ['43 during an adoption', { daemonName: 'agent', adoptExisting: true }, 43,
      '43 tags, those of its stack included, beside those that tell of its owner and its adoption and those that name its wave and its place'],
  ])('can be %s', (_, props, most, limit) => {
    addWaves([wave('canary', place('a', props))]);
    tag(most);
    Template.fromStack(stack).resourceCountIs('Custom::ECSManagedDaemon', 1);

    stack = new StackWithDaemon();
    addWaves([wave('canary', place('a', props))]);
    tag(most + 1);
    expect(() => Template.fromStack(stack)).toThrow(`[Stack/Waves/a] a daemon can have at most ${limit}, got: ${most + 1}`);
  });

  test('must not begin with our prefix', () => {
    addWaves([wave('canary', place('a'))], { tags: { 'cdk-ecs-managed-daemons:other': 'x' } });
    expect(() => Template.fromStack(stack)).toThrow(
      '[Stack/Waves/a] the key of a tag must not begin with "aws:" or "cdk-ecs-managed-daemons:", which are reserved, got: "cdk-ecs-managed-daemons:other"');
  });
});
