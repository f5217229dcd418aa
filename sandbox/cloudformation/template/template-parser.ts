import { DEPTH_LIMIT, isTooDeep } from '../../core/json-document';
import { orderOf } from './dependency-graph';
import { definedDependencies, dependenciesIn, refuseUnknownFunctions } from './references';
import { isCustomResource } from './resource-types';
import { isObject, validationError, type Json, type ResourceDefinition, type Template } from './template';
import { withCheckedSections } from './template-format';
import { readTemplateText } from './template-text';

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
