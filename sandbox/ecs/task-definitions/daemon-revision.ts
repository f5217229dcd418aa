import type { DaemonTaskDefinition } from './daemon-task-definitions';

/** An immutable record of what instances run, taken when a deployment starts (R16). */
export interface DaemonRevision {
  readonly arn: string;
  readonly daemonArn: string;
  readonly clusterArn: string;
  readonly taskDefinition: DaemonTaskDefinition;
  readonly capacityProviderArns: readonly string[];
  readonly containerImages: readonly { readonly containerName?: string; readonly image: string; readonly imageDigest: string }[];
  readonly propagateTags?: 'DAEMON' | 'NONE';
  readonly enableECSManagedTags: boolean;
  readonly enableExecuteCommand: boolean;
  /** Left out of a request, it is true (R5, R36). */
  readonly critical: boolean;
  readonly createdAt: number;
}

/** Whether instances of both run the same. */
export const sameContent = (a: DaemonRevision, b: DaemonRevision): boolean =>
  a.taskDefinition === b.taskDefinition && sameSettings(a, b);

/** Whether both have the same flags. */
export const sameSettings = (a: DaemonRevision, b: DaemonRevision): boolean =>
  (a.propagateTags ?? 'NONE') === (b.propagateTags ?? 'NONE') && a.enableECSManagedTags === b.enableECSManagedTags
  && a.enableExecuteCommand === b.enableExecuteCommand && a.critical === b.critical;

export const sameProviders = (a: DaemonRevision, b: DaemonRevision): boolean =>
  a.capacityProviderArns.length === b.capacityProviderArns.length
  && a.capacityProviderArns.every((arn) => b.capacityProviderArns.includes(arn));

/** A revision as `DescribeDaemonRevisions` shows it. */
export const describeRevision = (revision: DaemonRevision): Record<string, unknown> => ({
  daemonRevisionArn: revision.arn,
  clusterArn: revision.clusterArn,
  daemonArn: revision.daemonArn,
  daemonTaskDefinitionArn: revision.taskDefinition.arn,
  createdAt: new Date(revision.createdAt),
  containerImages: revision.containerImages,
  ...(revision.propagateTags && { propagateTags: revision.propagateTags }),
  enableECSManagedTags: revision.enableECSManagedTags,
  enableExecuteCommand: revision.enableExecuteCommand,
  critical: revision.critical,
});
