import { AwsError } from '../../core/aws-error';
import type { Input, Operation } from '../../core/aws-service';
import { arnOf } from '../../core/world';
import type { CapacityProviders } from './capacity-providers';
import type { Clusters } from './clusters';
import type { EcsContext } from '../context';
import { Daemon } from '../daemon/daemon';
import type { DaemonControlPlane } from '../daemon/daemon-control-plane';
import type { DaemonTaskDefinitions } from '../task-definitions/daemon-task-definitions';
import { validateCapacityProviders, validateDaemonSettings } from './daemon-validation';
import { clientException, clusterNotFound, daemonNotFound, invalidParameter } from '../errors';
import { sameProviders, sameSettings } from '../task-definitions/daemon-revision';

/** The writes: `CreateDaemon`, `UpdateDaemon` and `DeleteDaemon`. Each is a deployment (R8). */
export class Daemons {
  public readonly operations: Readonly<Record<string, Operation>> = {
    CreateDaemon: (input) => this.create(input),
    UpdateDaemon: (input) => this.update(input),
    DeleteDaemon: (input) => this.delete(input),
  };

  private readonly tokens = new Map<string, { readonly request: string; readonly output: Input; readonly time: number }>();

  constructor(
    private readonly context: EcsContext,
    private readonly controlPlane: DaemonControlPlane,
    private readonly clusters: Clusters,
    private readonly capacityProviders: CapacityProviders,
    private readonly taskDefinitions: DaemonTaskDefinitions,
  ) {}

  private create(input: Input): Input {
    const name = String(input.daemonName ?? '');
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
      throw invalidParameter('daemonName must have 1 to 255 letters, digits, underscores and hyphens.');
    }
    const remembered = this.remembered(input);
    if (remembered) return remembered;
    this.assumeServiceLinkedRole();
    const cluster = this.clusters.require(input.clusterArn);
    const now = this.context.world.clock.now();
    if (now < cluster.createdAt + this.context.assumptions.clusterVisibilityDelay * 1000) throw clusterNotFound(); // not visible yet (R42)
    const taskDefinition = this.taskDefinitions.forDaemon(input.daemonTaskDefinitionArn);
    const providers = validateCapacityProviders(input.capacityProviderArns, cluster, (arn) => this.capacityProviders.find(arn));
    validateDaemonSettings(this.context, input);
    this.context.tags.validate(input.tags);
    const arn = arnOf(this.context.world, 'ecs', `daemon/${cluster.name}/${name}`);
    const existing = this.controlPlane.daemons.get(arn);
    if (existing && (existing.status === 'ACTIVE' || this.context.assumptions.createDuringDelete === 'reject')) return this.refuseExisting(existing);

