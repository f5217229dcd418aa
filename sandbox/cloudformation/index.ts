import type { HttpAnswer, HttpRequest, Input, Operation, Right, Service } from '../service';
import { arnOf, type World } from '../world';
import { changeSetOperations } from './change-set-operations';
import { CustomResources } from './custom-resource';
import { driftOperations } from './drift';
import type { Engine } from './engine';
import { Moments } from './moments';
import { defaultOptions, type CloudFormationOptions } from './options';
import { resourceProviders } from './resource-providers';
import { inert } from './resource-providers/inert';
import { isCustomResource } from './resource-types';
import { StackBook } from './stack-book';
import { StackControl } from './stack-control';
import { stackOperations } from './stack-operations';
import { stackReadings } from './stack-readings';

export type { CloudFormationOptions } from './options';

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

  /** The resources of a type in all stacks, for look-ups. */
  public deployed(type: string): { type: string; physicalId: string; properties: Input }[] {
    return this.book.live.flatMap((stack) => [...stack.resources.values()])
      .flatMap(({ type: own, physicalId, properties }) => own === type && physicalId !== undefined ? { type, physicalId, properties } : []);
  }

  /** Takes the PUT of a custom resource's answer. */
  public async receiveAnswer(request: HttpRequest): Promise<HttpAnswer> {
    return this.customResources.receive(request);
  }

  public rights(operation: string, input: Input): Right[] {
    const name = String(input.StackName ?? '*');
    const stack = name.startsWith('arn:') ? name : arnOf(this.world, 'cloudformation', `stack/${name}/*`);
    return [{ action: `cloudformation:${operation}`, resources: [stack] }];
  }
}
