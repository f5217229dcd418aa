import { AwsError } from '../../core/aws-error';
import type { Json, Template } from './template';

/** The intrinsic functions that the sandbox resolves; every other one is rejected by name. */
export const KNOWN_FUNCTIONS = new Set([
  'Fn::GetAtt', 'Fn::Join', 'Fn::Sub', 'Fn::Select', 'Fn::Split', 'Fn::If', 'Fn::FindInMap', 'Fn::Equals', 'Fn::And', 'Fn::Or', 'Fn::Not',
  'Fn::Base64', 'Fn::GetAZs', 'Fn::ImportValue', 'Fn::GetStackOutput',
]);

/** The resources and parameters (not pseudo parameters) that a value refers to by Ref, GetAtt and Sub (E1). */
export function dependenciesIn(value: Json): Set<string> {
  const names = new Set<string>();
  collect(value, names);
  return names;
}

function collect(value: Json, names: Set<string>): void {
  if (Array.isArray(value)) {
    for (const element of value) collect(element, names);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const keys = Object.keys(value);
  if (keys.length === 1) {
    const argument = value[keys[0]!]!;
    if (keys[0] === 'Ref' && typeof argument === 'string') {
      if (!argument.startsWith('AWS::')) names.add(argument);
      return;
    }
    if (keys[0] === 'Fn::GetAtt') {
      names.add(getAttParts(argument).logicalId);
      return;
    }
    if (keys[0] === 'Fn::Sub') {
      const [text, variables] = Array.isArray(argument) ? argument : [argument];
      for (const name of subNames(String(text))) {
        const root = name.split('.')[0]!;
        const own = typeof variables === 'object' && variables !== null && Object.hasOwn(variables, name);
        if (!own && !root.startsWith('AWS::')) names.add(root);
      }
      if (variables !== undefined) collect(variables, names);
      return;
    }
  }
  for (const element of Object.values(value)) collect(element, names);
}

/** The logical ids that a resource of the template waits for (E1), whether their conditions hold or not. */
export function definedDependencies(template: Template, logicalId: string): string[] {
  const definition = template.Resources[logicalId];
  if (!definition) return [];
  const found = new Set([definition.DependsOn ?? []].flat());
  for (const name of dependenciesIn(definition.Properties ?? {})) found.add(name);
  return [...found].filter((name) => name !== logicalId && Object.hasOwn(template.Resources, name));
}

/** The conditions that a condition is built of. */
export function conditionsIn(value: Json): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((element) => [...conditionsIn(element)]));
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(Object.entries(value).flatMap(([key, element]) => (key === 'Condition' ? [String(element)] : [...conditionsIn(element)])));
}

export function getAttParts(argument: Json): { logicalId: string; attribute: Json } {
  if (typeof argument === 'string') {
    const [logicalId, ...rest] = argument.split('.');
    return { logicalId: logicalId!, attribute: rest.join('.') };
  }
  if (Array.isArray(argument) && argument.length === 2 && typeof argument[0] === 'string') {
    return { logicalId: argument[0], attribute: argument[1]! };
  }
  throw new AwsError('ValidationError', 'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute');
}

/** The names between `${` and `}`, without literals (`${!name}`). */
export const subNames = (text: string): string[] =>
  [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map((match) => match[1]!.trim());

export function refuseUnknownFunctions(value: Json): void {
  if (Array.isArray(value)) {
    value.forEach(refuseUnknownFunctions);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, element] of Object.entries(value)) {
    if (key.startsWith('Fn::') && !KNOWN_FUNCTIONS.has(key)) {
      throw new AwsError('ValidationError', `Template error: the sandbox does not support the intrinsic function ${key}`);
    }
    refuseUnknownFunctions(element);
  }
}
