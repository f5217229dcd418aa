import resourceTypes from './resource-types.json';

interface ResourceType {
  readonly replacing: readonly string[];
  readonly tagProperty?: string;
}

const types: Readonly<Record<string, ResourceType>> = resourceTypes;

export const isCustomResource = (type: string): boolean => type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';

/** The properties whose change replaces a resource (E3), from the service specification. */
export const replacingProperties = (type: string): ReadonlySet<string> => new Set(types[type]?.replacing);

/** The property that takes tags, and with them those of the stack. */
export const tagPropertyOf = (type: string): string | undefined => types[type]?.tagProperty;

/** Whether a type is accepted without anything behind it. */
export const isInert = (type: string): boolean => !isCustomResource(type) && !(type in types);
