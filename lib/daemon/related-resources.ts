import { CfnResource, aws_ecs as ecs, Stack } from 'aws-cdk-lib';
import { Dependable, type IConstruct, type IDependable } from 'constructs';
import { checkOptionalList } from '../validation/class-validation';
import { refuse } from '../validation/validation-error';

/** Returns the resources of services of this app. Throws for an imported service. */
export function serviceResources(scope: IConstruct, services: ecs.IServiceRef[]): CfnResource[] {
  refuse(scope, checkOptionalList('services', 'an ECS service, as an ecs.FargateService', 'serviceRef', services));
  const resources = services.map((service) => CfnResource.isCfnResource(service) ? service : service.node.defaultChild);
  refuse(scope, services.map((service, index) => resources[index] === undefined
    ? `services must be defined in this app, got an imported one: ${JSON.stringify(service.node.path)}` : undefined));
  return resources.filter((resource) => CfnResource.isCfnResource(resource));
}

/** What follows a service in the stack of the daemon cannot wait for one whose own stack waits for that stack. */
export function checkStackOfService(daemon: IConstruct, service: CfnResource): string | undefined {
  const own = Stack.of(daemon);
  let stack: Stack | undefined = Stack.of(service);
  while (stack !== undefined && stack !== own) {
    stack = stack.nestedStackParent;
  }
  return stack === own ? undefined
    : `services to verify after must be in the stack of the daemon or nested in it, got: ${JSON.stringify(service.node.path)}`
      + ' (its stack waits for that of the daemon, which therefore cannot wait for it)';
}

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
