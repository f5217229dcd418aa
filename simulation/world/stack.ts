import type { DaemonProperties } from '../../lambda/contract';
import type { ResourceType } from '../../lambda/resource-type';
import type { SimulatedClock } from './clock';
import type { CustomResources, RequestEnd, RequestType } from './custom-resources';
import { completed } from './daemon-properties';
import type { Random } from './random';
import { attributeOf, isReference, type Properties } from './references';
import type { Trace } from './trace';

/** Tags by their keys. */
export type Tags = Readonly<Record<string, string>>;

/** A custom resource in a template. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: ResourceType;
  /** As the template has them, with references to attributes of other resources. */
  readonly properties: Properties;
  /** The logical ids that it depends on. */
  readonly after: readonly string[];
}

export type Template = readonly TemplateResource[];

export interface StackResource extends TemplateResource {
  /** The properties as they are sent: with what the references stood for at that time. */
  readonly sent: Properties;
  readonly attributes: Readonly<Record<string, string>>;
  readonly physicalId: string | undefined;
  readonly hasFailed: boolean;
}

type DesiredResource = TemplateResource & Pick<StackResource, 'sent'>;

/** A resource of a stack that is a daemon. */
export interface DaemonResource {
  readonly logicalId: string;
  readonly properties: DaemonProperties;
}

export interface StackOptions {
  /** Whether CloudFormation adopts the id of a failed update (E27). */
  readonly failedUpdateId: 'adopt' | 'keep';
  /** Whether a rollback sends an Update to a custom resource after its replacement, or only restores the old record (E28). */
  readonly replacementRollback: 'update' | 'take-up';
}

export type StackStatus =
  | 'NONE' | 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'ROLLBACK_IN_PROGRESS' | 'ROLLBACK_COMPLETE' | 'ROLLBACK_FAILED'
  | 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_IN_PROGRESS' | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' | 'UPDATE_ROLLBACK_COMPLETE' | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_FAILED';

/** An event of the stack itself, or of one of its resources. */
export interface StackEvent {
  readonly id: string;
  readonly status: string;
  readonly at: number;
  readonly resource?: Pick<StackResource, 'type' | 'logicalId' | 'sent'>;
}

const CLEANUP_ATTEMPTS = 3;

/** A stack of custom resources, and what CloudFormation does with it (E1 to E14). */
export class Stack {
  public status: StackStatus = 'NONE';
  /** Newest first. */
  public readonly events: StackEvent[] = [];
  public readonly resources = new Map<string, StackResource>();
  public tags: Tags = {};
  private stableTags: Tags = {};
  private stable = new Map<string, StackResource>();
  private leftovers: StackResource[] = [];
  /** Stops waiting for requests in flight; undefined if they cannot be interrupted. */
  private cuts: (() => void)[] = [];
  private isInterrupted = false;

  /** The ids of each incarnation of the stack. */
  public readonly ids: string[] = [];

  constructor(
    public readonly name: string,
    private readonly newId: (incarnation: number) => string,
    private readonly clock: SimulatedClock,
    private readonly random: Random,
    private readonly trace: Trace,
    private readonly requests: CustomResources,
    private readonly options: StackOptions,
    private readonly statusChanged: (stack: Stack) => void,
  ) {}

  public get id(): string {
    return this.ids.at(-1) ?? '';
  }

  public get daemons(): DaemonResource[] {
    return [...this.resources.values()].filter(({ type }) => type === 'Custom::ECSManagedDaemon')
      .map(({ logicalId, properties }) => ({ logicalId, properties: completed(properties) }));
  }

