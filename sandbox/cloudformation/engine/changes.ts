import { orderOf } from '../template/dependency-graph';
import type { Engine } from './engine';
import { KNOWN_AFTER_APPLY, Resolver, type Scope } from '../template/intrinsics';
import { resolveOutputs } from './outputs';
import { changedNames, sameValue, stringified } from '../template/property-values';
import type { DesiredResource } from './resource-executor';
import { isCustomResource, replacingProperties } from '../template/resource-types';
import { scopeOf } from './scope';
import type { Stack, StackResource, StackRevision } from './stack';
import { definedDependencies } from '../template/references';
import type { Json, JsonObject } from '../template/template';
import { presentResources, desiredResource } from './desired-resources';

export type ChangedAttribute = 'Metadata' | 'DeletionPolicy' | 'UpdateReplacePolicy';

export type Replacement = 'True' | 'False' | 'Conditional';

export interface PropertyChange {
  readonly name: string;
  readonly requiresRecreation: 'Always' | 'Never' | 'Conditionally';
  readonly before?: Json;
  readonly after?: Json;
}

export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly replacement?: Replacement;
  readonly properties: readonly PropertyChange[];
  /** Other attributes that differ; of these only metadata shows in the resource's events. */
  readonly attributes: readonly ChangedAttribute[];
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

export interface StackChanges {
  readonly resources: readonly ResourceChange[];
  /** Whether there is anything to do at all: a change of outputs or of the stack's tags is enough (W10, W11). */
  readonly any: boolean;
}

/** Computes the changes of a revision, as far as they are predictable before execution. */
export function changesOf(engine: Engine, stack: Stack, revision: StackRevision): StackChanges {
  const prediction = new Prediction(engine, stack, revision);
  const resources = prediction.resources();
  return { resources, any: resources.length > 0 || prediction.outputsChanged() || !sameTags(stack, revision) };
}

class Prediction {
  private readonly outcome = new Map<string, Replacement | 'Add'>();
  private readonly resolver: Resolver;

  constructor(private readonly engine: Engine, private readonly stack: Stack, private readonly revision: StackRevision) {
    this.resolver = new Resolver(this.predictedScope());
  }

  public resources(): ResourceChange[] {
    const { template } = this.revision;
    const present = presentResources(template, this.resolver);
    const changes = orderOf(present, (logicalId) => definedDependencies(template, logicalId)).flatMap((logicalId) => {
      const desired = desiredResource(this.revision, logicalId, this.resolver);
      const current = this.stack.resources.get(logicalId);
      const change = current && current.status !== 'CREATE_FAILED' ? this.modification(desired, current) : addition(desired);
      if (change) this.outcome.set(logicalId, change.action === 'Add' ? 'Add' : change.replacement!);
      return change ?? [];
    });
    const removed = [...this.stack.resources.values()].filter(({ logicalId }) => !present.includes(logicalId));
    return [...changes, ...removed.map(removal)];
  }

  public outputsChanged(): boolean {
    const known = (outputs: readonly object[]): Json => JSON.parse(JSON.stringify(outputs)) as Json;
    return !sameValue(known(resolveOutputs(this.revision, this.resolver)), known(this.stack.outputs));
  }

  private modification(desired: DesiredResource, current: StackResource): ResourceChange | undefined {
    const shown = isCustomResource(desired.type) ? (value: JsonObject) => stringified(value) as JsonObject : (value: JsonObject) => value;
    const before = shown(current.properties);
    const after = shown(desired.properties);
    const names = changedNames(before, after);
    const attributes = changedAttributes(current, desired);
    if (names.length === 0 && attributes.length === 0 && current.status !== 'UPDATE_FAILED') return undefined;
    const properties = names.map((name) => (
      { name, requiresRecreation: this.recreation(desired, name), before: before[name], after: after[name] }
    ));
    const whole = this.engine.providerOf(desired.type).replaces?.(desired.properties, current.properties) ?? false;
    return {
      action: 'Modify',
      logicalId: desired.logicalId,
      type: desired.type,
      physicalId: current.physicalId,
      replacement: whole || properties.some(({ requiresRecreation }) => requiresRecreation === 'Always') ? 'True'
        : properties.some(({ requiresRecreation }) => requiresRecreation === 'Conditionally') ? 'Conditional' : 'False',
      properties,
      attributes,
      before: contextOf(current),
      after: contextOf(desired),
    };
  }

  private recreation(desired: DesiredResource, name: string): PropertyChange['requiresRecreation'] {
    const always = !this.engine.providerOf(desired.type).update || replacingProperties(desired.type).has(name);
    if (!always) return 'Never';
    return JSON.stringify(desired.properties[name] ?? null).includes(KNOWN_AFTER_APPLY) ? 'Conditionally' : 'Always';
  }

  private predictedScope(): Scope {
    const live = scopeOf({
      world: this.engine.world,
      stack: this.stack,
      revision: this.revision,
      stacks: () => this.engine.stacks(),
      resource: (logicalId) => this.stack.resources.get(logicalId),
    });
    const isNew = (logicalId: string): boolean => {
      const outcome = this.outcome.get(logicalId);
      return outcome === 'Add' || outcome === 'True';
    };
    return {
      ...live,
      ref: (logicalId) => (isNew(logicalId) ? KNOWN_AFTER_APPLY : live.ref(logicalId)),
      getAtt: (logicalId, attribute) => {
        const custom = isCustomResource(this.revision.template.Resources[logicalId]?.Type ?? '');
        if (isNew(logicalId) || (custom && this.outcome.has(logicalId))) return KNOWN_AFTER_APPLY;
        return live.getAtt(logicalId, attribute);
      },
    };
  }
}

const changedAttributes = (current: DesiredResource, desired: DesiredResource): ChangedAttribute[] => [
  ...sameValue(current.metadata, desired.metadata) ? [] : ['Metadata' as const],
  ...current.deletionPolicy === desired.deletionPolicy ? [] : ['DeletionPolicy' as const],
  ...current.updateReplacePolicy === desired.updateReplacePolicy ? [] : ['UpdateReplacePolicy' as const],
];

const contextOf = ({ properties, metadata }: Pick<DesiredResource, 'properties' | 'metadata'>): JsonObject => (
  { Properties: properties, ...(metadata && { Metadata: metadata }) }
);

const addition = (desired: DesiredResource): ResourceChange => ({
  action: 'Add', logicalId: desired.logicalId, type: desired.type, properties: [], attributes: [], after: contextOf(desired),
});

const removal = ({ logicalId, type, physicalId, ...resource }: StackResource): ResourceChange => ({
  action: 'Remove', logicalId, type, physicalId, properties: [], attributes: [], before: contextOf(resource),
});

function sameTags(stack: Stack, revision: StackRevision): boolean {
  const asObject = ({ tags }: StackRevision): Record<string, Json> => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
  return sameValue(stack.revision ? asObject(stack.revision) : {}, asObject(revision));
}
