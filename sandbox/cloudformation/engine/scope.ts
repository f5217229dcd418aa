import { AwsError } from '../../core/aws-error';
import type { World } from '../../core/world';
import type { Scope } from '../template/intrinsics';
import { inertAttribute } from '../resource-providers/inert';
import { isCustomResource, isInert } from '../template/resource-types';
import { isStandIn } from '../resource-providers/stand-ins';
import type { Stack, StackResource, StackRevision } from './stack';
import type { Json } from '../template/template';

type KnownResource = Pick<StackResource, 'logicalId' | 'type' | 'physicalId' | 'attributes' | 'noEcho'>;

export interface ScopeOptions {
  readonly world: World;
  readonly stack: Stack;
  readonly revision: StackRevision;
  /** The live stacks, for values across stacks. */
  stacks(): readonly Stack[];
  resource(logicalId: string): KnownResource | undefined;
  /** Called with each export that is used. */
  imported?(exportName: string): void;
  /** Whether values that a custom resource calls secret are replaced by asterisks. */
  readonly masked?: boolean;
}

/** The sources of the values in a stack's template. */
export function scopeOf(options: ScopeOptions): Scope {
  const { world, stack, revision } = options;
  const of = (logicalId: string): KnownResource => {
    const resource = options.resource(logicalId);
    if (resource?.physicalId === undefined) throw refusal(`Template error: resource ${logicalId} has not been made`);
    return resource;
  };
  return {
    template: revision.template,
    parameters: new Map(revision.parameters.map((parameter) => [parameter.key, parameter.value])),
    pseudoParameters: new Map<string, Json>(Object.entries({
      'AWS::AccountId': world.accountId,
      'AWS::Region': world.region,
      'AWS::Partition': world.partition,
      'AWS::StackId': stack.id,
      'AWS::StackName': stack.name,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::NotificationARNs': [...stack.notificationArns],
    })),
    availabilityZones: ['a', 'b', 'c'].map((zone) => world.region + zone),
    ref: (logicalId) => of(logicalId).physicalId!,
    getAtt: (logicalId, attribute) => {
      const resource = of(logicalId);
      const value = attributeOf(resource.attributes, attribute)
        ?? (isInert(resource.type) || isStandIn(resource.attributes)
          ? inertAttribute(world, resource.type, resource.physicalId!, attribute) : undefined);
      if (value === undefined) throw missingAttribute(resource, attribute);
      return options.masked && resource.noEcho ? '****' : value;
    },
    importValue: (exportName) => {
      const output = exportsOf(options.stacks()).find(({ name }) => name === exportName);
      if (!output) throw refusal(`No export named ${exportName} found.`);
      options.imported?.(exportName);
      return output.value;
    },
    stackOutput: (stackName, outputName, region) => {
      const other = region === undefined || region === world.region
        ? options.stacks().find(({ name, id }) => name === stackName || id === stackName)
        : undefined;
      if (!other) throw refusal(`Fn::GetStackOutput: stack ${stackName} does not exist`);
      const output = other.outputs.find(({ key }) => key === outputName);
      if (!output) throw refusal(`Fn::GetStackOutput: stack ${stackName} has no output ${outputName}`);
      return output.value;
    },
  };
}

export interface Export {
  readonly stack: Stack;
  readonly name: string;
  readonly value: string;
}

export const exportsOf = (stacks: readonly Stack[]): Export[] => stacks.flatMap((stack) => stack.outputs.flatMap((output) => (
  output.exportName === undefined ? [] : [{ stack, name: output.exportName, value: output.value }]
)));

function attributeOf(attributes: StackResource['attributes'], name: string): Json | undefined {
  if (Object.hasOwn(attributes, name)) return attributes[name];
  let value: Json | undefined = attributes;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

function missingAttribute(resource: Pick<StackResource, 'logicalId' | 'type' | 'physicalId'>, attribute: string): AwsError {
  return isCustomResource(resource.type)
    ? refusal(`Vendor response doesn't contain ${attribute} attribute in object ${resource.physicalId}`)
    : refusal(`Template error: resource ${resource.logicalId} does not support attribute type ${attribute} in Fn::GetAtt`);
}

const refusal = (message: string): AwsError => new AwsError('ValidationError', message);
