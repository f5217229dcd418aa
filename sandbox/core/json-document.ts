/** Far beyond any document that people write, and shallow enough for every function that walks through one. */
export const DEPTH_LIMIT = 500;

/** Parses JSON from outside; throws a `SyntaxError` where it is not JSON or nested too deeply. */
export function parseJsonDocument(text: string): unknown {
  const document: unknown = JSON.parse(text);
  if (isTooDeep(document)) throw new SyntaxError(`It is nested deeper than ${DEPTH_LIMIT} levels.`);
  return document;
}

/** Whether a document is nested deeper than the limit. */
export function isTooDeep(document: unknown): boolean {
  let level = [document];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_LIMIT) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) as unknown[] : []));
  }
  return false;
}
