import { AwsError } from '../../core/aws-error';
import type { Input, Operation } from '../../core/aws-service';
import { arnOf, randomHex } from '../../core/world';
import type { CapacityProvider } from './capacity-providers';
import type { Cluster } from './clusters';
import type { EcsContext } from '../context';
import { invalidParameter } from '../errors';
import type { Fleet } from '../fleet/fleet';
import { pageOf } from '../paging';
import { countServiceTasks, placeServiceTasks } from '../fleet/service-placement';

interface EcsService {
  readonly arn: string;
  readonly name: string;
  readonly cluster: Cluster;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  desiredCount: number;
  taskDefinition?: string;
  strategy: Input[];
  /** As in the requests. */
  content: Input;
  deploymentId: string;
  readonly createdAt: number;
  updatedAt: number;
}

export interface ServiceHost {
  requireCluster(reference: unknown): Cluster;
  findCapacityProvider(name: unknown): CapacityProvider | undefined;
}

/** The quota of tasks in a service. */
const MOST_TASKS = 5000;

/** ECS services, as far as they matter to daemons: their tasks bring the instances of a Managed Instances provider (R26, R28). */
export class Services {
  public readonly operations: Readonly<Record<string, Operation>> = {
    CreateService: (input) => this.create(input),
    UpdateService: (input) => this.update(input),
    DescribeServices: (input) => this.describeAll(input),
    DeleteService: (input) => this.delete(input),
    ListServices: (input) => this.list(input),
  };

  private readonly byArn = new Map<string, EcsService>();

  constructor(private readonly context: EcsContext, private readonly host: ServiceHost) {}

  public activeIn(clusterArn: string): number {
    return [...this.byArn.values()].filter((service) => service.cluster.arn === clusterArn && service.status !== 'INACTIVE').length;
  }

  public activeOn(capacityProviderName: string, cluster: Cluster): number {
    return [...this.byArn.values()].filter((service) => service.cluster === cluster && service.status === 'ACTIVE'
      && service.strategy.some((item) => item.capacityProvider === capacityProviderName)).length;
  }

  private create(input: Input): Input {
    const cluster = this.host.requireCluster(input.cluster);
    const name = String(input.serviceName ?? '');
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw invalidParameter(`Invalid service name: ${name}`);
    this.context.tags.validate(input.tags);
    const arn = arnOf(this.context.world, 'ecs', `service/${cluster.name}/${name}`);
    const existing = this.byArn.get(arn);
    if (existing && existing.status !== 'INACTIVE') throw invalidParameter('Creation of service was not idempotent.');
    const now = this.context.world.clock.now();
    const service: EcsService = {
      arn,
      name,
      cluster,
      status: 'ACTIVE',
      desiredCount: desiredCountOf(input.desiredCount ?? 1),
      ...(input.taskDefinition !== undefined && { taskDefinition: String(input.taskDefinition) }),
      strategy: this.strategyOf(input, cluster),
      content: input,
      deploymentId: `ecs-svc/${randomHex(this.context.world, 19)}`,
      createdAt: now,
      updatedAt: now,
    };
    this.byArn.set(arn, service);
    this.context.tags.add(arn, input.tags);
    this.place(service);
    return { service: this.describe(service) };
  }

  private update(input: Input): Input {
    const service = this.require(input);
    if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
    const strategy = input.capacityProviderStrategy ? this.strategyOf(input, service.cluster) : service.strategy;
    if (JSON.stringify(strategy) !== JSON.stringify(service.strategy)) {
      for (const { fleet } of this.shares(service)) placeServiceTasks(fleet, service.arn, 0);
      service.strategy = strategy;
    }
    if (input.desiredCount !== undefined) service.desiredCount = desiredCountOf(input.desiredCount);
    if (input.taskDefinition !== undefined) service.taskDefinition = String(input.taskDefinition);
    service.content = { ...service.content, ...input };
    service.deploymentId = `ecs-svc/${randomHex(this.context.world, 19)}`;
    service.updatedAt = this.context.world.clock.now();
    this.place(service);
    return { service: this.describe(service) };
  }

  private delete(input: Input): Input {
    const service = this.require(input);
    if (service.desiredCount > 0 && input.force !== true) {
      throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
    }
    if (service.status === 'ACTIVE') {
      service.status = 'DRAINING';
      service.desiredCount = 0;
      this.context.world.clock.after(this.context.timing.stopService, () => {
        for (const { fleet } of this.shares(service)) placeServiceTasks(fleet, service.arn, 0);
        service.status = 'INACTIVE';
        this.context.tags.remove(service.arn);
      });
    }
    return { service: this.describe(service) };
  }

  private list(input: Input): Input {
    const cluster = this.host.requireCluster(input.cluster);
    const arns = [...this.byArn.values()].filter((service) => service.cluster === cluster && service.status !== 'INACTIVE')
      .map((service) => service.arn);
    const { page, nextToken } = pageOf(arns, input, 10);
    return { serviceArns: page, nextToken };
  }

