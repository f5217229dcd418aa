import { CfnResource, type CfnResourceProps, type Reference, type ResolutionTypeHint } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DaemonAttributes } from '../../lambda/contract';

/** The place of a daemon among those of its stack. */
export interface RolloutOrder {
  /** What a daemon comes after because of the order, beside what it depends on. It is known while a template is rendered. */
  predecessorsOf(daemon: CfnResource): CfnResource[];

  /** All that a daemon comes after; what it reaches through another of them is left out as far as that is seen at once. */
  upstreamOf(daemon: CfnResource): CfnResource[];

  /** Must be told when something that makes one resource wait for another may have come up. */
  forget(): void;
}

/** A resource for which others may wait in the order of the daemons: that of a daemon, or a gate behind it. */
export abstract class OrderedResource extends CfnResource {
  private referenced = false;

  constructor(scope: Construct, id: string, props: CfnResourceProps, protected readonly order: RolloutOrder) {
    super(scope, id, props);
  }

  /** Whether anybody but the next gate has asked for a reference to the resource. */
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

  /** The same for the next gate, of which the order knows. */
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
