import type { Input, ServiceName } from '../../core/aws-service';
import type { World } from '../../core/world';
import type { JsonObject, Json } from '../template/template';

/** The resource and the operation for which a provider works. */
export interface ProviderContext {
  readonly world: World;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly resourceType: string;
  /** Fires when the operation no longer waits for this resource, because another one has failed (E9). */
  readonly interruption: AbortSignal;
  /** Calls another service, as CloudFormation. */
  call<T = Input>(service: ServiceName, operation: string, input: Input): Promise<T>;
  /** A name of CloudFormation's making: stack, logical id and a random suffix. */
  generatedName(maximumLength?: number): string;
  /** Polls every few seconds of virtual time until `done`. Fails after an hour, or when the operation is interrupted. */
  waitFor(what: string, done: () => Promise<boolean>): Promise<void>;
  /** Must be called as soon as the resource has an id: an interrupted operation can then still delete it. */
  initiated(physicalId: string): void;
}

export interface ProvidedResource {
  readonly physicalId: string;
  readonly attributes?: JsonObject;
  /** Whether attributes are masked in outputs. */
  readonly noEcho?: boolean;
}

/** The record that CloudFormation keeps of a resource: enough to update, restore and delete it. */
export interface ExistingResource {
  readonly physicalId: string;
  readonly properties: JsonObject;
  readonly attributes: JsonObject;
}

/** Creates, updates and deletes resources of one type. An update never changes a replacing property (E3). */
export interface ResourceProvider {
  create(properties: JsonObject, context: ProviderContext): Promise<ProvidedResource>;
  /** Without it, every update replaces. */
  update?(properties: JsonObject, existing: ExistingResource, context: ProviderContext): Promise<ProvidedResource>;
  delete(existing: ExistingResource, context: ProviderContext): Promise<void>;
  /** Whether a change replaces the resource, beyond the properties that the service specification marks. */
  replaces?(properties: JsonObject, existing: JsonObject): boolean;
}

/** A failure with an id, which the resource then has (E26, E27). */
export class ResourceFailure extends Error {
  constructor(reason: string, public readonly physicalId?: string) {
    super(reason);
  }
}

/** An update that was refused before anything was tried: the resource is as it was. */
export class UpdateRefused extends ResourceFailure {}

/** The end of the wait for a resource because another one failed (E9). */
export class Interrupted extends ResourceFailure {}

export const asText = (value: Json | undefined): string => String(value ?? '');
