import { AwsError } from '../../core/aws-error';
import type { ChangeSet } from './change-set';
import type { Stack } from './stack';
import { validationError } from '../template/template';

/** Every stack and change set there has been, found by name or by ARN (W12). */
export class StackBook {
  private readonly stacksById = new Map<string, Stack>();
  private readonly changeSets = new Map<string, ChangeSet>();

  /** Stacks that are not deleted, oldest first. */
  public get live(): Stack[] {
    return this.all.filter(({ status }) => status !== 'DELETE_COMPLETE');
  }

  public get all(): Stack[] {
    return [...this.stacksById.values()];
  }

  public add(stack: Stack): void {
    this.stacksById.set(stack.id, stack);
  }

  /** A deleted stack is found by its ARN only. */
  public find(nameOrId: unknown): Stack | undefined {
    return this.stacksById.get(String(nameOrId)) ?? this.live.find(({ name }) => name === nameOrId);
  }

  /** The CDK CLI relies on this wording (W8). */
  public get(nameOrId: unknown): Stack {
    const stack = this.find(nameOrId);
    if (!stack) throw validationError(`Stack with id ${String(nameOrId)} does not exist`);
    return stack;
  }

  public addChangeSet(changeSet: ChangeSet): void {
    this.changeSets.set(changeSet.id, changeSet);
  }

  public findChangeSet(nameOrId: unknown, stackNameOrId: unknown): ChangeSet | undefined {
    const byId = this.changeSets.get(String(nameOrId));
    if (byId) return byId;
    const stack = this.find(stackNameOrId);
    return [...this.changeSets.values()].find((changeSet) => changeSet.stack === stack && changeSet.name === nameOrId);
  }

  /** Finds a change set, or fails as the CDK CLI expects (W9). */
  public getChangeSet(nameOrId: unknown, stackNameOrId: unknown): ChangeSet {
    const changeSet = this.findChangeSet(nameOrId, stackNameOrId);
    if (!changeSet) throw new AwsError('ChangeSetNotFound', `ChangeSet [${String(nameOrId)}] does not exist`, 404);
    return changeSet;
  }

  public changeSetsOf(stack: Stack): ChangeSet[] {
    return [...this.changeSets.values()].filter((changeSet) => changeSet.stack === stack);
  }

  public forgetChangeSet(changeSet: ChangeSet): void {
    this.changeSets.delete(changeSet.id);
  }
}
