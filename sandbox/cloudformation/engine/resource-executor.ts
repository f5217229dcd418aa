import { AwsError } from '../../core/aws-error';
import type { Engine } from './engine';
import { providerContext } from './provider-context';
import { changedNames, sameValue, without } from '../template/property-values';
import { Interrupted, ResourceFailure, UpdateRefused, type ExistingResource, type ProvidedResource, type ProviderContext } from '../resource-providers/resource-provider';
import { isCustomResource, replacingProperties } from '../template/resource-types';
import type { Leftover, Stack, StackResource } from './stack';

/** The desired state of a resource: the template's, with its properties resolved. */
export type DesiredResource = Omit<StackResource, 'physicalId' | 'attributes' | 'noEcho' | 'status' | 'statusReason' | 'moment'>;

const REPLACING = 'Requested update requires the creation of a new physical resource; hence creating one.';
const REPLACED_BY_PROVIDER = 'Requested update required the provider to create a new physical resource';

/** Creates, updates and deletes single resources, and records their states and events in the stack. */
export class ResourceExecutor {
  constructor(private readonly engine: Engine, private readonly stack: Stack, private readonly interruption: AbortSignal) {}

  public async create(desired: DesiredResource): Promise<void> {
    this.stack.put({ ...desired, attributes: {}, status: 'CREATE_IN_PROGRESS' });
    const made = await this.make(desired, 'CREATE');
    this.stack.put({ ...desired, ...made, status: 'CREATE_COMPLETE' });
    this.keep(desired.logicalId);
  }

  /** Updates an existing resource to its desired state: in place, by replacement, or not at all if nothing differs (E2, E3). */
  public async update(desired: DesiredResource, current: StackResource): Promise<void> {
    const changed = changedNames(current.properties, desired.properties);
    const again = current.status === 'UPDATE_FAILED';
    if (changed.length === 0 && !again) {
      if (sameValue(desired.metadata, current.metadata)) {
        this.stack.resources.set(desired.logicalId, { ...current, ...desired });
      } else {
        this.stack.put({ ...current, ...desired, status: 'UPDATE_COMPLETE', statusReason: undefined });
      }
      return;
    }
    if (this.replaces(desired, current, changed)) return this.replace(desired, current);
    await this.updateInPlace(desired, current);
  }

  /** Rolls a resource that the failed update has touched back to its stable state (E7). */
  public async revert(stable: StackResource, current: StackResource): Promise<void> {
    const replacedSuccessfully = current.physicalId !== stable.physicalId && current.status !== 'UPDATE_FAILED';
    const takenUpAgain = replacedSuccessfully && !(isCustomResource(stable.type) && this.engine.options.replacementRollback === 'update');
    const onlyNominal = current.physicalId === stable.physicalId && sameValue(current.properties, stable.properties);
    if (takenUpAgain || onlyNominal) {
      // the old physical resource still exists and becomes the resource again (E28)
      if (takenUpAgain) this.leave(current, current.deletionPolicy === 'Retain');
      this.stack.put({ ...stable, status: 'UPDATE_IN_PROGRESS', statusReason: undefined });
      this.stack.put({ ...stable, status: 'UPDATE_COMPLETE', statusReason: undefined });
    } else {
      await this.updateInPlace(stable, current, 'back');
    }
    this.keep(stable.logicalId);
  }

  /** Deletes a resource that leaves the stack, or skips it if its deletion policy retains it (E12). */
  public async delete({ resource, retain }: Leftover, attempts = 1): Promise<void> {
    const state = without(resource, 'moment', 'statusReason');
    const enter = (status: string, statusReason?: string): StackResource => {
      const entered = this.stack.recordResource({ ...state, status, statusReason });
      if (this.stack.holds(resource)) this.stack.resources.set(resource.logicalId, entered);
      return entered;
    };
    if (retain) return this.stack.bury(enter('DELETE_SKIPPED'));
    if (resource.physicalId === undefined) return this.stack.bury(enter('DELETE_COMPLETE'));
    enter('DELETE_IN_PROGRESS');
    for (let attempt = 1; ; attempt++) {
      try {
        const context = this.context(resource, () => undefined, new AbortController().signal);
        await this.engine.providerOf(resource.type).delete(existing(resource), context);
        return this.stack.bury(enter('DELETE_COMPLETE'));
      } catch (error) {
        if (attempt < attempts) continue;
        enter('DELETE_FAILED', reasonOf(error));
        throw error;
      }
    }
  }

  /** A failure before the call of the provider, for example a value that cannot be resolved. */
  public refuse(logicalId: string, type: string, error: unknown): never {
    const current = this.stack.resources.get(logicalId);
    const statusReason = reasonOf(error);
    if (current) this.stack.put({ ...current, status: 'UPDATE_FAILED', statusReason });
    else {
      this.stack.put({
        logicalId, type, properties: {}, attributes: {}, dependencies: [],
        deletionPolicy: 'Delete', updateReplacePolicy: 'Delete', status: 'CREATE_FAILED', statusReason,
      });
    }
    throw error;
  }

  /** Leaves a resource for the next cleanup. */
  public leave(resource: StackResource, retain: boolean): void {
    this.stack.leftovers.push({ resource, retain });
  }

