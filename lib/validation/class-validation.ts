import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Finds out whether a value is an object, and no list. */
export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Finds out whether a value is an object with a member: JavaScript lets through what has another type. */
export function isObjectWith(member: PropertyKey, value: unknown): boolean {
  return typeof value === 'object' && value !== null && member in value;
}

/** Reports a value that is no object of the expected class, which would fail with a message of its own. */
export function checkClass(property: string, expected: string, member: string, value: unknown): string | undefined {
  return isObjectWith(member, value) ? undefined : `${property} must be ${expected}, got: ${shown(value)}`;
}

/** The same for a property that can be left out. */
export function checkOptionalClass(property: string, expected: string, member: string, value: unknown): string | undefined {
  return value === undefined ? undefined : checkClass(property, expected, member, value);
}

/** The same for each entry of a list that can be left out. */
export function checkOptionalList(property: string, expected: string, member: string, values: unknown): (string | undefined)[] {
  return values === undefined ? [] : checkList(property, expected, member, values);
}

/** The same for each entry of a list. */
export function checkList(property: string, expected: string, member: string, values: unknown): (string | undefined)[] {
  return Array.isArray(values)
    ? values.map((value) => checkClass(`each entry of ${property}`, expected, member, value))
    : [`${property} must be a list, got: ${shown(values)}`];
}

/** How messages show a value; a text where a number is expected must not look like one. */
export function shown(value: unknown): string {
  if (Construct.isConstruct(value)) {
    return `the construct ${JSON.stringify(value.node.path)}`;
  }
  if (typeof value === 'string' && !Token.isUnresolved(value)) {
    return `the string ${JSON.stringify(value)}`;
  }
  return typeof value === 'object' && value !== null ? 'an object of another kind' : String(value);
}
