import { Lazy, type ITaggableV2, type TagManager } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ContractVersion, DaemonProperties, DaemonResourceType } from '../../lambda/contract';
import { DaemonTags } from './daemon-tags';
import { OrderedResource, renderWithDependencies, type RolloutOrder } from './ordered-resource';

const resourceType: DaemonResourceType = 'Custom::ECSManagedDaemon';
const contractVersion: ContractVersion = '1';

/** The properties of the resource, without the version of the contract and the tags, which it adds. */
export interface DaemonResourceProps {
  readonly serviceToken: string;
  readonly settings: Omit<DaemonProperties, 'ContractVersion' | 'Tags'>;
  readonly tags: { readonly key: string; readonly value: string }[];
  readonly order: RolloutOrder;
}

/**
 * The custom resource behind a `ManagedDaemon`.
 *
 * It always renders every property of the contract: UpdateDaemon resets omitted settings (R5). It takes part in
 * tagging as an L1 does, so that `Tags.of()` and the tags of the stack reach the daemon.
 */
export class DaemonResource extends OrderedResource implements ITaggableV2 {
  public readonly cdkTagManager: TagManager;

  constructor(scope: Construct, id: string, props: DaemonResourceProps) {
    const tags = new DaemonTags(scope, props.tags);
    const properties: DaemonProperties = { ContractVersion: contractVersion, ...props.settings, Tags: [] };
    super(scope, id, {
      type: resourceType,
      properties: {
        ServiceToken: props.serviceToken,
        // the longest that CloudFormation waits; the rollout answers long before
        ServiceTimeout: 3600,
        ...properties,
        ExcludedStackTags: Lazy.list({ produce: () => tags.excludedStackTags() }, { omitEmpty: true }),
      },
    }, props.order);
    this.cdkTagManager = tags;
  }

  /** @internal */
  public override _toCloudFormation(): object {
    return renderWithDependencies(this, this.order.predecessorsOf(this), () => super._toCloudFormation());
  }
}
