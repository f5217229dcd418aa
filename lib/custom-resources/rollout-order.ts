import { Annotations, aws_ecs as ecs, CfnResource, Stack } from 'aws-cdk-lib';
import { Dependable, type Construct, type IConstruct } from 'constructs';
import { capacityProviderIdentity } from '../naming/token-identity';
import type { DaemonCapacityProvider } from '../capacity-provider/daemon-capacity-provider';
import type { DaemonResource } from './daemon-resource';
import { DeletionGateResource } from './deletion-gate-resource';
import type { GateResource } from './gate-resource';
import type { RolloutOrder } from './ordered-resource';
import { ResourceGraph } from './resource-graph';

/** With more daemons than these on one capacity provider, a deployment that touches all of them takes much of a day's work. */
const mostUnnoticedDaemons = 4;

interface OrderedDaemon {
  readonly resource: DaemonResource;
  /** Behind it, in order: what waits for its rollout waits for the last of them. */
  readonly gates: GateResource[];
  readonly capacityProviders: DaemonCapacityProvider[];
  /** Undefined if the settings are known only at deployment. */
  readonly estimatedMinutes?: number;
}

interface StatedPath {
  /** The resources that lead there; the last of them is what is waited for. */
  readonly resources: CfnResource[];
  /** Of a daemon that is waited for: its own resource, or a gate behind it. */
  readonly reached: CfnResource;
}

/** The daemons and services that a daemon waits for by stated order. */
type StatedPaths = Map<CfnResource, StatedPath>;

interface Arrangement {
  /** What the chain adds to the stated order. */
  readonly chained: Map<CfnResource, CfnResource[]>;
  /** The daemons of each capacity provider, in the order in which they roll out. */
  readonly chains: { readonly label: string; readonly daemons: OrderedDaemon[] }[];
  readonly cycles: CfnResource[][];
  readonly services: { readonly daemon: DaemonResource; readonly service: CfnResource }[];
}

/**
 * The order in which the daemons of a stack roll out.
 *
 * Daemons that share a capacity provider are chained: in the order of definition, on top of the stated order, and never against
 * it. Stated order is any dependency or reference between two resources, also through other resources. It
 * is complete only while CDK renders templates; so the chain is no dependency that is stored, but is added to each rendering.
 */
export class DaemonOrder implements RolloutOrder {
  private readonly daemons: OrderedDaemon[] = [];
  private readonly stack: Stack;
  private arrangement?: Arrangement;
  private graph?: ResourceGraph;

  constructor(scope: Construct) {
    this.stack = Stack.of(scope);
    // CDK collects dependencies each time before it renders: invalidate the order computed by earlier callers
    const forgetful = {};
    const forget = (): IConstruct[] => {
      this.forget();
      return [];
    };
    Dependable.implement(forgetful, {
      get dependencyRoots() {
        return forget();
      },
    });
    scope.node.addDependency(forgetful);
    this.stack.node.addValidation({ validate: () => this.validate() });
  }

  public add(daemon: OrderedDaemon): void {
    this.daemons.push(daemon);
    this.forget();
  }

  public forget(): void {
    this.arrangement = undefined;
    this.graph = undefined;
  }

  /** What a daemon waits for because it shares a capacity provider with other daemons. */
  public predecessorsOf(daemon: CfnResource): CfnResource[] {
    return this.arrange().chained.get(daemon) ?? [];
  }

  public upstreamOf(daemon: CfnResource): CfnResource[] {
    const chained = this.predecessorsOf(daemon);
    const graph = this.resourceGraph();
    const upstream = [...new Set([...graph.predecessorsOf(daemon), ...chained])]
      .filter((other) => !(other instanceof DeletionGateResource));
    const reached = new Set(upstream.flatMap((other) => graph.predecessorsOf(other)));
    return upstream.filter((other) => !reached.has(other));
  }

