import { createHash } from 'node:crypto';
import type { DaemonProperties, StackTagsTagKey } from '../../contract';

export const STACK_TAGS_KEY: StackTagsTagKey = 'cdk-ecs-managed-daemons:stack-tags';

type Tags = Readonly<Record<string, string>>;

/** What ECS allows, without AWS's own tags. */
export const MOST_TAGS = 50;
/** Those that name the owner, and the one that records the tags of the stack. */
const OWN_TAGS = 3;
/** The record of an adoption, and the owner before it. */
const ADOPTION_TAGS = 3;

/** So short that the digests of 50 keys fit the 256 characters of a tag's value, which the keys themselves may not. */
const DIGEST_CHARACTERS = 5;

/** What a rollout makes of the tags of its stack. */
interface StackTags {
  /** Those that reach the daemon, and the record of their keys, by which they leave it with the stack's. */
  readonly set: Tags;
  /** The keys of those that a daemon has no room for. */
  readonly left: readonly string[];
}

/**
 * The tags of the stack that its template does not know, such as those of `cdk deploy --tags`. CloudFormation puts them on native
 * resources only (R62). The daemon's own tags win.
 */
export function stackTagsFor({ Tags: own, ExcludedStackTags: excluded = [], AdoptExisting }: DaemonProperties, tags: Tags): StackTags {
  const room = MOST_TAGS - OWN_TAGS - own.length - (AdoptExisting ? ADOPTION_TAGS : 0);
  const keys = Object.keys(tags).sort()
    .filter((key) => !/^(aws|cdk-ecs-managed-daemons):/i.test(key) && !excluded.includes(key) && own.every((tag) => tag.key !== key));
  const fitting = keys.slice(0, Math.max(0, room));
  const set = Object.fromEntries(fitting.map((key) => [key, tags[key]!]));
  return { set: fitting.length > 0 ? { ...set, [STACK_TAGS_KEY]: fitting.map(digest).join('') } : {}, left: keys.slice(fitting.length) };
}

/** The keys of the tags that a daemon has from its stack by its record, and the record itself. */
export function recordedStackTags(actual: Tags): string[] {
  const record = actual[STACK_TAGS_KEY];
  if (record === undefined) return [];
  const digests: readonly string[] = record.match(new RegExp(`.{${DIGEST_CHARACTERS}}`, 'g')) ?? [];
  return [...Object.keys(actual).filter((key) => digests.includes(digest(key))), STACK_TAGS_KEY];
}

const digest = (key: string): string => createHash('sha256').update(key).digest('base64url').slice(0, DIGEST_CHARACTERS);
