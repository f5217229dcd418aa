import {
  DefaultTokenResolver, Reference, StringConcat, Tokenization, type IPostProcessor, type IResolvable, type IResolveContext,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Returns equal keys for ARNs of the same capacity provider, as far as synth knows.
 *
 * The name is enough: all that a stack deals with is of one account and Region, which one ARN may spell out and another leave to
 * the deployment.
 */
export function capacityProviderIdentity(scope: IConstruct, capacityProviderArn: string): string {
  const resolved = identity(scope, capacityProviderArn);
  return /:capacity-provider\/([^/]+)$/.exec(resolved)?.[1] ?? resolved;
}

/**
 * Returns equal keys for strings that resolve to the same value, as far as synth knows.
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
