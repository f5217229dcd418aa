import { RemovalPolicy } from 'aws-cdk-lib';
import { checkClass } from '../validation/class-validation';
import { argument, checkedByItsRule, flag, mapOf, oneOf, required, struct, text } from '../validation/type-checks';
import { PreflightAlarmPolicy, type PreflightOptions } from './preflight-options';
import type { ManagedDaemonAttributes } from './managed-daemon-interface';
import { DaemonTagPropagation, type ManagedDaemonProps } from './managed-daemon-props';

/**
 * Lists the properties of a daemon that have another type than TypeScript demands: JavaScript lets them through.
 *
 * Constructs and lists of constructs have rules of their own.
 */
export const checkTypesOfDaemon = argument<ManagedDaemonProps>('props', {
  daemonTaskDefinition: checkedByItsRule,
  passedRoles: checkedByItsRule,
  drainPercent: checkedByItsRule,
  bakeTime: checkedByItsRule,
  alarms: checkedByItsRule,
  preflight: struct<PreflightOptions>({ alarmInAlarm: oneOf(PreflightAlarmPolicy), alarmWithoutData: oneOf(PreflightAlarmPolicy) }),
  critical: flag,
  enableExecuteCommand: flag,
  enableECSManagedTags: flag,
  propagateTags: oneOf(DaemonTagPropagation),
  tags: mapOf(text),
  timeout: checkedByItsRule,
  removalPolicy: oneOf(RemovalPolicy),
  rolloutToken: text,
  cluster: checkedByItsRule,
  capacityProviders: checkedByItsRule,
  daemonName: checkedByItsRule,
  adoptExisting: flag,
});

/** The same for what is known of an imported daemon. */
export const checkTypesOfImportedDaemon = argument<ManagedDaemonAttributes>('attributes', {
  daemonName: required(text),
  cluster: (name, cluster) => [checkClass(name, 'an ecs.Cluster or another reference to a cluster', 'clusterRef', cluster)],
});
