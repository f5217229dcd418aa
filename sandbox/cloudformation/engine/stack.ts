import { arnOf, randomUuid, type World } from '../../core/world';
import type { Moment, Moments } from './timestamps';
import { report } from './progress';
import type { Json, JsonObject, RemovalPolicy, Template } from '../template/template';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface StackParameter {
  readonly key: string;
  /** As given; for an SSM-typed parameter the name in SSM (E16). */
  readonly text: string;
  readonly resolvedText?: string;
  readonly value: Json;
  readonly noEcho: boolean;
}

/** Template, parameters and tags as submitted: a rollback restores them as a whole (E13). */
export interface StackRevision {
  readonly templateText: string;
  readonly template: Template;
  readonly parameters: readonly StackParameter[];
  readonly tags: readonly Tag[];
}

/** One resource in one state; a change of the resource is another object. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly properties: JsonObject;
  readonly attributes: JsonObject;
  readonly metadata?: JsonObject;
  readonly noEcho?: boolean;
  readonly dependencies: readonly string[];
  readonly deletionPolicy: RemovalPolicy;
  readonly updateReplacePolicy: RemovalPolicy;
  readonly status: string;
  readonly statusReason?: string;
  readonly moment: Moment;
}

/** A resource that has left the stack, or is to leave it in the next cleanup (E4). */
export interface Leftover {
  readonly resource: StackResource;
  readonly retain: boolean;
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

export interface StackEvent {
  readonly eventId: string;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly resourceType: string;
  readonly properties?: JsonObject;
  readonly moment: Moment;
  readonly status: string;
  readonly statusReason?: string;
  readonly operationId?: string;
  readonly clientRequestToken?: string;
}

/** A state in which an operation has succeeded. */
export interface StableState {
  readonly revision: StackRevision;
  readonly resources: ReadonlyMap<string, StackResource>;
  readonly imports: ReadonlySet<string>;
}

export const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** A stack as CloudFormation records it: its resources, its events and the state to which it would roll back. */
export class Stack {
  public readonly id: string;
  public status = 'REVIEW_IN_PROGRESS';
  public statusReason?: string;
  public revision?: StackRevision;
  public outputs: readonly StackOutput[] = [];
  /** The exports of other stacks that this one uses. */
  public imports: ReadonlySet<string> = new Set();
  public readonly resources = new Map<string, StackResource>();
  /** Still shown after they are gone (E17). */
  public readonly deletedResources = new Map<string, StackResource>();
  public leftovers: Leftover[] = [];
  /** The target of a rollback: the state after the last successful operation. */
  public stable?: StableState;
  /** Oldest first. */
  public readonly events: StackEvent[] = [];
  public readonly created: Moment;
  public updated?: Moment;
  public deleted?: Moment;
  public terminationProtection = false;
  public disableRollback = false;
  public roleArn?: string;
  public capabilities: readonly string[] = [];
  public notificationArns: readonly string[] = [];
  public operationId?: string;
  public clientRequestToken?: string;
  private watchers: (() => void)[] = [];

  constructor(private readonly world: World, private readonly moments: Moments, public readonly name: string) {
    this.id = arnOf(world, 'cloudformation', `stack/${name}/${randomUuid(world)}`);
    this.created = moments.next();
  }

  public get inProgress(): boolean {
    return this.status.endsWith('_IN_PROGRESS') && this.status !== 'REVIEW_IN_PROGRESS';
  }

  public setStatus(status: string, statusReason?: string): void {
    this.status = status;
    this.statusReason = statusReason;
    const event = this.record({ logicalId: this.name, physicalId: this.id, resourceType: STACK_TYPE, status, statusReason });
    if (status === 'DELETE_COMPLETE') this.deleted = event.moment;
    const watchers = this.watchers;
    this.watchers = [];
    for (const wake of watchers) wake();
  }

  /** Resolves with the next change of status (W14). */
  public statusChanged(): Promise<void> {
    return new Promise((resolve) => void this.watchers.push(resolve));
  }

  public record(event: Omit<StackEvent, 'eventId' | 'moment' | 'operationId' | 'clientRequestToken'>): StackEvent {
    const recorded: StackEvent = {
      ...event,
      eventId: randomUuid(this.world),
      moment: this.moments.next(),
      operationId: this.operationId,
      clientRequestToken: this.clientRequestToken,
    };
    this.events.push(recorded);
    report(this.world, this.name, recorded);
    return recorded;
  }

  /** Puts a resource in its new state, and records an event. */
  public put(resource: Omit<StackResource, 'moment'>): StackResource {
    const stored = this.recordResource(resource);
    this.resources.set(resource.logicalId, stored);
    return stored;
  }

  /** Whether this is the stack's current resource of its id, and not the other half of a replacement. */
  public holds({ logicalId, physicalId }: StackResource): boolean {
    const current = this.resources.get(logicalId);
    return current !== undefined && current.physicalId === physicalId;
  }

  /** Takes a resource out of the stack; it is still shown (E17). */
  public bury(resource: StackResource): void {
    if (this.holds(resource)) this.resources.delete(resource.logicalId);
    this.deletedResources.set(resource.logicalId, resource);
  }

  /** An event of a resource that is not, or no longer, the stack's current one of its id. */
  public recordResource(resource: Omit<StackResource, 'moment'>): StackResource {
    const { moment } = this.record({
      logicalId: resource.logicalId,
      physicalId: resource.physicalId,
      resourceType: resource.type,
      properties: resource.properties,
      status: resource.status,
      statusReason: resource.statusReason,
    });
    return { ...resource, moment };
  }
}
