import type { AwsError } from '../../core/aws-error';
import { arnOf } from '../../core/world';
import { asText, type ProviderContext, type ResourceProvider } from './resource-provider';
import { sameValue, without } from '../template/property-values';
import type { Json, JsonObject } from '../template/template';
import { camelCased } from './camel-case';
import { daemon } from './ecs-daemon';
import { ignoring } from './ignore-errors';
import { tagChanges } from './tags';

/** Properties without their tags, in the spelling of the API. */
const untagged = (properties: JsonObject): JsonObject => camelCased(without(properties, 'Tags'));

async function changeTags(context: ProviderContext, resourceArn: string, before: Json | undefined, after: Json | undefined): Promise<void> {
  const { set, removed } = tagChanges(before, after);
  if (set.length > 0) await context.call('ecs', 'TagResource', { resourceArn, tags: set });
  if (removed.length > 0) await context.call('ecs', 'UntagResource', { resourceArn, tagKeys: removed });
}

const associate = async (properties: JsonObject, context: ProviderContext): Promise<{ physicalId: string }> => {
  const { cluster: name, capacityProviders = [], defaultCapacityProviderStrategy = [] } = camelCased(properties);
  await context.call('ecs', 'PutClusterCapacityProviders', { cluster: name, capacityProviders, defaultCapacityProviderStrategy });
  return { physicalId: asText(name) };
};

const cluster: ResourceProvider = {
  create: async (properties, context) => {
    const { clusterName, clusterSettings: settings, ...rest } = camelCased(properties);
    const { cluster: made } = await context.call('ecs', 'CreateCluster', { ...rest, clusterName: clusterName ?? context.generatedName(), settings });
    return { physicalId: made.clusterName, attributes: { Arn: made.clusterArn, ClusterName: made.clusterName } };
  },
  update: async (properties, { physicalId, properties: before, attributes }, context) => {
    const { clusterSettings: settings, configuration, serviceConnectDefaults } = untagged(properties);
    await context.call('ecs', 'UpdateCluster', { cluster: physicalId, settings, configuration, serviceConnectDefaults });
    const sameProviders = sameValue(properties.CapacityProviders, before.CapacityProviders);
    if (!sameProviders) await associate({ ...properties, Cluster: physicalId }, context);
    await changeTags(context, asText(attributes.Arn), before.Tags, properties.Tags);
    return { physicalId, attributes };
  },
  delete: ({ physicalId }, context) => ignoring(context.call('ecs', 'DeleteCluster', { cluster: physicalId }), 'ClusterNotFoundException'),
};

const capacityProvider: ResourceProvider = {
  create: async (properties, context) => {
    const { Name: name, ClusterName: clusterName, ...rest } = properties;
    const { capacityProvider: made } = await context.call('ecs', 'CreateCapacityProvider', {
      name: name ?? context.generatedName(), cluster: clusterName, ...camelCased(rest),
    });
    return { physicalId: made.name };
  },
  update: async (properties, { physicalId, properties: before, attributes }, context) => {
    const { clusterName, ...rest } = untagged(properties);
    await context.call('ecs', 'UpdateCapacityProvider', { ...rest, name: physicalId, cluster: clusterName });
    await changeTags(context, arnOf(context.world, 'ecs', `capacity-provider/${physicalId}`), before.Tags, properties.Tags);
    return { physicalId, attributes };
  },
  delete: async ({ physicalId, properties }, context) => {
    const cluster = properties.ClusterName;
    await ignoring(context.call('ecs', 'DeleteCapacityProvider', { capacityProvider: physicalId, cluster }), 'ClusterNotFoundException');
    // the provider is deprovisioning until its last instance is gone; the cluster cannot go before it
    await context.waitFor(`capacity provider ${physicalId} to be gone`, async () => {
      const { capacityProviders } = await context.call('ecs', 'DescribeCapacityProviders', { capacityProviders: [physicalId] });
      return !capacityProviders.some(({ status }: { status: string }) => status !== 'INACTIVE');
    });
  },
};

const associations: ResourceProvider = {
  create: associate,
  update: (properties, _existing, context) => associate(properties, context),
  delete: ({ physicalId }, context) => ignoring(
    context.call('ecs', 'PutClusterCapacityProviders', { cluster: physicalId, capacityProviders: [], defaultCapacityProviderStrategy: [] }),
    'ClusterNotFoundException',
  ),
};

