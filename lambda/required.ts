/** What nobody knows since a reply of AWS lacks it: the call is made again (A38). */
export class IncompleteReply extends Error {
  constructor(missing: string) {
    super(`the reply of AWS does not contain ${missing}`);
  }
}

/** Returns a field of a reply, or throws if AWS has left it out. */
export function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new IncompleteReply(field);
  return value;
}
