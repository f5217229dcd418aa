import type { OwnerLogicalIdTagKey, OwnerStackTagKey } from '../contract';
import type { Rollout } from './rollout';

const STACK_KEY: OwnerStackTagKey = 'cdk-ecs-managed-daemons:stack-id';
const LOGICAL_ID_KEY: OwnerLogicalIdTagKey = 'cdk-ecs-managed-daemons:logical-id';

type Tags = Readonly<Record<string, string>>;

/** The tags that a daemon of ours carries: those of the user and those that name its owner (design § 4). */
export const desiredTags = ({ desired, stackId, logicalId }: Rollout): Tags => ({
  ...Object.fromEntries(desired.Tags.map(({ key, value }) => [key, value])),
  [STACK_KEY]: stackId,
  [LOGICAL_ID_KEY]: logicalId,
});

export const isOurs = (tags: Tags, { stackId, logicalId }: Rollout): boolean =>
  tags[STACK_KEY] === stackId && tags[LOGICAL_ID_KEY] === logicalId;

/** Who owns a daemon that is not ours, as far as its tags tell. */
export function ownerOf(tags: Tags): string {
  const stack = tags[STACK_KEY];
  return stack ? `the resource ${tags[LOGICAL_ID_KEY] ?? '?'} of the stack ${stack.split('/')[1] ?? stack}` : 'nobody that its tags name';
}

export interface TagChanges {
  readonly set: Tags;
  readonly remove: readonly string[];
}

/** Removes only tags that the old properties had: those that others put on the daemon stay. */
export function tagChanges(actual: Tags, rollout: Rollout): TagChanges {
  const desired = desiredTags(rollout);
  const previous = rollout.previousDaemonArn ? [] : rollout.previous?.Tags ?? [];
  return {
    set: Object.fromEntries(Object.entries(desired).filter(([key, value]) => actual[key] !== value)),
    remove: previous.map(({ key }) => key).filter((key) => !(key in desired) && key in actual),
  };
}

export const differ = ({ set, remove }: TagChanges): boolean => Object.keys(set).length > 0 || remove.length > 0;
