import { arnOf } from '../../core/world';
import type { ProviderContext, ProvidedResource, ResourceProvider } from './resource-provider';
import type { JsonObject } from '../template/template';
import { tagChanges, tagPairs } from './tags';

type AlarmOperation = 'PutMetricAlarm' | 'PutCompositeAlarm' | 'PutLogAlarm';

async function put(
  operation: AlarmOperation, properties: JsonObject, alarmName: string, context: ProviderContext,
): Promise<ProvidedResource> {
  const { Tags: tags, ...rest } = properties;
  await context.call('monitoring', operation, { ...rest, AlarmName: alarmName, Tags: tagPairs(tags) });
  return { physicalId: alarmName, attributes: { Arn: arnOf(context.world, 'cloudwatch', `alarm:${alarmName}`) } };
}

const alarmBy = (operation: AlarmOperation): ResourceProvider => ({
  create: (properties, context) => put(operation, properties, String(properties.AlarmName ?? context.generatedName()), context),
  update: async (properties, { physicalId, properties: before, attributes }, context) => {
    await put(operation, properties, physicalId, context);
    // the API takes tags only with a new alarm
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    const ResourceARN = attributes.Arn;
    if (set.length > 0) await context.call('monitoring', 'TagResource', { ResourceARN, Tags: set.map(({ key, value }) => ({ Key: key, Value: value })) });
    if (removed.length > 0) await context.call('monitoring', 'UntagResource', { ResourceARN, TagKeys: removed });
    return { physicalId, attributes };
  },
  delete: async ({ physicalId }, context) => {
    await context.call('monitoring', 'DeleteAlarms', { AlarmNames: [physicalId] });
  },
});

export const monitoringProviders: Readonly<Record<string, ResourceProvider>> = {
  'AWS::CloudWatch::Alarm': alarmBy('PutMetricAlarm'),
  'AWS::CloudWatch::CompositeAlarm': alarmBy('PutCompositeAlarm'),
  'AWS::CloudWatch::LogAlarm': alarmBy('PutLogAlarm'),
};
