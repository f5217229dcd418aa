import { AwsError } from '../../core/aws-error';
import type { Input, Operation } from '../../core/aws-service';
import { arnOf } from '../../core/world';
import type { Cluster } from './clusters';
import type { EcsContext } from '../context';
import { clientException, invalidParameter } from '../errors';
import { pageOf } from '../paging';
import type { Fleet } from '../fleet/fleet';

export interface CapacityProvider {
  readonly name: string;
  readonly arn: string;
  /** Managed Instances providers belong to one cluster. */
  readonly cluster?: Cluster;
  status: 'PROVISIONING' | 'ACTIVE' | 'DEPROVISIONING' | 'INACTIVE';
  updateStatus?: string;
  /** As in the request. */
  managedInstancesProvider?: Input;
  autoScalingGroupProvider?: Input;
  readonly fleet?: Fleet;
}

export interface CapacityProviderHost {
  requireCluster(reference: unknown): Cluster;
  newFleet(name: string, arn: string, cluster: Cluster): Fleet;
  daemonsOn(capacityProviderArn: string): number;
  servicesOn(name: string, cluster: Cluster): number;
}

const BUILT_IN = ['FARGATE', 'FARGATE_SPOT'];

export class CapacityProviders {
  public readonly operations: Readonly<Record<string, Operation>> = {
    CreateCapacityProvider: (input) => ({ capacityProvider: this.describe(this.create(input), true) }),
    DescribeCapacityProviders: (input) => this.describeAll(input),
    UpdateCapacityProvider: (input) => this.update(input),
    DeleteCapacityProvider: (input) => this.delete(input),
  };

  private readonly byArn = new Map<string, CapacityProvider>();

  constructor(private readonly context: EcsContext, private readonly host: CapacityProviderHost) {}

  public find(reference: unknown): CapacityProvider | undefined {
    const text = String(reference);
    return this.byArn.get(text.startsWith('arn:') ? text : this.arnOf(text));
  }

  public inCluster(cluster: Cluster): CapacityProvider[] {
    return [...this.byArn.values()].filter((provider) => provider.cluster === cluster && provider.status !== 'INACTIVE');
  }

  /** Refuses names that cannot be put on the cluster. */
  public check(cluster: Cluster, names: readonly string[]): void {
    for (const name of names) {
      const provider = this.find(name);
      if (BUILT_IN.includes(name) || (provider && provider.status !== 'INACTIVE' && (!provider.cluster || provider.cluster === cluster))) continue;
      throw invalidParameter(`The specified capacity provider ${name} was not found.`);
    }
  }