  private resourceGraph(): ResourceGraph {
    this.graph ??= new ResourceGraph(this.stack);
    return this.graph;
  }

  private arrange(): Arrangement {
    if (this.arrangement === undefined) {
      // reading what daemons refer to renders them, before there is a chain
      this.arrangement = { chained: new Map(), chains: [], cycles: [], services: [] };
      const stated = this.statedOrder();
      const { sorted, cycles } = this.sort(stated);
      this.arrangement = { ...this.chain(sorted, stated), cycles, services: servicesIn(stated) };
    }
    return this.arrangement;
  }

  private statedOrder(): Map<DaemonResource, StatedPaths> {
    const owners = new Map<CfnResource, OrderedDaemon>();
    for (const daemon of this.daemons) {
      [daemon.resource, ...daemon.gates].forEach((resource) => owners.set(resource, daemon));
    }
    const isShort = !this.isReferencedBy(owners);
    return new Map(this.daemons.map(({ resource }) => [
      resource, isShort ? directPathsFrom(resource, owners) : pathsFrom(resource, this.resourceGraph(), owners),
    ]));
  }

  /** Whether anything but a daemon may stand between daemons, or a service before one: finding out how takes time, and it is rare. */
  private isReferencedBy(owners: ReadonlyMap<CfnResource, OrderedDaemon>): boolean {
    return this.daemons.some(({ resource, gates }) => [resource, ...gates].some(({ isReferenced }) => isReferenced))
      || this.stack.node.findAll()
        .filter((child) => CfnResource.isCfnResource(child))
        .some((child) => !owners.has(child) && (isService(child) || directDependencies(child).some((other) => owners.has(other))));
  }

  /** Puts each daemon behind those that it waits for, and otherwise keeps the order of definition. */
  private sort(stated: Map<DaemonResource, StatedPaths>): { sorted: OrderedDaemon[]; cycles: CfnResource[][] } {
    const sorted = new Set<OrderedDaemon>();
    const trail: OrderedDaemon[] = [];
    const cycles: CfnResource[][] = [];
    const visit = (daemon: OrderedDaemon): void => {
      if (sorted.has(daemon)) {
        return;
      }
      const start = trail.indexOf(daemon);
      if (start >= 0) {
        const circle = [...trail.slice(start), daemon].map(({ resource }) => resource);
        cycles.push([
          daemon.resource, ...circle.slice(1).flatMap((resource, index) => stated.get(circle[index])!.get(resource)!.resources),
        ]);
        return;
      }
      trail.push(daemon);
      const predecessors = stated.get(daemon.resource)!;
      if (predecessors.size > 0) {
        this.daemons.filter(({ resource }) => predecessors.has(resource)).forEach(visit);
      }
      trail.pop();
      sorted.add(daemon);
    };
    this.daemons.forEach(visit);
    return { sorted: [...sorted], cycles };
  }

  private chain(sorted: OrderedDaemon[], stated: Map<DaemonResource, StatedPaths>): Pick<Arrangement, 'chained' | 'chains'> {
    const chains = new Map<string, { label: string; daemons: OrderedDaemon[] }>();
    const chained: Arrangement['chained'] = new Map();
    const identities = new Map<string, string>();
    for (const daemon of sorted) {
      const predecessors = new Set<OrderedDaemon>();
      for (const { capacityProviderArn: arn, _label: label } of daemon.capacityProviders) {
        const identity = identities.get(arn) ?? capacityProviderIdentity(this.stack, arn);
        identities.set(arn, identity);
        const { daemons } = chains.get(identity) ?? chains.set(identity, { label, daemons: [] }).get(identity)!;
        if (daemons.length > 0) {
          predecessors.add(daemons[daemons.length - 1]);
        }
        daemons.push(daemon);
      }
      chained.set(daemon.resource, [...predecessors]
        .filter((other) => stated.get(daemon.resource)!.get(other.resource)?.reached !== lastOf(other)).map(lastOf));
    }
    return { chained, chains: [...chains.values()] };
  }

