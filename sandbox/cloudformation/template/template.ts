import { AwsError } from '../../core/aws-error';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
export type RemovalPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';

/** Whether the resource is retained (E12), except in the rollback of the operation that created it. */
export const outlivesStack = (policy: RemovalPolicy): boolean => policy === 'Retain' || policy === 'RetainExceptOnCreate';

export interface ResourceDefinition {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly Metadata?: JsonObject;
  readonly DependsOn?: string | string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: RemovalPolicy;
  readonly UpdateReplacePolicy?: RemovalPolicy;
}

export interface ParameterDefinition {
  readonly Type: string;
  readonly Default?: string | number;
  readonly NoEcho?: boolean | string;
  readonly AllowedValues?: (string | number)[];
  readonly AllowedPattern?: string;
  readonly Description?: string;
}

export interface OutputDefinition {
  readonly Value: Json;
  readonly Description?: string;
  readonly Condition?: string;
  readonly Export?: { readonly Name: Json };
}

export interface Template {
  readonly Description?: string;
  readonly Parameters?: Record<string, ParameterDefinition>;
  readonly Mappings?: Record<string, Record<string, Record<string, Json>>>;
  readonly Conditions?: Record<string, Json>;
  readonly Resources: Record<string, ResourceDefinition>;
  readonly Outputs?: Record<string, OutputDefinition>;
}

export const emptyTemplate: Template = { Resources: {} };

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);
