import type { Operation } from '../service';
import type { StackBook } from './stack-book';
import type { StackControl } from './stack-control';

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