  /** Removes a leftover with the resource's current id: it is the resource itself, and must not be deleted. */
  private keep(logicalId: string): void {
    const { physicalId } = this.stack.resources.get(logicalId)!;
    const isKept = ({ resource }: Leftover): boolean => resource.logicalId === logicalId && resource.physicalId === physicalId;
    this.stack.leftovers = this.stack.leftovers.filter((leftover) => !isKept(leftover));
  }

  private replaces(desired: DesiredResource, current: StackResource, changed: readonly string[]): boolean {
    const provider = this.engine.providerOf(desired.type);
    const replacing = replacingProperties(desired.type);
    if (!provider.update || changed.some((name) => replacing.has(name))) return true;
    return provider.replaces?.(desired.properties, current.properties) ?? false;
  }

  /** Creates the new physical resource first; the cleanup deletes the old one (E3). */
  private async replace(desired: DesiredResource, current: StackResource): Promise<void> {
    this.stack.put({ ...current, status: 'UPDATE_IN_PROGRESS', statusReason: REPLACING });
    const made = await this.make(desired, 'UPDATE', current);
    this.leave(current, desired.updateReplacePolicy === 'Retain');
    this.stack.put({ ...desired, ...made, status: 'UPDATE_COMPLETE' });
    this.keep(desired.logicalId);
  }

  private async make(
    desired: DesiredResource, verb: 'CREATE' | 'UPDATE', replaced?: StackResource,
  ): Promise<ProvidedResource & Pick<StackResource, 'attributes'>> {
    let physicalId: string | undefined;
    const context = this.context(desired, (id) => {
      if (physicalId === id) return;
      physicalId = id;
      const initiated = { ...desired, physicalId: id, attributes: {}, status: `${verb}_IN_PROGRESS`, statusReason: 'Resource creation Initiated' };
      if (replaced) this.stack.recordResource(initiated);
      else this.stack.put(initiated);
    }, this.interruption);
    try {
      const provided = await this.engine.providerOf(desired.type).create(desired.properties, context);
      context.initiated(provided.physicalId);
      return { ...provided, attributes: provided.attributes ?? {} };
    } catch (error) {
      const failed = {
        ...desired, attributes: {}, physicalId: (error instanceof ResourceFailure ? error.physicalId : undefined) ?? physicalId,
        status: `${verb}_FAILED`, statusReason: error instanceof Interrupted ? cancelled(replaced ? 'update' : 'creation') : reasonOf(error),
      };
      if (replaced) {
        // replacement failed: keep the old physical resource, delete the new one in the cleanup
        const { moment, ...half } = this.stack.put({ ...replaced, status: 'UPDATE_FAILED', statusReason: failed.statusReason });
        if (failed.physicalId !== undefined) this.leave({ ...half, ...failed, moment }, false);
      } else {
        this.stack.put(failed);
      }
      throw error;
    }
  }

  private async updateInPlace(desired: DesiredResource, current: StackResource, direction: 'forward' | 'back' = 'forward'): Promise<void> {
    const attempted = { ...desired, physicalId: current.physicalId, attributes: current.attributes, noEcho: current.noEcho };
    this.stack.put({ ...attempted, status: 'UPDATE_IN_PROGRESS', statusReason: undefined });
    let provided: ProvidedResource;
    try {
      const provider = this.engine.providerOf(desired.type);
      const context = this.context(desired, () => undefined, this.interruption);
      provided = await (provider.update?.(desired.properties, existing(current), context) ?? provider.create(desired.properties, context));
    } catch (error) {
      const adopted = error instanceof ResourceFailure ? error.physicalId : undefined; // the id in a FAILED answer (E27)
      const statusReason = error instanceof Interrupted ? cancelled('update') : reasonOf(error);
      // a resource that could not be rolled back keeps the state of the failed update; the next attempt rolls it back (E8)
      const left = direction === 'back' || error instanceof UpdateRefused ? current : attempted;
      this.stack.put({ ...left, physicalId: adopted ?? current.physicalId, status: 'UPDATE_FAILED', statusReason });
      throw error;
    }
    if (provided.physicalId !== current.physicalId) {
      // another id is a replacement: the cleanup deletes the old id with the old properties (E25)
      this.leave(current, desired.updateReplacePolicy === 'Retain');
      this.stack.recordResource({ ...attempted, ...provided, attributes: {}, status: 'UPDATE_IN_PROGRESS', statusReason: REPLACED_BY_PROVIDER });
    }
    this.stack.put({ ...desired, ...provided, attributes: provided.attributes ?? {}, status: 'UPDATE_COMPLETE', statusReason: undefined });
  }

  private context(resource: DesiredResource, initiated: (physicalId: string) => void, interruption: AbortSignal): ProviderContext {
    const { world, options: { nameOf } } = this.engine;
    return providerContext({ world, stack: this.stack, resource, initiated, interruption, nameOf });
  }
}

const existing = (resource: StackResource): ExistingResource => ({
  physicalId: resource.physicalId ?? '', properties: resource.properties, attributes: resource.attributes,
});

const cancelled = (what: 'creation' | 'update'): string => `Resource ${what} cancelled`; // CloudFormation's text (E9)

function reasonOf(error: unknown): string {
  if (error instanceof AwsError && error.code !== 'ValidationError') {
    return `Resource handler returned message: "${error.message}" (HandlerErrorCode: ${error.code})`;
  }
  return error instanceof Error ? error.message : String(error);
}
