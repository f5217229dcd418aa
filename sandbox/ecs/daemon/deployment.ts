import type { Timer } from '../../core/clock';
import type { Input } from '../../core/aws-service';
import { AlarmWatch } from './alarm-watch';
import type { EcsContext } from '../context';
import type { Daemon } from './daemon';
import { DeploymentPass, type PassListener } from './batch-sequence';
import type { Fleet } from '../fleet/fleet';
import type { DaemonRevision } from '../task-definitions/daemon-revision';

export type DeploymentKind = 'create' | 'update' | 'delete' | 'rollback';

/** The statuses of a deployment (R21), and one that AWS may add (A33). */
export type DeploymentStatus =
  | 'PENDING' | 'IN_PROGRESS' | 'SUCCESSFUL' | 'STOP_REQUESTED' | 'STOPPED'
  | 'ROLLBACK_IN_PROGRESS' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED' | 'PREPARING_CAPACITY';

const TERMINAL: readonly DeploymentStatus[] = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

/** The part of the control plane that a deployment uses. */
export interface DeploymentHost {
  statusChanged(deployment: Deployment): void;
  /** The daemon's goal has changed: instances that wait for a daemon try again. */
  goalChanged(daemon: Daemon): void;
  /** The daemon has been deleted. */
  daemonGone(daemon: Daemon): void;
  /** Rolls back by a deployment of its own (A5). */
  startRollback(failed: Deployment, target: DaemonRevision): void;
}

export interface DeploymentOptions {
  readonly arn: string;
  readonly kind: DeploymentKind;
  readonly daemon: Daemon;
  /** Undefined for a deletion. */
  readonly target?: DaemonRevision;
  readonly sources: readonly DaemonRevision[];
  /** As in the request. */
  readonly configuration: Input;
  /** Of the capacity providers in the target and the sources. */
  readonly fleets: readonly Fleet[];
  /** Ends at once, instances take the target without being replaced (A7). */
  readonly instant: boolean;
}

/** One drain-provision-replace pass over a daemon's instances, and the way back if it fails (R21 to R25). */
export class Deployment {
  public status: DeploymentStatus = 'PENDING';
  public statusReason?: string;
  public readonly createdAt: number;
  public startedAt?: number;
  public stoppedAt?: number;
  public finishedAt?: number;
  public failureCount = 0;
  public readonly threshold: number;
  public breakerStatus: 'MONITORING' | 'TRIGGERED' | 'MONITORING_COMPLETE' = 'MONITORING';
  public rollback?: { readonly reason: string; readonly startedAt: number; readonly target?: DaemonRevision };
  public readonly alarmWatch: AlarmWatch;
  private readonly previous?: DaemonRevision;
  private pass?: DeploymentPass;
  private timers: Timer[] = [];
  private rollbackFailures = 0;

  constructor(
    private readonly context: EcsContext,
    private readonly host: DeploymentHost,
    public readonly options: DeploymentOptions,
  ) {
    this.createdAt = context.world.clock.now();
    this.previous = options.daemon.stable;
    this.threshold = this.breakerThreshold();
    const watched = options.kind === 'create' || options.kind === 'update';
    this.alarmWatch = new AlarmWatch(context, watched ? options.configuration.alarms : undefined, (reason) => this.fail(reason));
  }

  public get arn(): string {
    return this.options.arn;
  }

  public get isTerminal(): boolean {
    return TERMINAL.includes(this.status);
  }

  public get isRollingBack(): boolean {
    return this.status === 'STOP_REQUESTED' || this.status === 'ROLLBACK_IN_PROGRESS';
  }

  /** Whether ECS shows it no more (A15). One that was STOPPED may go on to be rolled back (A29). */
  public get isForgotten(): boolean {
    const hours = this.context.assumptions.deploymentRetention;
    const end = this.isTerminal ? this.finishedAt ?? this.stoppedAt : undefined;
    return hours !== 'forever' && end !== undefined && this.context.world.clock.now() >= end + hours * 3_600_000;
  }

  public start(): void {
    this.enter('PENDING');
    this.aim(this.options.target);
    if (this.options.instant) {
      this.succeed();
      return;
    }
    this.alarmWatch.start();
    this.limitTime();
    this.move({
      started: () => this.begin(),
      batchDone: (next) => this.batchDone(next),
      empty: () => this.empty(),
      done: () => this.replaced(),
    });
  }

