import {
  CfnResource, DefaultTokenResolver, NestedStack, Reference, Stack, StringConcat, Tokenization,
  type IPostProcessor, type IResolvable, type IResolveContext,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What the resources of a stack wait for, as far as it is known when dependencies between constructs have become those of resources. */
export class ResourceGraph {
  private readonly known = new Map<CfnResource, CfnResource[]>();
  private readonly nested = new Map<CfnResource, CfnResource[]>();

  constructor(private readonly stack: Stack) {
    for (const child of stack.node.findAll()) {
      if (NestedStack.isNestedStack(child) && child.nestedStackParent === stack && child.nestedStackResource !== undefined) {
        this.nested.set(child.nestedStackResource, child.node.findAll().filter((inner) => CfnResource.isCfnResource(inner)));
      }
    }
  }

  /** The resources that a resource names: as dependencies, or in its properties. A nested stack names what its resources name. */
  public predecessorsOf(resource: CfnResource): CfnResource[] {
    const known = this.known.get(resource);
    if (known !== undefined) {
      return known;
    }
    const named = [resource, ...this.nested.get(resource) ?? []].flatMap((each) => [...each.obtainDependencies(), ...referencesOf(each)]);
    const inStack = named.map((target) => this.inStack(target)).filter((target) => target !== undefined);
    const predecessors = [...new Set(inStack)].filter((target) => target !== resource);
    this.known.set(resource, predecessors);
    return predecessors;
  }

  /** The resource that stands in this stack for another one: itself, or the nested stack that it is in. */
  private inStack(target: IConstruct): CfnResource | undefined {
    let stack: Stack | undefined = Stack.of(target);
    let resource: IConstruct | undefined = target;
    while (stack !== undefined && stack !== this.stack) {
      resource = stack.nestedStackResource;
      stack = stack.nestedStackParent;
    }
    return stack !== undefined && resource !== undefined && CfnResource.isCfnResource(resource) ? resource : undefined;
  }
}

const referencesOf = (resource: CfnResource): IConstruct[] => referencesIn(resource, resource._toCloudFormation());

/** The constructs that a value of a construct refers to. */
export function referencesIn(scope: IConstruct, value: unknown): IConstruct[] {
  const collector = new ReferenceCollector();
  Tokenization.resolve(value, { scope, resolver: collector, preparing: true });
  return collector.targets;
}

class ReferenceCollector extends DefaultTokenResolver {
  public readonly targets: IConstruct[] = [];

  constructor() {
    super(new StringConcat());
  }

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token)) {
      this.targets.push(token.target);
    }
    return super.resolveToken(token, context, postProcessor);
  }
}
