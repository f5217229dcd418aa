import type { DaemonProperties } from '../../lambda/contract';
import type { Properties } from './references';
import { CLUSTER_ARN, providerArn } from './world';

/** Returns every property of a daemon: the given ones, or else those of a daemon named "agent" on one capacity provider. */
export const properties = (changes: Partial<DaemonProperties>): DaemonProperties => ({
  ContractVersion: '1',
  ClusterArn: CLUSTER_ARN,
  DaemonName: 'agent',
  DaemonTaskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/agent:1',
  CapacityProviderArns: [providerArn('managed')],
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

/** The values of properties that a template omits. */
export const DEFAULTS: Partial<DaemonProperties> = {
  BakeTimeInMinutes: 0, AlarmNames: [], PropagateTags: 'NONE', EnableECSManagedTags: false, EnableExecuteCommand: false, Critical: true, Tags: [],
  RolloutToken: '', TimeoutInMinutes: 55,
};

/** Returns the properties with the defaults of those that were omitted. */
export const completed = (given: Properties): DaemonProperties => ({ ...properties(DEFAULTS), ...given });
