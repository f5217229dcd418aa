import type { DaemonProperties } from '../../lambda/contract';
import type { CloudFormationRequest } from '../../lambda/request';
import type { DaemonSettings } from '../../lambda/rollout/observation';
import { desiredSettings } from '../../lambda/rollout/facts/fleet-settings';

export const CLUSTER_ARN = 'arn:aws:ecs:us-east-1:123456789012:cluster/fleet';
export const DAEMON_ARN = 'arn:aws:ecs:us-east-1:123456789012:daemon/fleet/agent';
export const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/demo/11111111-2222-3333-4444-555555555555';
export const OWNER_TAGS = { 'cdk-ecs-managed-daemons:stack-id': STACK_ID, 'cdk-ecs-managed-daemons:logical-id': 'Agent' };

export const properties = (changes: Partial<DaemonProperties> = {}): DaemonProperties => ({
  ContractVersion: '1',
  ClusterArn: CLUSTER_ARN,
  DaemonName: 'agent',
  DaemonTaskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/agent:1',
  CapacityProviderArns: ['arn:aws:ecs:us-east-1:123456789012:capacity-provider/managed'],
  DrainPercent: 25,
  BakeTimeInMinutes: 0,
  AlarmNames: [],
  PropagateTags: 'NONE',
  EnableECSManagedTags: true,
  EnableExecuteCommand: false,
  Critical: true,
  Tags: [],
  RolloutToken: '',
  TimeoutInMinutes: 55,
  ...changes,
});

export const taskDefinition = (revision: number): Pick<DaemonProperties, 'DaemonTaskDefinitionArn'> =>
  ({ DaemonTaskDefinitionArn: `arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/agent:${revision}` });

export const settings = (changes: Partial<DaemonProperties> = {}): DaemonSettings => desiredSettings(properties(changes));

/** A request as CloudFormation sends it: scalars are strings (E18). */
function request(type: CloudFormationRequest['RequestType'], rest: Partial<CloudFormationRequest>): CloudFormationRequest {
  return {
    RequestType: type,
    ResponseURL: 'https://bucket.s3.amazonaws.com/answer?X-Amz-Date=20261122T120000Z&X-Amz-Signature=secret',
    StackId: STACK_ID,
    RequestId: 'request-1',
    ResourceType: 'Custom::ECSManagedDaemon',
    LogicalResourceId: 'Agent',
    ResourceProperties: {},
    ...rest,
  };
}

export const createRequest = (changes: Partial<DaemonProperties> = {}): CloudFormationRequest =>
  request('Create', { ResourceProperties: stringified(properties(changes)) });

export const updateRequest = (
  from: Partial<DaemonProperties>, to: Partial<DaemonProperties>, PhysicalResourceId: string = DAEMON_ARN,
): CloudFormationRequest => request('Update', {
  PhysicalResourceId,
  OldResourceProperties: stringified(properties(from)),
  ResourceProperties: stringified(properties(to)),
});

export const deleteRequest = (PhysicalResourceId: string = DAEMON_ARN, changes: Partial<DaemonProperties> = {}): CloudFormationRequest =>
  request('Delete', { PhysicalResourceId, ResourceProperties: stringified(properties(changes)) });

export function stringified(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'number' || typeof part === 'boolean' ? String(part) : part) as Record<string, unknown>;
}
