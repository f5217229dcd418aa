/** Differences of JSON values, as in RFC 7386: objects are merged, null removes, and everything else is replaced. */
export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

type JsonObject = { [key: string]: Json };

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The patch that makes `before` into `after`; undefined if they are equal. */
export function patchOf(before: Json, after: Json): Json {
  if (!isObject(before) || !isObject(after)) return before === after ? undefined : after;
  const patch: JsonObject = {};
  for (const key of Object.keys(before)) if (after[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const difference = Object.hasOwn(before, key) ? patchOf(before[key], value) : value;
    if (difference !== undefined) patch[key] = difference;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** Applies a patch to an object in place. */
export function merge(target: JsonObject, patch: JsonObject): void {
  for (const [key, value] of Object.entries(patch)) {
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (value === null) Reflect.deleteProperty(target, key);
    else if (isObject(value) && isObject(present)) merge(present, value);
    else target[key] = value;
  }
}
