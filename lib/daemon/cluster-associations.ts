import { CfnResource, aws_ecs as ecs } from 'aws-cdk-lib';
import { Dependable, type IDependable } from 'constructs';

const associationType = ecs.CfnClusterCapacityProviderAssociations.CFN_RESOURCE_TYPE_NAME;

/**
 * The associations between a cluster of this app and its capacity providers.
 *
 * aws-ecs adds them to the cluster in an aspect, long after the daemon was defined: so they are looked up when CDK collects
 * dependencies. A capacity provider that is not associated yet is refused (R43).
 */
export function clusterAssociations(cluster: ecs.IClusterRef): IDependable {
  const associations = {};
  Dependable.implement(associations, {
    get dependencyRoots() {
      return cluster.node.children.filter((child) => CfnResource.isCfnResource(child) && child.cfnResourceType === associationType);
    },
  });
  return associations;
}
