import {
  App, aws_cloudwatch as cloudwatch, aws_iam as iam, Duration, PropertyInjectors, RemovalPolicy, Stack, Tags, type CfnElement,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Dependable } from 'constructs';
import {
  DaemonCapacityProvider, DaemonTaskDefinition, PreflightAlarmPolicy, ManagedDaemon, ManagedDaemonWaves, type DaemonTarget, type DaemonWave,
  type ManagedDaemonWavesProps,
} from '../../lib';
import { image, StackWithDaemon } from './stack-with-daemon';

let stack: StackWithDaemon;
beforeEach(() => {
  stack = new StackWithDaemon();
});

const target = (targetName: string, props: Partial<DaemonTarget> = {}): DaemonTarget => ({
  targetName, cluster: stack.cluster, capacityProviders: [DaemonCapacityProvider.fromCapacityProviderName(stack, targetName)], ...props,
});
const wave = (waveName: string, ...targetNames: string[]): DaemonWave => ({ waveName, targets: targetNames.map((name) => target(name)) });
const addWaves = (waves: DaemonWave[], props: Partial<ManagedDaemonWavesProps> = {}): ManagedDaemonWaves =>
  new ManagedDaemonWaves(stack, 'Waves', { daemonTaskDefinition: stack.addTaskDefinition(), waves, ...props });

interface RenderedDaemon {
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly Properties: Record<string, unknown> & { readonly Tags: { key: string; value: string }[] };
}

const logicalIdOf = ({ node }: ManagedDaemon): string => stack.getLogicalId(node.defaultChild as CfnElement);

/** What the daemons render, by their logical ids. */
const rendered = (): Record<string, RenderedDaemon> =>
  Template.fromStack(stack).findResources('Custom::ECSManagedDaemon') as Record<string, RenderedDaemon>;

/** What each target renders. */
function byTarget(waves: ManagedDaemonWaves): Record<string, RenderedDaemon> {
  const resources = rendered();
  return Object.fromEntries(waves.daemons.map((daemon) => [daemon.node.id, resources[logicalIdOf(daemon)]!]));
}

/** The targets whose daemons each target waits for by a dependency of its own. */
function waitsFor(waves: ManagedDaemonWaves): Record<string, string[]> {
  const placeOf = new Map(waves.daemons.map((daemon) => [logicalIdOf(daemon), daemon.node.id]));
  return Object.fromEntries(Object.entries(byTarget(waves)).map(([name, { DependsOn }]) =>
    [name, (DependsOn ?? []).flatMap((logicalId) => placeOf.get(logicalId) ?? [])]));
}

