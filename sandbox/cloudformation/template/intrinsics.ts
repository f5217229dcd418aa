import { AwsError } from '../../core/aws-error';
import { getAttParts } from './references';
import { isObject, type Json, type JsonObject, type Template } from './template';

/** Stands for a value that exists only after resources have been created, as in change sets on AWS. */
export const KNOWN_AFTER_APPLY = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** The sources of the values of names in a template. */
export interface Scope {
  readonly template: Template;
  readonly parameters: ReadonlyMap<string, Json>;
  readonly pseudoParameters: ReadonlyMap<string, Json>;
  readonly availabilityZones: readonly string[];
  ref(logicalId: string): Json;
  getAtt(logicalId: string, attribute: string): Json;
  importValue(exportName: string): Json;
  stackOutput(stackName: string, outputName: string, region?: string): Json;
}

const NO_VALUE = Symbol('AWS::NoValue');
type Resolved = Json | typeof NO_VALUE;

/** Replaces the intrinsic functions of a template by their values. */
export class Resolver {
  private readonly conditions = new Map<string, boolean>();

  constructor(private readonly scope: Scope) {}

  public value(template: Json): Json {
    const resolved = this.resolve(template);
    return resolved === NO_VALUE ? null : resolved;
  }

  public object(template: JsonObject | undefined): JsonObject {
    return this.value(template ?? {}) as JsonObject;
  }

  public condition(name: string): boolean {
    const known = this.conditions.get(name);
    if (known !== undefined) return known;
    const definition = this.scope.template.Conditions?.[name];
    if (definition === undefined) throw refusal(`Template error: unresolved condition ${name}`);
    const holds = this.holds(definition);
    this.conditions.set(name, holds);
    return holds;
  }

  private holds(expression: Json): boolean {
    if (isObject(expression)) {
      const [name, argument] = Object.entries(expression)[0] ?? [];
      const list = Array.isArray(argument) ? argument : [];
      switch (name) {
        case 'Condition': return this.condition(String(argument));
        case 'Fn::Equals': return sameText(this.value(list[0] ?? null), this.value(list[1] ?? null));
        case 'Fn::And': return list.every((element) => this.holds(element));
        case 'Fn::Or': return list.some((element) => this.holds(element));
        case 'Fn::Not': return !this.holds(list[0] ?? false);
      }
    }
    throw refusal('Template error: every Condition member must be built of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition');
  }

  private resolve(template: Json): Resolved {
    if (Array.isArray(template)) {
      return template.map((element) => this.resolve(element)).filter((element) => element !== NO_VALUE);
    }
    if (!isObject(template)) return template;
    const entries = Object.entries(template);
    if (entries.length === 1) {
      const [name, argument] = entries[0]!;
      if (name === 'Ref') return this.ref(String(argument));
      if (name.startsWith('Fn::')) return this.call(name, argument);
    }
    const resolved = entries.map(([name, element]) => [name, this.resolve(element)] as const);
    return Object.fromEntries(resolved.filter((entry): entry is [string, Json] => entry[1] !== NO_VALUE));
  }

  private ref(name: string): Resolved {
    if (name === 'AWS::NoValue') return NO_VALUE;
    const known = this.scope.pseudoParameters.get(name) ?? this.scope.parameters.get(name);
    if (known !== undefined) return known;
    if (name.startsWith('AWS::')) throw refusal(`Template error: the sandbox does not support the pseudo parameter ${name}`);
    return this.scope.ref(name);
  }

  private getAtt(argument: Json): Json {
    const { logicalId, attribute } = getAttParts(argument);
    return this.scope.getAtt(logicalId, text(this.value(attribute)));
  }

