import { setMaxListeners } from 'node:events';
import { randomUuid } from '../../core/world';
import { cleanUp, deleteEverything, failedToDelete } from './cleanup';
import { walk } from '../template/dependency-graph';
import type { Engine } from './engine';
import { Resolver } from '../template/intrinsics';
import { checkExports, resolveOutputs } from './outputs';
import { ResourceExecutor } from './resource-executor';
import { scopeOf } from './scope';
import type { Stack, StackRevision } from './stack';
import { definedDependencies } from '../template/references';
import { outlivesStack } from '../template/template';
import { presentResources, desiredResource } from './desired-resources';

/** One operation on a stack, from its first status to its last. Each half of a failed one has an id of its own (W25). */
export class Operation {
  private readonly abortController = new AbortController();
  private readonly work: ResourceExecutor;
  private readonly imports = new Set<string>();
  /** Why the operation stopped, if it was not for a resource. */
  private interruption?: string;
  private abandoned = false;

  constructor(private readonly engine: Engine, private readonly stack: Stack) {
    setMaxListeners(0, this.abortController.signal); // as many as there are resources in flight
    this.work = new ResourceExecutor(engine, stack, this.abortController.signal);
  }

  /** Stops what is going on, as a failure would (CancelUpdateStack; DeleteStack during a create). */
  public interrupt(reason: string): void {
    this.interruption = reason;
    this.abortController.abort();
  }

  /** Stops without a rollback of its own: another operation takes over. */
  public abandon(): void {
    this.abandoned = true;
    this.interrupt('User Initiated');
  }

  public async create(): Promise<void> {
    const succeeded = await this.rollForward();
    if (this.abandoned) return;
    if (succeeded) {
      this.stack.setStatus('CREATE_COMPLETE');
    } else if (this.stack.disableRollback) {
      this.stack.setStatus('CREATE_FAILED', this.failureReason());
    } else {
      await this.rollBackCreate(`${this.failureReason()} Rollback requested by user.`);
    }
  }

  public async update(): Promise<void> {
    if (await this.rollForward()) {
      this.stack.setStatus('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'); // no rollback from here on (E4)
      this.stack.stable = undefined;
      this.leaveRemoved();
      const reason = await cleanUp(this.stack, this.work);
      this.stack.setStatus('UPDATE_COMPLETE', reason);
    } else if (this.stack.disableRollback || !this.stack.stable) {
      this.stack.setStatus('UPDATE_FAILED', this.failureReason());
    } else {
      await this.rollBackUpdate(this.failureReason());
    }
  }

