import type { CloudWatch } from '../cloudwatch';
import type { Input, Operation, Permission, Service } from '../core/aws-service';
import type { World } from '../core/world';
import { CapacityProviders } from './api/capacity-providers';
import { Clusters, type Cluster } from './api/clusters';
import { ContainerInstances } from './api/container-instances';
import type { EcsContext } from './context';
import { DaemonControlPlane } from './daemon/daemon-control-plane';
import { DaemonReads } from './api/daemon-reads';
import { DaemonTaskDefinitions } from './task-definitions/daemon-task-definitions';
import { Daemons } from './api/daemon-writes';
import type { DeploymentKind, DeploymentStatus } from './daemon/deployment';
import { Fleet } from './fleet/fleet';
import { GrownReplies } from './grown-replies';
import type { Instance, InstanceState } from './fleet/instance';
import { InstanceEvents, type InstanceEvent } from './fleet/instance-events';
import { readAges } from './lagged-view';
import { paged } from './paging';
import { permissionsFor } from './api/required-permissions';
import { Services } from './api/services';
import { StartFailures, type StartFailure } from './daemon/start-failures';
import { DEFAULT_ASSUMPTIONS, type EcsAssumptions } from './assumptions';
import { Tags } from './tags';
import { TaskDefinitions } from './task-definitions/task-definitions';
import { Throttle } from './throttle';
import { DEFAULT_TIMING, type FleetTiming } from './timing';

export type { InstanceEvent, InstanceEventName } from './fleet/instance-events';
export type { InstanceState } from './fleet/instance';
export type { DeploymentStatus } from './daemon/deployment';
export type { StartFailure } from './daemon/start-failures';
export { DEFAULT_ASSUMPTIONS, type EcsAssumptions } from './assumptions';
export { DEFAULT_TIMING, type FleetTiming } from './timing';

export interface EcsOptions {
  /** Assumptions where AWS documents nothing (A…); an omitted one has its default. */
  readonly assumptions?: Partial<EcsAssumptions>;
  readonly timing?: Partial<FleetTiming>;
  /** The alarms that deployments watch. */
  readonly alarms: CloudWatch;
  /** Whether a role trusts a service; undefined for a role that is not in the sandbox. @default - every role is of that kind */
  readonly trusts?: EcsContext['trusts'];
  /** How many tasks of services an instance holds. Default 2. */
  readonly applicationTasksPerInstance?: number;
  /** Daemon images whose tasks do not start. */
  readonly startFailures?: readonly StartFailure[];
  /** Capacity providers whose first instance does not drain (A12). */
  readonly hangingDrains?: readonly string[];
}

export interface FleetSeed {
  readonly cluster: string;
  readonly capacityProvider: string;
  readonly instances: number;
  /** How many application tasks each instance runs. @default - as many as fit on an instance that a service brings */
  readonly applicationTasksPerInstance?: number;
}

export interface DeploymentStatusChange {
  /** Virtual time, ISO 8601. */
  readonly time: string;
  readonly daemonArn: string;
  readonly deploymentArn: string;
  readonly kind: DeploymentKind;
  /** The alarms that the deployment watches. */
  readonly alarmNames: readonly string[];
  readonly status: DeploymentStatus;
  readonly statusReason?: string;
  /** Absent for a deletion. */
  readonly targetRevisionArn?: string;
}

/** A revision of a daemon. */
export interface RecordedRevision {
  readonly arn: string;
  readonly daemonArn: string;
  readonly taskDefinitionArn: string;
  readonly images: readonly string[];
}

/** Instances that an API would show, by state. */
export type InstancesByState = Record<Exclude<InstanceState, 'LAUNCHING' | 'TERMINATED'>, number>;

/** Amazon ECS, as far as Managed Daemons reach: clusters, Managed Instances with their fleets, services, and daemons. */
export class Ecs implements Service {
  public readonly operations: Readonly<Record<string, Operation>>;

  private readonly context: EcsContext;
  private readonly fleets = new Map<string, Fleet>();
  private readonly startFailures = new StartFailures();
  private readonly clusters: Clusters;
  private readonly capacityProviders: CapacityProviders;
  private readonly services: Services;
  private readonly taskDefinitions: DaemonTaskDefinitions;
  private readonly controlPlane: DaemonControlPlane;

