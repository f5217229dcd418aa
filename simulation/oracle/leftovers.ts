import type { Adoptions } from './adoptions';
import type { Coverage } from '../world/coverage';
import type { ResourceRequest } from '../world/custom-resources';
import { arnOf, kindOf, LOGICAL_ID_KEY, STACK_KEY } from './requests';
import type { Stack } from '../world/stack';
import type { Truth } from './truth';

/** Checks that no daemon outlives its resource in a stack. */
export class Leftovers {
  /** Daemons of which a deletion has failed. */
  private readonly failedDeletions = new Set<string>();

  constructor(
    private readonly truth: Truth,
    private readonly coverage: Coverage,
    private readonly adoptions: Adoptions,
    private readonly violate: (sentence: string) => void,
  ) {}

  public deletionFailed(request: ResourceRequest): void {
    // a deletion gate runs after the daemon has left the stack
    const isGate = kindOf(request) === 'DeletionGate';
    this.failedDeletions.add(isGate ? String(request.event.ResourceProperties.DaemonArn) : arnOf(request.desired));
  }

  /** One request must delete the daemon that a failed change of name has left; if that is interrupted, no later request has its name. */
  public givenUp({ previous, desired, isRollback }: ResourceRequest): void {
    if (isRollback && previous && arnOf(previous) !== arnOf(desired)) this.failedDeletions.add(arnOf(previous));
  }

  /** Daemons that carry our tags and that no stack has. */
  public check(stacks: readonly Stack[]): void {
    for (const { arn, tags, isActive } of this.truth.daemons()) {
      const stack = stacks.find(({ ids }) => ids.includes(tags[STACK_KEY] ?? ''));
      if (!stack || !isActive) continue;
      const resource = stack.id === tags[STACK_KEY] ? stack.daemons.find(({ logicalId }) => logicalId === tags[LOGICAL_ID_KEY]) : undefined;
      if (resource && arnOf(resource.properties) === arn) continue;
      if (this.adoptions.hasLetGo(arn, tags[STACK_KEY], tags[LOGICAL_ID_KEY])) {
        this.coverage.reached('exception', 'an adoption is rolled back after the deletion of its former owner');
      } else if (this.failedDeletions.has(arn)) this.coverage.reached('exception', 'a deletion fails or is interrupted, and CloudFormation abandons the daemon (E5)');
      else this.violate(`${arn} belongs to no resource of ${stack.name}, which is ${stack.status}`);
    }
  }
}
