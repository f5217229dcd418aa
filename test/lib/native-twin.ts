import { aws_ecs as ecs, type CfnResource, type Stack } from 'aws-cdk-lib';
import type { DaemonProperties } from '../../lambda/contract';
import type { ManagedDaemon } from '../../lib';

/**
 * Adds the native resource that says the same as a daemon of ours to a stack.
 *
 * The validator does not look into a custom resource, but knows the native type.
 */
export function addNativeTwin(stack: Stack, daemon: ManagedDaemon): ecs.CfnDaemon {
  const resource = daemon.node.defaultChild as CfnResource;
  const [{ Properties }] = Object.values(stack.resolve(resource._toCloudFormation()).Resources) as [{ Properties: DaemonProperties }];
  const twin = new ecs.CfnDaemon(stack, `${daemon.node.id}Twin`, {
    clusterArn: Properties.ClusterArn,
    daemonName: Properties.DaemonName,
    daemonTaskDefinitionArn: Properties.DaemonTaskDefinitionArn,
    capacityProviderArns: Properties.CapacityProviderArns,
    deploymentConfiguration: {
      drainPercent: Properties.DrainPercent,
      bakeTimeInMinutes: Properties.BakeTimeInMinutes,
      alarms: { alarmNames: Properties.AlarmNames, enable: Properties.AlarmNames.length > 0 },
    },
    propagateTags: Properties.PropagateTags,
    enableEcsManagedTags: Properties.EnableECSManagedTags,
    enableExecuteCommand: Properties.EnableExecuteCommand,
    tags: Properties.Tags,
  });
  twin.addPropertyOverride('Critical', Properties.Critical); // the L1 of aws-cdk-lib 2.265 does not have it
  return twin;
}
