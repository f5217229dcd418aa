import { meetsConditions, substituteVariables, type RequestContext } from './condition';
import { matchesPattern } from './pattern';
import type { Statement } from './policy-document';

/** One action on one resource, with the condition keys of the request. */
export interface AuthorizationRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** The request context of condition keys and their values. */
export function requestContext(...sources: Readonly<Record<string, string | readonly string[] | undefined>>[]): RequestContext {
  const context = new Map<string, readonly string[]>();
  for (const source of sources) {
    for (const [key, value] of Object.entries(source)) {
      if (value !== undefined) context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
    }
  }
  return context;
}

/** Whether a statement matches a request, whatever its effect. */
export function appliesTo(statement: Statement, { action, resource, context }: AuthorizationRequest): boolean {
  const { actions, notActions, resources, notResources, conditions } = statement;
  const isNamed = (patterns: readonly string[]): boolean => patterns.some((pattern) =>
    pattern === '*' || matchesPattern(resource, substituteVariables(pattern, context)));
  return (actions ? matchingAction(actions, action) !== undefined : matchingAction(notActions!, action) === undefined)
    && (resources ? isNamed(resources) : !isNamed(notResources ?? []))
    && meetsConditions(conditions, context);
}

/** The first of a statement's action patterns that an action matches; upper and lower case are the same. */
export const matchingAction = (patterns: readonly string[], action: string): string | undefined =>
  patterns.find((pattern) => matchesPattern(action.toLowerCase(), pattern.toLowerCase()));

/** Whether a policy attached to a resource allows a principal, such as `{ Service: 'events.amazonaws.com' }`, the request. */
export function resourcePolicyAllows(
  statements: readonly Statement[], principal: { readonly kind: string; readonly name: string }, request: AuthorizationRequest,
): boolean {
  const applying = statements.filter(({ principals = {}, ...statement }) => {
    const named = principals[principal.kind] ?? [];
    const meant = '*' in principals || named.some((name) => name === '*' || name === principal.name);
    return meant && appliesTo({ resources: ['*'], ...statement }, request);
  });
  return applying.some(({ effect }) => effect === 'Allow') && applying.every(({ effect }) => effect === 'Allow');
}
