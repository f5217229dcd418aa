import { AwsError } from '../../core/aws-error';
import type { Operation } from '../../core/aws-service';
import { ChangeSet } from '../engine/change-set';
import { describeParameters } from './descriptions';
import type { Engine } from '../engine/engine';
import { submittedRevision } from '../engine/revision';
import type { StackBook } from '../engine/stack-store';
import type { StackControl } from './stack-writes';
import { timeFor } from './stack-reads';
import { validationError } from '../template/template';

/** The operations on change sets. */
export function changeSetOperations(engine: Engine, book: StackBook, control: StackControl): Record<string, Operation> {
  return {
    CreateChangeSet: async (input) => {
      const type = input.ChangeSetType ?? 'UPDATE';
      if (type !== 'CREATE' && type !== 'UPDATE') throw validationError(`The sandbox does not support change sets of type ${String(type)}`);
      const known = type === 'UPDATE' ? book.get(input.StackName) : book.find(input.StackName);
      if (type === 'CREATE' && known && known.status !== 'REVIEW_IN_PROGRESS') {
        throw validationError(`Stack [${known.name}] already exists and cannot be created again with the changeSet [${String(input.ChangeSetName)}].`);
      }
      if (type === 'UPDATE') control.refuseUnlessUpdatable(known!);
      if (known && book.findChangeSet(input.ChangeSetName, known.id)) {
        throw new AwsError('AlreadyExistsException', `ChangeSet ${String(input.ChangeSetName)} already exists`);
      }
      // refused before a stack is left behind in REVIEW_IN_PROGRESS (W17)
      const revision = await submittedRevision(engine.world, input, known);
      const existing = known ?? book.find(input.StackName);
      const stack = existing ?? control.newStack(String(input.StackName));
      if (!existing) stack.setStatus('REVIEW_IN_PROGRESS', 'User Initiated');
      control.settle(stack, input);
      const changeSet = new ChangeSet(engine, String(input.ChangeSetName), type, stack, revision, input.Description || undefined);
      book.addChangeSet(changeSet);
      return { Id: changeSet.id, StackId: stack.id };
    },
    DescribeChangeSet: (input, context) => {
      const changeSet = book.getChangeSet(input.ChangeSetName, input.StackName);
      const { stack, revision } = changeSet;
      return {
        ChangeSetName: changeSet.name,
        ChangeSetId: changeSet.id,
        StackId: stack.id,
        StackName: stack.name,
        Description: changeSet.description,
        Parameters: describeParameters(revision),
        CreationTime: timeFor(context)(changeSet.created),
        ExecutionStatus: changeSet.executionStatus,
        Status: changeSet.status,
        StatusReason: changeSet.statusReason,
        NotificationARNs: stack.notificationArns,
        Capabilities: stack.capabilities,
        Tags: revision.tags,
        Changes: changeSet.describeChanges(),
        IncludeNestedStacks: false,
      };
    },
    ExecuteChangeSet: (input) => control.execute(book.getChangeSet(input.ChangeSetName, input.StackName), input),
    DeleteChangeSet: (input) => {
      const changeSet = book.findChangeSet(input.ChangeSetName, input.StackName);
      if (changeSet) book.forgetChangeSet(changeSet); // deleting a change set that does not exist succeeds (W9)
    },
    ListChangeSets: (input, context) => {
      const stack = book.get(input.StackName);
      return {
        Summaries: book.changeSetsOf(stack).map((changeSet) => ({
          StackId: stack.id,
          StackName: stack.name,
          ChangeSetId: changeSet.id,
          ChangeSetName: changeSet.name,
          CreationTime: timeFor(context)(changeSet.created),
          Status: changeSet.status,
          StatusReason: changeSet.statusReason,
          ExecutionStatus: changeSet.executionStatus,
        })),
      };
    },
  };
}
