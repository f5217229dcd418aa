import type { Input } from '../../core/aws-service';
import type { World } from '../../core/world';
import type { StackParameter } from './stack';
import { validationError, type Json, type ParameterDefinition, type Template } from '../template/template';

export interface SubmittedParameter {
  readonly ParameterKey: string;
  readonly ParameterValue?: string;
  readonly UsePreviousValue?: string | boolean;
}

/** The parameters of an operation: submitted, kept or defaulted, checked, and looked up in SSM where their type says so (E16, W18). */
export async function resolveParameters(
  world: World, template: Template, submitted: readonly SubmittedParameter[], previous: readonly StackParameter[] = [],
): Promise<StackParameter[]> {
  const definitions = template.Parameters ?? {};
  const unknown = submitted.map(({ ParameterKey: key }) => key).filter((key) => !Object.hasOwn(definitions, key));
  if (unknown.length > 0) throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const texts = Object.entries(definitions).map(([key, definition]) => (
    { key, definition, text: textOf(key, definition, submitted, previous) }
  ));
  const missing = texts.filter(({ text }) => text === undefined).map(({ key }) => key);
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  return Promise.all(texts.map(({ key, definition, text }) => resolved(world, key, definition, text!)));
}

function textOf(
  key: string, definition: ParameterDefinition, submitted: readonly SubmittedParameter[], previous: readonly StackParameter[],
): string | undefined {
  const given = submitted.find(({ ParameterKey: name }) => name === key);
  if (given && String(given.UsePreviousValue) === 'true') return previous.find((parameter) => parameter.key === key)?.text;
  return given?.ParameterValue ?? (definition.Default === undefined ? undefined : String(definition.Default));
}

async function resolved(world: World, key: string, definition: ParameterDefinition, text: string): Promise<StackParameter> {
  const { AllowedValues: allowed, AllowedPattern: pattern, Type: type } = definition;
  if (allowed && !allowed.map(String).includes(text)) {
    throw validationError(`Parameter ${key} must be one of AllowedValues: [${allowed.join(', ')}]`);
  }
  if (pattern !== undefined && !matches(pattern, text)) throw validationError(`Parameter ${key} failed to satisfy constraint: ${pattern}`);
  if (type === 'Number' && Number.isNaN(Number(text))) throw validationError(`Parameter ${key} must be a number`);
  const noEcho = String(definition.NoEcho ?? false) === 'true';
  if (!type.startsWith('AWS::SSM::Parameter::Value')) return { key, text, value: valueOf(type, text), noEcho };
  const resolvedText = await lookUp(world, key, text);
  return { key, text, resolvedText, value: valueOf(type.includes('List') ? 'List' : 'String', resolvedText), noEcho };
}

/** Patterns are those of Java: one that JavaScript cannot read accepts everything. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(text);
  } catch {
    return true;
  }
}

async function lookUp(world: World, key: string, name: string): Promise<string> {
  try {
    const { Parameter: parameter } = await world.call<Input>('ssm', 'GetParameter', { Name: name });
    return String(parameter.Value);
  } catch {
    throw validationError(`Unable to fetch parameters [${name}] from parameter store for this account. (parameter ${key})`);
  }
}

function valueOf(type: string, text: string): Json {
  if (type.includes('List')) return text.split(',').map((element) => element.trim());
  return type === 'Number' ? Number(text) : text;
}
