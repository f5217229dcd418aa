import { CfnOutput } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct, Dependable, type IConstruct } from 'constructs';
import { isObjectWith } from '../validation/class-validation';
import { ManagedDaemon } from '../daemon/managed-daemon';
import type { ManagedDaemonOptions } from '../daemon/managed-daemon-props';
import type { DaemonTarget, DaemonWave, ManagedDaemonWavesProps } from './managed-daemon-waves-props';
import { ValidationError, refuse } from '../validation/validation-error';
import { checkClassesOfWaves, checkWaves } from './wave-validation';

const wavesSymbol = Symbol.for('cdk-ecs-managed-daemons.ManagedDaemonWaves');

/**
 * Rolls out one logical daemon to many targets in waves.
 *
 * A target is a cluster, or a group of capacity providers within one. Each target has a `ManagedDaemon` of its own, with the same task
 * definition. A wave starts when every daemon of the wave before it has rolled out, bake time included. If a rollout fails, the waves
 * after it do not start, and CloudFormation rolls back the finished waves. To keep finished waves, put each wave in a stack of its own.
 *
 * A daemon is identified by its target. Waves can be added, removed and reordered, and targets can move from wave to wave, without a
 * drain. The tags `cdk-ecs-managed-daemons:wave` and `cdk-ecs-managed-daemons:target` of a daemon name its wave and target, and each
 * wave has an output. The constructor throws if a wave has no targets, if a name is not valid or not unique, or if a capacity provider
 * is in two targets.
 *
 * @stateless
 */
@propertyInjectable
export class ManagedDaemonWaves extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-ecs-managed-daemons.ManagedDaemonWaves';

  /** Returns whether a construct is a `ManagedDaemonWaves`, also of another copy of this library. */
  public static isManagedDaemonWaves(construct: IConstruct): construct is ManagedDaemonWaves {
    return isObjectWith(wavesSymbol, construct);
  }

  /** The daemons of all targets, in the order of the waves. */
  public readonly daemons: ManagedDaemon[];

  private readonly daemonsOfWave = new Map<string, ManagedDaemon[]>();

  constructor(scope: Construct, id: string, props: ManagedDaemonWavesProps) {
    super(scope, id);
    Object.defineProperty(this, wavesSymbol, { value: true });
    refuse(this, checkClassesOfWaves(props));
    const { waves, ...options } = props;
    refuse(this, checkWaves(this, waves));

    let before: ManagedDaemon[] = [];
    for (const wave of waves) {
      const daemons = wave.targets.map((target) => this.addDaemon(target, wave, options));
      if (before.length > 0) {
        daemons.forEach((daemon) => daemon.rolloutAfter(...before));
      }
      this.daemonsOfWave.set(wave.waveName, daemons);
      before = daemons;
    }
    this.daemons = [...this.daemonsOfWave.values()].flat();
    this.addOutputs(waves);
    // whoever depends on the waves waits for their rollouts, and not for what stands behind services
    Dependable.implement(this, { dependencyRoots: this.daemons.flatMap((daemon) => Dependable.of(daemon).dependencyRoots) });
  }

  /** The daemon of a target. Throws if there is no such target. */
  public daemonFor(targetName: string): ManagedDaemon {
    const daemon = this.daemons.find(({ node }) => node.id === targetName);
    if (daemon === undefined) {
      throw new ValidationError(this, `targetName must be one of ${list(this.daemons.map(({ node }) => node.id))}, got: ${JSON.stringify(targetName)}`);
    }
    return daemon;
  }

  /** The daemons of a wave, in the order of its targets. Throws if there is no such wave. */
  public daemonsIn(waveName: string): ManagedDaemon[] {
    const daemons = this.daemonsOfWave.get(waveName);
    if (daemons === undefined) {
      throw new ValidationError(this, `waveName must be one of ${list([...this.daemonsOfWave.keys()])}, got: ${JSON.stringify(waveName)}`);
    }
    return [...daemons];
  }

  /** The wave is no scope of the daemon: its path, and with it its logical id and its name, must not change with the wave. */
  private addDaemon(target: DaemonTarget, wave: DaemonWave, options: ManagedDaemonOptions): ManagedDaemon {
    const daemon = new ManagedDaemon(this, target.targetName, {
      ...options,
      cluster: target.cluster,
      capacityProviders: target.capacityProviders,
      daemonName: target.daemonName,
      adoptExisting: target.adoptExisting,
      drainPercent: wave.drainPercent ?? options.drainPercent,
      bakeTime: wave.bakeTime ?? options.bakeTime,
      alarms: wave.alarms ?? options.alarms,
      preflight: wave.preflight ?? options.preflight,
      timeout: wave.timeout ?? options.timeout,
    });
    daemon._addOwnTags({ 'cdk-ecs-managed-daemons:wave': wave.waveName, 'cdk-ecs-managed-daemons:target': target.targetName });
    return daemon;
  }

  /** They change with the order, so that CloudFormation takes up a new order even when nothing else has changed. */
  private addOutputs(waves: DaemonWave[]): void {
    for (const [index, { waveName }] of waves.entries()) {
      const daemons = this.daemonsIn(waveName).map(({ node: { id }, daemonName }) => `${id} (${daemonName})`);
      // no target can have this name
      new CfnOutput(this, `Wave:${waveName}`, { value: `${index + 1} of ${waves.length}: ${daemons.join(', ')}` });
    }
  }
}

const list = (names: string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
