import {
  adoptionKeys, desiredTags, isOurs, LOGICAL_ID_KEY, RECORD_KEY, REPLACED_PREFIX, STACK_KEY, type TagChanges, type Tags,
} from './ownership';
import type { Rollout } from '../rollout';
import { MOST_TAGS, recordedStackTags, STACK_TAGS_KEY } from './stack-tags';

/** What ECS allows. */
const LONGEST_KEY = 128;

/** What the tags of an adopted daemon record of its adoption. */
export interface AdoptionRecord {
  /** The stack's own event that began the operation which adopted it. */
  readonly operation: string;
}

export function adoptionRecord(tags: Tags): AdoptionRecord | undefined {
  const operation = tags[RECORD_KEY];
  return operation === undefined ? undefined : { operation };
}

/**
 * The tags that take a daemon over: ours, the record of the adoption, and what ours replace, so that it can be released.
 *
 * They are one write, since a daemon that is ours and without the record would be deleted where it is to be released.
 */
export function adoptingTags(actual: Tags, operation: string, rollout: Rollout): Tags {
  // the former owner's record of its stack's tags would else be taken for ours
  const desired = { ...STACK_TAGS_KEY in actual && { [STACK_TAGS_KEY]: '' }, ...desiredTags(rollout) };
  const replaced = Object.keys(desired).filter((key) => Object.hasOwn(actual, key));
  return {
    ...desired,
    ...Object.fromEntries(replaced.map((key) => [REPLACED_PREFIX + key, actual[key]!])),
    [RECORD_KEY]: operation,
  };
}

/** Why the tags of a daemon leave no room for its adoption; undefined if they do. */
export function adoptionObstacle(actual: Tags, adopting: Tags): string | undefined {
  const count = Object.keys({ ...actual, ...adopting }).filter((key) => !key.startsWith('aws:')).length;
  if (count > MOST_TAGS) return `it would have ${count} tags, with those that keep what is replaced, and ECS allows ${MOST_TAGS}`;
  const long = Object.keys(adopting).find((key) => key.length > LONGEST_KEY);
  return long && `the key of its tag ${long.slice(REPLACED_PREFIX.length)} is too long to keep what is replaced`;
}

/** What an adoption of somebody else's has left among the tags, and ours has not replaced. */
export const outdatedKeys = (actual: Tags, adopting: Tags): string[] => adoptionKeys(actual).filter((key) => !Object.hasOwn(adopting, key));

/**
 * The writes that give a daemon back, in order, without those that were made already. Each may be made again.
 *
 * IAM lets us write only while the stack's id is in the owner tag, so that this goes last. If it goes to another stack, one tag
 * that kept it stays behind, which that stack's next change of tags removes.
 */
export function returningWrites(tags: Tags, rollout: Rollout): TagChanges[] {
  const { [STACK_KEY]: stackBefore, ...others } = replacedTags(tags);
  const last = stackBefore !== undefined && stackBefore !== rollout.stackId ? [{ set: { [STACK_KEY]: stackBefore }, remove: [] }] : [];
  if (!(RECORD_KEY in tags)) return last;
  const isAdded = (key: string): boolean => Object.hasOwn(tags, key) && !(REPLACED_PREFIX + key in tags);
  // they go first, by our record: the former owner's, which is put back with the other tags, names other keys
  const ofStack = tags[STACK_TAGS_KEY] === others[STACK_TAGS_KEY] ? [] : recordedStackTags(tags).filter(isAdded);
  const added = Object.keys(desiredTags(rollout)).filter(isAdded);
  const served = adoptionKeys(tags).filter((key) => last.length === 0 || key !== REPLACED_PREFIX + STACK_KEY);
  return [...ofStack.length > 0 ? [{ set: {}, remove: ofStack }] : [], { set: others, remove: [...added, ...served] }, ...last];
}

/** Whether a daemon was on its way back when that was cut off, so that it is not ours any more, or not recorded as adopted. */
export function isOnItsWayBack(tags: Tags, rollout: Rollout): boolean {
  if (tags[STACK_KEY] !== rollout.stackId) return false;
  const { [STACK_KEY]: stackBefore, [LOGICAL_ID_KEY]: logicalIdBefore } = replacedTags(tags);
  if (!(RECORD_KEY in tags)) return stackBefore !== undefined && stackBefore !== rollout.stackId;
  return !isOurs(tags, rollout) && tags[LOGICAL_ID_KEY] === logicalIdBefore;
}

/** What an adoption has replaced, the tags of the former owner among them. */
export function replacedTags(tags: Tags): Tags {
  const kept = Object.entries(tags).filter(([key]) => key.startsWith(REPLACED_PREFIX));
  return Object.fromEntries(kept.map(([key, value]) => [key.slice(REPLACED_PREFIX.length), value]));
}