  /** A newer deployment takes over (A1); the batch under way is finished under it. One that has ended stops watching its alarms. */
  public supersede(): void {
    this.halt();
    if (this.isTerminal) return;
    const reason = 'The deployment was replaced by a newer deployment.';
    if (this.context.assumptions.supersededPath === 'direct') {
      this.enter('STOPPED', reason);
    } else {
      this.enter('STOP_REQUESTED', reason);
      this.after(this.context.timing.stopRequested, () => this.enter('STOPPED', reason));
    }
  }

  /** Counts failed launches of its target (R35, A8). */
  public countFailures(revision: DaemonRevision, count: number): void {
    if (this.status === 'ROLLBACK_IN_PROGRESS' && revision === this.options.daemon.goal) {
      this.rollbackFailures += count;
      if (this.rollbackFailures >= this.threshold) this.rollbackFailed('The daemon tasks of the previous revision failed to start.');
      return;
    }
    if (this.isTerminal || this.isRollingBack || revision !== this.options.target) return;
    this.failureCount += count;
    if (this.failureCount < this.threshold) return;
    this.breakerStatus = 'TRIGGERED';
    this.fail(`The circuit breaker was triggered: ${this.failureCount} daemon tasks failed to start.`);
  }

  private begin(): void {
    this.startedAt = this.context.world.clock.now();
    if (this.context.assumptions.unknownStatus === 'off') {
      this.enter('IN_PROGRESS');
      return;
    }
    this.enter('PREPARING_CAPACITY');
    this.after(this.context.timing.unknownStatus, () => {
      if (this.status === 'PREPARING_CAPACITY') this.enter('IN_PROGRESS');
    });
  }

  private batchDone(next: () => void): void {
    const { kind, daemon } = this.options;
    // a deletion may roll back (A16)
    if (kind === 'delete' && this.context.assumptions.deletionRollback === 'once' && daemon.deletionRollbacks === 0) {
      daemon.deletionRollbacks++;
      this.fail('The deletion could not be completed.');
    } else if (this.context.assumptions.bakePosition === 'per-step') { // the API reference describes a bake after each step (A11)
      this.bake(next);
    } else {
      next();
    }
  }

  /** Not one instance: it ends soon, or waits for the first one (A10). */
  private empty(): void {
    const { emptyProvider, emptyProviderBake } = this.context.assumptions;
    const { emptyDeployment, prepareBatch } = this.context.timing;
    if (emptyProvider === 'instant-success' || this.options.kind === 'delete') {
      this.begin();
      this.after(emptyDeployment - prepareBatch, () => (emptyProviderBake === 'apply' ? this.bake(() => this.succeed()) : this.succeed()));
      return;
    }
    const waitForActive = (): void => {
      if (this.status !== 'PENDING') return;
      if (this.options.fleets.some((fleet) => [...fleet.instances].some((instance) => instance.state === 'ACTIVE'))) {
        this.begin();
        this.replaced();
      } else {
        for (const fleet of this.options.fleets) fleet.whenChanged(waitForActive);
      }
    };
    waitForActive();
  }

  private replaced(): void {
    if (this.context.assumptions.bakePosition === 'per-step') {
      this.succeed();
    } else if (this.context.assumptions.bakeStatus === 'in-progress') {
      this.bake(() => this.succeed());
    } else {
      this.succeed(() => this.bake(() => this.halt()));
    }
  }

  private bake(then: () => void): void {
    const minutes = this.options.kind === 'delete' ? 0 : Number(this.options.configuration.bakeTimeInMinutes ?? 0);
    if (minutes === 0) then();
    else this.after(minutes * 60, then);
  }

  private succeed(then: () => void = () => this.halt()): void {
    const { daemon, kind, target } = this.options;
    this.finishedAt = this.context.world.clock.now();
    if (kind !== 'delete') daemon.stable = target;
    if (this.breakerStatus === 'MONITORING') this.breakerStatus = 'MONITORING_COMPLETE';
    then();
    this.enter('SUCCESSFUL', 'The daemon deployment completed successfully.');
    if (kind === 'delete') this.host.daemonGone(daemon);
  }

  /** Fails a deployment that takes too long, and again a rollback that does (A12). */
  private limitTime(): void {
    const hours = this.context.assumptions.stuckDeploymentLimit;
    if (hours !== 'none') this.after(hours * 3600, () => this.stuck(hours));
  }

