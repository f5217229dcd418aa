import type { Account } from '../../live/reads';
import { label } from '../fleets';
import type { ReadFleet } from '../options';
import type { LiveDaemon } from './deployed-app';
import type { DaemonReferences } from './references';
import { nameIn, type Reply } from './replies';

/** A page of instances. More than a few pages are not read: a plan makes at most about twenty reads. */
const PAGE = 100;
const MOST_PAGES = 5;

/**
 * The instances of each capacity provider: those that a daemon of any owner runs on, or lacks; where there is no daemon, the registered
 * ones. A number that would take too many reads is absent.
 */
export async function countedFleets(
  account: Account, references: readonly DaemonReferences[], daemons: ReadonlyMap<string, LiveDaemon>,
): Promise<ReadFleet[]> {
  const fleets: ReadFleet[] = [];
  for (const [clusterArn, providers] of providersOf(references, daemons)) {
    const unknown: string[] = [];
    for (const capacityProvider of [...providers].sort()) {
      // a deployment counts apart what drains beside its replacement
      const known = [...daemons.values()]
        .filter((daemon) => daemon.clusterArn === clusterArn && daemon.instances[capacityProvider] !== undefined)
        .toSorted((a, b) => Number(b.inProgress !== undefined) - Number(a.inProgress !== undefined))[0];
      if (known) fleets.push({ cluster: nameIn(clusterArn), capacityProvider, ...known.instances[capacityProvider]!, isRead: true });
      else unknown.push(capacityProvider);
    }
    if (unknown.length > 0) fleets.push(...await registered(account, clusterArn, unknown));
  }
  return fleets.toSorted((a, b) => (label(a) < label(b) ? -1 : 1));
}

/** The names of the capacity providers, by the ARN of the cluster. */
function providersOf(references: readonly DaemonReferences[], daemons: ReadonlyMap<string, LiveDaemon>): Map<string, Set<string>> {
  const providers = new Map<string, Set<string>>();
  const add = (clusterArn: string, name: string): void => {
    providers.set(clusterArn, (providers.get(clusterArn) ?? new Set()).add(name));
  };
  for (const { clusterArn, capacityProviderArns } of references) {
    if (clusterArn !== undefined) for (const arn of capacityProviderArns) add(clusterArn, nameIn(arn));
  }
  for (const { clusterArn, instances } of daemons.values()) for (const name of Object.keys(instances)) add(clusterArn, name);
  return providers;
}

async function registered(account: Account, cluster: string, providers: readonly string[]): Promise<ReadFleet[]> {
  const counts = new Map(providers.map((provider) => [provider, 0]));
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const listed: Reply = await account.read('ecs:ListContainerInstances', { cluster, maxResults: PAGE, nextToken })
      .catch((error: Error) => { if (/NotFound/.test(error.name)) return {}; throw error; });
    const arns: string[] = listed.containerInstanceArns ?? [];
    if (arns.length > 0) {
      const { containerInstances = [] } = await account.read('ecs:DescribeContainerInstances', { cluster, containerInstances: arns });
      for (const { capacityProviderName: name, status } of containerInstances as Reply[]) {
        if (counts.has(name) && /^(ACTIVE|REGISTERING)$/.test(status)) counts.set(name, counts.get(name)! + 1);
      }
    }
    nextToken = listed.nextToken;
    if (nextToken === undefined) {
      return [...counts].map(([capacityProvider, instances]) => (
        { cluster: nameIn(cluster), capacityProvider, instances, draining: 0, isRead: true }));
    }
  }
  return [];
}
