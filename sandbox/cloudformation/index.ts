import type { HttpAnswer, HttpRequest, Input, Operation, Permission, Service } from '../core/aws-service';
import { arnOf, type World } from '../core/world';
import { changeSetOperations } from './api/change-set-operations';
import { CustomResources } from './resource-providers/custom-resource';
import { driftOperations } from './api/drift';
import type { Engine } from './engine/engine';
import { Moments } from './engine/timestamps';
import { defaultOptions, type CloudFormationOptions } from './options';
import { resourceProviders } from './resource-providers';
import { inert } from './resource-providers/inert';
import { isCustomResource } from './template/resource-types';
import { StackBook } from './engine/stack-store';
import { StackControl } from './api/stack-writes';
import { stackOperations } from './api/stack-operations';
import { stackReadings } from './api/stack-reads';

export type { CloudFormationOptions } from './options';

/** An event of a stack on the virtual clock. */
export interface RecordedStackEvent {
  readonly time: string;
  /** The stack's name. */
  readonly stack: string;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly resourceType: string;
  readonly status: string;
  readonly statusReason?: string;
  /** Of custom resources. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** CloudFormation: stacks, change sets and custom resources, as the CDK CLI uses them. */
export class CloudFormation implements Service {
  public readonly operations: Readonly<Record<string, Operation>>;
  private readonly customResources: CustomResources;
  private readonly book = new StackBook();

  constructor(private readonly world: World, options: CloudFormationOptions = {}) {
    const complete = { ...defaultOptions, ...options };
    const { book } = this;
    const customResources = new CustomResources(world, complete);
    const engine: Engine = {
      world,
      moments: new Moments(world.clock),
      options: complete,
      stacks: () => book.live,
      providerOf: (type) => (isCustomResource(type) ? customResources : resourceProviders[type] ?? inert),
    };
    const control = new StackControl(engine, book);
    this.customResources = customResources;
    this.operations = {
      ...stackOperations(book, control),
      ...stackReadings(engine, book),
      ...changeSetOperations(engine, book, control),
      ...driftOperations(engine, book),
    };
  }

  /** The resources of a type in all stacks, for lookups. */
  public deployed(type: string): { type: string; physicalId: string; properties: Input }[] {
    return this.book.live.flatMap((stack) => [...stack.resources.values()])
      .flatMap(({ type: own, physicalId, properties }) => own === type && physicalId !== undefined ? { type, physicalId, properties } : []);
  }

  /** The events of all stacks, of deleted ones too, in virtual time. */
  public recordedEvents(since: (stack: string) => number = () => 0): RecordedStackEvent[] {
    const events = this.book.all.flatMap(({ name, events: ofStack }) => {
      const first = since(name);
      return ofStack.filter(({ moment }) => moment.virtual.getTime() >= first).map((event) => ({ name, event }));
    });
    return events.sort((one, other) => one.event.moment.wallClock.getTime() - other.event.moment.wallClock.getTime())
      .map(({ name, event: { moment, logicalId, physicalId, resourceType, status, statusReason, properties } }) => ({
        time: moment.virtual.toISOString(), stack: name, logicalId, resourceType, status,
        ...(physicalId !== undefined && { physicalId }),
        ...(statusReason !== undefined && { statusReason }),
        ...(properties !== undefined && isCustomResource(resourceType) && { properties }),
      }));
  }

  /** Takes the PUT of a custom resource's answer. */
  public async receiveAnswer(request: HttpRequest): Promise<HttpAnswer> {
    return this.customResources.receive(request);
  }

  public requiredPermissions(operation: string, input: Input): Permission[] {
    const name = String(input.StackName ?? '*');
    const stack = name.startsWith('arn:') ? name : arnOf(this.world, 'cloudformation', `stack/${name}/*`);
    return [{ action: `cloudformation:${operation}`, resources: [stack] }];
  }
}
