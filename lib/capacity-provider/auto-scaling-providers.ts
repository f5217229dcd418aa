import { aws_ecs as ecs, CfnResource, Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const providersOf = new WeakMap<IConstruct, ecs.CfnCapacityProvider[]>();

/** Reports a capacity provider of an Auto Scaling group of this app, where no daemon runs: daemons run on Managed Instances only. */
export function checkNoAutoScalingGroup(scope: IConstruct, capacityProviderArn: string, label: string): string | undefined {
  const provider = providerOfApp(scope, capacityProviderArn);
  return provider?.autoScalingGroupProvider === undefined
    ? undefined
    : `the capacity provider ${JSON.stringify(label)} must be one of Managed Instances, got one of an Auto Scaling group:`
      + ` ${JSON.stringify(provider.node.path)}`;
}

/** The capacity provider of this app that an ARN refers to, or names; undefined if it is not of this app, as far as synth can tell. */
export function providerOfApp(scope: IConstruct, capacityProviderArn: string): ecs.CfnCapacityProvider | undefined {
  return referredTo(capacityProviderArn) ?? namedIn(scope, capacityProviderArn);
}

function referredTo(capacityProviderArn: string): ecs.CfnCapacityProvider | undefined {
  return Tokenization.reverseString(capacityProviderArn).tokens
    .map((token) => Reference.isReference(token) ? token.target : undefined).find(isProvider);
}

/** Stacks whose account and Region are known only at deployment cannot be compared. */
function namedIn(scope: IConstruct, capacityProviderArn: string): ecs.CfnCapacityProvider | undefined {
  const name = /:capacity-provider\/([^/$]+)$/.exec(capacityProviderArn)?.[1];
  const own = Stack.of(scope);
  const isSamePlace = (other: Stack): boolean => own === other
    || ![own.account, own.region].some((part) => Token.isUnresolved(part)) && own.account === other.account && own.region === other.region;
  return name === undefined ? undefined
    : providersIn(scope.node.root).find((provider) => provider.name === name && isSamePlace(Stack.of(provider)));
}

/** Found once for an app, which may have a thousand daemons, and only when nothing more can be added. */
function providersIn(root: IConstruct): ecs.CfnCapacityProvider[] {
  const known = providersOf.get(root);
  if (known !== undefined) {
    return known;
  }
  const providers = root.node.findAll().filter(isProvider);
  providersOf.set(root, providers);
  return providers;
}

function isProvider(construct: IConstruct | undefined): construct is ecs.CfnCapacityProvider {
  return construct !== undefined && CfnResource.isCfnResource(construct)
    && construct.cfnResourceType === ecs.CfnCapacityProvider.CFN_RESOURCE_TYPE_NAME;
}