    if (existing) this.controlPlane.daemonGone(existing); // the create replaces the deletion (A17)
    const daemon = new Daemon(arn, name, cluster.arn, cluster.name, now);
    if (existing) {
      this.controlPlane.deploymentOf(existing).supersede();
      for (const providerArn of existing.capacityProviderArns) daemon.capacityProviderArns.add(providerArn);
    }
    this.controlPlane.daemons.set(arn, daemon);
    this.context.tags.add(arn, input.tags);
    const target = this.controlPlane.newRevision(daemon, taskDefinition, providers, input);
    const deployment = this.controlPlane.deploy(daemon, 'create', target, input.deploymentConfiguration ?? {});
    const output = { daemonArn: arn, status: daemon.status, createdAt: new Date(now), deploymentArn: deployment.arn };
    if (input.clientToken !== undefined) this.tokens.set(String(input.clientToken), { request: JSON.stringify(input), output, time: now });
    return output;
  }

  private update(input: Input): Input {
    const daemon = this.require(input.daemonArn);
    if (daemon.status !== 'ACTIVE') {
      throw new AwsError('DaemonNotActiveException', "The specified daemon isn't active. You can't update a daemon that's being deleted. If you have previously deleted a daemon, you can re-create it with CreateDaemon.");
    }
    this.assumeServiceLinkedRole();
    const taskDefinition = this.taskDefinitions.forDaemon(input.daemonTaskDefinitionArn);
    const cluster = this.clusters.require(daemon.clusterArn);
    const providers = validateCapacityProviders(input.capacityProviderArns, cluster, (arn) => this.capacityProviders.find(arn));
    validateDaemonSettings(this.context, input);
    this.refuseWhileDeploying(daemon, 'update');

    const configuration: Input = input.deploymentConfiguration ?? {};
    const before = daemon.goal;
    // an omitted setting returns to its default (R5)
    const target = this.controlPlane.newRevision(daemon, taskDefinition, providers, input);
    const settingsOnly = before !== undefined && before.taskDefinition === taskDefinition && sameProviders(before, target);
    const identical = settingsOnly && sameSettings(before, target)
      && JSON.stringify(this.controlPlane.deploymentOf(daemon).options.configuration) === JSON.stringify(configuration);
    if (identical && this.context.assumptions.identicalUpdate === 'no-op') { // ECS may skip an update without changes (A6)
      this.controlPlane.revisions.delete(target.arn);
    } else {
      daemon.updatedAt = this.context.world.clock.now();
      // such an update may replace no instance (A7)
      const instant = settingsOnly && !identical && this.context.assumptions.configOnlyUpdate === 'instant';
      this.controlPlane.deploy(daemon, 'update', target, configuration, instant);
    }
    return this.answer(daemon);
  }

  private delete(input: Input): Input {
    const daemon = this.require(input.daemonArn);
    if (daemon.status !== 'ACTIVE') { // a second deletion is rejected (R38)
      throw invalidParameter('The daemon cannot be deleted because a deployment deletion is ongoing.');
    }
    this.refuseWhileDeploying(daemon, 'delete');
    daemon.status = 'DELETE_IN_PROGRESS';
    daemon.updatedAt = this.context.world.clock.now();
    const { drainPercent } = this.controlPlane.deploymentOf(daemon).options.configuration;
    this.controlPlane.deploy(daemon, 'delete', undefined, drainPercent === undefined ? {} : { drainPercent });
    return this.answer(daemon);
  }

  private answer(daemon: Daemon): Input {
    return {
      daemonArn: daemon.arn,
      status: daemon.status,
      createdAt: new Date(daemon.createdAt),
      updatedAt: new Date(daemon.updatedAt),
      deploymentArn: this.controlPlane.deploymentOf(daemon).arn,
    };
  }

  private require(daemonArn: unknown): Daemon {
    if (!daemonArn) throw invalidParameter('daemonArn can not be blank.');
    const daemon = this.controlPlane.daemons.get(String(daemonArn));
    if (!daemon) throw daemonNotFound(String(daemonArn));
    return daemon;
  }

  /** Rejects a write during a deployment or rollback if the assumptions require it (A1, A2, A3). */
  private refuseWhileDeploying(daemon: Daemon, write: 'update' | 'delete'): void {
    const deployment = this.controlPlane.deploymentOf(daemon);
    if (deployment.isTerminal) return;
    const { updateDuringDeployment, updateDuringRollback, deleteDuringDeployment } = this.context.assumptions;
    const rejects = write === 'delete' ? deleteDuringDeployment === 'reject'
      : (deployment.isRollingBack ? updateDuringRollback : updateDuringDeployment) === 'reject';
    if (rejects) throw clientException(`The daemon has a deployment in progress: ${deployment.arn}`);
  }

  private refuseExisting(daemon: Daemon): Input {
    const message = daemon.status === 'ACTIVE'
      ? `A daemon with the name ${daemon.name} already exists in the cluster.`
      : `A daemon with the name ${daemon.name} already exists in the cluster and is being deleted.`;
    switch (this.context.assumptions.createExisting) { // AWS does not document the error for an existing name (A17)
      case 'invalid-parameter': throw invalidParameter(message);
      case 'client-exception': throw clientException(message);
      case 'returns-existing': return this.answer(daemon);
    }
  }

  /** The first answer to a request with the same client token (R7, A17). */
  private remembered(input: Input): Input | undefined {
    if (input.clientToken === undefined) return undefined;
    if (!/^[!-~]{1,36}$/.test(String(input.clientToken))) throw invalidParameter('clientToken must have at most 36 ASCII characters.');
    const first = this.tokens.get(String(input.clientToken));
    if (!first || this.context.world.clock.now() >= first.time + this.context.assumptions.tokenRetention * 3_600_000) return undefined;
    if (first.request !== JSON.stringify(input)) {
      throw invalidParameter('The request uses the same client token as a previous, but non-identical request.');
    }
    return first.output;
  }

  private assumeServiceLinkedRole(): void {
    // a new service-linked role cannot be assumed at once (R42)
    if (this.context.world.clock.now() < this.context.startedAt + this.context.assumptions.serviceLinkedRoleDelay * 1000) {
      throw invalidParameter('Unable to assume the service linked role. Please verify that the ECS service linked role exists.');
    }
  }
}
