import { createHash } from 'node:crypto';
import type { Input } from '../../core/aws-service';
import { arnOf, randomHex, randomUuid } from '../../core/world';
import type { EcsContext } from '../context';
import type { Daemon } from './daemon';
import { emitDeploymentStateChange, emitStartImpaired } from './daemon-events';
import type { DaemonTaskDefinition } from '../task-definitions/daemon-task-definitions';
import { type DescribedDeployment, describeDaemon, describeDeployment, summarizeDaemon, summarizeDeployment } from './daemon-descriptions';
import { Deployment, type DeploymentHost, type DeploymentKind } from './deployment';
import type { Fleet } from '../fleet/fleet';
import type { DaemonPlacement, FailedStart } from '../fleet/instance-registry';
import type { Instance } from '../fleet/instance';
import { countInstances, type CountsByRevision } from './instance-counts';
import { LaggedView, readAges } from '../lagged-view';
import { ReplacementBatch } from './replacement-batch';
import { sameContent, type DaemonRevision } from '../task-definitions/daemon-revision';
import type { StartFailures } from './start-failures';

/** The service that assumes the roles of a task definition. */
const TASKS = 'ecs-tasks.amazonaws.com';

/** The fields of a daemon that lagging reads return. */
export interface DaemonSnapshot {
  /** Undefined once the daemon is gone. */
  readonly description?: Input;
  readonly summary?: Input;
  readonly capacityProviderArns: readonly string[];
  readonly deployments: readonly Input[];
}

/** Launches of a daemon task on one instance without a deployment that counts them. */
const LAUNCHES_WITHOUT_DEPLOYMENT = 10;
/** Launches of a non-critical daemon's task on one instance. */
const LAUNCHES_OF_NON_CRITICAL = 3;

/** The daemons and what brings them onto the instances. */
export class DaemonControlPlane implements DaemonPlacement, DeploymentHost {
  public readonly daemons = new Map<string, Daemon>();
  public readonly deployments = new Map<string, Deployment>();
  public readonly revisions = new Map<string, DaemonRevision>();
  public readonly views = new Map<string, LaggedView<DaemonSnapshot>>();
  /** By deployment ARN, while counters lag (A35). */
  private readonly laggedCounts = new Map<string, LaggedView<CountsByRevision>>();
  public readonly readAge: () => number;
  /** By deployment ARN, while reads are of random ages (A28); otherwise a deployment shows as it is. */
  private readonly deploymentViews = new Map<string, LaggedView<DescribedDeployment & { readonly counts: CountsByRevision }>>();
  /** By daemon ARN, the newest first. */
  public readonly deploymentsOf = new Map<string, Deployment[]>();
  private readonly latestDeployments = new Map<Daemon, Deployment>();
  private readonly statusListeners = new Set<(deployment: Deployment) => void>();

  constructor(
    private readonly context: EcsContext,
    private readonly fleets: ReadonlyMap<string, Fleet>,
    private readonly startFailures: StartFailures,
  ) {
    this.readAge = readAges(context.world, context.assumptions);
  }

  public onDeploymentStatus(listener: (deployment: Deployment) => void): () => void {
    this.statusListeners.add(listener);
    return () => void this.statusListeners.delete(listener);
  }

  /** Takes the record of what instances are to run (R16). */
  public newRevision(
    daemon: Daemon, taskDefinition: DaemonTaskDefinition, capacityProviderArns: readonly string[], input: Input,
  ): DaemonRevision {
    const revision: DaemonRevision = {
      arn: arnOf(this.context.world, 'ecs', `daemon-revision/${daemon.clusterName}/${daemon.name}/${randomUuid(this.context.world)}`),
      daemonArn: daemon.arn,
      clusterArn: daemon.clusterArn,
      taskDefinition,
      capacityProviderArns,
      containerImages: taskDefinition.content.containerDefinitions.map((container: Input) => ({
        ...(container.name !== undefined && { containerName: container.name }),
        image: container.image,
        imageDigest: `sha256:${createHash('sha256').update(String(container.image)).digest('hex')}`,
      })),
      ...(input.propagateTags !== undefined && { propagateTags: input.propagateTags }),
      enableECSManagedTags: input.enableECSManagedTags ?? false,
      enableExecuteCommand: input.enableExecuteCommand ?? false,
      critical: input.critical ?? true,
      createdAt: this.context.world.clock.now(),
    };
    this.revisions.set(revision.arn, revision);
    return revision;
  }