describe('the order of waves', () => {
  test('makes every daemon of a wave depend on every daemon of the wave before, and on none of its own', () => {
    expect(waitsFor(addWaves([wave('canary', 'a'), wave('early', 'b', 'c'), wave('rest', 'd', 'e')]))).toEqual({
      a: [], b: ['a'], c: ['a'], d: ['b', 'c'], e: ['b', 'c'],
    });
  });

  test('adds no dependency for one wave', () => {
    expect(waitsFor(addWaves([wave('all', 'a', 'b')]))).toEqual({ a: [], b: [] });
  });

  test('includes the last gate of a wave that may take more than an hour', () => {
    const waves = addWaves([{ ...wave('canary', 'a'), timeout: Duration.hours(3) }, wave('rest', 'b')]);
    const gates = Object.entries(Template.fromStack(stack).findResources('Custom::ECSManagedDaemonGate'));
    const [last] = gates.find(([, { Properties }]) => Properties.GateNumber === 3)!;

    expect(gates).toHaveLength(3);
    expect(byTarget(waves).b!.DependsOn).toContain(last);
    expect(byTarget(waves).b!.DependsOn).not.toContain(logicalIdOf(waves.daemonFor('a')));
  });

  test('applies to another logical daemon in the same targets target by target', () => {
    const first = addWaves([wave('canary', 'a'), wave('rest', 'b')]);
    const second = new ManagedDaemonWaves(stack, 'Second', {
      daemonTaskDefinition: stack.addTaskDefinition('SecondTaskDefinition'), waves: [wave('rest', 'b'), wave('canary', 'a')],
    });
    const behind = (daemon: ManagedDaemon): string[] => rendered()[logicalIdOf(daemon)]!.DependsOn!;

    expect(behind(second.daemonFor('b'))).toContain(logicalIdOf(first.daemonFor('b')));
    expect(behind(second.daemonFor('a'))).toEqual(expect.arrayContaining(
      [first.daemonFor('a'), second.daemonFor('b')].map(logicalIdOf)));
  });

  test('makes dependents of the waves depend on the daemon of each target', () => {
    const waves = addWaves([wave('canary', 'a'), wave('rest', 'b')]);
    const group = new iam.CfnGroup(stack, 'Group');
    group.node.addDependency(waves);

    const { DependsOn } = Template.fromStack(stack).toJSON().Resources.Group;
    expect(DependsOn).toEqual(waves.daemons.map(logicalIdOf));
    expect(Dependable.of(waves).dependencyRoots).toHaveLength(2);
  });

  test('includes resources between two waves', () => {
    const waves = addWaves([wave('canary', 'a'), wave('rest', 'b', 'c')]);
    const test = new iam.CfnGroup(stack, 'Test');
    test.node.addDependency(...waves.daemonsIn('canary'));
    waves.daemonsIn('rest').forEach((daemon) => daemon.node.addDependency(test));

    const { b, c } = byTarget(waves);
    expect([b!.DependsOn, c!.DependsOn]).toEqual([expect.arrayContaining(['Test']), expect.arrayContaining(['Test'])]);
  });
});

describe('the identity of a daemon', () => {
  /** Logical ids, physical names and properties but for the tags, by target. */
  const identities = (...waves: [string, string[]][]): unknown => {
    stack = new StackWithDaemon();
    const made = addWaves(waves.map(([name, targets]) => wave(name, ...targets)));
    return Object.fromEntries(made.daemons.map((daemon) => {
      const { Properties } = byTarget(made)[daemon.node.id]!;
      const logicalId = logicalIdOf(daemon);
      return [daemon.node.id, { logicalId, properties: { ...Properties, Tags: [] } }];
    }));
  };

  test.each<[string, [string, string[]][]]>([
    ['waves are reordered', [['rest', ['b', 'c']], ['canary', ['a']]]],
    ['a wave is put in front', [['new', []], ['canary', ['a']], ['rest', ['b', 'c']]]],
    ['a target moves to another wave', [['canary', ['a', 'b']], ['rest', ['c']]]],
    ['waves get other names', [['one', ['a']], ['two', ['b', 'c']]]],
    ['targets are reordered', [['canary', ['a']], ['rest', ['c', 'b']]]],
  ])('stays the same when %s', (_, changed) => {
    const waves = changed.map(([name, targets]): [string, string[]] => [name, targets.length > 0 ? targets : ['d']]);
    expect(identities(...waves)).toMatchObject(identities(['canary', ['a']], ['rest', ['b', 'c']]) as object);
  });

  test('is the derived name of stack, construct path and target', () => {
    expect(addWaves([wave('canary', 'eu-1')]).daemonFor('eu-1').daemonName).toMatch(/^Stack-Waves-eu-1/);
  });

  test('is the name that a target states', () => {
    const waves = addWaves([{ waveName: 'canary', targets: [target('a', { daemonName: 'agent' })] }]);
    expect(byTarget(waves).a!.Properties.DaemonName).toBe('agent');
  });

  test('stays the same for a renamed target by its daemonName and adoption', () => {
    const waves = addWaves([{ waveName: 'canary', targets: [target('renamed', { daemonName: 'agent', adoptExisting: true }), target('b')] }]);
    const { renamed, b } = byTarget(waves);
    expect([renamed!.Properties.AdoptExisting, b!.Properties.AdoptExisting]).toEqual([true, undefined]);
  });
});

