import { AwsError } from '../aws-error';
import { DEPTH_LIMIT, isTooDeep } from '../json-document';
import { isCustomResource } from './resource-types';
import { dependenciesIn, refuseUnknownFunctions } from './references';
import { orderOf } from './dependency-graph';
import { withCheckedSections } from './template-format';
import { readTemplateText } from './template-text';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
export type RemovalPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';

/** E12, but for the rollback of the operation that made the resource. */
export const outlivesStack = (policy: RemovalPolicy): boolean => policy === 'Retain' || policy === 'RetainExceptOnCreate';

export interface ResourceDefinition {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly Metadata?: JsonObject;
  readonly DependsOn?: string | string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: RemovalPolicy;
  readonly UpdateReplacePolicy?: RemovalPolicy;
}

export interface ParameterDefinition {
  readonly Type: string;
  readonly Default?: string | number;
  readonly NoEcho?: boolean | string;
  readonly AllowedValues?: (string | number)[];
  readonly AllowedPattern?: string;
  readonly Description?: string;
}

export interface OutputDefinition {
  readonly Value: Json;
  readonly Description?: string;
  readonly Condition?: string;
  readonly Export?: { readonly Name: Json };
}

export interface Template {
  readonly Description?: string;
  readonly Parameters?: Record<string, ParameterDefinition>;
  readonly Mappings?: Record<string, Record<string, Record<string, Json>>>;
  readonly Conditions?: Record<string, Json>;
  readonly Resources: Record<string, ResourceDefinition>;
  readonly Outputs?: Record<string, OutputDefinition>;
}

export const emptyTemplate: Template = { Resources: {} };

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);

const RESOURCE_LIMIT = 500;
const TEMPLATE_LIMIT_BYTES = 1_000_000;

/** Reads a template and refuses, in one line, what could never be deployed (W17). */
export function parseTemplate(text: string): Template {
  if (Buffer.byteLength(text) > TEMPLATE_LIMIT_BYTES) throw validationError(`Template may not exceed ${TEMPLATE_LIMIT_BYTES} bytes in size.`);
  let template: unknown;
  try {
    template = readTemplateText(text); // its depth is checked below
  } catch (error) {
    throw validationError(`Template format error: ${(error as Error).message}`);
  }
  if (!isObject(template)) throw validationError('Template format error: unsupported structure.');
  if (isTooDeep(template)) throw validationError(`Template format error: the template is nested deeper than ${DEPTH_LIMIT} levels.`);
  if (!isObject(template.Resources) || Object.keys(template.Resources).length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  const count = Object.keys(template.Resources).length;
  if (count > RESOURCE_LIMIT) {
    throw validationError(`Template format error: Number of resources, ${count}, is greater than maximum allowed, ${RESOURCE_LIMIT}`);
  }
  if (template.Transform !== undefined) throw validationError('The sandbox does not process transforms (macros).');
  const parsed = withCheckedSections(template);
  for (const [logicalId, definition] of Object.entries(parsed.Resources)) checkType(logicalId, definition);
  checkReferences(parsed);
  orderOf(Object.keys(parsed.Resources), (logicalId) => definedDependencies(parsed, logicalId));
  return parsed;
}

/** The logical ids that a resource of the template waits for (E1), whether their conditions hold or not. */
export function definedDependencies(template: Template, logicalId: string): string[] {
  const definition = template.Resources[logicalId];
  if (!definition) return [];
  const found = new Set([definition.DependsOn ?? []].flat());
  for (const name of dependenciesIn(definition.Properties ?? {})) found.add(name);
  return [...found].filter((name) => name !== logicalId && Object.hasOwn(template.Resources, name));
}

function checkType(logicalId: string, { Type: type, Properties: properties }: ResourceDefinition): void {
  if (isCustomResource(type) && properties?.ServiceToken === undefined) {
    throw validationError(`Missing required property ServiceToken in resource ${logicalId}`);
  }
}

function checkReferences(template: Template): void {
  refuseUnknownFunctions(template.Resources as unknown as Json);
  refuseUnknownFunctions((template.Outputs ?? {}) as unknown as Json);
  for (const [logicalId, definition] of Object.entries(template.Resources)) {
    const names = [...dependenciesIn(definition.Properties ?? {}), ...[definition.DependsOn ?? []].flat()];
    refuseUnresolved(template, names, `Resources block of the template (resource ${logicalId})`);
    if (definition.Condition !== undefined && !Object.hasOwn(template.Conditions ?? {}, definition.Condition)) {
      throw validationError(`Template format error: Unresolved condition dependency ${definition.Condition} in the Resources block of the template`);
    }
  }
  for (const [name, output] of Object.entries(template.Outputs ?? {})) {
    refuseUnresolved(template, dependenciesIn(output as unknown as Json), `Outputs block of the template (output ${name})`);
  }
}

function refuseUnresolved(template: Template, names: Iterable<string>, where: string): void {
  const unresolved = [...new Set(names)]
    .filter((name) => !Object.hasOwn(template.Resources, name) && !Object.hasOwn(template.Parameters ?? {}, name));
  if (unresolved.length > 0) {
    throw validationError(`Template format error: Unresolved resource dependencies [${unresolved.join(', ')}] in the ${where}`);
  }
}
