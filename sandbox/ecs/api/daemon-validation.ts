import type { Input } from '../../core/aws-service';
import type { CapacityProvider } from './capacity-providers';
import type { Cluster } from './clusters';
import type { EcsContext } from '../context';
import { invalidParameter } from '../errors';

/** Refuses flags and deployment configurations that `CreateDaemon` and `UpdateDaemon` refuse. */
export function validateDaemonSettings(context: EcsContext, input: Input): void {
  if (input.propagateTags !== undefined && !['DAEMON', 'NONE'].includes(input.propagateTags)) {
    throw invalidParameter(`Invalid propagateTags: ${input.propagateTags}. Valid values are DAEMON and NONE.`);
  }
  for (const flag of ['enableECSManagedTags', 'enableExecuteCommand', 'critical']) {
    if (input[flag] !== undefined && typeof input[flag] !== 'boolean') throw invalidParameter(`${flag} must be a boolean.`);
  }
  const configuration: Input = input.deploymentConfiguration ?? {};
  const { drainPercent, bakeTimeInMinutes, alarms } = configuration;
  if (drainPercent !== undefined) { // API and guide differ about values below 1 (R29, A9)
    const lowest = context.assumptions.drainBelowOne === 'reject' ? 1 : 0;
    if (typeof drainPercent !== 'number' || !(drainPercent >= lowest && drainPercent <= 100)) {
      throw invalidParameter(`drainPercent must be between ${lowest}.0 and 100.0.`);
    }
  }
  const bakes = Number.isInteger(bakeTimeInMinutes) && bakeTimeInMinutes >= 0 && bakeTimeInMinutes <= 1440;
  if (bakeTimeInMinutes !== undefined && !bakes) { // whole minutes, at most a day (R30)
    throw invalidParameter('bakeTimeInMinutes must be between 0 and 1440.');
  }
  validateAlarms(context, alarms);
}

function validateAlarms(context: EcsContext, alarms: Input | undefined): void {
  if (alarms === undefined) return;
  const { alarmNames = [], enable } = alarms;
  if (!Array.isArray(alarmNames) || !alarmNames.every((name) => typeof name === 'string' && name !== '')) {
    throw invalidParameter('alarmNames must be a list of alarm names.');
  }
  if (enable !== undefined && typeof enable !== 'boolean') throw invalidParameter('enable must be a boolean.'); // 'true' would enable nothing
  if (enable !== true) return;
  const { compositeAlarms, logAlarms } = context.assumptions; // AWS documents metric alarms only (A13); unknown names are accepted (R34)
  for (const [type, handling] of [['CompositeAlarm', compositeAlarms], ['LogAlarm', logAlarms]] as const) {
    const unsupported = alarmNames.find((name) => context.alarms.alarm(name)?.type === type);
    if (handling === 'reject' && unsupported !== undefined) throw invalidParameter(`Alarms of the type ${type} aren't supported: ${unsupported}`);
  }
}

/** The capacity providers of a request: ARNs of ACTIVE Managed Instances providers of the cluster (R43). */
export function validateCapacityProviders(
  arns: unknown, cluster: Cluster, find: (arn: string) => CapacityProvider | undefined,
): string[] {
  if (!Array.isArray(arns) || arns.length === 0) throw invalidParameter('capacityProviderArns can not be empty.');
  for (const arn of arns as string[]) {
    if (!String(arn).startsWith('arn:')) throw invalidParameter(`Invalid capacity provider ARN: ${arn}`);
    const provider = find(arn);
    if (!provider || provider.status === 'INACTIVE') throw invalidParameter(`The specified capacity provider wasn't found: ${arn}`);
    if (!provider.fleet) throw invalidParameter(`Daemons support Managed Instances capacity providers only: ${arn}`);
    if (provider.cluster !== cluster) throw invalidParameter(`The specified capacity provider isn't associated with the cluster: ${arn}`);
    if (provider.status !== 'ACTIVE') throw invalidParameter(`The specified capacity provider isn't ACTIVE: ${arn}`);
  }
  if (new Set(arns).size < arns.length) throw invalidParameter('capacityProviderArns contains duplicates.');
  return arns.map(String);
}
