import { TagManager, TagType, type ITaggableV2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ContractVersion, DaemonProperties, DaemonResourceType } from '../lambda/contract';
import { renderWithDependencies } from './late-dependencies';
import { OrderedResource, type RolloutOrder } from './ordered-resource';

const resourceType: DaemonResourceType = 'Custom::ECSManagedDaemon';
const contractVersion: ContractVersion = '1';

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
export class DaemonResource extends OrderedResource implements ITaggableV2 {
  public readonly cdkTagManager: TagManager;

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
    }, props.order);
    this.cdkTagManager = new DaemonTags(TagType.STANDARD, resourceType, props.tags, { tagPropertyName: 'Tags' });
  }

  /** @internal */
  public override _toCloudFormation(): object {
    return renderWithDependencies(this, this.order.predecessorsOf(this), () => super._toCloudFormation());
  }
}

/** Puts what it collects in place of the property, and an empty list if that is nothing. */
class DaemonTags extends TagManager {
  public override renderTags(): DaemonProperties['Tags'] {
    return super.renderTags() ?? [];
  }
}
