import { CfnResource, type CfnResourceProps, type Reference, type ResolutionTypeHint } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DaemonAttributes } from '../../lambda/contract';

/** The position of a daemon among those of its stack. */
export interface RolloutOrder {
  /** Returns what a daemon must wait for because of the order, besides its dependencies. Known while a template is rendered. */
  predecessorsOf(daemon: CfnResource): CfnResource[];

  /** Returns all resources that a daemon waits for, without most of those that it reaches through another one. */
  upstreamOf(daemon: CfnResource): CfnResource[];

  /** Invalidates the order; call it when a dependency may have been added. */
  forget(): void;
}

/** A resource for which others may wait in the order of the daemons: that of a daemon, or a gate behind it. */
export abstract class OrderedResource extends CfnResource {
  private referenced = false;

  constructor(scope: Construct, id: string, props: CfnResourceProps, protected readonly order: RolloutOrder) {
    super(scope, id, props);
  }

  /** Whether anything other than the next gate refers to the resource. */
  public get isReferenced(): boolean {
    return this.referenced;
  }

  public override get ref(): string {
    this.noteReference();
    return super.ref;
  }

  public override getAtt(attributeName: string, typeHint?: ResolutionTypeHint): Reference {
    this.noteReference();
    return super.getAtt(attributeName, typeHint);
  }

  /** A reference to an attribute of the answer; whoever uses it waits for the answer. */
  public attribute(name: keyof DaemonAttributes): string {
    return this.getAtt(name).toString();
  }

  /** Returns an attribute for the next gate, which is in the order anyway. */
  public attributeForGate(name: keyof DaemonAttributes): string {
    return super.getAtt(name).toString();
  }

  /** What refers to the resource may itself be known only while a template is rendered. */
  private noteReference(): void {
    if (!this.referenced) {
      this.referenced = true;
      this.order.forget();
    }
  }
}

/** Renders a resource with further dependencies. They are not stored, since they are complete only while CDK renders templates. */
export function renderWithDependencies(resource: CfnResource, others: CfnResource[], render: () => object): object {
  const present = new Set<unknown>(resource.obtainDependencies());
  const further = others.filter((other) => !present.has(other));
  further.forEach((other) => resource.addResourceDependency(other));
  try {
    return render();
  } finally {
    further.forEach((other) => resource.removeResourceDependency(other));
  }
}
