import type { Input, Operation } from '../../core/aws-service';
import { arnOf } from '../../core/world';
import type { EcsContext } from '../context';
import { clientException } from '../errors';
import { pageOf } from '../paging';

interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly content: Input;
  status: 'ACTIVE' | 'INACTIVE';
  readonly registeredAt: number;
}

/** Ordinary task definitions, of the application services. */
export class TaskDefinitions {
  public readonly operations: Readonly<Record<string, Operation>> = {
    RegisterTaskDefinition: (input) => this.register(input),
    DescribeTaskDefinition: (input) => this.describeOne(input),
    DeregisterTaskDefinition: (input) => this.deregister(input),
    ListTaskDefinitions: (input) => this.list(input),
  };

  private readonly byArn = new Map<string, TaskDefinition>();
  private readonly latestRevision = new Map<string, number>();

  constructor(private readonly context: EcsContext) {}

  private register(input: Input): Input {
    const family = String(input.family ?? '');
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(family)) throw clientException('Invalid family.');
    if (!input.containerDefinitions?.length) throw clientException('Container list cannot be empty.');
    this.context.tags.validate(input.tags);
    const revision = (this.latestRevision.get(family) ?? 0) + 1;
    this.latestRevision.set(family, revision);
    const { tags, ...content } = input;
    const definition: TaskDefinition = {
      arn: arnOf(this.context.world, 'ecs', `task-definition/${family}:${revision}`),
      family,
      revision,
      content,
      status: 'ACTIVE',
      registeredAt: this.context.world.clock.now(),
    };
    this.byArn.set(definition.arn, definition);
    this.context.tags.add(definition.arn, tags);
    return { taskDefinition: describe(definition), tags: this.context.tags.list(definition.arn) };
  }

  private describeOne(input: Input): Input {
    const definition = this.find(input.taskDefinition);
    return {
      taskDefinition: describe(definition),
      ...(input.include?.includes('TAGS') && { tags: this.context.tags.list(definition.arn) }),
    };
  }

  private deregister(input: Input): Input {
    const definition = this.find(input.taskDefinition);
    definition.status = 'INACTIVE';
    return { taskDefinition: describe(definition) };
  }

  private list(input: Input): Input {
    const arns = [...this.byArn.values()]
      .filter((definition) => definition.status === (input.status ?? 'ACTIVE'))
      .filter((definition) => input.familyPrefix === undefined || definition.family === input.familyPrefix)
      .map((definition) => definition.arn);
    const { page, nextToken } = pageOf(arns, input, 100);
    return { taskDefinitionArns: page, nextToken };
  }

  private find(reference: unknown): TaskDefinition {
    const text = String(reference ?? '');
    const name = text.slice(text.lastIndexOf('/') + 1);
    const definition = name.includes(':')
      ? this.byArn.get(arnOf(this.context.world, 'ecs', `task-definition/${name}`))
      : [...this.byArn.values()].filter((candidate) => candidate.family === name && candidate.status === 'ACTIVE').at(-1);
    if (!definition) throw clientException('Unable to describe task definition.');
    return definition;
  }
}

const describe = (definition: TaskDefinition): Input => ({
  ...definition.content,
  taskDefinitionArn: definition.arn,
  revision: definition.revision,
  status: definition.status,
  registeredAt: new Date(definition.registeredAt),
});
