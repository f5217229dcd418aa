import { arnOf } from '../../core/world';
import { asText, type ProviderContext, type ResourceProvider } from './resource-provider';
import { ignoring } from './ignore-errors';
import { tagChanges, tagMap } from './tags';

const logGroupArn = (context: ProviderContext, name: string): string => arnOf(context.world, 'logs', `log-group:${name}:*`);

const logGroup: ResourceProvider = {
  create: async ({ LogGroupName, RetentionInDays, Tags }, context) => {
    const logGroupName = asText(LogGroupName ?? context.generatedName());
    await context.call('logs', 'CreateLogGroup', { logGroupName, tags: tagMap(Tags) });
    context.initiated(logGroupName);
    if (RetentionInDays !== undefined) await context.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays: Number(RetentionInDays) });
    return { physicalId: logGroupName, attributes: { Arn: logGroupArn(context, logGroupName) } };
  },
  update: async ({ RetentionInDays, Tags }, { physicalId: logGroupName, attributes, properties: before }, context) => {
    if (RetentionInDays !== undefined) await context.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays: Number(RetentionInDays) });
    else await context.call('logs', 'DeleteRetentionPolicy', { logGroupName });
    const { set, removed } = tagChanges(before.Tags, Tags);
    const resourceArn = asText(attributes.Arn).replace(/:\*$/, '');
    if (set.length > 0) await context.call('logs', 'TagResource', { resourceArn, tags: Object.fromEntries(set.map(({ key, value }) => [key, value])) });
    if (removed.length > 0) await context.call('logs', 'UntagResource', { resourceArn, tagKeys: removed });
    return { physicalId: logGroupName, attributes };
  },
  delete: ({ physicalId: logGroupName }, context) => ignoring(context.call('logs', 'DeleteLogGroup', { logGroupName }), 'ResourceNotFoundException'),
};

export const logsProviders: Readonly<Record<string, ResourceProvider>> = { 'AWS::Logs::LogGroup': logGroup };