  constructor(world: World, options: EcsOptions) {
    const assumptions = { ...DEFAULT_ASSUMPTIONS, ...options.assumptions };
    this.context = {
      world,
      assumptions,
      timing: { ...DEFAULT_TIMING, ...options.timing },
      alarms: options.alarms,
      trusts: options.trusts ?? (() => undefined),
      tags: new Tags(world, assumptions.tagLag, readAges(world, assumptions)),
      instanceEvents: new InstanceEvents(world),
      applicationTasksPerInstance: options.applicationTasksPerInstance ?? 2,
      hangingDrains: new Set(options.hangingDrains),
      startedAt: world.clock.now(),
    };
    for (const failure of options.startFailures ?? []) this.startFailures.add(failure);
    this.controlPlane = new DaemonControlPlane(this.context, this.fleets, this.startFailures);
    this.clusters = new Clusters(this.context, {
      activeServices: (clusterArn) => this.services.activeIn(clusterArn),
      tasks: (clusterArn) => this.tasksIn(clusterArn),
      containerInstances: (clusterArn) => this.instancesIn(clusterArn).filter(({ state }) => state !== 'LAUNCHING').length,
      managedCapacityProviders: (clusterArn) => this.capacityProviders.inCluster(this.clusters.require(clusterArn)).length,
      daemons: (clusterArn) => [...this.controlPlane.daemons.values()].filter((daemon) => daemon.clusterArn === clusterArn).length,
      checkCapacityProviders: (cluster, names) => this.capacityProviders.check(cluster, names),
    });
    this.capacityProviders = new CapacityProviders(this.context, {
      requireCluster: (reference) => this.clusters.require(reference),
      newFleet: (name, arn, cluster) => this.newFleet(name, arn, cluster),
      daemonsOn: (arn) => this.controlPlane.daemonsOn(arn).length,
      servicesOn: (name, cluster) => this.services.activeOn(name, cluster),
    });
    this.services = new Services(this.context, {
      requireCluster: (reference) => this.clusters.require(reference),
      findCapacityProvider: (name) => this.capacityProviders.find(name),
    });
    this.taskDefinitions = new DaemonTaskDefinitions(this.context);
    const parts: { readonly operations: Readonly<Record<string, Operation>> }[] = [
      this.clusters, this.capacityProviders, this.services, this.taskDefinitions, this.context.tags,
      new TaskDefinitions(this.context),
      new ContainerInstances(this.clusters, this.fleets),
      new Daemons(this.context, this.controlPlane, this.clusters, this.capacityProviders, this.taskDefinitions),
      new DaemonReads(this.context, this.controlPlane, this.clusters),
    ];
    const throttle = new Throttle(world, this.context.assumptions.throttle);
    const grown = new GrownReplies(assumptions);
    this.operations = Object.fromEntries(parts.flatMap((part) => Object.entries(part.operations)).map(([name, run]) => {
      const operation: Operation = (input, context) => {
        // CloudFormation paces its own calls, and is as new as the ECS API
        if (context.caller.kind === 'cloudformation') return run(input, context);
        throttle.check(name);
        return grown.of(name, run(/^List|^DescribeCapacity/.test(name) ? paged(input, world) : input, context) as Input);
      };
      return [name, operation];
    }));
  }

  /** The permissions that a function needs for the call. */
  public requiredPermissions(operation: string, input: Input): Permission[] {
    const { world, tags } = this.context;
    return permissionsFor({ world, tags, controlPlane: this.controlPlane, taskDefinitions: this.taskDefinitions }, operation, input);
  }

  /** Everything that has happened to instances, in order. */
  public get instanceEvents(): readonly InstanceEvent[] {
    return this.context.instanceEvents.log;
  }

  /** Calls `listener` on every instance event; returns how to stop that. */
  public onInstanceEvent(listener: (event: InstanceEvent) => void): () => void {
    return this.context.instanceEvents.listen(listener);
  }

  /** Calls `listener` whenever a deployment enters a status; returns how to stop that. */
  public onDeploymentStatus(listener: (change: DeploymentStatusChange) => void): () => void {
    return this.controlPlane.onDeploymentStatus((deployment) => listener({
      time: new Date(this.context.world.clock.now()).toISOString(),
      daemonArn: deployment.options.daemon.arn,
      deploymentArn: deployment.arn,
      kind: deployment.options.kind,
      alarmNames: deployment.alarmWatch.names,
      status: deployment.status,
      ...(deployment.statusReason !== undefined && { statusReason: deployment.statusReason }),
      ...(deployment.options.target && { targetRevisionArn: deployment.options.target.arn }),
    }));
  }

