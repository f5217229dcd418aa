import type { Moment } from '../engine/timestamps';
import { STACK_TYPE, type Stack, type StackEvent, type StackResource, type StackRevision } from '../engine/stack';

/** Which of a moment's two times a caller sees. */
export type Time = (moment: Moment) => Date;

export const describeParameters = ({ parameters }: StackRevision): unknown[] => parameters.map(({ key, text, resolvedText, noEcho }) => ({
  ParameterKey: key, ParameterValue: noEcho ? '****' : text, ResolvedValue: resolvedText,
}));

export const describeStack = (stack: Stack, time: Time): unknown => ({
  StackId: stack.id,
  StackName: stack.name,
  Description: stack.revision?.template.Description,
  Parameters: stack.revision && describeParameters(stack.revision),
  CreationTime: time(stack.created),
  LastUpdatedTime: stack.updated && time(stack.updated),
  DeletionTime: stack.deleted && time(stack.deleted),
  StackStatus: stack.status,
  StackStatusReason: stack.statusReason,
  DisableRollback: stack.disableRollback,
  NotificationARNs: stack.notificationArns,
  Capabilities: stack.capabilities,
  Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
    OutputKey: key, OutputValue: value, Description: description, ExportName: exportName,
  })),
  RoleARN: stack.roleArn,
  Tags: stack.revision?.tags ?? [],
  EnableTerminationProtection: stack.terminationProtection,
  RollbackConfiguration: {},
  DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
});

/** An event with its own id and that of its stack, as the CDK CLI requires (W19, W20). */
export const describeEvent = (stack: Stack, event: StackEvent, time: Time): unknown => ({
  StackId: stack.id,
  EventId: event.resourceType === STACK_TYPE ? event.eventId : `${event.logicalId}-${event.status}-${event.eventId}`,
  StackName: stack.name,
  OperationId: event.operationId,
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId ?? '',
  ResourceType: event.resourceType,
  Timestamp: time(event.moment),
  ResourceStatus: event.status,
  ResourceStatusReason: event.statusReason,
  ResourceProperties: event.properties && JSON.stringify(event.properties),
  ClientRequestToken: event.clientRequestToken,
});

export const describeResource = (stack: Stack, resource: StackResource, time: Time): unknown => ({
  StackName: stack.name,
  StackId: stack.id,
  ...summarizeResource(resource, time),
  Timestamp: time(resource.moment),
});

export const summarizeResource = (resource: StackResource, time: Time): Record<string, unknown> => ({
  LogicalResourceId: resource.logicalId,
  PhysicalResourceId: resource.physicalId,
  ResourceType: resource.type,
  LastUpdatedTimestamp: time(resource.moment),
  ResourceStatus: resource.status,
  ResourceStatusReason: resource.statusReason,
  DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
});

export const summarizeStack = (stack: Stack, time: Time): unknown => ({
  StackId: stack.id,
  StackName: stack.name,
  TemplateDescription: stack.revision?.template.Description,
  CreationTime: time(stack.created),
  LastUpdatedTime: stack.updated && time(stack.updated),
  DeletionTime: stack.deleted && time(stack.deleted),
  StackStatus: stack.status,
  StackStatusReason: stack.statusReason,
});
