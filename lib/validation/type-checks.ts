import { Token } from 'aws-cdk-lib';
import { checkOptionalClass, isObject, shown } from './class-validation';

export type Problems = (string | undefined)[];

/** Lists what is wrong with the type of a value. Accepts values that are left out or known only at deployment. */
export type TypeCheck = (name: string, value: unknown) => Problems;

/** One check for each property of an interface: the compiler finds a property without one. */
type PropertyTypes<Properties> = { readonly [Property in keyof Required<Properties>]: TypeCheck };

export const typeCheck = (expected: string, matches: (value: unknown) => boolean): TypeCheck => (name, value) =>
  [value === undefined || Token.isUnresolved(value) || matches(value) ? undefined : `${name} must be ${expected}, got: ${shown(value)}`];

/** For a property with a rule of its own that accepts any value and reports its type. */
export const checkedByItsRule: TypeCheck = () => [];

export const required = (check: TypeCheck): TypeCheck => (name, value) =>
  value === undefined ? [`${name} must be given, got: undefined`] : check(name, value);

export const text = typeCheck('a string', (value) => typeof value === 'string');
export const flag = typeCheck('true or false', (value) => typeof value === 'boolean');
const anObject = typeCheck('an object', isObject);
export const oneOf = (values: object): TypeCheck => {
  const names = Object.values(values) as unknown[];
  return typeCheck(`one of ${names.map((name) => JSON.stringify(name)).join(', ')}`, (value) => names.includes(value));
};
export const instance = (expected: string, member: string): TypeCheck => (name, value) =>
  [checkOptionalClass(name, expected, member, value)];

export function listOf(entry: TypeCheck): TypeCheck {
  const aList = typeCheck('a list', Array.isArray);
  return (name, value) => Array.isArray(value) && !Token.isUnresolved(value)
    ? value.flatMap((element: unknown, index) => required(entry)(`${name}[${index}]`, element)) : aList(name, value);
}

export const mapOf = (entry: TypeCheck): TypeCheck => (name, value) =>
  onlyIfObject(name, value, (object) => Object.entries(object).flatMap(([key, element]) => required(entry)(`${name}.${key}`, element)));

export const struct = <Properties>(types: PropertyTypes<Properties>): TypeCheck => (name, value) =>
  onlyIfObject(name, value, (object) => checkProperties(types, object, `${name}.`));

function onlyIfObject(name: string, value: unknown, check: (object: Record<string, unknown>) => Problems): Problems {
  return isObject(value) && !Token.isUnresolved(value) ? check(value) : anObject(name, value);
}

const checkProperties = <Properties>(
  types: PropertyTypes<Properties>, given: Record<string, unknown>, prefix = '',
): Problems => Object.entries<TypeCheck>(types).flatMap(([property, check]) => check(`${prefix}${property}`, given[property]));

/** The same for an argument as a whole, which may itself be no object. */
export const argument = <Properties>(name: string, types: PropertyTypes<Properties>) => (given: unknown): Problems =>
  isObject(given) ? checkProperties(types, given) : [`${name} must be an object, got: ${shown(given)}`];