  private validate(): string[] {
    const { chains, cycles, services } = this.arrange();
    for (const { label, daemons } of chains) {
      if (daemons.length > mostUnnoticedDaemons) {
        const minutes = daemons.reduce((sum, { estimatedMinutes }) => sum + (estimatedMinutes ?? 0), 0);
        Annotations.of(this.stack).addWarningV2(
          'cdk-ecs-managed-daemons:manyChainedDaemons',
          `the ${daemons.length} daemons on the capacity provider ${JSON.stringify(label)} roll out one after the other; a deployment that`
          + ` changes all of them is estimated at ${minutes} minutes`,
        );
      }
    }
    for (const { daemon, service } of services) {
      Annotations.of(daemon.node.scope!).addWarningV2(
        'cdk-ecs-managed-daemons:serviceBeforeDaemon',
        `the daemon waits for the service ${JSON.stringify(pathOf(service))}, whose tasks can therefore start on instances without the`
        + ' daemon; remove what makes it wait, and call startBefore() with the service',
      );
    }
    return cycles.map((cycle) => 'daemons must not wait for each other in a circle, got: '
      + cycle.map((resource) => JSON.stringify(pathOf(resource))).join(' waits for '));
  }
}

/** What waits for the rollout of a daemon waits for this. */
const lastOf = ({ resource, gates }: OrderedDaemon): CfnResource => gates.at(-1) ?? resource;

function directPathsFrom(start: DaemonResource, owners: ReadonlyMap<CfnResource, OrderedDaemon>): StatedPaths {
  const paths: StatedPaths = new Map();
  for (const next of directDependencies(start)) {
    const daemon = owners.get(next);
    if (daemon !== undefined) {
      add(paths, daemon, next, []);
    }
  }
  return paths;
}

/** Goes as far as the next daemons: what they wait for is theirs. */
function pathsFrom(start: DaemonResource, graph: ResourceGraph, owners: ReadonlyMap<CfnResource, OrderedDaemon>): StatedPaths {
  const paths: StatedPaths = new Map();
  const seen = new Set<CfnResource>();
  let edge: CfnResource[][] = [[start]];
  while (edge.length > 0) {
    edge = edge.flatMap((path) => graph.predecessorsOf(path[path.length - 1]).flatMap((next) => {
      if (seen.has(next)) {
        return [];
      }
      seen.add(next);
      const daemon = owners.get(next);
      if (daemon !== undefined) {
        add(paths, daemon, next, path.slice(1));
        return [];
      }
      const longer = [...path, next];
      if (isService(next)) {
        paths.set(next, { resources: longer.slice(1), reached: next });
      }
      return [longer];
    }));
  }
  return paths;
}

/** Prefers paths that end at the last gate: they imply that the rollout has finished. */
function add(paths: StatedPaths, daemon: OrderedDaemon, reached: CfnResource, before: CfnResource[]): void {
  if (!paths.has(daemon.resource) || reached === lastOf(daemon)) {
    paths.set(daemon.resource, { resources: [...before, daemon.resource], reached });
  }
}

function servicesIn(stated: Map<DaemonResource, StatedPaths>): Arrangement['services'] {
  return [...stated].flatMap(([daemon, paths]) => [...paths.keys()].filter(isService).map((service) => ({ daemon, service })));
}

function directDependencies(resource: CfnResource): CfnResource[] {
  return resource.obtainDependencies().filter((other) => CfnResource.isCfnResource(other));
}

function isService(resource: CfnResource): boolean {
  return resource.cfnResourceType === ecs.CfnService.CFN_RESOURCE_TYPE_NAME;
}

/** Returns the path of the construct that a user knows, not that of a resource inside it. */
function pathOf(resource: CfnResource): string {
  return resource.node.scope?.node.defaultChild === resource ? resource.node.scope.node.path : resource.node.path;
}
