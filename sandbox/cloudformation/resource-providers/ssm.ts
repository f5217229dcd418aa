import { asText, type ProvidedResource, type ProviderContext, type ResourceProvider } from './resource-provider';
import type { JsonObject } from '../template/template';
import { ignoring } from './ignore-errors';

async function put({ Type, Value }: JsonObject, name: string, context: ProviderContext, Overwrite: boolean): Promise<ProvidedResource> {
  await context.call('ssm', 'PutParameter', { Name: name, Type, Value, Overwrite });
  return { physicalId: name, attributes: { Type: asText(Type), Value: asText(Value) } };
}

const parameter: ResourceProvider = {
  create: (properties, context) => put(properties, asText(properties.Name ?? context.generatedName()), context, false),
  update: (properties, { physicalId }, context) => put(properties, physicalId, context, true),
  delete: ({ physicalId }, context) => ignoring(context.call('ssm', 'DeleteParameter', { Name: physicalId }), 'ParameterNotFound'),
};

export const ssmProviders: Readonly<Record<string, ResourceProvider>> = { 'AWS::SSM::Parameter': parameter };