  public create(input: Input): CapacityProvider {
    const name = String(input.name ?? '');
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name) || /^(aws|ecs|fargate)/i.test(name)) {
      throw invalidParameter(`The specified capacity provider name '${name}' is invalid.`);
    }
    if ((input.managedInstancesProvider === undefined) === (input.autoScalingGroupProvider === undefined)) {
      throw invalidParameter('Specify either managedInstancesProvider or autoScalingGroupProvider.');
    }
    if (input.managedInstancesProvider && input.cluster === undefined) {
      throw invalidParameter('A Managed Instances capacity provider needs a cluster.');
    }
    this.context.tags.validate(input.tags);
    const arn = this.arnOf(name);
    const existing = this.byArn.get(arn);
    if (existing && existing.status !== 'INACTIVE') {
      throw clientException(`The specified capacity provider already exists: ${name}`);
    }
    const cluster = input.managedInstancesProvider ? this.host.requireCluster(input.cluster) : undefined;
    const fleet = cluster && this.host.newFleet(name, arn, cluster);
    const provider: CapacityProvider = {
      name,
      arn,
      ...(cluster && { cluster }),
      status: 'ACTIVE',
      ...(input.managedInstancesProvider && { managedInstancesProvider: input.managedInstancesProvider }),
      ...(input.autoScalingGroupProvider && { autoScalingGroupProvider: input.autoScalingGroupProvider }),
      ...(fleet && { fleet }),
    };
    this.byArn.set(arn, provider);
    this.context.tags.add(arn, input.tags);
    this.followScaleIn(provider);
    const delay = this.context.assumptions.capacityProviderActivation; // a new provider is not ACTIVE at once (R43)
    if (delay > 0) {
      provider.status = 'PROVISIONING';
      provider.updateStatus = 'CREATE_IN_PROGRESS';
      this.context.world.clock.after(delay, () => {
        if (provider.status !== 'PROVISIONING') return;
        provider.status = 'ACTIVE';
        provider.updateStatus = 'CREATE_COMPLETE';
      });
    }
    return provider;
  }

  private update(input: Input): Input {
    const provider = this.require(input.name);
    if (input.managedInstancesProvider) {
      provider.managedInstancesProvider = { ...provider.managedInstancesProvider, ...input.managedInstancesProvider };
      this.followScaleIn(provider);
    }
    if (input.autoScalingGroupProvider) provider.autoScalingGroupProvider = input.autoScalingGroupProvider;
    provider.updateStatus = 'UPDATE_COMPLETE';
    return { capacityProvider: this.describe(provider) };
  }

  /** The answer comes at once; the provider is INACTIVE when its last instance is gone. */
  private delete(input: Input): Input {
    const provider = this.require(input.capacityProvider);
    // its daemons must be gone first (A18, R40)
    if (this.host.daemonsOn(provider.arn) > 0 && this.context.assumptions.deleteParentWithDaemon === 'reject') {
      throw clientException('The specified capacity provider is in use by a daemon and cannot be deleted.');
    }
    if (provider.cluster && this.host.servicesOn(provider.name, provider.cluster) > 0) {
      throw new AwsError('ResourceInUseException', 'The specified capacity provider is in use by a service and cannot be deleted.');
    }
    provider.status = 'DEPROVISIONING';
    provider.updateStatus = 'DELETE_IN_PROGRESS';
    const { cluster } = provider;
    if (cluster) {
      cluster.capacityProviders = cluster.capacityProviders.filter((name) => name !== provider.name);
      cluster.defaultCapacityProviderStrategy =
        cluster.defaultCapacityProviderStrategy.filter((item) => item.capacityProvider !== provider.name);
    }
    provider.fleet?.close();
    this.finishWhenEmpty(provider);
    return { capacityProvider: this.describe(provider) };
  }

  private finishWhenEmpty(provider: CapacityProvider): void {
    if (provider.fleet && provider.fleet.instances.size > 0) {
      provider.fleet.whenChanged(() => this.finishWhenEmpty(provider));
      return;
    }
    provider.status = 'INACTIVE';
    provider.updateStatus = 'DELETE_COMPLETE';
    this.context.tags.remove(provider.arn);
  }

  private describeAll(input: Input): Input {
    const withTags = Boolean(input.include?.includes('TAGS'));
    const cluster = input.cluster === undefined ? undefined : this.host.requireCluster(input.cluster);
    const inScope = (provider: CapacityProvider): boolean =>
      !cluster || provider.cluster === cluster || cluster.capacityProviders.includes(provider.name);
    if (!input.capacityProviders?.length) {
      const { page, nextToken } = pageOf([...this.byArn.values()].filter(inScope), input, 10);
      return { capacityProviders: page.map((provider) => this.describe(provider, withTags)), failures: [], nextToken };
    }
    const capacityProviders: Input[] = [];
    const failures: Input[] = [];
    const { page, nextToken } = pageOf<string>(input.capacityProviders, input, 10);
    for (const reference of page) {
      const provider = this.find(reference);
      if (provider && inScope(provider)) capacityProviders.push(this.describe(provider, withTags));
      else failures.push({ arn: String(reference).startsWith('arn:') ? reference : this.arnOf(String(reference)), reason: 'MISSING' });
    }
    return { capacityProviders, failures, nextToken };
  }

  private require(reference: unknown): CapacityProvider {
    const provider = this.find(reference);
    if (!provider || provider.status === 'INACTIVE') {
      throw invalidParameter(`The specified capacity provider ${reference} does not exist. Specify a valid name or ARN and try again.`);
    }
    return provider;
  }

  /** How soon idle instances go is a setting of the provider: -1 keeps them. */
  private followScaleIn(provider: CapacityProvider): void {
    const scaleInAfter = provider.managedInstancesProvider?.infrastructureOptimization?.scaleInAfter;
    if (!provider.fleet || scaleInAfter === undefined) return;
    provider.fleet.terminateIdle = Number(scaleInAfter) < 0 ? undefined : Number(scaleInAfter);
  }

  private arnOf(name: string): string {
    return arnOf(this.context.world, 'ecs', `capacity-provider/${name}`);
  }

  private describe(provider: CapacityProvider, withTags = false): Input {
    return {
      capacityProviderArn: provider.arn,
      name: provider.name,
      ...(provider.cluster && { cluster: provider.cluster.name }),
      status: provider.status,
      type: provider.managedInstancesProvider ? 'MANAGED_INSTANCES' : 'EC2_AUTOSCALING',
      ...(provider.managedInstancesProvider && { managedInstancesProvider: provider.managedInstancesProvider }),
      ...(provider.autoScalingGroupProvider && { autoScalingGroupProvider: provider.autoScalingGroupProvider }),
      ...(provider.updateStatus && { updateStatus: provider.updateStatus }),
      tags: withTags ? this.context.tags.list(provider.arn) : [],
    };
  }
}
