import type { AwsError } from '../../core/aws-error';
import { asText, type ProvidedResource, type ProviderContext, type ResourceProvider } from './resource-provider';
import { sameValue } from '../template/property-values';
import type { JsonObject } from '../template/template';
import { ignoring } from './ignore-errors';
import { tagChanges, tagMap } from './tags';

/** Properties that UpdateFunctionConfiguration does not take. */
const NOT_CONFIGURATION = new Set([
  'Code', 'Tags', 'FunctionName', 'PackageType', 'Architectures', 'ReservedConcurrentExecutions', 'RecursiveLoop', 'RuntimeManagementConfig',
]);

const lambdaFunction: ResourceProvider = {
  create: async ({ Code: code, Tags: tags, ...properties }, context) => {
    const made = await context.call('lambda', 'CreateFunction', {
      ...properties,
      FunctionName: properties.FunctionName ?? context.generatedName(64),
      Code: code,
      Tags: tagMap(tags),
    });
    return { physicalId: made.FunctionName, attributes: { Arn: made.FunctionArn } };
  },
  update: async (properties, { physicalId, properties: before, attributes }, context) => {
    if (!sameValue(properties.Code, before.Code) || !sameValue(properties.Architectures, before.Architectures)) {
      await context.call('lambda', 'UpdateFunctionCode', {
        ...(properties.Code as JsonObject), FunctionName: physicalId, Architectures: properties.Architectures,
      });
    }
    const names = new Set([...Object.keys(properties), ...Object.keys(before)].filter((name) => !NOT_CONFIGURATION.has(name)));
    if ([...names].some((name) => !sameValue(properties[name], before[name]))) {
      const configuration = Object.fromEntries([...names].filter((name) => name in properties).map((name) => [name, properties[name]]));
      // a setting that the template no longer has returns to its default
      const emptied = names.has('Environment') && !('Environment' in properties) ? { Environment: { Variables: {} } } : {};
      await context.call('lambda', 'UpdateFunctionConfiguration', { FunctionName: physicalId, ...configuration, ...emptied });
    }
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    const Resource = attributes.Arn;
    if (set.length > 0) await context.call('lambda', 'TagResource', { Resource, Tags: Object.fromEntries(set.map(({ key, value }) => [key, value])) });
    if (removed.length > 0) await context.call('lambda', 'UntagResource', { Resource, TagKeys: removed });
    return { physicalId, attributes };
  },
  // adding or removing the block replaces, changing its values does not
  replaces: (properties, before) => ('DurableConfig' in properties) !== ('DurableConfig' in before),
  delete: async ({ physicalId }, context) => {
    await ignoring(context.call('lambda', 'DeleteFunction', { FunctionName: physicalId }), 'ResourceNotFoundException');
    // a durable function is deleted only after its last execution has ended (EN7)
    await context.waitFor(`the executions of function ${physicalId} to end`, async () => {
      try {
        await context.call('lambda', 'GetFunctionConfiguration', { FunctionName: physicalId });
        return false;
      } catch (error) {
        if ((error as AwsError).code === 'ResourceNotFoundException') return true;
        throw error;
      }
    });
  },
};

const version: ResourceProvider = {
  create: async (properties, context) => {
    const made = await context.call('lambda', 'PublishVersion', {
      FunctionName: properties.FunctionName, CodeSha256: properties.CodeSha256, Description: properties.Description,
    });
    return { physicalId: made.FunctionArn, attributes: { Version: asText(made.Version), FunctionArn: made.FunctionArn } };
  },
  update: async (_properties, { physicalId, attributes }) => ({ physicalId, attributes }),
  delete: ({ properties, attributes }, context) => ignoring(
    context.call('lambda', 'DeleteFunction', { FunctionName: properties.FunctionName, Qualifier: attributes.Version }), 'ResourceNotFoundException',
  ),
};

const alias: ResourceProvider = {
  create: async ({ FunctionName, FunctionVersion, Name, Description, RoutingConfig }, context) => {
    const made = await context.call('lambda', 'CreateAlias', { FunctionName, FunctionVersion, Name, Description, RoutingConfig });
    return { physicalId: made.AliasArn, attributes: { AliasArn: made.AliasArn } };
  },
  update: async ({ FunctionName, FunctionVersion, Name, Description, RoutingConfig }, { physicalId, attributes }, context) => {
    await context.call('lambda', 'UpdateAlias', { FunctionName, FunctionVersion, Name, Description, RoutingConfig });
    return { physicalId, attributes };
  },
  delete: ({ properties: { FunctionName, Name } }, context) => ignoring(
    context.call('lambda', 'DeleteAlias', { FunctionName, Name }), 'ResourceNotFoundException',
  ),
};

const permission: ResourceProvider = {
  create: async ({ FunctionName, ...properties }, context) => {
    const StatementId = context.generatedName(100);
    await context.call('lambda', 'AddPermission', { ...unqualified(FunctionName), ...properties, StatementId });
    return { physicalId: StatementId, attributes: { Id: StatementId } };
  },
  delete: ({ physicalId, properties }, context) => ignoring(
    context.call('lambda', 'RemovePermission', { ...unqualified(properties.FunctionName), StatementId: physicalId }), 'ResourceNotFoundException',
  ),
};

/** The function and the qualifier in an ARN of a version or alias, which policies are kept by. */
function unqualified(functionName: JsonObject[string] | undefined): { FunctionName: string; Qualifier?: string } {
  const parts = asText(functionName).split(':');
  return parts.length === 8 ? { FunctionName: parts.slice(0, 7).join(':'), Qualifier: parts[7] } : { FunctionName: parts.join(':') };
}

const putEventInvokeConfig = async (properties: JsonObject, context: ProviderContext): Promise<ProvidedResource> => {
  const { FunctionName, Qualifier, ...configuration } = properties;
  await context.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName, Qualifier, ...configuration });
  return { physicalId: `${asText(FunctionName)}|${asText(Qualifier)}` };
};

const eventInvokeConfig: ResourceProvider = {
  create: putEventInvokeConfig,
  update: (properties, _existing, context) => putEventInvokeConfig(properties, context),
  delete: ({ properties: { FunctionName, Qualifier } }, context) => ignoring(
    context.call('lambda', 'DeleteFunctionEventInvokeConfig', { FunctionName, Qualifier }), 'ResourceNotFoundException',
  ),
};

export const lambdaProviders: Readonly<Record<string, ResourceProvider>> = {
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Version': version,
  'AWS::Lambda::Alias': alias,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
};
