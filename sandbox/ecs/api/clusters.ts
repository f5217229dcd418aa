import { AwsError } from '../../core/aws-error';
import type { Input, Operation } from '../../core/aws-service';
import { arnOf } from '../../core/world';
import type { EcsContext } from '../context';
import { clusterNotFound, invalidParameter } from '../errors';

export interface Cluster {
  readonly name: string;
  readonly arn: string;
  status: 'ACTIVE' | 'INACTIVE';
  settings: Input[];
  configuration?: Input;
  serviceConnectDefaults?: Input;
  /** The names of the Managed Instances providers created for it, and of those associated with it. */
  capacityProviders: string[];
  defaultCapacityProviderStrategy: Input[];
  readonly createdAt: number;
}

/** The contents of a cluster that other parts record. */
export interface ClusterContents {
  activeServices(clusterArn: string): number;
  tasks(clusterArn: string): { readonly running: number; readonly pending: number };
  containerInstances(clusterArn: string): number;
  managedCapacityProviders(clusterArn: string): number;
  daemons(clusterArn: string): number;
  /** Refuses names that no capacity provider of the cluster has. */
  checkCapacityProviders(cluster: Cluster, names: readonly string[]): void;
}

export class Clusters {
  public readonly operations: Readonly<Record<string, Operation>> = {
    CreateCluster: (input) => ({ cluster: this.describe(this.create(input), ['TAGS', 'SETTINGS']) }),
    UpdateCluster: (input) => this.update(input),
    UpdateClusterSettings: (input) => this.update(input),
    DescribeClusters: (input) => this.describeAll(input),
    ListClusters: () => ({ clusterArns: this.active().map((cluster) => cluster.arn) }),
    DeleteCluster: (input) => this.delete(input),
    PutClusterCapacityProviders: (input) => this.putCapacityProviders(input),
  };

  private readonly byName = new Map<string, Cluster>();

  constructor(private readonly context: EcsContext, private readonly contents: ClusterContents) {}

  /** An ACTIVE cluster by name or ARN; the default cluster if none is given. */
  public require(reference: unknown): Cluster {
    const cluster = this.find(reference);
    if (cluster?.status !== 'ACTIVE') throw clusterNotFound();
    return cluster;
  }

  public find(reference: unknown): Cluster | undefined {
    const text = String(reference ?? 'default');
    const cluster = this.byName.get(text.slice(text.lastIndexOf('/') + 1));
    return text.startsWith('arn:') && cluster?.arn !== text ? undefined : cluster;
  }

  public create(input: Input): Cluster {
    const name = String(input.clusterName ?? 'default');
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw invalidParameter(`Invalid cluster name: ${name}`);
    this.context.tags.validate(input.tags);
    const existing = this.byName.get(name);
    if (existing?.status === 'ACTIVE') return existing; // creating is idempotent, as on ECS
    const cluster: Cluster = {
      name,
      arn: arnOf(this.context.world, 'ecs', `cluster/${name}`),
      status: 'ACTIVE',
      settings: input.settings ?? [],
      ...(input.configuration && { configuration: input.configuration }),
      ...(input.serviceConnectDefaults && { serviceConnectDefaults: input.serviceConnectDefaults }),
      capacityProviders: input.capacityProviders ?? [],
      defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
      createdAt: this.context.world.clock.now(),
    };
    this.byName.set(name, cluster);
    this.context.tags.add(cluster.arn, input.tags);
    return cluster;
  }

  private update(input: Input): Input {
    const cluster = this.require(input.cluster);
    if (input.settings) cluster.settings = input.settings;
    if (input.configuration) cluster.configuration = input.configuration;
    if (input.serviceConnectDefaults) cluster.serviceConnectDefaults = input.serviceConnectDefaults;
    return { cluster: this.describe(cluster, ['SETTINGS']) };
  }

  private delete(input: Input): Input {
    const cluster = this.require(input.cluster);
    const refuse = (what: string, code: string): never => {
      throw new AwsError(code, `The Cluster cannot be deleted while ${what}.`);
    };
    // its daemons must be gone first (A18, R40)
    if (this.contents.daemons(cluster.arn) > 0 && this.context.assumptions.deleteParentWithDaemon === 'reject') {
      throw invalidParameter('The Cluster cannot be deleted while daemons are active.');
    }
    if (this.contents.activeServices(cluster.arn) > 0) refuse('Services are active', 'ClusterContainsServicesException');
    if (this.contents.managedCapacityProviders(cluster.arn) > 0) {
      refuse('Capacity Providers are active', 'ClusterContainsCapacityProviderException');
    }
    if (this.contents.tasks(cluster.arn).running > 0) refuse('Tasks are active', 'ClusterContainsTasksException');
    if (this.contents.containerInstances(cluster.arn) > 0) {
      refuse('Container Instances are active or draining', 'ClusterContainsContainerInstancesException');
    }
    cluster.status = 'INACTIVE';
    this.context.tags.remove(cluster.arn);
    return { cluster: this.describe(cluster) };
  }

  private putCapacityProviders(input: Input): Input {
    const cluster = this.require(input.cluster);
    const names: string[] = input.capacityProviders ?? [];
    const strategy: Input[] = input.defaultCapacityProviderStrategy ?? [];
    this.contents.checkCapacityProviders(cluster, [...names, ...strategy.map((item) => String(item.capacityProvider))]);
    cluster.capacityProviders = names;
    cluster.defaultCapacityProviderStrategy = strategy;
    return { cluster: this.describe(cluster) };
  }

  private describeAll(input: Input): Input {
    const references: unknown[] = input.clusters?.length ? input.clusters : ['default'];
    const clusters: Input[] = [];
    const failures: Input[] = [];
    for (const reference of references) {
      const cluster = this.find(reference);
      if (cluster) clusters.push(this.describe(cluster, input.include));
      else failures.push({ arn: this.arnOfReference(String(reference)), reason: 'MISSING' });
    }
    return { clusters, failures };
  }

  private active(): Cluster[] {
    return [...this.byName.values()].filter((cluster) => cluster.status === 'ACTIVE');
  }

  private arnOfReference(reference: string): string {
    return reference.startsWith('arn:') ? reference : arnOf(this.context.world, 'ecs', `cluster/${reference}`);
  }

  private describe(cluster: Cluster, include: readonly string[] = []): Input {
    const tasks = this.contents.tasks(cluster.arn);
    return {
      clusterArn: cluster.arn,
      clusterName: cluster.name,
      status: cluster.status,
      registeredContainerInstancesCount: this.contents.containerInstances(cluster.arn),
      runningTasksCount: tasks.running,
      pendingTasksCount: tasks.pending,
      activeServicesCount: this.contents.activeServices(cluster.arn),
      capacityProviders: cluster.capacityProviders,
      defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy,
      ...(cluster.configuration && include.includes('CONFIGURATIONS') && { configuration: cluster.configuration }),
      settings: include.includes('SETTINGS') ? cluster.settings : [],
      tags: include.includes('TAGS') ? this.context.tags.list(cluster.arn) : [],
    };
  }
}