describe('the information for operators', () => {
  test('includes tags of a daemon with its wave and its target', () => {
    const waves = addWaves([wave('canary', 'a'), wave('rest', 'b')], { tags: { team: 'platform' } });
    expect(byTarget(waves).b!.Properties.Tags).toEqual([
      { key: 'cdk-ecs-managed-daemons:target', value: 'b' },
      { key: 'cdk-ecs-managed-daemons:wave', value: 'rest' },
      { key: 'team', value: 'platform' },
    ]);
  });

  test('includes tags that others cannot set', () => {
    Tags.of(stack).add('cdk-ecs-managed-daemons:wave', 'mine', { priority: 1000 });
    const waves = addWaves([wave('canary', 'a')]);
    expect(byTarget(waves).a!.Properties.Tags).toContainEqual({ key: 'cdk-ecs-managed-daemons:wave', value: 'canary' });
  });

  test('includes an output for each wave with its position, its targets and the names of their daemons', () => {
    addWaves([wave('canary', 'a'), { waveName: 'rest', targets: [target('b', { daemonName: 'one' }), target('c', { daemonName: 'two' })] }]);
    const outputs = Template.fromStack(stack).findOutputs('*');
    expect(Object.entries(outputs).map(([id, { Value }]) => [id.replace(/[0-9A-F]{8}$/, ''), Value])).toEqual([
      ['WavesWavecanary', expect.stringMatching(/^1 of 2: a \(Stack-Waves-a[\w-]*\)$/)], ['WavesWaverest', '2 of 2: b (one), c (two)'],
    ]);
  });

  test('includes an output that keeps its name when waves are reordered', () => {
    const names = (...targets: string[]): string[] => {
      stack = new StackWithDaemon();
      addWaves(targets.map((name) => wave(`wave-${name}`, name)));
      return Object.keys(Template.fromStack(stack).findOutputs('*')).sort();
    };
    expect(names('b', 'a')).toEqual(names('a', 'b'));
  });
});

describe('the settings of waves', () => {
  const alarm = (id: string): cloudwatch.IAlarm => cloudwatch.Alarm.fromAlarmName(stack, id, id);

  test('apply to all waves', () => {
    const waves = addWaves([wave('canary', 'a'), wave('rest', 'b')], {
      drainPercent: 50, bakeTime: Duration.minutes(10), alarms: [alarm('errors')], timeout: Duration.minutes(50), critical: false,
      enableExecuteCommand: true, rolloutToken: '1', removalPolicy: RemovalPolicy.RETAIN, preflight: { alarmInAlarm: PreflightAlarmPolicy.WAIT },
    });
    const expected = {
      DeletionPolicy: 'Retain',
      Properties: expect.objectContaining({
        DrainPercent: 50, BakeTimeInMinutes: 10, AlarmNames: ['errors'], TimeoutInMinutes: 50, Critical: false, EnableExecuteCommand: true, RolloutToken: '1',
        PreflightAlarmInAlarm: 'WAIT',
      }),
    };
    expect(byTarget(waves)).toEqual({ a: expect.objectContaining(expected), b: expect.objectContaining(expected) });
  });

  test('of a wave take precedence', () => {
    const waves = addWaves([
      {
        ...wave('canary', 'a', 'b'), drainPercent: 100, bakeTime: Duration.minutes(30), alarms: [alarm('canary-errors')], timeout: Duration.minutes(45),
        preflight: { alarmInAlarm: PreflightAlarmPolicy.PROCEED },
      },
      wave('rest', 'c'),
    ], { drainPercent: 50, alarms: [alarm('errors')] });
    const { a, b, c } = byTarget(waves);
    const canary = {
      DrainPercent: 100, BakeTimeInMinutes: 30, AlarmNames: ['canary-errors'], TimeoutInMinutes: 45, PreflightAlarmInAlarm: 'PROCEED',
    };
    expect([a!.Properties, b!.Properties]).toEqual([expect.objectContaining(canary), expect.objectContaining(canary)]);
    expect(c!.Properties).toMatchObject({ DrainPercent: 50, BakeTimeInMinutes: 0, AlarmNames: ['errors'] });
    expect(c!.Properties).not.toHaveProperty('PreflightAlarmInAlarm');
  });

  test('are by default those of a daemon', () => {
    expect(byTarget(addWaves([wave('canary', 'a')])).a!.Properties).toMatchObject({ DrainPercent: 25, BakeTimeInMinutes: 0, AlarmNames: [] });
  });

  test('are set at the daemon for one target', () => {
    const waves = addWaves([wave('canary', 'a', 'b')], { bakeTime: Duration.minutes(5), alarms: [alarm('errors')] });
    waves.daemonFor('b').addAlarm(alarm('errors-b'));
    const { a, b } = byTarget(waves);
    expect([a!.Properties.AlarmNames, b!.Properties.AlarmNames]).toEqual([['errors'], ['errors', 'errors-b']]);
  });

  test('may come from the organisation', () => {
    PropertyInjectors.of(stack).add({
      constructUniqueId: ManagedDaemonWaves.PROPERTY_INJECTION_ID, inject: (props) => ({ drainPercent: 20, ...props }),
    });
    expect(byTarget(addWaves([wave('canary', 'a')])).a!.Properties.DrainPercent).toBe(20);
  });
});