const daemonTaskDefinition: ResourceProvider = {
  create: async (properties, context) => {
    const family = properties.Family ?? context.generatedName();
    const made = await context.call('ecs', 'RegisterDaemonTaskDefinition', { ...camelCased(properties), family });
    return { physicalId: made.daemonTaskDefinitionArn, attributes: { DaemonTaskDefinitionArn: made.daemonTaskDefinitionArn } };
  },
  update: async (properties, { physicalId, properties: before, attributes }, context) => {
    await changeTags(context, physicalId, before.Tags, properties.Tags);
    return { physicalId, attributes };
  },
  delete: async ({ physicalId }, context) => {
    await context.call('ecs', 'DeleteDaemonTaskDefinition', { daemonTaskDefinition: physicalId });
  },
};

const taskDefinition: ResourceProvider = {
  create: async (properties, context) => {
    const family = properties.Family ?? context.generatedName();
    const { taskDefinition: made } = await context.call('ecs', 'RegisterTaskDefinition', { ...camelCased(properties), family });
    return { physicalId: made.taskDefinitionArn, attributes: { TaskDefinitionArn: made.taskDefinitionArn } };
  },
  update: async (properties, { physicalId, properties: before, attributes }, context) => {
    await changeTags(context, physicalId, before.Tags, properties.Tags);
    return { physicalId, attributes };
  },
  delete: async ({ physicalId }, context) => {
    await context.call('ecs', 'DeregisterTaskDefinition', { taskDefinition: physicalId });
  },
};

interface ServiceDescription {
  readonly status: string;
  readonly runningCount: number;
  readonly desiredCount: number;
}

async function describeService(
  context: ProviderContext, clusterName: Json | undefined, name: string,
): Promise<ServiceDescription | undefined> {
  const { services } = await context.call<{ services?: ServiceDescription[] }>('ecs', 'DescribeServices', {
    cluster: clusterName, services: [name],
  });
  return services?.[0];
}

/** CloudFormation waits until a service is steady. */
const steady = (context: ProviderContext, clusterName: Json | undefined, service: string): Promise<void> => (
  context.waitFor(`service ${service} to be stable`, async () => {
    const described = await describeService(context, clusterName, service);
    return described !== undefined && described.runningCount === described.desiredCount;
  })
);

const service: ResourceProvider = {
  create: async (properties, context) => {
    const { cluster: clusterName, serviceName, ...rest } = camelCased(properties);
    const { service: made } = await context.call('ecs', 'CreateService', {
      ...rest, cluster: clusterName, serviceName: serviceName ?? context.generatedName(),
    });
    context.initiated(made.serviceArn);
    await steady(context, clusterName, made.serviceArn);
    return { physicalId: made.serviceArn, attributes: { Name: made.serviceName, ServiceArn: made.serviceArn } };
  },
  update: async (properties, { physicalId, properties: before, attributes }, context) => {
    const rest = without(untagged(properties), 'serviceName', 'role', 'launchType');
    await context.call('ecs', 'UpdateService', { ...rest, service: physicalId });
    await changeTags(context, physicalId, before.Tags, properties.Tags);
    await steady(context, rest.cluster, physicalId);
    return { physicalId, attributes };
  },
  delete: async ({ physicalId, properties }, context) => {
    await ignoring(
      context.call('ecs', 'DeleteService', { cluster: properties.Cluster, service: physicalId, force: true }),
      'ServiceNotFoundException', 'ServiceNotActiveException', 'ClusterNotFoundException',
    );
    await context.waitFor(`service ${physicalId} to be gone`, async () => {
      try {
        const described = await describeService(context, properties.Cluster, physicalId);
        return described === undefined || described.status === 'INACTIVE';
      } catch (error) {
        if ((error as AwsError).code === 'ClusterNotFoundException') return true;
        throw error;
      }
    });
  },
};

export const ecsProviders: Readonly<Record<string, ResourceProvider>> = {
  'AWS::ECS::Cluster': cluster,
  'AWS::ECS::CapacityProvider': capacityProvider,
  'AWS::ECS::ClusterCapacityProviderAssociations': associations,
  'AWS::ECS::Daemon': daemon,
  'AWS::ECS::DaemonTaskDefinition': daemonTaskDefinition,
  'AWS::ECS::TaskDefinition': taskDefinition,
  'AWS::ECS::Service': service,
};
