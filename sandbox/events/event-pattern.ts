/** EventBridge's event patterns: a tree like the event, whose leaves are lists of accepted values and comparisons. */
export function matchesEventPattern(pattern: object, event: unknown): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or') return (expected as object[]).some((alternative) => matchesEventPattern(alternative, event));
    const actual = isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
    if (Array.isArray(expected)) return matchesLeaf(expected, actual);
    if (Array.isArray(actual)) return actual.some((item) => matchesEventPattern(expected as object, item));
    return matchesEventPattern(expected as object, actual);
  });
}

/** Returns the error in a pattern; undefined if EventBridge accepts it. */
export function faultOfEventPattern(pattern: object): string | undefined {
  for (const [key, expected] of Object.entries(pattern) as [string, unknown][]) {
    if (key === '$or') {
      const alternatives = Array.isArray(expected) ? expected as unknown[] : [];
      if (alternatives.length < 2 || !alternatives.every(isObject)) return '"$or" must be an array of at least two objects.';
      const fault = alternatives.map((alternative) => faultOfEventPattern(alternative)).find((found) => found !== undefined);
      if (fault) return fault;
    } else {
      const fault = Array.isArray(expected) ? faultOfLeaf(key, expected) : isObject(expected) ? faultOfEventPattern(expected)
        : `"${key}" must be an object or an array.`;
      if (fault) return fault;
    }
  }
  return undefined;
}

const COMPARISONS = new Set(['exists', 'prefix', 'suffix', 'equals-ignore-case', 'wildcard', 'anything-but', 'numeric']);

function faultOfLeaf(key: string, filters: readonly unknown[]): string | undefined {
  if (filters.length === 0) return `"${key}" must not be an empty array.`;
  for (const filter of filters) {
    if (!isObject(filter)) {
      if (Array.isArray(filter)) return `"${key}" must not hold arrays.`;
      continue;
    }
    const [[comparison, operand] = []] = Object.entries(filter);
    if (comparison === undefined || !COMPARISONS.has(comparison)) return `The sandbox does not support the match type ${comparison}.`;
    if (comparison === 'numeric' && !Array.isArray(operand)) return 'Value of numeric must be an array.';
    const inner = comparison === 'anything-but' && isObject(operand) ? Object.keys(operand)[0] : 'prefix';
    if (inner === undefined || !COMPARISONS.has(inner)) return `The sandbox does not support the match type ${inner}.`;
  }
  return undefined;
}

/** A list in the event matches if one of its items does; a missing field only by `exists: false`. */
function matchesLeaf(expected: readonly unknown[], actual: unknown): boolean {
  const values = Array.isArray(actual) ? actual : [actual];
  return expected.some((filter) => {
    if (isObject(filter) && 'exists' in filter) return (actual !== undefined) === filter.exists;
    return actual !== undefined && values.some((value) => matchesFilter(filter, value));
  });
}

function matchesFilter(filter: unknown, value: unknown): boolean {
  if (!isObject(filter)) return filter === value;
  const [[comparison, operand] = []] = Object.entries(filter);
  switch (comparison) {
    case 'prefix': return matchesText(operand, value, (text, part) => text.startsWith(part));
    case 'suffix': return matchesText(operand, value, (text, part) => text.endsWith(part));
    case 'equals-ignore-case': return typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase();
    case 'wildcard': return typeof value === 'string' && wildcard(String(operand)).test(value);
    case 'anything-but': return matchesAnythingBut(operand, value);
    case 'numeric': return typeof value === 'number' && matchesNumeric(operand as (string | number)[], value);
    default: return false; // refused with the rule
  }
}

function matchesText(operand: unknown, value: unknown, compare: (text: string, part: string) => boolean): boolean {
  if (typeof value !== 'string') return false;
  if (!isObject(operand)) return compare(value, String(operand));
  return compare(value.toLowerCase(), String(operand['equals-ignore-case']).toLowerCase());
}

function matchesAnythingBut(operand: unknown, value: unknown): boolean {
  if (!isObject(operand)) return ![operand].flat().includes(value);
  const [[comparison, parts] = []] = Object.entries(operand);
  return [parts].flat().every((part) => !matchesFilter({ [comparison!]: part }, value));
}

/** `['>', 0, '<=', 5]`: every pair of a relation and a number must hold. */
function matchesNumeric(operand: readonly (string | number)[], value: number): boolean {
  for (let index = 0; index < operand.length; index += 2) {
    const limit = Number(operand[index + 1]);
    const holds = { '=': value === limit, '<': value < limit, '<=': value <= limit, '>': value > limit, '>=': value >= limit }[operand[index]!];
    if (!holds) return false;
  }
  return true;
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replace(/\*/g, '.*')}$`, 's');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