  /** Starts a deployment in the place of the one that may be under way (A1 to A3). */
  public deploy(
    daemon: Daemon, kind: DeploymentKind, target: DaemonRevision | undefined, configuration: Input, instant = false,
  ): Deployment {
    const before = this.latestDeployments.get(daemon);
    const superseded = before !== undefined && !before.isTerminal;
    before?.supersede();
    const sources = this.presentRevisions(daemon);
    for (const arn of target?.capacityProviderArns ?? []) daemon.capacityProviderArns.add(arn);
    // instances that already run the target need not be drained again (A26)
    if (target && superseded && this.context.assumptions.supersedeCost === 'moved-only') this.relabel(daemon, (old) => sameContent(old, target), target);
    // an update of settings alone may replace no instance (A7)
    if (target && instant) this.relabel(daemon, (old) => old.taskDefinition === target.taskDefinition, target);
    const { deploymentArnFormat } = this.context.assumptions; // the guide shows ARNs of two forms (A30)
    const path = `${daemon.clusterName}/${deploymentArnFormat === 'three' ? `${daemon.name}/` : ''}${randomHex(this.context.world, 20)}`;
    const deployment = new Deployment(this.context, this, {
      arn: arnOf(this.context.world, 'ecs', `daemon-deployment/${path}`),
      kind,
      daemon,
      ...(target && { target }),
      sources: sources.filter((revision) => revision !== target),
      configuration,
      fleets: this.fleetsOf(daemon),
      instant,
    });
    this.latestDeployments.set(daemon, deployment);
    this.deployments.set(deployment.arn, deployment);
    this.deploymentsOf.set(daemon.arn, [deployment, ...(this.deploymentsOf.get(daemon.arn) ?? [])]);
    deployment.start();
    return deployment;
  }

  /** The latest deployment of a daemon: there is one as soon as the daemon is. */
  public deploymentOf(daemon: Daemon): Deployment {
    return this.latestDeployments.get(daemon)!;
  }

  /** The daemons that instances of a capacity provider run or are to run. */
  public daemonsOn(capacityProviderArn: string): Daemon[] {
    return [...this.daemons.values()].filter((daemon) => daemon.goalFor(capacityProviderArn) !== undefined
      || (daemon.capacityProviderArns.has(capacityProviderArn) && daemon.status === 'DELETE_IN_PROGRESS'));
  }

  /** A deployment as reads see it, with its counters (A35). Undefined to a read that is older than the deployment (A28). */
  public describe(deployment: Deployment): Input | undefined {
    const now = this.context.world.clock.now();
    const { daemon } = deployment.options;
    const lagged = this.laggedCounts.get(deployment.arn)?.readOrFirst(now);
    if (this.context.assumptions.readAge === 'constant') return describeDeployment(deployment, lagged ?? this.countsOf(daemon));
    const seen = this.deploymentViews.get(deployment.arn)?.read(now);
    return seen && describeDeployment(seen, lagged ?? seen.counts);
  }

  /** A daemon task stops after it has run: a critical daemon's instance is replaced, another one is kept (R36). */
  public stopDaemonTask(fleet: Fleet, instance: Instance, daemonArn: string): void {
    const task = instance.daemonTasks.get(daemonArn);
    if (task?.state !== 'RUNNING' || instance.state !== 'ACTIVE') return;
    task.state = 'FAILED';
    fleet.record(instance, 'DAEMON_TASK_STOPPED', {
      taskArn: task.arn, daemonArn, revisionArn: task.revision.arn, image: task.revision.containerImages[0]?.image,
    });
    if (task.revision.critical) new ReplacementBatch([{ fleet, instance }], undefined, () => undefined).start();
    fleet.changed();
  }

