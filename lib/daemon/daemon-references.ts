import { Token, type aws_cloudwatch as cloudwatch, type aws_ecs as ecs, type IResource, type ResourceEnvironment } from 'aws-cdk-lib';
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
  'created with DaemonCapacityProvider, for example by DaemonCapacityProvider.fromManagedInstances()', '_validate', capacityProviders);

/** Lists the ARNs and names that could not be those of what a daemon refers to, or are of another account or Region. */
export function checkReferencesOfDaemon(scope: IResource, props: ManagedDaemonProps): (string | undefined)[] {
  const { clusterRef } = props.cluster;
  const env = placeOfDaemon(scope, props.cluster);
  return [
    checkArn('cluster', clusterRef.clusterArn, { ...clusterArn, env: scope.env })
      ?? checkName('the name of the cluster', clusterRef.clusterName) ?? checkClusterName(clusterRef),
    checkArn('daemonTaskDefinition', props.daemonTaskDefinition.daemonTaskDefinitionRef.daemonTaskDefinitionArn, { ...taskDefinitionArn, env }),
    ...props.capacityProviders.map((provider) => checkArn('capacityProviderArn', provider.capacityProviderArn, { ...capacityProviderArn, env })),
    ...(props.passedRoles ?? []).map((role) => checkRole(scope, 'each entry of passedRoles', role)),
  ];
}

/** The account and the Region of a daemon: those of its cluster, where the stack leaves them to the deployment. */
export function placeOfDaemon(scope: IResource, { clusterRef, env }: ecs.IClusterRef): ResourceEnvironment {
  const [, , , region, account] = clusterRef.clusterArn.startsWith('arn:') ? clusterRef.clusterArn.split(':') : [];
  const known = (own: string, ...others: (string | undefined)[]): string =>
    [own, ...others].find((candidate) => candidate && !Token.isUnresolved(candidate)) ?? own;
  return { account: known(scope.env.account, env.account, account), region: known(scope.env.region, env.region, region) };
}

/** Metrics and rights take the name of a cluster from one, and requests its ARN. */
function checkClusterName({ clusterArn: arn, clusterName }: ecs.ClusterReference): string | undefined {
  const nameInArn = /:cluster\/([\w-]+)$/.exec(arn)?.[1];
  return nameInArn === undefined || Token.isUnresolved(clusterName) || nameInArn === clusterName
    ? undefined : `the name of the cluster must be the one in its ARN ${JSON.stringify(arn)}, got: ${JSON.stringify(clusterName)}`;
}

/** An alarm that is imported by its ARN counts as one of its stack, wherever it is. */
export function checkAlarmArn(env: ResourceEnvironment, { alarmRef }: cloudwatch.IAlarmRef): string | undefined {
  return checkArn('each entry of alarms', alarmRef.alarmArn, { ...alarmArn, env });
}
