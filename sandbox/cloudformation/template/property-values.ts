import { isObject, type Json } from './template';

/** Whether two resolved values are the same, whatever the order of their keys (E2). */
export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((element, index) => sameValue(element, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => sameValue(left[name], right[name]));
}

/** Scalars become strings, at every depth (E18). */
export function stringified(value: Json): Json {
  if (Array.isArray(value)) return value.map(stringified);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, stringified(element)]));
  return value === null ? value : String(value);
}

/** An object without some of its properties. */
export const without = <T extends object, Name extends keyof T>(object: T, ...names: Name[]): Omit<T, Name> => (
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name as Name))) as Omit<T, Name>
);

/** The names of the properties that differ. */
export function changedNames(left: Record<string, Json>, right: Record<string, Json>): string[] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].filter((name) => !sameValue(left[name], right[name]));
}
