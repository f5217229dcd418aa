import { AwsError } from '../../core/aws-error';
import type { Input } from '../../core/aws-service';
import { randomUuid } from '../../core/world';
import { changesOf } from '../engine/changes';
import type { ChangeSet } from '../engine/change-set';
import type { Engine } from '../engine/engine';
import { Operation } from '../engine/operation';
import { submittedRevision } from '../engine/revision';
import { Stack, type StackRevision } from '../engine/stack';
import type { StackBook } from '../engine/stack-store';
import { validationError } from '../template/template';

const UPDATABLE = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE']);
const UPDATABLE_AFTER_FAILURE = new Set(['CREATE_FAILED', 'UPDATE_FAILED']);

/** Starts what changes stacks. Each operation has its first status before the request is answered (W13), and runs on by itself. */
export class StackControl {
  private readonly running = new Map<Stack, { readonly operation: Operation; readonly end: Promise<void> }>();

  constructor(private readonly engine: Engine, private readonly book: StackBook) {}

  public async create(input: Input): Promise<{ StackId: string }> {
    this.refuseExisting(input.StackName);
    const revision = await submittedRevision(this.engine.world, input);
    this.refuseExisting(input.StackName); // another request may have been faster
    const stack = this.newStack(String(input.StackName));
    stack.terminationProtection = isTrue(input.EnableTerminationProtection);
    this.settle(stack, input);
    // OnFailure is the older spelling; the CLI never sends DELETE
    stack.disableRollback = isTrue(input.DisableRollback) || input.OnFailure === 'DO_NOTHING';
    this.begin(stack, revision, 'CREATE', input);
    return { StackId: stack.id };
  }

  public async update(input: Input): Promise<{ StackId: string; OperationId?: string }> {
    const stack = this.book.get(input.StackName);
    this.refuseUnlessUpdatable(stack);
    const revision = await submittedRevision(this.engine.world, input, stack);
    this.refuseUnlessUpdatable(stack);
    // the CDK CLI recognises this text (W10)
    if (!changesOf(this.engine, stack, revision).any) throw validationError('No updates are to be performed.');
    this.settle(stack, input);
    stack.disableRollback = isTrue(input.DisableRollback);
    this.begin(stack, revision, 'UPDATE', input);
    return { StackId: stack.id, OperationId: stack.operationId };
  }

  public execute(changeSet: ChangeSet, input: Input): void {
    const { stack } = changeSet;
    if (changeSet.executionStatus !== 'AVAILABLE') {
      throw new AwsError('InvalidChangeSetStatus', `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.executionStatus}]`);
    }
    if (changeSet.type === 'UPDATE') this.refuseUnlessUpdatable(stack);
    changeSet.executionStatus = 'EXECUTE_COMPLETE';
    for (const other of this.book.changeSetsOf(stack)) if (other !== changeSet) this.book.forgetChangeSet(other);
    stack.disableRollback = isTrue(input.DisableRollback);
    this.begin(stack, changeSet.revision, changeSet.type, input);
  }

