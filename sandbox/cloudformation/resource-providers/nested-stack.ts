import type { Input } from '../../core/aws-service';
import { ResourceFailure, asText, type ProviderContext, type ProvidedResource, type ResourceProvider } from './resource-provider';
import { isObject, type JsonObject } from '../template/template';

const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'];

function submission(properties: JsonObject): Input {
  const { TemplateURL, Parameters: parameters, Tags = [] } = properties;
  return {
    TemplateURL, Tags, Capabilities: CAPABILITIES,
    Parameters: Object.entries(isObject(parameters) ? parameters : {}).map(([ParameterKey, value]) => (
      { ParameterKey, ParameterValue: Array.isArray(value) ? value.map(asText).join(',') : asText(value) }
    )),
  };
}

const describe = async (stackId: string, context: ProviderContext): Promise<Input> =>
  (await context.call('cloudformation', 'DescribeStacks', { StackName: stackId })).Stacks[0];

/** Waits until the nested stack has come to rest; a failure names the reason of the nested stack. */
async function settle(stackId: string, succeeded: string, context: ProviderContext): Promise<Input> {
  let stack: Input = {};
  await context.waitFor(`the nested stack ${stackId}`, async () => {
    stack = await describe(stackId, context);
    return !String(stack.StackStatus).endsWith('_IN_PROGRESS');
  });
  if (stack.StackStatus === succeeded) return stack;
  const verb = `${succeeded.split('_')[0]!.toLowerCase()}d`;
  throw new ResourceFailure(`Embedded stack ${stackId} was not successfully ${verb}: ${await reasonOf(stackId, context)}`, stackId);
}

async function reasonOf(stackId: string, context: ProviderContext): Promise<string> {
  const { StackEvents: events } = await context.call('cloudformation', 'DescribeStackEvents', { StackName: stackId });
  const first = (events as Input[]).toReversed().find(({ ResourceStatus }) => String(ResourceStatus).endsWith('_FAILED'));
  return first ? `${first.LogicalResourceId}: ${first.ResourceStatusReason}` : 'the reason is not known';
}

function provided(stack: Input): ProvidedResource {
  const outputs = (stack.Outputs ?? []) as { OutputKey: string; OutputValue: string }[];
  const named = Object.fromEntries(outputs.map(({ OutputKey: key, OutputValue: value }) => [key, value]));
  return { physicalId: stack.StackId, attributes: { Outputs: named } };
}

const nestedStack: ResourceProvider = {
  create: async (properties, context) => {
    const { StackId: id } = await context.call('cloudformation', 'CreateStack', { StackName: context.generatedName(128), ...submission(properties) });
    context.initiated(id);
    return provided(await settle(id, 'CREATE_COMPLETE', context));
  },
  update: async (properties, { physicalId }, context) => {
    try {
      await context.call('cloudformation', 'UpdateStack', { StackName: physicalId, ...submission(properties) });
    } catch (error) {
      if ((error as Error).message !== 'No updates are to be performed.') throw error;
    }
    const { StackStatus: status } = await describe(physicalId, context);
    return provided(await settle(physicalId, status === 'CREATE_COMPLETE' ? status : 'UPDATE_COMPLETE', context)); // without changes it stays
  },
  delete: async ({ physicalId }, context) => {
    await context.call('cloudformation', 'DeleteStack', { StackName: physicalId });
    await settle(physicalId, 'DELETE_COMPLETE', context);
  },
};

export const stackProviders: Readonly<Record<string, ResourceProvider>> = { 'AWS::CloudFormation::Stack': nestedStack };
