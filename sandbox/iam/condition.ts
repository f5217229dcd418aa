import { matchesArnPattern, matchesPattern } from './pattern';

/** Condition operators, each with its keys and the values that it accepts for them. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The condition keys of a request, in lower case: IAM does not distinguish `aws:sourceArn` from `aws:SourceArn`. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

type Comparison = (actual: string, expected: string) => boolean;

type NumberComparison = (actual: number, expected: number) => boolean;

const numerically = (compare: NumberComparison): Comparison => (actual, expected) => compare(Number(actual), Number(expected));
const byDate = (compare: NumberComparison): Comparison => (actual, expected) => compare(epoch(actual), epoch(expected));
const epoch = (text: string): number => /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
const caseless: Comparison = (actual, expected) => actual.toLowerCase() === expected.toLowerCase();
const equal: Comparison = (actual, expected) => actual === expected;

interface ConditionOperator {
  readonly compare: Comparison;
  /** `Not…`: true when no value matches, and when the key is missing. */
  readonly negated?: boolean;
}

export const CONDITION_OPERATORS: Readonly<Record<string, ConditionOperator>> = {
  StringEquals: { compare: equal },
  StringNotEquals: { compare: equal, negated: true },
  StringEqualsIgnoreCase: { compare: caseless },
  StringNotEqualsIgnoreCase: { compare: caseless, negated: true },
  StringLike: { compare: matchesPattern },
  StringNotLike: { compare: matchesPattern, negated: true },
  ArnEquals: { compare: matchesArnPattern },
  ArnLike: { compare: matchesArnPattern },
  ArnNotEquals: { compare: matchesArnPattern, negated: true },
  ArnNotLike: { compare: matchesArnPattern, negated: true },
  Bool: { compare: caseless },
  NumericEquals: { compare: numerically((a, b) => a === b) },
  NumericNotEquals: { compare: numerically((a, b) => a === b), negated: true },
  NumericLessThan: { compare: numerically((a, b) => a < b) },
  NumericLessThanEquals: { compare: numerically((a, b) => a <= b) },
  NumericGreaterThan: { compare: numerically((a, b) => a > b) },
  NumericGreaterThanEquals: { compare: numerically((a, b) => a >= b) },
  DateEquals: { compare: byDate((a, b) => a === b) },
  DateNotEquals: { compare: byDate((a, b) => a === b), negated: true },
  DateLessThan: { compare: byDate((a, b) => a < b) },
  DateLessThanEquals: { compare: byDate((a, b) => a <= b) },
  DateGreaterThan: { compare: byDate((a, b) => a > b) },
  DateGreaterThanEquals: { compare: byDate((a, b) => a >= b) },
  Null: { compare: equal }, // compares the presence only
};

/** Whether a request meets every condition of a statement. */
export function meetsConditions(block: ConditionBlock, context: RequestContext): boolean {
  return Object.entries(block).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      meetsCondition(operator, values.map((value) => substituteVariables(value, context)), context.get(key.toLowerCase()))));
}

function meetsCondition(operator: string, expected: readonly string[], actual: readonly string[] | undefined): boolean {
  const [, quantifier, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (name === 'Null') return expected.some((value) => (value.toLowerCase() === 'true') === (actual === undefined || actual.length === 0));
  const { compare, negated = false } = CONDITION_OPERATORS[name]!;
  const accepts = (value: string): boolean => expected.some((candidate) => compare(value, candidate)) !== negated;
  if (actual === undefined || actual.length === 0) return Boolean(ifExists) || quantifier === 'ForAllValues' || (negated && quantifier === undefined);
  if (quantifier === 'ForAnyValue') return actual.some(accepts);
  if (quantifier === 'ForAllValues') return actual.every(accepts);
  return negated ? actual.every(accepts) : actual.some(accepts);
}

/** `${aws:PrincipalArn}` in a value or resource stands for the request's own value; an unknown variable matches nothing. */
export const substituteVariables = (text: string, context: RequestContext): string =>
  text.replace(/\$\{([^}]+)\}/g, (whole, key: string) => {
    if (['*', '?', '$'].includes(key)) return key;
    return context.get(key.toLowerCase())?.[0] ?? whole;
  });
