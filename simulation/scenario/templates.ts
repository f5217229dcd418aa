import type { DaemonProperties } from '../../lambda/contract';
import type { Input } from '../../sandbox/core/aws-service';
import { reference, type Properties } from '../world/references';
import type { DaemonPlan, ExistingDaemon } from './scenario';
import type { TemplateResource } from '../world/stack';
import { DEFAULTS, properties } from '../world/daemon-properties';
import { CLUSTER_ARN, clusterArnOf, daemonArnIn, providerArn } from '../world/world';

/** What a template says about a daemon, with every property. */
export const completeProperties = ({ name, providers, settings }: DaemonPlan, taskDefinitionArn: string): DaemonProperties => properties({
  ClusterArn: clusterArnOf(providers[0]!),
  DaemonName: name,
  DaemonTaskDefinitionArn: taskDefinitionArn,
  CapacityProviderArns: providers.map(providerArn),
  ...settings,
});

/** Without what has its default, and with a property that is forgotten: old and new code read each other's requests. */
function ofEarlierVersion(properties: DaemonProperties): Properties {
  const isDefault = (key: string, value: unknown): boolean =>
    JSON.stringify(value) === JSON.stringify(DEFAULTS[key as keyof DaemonProperties]);
  const left = Object.entries(properties).filter(([key, value]) => !isDefault(key, value));
  return { ...Object.fromEntries(left), Forgotten: 'true' };
}

/** The input of a person's CreateDaemon, who does not state that tags are not propagated; ECS does not return that either then. */
export function inputByHand({ name, providers, settings }: ExistingDaemon, daemonTaskDefinitionArn: string): Input {
  const { DrainPercent, PropagateTags, EnableECSManagedTags, EnableExecuteCommand, Critical, Tags } = properties(settings);
  return {
    clusterArn: CLUSTER_ARN, daemonName: name, daemonTaskDefinitionArn, capacityProviderArns: providers.map(providerArn), tags: Tags,
    deploymentConfiguration: { drainPercent: DrainPercent }, enableECSManagedTags: EnableECSManagedTags,
    enableExecuteCommand: EnableExecuteCommand, critical: Critical, ...(PropagateTags === 'DAEMON' && { propagateTags: PropagateTags }),
  };
}

/** How much longer than one request CloudFormation waits by one gate. */
const GATE_MINUTES = 55;
const gatesFor = (minutes: number | undefined = 0): number => Math.max(0, Math.ceil((minutes - GATE_MINUTES) / GATE_MINUTES));

/** The logical id of what stands last for a daemon: whoever waits for the daemon depends on it. */
function lastOf({ logicalId, settings }: DaemonPlan): string {
  const gates = gatesFor(settings.TimeoutInMinutes);
  return gates === 0 ? logicalId : `${logicalId}Gate${gates}`;
}

/** A daemon and what is built around it. */
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

/** The daemon depends on the first one, and each on the one that is asked after it. */
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
