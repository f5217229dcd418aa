import { arnOf } from '../../core/world';
import { asText, type ProviderContext, type ProvidedResource, type ResourceProvider } from './resource-provider';
import { isObject, type Json, type JsonObject } from '../template/template';
import { ignoring } from './ignore-errors';
import { tagChanges, tagPairs } from './tags';

const targetIds = (targets: Json | undefined): string[] => (
  Array.isArray(targets) ? targets.filter(isObject).map(({ Id: id }) => asText(id)) : []
);

async function put(properties: JsonObject, name: string, context: ProviderContext, before: JsonObject = {}): Promise<ProvidedResource> {
  const { Targets: targets, Tags: tags, EventPattern: pattern, ...rest } = properties;
  const { RuleArn: arn } = await context.call('events', 'PutRule', {
    ...rest,
    Name: name,
    EventPattern: pattern === undefined ? undefined : JSON.stringify(pattern),
    Tags: tagPairs(tags),
  });
  context.initiated(name);
  const bus = { Rule: name, EventBusName: properties.EventBusName };
  const obsolete = targetIds(before.Targets).filter((id) => !targetIds(targets).includes(id));
  if (obsolete.length > 0) await context.call('events', 'RemoveTargets', { ...bus, Ids: obsolete });
  if (targetIds(targets).length > 0) await context.call('events', 'PutTargets', { ...bus, Targets: targets });
  return { physicalId: name, attributes: { Arn: arn, RuleName: name } };
}

/** The sandbox emits nothing on a bus of the user's: a rule there is inert. */
const isOfAnotherBus = ({ EventBusName: bus = 'default' }: JsonObject): boolean => asText(bus).split('/').at(-1) !== 'default';

const inertRule = (name: string, { world }: ProviderContext, { EventBusName: bus }: JsonObject): ProvidedResource => (
  { physicalId: name, attributes: { Arn: arnOf(world, 'events', `rule/${asText(bus).split('/').at(-1)}/${name}`), RuleName: name } }
);

const rule: ResourceProvider = {
  create: async (properties, context) => {
    const name = asText(properties.Name ?? context.generatedName(64));
    return isOfAnotherBus(properties) ? inertRule(name, context, properties) : put(properties, name, context);
  },
  update: async (properties, { physicalId, properties: before }, context) => {
    if (isOfAnotherBus(properties)) return inertRule(physicalId, context, properties);
    const updated = await put(properties, physicalId, context, before);
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    const ResourceARN = updated.attributes?.Arn;
    if (set.length > 0) await context.call('events', 'TagResource', { ResourceARN, Tags: set.map(({ key, value }) => ({ Key: key, Value: value })) });
    if (removed.length > 0) await context.call('events', 'UntagResource', { ResourceARN, TagKeys: removed });
    return updated;
  },
  delete: async ({ physicalId, properties }, context) => {
    if (isOfAnotherBus(properties)) return;
    const bus = { EventBusName: properties.EventBusName };
    const ids = targetIds(properties.Targets);
    if (ids.length > 0) await ignoring(context.call('events', 'RemoveTargets', { ...bus, Rule: physicalId, Ids: ids }), 'ResourceNotFoundException');
    await context.call('events', 'DeleteRule', { ...bus, Name: physicalId });
  },
};

export const eventsProviders: Readonly<Record<string, ResourceProvider>> = { 'AWS::Events::Rule': rule };
