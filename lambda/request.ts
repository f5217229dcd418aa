import { createHash } from 'node:crypto';

/** A request of CloudFormation to a custom resource. `ResponseURL` is a credential: it is never logged. */
export interface CloudFormationRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

/** Whether an event is a request, as far as it has to be read to name and answer it. */
export function isRequest(event: unknown): event is CloudFormationRequest {
  const { LogicalResourceId, ResourceProperties } = (event ?? {}) as { readonly [key in keyof CloudFormationRequest]?: unknown };
  return typeof LogicalResourceId === 'string' && typeof ResourceProperties === 'object' && ResourceProperties !== null;
}

const RESOURCE_LENGTH = 20;
const MOMENT_LENGTH = 16;
const EVENT_LENGTH = 26;
const UNKNOWN_MOMENT = '00000000T000000Z';

/** The parts of an execution name, which order the requests of one resource without any record of our own (FM9, FM31). */
export interface ExecutionName {
  readonly resource: string;
  readonly moment: string;
  readonly event: string;
}

/**
 * `<resource>-<moment of issue>-<event>`: 20 + 1 + 16 + 1 + 26 = 64 characters, the longest name allowed (EN20).
 *
 * The whole event is hashed, since CloudFormation may reuse a RequestId (FM30).
 */
export function executionName(request: CloudFormationRequest): string {
  const resource = resourcePart(request.StackId, request.LogicalResourceId);
  const moment = (momentOf(request) ?? UNKNOWN_MOMENT).slice(0, -1);
  // of two in one second, the Delete is the later: it follows the Create or Update that CloudFormation has cut short (E9)
  const rank = request.RequestType === 'Delete' ? 'Z' : 'Y';
  return `${resource}-${moment}${rank}-${eventHash(request)}`;
}

/** The part of an execution name that says whose requests it serves: the same for every request of a resource. */
export const resourcePart = (stackId: string, logicalId: string): string => sha256(`${stackId}|${logicalId}`, RESOURCE_LENGTH);

export function parseExecutionName(name: string): ExecutionName | undefined {
  const match = new RegExp(`^([0-9a-f]{${RESOURCE_LENGTH}})-(.{${MOMENT_LENGTH}})-([0-9a-f]{${EVENT_LENGTH}})$`).exec(name);
  return match ? { resource: match[1]!, moment: match[2]!, event: match[3]! } : undefined;
}

/** The name of an execution, which stands in its ARN (EN22). */
export const executionNameIn = (executionArn: string): string => /\/durable-execution\/([^/]+)\//.exec(executionArn)?.[1] ?? '';

/** The event part of the execution name: the same for every delivery of a request, and short enough for a client token (R7, A17). */
export const eventHash = (request: CloudFormationRequest): string => sha256(JSON.stringify(request), EVENT_LENGTH);

/** When CloudFormation issued the request, in epoch milliseconds, if its URL says so. */
export function issuedAt(request: CloudFormationRequest): number | undefined {
  const moment = momentOf(request);
  return moment === undefined ? undefined : dateOf(moment);
}

/** The moment of issue in an execution name or a URL, in epoch milliseconds. */
export function dateOf(moment: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(moment);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
}

const momentOf = (request: CloudFormationRequest): string | undefined =>
  /[?&][Xx]-[Aa]mz-[Dd]ate=(\d{8}T\d{6}Z)/.exec(request.ResponseURL)?.[1];

const sha256 = (text: string, length: number): string => createHash('sha256').update(text).digest('hex').slice(0, length);
