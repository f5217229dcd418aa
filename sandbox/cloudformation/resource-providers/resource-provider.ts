import type { Input, ServiceName } from '../../core/aws-service';
import type { World } from '../../core/world';
import type { JsonObject, Json } from '../template/template';

/** What a provider knows of the resource and the operation it works for. */
export interface ProviderContext {
  readonly world: World;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly resourceType: string;
  /** Fires when the operation no longer waits for this resource, because another one has failed (E9). */
  readonly cutShort: AbortSignal;
  /** Calls another service, as CloudFormation. */
  call<T = Input>(service: ServiceName, operation: string, input: Input): Promise<T>;
  /** A name of CloudFormation's making: stack, logical id and a random suffix. */
  generatedName(maximumLength?: number): string;
  /** Asks every few seconds of virtual time until `done`; gives up, and says so, after an hour or when cut short. */
  waitFor(what: string, done: () => Promise<boolean>): Promise<void>;
  /** To be told as soon as the resource exists under an id: what is cut short later is then still deleted. */
  initiated(physicalId: string): void;
}

export interface ProvidedResource {
  readonly physicalId: string;
  readonly attributes?: JsonObject;
  /** Whether attributes are masked in outputs. */
  readonly noEcho?: boolean;
}

/** What CloudFormation remembers of a resource: enough to update, restore and delete it. */
export interface ExistingResource {
  readonly physicalId: string;
  readonly properties: JsonObject;
  readonly attributes: JsonObject;
}

/** How resources of one type are made. Updates never see a change of a replacing property (E3). */
export interface ResourceProvider {
  create(properties: JsonObject, context: ProviderContext): Promise<ProvidedResource>;
  /** Without it, every update replaces. */
  update?(properties: JsonObject, existing: ExistingResource, context: ProviderContext): Promise<ProvidedResource>;
  delete(existing: ExistingResource, context: ProviderContext): Promise<void>;
  /** Whether a change replaces, beyond what the service specification says of the properties. */
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
export class CutShort extends ResourceFailure {}

export const asText = (value: Json | undefined): string => String(value ?? '');
