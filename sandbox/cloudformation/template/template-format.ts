import { circleIn } from './dependency-graph';
import { conditionsIn, dependenciesIn } from './references';
import { isObject, validationError, type Json, type JsonObject, type Template } from './template';

const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Resources', 'Outputs'] as const;

/**
 * Checks the form of a template's sections. Returns a copy whose sections have no prototype: `constructor` and `toString` are names that
 * a template may give to a resource, and may not refer to otherwise.
 */
export function withCheckedSections(template: JsonObject): Template {
  const checked: JsonObject = { ...template };
  for (const name of SECTIONS) {
    const section = template[name];
    if (section === undefined) continue;
    checked[name] = checkedSection(name, section);
  }
  const parsed = checked as unknown as Template;
  checkMembers(parsed);
  checkConditions(parsed);
  return parsed;
}

function checkedSection(section: string, members: Json): JsonObject {
  const named = ownNames(members, `/${section}`);
  for (const [name, member] of Object.entries(named)) {
    if (!/^[A-Za-z0-9]+$/.test(name) && section !== 'Mappings') throw formatError(`${NOUNS[section]} name ${name} is non alphanumeric.`);
    if (!isObject(member)) throw formatError(`[/${section}/${name}] Every ${section} member must be a JSON object.`);
    if (section === 'Mappings') named[name] = checkedMapping(name, member);
  }
  return named;
}

const NOUNS: Readonly<Record<string, string>> = { Parameters: 'Parameter', Conditions: 'Condition', Resources: 'Resource', Outputs: 'Output' };

const checkedMapping = (name: string, mapping: JsonObject): JsonObject => ownNames(
  Object.fromEntries(Object.entries(mapping).map(([key, values]) => [key, ownNames(values, `/Mappings/${name}/${key}`)])), `/Mappings/${name}`,
);

function ownNames(members: Json, path: string): JsonObject {
  if (!isObject(members)) throw formatError(`[${path}] It must be a JSON object.`);
  return Object.assign(Object.create(null) as JsonObject, members);
}

function checkMembers({ Parameters: parameters = {}, Resources: resources, Outputs: outputs = {} }: Template): void {
  for (const [name, { Type: type, AllowedPattern, AllowedValues: allowed = [], Description }] of Object.entries(parameters)) {
    if (typeof type !== 'string') throw formatError(`[/Parameters/${name}] Every Parameters object must contain a Type member.`);
    checkTexts(`/Parameters/${name}`, { AllowedPattern, Description });
    if (!Array.isArray(allowed)) throw formatError(`[/Parameters/${name}/AllowedValues] Every AllowedValues member must be a list.`);
  }
  for (const [name, output] of Object.entries(outputs)) {
    if (output.Value === undefined) throw formatError(`[/Outputs/${name}] Every Outputs member must contain a Value object.`);
    checkTexts(`/Outputs/${name}`, { Condition: output.Condition, Description: output.Description });
    if (output.Export !== undefined && (!isObject(output.Export) || output.Export.Name === undefined)) {
      throw formatError(`[/Outputs/${name}/Export] Every Export must be a JSON object with a Name.`);
    }
  }
  for (const [name, resource] of Object.entries(resources ?? {})) {
    const path = `/Resources/${name}`;
    const { Type: type, Properties: properties, Metadata: metadata, DependsOn: dependsOn } = resource;
    if (typeof type !== 'string') throw formatError(`[${path}] Every Resources object must contain a Type member.`);
    if (!/^(Custom::.+|\w+(::\w+){2,3})$/.test(type)) throw formatError(`Unrecognized resource types: [${type}]`);
    if (properties !== undefined && !isObject(properties)) throw formatError(`[${path}/Properties] Any Properties member must be a JSON object.`);
    if (metadata !== undefined && !isObject(metadata)) throw formatError(`[${path}/Metadata] It must be a JSON object.`);
    if ([dependsOn ?? []].flat().some((id) => typeof id !== 'string')) throw formatError(`[${path}/DependsOn] Every DependsOn value must be a string.`);
    const { Condition, DeletionPolicy, UpdateReplacePolicy } = resource;
    checkTexts(path, { Condition, DeletionPolicy, UpdateReplacePolicy });
  }
}

function checkTexts(path: string, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && typeof value !== 'string') throw formatError(`[${path}/${name}] Every ${name} member must be a string.`);
  }
}

function checkConditions({ Conditions: conditions = {}, Parameters: parameters = {} }: Template): void {
  const names = Object.keys(conditions);
  for (const name of names) {
    const unresolved = [...dependenciesIn(conditions[name]!)].filter((reference) => !Object.hasOwn(parameters, reference));
    if (unresolved.length > 0) {
      throw formatError(`Unresolved dependencies [${unresolved.join(', ')}]. Cannot reference resources in the Conditions block of the template`);
    }
    const missing = [...conditionsIn(conditions[name]!)].find((other) => !Object.hasOwn(conditions, other));
    if (missing !== undefined) throw formatError(`Unresolved condition dependency ${missing} in the Conditions block of the template`);
  }
  const circle = circleIn(names, (name) => [...conditionsIn(conditions[name]!)]);
  if (circle) throw validationError(`Template error: Found circular condition dependency between ${circle.join(' and ')}`);
}

const formatError = (message: string): Error => validationError(`Template format error: ${message}`);