test('the stack has one provider and one task definition, however many targets there are', () => {
  addWaves([wave('canary', 'a'), wave('rest', 'b', 'c')]);
  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::ECSManagedDaemon', 3);
  template.resourceCountIs('AWS::ECS::DaemonTaskDefinition', 1);
  template.resourceCountIs('AWS::Lambda::Function', 2);
});

describe('a lookup', () => {
  const waves = (): ManagedDaemonWaves => addWaves([wave('canary', 'a'), wave('rest', 'b', 'c')]);

  test('finds the daemon of a target, the daemons of a wave, and all of them in order', () => {
    const made = waves();
    expect(made.daemonFor('b')).toBe(made.daemons[1]);
    expect(made.daemonsIn('rest').map(({ node }) => node.id)).toEqual(['b', 'c']);
    expect(made.daemons.map(({ node }) => node.id)).toEqual(['a', 'b', 'c']);
  });

  test.each<[string, (made: ManagedDaemonWaves) => unknown, string]>([
    ['target', (made) => made.daemonFor('rest'), '[Stack/Waves] targetName must be one of "a", "b", "c", got: "rest"'],
    ['wave', (made) => made.daemonsIn('a'), '[Stack/Waves] waveName must be one of "canary", "rest", got: "a"'],
  ])('of an unknown %s fails', (_, look, message) => {
    const made = waves();
    expect(() => look(made)).toThrow(expect.objectContaining({ name: 'ValidationError', message }));
  });

  test('distinguishes waves from other constructs', () => {
    const made = waves();
    const answers = [made, made.daemons[0]!, stack].map((construct) => ManagedDaemonWaves.isManagedDaemonWaves(construct));
    expect(answers).toEqual([true, false, false]);
  });
});

test('a target may be in a cluster of another stack', () => {
  const app = stack.node.root as App;
  const agents = new Stack(app, 'Agents');
  const other = new StackWithDaemon(app, 'Other');
  const daemonTaskDefinition = new DaemonTaskDefinition(agents, 'TaskDefinition');
  daemonTaskDefinition.addContainer('agent', { image, memoryLimitMiB: 512 });
  new ManagedDaemonWaves(agents, 'Waves', {
    daemonTaskDefinition,
    waves: [
      { waveName: 'canary', targets: [target('a', { capacityProviders: [DaemonCapacityProvider.fromManagedInstances(stack.instances)] })] },
      {
        waveName: 'rest',
        targets: [target('b', { cluster: other.cluster, capacityProviders: [DaemonCapacityProvider.fromManagedInstances(other.instances)] })],
      },
    ],
  });
  app.synth();
  expect(agents.dependencies.map(({ node }) => node.id).sort()).toEqual(['Other', 'Stack']);
});