  private stuck(hours: number): void {
    if (this.isTerminal || this.status === 'STOP_REQUESTED') return;
    if (this.status === 'ROLLBACK_IN_PROGRESS') this.rollbackFailed(`The rollback did not finish within ${hours} hours.`);
    else this.fail(`The deployment did not finish within ${hours} hours.`);
    this.options.daemon.giveUpHangingInstances();
  }

  private fail(reason: string): void {
    const wasTerminal = this.isTerminal;
    if (this.isRollingBack || (wasTerminal && this.status !== 'SUCCESSFUL')) return;
    this.halt();
    if (this.options.kind === 'rollback') {
      this.rollbackFailed(reason);
      return;
    }
    if (this.options.kind === 'delete') this.options.daemon.status = 'ACTIVE'; // a deletion that rolls back (A16)
    const target = this.previous;
    const firstFailure = this.context.assumptions.firstDeploymentFailure;
    this.enter('STOP_REQUESTED', reason);
    if (!target && firstFailure === 'stopped') { // a first deployment has nothing to roll back to (A4)
      this.after(this.context.timing.stopRequested, () => this.stopped(reason));
      return;
    }
    this.options.daemon.stable = target;
    this.aim(target);
    this.after(this.context.timing.stopRequested, () => {
      if (this.context.assumptions.terminalFlip === 'never') {
        this.rollBack(reason, target);
      } else { // STOPPED may not be final (A29)
        this.enter('STOPPED', reason);
        this.after(this.context.timing.terminalFlip, () => this.rollBack(reason, target));
      }
    });
  }

  private rollBack(reason: string, target: DaemonRevision | undefined): void {
    const { deletedTaskDefinition, firstDeploymentFailure, rollbackDeployment } = this.context.assumptions;
    this.rollback = { reason, startedAt: this.context.world.clock.now(), ...(target && { target }) };
    if (target && rollbackDeployment === 'new-arn') { // a rollback may be a new deployment (A5)
      this.stopped(reason);
      this.host.startRollback(this, target);
      return;
    }
    this.enter('ROLLBACK_IN_PROGRESS', reason);
    if (!target && firstDeploymentFailure === 'rollback-failed') {
      this.rollbackFailed('There is no earlier revision to roll back to.');
    } else if (target && target.taskDefinition.status !== 'ACTIVE' && deletedTaskDefinition === 'rollback-fails') {
      // a rollback to a deleted task definition may fail (A19)
      this.rollbackFailed(`The daemon task definition ${target.taskDefinition.arn} is not active.`);
    } else {
      const done = (): void => {
        this.finishedAt = this.context.world.clock.now();
        this.halt();
        this.enter('ROLLBACK_SUCCESSFUL', reason);
      };
      this.limitTime();
      this.move({ started: () => undefined, batchDone: (next) => next(), empty: done, done });
    }
  }

  private stopped(reason: string): void {
    this.stoppedAt = this.context.world.clock.now();
    this.enter('STOPPED', reason);
  }

  private rollbackFailed(reason: string): void {
    this.halt();
    this.finishedAt = this.context.world.clock.now();
    this.enter('ROLLBACK_FAILED', reason);
  }

  private aim(target: DaemonRevision | undefined): void {
    this.options.daemon.goal = target;
    this.host.goalChanged(this.options.daemon);
  }

  private move(listener: PassListener): void {
    const drainPercent = Number(this.options.configuration.drainPercent ?? 25); // the default (R29)
    this.pass = new DeploymentPass(this.context, this.options.daemon, this.options.fleets, drainPercent, this.arn, listener);
    this.pass.begin();
  }

  private halt(): void {
    this.pass?.cancel();
    this.alarmWatch.stop();
    for (const timer of this.timers) timer.cancel();
    this.timers = [];
    if (this.breakerStatus === 'MONITORING') this.breakerStatus = 'MONITORING_COMPLETE';
  }

  private enter(status: DeploymentStatus, reason?: string): void {
    this.status = status;
    this.statusReason = reason;
    if (status === 'STOPPED') this.stoppedAt = this.context.world.clock.now();
    this.host.statusChanged(this);
  }

  private after(seconds: number, action: () => void): void {
    this.timers.push(this.context.world.clock.after(seconds, action));
  }

  private breakerThreshold(): number {
    const { breakerThreshold } = this.context.assumptions;
    if (breakerThreshold !== 'formula') return breakerThreshold;
    const instances = this.options.fleets.reduce((sum, fleet) => sum + fleet.instances.size, 0);
    return Math.min(200, Math.max(3, Math.ceil(0.5 * instances)));
  }
}
