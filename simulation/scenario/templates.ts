import type { DaemonProperties } from '../../lambda/contract';
import type { Input } from '../../sandbox/core/aws-service';
import { reference, type Properties } from '../world/references';
import type { DaemonPlan, ExistingDaemon } from './scenario';
import type { TemplateResource } from '../world/stack';
import { DEFAULTS, properties } from '../world/daemon-properties';
import { CLUSTER_ARN, clusterArnOf, daemonArnIn, providerArn } from '../world/world';

/** Returns every property of a daemon in a template. */
export const completeProperties = ({ name, providers, settings }: DaemonPlan, taskDefinitionArn: string): DaemonProperties => properties({
  ClusterArn: clusterArnOf(providers[0]!),
  DaemonName: name,
  DaemonTaskDefinitionArn: taskDefinitionArn,
  CapacityProviderArns: providers.map(providerArn),
  ...settings,
});

/** Omits defaults, and adds a property that was removed since: old and new code read each other's requests. */
function ofEarlierVersion(properties: DaemonProperties): Properties {
  const isDefault = (key: string, value: unknown): boolean =>
    JSON.stringify(value) === JSON.stringify(DEFAULTS[key as keyof DaemonProperties]);
  const left = Object.entries(properties).filter(([key, value]) => !isDefault(key, value));
  return { ...Object.fromEntries(left), Forgotten: 'true' };
}

/** Returns the input of a manual CreateDaemon, which omits `propagateTags: NONE`; ECS does not return that either then. */
export function manualInput({ name, providers, settings }: ExistingDaemon, daemonTaskDefinitionArn: string): Input {
  const { DrainPercent, PropagateTags, EnableECSManagedTags, EnableExecuteCommand, Critical, Tags } = properties(settings);
  return {
    clusterArn: CLUSTER_ARN, daemonName: name, daemonTaskDefinitionArn, capacityProviderArns: providers.map(providerArn), tags: Tags,
    deploymentConfiguration: { drainPercent: DrainPercent }, enableECSManagedTags: EnableECSManagedTags,
    enableExecuteCommand: EnableExecuteCommand, critical: Critical, ...(PropagateTags === 'DAEMON' && { propagateTags: PropagateTags }),
  };
}

/** The minutes that a gate adds to the wait of CloudFormation. */
const GATE_MINUTES = 55;
const gatesFor = (minutes: number | undefined = 0): number => Math.max(0, Math.ceil((minutes - GATE_MINUTES) / GATE_MINUTES));

/** Returns the logical id of a daemon's last resource, on which resources that wait for the daemon depend. */
function lastOf({ logicalId, settings }: DaemonPlan): string {
  const gates = gatesFor(settings.TimeoutInMinutes);
  return gates === 0 ? logicalId : `${logicalId}Gate${gates}`;
}

/** Returns a daemon's resource, its gates and its verification. */
export function resourcesOf(plan: DaemonPlan, earlier: readonly DaemonPlan[], taskDefinitionArn: string): TemplateResource[] {
  const { logicalId, providers, isVerified, after, settings } = plan;
  // daemons that share a capacity provider are chained in the order of their definition
  const before = earlier.filter((other) => after?.includes(other.logicalId) ?? other.providers.some((name) => providers.includes(name)));
  const further = after?.filter((id) => earlier.every((other) => other.logicalId !== id)) ?? [];
  const complete = completeProperties(plan, taskDefinitionArn);
  const deletionGates = deletionGatesOf(plan, complete);
  const daemon: TemplateResource = {
    logicalId, type: 'Custom::ECSManagedDaemon', properties: plan.isOfEarlierVersion ? ofEarlierVersion(complete) : { ...complete },
    after: [...before.map(lastOf), ...further, ...deletionGates.slice(0, 1).map((gate) => gate.logicalId)],
  };
  const resources = [...deletionGates, daemon, ...gatesOf(logicalId, gatesFor(settings.TimeoutInMinutes))];
  return isVerified ? [...resources, verificationOf(plan)] : resources;
}

const gatesOf = (logicalId: string, count: number): TemplateResource[] => Array.from({ length: count }, (_, index) => {
  const before = index === 0 ? logicalId : `${logicalId}Gate${index}`;
  return {
    logicalId: `${logicalId}Gate${index + 1}`,
    type: 'Custom::ECSManagedDaemonGate',
    properties: { DaemonArn: reference(before, 'DaemonArn'), RolloutArn: reference(before, 'RolloutArn'), GateNumber: index + 1, GateCount: count },
    after: [before],
  };
});

/** Returns the deletion gates: the daemon depends on the first one, and each on the next. */
function deletionGatesOf({ logicalId, settings }: DaemonPlan, { ClusterArn, DaemonName }: DaemonProperties): TemplateResource[] {
  const count = gatesFor(settings.DeletionTimeoutInMinutes);
  return Array.from({ length: count }, (_, index) => ({
    logicalId: `${logicalId}DeletionGate${index + 1}`,
    type: 'Custom::ECSManagedDaemonDeletionGate' as const,
    properties: { DaemonArn: daemonArnIn(ClusterArn, DaemonName), GateNumber: index + 1, GateCount: count },
    after: index + 1 < count ? [`${logicalId}DeletionGate${index + 2}`] : [],
  }));
}

function verificationOf(plan: DaemonPlan): TemplateResource {
  const { logicalId, name } = plan;
  const last = lastOf(plan);
  const properties: Properties = {
    ContractVersion: '1', ClusterArn: completeProperties(plan, '').ClusterArn, DaemonName: name, RevisionArn: reference(last, 'RevisionArn'),
    Services: ['Service'],
  };
  return { logicalId: `${logicalId}Verification`, type: 'Custom::ECSManagedDaemonVerification', properties, after: [last] };
}