  public desiredRevisions(fleet: Fleet, instance: Instance): readonly DaemonRevision[] {
    const desired: DaemonRevision[] = [];
    for (const daemon of this.daemons.values()) {
      const revision = this.desiredRevisionOf(daemon, fleet, instance);
      if (revision) desired.push(revision);
    }
    return desired;
  }

  public startFailure(revision: DaemonRevision, instance: Instance): { reason: string; failureType: string } | undefined {
    const { taskDefinition } = revision;
    // a deleted task definition may not start any more (A19)
    if (taskDefinition.status !== 'ACTIVE' && this.context.assumptions.deletedTaskDefinition === 'new-instances-fail') {
      return { reason: `Daemon task definition ${taskDefinition.arn} is not active.`, failureType: 'TASK_CREATION_FAILED' };
    }
    const { taskRoleArn, executionRoleArn } = taskDefinition.content;
    const distrustful = [executionRoleArn, taskRoleArn].find((roleArn) => roleArn && this.context.trusts(roleArn, TASKS) === false);
    if (distrustful !== undefined) {
      return {
        reason: `ECS was unable to assume the role '${distrustful}' that was provided for this task. `
          + 'Please verify that the role being passed has the proper trust relationship and permissions.',
        failureType: 'TASK_FAILED_TO_RUN',
      };
    }
    return this.startFailures.next(revision, instance);
  }

  public startFailed(failures: readonly FailedStart[]): void {
    const byRevision = new Map<DaemonRevision, number>();
    for (const failure of failures) {
      byRevision.set(failure.revision, (byRevision.get(failure.revision) ?? 0) + 1);
      emitStartImpaired(this.context.world, failure);
    }
    for (const [revision, count] of byRevision) this.countFailures(revision, count);
  }

  public retries(revision: DaemonRevision, launches: number): boolean {
    const daemon = this.daemons.get(revision.daemonArn);
    // the target revision has changed: instances that wait launch it, running ones are replaced
    if (daemon?.goal !== revision) return revision.critical;
    const deploying = !this.deploymentOf(daemon).isTerminal;
    if (revision.critical) return deploying || launches < LAUNCHES_WITHOUT_DEPLOYMENT;
    return (deploying && this.context.assumptions.nonCriticalSuccess === 'needs-full-coverage') || launches < LAUNCHES_OF_NON_CRITICAL;
  }

  public changed(fleet: Fleet): void {
    for (const daemon of this.daemons.values()) if (daemon.capacityProviderArns.has(fleet.capacityProviderArn)) this.record(daemon);
  }

  public statusChanged(deployment: Deployment): void {
    emitDeploymentStateChange(this.context.world, deployment);
    this.record(deployment.options.daemon, deployment);
    for (const listener of [...this.statusListeners]) listener(deployment);
  }

  public goalChanged(daemon: Daemon): void {
    for (const fleet of this.fleetsOf(daemon)) fleet.launch.retryParked();
  }

  public daemonGone(daemon: Daemon): void {
    if (this.daemons.get(daemon.arn) !== daemon) return;
    this.daemons.delete(daemon.arn);
    this.context.tags.remove(daemon.arn);
    this.record(daemon);
  }

  public startRollback(failed: Deployment, target: DaemonRevision): void {
    const { drainPercent } = failed.options.configuration;
    this.deploy(failed.options.daemon, 'rollback', target, drainPercent === undefined ? {} : { drainPercent });
  }

