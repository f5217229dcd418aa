import type {
  DaemonDeletionGateResourceType, DaemonGateResourceType, DaemonResourceType, DaemonVerificationResourceType,
} from './contract';
import { PropertiesError } from './properties';
import type { CloudFormationRequest } from './request';

/** The types of custom resources that the Lambda serves. */
export type ResourceType =
  | DaemonResourceType | DaemonVerificationResourceType | DaemonGateResourceType | DaemonDeletionGateResourceType;

/** What there is for each type; a type that is new to us is refused. */
export function forType<T>(cases: Readonly<Record<ResourceType, T>>, { ResourceType }: CloudFormationRequest): T {
  if (Object.hasOwn(cases, ResourceType)) return cases[ResourceType as ResourceType];
  throw new PropertiesError(`this version of the Lambda knows no resources of the type ${ResourceType}, only ${Object.keys(cases).join(', ')}`);
}
