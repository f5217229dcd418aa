import { AwsError } from '../core/aws-error';
import { parseJsonDocument } from '../core/json-document';
import { CONDITION_OPERATORS, type ConditionBlock } from './condition';

/** A statement of a policy, every list written out. */
export interface Statement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  /** The principals by kind (`Service`, `AWS`, `*`), in trust policies and resource policies. */
  readonly principals?: Readonly<Record<string, readonly string[]>>;
  readonly conditions: ConditionBlock;
}

type Document = string | Record<string, unknown>;

/** Reads a policy document, given as text or as an object. */
export function parsePolicyDocument(document: Document): Statement[] {
  const { Statement: statements } = typeof document === 'string' ? parseJson(document) : document;
  if (statements === undefined) throw malformed('Missing required field Statement');
  return asList<unknown>(statements).map((statement) => parseStatement(objectIn(statement)));
}

/** Reads a policy of an identity. A statement must have resources and no principal. */
export function parseIdentityPolicy(document: Document): Statement[] {
  const statements = parsePolicyDocument(document);
  const ids = statements.flatMap(({ sid }) => sid ?? []);
  if (new Set(ids).size < ids.length) throw malformed('Statement IDs (SID) in a single policy must be unique.');
  statements.forEach(checkIdentityStatement);
  return statements;
}

function checkIdentityStatement({ sid = '', actions, notActions, resources, notResources, principals }: Statement): void {
  if (principals) throw malformed('Policy document should not specify a principal.');
  if (!/^[A-Za-z0-9]*$/.test(sid)) throw malformed('Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*');
  const named = resources ?? notResources ?? [];
  if (named.length === 0) throw malformed('Policy statement must contain resources.');
  const noArn = named.find((resource) => resource !== '*' && !/^arn:./.test(resource));
  if (noArn !== undefined) throw malformed(`Resource ${noArn} must be in ARN format or "*".`);
  const vendorless = (actions ?? notActions ?? []).some((action) => action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action));
  if (vendorless) throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
}

function parseStatement(statement: Record<string, unknown>): Statement {
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Principal, Condition = {} } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed('Syntax errors in policy: Effect must be Allow or Deny.');
  if (strings(Action ?? NotAction ?? []).length === 0) throw malformed('Policy statement must contain actions.');
  return {
    ...(Sid !== undefined && { sid: String(Sid) }),
    effect: Effect,
    ...(Action !== undefined && { actions: strings(Action) }),
    ...(NotAction !== undefined && { notActions: strings(NotAction) }),
    ...(Resource !== undefined && { resources: strings(Resource) }),
    ...(NotResource !== undefined && { notResources: strings(NotResource) }),
    ...(Principal !== undefined && { principals: parsePrincipal(Principal) }),
    conditions: parseConditions(objectIn(Condition)),
  };
}

function parsePrincipal(principal: unknown): Record<string, string[]> {
  if (typeof principal === 'string') return { [principal]: [principal] };
  return Object.fromEntries(Object.entries(objectIn(principal)).map(([kind, names]) => [kind, strings(names)]));
}

function parseConditions(block: Record<string, unknown>): ConditionBlock {
  return Object.fromEntries(Object.entries(block).map(([operator, keys]) => {
    const name = operator.replace(/^For(All|Any)Values?:/, '').replace(/IfExists$/, '');
    if (!Object.hasOwn(CONDITION_OPERATORS, name)) throw malformed(`Invalid Condition type : ${operator}.`);
    return [operator, Object.fromEntries(Object.entries(objectIn(keys)).map(([key, values]) => [key, strings(values)]))];
  }));
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return objectIn(parseJsonDocument(text));
  } catch {
    throw malformed('This policy contains invalid Json');
  }
}

function objectIn(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('Syntax errors in policy.');
  return value as Record<string, unknown>;
}

const strings = (value: unknown): string[] => asList(value).map(String);

const asList = <T>(value: T | readonly T[]): readonly T[] => Array.isArray(value) ? value as readonly T[] : [value as T];

const malformed = (message: string): AwsError => new AwsError('MalformedPolicyDocument', message);