  private describeAll(input: Input): Input {
    const cluster = this.host.requireCluster(input.cluster);
    const services: Input[] = [];
    const failures: Input[] = [];
    for (const reference of input.services ?? []) {
      const service = this.find(reference, cluster);
      if (service) services.push(this.describe(service, input.include));
      else failures.push({ arn: this.arnOf(String(reference), cluster), reason: 'MISSING' });
    }
    return { services, failures };
  }

  private place(service: EcsService): void {
    for (const { fleet, tasks } of this.shares(service)) placeServiceTasks(fleet, service.arn, tasks);
  }

  /** The desired tasks by Managed Instances provider: its base first, the rest by weight. */
  private shares(service: EcsService): { fleet: Fleet; tasks: number }[] {
    const items = service.strategy.map((item) => ({
      fleet: this.host.findCapacityProvider(item.capacityProvider)?.fleet,
      weight: Number(item.weight ?? 1),
      tasks: 0,
      base: Number(item.base ?? 0),
    }));
    let left = service.desiredCount;
    for (const item of items) {
      item.tasks = Math.min(left, item.base);
      left -= item.tasks;
    }
    const weights = items.reduce((sum, item) => sum + item.weight, 0);
    let seen = 0;
    let given = 0;
    for (const item of items) {
      seen += item.weight;
      const upTo = weights === 0 ? 0 : Math.round((left * seen) / weights);
      item.tasks += upTo - given;
      given = upTo;
    }
    return items.flatMap(({ fleet, tasks }) => (fleet ? [{ fleet, tasks }] : []));
  }

  private strategyOf(input: Input, cluster: Cluster): Input[] {
    if (input.launchType !== undefined) return [];
    const stated: Input[] = input.capacityProviderStrategy ?? [];
    const strategy = stated.length > 0 ? stated : cluster.defaultCapacityProviderStrategy;
    for (const { capacityProvider } of strategy) {
      const provider = this.host.findCapacityProvider(capacityProvider);
      const available = provider?.cluster
        ? provider.cluster === cluster && provider.status === 'ACTIVE'
        : cluster.capacityProviders.includes(String(capacityProvider));
      if (!available) throw invalidParameter(`The specified capacity provider '${capacityProvider}' is not associated with the cluster.`);
    }
    return strategy;
  }

  private require(input: Input): EcsService {
    const service = this.find(input.service, this.host.requireCluster(input.cluster));
    if (!service || service.status === 'INACTIVE') throw new AwsError('ServiceNotFoundException', 'Service not found.');
    return service;
  }

  private find(reference: unknown, cluster: Cluster): EcsService | undefined {
    return this.byArn.get(this.arnOf(String(reference), cluster));
  }

  private arnOf(reference: string, cluster: Cluster): string {
    return reference.startsWith('arn:') ? reference : arnOf(this.context.world, 'ecs', `service/${cluster.name}/${reference}`);
  }

  private describe(service: EcsService, include: readonly string[] = []): Input {
    const shares = this.shares(service);
    const counts = countServiceTasks(shares.map(({ fleet }) => fleet), service.arn);
    // tasks that are not on Managed Instances simply run
    const elsewhere = service.status === 'ACTIVE' ? service.desiredCount - shares.reduce((sum, { tasks }) => sum + tasks, 0) : 0;
    const running = counts.running + elsewhere;
    const steady = running >= service.desiredCount && counts.pending === 0;
    const { content } = service;
    return {
      serviceArn: service.arn,
      serviceName: service.name,
      clusterArn: service.cluster.arn,
      status: service.status,
      desiredCount: service.desiredCount,
      runningCount: running,
      pendingCount: counts.pending,
      ...(service.taskDefinition !== undefined && { taskDefinition: service.taskDefinition }),
      ...(content.launchType !== undefined && { launchType: content.launchType }),
      capacityProviderStrategy: service.strategy,
      schedulingStrategy: content.schedulingStrategy ?? 'REPLICA',
      ...(content.networkConfiguration && { networkConfiguration: content.networkConfiguration }),
      deployments: service.status === 'INACTIVE' ? [] : [{
        id: service.deploymentId,
        status: 'PRIMARY',
        taskDefinition: service.taskDefinition,
        desiredCount: service.desiredCount,
        runningCount: running,
        pendingCount: counts.pending,
        failedTasks: 0,
        rolloutState: steady ? 'COMPLETED' : 'IN_PROGRESS',
        createdAt: new Date(service.updatedAt),
        updatedAt: new Date(service.updatedAt),
      }],
      events: [],
      createdAt: new Date(service.createdAt),
      ...(include.includes('TAGS') && { tags: this.context.tags.list(service.arn) }),
    };
  }
}

function desiredCountOf(value: unknown): number {
  const count = Number(value); // CloudFormation hands over what the template has, numbers as text for instance
  if (Number.isInteger(count) && count >= 0 && count <= MOST_TASKS) return count;
  throw invalidParameter(`Invalid desiredCount: ${String(value)}. It must be between 0 and ${MOST_TASKS}.`);
}
