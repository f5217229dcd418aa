import type { DaemonProperties } from '../../lambda/contract';
import type { Input } from '../../sandbox/core/aws-service';

/** The content that instances run, in a form independent of the Lambda's. */
export interface FleetContent {
  readonly taskDefinitionArn: string;
  readonly capacityProviderArns: readonly string[];
  readonly propagateTags: string;
  readonly enableECSManagedTags: boolean;
  readonly enableExecuteCommand: boolean;
  readonly critical: boolean;
}

export const contentOfProperties = (properties: DaemonProperties): FleetContent => ({
  taskDefinitionArn: properties.DaemonTaskDefinitionArn,
  capacityProviderArns: properties.CapacityProviderArns,
  propagateTags: properties.PropagateTags,
  enableECSManagedTags: properties.EnableECSManagedTags,
  enableExecuteCommand: properties.EnableExecuteCommand,
  critical: properties.Critical,
});

/** The input that UpdateDaemon must have, so that nothing goes back to its default (R5). */
export const completeInput = (properties: DaemonProperties): Input => ({
  daemonTaskDefinitionArn: properties.DaemonTaskDefinitionArn,
  capacityProviderArns: properties.CapacityProviderArns,
  deploymentConfiguration: {
    drainPercent: properties.DrainPercent,
    bakeTimeInMinutes: properties.BakeTimeInMinutes,
    alarms: { alarmNames: properties.AlarmNames, enable: properties.AlarmNames.length > 0 },
  },
  propagateTags: properties.PropagateTags,
  enableECSManagedTags: properties.EnableECSManagedTags,
  enableExecuteCommand: properties.EnableExecuteCommand,
  critical: properties.Critical,
});

export const isSameContent = (a: FleetContent, b: FleetContent): boolean => isSameRevision(a, b)
  && a.capacityProviderArns.length === b.capacityProviderArns.length
  && a.capacityProviderArns.every((arn) => b.capacityProviderArns.includes(arn));

/** Like `isSameContent`, without the capacity providers. */
export const isSameRevision = (a: FleetContent, b: FleetContent): boolean => a.taskDefinitionArn === b.taskDefinitionArn
  && a.propagateTags === b.propagateTags && a.enableECSManagedTags === b.enableECSManagedTags
  && a.enableExecuteCommand === b.enableExecuteCommand && a.critical === b.critical;
