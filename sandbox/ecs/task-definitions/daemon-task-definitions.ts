import { AwsError } from '../../core/aws-error';
import type { Input, Operation } from '../../core/aws-service';
import { arnOf } from '../../core/world';
import type { EcsContext } from '../context';
import { validateDaemonTaskDefinition } from './daemon-task-definition-validation';
import { clientException, invalidParameter } from '../errors';
import { pageOf } from '../paging';

export interface DaemonTaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  /** The input of the registration. */
  readonly content: Input;
  status: 'ACTIVE' | 'DELETE_IN_PROGRESS' | 'DELETED';
  readonly registeredAt: number;
  deleteRequestedAt?: number;
}

/** Daemon task definitions: every registration creates a revision (R11), of which only the status changes. */
export class DaemonTaskDefinitions {
  public readonly operations: Readonly<Record<string, Operation>> = {
    RegisterDaemonTaskDefinition: (input) => this.register(input),
    DescribeDaemonTaskDefinition: (input) => ({ daemonTaskDefinition: describe(this.find(input.daemonTaskDefinition)) }),
    DeleteDaemonTaskDefinition: (input) => this.delete(input),
    ListDaemonTaskDefinitions: (input) => this.list(input),
  };

  private readonly byArn = new Map<string, DaemonTaskDefinition>();
  private readonly latestRevision = new Map<string, number>();

  constructor(private readonly context: EcsContext) {}

  /** The task definition that a daemon is to run; refused when it is not there or being deleted (R51, A19, A31, A32). */
  public forDaemon(reference: unknown): DaemonTaskDefinition {
    const text = String(reference ?? '');
    if (text === '') throw invalidParameter('daemonTaskDefinitionArn can not be blank.');
    if (!text.startsWith('arn:') && this.context.assumptions.taskDefinitionReference === 'arn-only') {
      throw invalidParameter(`Invalid daemon task definition ARN: ${text}`);
    }
    const definition = this.find(text);
    if (definition.status === 'DELETED') throw this.notFound(text);
    if (definition.status !== 'ACTIVE') throw clientException(`The daemon task definition ${definition.arn} is being deleted.`);
    return definition;
  }

  private register(input: Input): Input {
    validateDaemonTaskDefinition(input, this.context.assumptions);
    this.context.tags.validate(input.tags);
    const family = String(input.family);
    const revision = (this.latestRevision.get(family) ?? 0) + 1;
    this.latestRevision.set(family, revision);
    const { tags, ...content } = input;
    const definition: DaemonTaskDefinition = {
      arn: arnOf(this.context.world, 'ecs', `daemon-task-definition/${family}:${revision}`),
      family,
      revision,
      content: structuredClone(content),
      status: 'ACTIVE',
      registeredAt: this.context.world.clock.now(),
    };
    this.byArn.set(definition.arn, definition);
    this.context.tags.add(definition.arn, tags);
    return { daemonTaskDefinitionArn: definition.arn };
  }

  private delete(input: Input): Input {
    const definition = this.find(input.daemonTaskDefinition);
    if (definition.status !== 'ACTIVE') throw clientException(`The daemon task definition ${definition.arn} is being deleted.`);
    definition.status = 'DELETE_IN_PROGRESS';
    definition.deleteRequestedAt = this.context.world.clock.now();
    this.context.world.clock.after(this.context.timing.deleteTaskDefinition, () => {
      definition.status = 'DELETED';
      this.context.tags.remove(definition.arn);
    });
    return { daemonTaskDefinitionArn: definition.arn };
  }

  private list(input: Input): Input {
    const status = input.status ?? 'ACTIVE';
    const matching = [...this.byArn.values()]
      .filter((definition) => definition.status !== 'DELETED')
      .filter((definition) => status === 'ALL' || definition.status === status)
      .filter((definition) => input.family === undefined || definition.family === input.family)
      .filter((definition) => input.familyPrefix === undefined || definition.family.startsWith(input.familyPrefix))
      .filter((definition) => input.revision !== 'LAST_REGISTERED' || definition.revision === this.latestRevision.get(definition.family))
      .sort((a, b) => (a.family === b.family ? a.revision - b.revision : a.family < b.family ? -1 : 1));
    if (input.sort === 'DESC') matching.reverse();
    const { page, nextToken } = pageOf(matching, input, 100);
    return {
      daemonTaskDefinitions: page.map((definition) => ({
        arn: definition.arn,
        registeredAt: new Date(definition.registeredAt),
        registeredBy: arnOf(this.context.world, 'iam', 'root').replace(`:${this.context.world.region}:`, '::'),
        ...(definition.deleteRequestedAt !== undefined && { deleteRequestedAt: new Date(definition.deleteRequestedAt) }),
        status: definition.status,
      })),
      nextToken,
    };
  }

  /** The task definition, if there is one. */
  public peek(reference: unknown): DaemonTaskDefinition | undefined {
    return this.byArn.get(String(reference));
  }

  /** By ARN, by `family:revision`, or by family: its latest ACTIVE revision. */
  private find(reference: unknown): DaemonTaskDefinition {
    const text = String(reference ?? '');
    const name = text.startsWith('arn:') ? text.slice(text.indexOf('daemon-task-definition/') + 'daemon-task-definition/'.length) : text;
    const arn = arnOf(this.context.world, 'ecs', `daemon-task-definition/${name}`);
    if (text.startsWith('arn:') && arn !== text) throw this.notFound(text);
    const definition = name.includes(':')
      ? this.byArn.get(arn)
      : [...this.byArn.values()].filter((candidate) => candidate.family === name && candidate.status === 'ACTIVE').at(-1);
    if (!definition) throw this.notFound(text);
    return definition;
  }

  private notFound(reference: string): AwsError {
    const message = `Daemon task definition not found: ${reference}`;
    switch (this.context.assumptions.taskDefinitionNotFound) {
      case 'client-exception': return clientException(message);
      case 'invalid-parameter': return invalidParameter(message);
      case 'named': return new AwsError('DaemonTaskDefinitionNotFoundException', message);
    }
  }
}

const describe = (definition: DaemonTaskDefinition): Input => ({
  ...definition.content,
  daemonTaskDefinitionArn: definition.arn,
  revision: definition.revision,
  status: definition.status,
  registeredAt: new Date(definition.registeredAt),
  ...(definition.deleteRequestedAt !== undefined && { deleteRequestedAt: new Date(definition.deleteRequestedAt) }),
});
