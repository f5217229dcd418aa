import {
  DefaultTokenResolver, Reference, StringConcat, Tokenization, type IPostProcessor, type IResolvable, type IResolveContext,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * What two ARNs of capacity providers have in common when they mean the same one, as far as synth can tell.
 *
 * The name is enough: all that a stack deals with is of one account and Region, which one ARN may spell out and another leave to
 * the deployment.
 */
export function capacityProviderIdentity(scope: IConstruct, capacityProviderArn: string): string {
  const resolved = identity(scope, capacityProviderArn);
  return /:capacity-provider\/([^/]+)$/.exec(resolved)?.[1] ?? resolved;
}

/**
 * What two texts have in common when they come to the same, as far as synth can tell.
 *
 * A reference counts by the construct that it names: how it renders tells less, since resources of different stacks can have the
 * same logical id.
 */
export function identity(scope: IConstruct, text: string): string {
  return String(Tokenization.resolve(text, { scope, resolver: new IdentityResolver(), preparing: true }));
}

class IdentityResolver extends DefaultTokenResolver {
  constructor() {
    super(new StringConcat());
  }

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token)) {
      return `<${token.target.node.addr}.${token.displayName}>`;
    }
    const resolved = super.resolveToken(token, context, postProcessor);
    return typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
  }
}
