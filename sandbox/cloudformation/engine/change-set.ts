import { arnOf, randomUuid } from '../../core/world';
import { changesOf, type ChangedAttribute, type PropertyChange, type ResourceChange } from './changes';
import type { Engine } from './engine';
import type { Moment } from './timestamps';
import type { Stack, StackRevision } from './stack';
import type { Json } from '../template/template';

const NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set.";

/** A change set is complete when it is created, so that the CLI need not poll. */
export class ChangeSet {
  public readonly id: string;
  public readonly created: Moment;
  public readonly status: 'CREATE_COMPLETE' | 'FAILED';
  public readonly statusReason?: string;
  public executionStatus: string;
  private readonly changes: readonly ResourceChange[];

  constructor(
    engine: Engine,
    public readonly name: string,
    public readonly type: 'CREATE' | 'UPDATE',
    public readonly stack: Stack,
    public readonly revision: StackRevision,
    public readonly description?: string,
  ) {
    this.id = arnOf(engine.world, 'cloudformation', `changeSet/${name}/${randomUuid(engine.world)}`);
    this.created = engine.moments.next();
    const { resources, any } = changesOf(engine, stack, revision);
    this.changes = resources;
    this.status = any ? 'CREATE_COMPLETE' : 'FAILED';
    this.statusReason = any ? undefined : NO_CHANGES; // the CLI recognises this text (W10)
    this.executionStatus = any ? 'AVAILABLE' : 'UNAVAILABLE';
  }

  /** Describes a change as the CDK CLI needs it for `cdk diff` (W16). */
  public describeChanges(): unknown[] {
    return this.changes.map((change) => ({
      Type: 'Resource',
      ResourceChange: {
        Action: change.action,
        LogicalResourceId: change.logicalId,
        PhysicalResourceId: change.physicalId,
        ResourceType: change.type,
        Replacement: change.replacement,
        PolicyAction: change.replacement === 'True' ? 'ReplaceAndDelete' : change.action === 'Remove' ? 'Delete' : undefined,
        Scope: scopeOfChange(change),
        Details: [...change.properties.map(detailOf), ...change.attributes.map(attributeDetailOf)],
        BeforeContext: change.before && JSON.stringify(change.before),
        AfterContext: change.after && JSON.stringify(change.after),
      },
    }));
  }
}

const scopeOfChange = ({ properties, attributes }: ResourceChange): string[] => [...properties.length > 0 ? ['Properties'] : [], ...attributes];

const attributeDetailOf = (attribute: ChangedAttribute): unknown => ({
  ChangeSource: 'DirectModification', Evaluation: 'Static', Target: { Attribute: attribute, RequiresRecreation: 'Never', Path: `/${attribute}` },
});

const detailOf = ({ name, requiresRecreation, before, after }: PropertyChange): unknown => ({
  ChangeSource: 'DirectModification',
  Evaluation: requiresRecreation === 'Conditionally' ? 'Dynamic' : 'Static',
  Target: {
    Attribute: name === 'Tags' ? 'Tags' : 'Properties',
    Name: name,
    RequiresRecreation: requiresRecreation,
    Path: `/Properties/${name}`,
    BeforeValue: asText(before),
    AfterValue: asText(after),
    AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
  },
});

const asText = (value: Json | undefined): string | undefined => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value?.toString());
