import type { DaemonProperties } from '../../lambda/contract';
import type { Input } from '../../sandbox/service';
import { properties } from '../lambda/requests';
import { reference, type Properties } from './references';
import type { DaemonPlan, ExistingDaemon } from './scenario';
import type { TemplateResource } from './stack';
import { CLUSTER_ARN, providerArn } from './world';

/** What a template says about a daemon, with every property. */
export const completeProperties = ({ name, providers, settings }: DaemonPlan, taskDefinitionArn: string): DaemonProperties => properties({
  ClusterArn: CLUSTER_ARN,
  DaemonName: name,
  DaemonTaskDefinitionArn: taskDefinitionArn,
  CapacityProviderArns: providers.map(providerArn),
  ...settings,
});

/** What a property is that a template does not name. */
const DEFAULTS: Partial<DaemonProperties> = {
  BakeTimeInMinutes: 0, AlarmNames: [], PropagateTags: 'NONE', EnableECSManagedTags: false, EnableExecuteCommand: false, Critical: true, Tags: [],
  RolloutToken: '', TimeoutInMinutes: 55,
};

/** Without what has its default, and with a property that is forgotten: old and new code read each other's requests (design § 4). */
function ofEarlierVersion(properties: DaemonProperties): Properties {
  const isDefault = (key: string, value: unknown): boolean =>
    JSON.stringify(value) === JSON.stringify(DEFAULTS[key as keyof DaemonProperties]);
  const left = Object.entries(properties).filter(([key, value]) => !isDefault(key, value));
  return { ...Object.fromEntries(left), Forgotten: 'true' };
}

/** The properties as they are understood, whatever was left out. */
export const completed = (given: Properties): DaemonProperties => ({ ...properties(DEFAULTS), ...given });

/** The input of a person's CreateDaemon. */
export function inputByHand({ name, providers, settings }: ExistingDaemon, daemonTaskDefinitionArn: string): Input {
  const { DrainPercent, PropagateTags, EnableECSManagedTags, EnableExecuteCommand, Critical, Tags } = properties(settings);
  return {
    clusterArn: CLUSTER_ARN, daemonName: name, daemonTaskDefinitionArn, capacityProviderArns: providers.map(providerArn), tags: Tags,
    deploymentConfiguration: { drainPercent: DrainPercent }, propagateTags: PropagateTags, enableECSManagedTags: EnableECSManagedTags,
    enableExecuteCommand: EnableExecuteCommand, critical: Critical,
  };
}

/** A daemon and what is built around it. */
export function resourcesOf(plan: DaemonPlan, earlier: readonly DaemonPlan[], taskDefinitionArn: string): TemplateResource[] {
  const { logicalId, providers, isVerified, after } = plan;
  // daemons that share a capacity provider are chained in the order of their definition (design § 6)
  const sharing = earlier.filter((other) => other.providers.some((name) => providers.includes(name)));
  const complete = completeProperties(plan, taskDefinitionArn);
  const daemon: TemplateResource = {
    logicalId, type: 'Custom::ECSManagedDaemon', properties: plan.isOfEarlierVersion ? ofEarlierVersion(complete) : { ...complete },
    after: after ?? sharing.map((other) => other.logicalId),
  };
  return isVerified ? [daemon, verificationOf(plan)] : [daemon];
}

function verificationOf({ logicalId, name }: DaemonPlan): TemplateResource {
  const properties: Properties = {
    ContractVersion: '1', ClusterArn: CLUSTER_ARN, DaemonName: name, RevisionArn: reference(logicalId, 'RevisionArn'), Services: ['Service'],
  };
  return { logicalId: `${logicalId}Verification`, type: 'Custom::ECSManagedDaemonVerification', properties, after: [logicalId] };
}
