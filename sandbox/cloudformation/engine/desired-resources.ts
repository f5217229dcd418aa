import { definedDependencies } from '../template/references';
import type { Json, JsonObject, RemovalPolicy, ResourceDefinition, Template } from '../template/template';
import type { Resolver } from '../template/intrinsics';
import type { DesiredResource } from './resource-executor';
import { tagPropertyOf } from '../template/resource-types';
import type { StackRevision, Tag } from './stack';

/** Returns the logical ids of the resources whose condition is true. */
export function presentResources(template: Template, resolver: Resolver): string[] {
  return Object.entries(template.Resources)
    .filter(([, definition]) => definition.Condition === undefined || resolver.condition(definition.Condition))
    .map(([logicalId]) => logicalId);
}

/** A resource of a template with everything resolved that can be. */
export function desiredResource(revision: StackRevision, logicalId: string, resolver: Resolver): DesiredResource {
  const definition = revision.template.Resources[logicalId]!;
  return {
    logicalId,
    type: definition.Type,
    properties: withStackTags(definition, resolver.object(definition.Properties), revision.tags),
    metadata: definition.Metadata && resolver.object(definition.Metadata),
    dependencies: definedDependencies(revision.template, logicalId),
    deletionPolicy: policy(definition.DeletionPolicy),
    updateReplacePolicy: policy(definition.UpdateReplacePolicy),
  };
}

const policy = (value: RemovalPolicy | undefined): RemovalPolicy => value ?? 'Delete';

/** The tags of the stack reach every resource that takes tags; its own win. */
function withStackTags(definition: ResourceDefinition, properties: JsonObject, tags: readonly Tag[]): JsonObject {
  const name = tagPropertyOf(definition.Type);
  if (name === undefined || tags.length === 0) return properties;
  const own = (properties[name] ?? []) as Json[];
  const keys = new Set(own.map((tag) => (tag as JsonObject).Key));
  return { ...properties, [name]: [...own, ...tags.filter(({ Key }) => !keys.has(Key)).map(({ Key, Value }) => ({ Key, Value }))] };
}
