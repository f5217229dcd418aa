import { CfnResource, TagManager, TagType, type ITaggableV2, type Reference, type ResolutionTypeHint } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ContractVersion, DaemonAttributes, DaemonProperties, DaemonResourceType } from '../lambda/contract';

const resourceType: DaemonResourceType = 'Custom::ECSManagedDaemon';
const contractVersion: ContractVersion = '1';

/** The place of a resource among the daemons of its stack. */
export interface RolloutOrder {
  /** The daemons that it comes after, beside those that it depends on. They are known while a template is rendered. */
  predecessorsOf(resource: DaemonResource): DaemonResource[];

  /** Must be told when something that makes one resource wait for another may have come up. */
  forget(): void;
}

/** What the resource is told; the version of the contract it knows, and the tags it collects. */
export interface DaemonResourceProps {
  readonly serviceToken: string;
  readonly settings: Omit<DaemonProperties, 'ContractVersion' | 'Tags'>;
  readonly tags: { readonly key: string; readonly value: string }[];
  readonly order: RolloutOrder;
}

/**
 * The custom resource behind a `ManagedDaemon`.
 *
 * It renders every property of the contract, always: an UpdateDaemon resets what it is not told (R5). It takes part in
 * tagging as an L1 does, so that `Tags.of()` reaches the daemon.
 */
export class DaemonResource extends CfnResource implements ITaggableV2 {
  public readonly cdkTagManager: TagManager;

  private readonly order: RolloutOrder;
  private referenced = false;

  constructor(scope: Construct, id: string, props: DaemonResourceProps) {
    const properties: DaemonProperties = { ContractVersion: contractVersion, ...props.settings, Tags: [] };
    super(scope, id, {
      type: resourceType,
      properties: {
        ServiceToken: props.serviceToken,
        // the longest that CloudFormation waits; the rollout answers long before
        ServiceTimeout: 3600,
        ...properties,
      },
    });
    this.cdkTagManager = new DaemonTags(TagType.STANDARD, resourceType, props.tags, { tagPropertyName: 'Tags' });
    this.order = props.order;
  }

  /** Whether anybody has asked for a reference to the resource. */
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

  /** @internal */
  public override _toCloudFormation(): object {
    const dependencies = new Set<unknown>(this.obtainDependencies());
    const predecessors = this.order.predecessorsOf(this).filter((other) => !dependencies.has(other));
    predecessors.forEach((other) => this.addResourceDependency(other));
    try {
      return super._toCloudFormation();
    } finally {
      predecessors.forEach((other) => this.removeResourceDependency(other));
    }
  }

  /** A reference to an attribute of the answer; whoever uses it waits for the rollout. */
  public attribute(name: keyof DaemonAttributes): string {
    return this.getAtt(name).toString();
  }

  /** What refers to the resource may itself be known only while a template is rendered. */
  private noteReference(): void {
    if (!this.referenced) {
      this.referenced = true;
      this.order.forget();
    }
  }
}

/** Puts what it collects in place of the property, and an empty list if that is nothing. */
class DaemonTags extends TagManager {
  public override renderTags(): DaemonProperties['Tags'] {
    return super.renderTags() ?? [];
  }
}
