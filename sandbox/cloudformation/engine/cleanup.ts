import { walk } from '../template/dependency-graph';
import type { ResourceExecutor } from './resource-executor';
import type { Leftover, Stack } from './stack';
import { outlivesStack } from '../template/template';

const CLEANUP_ATTEMPTS = 3;

/** Deletes the resources that the operation has left over, and drops those that cannot be deleted (E5). Returns a status reason. */
export async function cleanUp(stack: Stack, work: ResourceExecutor): Promise<string | undefined> {
  const leftovers = stack.leftovers;
  stack.leftovers = [];
  const failed: Leftover[] = [];
  await inReverse(leftovers, async (leftover) => {
    try {
      await work.delete(leftover, CLEANUP_ATTEMPTS);
    } catch {
      failed.push(leftover);
      stack.bury({ ...leftover.resource, status: 'DELETE_FAILED' });
    }
  });
  return failed.length === 0 ? undefined : `${failedToDelete(failed)} They are no longer part of the stack.`;
}

/** Deletes everything in reverse order (E6, E11). A resource stays if the deletion of one that depends on it failed. */
export async function deleteEverything(
  stack: Stack, work: ResourceExecutor, occasion: 'create rollback' | 'stack delete', retained: readonly string[] = [],
): Promise<Leftover[]> {
  const resources = [...stack.resources.values()].map((resource) => ({
    resource,
    // RetainExceptOnCreate retains, except in the rollback of the operation that created the resource (E12)
    retain: retained.includes(resource.logicalId) || (resource.status !== 'CREATE_FAILED'
      && (resource.deletionPolicy === 'Retain' || (occasion === 'stack delete' && outlivesStack(resource.deletionPolicy)))),
  }));
  const leftovers = stack.leftovers;
  stack.leftovers = [];
  const failed = await inReverse([...resources, ...leftovers], (leftover) => work.delete(leftover));
  stack.leftovers = failed.filter((leftover) => leftovers.includes(leftover));
  return failed;
}

/** A resource goes after all that depend on it (E1). */
function inReverse(leftovers: readonly Leftover[], visit: (leftover: Leftover) => Promise<void>): Promise<Leftover[]> {
  return walk({
    nodes: leftovers,
    before: ({ resource }) => leftovers.filter((other) => other.resource.dependencies.includes(resource.logicalId)),
    visit,
  });
}

export const failedToDelete = (failed: readonly Leftover[]): string | undefined => (
  failed.length === 0 ? undefined : `The following resource(s) failed to delete: [${failed.map(({ resource }) => resource.logicalId).join(', ')}].`
);