  /** Every revision of a daemon so far. */
  public revisions(): RecordedRevision[] {
    return [...this.controlPlane.revisions.values()].map(({ arn, daemonArn, taskDefinition, containerImages }) =>
      ({ arn, daemonArn, taskDefinitionArn: taskDefinition.arn, images: containerImages.map(({ image }) => image) }));
  }

  public deploymentHasEnded(deploymentArn: string): boolean {
    return this.controlPlane.deployments.get(deploymentArn)?.isTerminal ?? true;
  }

  /** The Managed Instances capacity providers, in the order of their creation. */
  public get fleetNames(): { readonly cluster: string; readonly capacityProvider: string }[] {
    const present = [...this.fleets.values()].filter((fleet) => this.capacityProviders.find(fleet.capacityProviderArn)?.status !== 'INACTIVE');
    return present.map(({ clusterName: cluster, capacityProviderName: capacityProvider }) => ({ cluster, capacityProvider }));
  }

  /** Instances by state right now, of one capacity provider (name or ARN) or of all. */
  public instancesByState(capacityProvider?: string): InstancesByState {
    const counts: InstancesByState = { REGISTERING: 0, ACTIVE: 0, DRAINING: 0, DEREGISTERING: 0 };
    for (const fleet of this.fleets.values()) {
      if (capacityProvider !== undefined && ![fleet.capacityProviderName, fleet.capacityProviderArn].includes(capacityProvider)) continue;
      for (const { state } of fleet.instances) if (state !== 'LAUNCHING' && state !== 'TERMINATED') counts[state]++;
    }
    return counts;
  }

  /** Creates cluster and Managed Instances provider if needed, with ACTIVE instances that run application tasks. */
  public seedFleet(seed: FleetSeed): void {
    const cluster = this.clusters.create({ clusterName: seed.cluster });
    const provider = this.capacityProviders.find(seed.capacityProvider) ?? this.capacityProviders.create({
      name: seed.capacityProvider,
      cluster: cluster.name,
      managedInstancesProvider: { infrastructureRoleArn: `arn:${this.context.world.partition}:iam::${this.context.world.accountId}:role/ecsInfrastructureRole` },
    });
    provider.fleet?.seed(seed.instances, seed.applicationTasksPerInstance ?? this.context.applicationTasksPerInstance);
  }

  /** From now on, daemon tasks of an image do not start. */
  public failStarts(failure: StartFailure): void {
    this.startFailures.add(failure);
  }

  /** The application tasks of an instance will refuse to stop when it is drained (A12). */
  public hangDrain(instanceId: string): void {
    this.instance(instanceId).instance.drainHangs = true;
  }

  /** Lets a hanging instance drain after all. */
  public releaseDrain(instanceId: string): void {
    const { fleet, instance } = this.instance(instanceId);
    fleet.termination.release(instance);
  }

  /** A daemon task stops by itself (R36). */
  public stopDaemonTask(instanceId: string, daemonArn: string): void {
    const { fleet, instance } = this.instance(instanceId);
    this.controlPlane.stopDaemonTask(fleet, instance, daemonArn);
  }

  private instance(id: string): { fleet: Fleet; instance: Instance } {
    for (const fleet of this.fleets.values()) {
      for (const instance of fleet.instances) if (instance.id === id) return { fleet, instance };
    }
    throw new Error(`there is no instance ${id}`);
  }

  private newFleet(name: string, arn: string, cluster: Cluster): Fleet {
    const fleet = new Fleet(this.context, this.controlPlane, cluster.name, name, arn);
    this.fleets.set(arn, fleet);
    if (!cluster.capacityProviders.includes(name)) cluster.capacityProviders = [...cluster.capacityProviders, name];
    return fleet;
  }

  private instancesIn(clusterArn: string): Instance[] {
    const { name } = this.clusters.find(clusterArn)!;
    return [...this.fleets.values()].filter((fleet) => fleet.clusterName === name).flatMap((fleet) => [...fleet.instances]);
  }

  private tasksIn(clusterArn: string): { running: number; pending: number } {
    const instances = this.instancesIn(clusterArn);
    return {
      running: instances.reduce((sum, { daemonTasks, applicationTasks }) => sum + applicationTasks.length
        + [...daemonTasks.values()].filter((task) => task.state === 'RUNNING').length, 0),
      pending: instances.reduce((sum, { plannedTasks }) => sum + plannedTasks.length, 0),
    };
  }
}
