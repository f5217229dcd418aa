import type { AdoptionTagKey, OwnerLogicalIdTagKey, OwnerStackTagKey, ReplacedTagPrefix } from '../../contract';
import type { Rollout } from '../rollout';
import { recordedStackTags, stackTagsFor } from './stack-tags';

export const STACK_KEY: OwnerStackTagKey = 'cdk-ecs-managed-daemons:stack-id';
export const LOGICAL_ID_KEY: OwnerLogicalIdTagKey = 'cdk-ecs-managed-daemons:logical-id';
export const RECORD_KEY: AdoptionTagKey = 'cdk-ecs-managed-daemons:adoption';
export const REPLACED_PREFIX: ReplacedTagPrefix = 'cdk-ecs-managed-daemons:was:';

export type Tags = Readonly<Record<string, string>>;

/** The tags that a daemon of ours carries: those of the stack, those of the user and those that name its owner. */
export const desiredTags = ({ desired, stackId, logicalId, stackTags = {} }: Rollout): Tags => ({
  ...stackTagsFor(desired, stackTags).set,
  ...Object.fromEntries(desired.Tags.map(({ key, value }) => [key, value])),
  [STACK_KEY]: stackId,
  [LOGICAL_ID_KEY]: logicalId,
});

export const isOurs = (tags: Tags, { stackId, logicalId }: Rollout): boolean =>
  tags[STACK_KEY] === stackId && tags[LOGICAL_ID_KEY] === logicalId;

/** Whether its tags name an owner of the daemon, be it us or somebody else. */
export const hasOwner = (tags: Tags): boolean => STACK_KEY in tags;

/** Who owns a daemon that is not ours, as far as its tags tell. */
export function ownerOf(tags: Tags): string {
  const stack = tags[STACK_KEY];
  return stack ? `the resource ${tags[LOGICAL_ID_KEY] ?? '?'} of the stack ${stack.split('/')[1] ?? stack}` : 'nobody that its tags name';
}

export interface TagChanges {
  readonly set: Tags;
  readonly remove: readonly string[];
}

/**
 * Removes only tags that the old properties had, that were the stack's, and our own that have served: those that others put on the daemon
 * stay. While the tags of the stack cannot be read, those that the daemon has from it stay too.
 *
 * What the request changes of the template's tags is written whatever was read, unless it was written before: the read may be older than
 * the write of the request before, such as that of an update which is rolled back (A28).
 *
 * What an adoption has kept serves nobody without its record: a stack that got its daemon back finds one such tag.
 */
export function tagChanges(actual: Tags, rollout: Rollout, isWritten = false): TagChanges {
  const desired = desiredTags(rollout);
  const previous = rollout.previousDaemonArn ? undefined : rollout.previous?.Tags;
  const valueIn = (tags: typeof previous, wanted: string): string | undefined => tags?.find(({ key }) => key === wanted)?.value;
  const mustWrite = (key: string): boolean =>
    !isWritten && previous !== undefined && valueIn(previous, key) !== valueIn(rollout.desired.Tags, key);
  // what an adoption has found is kept for its rollback
  const isAdopting = RECORD_KEY in actual && !rollout.adoptionCompleted;
  const ofStack = rollout.stackTags && !isAdopting ? recordedStackTags(actual) : [];
  const outdated = new Set([...(previous ?? []).map(({ key }) => key), ...ofStack]);
  return {
    set: Object.fromEntries(Object.entries(desired).filter(([key, value]) => actual[key] !== value || mustWrite(key))),
    remove: [
      ...[...outdated].filter((key) => !Object.hasOwn(desired, key) && (Object.hasOwn(actual, key) || mustWrite(key))),
      ...isAdopting ? [] : adoptionKeys(actual),
    ],
  };
}

/** Everything that was written down for a rollback of an adoption. */
export const adoptionKeys = (tags: Tags): string[] =>
  Object.keys(tags).filter((key) => key === RECORD_KEY || key.startsWith(REPLACED_PREFIX));

export const differ = ({ set, remove }: TagChanges): boolean => Object.keys(set).length > 0 || remove.length > 0;