  /** Creates or updates the stack, which keeps its tags if there are no others. */
  public async deploy(template: Template, tags = this.tags): Promise<void> {
    const isNew = this.status === 'NONE' || this.status === 'DELETE_COMPLETE';
    this.stable = new Map(this.resources);
    this.isInterrupted = false;
    this.stableTags = this.tags;
    this.tags = tags;
    if (isNew) this.ids.push(this.newId(this.ids.length));
    this.enter(isNew ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS');
    const succeeded = await this.forward(template);
    if (isNew) {
      if (succeeded) return this.enter('CREATE_COMPLETE');
      this.enter('ROLLBACK_IN_PROGRESS');
      return this.enter(await this.deleteAll() ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED');
    }
    if (!succeeded) return this.rollBack();
    this.enter('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    const desired = new Set(template.map(({ logicalId }) => logicalId));
    for (const resource of [...this.resources.values()]) if (!desired.has(resource.logicalId)) this.leave(resource);
    await this.cleanUp();
    this.enter('UPDATE_COMPLETE');
  }

  /** Cancels the update: it is rolled back, and requests in flight are interrupted (E9). */
  public cancel(): boolean {
    if (this.status !== 'UPDATE_IN_PROGRESS' && this.status !== 'CREATE_IN_PROGRESS') return false;
    this.interrupt();
    return true;
  }

  public async continueRollback(): Promise<void> {
    await this.rollBack();
  }

  public async delete(): Promise<void> {
    this.enter('DELETE_IN_PROGRESS');
    this.enter(await this.deleteAll() ? 'DELETE_COMPLETE' : 'DELETE_FAILED');
  }

  private async forward(template: Template): Promise<boolean> {
    const failed = await walk(template, (resource) => resource.after, () => this.isInterrupted, async (desired) => {
      await this.clock.sleep(this.random.between(0.5, 3));
      if (this.isInterrupted) return false;
      const current = this.resources.get(desired.logicalId);
      const sent = this.resolved(desired.properties);
      if (current && !current.hasFailed && isSame(current.sent, sent)) {
        this.resources.set(desired.logicalId, { ...current, ...desired });
        return true;
      }
      const done = current ? await this.update({ ...desired, sent }, current, false) : await this.create({ ...desired, sent });
      if (!done) this.interrupt();
      return done;
    });
    return failed === 0 && !this.isInterrupted;
  }

  private async create(desired: DesiredResource): Promise<boolean> {
    this.resources.set(desired.logicalId, { ...desired, attributes: {}, physicalId: undefined, hasFailed: true });
    const end = await this.request('Create', desired, undefined, undefined, false, true);
    // without an id in an answer, the Delete that follows carries one of CloudFormation's making (E9, E26)
    const made = `${this.name}-${desired.logicalId}-${this.random.integer(100_000, 999_999)}`;
    const physicalId = end.kind === 'answered' ? end.physicalId : made;
    const hasFailed = end.kind !== 'answered' || end.status === 'FAILED';
    const attributes = end.kind === 'answered' ? end.attributes : {};
    this.resources.set(desired.logicalId, { ...desired, attributes, physicalId, hasFailed });
    return !hasFailed;
  }

  private async update(desired: DesiredResource, current: StackResource, isRollback: boolean): Promise<boolean> {
    const end = await this.request('Update', desired, current.physicalId, current.sent, isRollback, !isRollback);
    if (end.kind === 'answered' && end.status === 'SUCCESS') {
      if (end.physicalId !== current.physicalId) this.leave(current); // another id is a replacement (E25)
      this.put({ ...desired, attributes: end.attributes, physicalId: end.physicalId, hasFailed: false });
      return true;
    }
    const adopted = end.kind === 'answered' && this.options.failedUpdateId === 'adopt' ? end.physicalId : current.physicalId;
    // a resource that could not be rolled back keeps the state of the failed update (E8)
    this.resources.set(desired.logicalId, { ...(isRollback ? current : { ...current, ...desired }), physicalId: adopted, hasFailed: true });
    return false;
  }

  private async rollBack(): Promise<void> {
    this.tags = this.stableTags;
    this.enter('UPDATE_ROLLBACK_IN_PROGRESS');
    await this.clock.sleep(this.random.between(0.2, 4));
    this.isInterrupted = false;
    const failed = await walk([...this.stable.values()], (resource) => resource.after, () => false, async (stable) => {
      const current = this.resources.get(stable.logicalId);
      if (!current || current === stable) {
        this.resources.set(stable.logicalId, stable);
        return true;
      }
      const isReplaced = current.physicalId !== stable.physicalId && !current.hasFailed;
      const isTakenUp = isReplaced && this.options.replacementRollback === 'take-up';
      if (!isTakenUp && (current.physicalId !== stable.physicalId || current.hasFailed || !isSame(current.sent, stable.sent))) {
        return this.update(stable, current, true);
      }
      if (isTakenUp) this.leave(current); // AWS does not document which half is restored (E28)
      this.put(stable);
      return true;
    });
    if (failed > 0) return this.enter('UPDATE_ROLLBACK_FAILED');
    for (const resource of [...this.resources.values()]) if (!this.stable.has(resource.logicalId)) this.leave(resource);
    this.enter('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.cleanUp();
    this.enter('UPDATE_ROLLBACK_COMPLETE');
  }

  /** Deletes a resource. One that cannot be deleted leaves the stack all the same (E5), and its dependencies follow, as in the sandbox. */
  private async cleanUp(): Promise<void> {
    const leftovers = this.leftovers;
    this.leftovers = [];
    await this.inReverse(leftovers, async (resource) => {
      for (let attempt = 1; attempt <= CLEANUP_ATTEMPTS; attempt++) if (await this.remove(resource)) break;
      return true;
    });
  }

  private async deleteAll(): Promise<boolean> {
    const doomed = [...this.resources.values(), ...this.leftovers];
    this.leftovers = [];
    const failed = await this.inReverse(doomed, (resource) => this.remove(resource));
    return failed === 0;
  }

  private async remove(resource: StackResource): Promise<boolean> {
    const forget = (): void => {
      if (this.resources.get(resource.logicalId) === resource) this.resources.delete(resource.logicalId);
    };
    if (resource.physicalId !== undefined) {
      const end = await this.request('Delete', resource, resource.physicalId, undefined, false, false);
      if (end.kind !== 'answered' || end.status === 'FAILED') return false;
    }
    forget();
    return true;
  }

  /** A resource goes after all that depend on it (E1). */
  private inReverse(resources: readonly StackResource[], visit: (resource: StackResource) => Promise<boolean>): Promise<number> {
    const dependants = (resource: StackResource): string[] =>
      resources.filter(({ after }) => after.includes(resource.logicalId)).map(({ logicalId }) => logicalId);
    return walk(resources, dependants, () => false, visit);
  }

  private async request(
    requestType: RequestType, { type, logicalId, sent, after }: DesiredResource, physicalId: string | undefined,
    previous: Properties | undefined, isRollback: boolean, mayBeInterrupted: boolean,
  ): Promise<RequestEnd> {
    const resource = { type, logicalId, sent };
    this.recordEvent(`${requestType.toUpperCase()}_IN_PROGRESS`, resource);
    const end = await this.requests.send({
      requestType, resourceType: type, stackId: this.id, logicalId, physicalId, properties: sent, previous, isRollback,
      behind: this.daemonsBefore(after),
      ...(mayBeInterrupted && { onInterruptible: (cut: () => void) => void this.cuts.push(cut) }),
    });
    const hasSucceeded = end.kind === 'answered' && end.status === 'SUCCESS';
    this.recordEvent(`${requestType.toUpperCase()}_${hasSucceeded ? 'COMPLETE' : 'FAILED'}`, resource);
    return end;
  }

  private recordEvent(status: string, resource?: StackEvent['resource']): void {
    this.events.unshift({ id: `${this.name}-event-${this.events.length}`, status, at: this.clock.now(), resource });
  }

  /** The daemons among what comes before, however far. */
  private daemonsBefore(after: readonly string[], met = new Set<string>()): DaemonProperties[] {
    return after.flatMap((logicalId) => {
      const resource = this.resources.get(logicalId);
      if (!resource || met.has(logicalId)) return [];
      met.add(logicalId);
      const own = resource.type === 'Custom::ECSManagedDaemon' ? [completed(resource.sent)] : [];
      return [...own, ...this.daemonsBefore(resource.after, met)];
    });
  }

  /** The properties with what their references stand for now. */
  private resolved(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(properties).map(([key, value]) =>
      [key, isReference(value) ? attributeOf(value, this.resources.get(value.of)?.attributes) : value]));
  }

  private put(resource: StackResource): void {
    this.resources.set(resource.logicalId, resource);
    // a leftover with the resource's current id is the resource itself
    const isOther = ({ logicalId, physicalId }: StackResource): boolean =>
      logicalId !== resource.logicalId || physicalId !== resource.physicalId;
    this.leftovers = this.leftovers.filter(isOther);
  }

  private leave(resource: StackResource): void {
    this.leftovers.push(resource);
    if (this.resources.get(resource.logicalId) === resource) this.resources.delete(resource.logicalId);
  }

  private interrupt(): void {
    this.isInterrupted = true;
    const cuts = this.cuts;
    this.cuts = [];
    for (const cut of cuts) cut();
  }

  private enter(status: StackStatus): void {
    this.status = status;
    this.cuts = [];
    this.recordEvent(status);
    this.trace.add('CloudFormation', () => `the stack ${this.name} is ${status}`);
    this.statusChanged(this);
  }
}

/** Visits every node after those that come before it; what comes after a failure is not visited. Returns how many failed. */
async function walk<T extends { readonly logicalId: string }>(
  nodes: readonly T[], before: (node: T) => readonly string[], isStopped: () => boolean, visit: (node: T) => Promise<boolean>,
): Promise<number> {
  const visits = new Map<T, Promise<boolean>>();
  const visited = (node: T): Promise<boolean> => {
    const known = visits.get(node);
    if (known) return known;
    const earlier = nodes.filter((other) => other !== node && before(node).includes(other.logicalId));
    const done = Promise.all(earlier.map(visited)).then((results) => results.every(Boolean) && !isStopped() && visit(node));
    visits.set(node, done);
    return done;
  };
  const results = await Promise.all(nodes.map(visited));
  return results.filter((result) => !result).length;
}

const isSame = (a: Properties, b: Properties): boolean => JSON.stringify(a) === JSON.stringify(b);
