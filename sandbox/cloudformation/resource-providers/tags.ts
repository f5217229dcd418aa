import { isObject, type Json } from '../template/template';

interface Tag {
  readonly key: string;
  readonly value: string;
}

function tagList(tags: Json | undefined): Tag[] {
  if (isObject(tags)) return Object.entries(tags).map(([key, value]) => ({ key, value: String(value) }));
  if (!Array.isArray(tags)) return [];
  return tags.filter(isObject).map(({ Key: key, Value: value }) => ({ key: String(key), value: String(value ?? '') }));
}

/** As Lambda and CloudWatch Logs take them. */
export const tagMap = (tags: Json | undefined): Record<string, string> => (
  Object.fromEntries(tagList(tags).map(({ key, value }) => [key, value]))
);

/** As IAM, CloudWatch and EventBridge take them. */
export const tagPairs = (tags: Json | undefined): { Key: string; Value: string }[] => (
  tagList(tags).map(({ key, value }) => ({ Key: key, Value: value }))
);

export interface TagChanges {
  readonly set: readonly Tag[];
  readonly removed: readonly string[];
}

/** The changes between two sets of tags. */
export function tagChanges(before: Json | undefined, after: Json | undefined): TagChanges {
  const old = tagMap(before);
  const desired = tagMap(after);
  return {
    set: tagList(after).filter(({ key, value }) => old[key] !== value),
    removed: Object.keys(old).filter((key) => !Object.hasOwn(desired, key)),
  };
}
