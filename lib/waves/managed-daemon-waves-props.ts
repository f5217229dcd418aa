import type { aws_cloudwatch as cloudwatch, aws_ecs as ecs, Duration } from 'aws-cdk-lib';
import type { DaemonCapacityProvider } from '../capacity-provider/daemon-capacity-provider';
import type { PreflightOptions } from '../daemon/preflight-options';
import type { ManagedDaemonOptions } from '../daemon/managed-daemon-props';

/**
 * Where one of the daemons runs: a cluster, or a group of capacity providers within one.
 *
 * A rollout covers all capacity providers of a target at once, and a capacity provider that moves to another target may be drained
 * twice, and run without the daemon in between. So put those together that always belong together, and each other one in a
 * target of its own.
 */
export interface DaemonTarget {
  /**
   * The name of the target. It identifies the daemon: a target can move to another wave, but another name means another daemon.
   *
   * 1 to 255 letters, digits, hyphens and underscores, each name once among all waves.
   */
  readonly targetName: string;

  /** The cluster that the daemon of the target belongs to. */
  readonly cluster: ecs.IClusterRef;

  /** The capacity providers whose instances run the daemon: at least one, and none that another target has. */
  readonly capacityProviders: DaemonCapacityProvider[];

  /**
   * The name of the daemon, unique in its cluster.
   *
   * @default - a name derived from the stack, the construct path and the name of the target
   */
  readonly daemonName?: string;

  /**
   * Whether a daemon of that name which exists already is taken over instead of refused. With `daemonName` it keeps the daemon of a
   * target that gets another name, or of a `ManagedDaemon` that becomes a target. See `ManagedDaemonProps.adoptExisting`.
   *
   * @default false
   */
  readonly adoptExisting?: boolean;
}

/** Daemons that roll out together, after the wave before them has succeeded. Omitted settings default to those of the construct. */
export interface DaemonWave {
  /**
   * The name of the wave, in the tags of its daemons and in its output. It identifies nothing: another name drains no instance.
   *
   * 1 to 255 letters, digits, hyphens and underscores, each name once.
   */
  readonly waveName: string;

  /** Where the daemons of the wave run: at least one target. They roll out at the same time. */
  readonly targets: DaemonTarget[];

  /**
   * The share of the instances of each target, in percent, that a rollout drains at the same time. From 1 to 100.
   *
   * @default - as for all waves
   */
  readonly drainPercent?: number;

  /**
   * How long ECS waits after the last batch of each target while it watches the alarms. The next wave begins after it.
   *
   * @default - as for all waves
   */
  readonly bakeTime?: Duration;

  /**
   * The deployment alarms of each target, instead of those of all waves. An alarm for one target alone is added with
   * `waves.daemonFor(targetName).addAlarm()`.
   *
   * @default - as for all waves
   */
  readonly alarms?: cloudwatch.IAlarmRef[];

  /**
   * What an update does if a deployment alarm cannot protect it.
   *
   * @default - as for all waves
   */
  readonly preflight?: PreflightOptions;

  /**
   * How long the rollout of each target may take.
   *
   * @default - as for all waves, or if that is not stated either, what drain percent and bake time of the wave need
   */
  readonly timeout?: Duration;
}

/** The properties of a daemon over many targets. What is stated here holds in all waves, unless a wave states it too. */
export interface ManagedDaemonWavesProps extends ManagedDaemonOptions {
  /** The waves, in the order in which they roll out: at least one. */
  readonly waves: DaemonWave[];
}