  private call(name: string, argument: Json): Resolved {
    switch (name) {
      case 'Fn::GetAtt': return this.getAtt(argument);
      case 'Fn::Join': {
        const [separator, elements] = this.list(name, argument, 2);
        return asList(name, elements).map(text).join(text(separator));
      }
      case 'Fn::Sub': return this.substitute(argument);
      case 'Fn::Select': {
        const [index, elements] = this.list(name, argument, 2);
        if (elements === KNOWN_AFTER_APPLY) return KNOWN_AFTER_APPLY;
        const list = asList(name, elements);
        const chosen = list[Number(index)];
        if (chosen !== undefined) return chosen;
        if (list.some((element) => text(element).includes(KNOWN_AFTER_APPLY))) return KNOWN_AFTER_APPLY;
        throw refusal(`Template error: Fn::Select cannot select nonexistent value at index ${text(index)}`);
      }
      case 'Fn::Split': {
        const [separator, source] = this.list(name, argument, 2);
        if (text(source).includes(KNOWN_AFTER_APPLY)) return [KNOWN_AFTER_APPLY]; // the mark itself may contain the separator
        return text(source).split(text(separator));
      }
      case 'Fn::If': {
        if (!Array.isArray(argument) || argument.length !== 3) throw refusal('Template error: every Fn::If object requires a list of 3 parameters');
        const [condition, whenTrue, whenFalse] = argument;
        return this.resolve((this.condition(String(condition)) ? whenTrue : whenFalse) ?? null);
      }
      case 'Fn::FindInMap': return this.findInMap(argument);
      case 'Fn::Base64': return Buffer.from(text(this.value(argument))).toString('base64');
      case 'Fn::GetAZs': return [...this.scope.availabilityZones];
      case 'Fn::ImportValue': return this.scope.importValue(text(this.value(argument)));
      case 'Fn::GetStackOutput': {
        const reference = this.value(argument);
        if (!isObject(reference)) throw refusal('Template error: every Fn::GetStackOutput object requires a StackName and an OutputName');
        const { StackName: stack, OutputName: output, Region: region } = reference;
        return this.scope.stackOutput(text(stack ?? ''), text(output ?? ''), region === undefined ? undefined : text(region));
      }
      case 'Fn::Equals': case 'Fn::And': case 'Fn::Or': case 'Fn::Not': return this.holds({ [name]: argument });
    }
    throw refusal(`Template error: the sandbox does not support the intrinsic function ${name}`);
  }

  private substitute(argument: Json): Json {
    const [template, variables] = Array.isArray(argument) ? argument : [argument];
    const own = isObject(variables) ? variables : {};
    return String(template).replaceAll(/\$\{(!?)([^}]*)\}/g, (_match, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      const key = name.trim();
      if (Object.hasOwn(own, key)) return text(this.value(own[key]!));
      if (key.startsWith('AWS::') || !key.includes('.')) {
        const value = this.ref(key);
        return value === NO_VALUE ? '' : text(value);
      }
      return text(this.getAtt(key));
    });
  }

  private findInMap(argument: Json): Json {
    const list = Array.isArray(argument) ? argument : [];
    const [map, first, second] = list.slice(0, 3).map((element) => text(this.value(element)));
    const found = this.scope.template.Mappings?.[map!]?.[first!]?.[second!];
    if (found !== undefined) return found;
    const options = list[3];
    if (isObject(options) && options.DefaultValue !== undefined) return this.value(options.DefaultValue);
    throw refusal(`Template error: Unable to get mapping for ${map}::${first}::${second}`);
  }

  private list(name: string, argument: Json, length: number): Json[] {
    const list = this.value(argument);
    if (Array.isArray(list) && list.length === length) return list;
    throw refusal(`Template error: every ${name} object requires a list of ${length} parameters`);
  }
}

const refusal = (message: string): AwsError => new AwsError('ValidationError', message);

function asList(name: string, value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value;
  if (value === KNOWN_AFTER_APPLY) return [KNOWN_AFTER_APPLY];
  throw refusal(`Template error: ${name} requires a list of values`);
}

const text = (value: Json | undefined): string => (isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value));

const sameText = (left: Json, right: Json): boolean => text(left) === text(right);
