import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { identity } from './token-identity';

/**
 * Sorts entries whose order has no meaning to ECS, so that an app which names them in another order renders the same bytes.
 *
 * ECS takes any difference for a new revision, and drains every instance for it (R64). A key that is known only at deployment counts by
 * what it refers to.
 */
export function inCanonicalOrder<T>(scope: IConstruct, entries: T[], keyOf: (entry: T) => string): T[] {
  if (entries.length < 2 || Token.isUnresolved(entries)) {
    return entries;
  }
  return entries
    .map((entry): [string, T] => [keyOf(entry), entry])
    .map(([key, entry]): [string, T] => [Token.isUnresolved(key) ? identity(scope, key) : key, entry])
    .sort(([one], [other]) => one < other ? -1 : Number(one > other))
    .map(([, entry]) => entry);
}

/** The same for a map. */
export function withCanonicalKeys<T>(scope: IConstruct, map: { [key: string]: T }): { [key: string]: T } {
  return Token.isUnresolved(map) ? map : Object.fromEntries(inCanonicalOrder(scope, Object.entries(map), ([key]) => key));
}

/** Leaves out what ECS takes for granted: a stated default would otherwise be another revision than an absent one (R64). */
export function unlessDefault<T>(value: T | undefined, defaultValue: T): T | undefined {
  return value === defaultValue ? undefined : value;
}
