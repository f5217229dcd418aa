import type { ExecutionReader } from '../../execution';
import type { DaemonApi } from '../aws/daemon-api';
import { ApiFault, type Fault, faultOf } from '../aws/fault';
import type { StackApi } from '../aws/stack-api';
import type {
  DeploymentTarget, Observation, ObservedDaemon, ObservedDeployment, ObservedPeer, ObservedTargets, Reads,
} from '../observation';
import { observeExecution } from './execution';
import { openOperations } from './stack';
import { stackRequests } from './stack-requests';

/** What reads are about, beside what they name themselves. */
export interface Watched {
  readonly daemonArn: string;
  readonly desired: { readonly AlarmNames: readonly string[] };
}

/** Where a look reads. */
export interface Sources {
  readonly daemons: DaemonApi;
  readonly stacks: StackApi;
  readonly executions: ExecutionReader;
}

/** What tells whose turn it is. */
export type TurnSources = Pick<Sources, 'daemons' | 'stacks'>;

type Part<K extends keyof Observation> = NonNullable<Observation[K]>;

/** Looks at what the machine asks for. Never throws: a fault is an observation too (EN3). */
export async function observe(sources: Sources, { daemonArn, desired }: Watched, reads: Reads): Promise<Observation> {
  const { daemons: api, stacks, executions } = sources;
  try {
    return {
      daemon: reads.daemon && await observeDaemon(api, reads.daemon),
      deployment: reads.deployment === undefined ? undefined : (await api.describeDeployments([reads.deployment]))[0] ?? 'missing',
      ...reads.peers ? await observeTurn(sources, daemonArn, reads.peers, reads.requests)
        : reads.requests !== undefined && { requests: await stackRequests(stacks, reads.requests) },
      targets: reads.targets && await observeTargets(api, reads.targets),
      alarms: reads.alarms && await api.describeAlarms(desired.AlarmNames),
      newer: reads.newerThan === undefined ? undefined : await observeNewer(api, daemonArn, reads.newerThan),
      openOperations: reads.openOperations === undefined ? undefined : await openOperations(stacks, reads.openOperations),
      execution: reads.execution && await observeExecution(executions, reads.execution),
    };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

async function observeDaemon(api: DaemonApi, reads: NonNullable<Reads['daemon']>): Promise<Part<'daemon'>> {
  const { arn } = reads;
  let described;
  try {
    described = await api.describeDaemon(arn);
  } catch (error) {
    const fault = faultOf(error);
    // without its cluster a daemon is as good as gone; whether the cluster only is not visible yet, a create will tell (R42)
    if (fault.kind === 'not-found' || fault.name === 'ClusterNotFoundException') return 'absent';
    throw new ApiFault(fault);
  }
  if (described.status === 'INACTIVE') return 'absent'; // a deleted daemon may still be described, as other resources of ECS are (A16)

  const latest = reads.latest && described.latestArn ? (await api.describeDeployments([described.latestArn]))[0] : undefined;
  const revisionArns = [
    ...described.revisions.map(({ revisionArn }) => revisionArn), latest?.target?.revisionArn, latest?.rollbackTargetArn,
  ].filter((revisionArn): revisionArn is string => Boolean(revisionArn));
  const settings: ObservedDaemon['settings'] = reads.settings ? await api.describeRevisions([...new Set(revisionArns)]) : {};
  const tags = reads.tags && await api.listTags(arn);
  return { arn, ...described, latest, settings, tags };
}

async function observeNewer(api: DaemonApi, daemonArn: string, createdAfter: number): Promise<DeploymentTarget[]> {
  const listed = (await api.listDeployments(daemonArn, createdAfter)).filter(({ createdAt }) => createdAt >= createdAfter);
  const settings = await api.describeRevisions([...new Set(listed.map(({ targetRevisionArn }) => targetRevisionArn))]);
  return listed.map(({ targetRevisionArn, ...deployment }) => ({ ...deployment, settings: settings[targetRevisionArn] }));
}

/** The daemons whose deployments may be in the way, and what our stack was asked for: one that is only being made shows nowhere else. */
export async function observeTurn(
  { daemons, stacks }: TurnSources, ownArn: string, reads: NonNullable<Reads['peers']>, stackId: string | undefined,
): Promise<Pick<Observation, 'peers' | 'requests'>> {
  const [peers, requests] = await Promise.all([
    observeNeighbours(daemons, ownArn, reads), stackId === undefined ? undefined : stackRequests(stacks, stackId),
  ]);
  return { peers, requests };
}

/** The daemons whose deployments may be in the way of ours, and ours among them. No more than one read if there are no others. */
async function observeNeighbours(
  api: DaemonApi, ownArn: string, { clusterArn, capacityProviderArns, updatedSince }: NonNullable<Reads['peers']>,
): Promise<ObservedPeer[]> {
  const all = await api.listDaemons(clusterArn).catch(absentCluster([]));
  if (all.every(({ arn }) => arn === ownArn)) return [];
  const sharing = new Set((await api.listDaemons(clusterArn, capacityProviderArns)).map(({ arn }) => arn));
  const seen = await Promise.all(all.filter(({ arn, updatedAt }) => sharing.has(arn) || updatedAt >= updatedSince).map(async (summary) => {
    const described = await api.describeDaemon(summary.arn).catch((error: unknown) => {
      if (faultOf(error).kind === 'not-found') return undefined; // deleted meanwhile
      throw error;
    });
    return described ? [{ ...summary, described }] : [];
  }));
  const peers = seen.flat();
  const latestArns = peers.map(({ described }) => described.latestArn).filter(Boolean);
  const deployments = new Map((latestArns.length > 0 ? await api.describeDeployments(latestArns) : [])
    .map((deployment): [string, ObservedDeployment] => [deployment.arn, deployment]));
  return peers.map(({ arn, updatedAt, described: { status, latestArn, revisions } }) => ({
    arn,
    status,
    updatedAt,
    sharesProviders: sharing.has(arn),
    capacityProviderArns: [...new Set(revisions.flatMap((revision) => revision.capacityProviderArns))],
    isUncovered: revisions.every(({ running }) => running === 0) || revisions.some(({ withoutDaemon }) => withoutDaemon > 0),
    latestArn,
    latest: latestArn === '' ? undefined : deployments.get(latestArn) ?? 'missing',
  }));
}

/** What stands for an answer where there is no cluster. */
const absentCluster = <T>(instead: T) => (error: unknown): T => {
  const fault = faultOf(error);
  if (fault.name === 'ClusterNotFoundException') return instead;
  throw new ApiFault(fault);
};

async function observeTargets(api: DaemonApi, reads: NonNullable<Reads['targets']>): Promise<ObservedTargets> {
  const capacityProviders = await api.describeCapacityProviders(reads.clusterArn, reads.capacityProviderArns)
    .catch(absentCluster('no-cluster' as const));
  const taskDefinitionStatus = await api.taskDefinitionStatus(reads.taskDefinitionArn).catch((error: unknown) => {
    const fault = faultOf(error);
    if (tellsOfNoTaskDefinition(fault)) return 'ABSENT';
    throw new ApiFault(fault);
  });
  return { capacityProviders, taskDefinitionStatus };
}

/** Recognised by its text, since ECS models no exception for it (R10, A31). */
const tellsOfNoTaskDefinition = ({ kind, name, message }: Fault): boolean =>
  name === 'DaemonTaskDefinitionNotFoundException' || ((kind === 'refused' || kind === 'not-found') && /not found|being deleted/i.test(message));
