import type { Operation } from '../../core/aws-service';
import type { StackBook } from '../engine/stack-store';
import type { StackControl } from './stack-writes';

/** The operations that change stacks. */
export function stackOperations(book: StackBook, control: StackControl): Record<string, Operation> {
  return {
    CreateStack: (input) => control.create(input),
    UpdateStack: (input) => control.update(input),
    DeleteStack: (input) => control.delete(input),
    RollbackStack: (input) => control.rollBack(input),
    ContinueUpdateRollback: (input) => control.continueRollback(input),
    CancelUpdateStack: (input) => control.cancelUpdate(input),
    UpdateTerminationProtection: (input) => {
      const stack = book.get(input.StackName);
      stack.terminationProtection = String(input.EnableTerminationProtection) === 'true';
      return { StackId: stack.id };
    },
  };
}