  /** Rolls a failed create back: it only deletes (E6). */
  public async rollBackCreate(reason?: string): Promise<void> {
    this.secondHalf();
    this.stack.setStatus('ROLLBACK_IN_PROGRESS', reason);
    this.stack.outputs = [];
    const failed = await deleteEverything(this.stack, this.work, 'create rollback');
    this.stack.imports = new Set();
    this.stack.setStatus(failed.length === 0 ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED', failedToDelete(failed));
  }

  /** Rolls a failed update back (E7). A failure on the way ends in UPDATE_ROLLBACK_FAILED (E8). */
  public async rollBackUpdate(reason?: string, skipped: readonly string[] = []): Promise<void> {
    this.secondHalf();
    const stable = this.stack.stable!;
    this.stack.revision = stable.revision; // `GetTemplate` returns the old template from the start of the rollback (E13)
    this.stack.setStatus('UPDATE_ROLLBACK_IN_PROGRESS', reason);
    const work = new ResourceExecutor(this.engine, this.stack, new AbortController().signal);
    const failed = await walk({
      nodes: [...stable.resources.values()],
      before: ({ dependencies }) => dependencies.flatMap((logicalId) => stable.resources.get(logicalId) ?? []),
      visit: async (resource) => {
        const current = this.stack.resources.get(resource.logicalId);
        if (skipped.includes(resource.logicalId)) this.stack.put({ ...resource, status: 'UPDATE_COMPLETE', statusReason: undefined });
        else if (current?.moment === resource.moment) this.stack.resources.set(resource.logicalId, resource);
        else await work.revert(resource, current!);
      },
    });
    if (failed.length > 0) {
      const ids = failed.map(({ logicalId }) => logicalId).join(', ');
      return this.stack.setStatus('UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${ids}].`);
    }
    for (const resource of [...this.stack.resources.values()]) {
      if (stable.resources.has(resource.logicalId)) continue;
      this.work.leave(resource, resource.deletionPolicy === 'Retain' && resource.status !== 'CREATE_FAILED');
    }
    this.stack.imports = stable.imports;
    this.stack.stable = undefined;
    this.stack.setStatus('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    this.stack.setStatus('UPDATE_ROLLBACK_COMPLETE', await cleanUp(this.stack, this.work));
  }

  /** Deletes the stack; what cannot be deleted stays, and the stack is DELETE_FAILED (E11). */
  public async delete(retained: readonly string[] = []): Promise<void> {
    try {
      checkExports(this.stack, [], this.engine.stacks());
    } catch (error) {
      return this.stack.setStatus('DELETE_FAILED', messageOf(error));
    }
    const failed = await deleteEverything(this.stack, this.work, 'stack delete', retained);
    if (failed.length > 0) return this.stack.setStatus('DELETE_FAILED', failedToDelete(failed));
    this.stack.outputs = [];
    this.stack.imports = new Set();
    this.stack.setStatus('DELETE_COMPLETE');
  }

  private async rollForward(): Promise<boolean> {
    const { stack, engine } = this;
    const revision = stack.revision!;
    const resolver = new Resolver(this.scope(revision, false));
    const present = new Set(presentResources(revision.template, resolver));
    const failed = await walk({
      nodes: [...present],
      before: (logicalId) => definedDependencies(revision.template, logicalId).filter((dependency) => present.has(dependency)),
      stopped: () => this.abortController.signal.aborted,
      visit: async (logicalId) => {
        try {
          await this.bring(logicalId, revision, resolver);
        } catch (error) {
          // resources in progress are cancelled (E9); with DisableRollback independent ones continue (E10)
          if (!stack.disableRollback) this.abortController.abort();
          throw error;
        }
      },
    });
    if (failed.length > 0 || this.interruption !== undefined) return false;
    try {
      const outputs = resolveOutputs(revision, new Resolver(this.scope(revision, true)));
      checkExports(stack, outputs, engine.stacks());
      stack.outputs = outputs;
      stack.imports = this.imports;
    } catch (error) {
      this.interruption = messageOf(error);
      return false;
    }
    return true;
  }

  private async bring(logicalId: string, revision: StackRevision, resolver: Resolver): Promise<void> {
    let desired;
    try {
      desired = desiredResource(revision, logicalId, resolver);
    } catch (error) {
      return this.work.refuse(logicalId, revision.template.Resources[logicalId]!.Type, error);
    }
    const current = this.stack.resources.get(logicalId);
    if (current && current.status !== 'CREATE_FAILED') return this.work.update(desired, current);
    if (current?.physicalId !== undefined) this.work.leave(current, false);
    await this.work.create(desired);
  }

  /** Marks the resources that the new template no longer has, for the cleanup (E14). */
  private leaveRemoved(): void {
    const { stack } = this;
    const revision = stack.revision!;
    const present = new Set(presentResources(revision.template, new Resolver(this.scope(revision, false))));
    for (const resource of stack.resources.values()) {
      if (!present.has(resource.logicalId)) this.work.leave(resource, outlivesStack(resource.deletionPolicy));
    }
  }

  private scope(revision: StackRevision, masked: boolean): ReturnType<typeof scopeOf> {
    return scopeOf({
      world: this.engine.world,
      stack: this.stack,
      revision,
      stacks: () => this.engine.stacks(),
      resource: (logicalId) => this.stack.resources.get(logicalId),
      imported: (exportName) => void this.imports.add(exportName),
      masked,
    });
  }

  private failureReason(): string {
    if (this.interruption !== undefined) return this.interruption;
    const resources = [...this.stack.resources.values()];
    return (['create', 'update'] as const).flatMap((verb) => {
      const ids = resources.filter(({ status }) => status === `${verb.toUpperCase()}_FAILED`).map(({ logicalId }) => logicalId);
      return ids.length === 0 ? [] : [`The following resource(s) failed to ${verb}: [${ids.join(', ')}].`];
    }).join(' ');
  }

  private secondHalf(): void {
    this.stack.operationId = randomUuid(this.engine.world);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
