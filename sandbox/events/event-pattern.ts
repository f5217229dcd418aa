/** EventBridge's event patterns: a tree like the event, whose leaves are lists of accepted values and comparisons. */
export function matchesEventPattern(pattern: object, event: unknown): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or') return (expected as object[]).some((alternative) => matchesEventPattern(alternative, event));
    const actual = isObject(event) ? event[key] : undefined;
    if (Array.isArray(expected)) return matchesLeaf(expected, actual);
    if (Array.isArray(actual)) return actual.some((item) => matchesEventPattern(expected as object, item));
    return matchesEventPattern(expected as object, actual);
  });
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
    default: throw new TypeError(`the sandbox does not know the comparison ${comparison} of an event pattern`);
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