  public delete(input: Input): void {
    const stack = this.book.find(input.StackName);
    if (!stack || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return;
    if (stack.terminationProtection) {
      throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    }
    const current = this.running.get(stack);
    if (current && stack.status !== 'CREATE_IN_PROGRESS') {
      throw validationError(`Stack [${stack.name}] cannot be deleted while in status ${stack.status}`);
    }
    const retained = Array.isArray(input.RetainResources) ? input.RetainResources.map(String) : [];
    if (input.RoleARN) stack.roleArn = String(input.RoleARN);
    for (const changeSet of this.book.changeSetsOf(stack)) this.book.forgetChangeSet(changeSet);
    this.identify(stack, input);
    stack.setStatus('DELETE_IN_PROGRESS', 'User Initiated');
    if (!current) return this.run(stack, (operation) => operation.delete(retained));
    // a delete in the middle of a create interrupts it and continues from there
    current.operation.abandon();
    void current.end.then(() => void this.run(stack, (operation) => operation.delete(retained)));
  }

  public cancelUpdate(input: Input): void {
    const stack = this.book.get(input.StackName);
    if (stack.status !== 'UPDATE_IN_PROGRESS') {
      throw validationError(`CancelUpdateStack cannot be called from current stack status ${stack.status}`);
    }
    this.running.get(stack)?.operation.interrupt('User Initiated');
  }

  /** Rolls back a stack that stopped after a failure, because rollback was disabled (E10). */
  public rollBack(input: Input): { StackId: string; OperationId?: string } {
    const stack = this.book.get(input.StackName);
    if (stack.status !== 'CREATE_FAILED' && stack.status !== 'UPDATE_FAILED') {
      throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
    }
    this.identify(stack, input);
    if (input.RoleARN) stack.roleArn = String(input.RoleARN);
    this.run(stack, (operation) => (stack.stable ? operation.rollBackUpdate() : operation.rollBackCreate()));
    return { StackId: stack.id, OperationId: stack.operationId };
  }

  /** Continues a rollback that has failed; resources can be skipped (E8). */
  public continueRollback(input: Input): void {
    const stack = this.book.get(input.StackName);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
      throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be continued to roll back.`);
    }
    this.identify(stack, input);
    const skipped = Array.isArray(input.ResourcesToSkip) ? input.ResourcesToSkip.map(String) : [];
    this.run(stack, (operation) => operation.rollBackUpdate(undefined, skipped));
  }

  public newStack(name: string): Stack {
    if (!/^[A-Za-z][-A-Za-z0-9]{0,127}$/.test(name)) {
      throw validationError(`1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`);
    }
    const stack = new Stack(this.engine.world, this.engine.moments, name);
    this.book.add(stack);
    return stack;
  }

  public settle(stack: Stack, input: Input): void {
    if (Array.isArray(input.Capabilities)) stack.capabilities = input.Capabilities.map(String);
    const topics: unknown = input.NotificationARNs;
    if (topics !== undefined) stack.notificationArns = Array.isArray(topics) ? topics.map(String) : [];
    if (input.RoleARN) stack.roleArn = String(input.RoleARN);
  }

  public refuseUnlessUpdatable(stack: Stack): void {
    if (UPDATABLE.has(stack.status) || UPDATABLE_AFTER_FAILURE.has(stack.status)) return;
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }

  private refuseExisting(name: unknown): void {
    if (this.book.find(name)) throw new AwsError('AlreadyExistsException', `Stack [${String(name)}] already exists`);
  }

  private begin(stack: Stack, revision: StackRevision, type: 'CREATE' | 'UPDATE', input: Input): void {
    if (type === 'UPDATE' && UPDATABLE.has(stack.status)) {
      stack.stable = { revision: stack.revision!, resources: new Map(stack.resources), imports: stack.imports };
    }
    stack.revision = revision;
    this.identify(stack, input);
    stack.setStatus(`${type}_IN_PROGRESS`, 'User Initiated');
    if (type === 'UPDATE') stack.updated = stack.events.at(-1)!.moment;
    this.run(stack, (operation) => (type === 'CREATE' ? operation.create() : operation.update()));
  }

  private identify(stack: Stack, input: Input): void {
    stack.operationId = randomUuid(this.engine.world);
    stack.clientRequestToken = input.ClientRequestToken ? String(input.ClientRequestToken) : undefined;
  }

  private run(stack: Stack, work: (operation: Operation) => Promise<void>): void {
    const operation = new Operation(this.engine, stack);
    const end = work(operation).catch((error: unknown) => {
      // a fault of the sandbox itself: the stack must not hang
      stack.setStatus(stack.status.replace(/_(COMPLETE_CLEANUP_)?IN_PROGRESS$/, '_FAILED'), `Internal failure: ${String(error)}`);
    });
    const entry = { operation, end };
    this.running.set(stack, entry);
    void end.then(() => {
      if (this.running.get(stack) === entry) this.running.delete(stack);
    });
  }
}

const isTrue = (value: unknown): boolean => String(value) === 'true';
