import type { aws_cloudwatch as cloudwatch, IResource } from 'aws-cdk-lib';
import { checkName } from '../naming/names';
import { alarmArn, capacityProviderArn, checkArn, clusterArn, taskDefinitionArn } from '../validation/arn-validation';
import { checkClass, checkList, checkOptionalClass, checkOptionalList, isObjectWith, shown } from '../validation/class-validation';
import { checkRole } from '../validation/role-validation';
import type { ManagedDaemonProps } from './managed-daemon-props';

/** Lists what is no object of the class that it should be: JavaScript lets it through. */
export function checkClassesOfDaemon(props: ManagedDaemonProps | undefined): (string | undefined)[] {
  if (props === undefined || !isObjectWith('capacityProviders', props)) {
    return [`props must have cluster, capacityProviders and daemonTaskDefinition, got: ${shown(props)}`];
  }
  const { cluster, daemonTaskDefinition, capacityProviders, alarms, bakeTime, timeout, passedRoles, drainPercent } = props;
  return [
    checkClass('cluster', 'an ecs.Cluster or another reference to a cluster', 'clusterRef', cluster),
    checkClass('daemonTaskDefinition', 'a DaemonTaskDefinition or another reference to one', 'daemonTaskDefinitionRef', daemonTaskDefinition),
    ...checkClassesOfCapacityProviders(capacityProviders),
    ...checkOptionalList('alarms', 'an alarm, as of cloudwatch.Alarm.fromAlarmName()', 'alarmRef', alarms),
    ...checkOptionalList('passedRoles', 'an iam.Role', 'roleArn', passedRoles),
    checkOptionalClass('bakeTime', 'a Duration', 'toMinutes', bakeTime),
    checkOptionalClass('timeout', 'a Duration', 'toMinutes', timeout),
    drainPercent === undefined || typeof drainPercent === 'number' ? undefined : `drainPercent must be a number, got: ${shown(drainPercent)}`,
  ];
}

/** Lists what is no capacity provider of a daemon. */
export const checkClassesOfCapacityProviders = (capacityProviders: unknown): (string | undefined)[] => checkList('capacityProviders',
  'made with DaemonCapacityProvider, as by DaemonCapacityProvider.fromManagedInstances()', '_validate', capacityProviders);

/** Lists the ARNs and names that could not be those of what a daemon refers to, or are of another account or Region. */
export function checkReferencesOfDaemon(scope: IResource, props: ManagedDaemonProps): (string | undefined)[] {
  const { env } = scope;
  const { clusterRef } = props.cluster;
  return [
    checkArn('cluster', clusterRef.clusterArn, { ...clusterArn, env })
      ?? checkName('the name of the cluster', clusterRef.clusterName),
    checkArn('daemonTaskDefinition', props.daemonTaskDefinition.daemonTaskDefinitionRef.daemonTaskDefinitionArn, { ...taskDefinitionArn, env }),
    ...props.capacityProviders.map((provider) => checkArn('capacityProviderArn', provider.capacityProviderArn, { ...capacityProviderArn, env })),
    ...(props.passedRoles ?? []).map((role) => checkRole(scope, 'each entry of passedRoles', role)),
  ];
}

/** An alarm that is imported by its ARN counts as one of its stack, wherever it is. */
export function checkAlarmArn(scope: IResource, { alarmRef }: cloudwatch.IAlarmRef): string | undefined {
  return checkArn('each entry of alarms', alarmRef.alarmArn, { ...alarmArn, env: scope.env });
}
