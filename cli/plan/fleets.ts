import type { Sandbox } from '../../sandbox';
import { counted } from '../../timeline/duration';
import { InputError } from './input-error';
import type { PlanFleet, ReadFleet } from './options';

/** A capacity provider of the sandbox. */
export interface Provider {
  readonly cluster: string;
  readonly capacityProvider: string;
}

/** With one instance a deployment shows whether instances drain, but not how many. */
const INSTANCES_OF_UNKNOWN = 1;

/** How many instances the capacity providers have before the deployment that is planned. */
export class Fleets {
  /** Whether a provider that the deployment creates certainly has no instances; without an old app it may exist already. */
  public isNewKnown = false;
  private readonly sizes = new Map<string, number | undefined>();
  private readonly found = new Map<string, Provider>();
  private readonly byService = new Set<string>();
  private readonly used = new Set<PlanFleet>();

  /** Of several fleets of one provider the first counts. Numbers that were read are complete: services tell nothing beside them. */
  constructor(
    private readonly sandbox: Sandbox,
    private readonly stated: readonly (PlanFleet | ReadFleet)[],
    private readonly isRead = false,
    private readonly tasksPerInstance = 2,
  ) {}

  /** The number of instances before the deployment, or undefined if it is not known. */
  public sizeOf({ capacityProvider }: Provider): number | undefined {
    return this.sizes.get(capacityProvider);
  }

  /** All providers of the app. */
  public get providers(): Provider[] {
    return [...this.found.values()];
  }

  /** The instances of all providers, or undefined if the number is not known. */
  public get instances(): number | undefined {
    const sizes = [...this.sizes.values()];
    return sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + size!, 0);
  }

  /** The labels of providers whose number is not known. */
  public get unknown(): string[] {
    return this.providers.filter((provider) => this.sizeOf(provider) === undefined).map(label);
  }

  /** Where numbers come from that are not stated. */
  public get origins(): string[] {
    const read = this.stated.filter((fleet): fleet is ReadFleet => 'isRead' in fleet && this.used.has(fleet))
      .map((fleet) => `${label(fleet)} has ${counted(fleet.instances, 'instance')} in the account${uncertainty(fleet)}`);
    return [...read, ...this.providers.filter(({ capacityProvider }) => this.byService.has(capacityProvider))
      .map((provider) => `${label(provider)} has the instances that services of the app need: ${this.sizeOf(provider)}`)];
  }

  public hasProvider(given: string): boolean {
    return this.providers.some(({ capacityProvider }) => isNamed(capacityProvider, given));
  }

  /** The stated fleets of which no provider was found. */
  public get unused(): PlanFleet[] {
    return this.stated.filter((fleet) => !this.used.has(fleet));
  }

  /** Gives a provider the stated number of instances; services of the app may have brought some already. */
  public fill(provider: Provider): void {
    const stated = this.statedFor(provider);
    const present = this.present(provider);
    if (!stated && (present > 0 || this.hasService(provider))) {
      this.byService.add(provider.capacityProvider);
      return this.set(provider, present);
    }
    if (!stated) {
      this.seed(provider, INSTANCES_OF_UNKNOWN);
      return this.set(provider, undefined);
    }
    if (stated.instances < present && 'isRead' in stated) return this.set(provider, present);
    if (stated.instances < present) {
      throw new InputError(`The fleet ${label(provider)} must have at least ${present} instances, which services of the app need, got: ${stated.instances}.`);
    }
    this.seed(provider, stated.instances - present);
    this.set(provider, stated.instances);
  }

  /** The same for a provider that the planned deployment has just created; its services come later. */
  public fillNew(provider: Provider): void {
    if (this.statedFor(provider)) this.fill(provider);
    else this.set(provider, this.isNewKnown ? 0 : undefined);
  }

  /** A service of the app on a provider makes the number of its instances known. */
  public recognizeServices(): void {
    for (const [capacityProvider, size] of this.sizes) {
      if (size === undefined && this.hasService({ cluster: '', capacityProvider })) this.sizes.set(capacityProvider, 0);
    }
  }

  private statedFor({ cluster, capacityProvider }: Provider): PlanFleet | ReadFleet | undefined {
    const stated = this.stated.find((fleet) => isNamed(cluster, fleet.cluster) && isNamed(capacityProvider, fleet.capacityProvider));
    if (stated) this.used.add(stated);
    return stated;
  }

  private hasService({ capacityProvider }: Provider): boolean {
    return !this.isRead && this.sandbox.cloudFormation.deployed('AWS::ECS::Service')
      .some(({ properties }) => JSON.stringify(properties.CapacityProviderStrategy ?? []).includes(JSON.stringify(capacityProvider)));
  }

  private present({ capacityProvider }: Provider): number {
    const { REGISTERING, ACTIVE } = this.sandbox.ecs.instancesByState(capacityProvider);
    return REGISTERING + ACTIVE;
  }

  private seed(provider: Provider, instances: number): void {
    if (instances > 0) this.sandbox.ecs.seedFleet({ ...provider, instances, applicationTasksPerInstance: this.tasksPerInstance });
  }

  private set(provider: Provider, size: number | undefined): void {
    this.found.set(provider.capacityProvider, provider);
    this.sizes.set(provider.capacityProvider, size);
  }
}

const uncertainty = ({ draining }: ReadFleet): string => (draining > 0 ? `; up to ${draining} fewer, because so many drain now` : '');

/** The name of a resource for people: without the stack, the hash and the suffix of a generated name. */
export const shortName = (name: string): string => namesOf(name).at(-1)!;

export const label = ({ cluster, capacityProvider }: Provider): string => `${shortName(cluster)}/${shortName(capacityProvider)}`;

export const lastPart = (arn: unknown): string => String(arn).split('/').at(-1)!;

export const isNamed = (name: string, given: string): boolean => namesOf(name).includes(given);

/** A name, and for one that CloudFormation has generated the logical id with and without the hash of the CDK. */
function namesOf(name: string): string[] {
  const [, logicalId] = /-([A-Za-z0-9]+)-[A-F0-9]{8,}$/.exec(name) ?? [];
  return logicalId === undefined ? [name] : [name, logicalId, logicalId.replace(/^(.+)[0-9A-F]{8}$/, '$1')];
}
