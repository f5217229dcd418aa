import type { Input } from '../../core/aws-service';
import { without } from '../template/property-values';
import { ResourceFailure, asText, type ProvidedResource, type ProviderContext, type ResourceProvider } from './resource-provider';
import type { JsonObject } from '../template/template';
import { camelCased } from './camel-case';
import { ignoring } from './ignore-errors';
import { tagChanges } from './tags';

const UNDER_WAY = new Set(['PENDING', 'IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'STOP_REQUESTED']);

/** The native type waits for the deployment, as far as is known, and fails when ECS has rolled back (A36). */
async function deployed(deploymentArn: string, context: ProviderContext): Promise<void> {
  let deployment: Input | undefined;
  await context.waitFor(`deployment ${deploymentArn}`, async () => {
    const { daemonDeployments } = await context.call('ecs', 'DescribeDaemonDeployments', { daemonDeploymentArns: [deploymentArn] });
    deployment = daemonDeployments?.[0];
    return deployment !== undefined && !UNDER_WAY.has(asText(deployment.status));
  });
  if (deployment?.status === 'SUCCESSFUL') return;
  throw new ResourceFailure(`Daemon deployment ${deploymentArn} ended as ${asText(deployment?.status)}: ${asText(deployment?.statusReason)}`);
}

async function describe(physicalId: string, context: ProviderContext): Promise<ProvidedResource> {
  const { daemon } = await context.call('ecs', 'DescribeDaemon', { daemonArn: physicalId });
  return {
    physicalId,
    attributes: { DaemonArn: physicalId, DaemonStatus: asText(daemon.status), DeploymentArn: asText(daemon.deploymentArn) },
  };
}

const settings = (properties: JsonObject): JsonObject => camelCased(without(properties, 'Tags', 'ClusterArn', 'DaemonName'));

export const daemon: ResourceProvider = {
  create: async (properties, context) => {
    const daemonName = properties.DaemonName ?? context.generatedName();
    const made = await context.call('ecs', 'CreateDaemon', { ...camelCased(properties), daemonName });
    context.initiated(made.daemonArn);
    if (made.deploymentArn !== undefined) await deployed(made.deploymentArn, context);
    return describe(made.daemonArn, context);
  },
  update: async (properties, { physicalId: daemonArn, properties: before }, context) => {
    const { deploymentArn } = await context.call('ecs', 'UpdateDaemon', { ...settings(properties), daemonArn });
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('ecs', 'TagResource', { resourceArn: daemonArn, tags: set });
    if (removed.length > 0) await context.call('ecs', 'UntagResource', { resourceArn: daemonArn, tagKeys: removed });
    if (deploymentArn !== undefined) await deployed(deploymentArn, context);
    return describe(daemonArn, context);
  },
  delete: async ({ physicalId: daemonArn }, context) => {
    await ignoring(context.call('ecs', 'DeleteDaemon', { daemonArn }), 'DaemonNotFoundException', 'ClusterNotFoundException');
    await context.waitFor(`daemon ${daemonArn} to be gone`, async () => {
      let gone = true;
      await ignoring(context.call('ecs', 'DescribeDaemon', { daemonArn }).then(() => void (gone = false)), 'DaemonNotFoundException', 'ClusterNotFoundException');
      return gone;
    });
  },
};