  /** Puts down the state that reads will see when the lag has passed. */
  public record(daemon: Daemon, deployment = this.deploymentOf(daemon)): void {
    const { readLag, readAge, counterLag } = this.context.assumptions;
    const now = this.context.world.clock.now();
    const exists = this.daemons.get(daemon.arn) === daemon;
    const counts = this.countsOf(daemon);
    this.viewIn(this.views, daemon.arn, readLag).record(now, {
      ...(exists && {
        description: describeDaemon(daemon, this.deploymentOf(daemon).arn, this.currentRevisions(daemon), counts),
        summary: summarizeDaemon(daemon),
      }),
      capacityProviderArns: daemon.goal?.capacityProviderArns ?? [...daemon.capacityProviderArns],
      deployments: (this.deploymentsOf.get(daemon.arn) ?? []).map(summarizeDeployment),
    });
    if (readAge === 'random') this.viewIn(this.deploymentViews, deployment.arn, readLag).record(now, { ...deployment, arn: deployment.arn, counts });
    if (counterLag > 0) this.viewIn(this.laggedCounts, this.deploymentOf(daemon).arn, counterLag).record(now, counts);
  }

  private viewIn<T>(views: Map<string, LaggedView<T>>, arn: string, lagSeconds: number): LaggedView<T> {
    const view = views.get(arn) ?? new LaggedView<T>(lagSeconds, this.readAge);
    views.set(arn, view);
    return view;
  }

  private countsOf(daemon: Daemon): CountsByRevision {
    return countInstances(daemon, this.fleetsOf(daemon));
  }

  private countFailures(revision: DaemonRevision, count: number): void {
    const daemon = this.daemons.get(revision.daemonArn);
    if (!daemon) return;
    this.deploymentOf(daemon).countFailures(revision, count);
    this.record(daemon);
  }

  private desiredRevisionOf(daemon: Daemon, fleet: Fleet, instance: Instance): DaemonRevision | undefined {
    const goal = daemon.goalFor(fleet.capacityProviderArn);
    const old = instance.replaces;
    const { isTerminal, options: { instant } } = this.deploymentOf(daemon);
    const hasPass = !isTerminal && !instant; // an instant deployment replaces no instance (A7)
    const mayKeep = old !== undefined && instance.daemonTasks.get(daemon.arn)?.state !== 'FAILED' && hasPass
      && instance.deploymentArn !== undefined && this.deployments.get(instance.deploymentArn)?.options.daemon !== daemon;
    if (!mayKeep || this.context.assumptions.concurrentDaemons === 'merged') return goal;
    // the deployment of another daemon launches this instance: this daemon comes as it was, and gets a pass of its own (A25)
    const before = old.daemonTasks.get(daemon.arn)?.revision;
    const moves = !before || !goal; // the daemon comes to the capacity provider or leaves it (A27)
    return moves && this.context.assumptions.providerMove === 'one-drain' ? goal : before;
  }

  private currentRevisions(daemon: Daemon): DaemonRevision[] {
    const present = this.presentRevisions(daemon);
    const settled = this.deploymentOf(daemon).isTerminal || present.length === 0;
    return settled && daemon.goal && !present.includes(daemon.goal) ? [...present, daemon.goal] : present;
  }

  /** The revisions on instances, or the stable one when there are no instances. */
  private presentRevisions(daemon: Daemon): DaemonRevision[] {
    const present = new Set<DaemonRevision>();
    for (const fleet of this.fleetsOf(daemon)) {
      for (const instance of fleet.instances) {
        const task = instance.daemonTasks.get(daemon.arn);
        if (task) present.add(task.revision);
      }
    }
    if (present.size === 0 && daemon.stable) present.add(daemon.stable);
    return [...present];
  }

  /** Instances that run what the target does take it without being replaced. */
  private relabel(daemon: Daemon, runsTarget: (revision: DaemonRevision) => boolean, target: DaemonRevision): void {
    for (const fleet of this.fleetsOf(daemon)) {
      if (!target.capacityProviderArns.includes(fleet.capacityProviderArn)) continue;
      for (const instance of fleet.instances) {
        const task = instance.daemonTasks.get(daemon.arn);
        if (task && task.state !== 'FAILED' && instance.state !== 'DRAINING' && runsTarget(task.revision)) task.revision = target;
      }
    }
  }

  private fleetsOf(daemon: Daemon): Fleet[] {
    return [...daemon.capacityProviderArns].map((arn) => this.fleets.get(arn)).filter((fleet) => fleet !== undefined);
  }
}
