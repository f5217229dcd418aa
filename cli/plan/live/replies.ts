import type { Counted } from './counted';
import type { LiveSettings } from './deployed-app';

/* eslint-disable @typescript-eslint/no-explicit-any -- replies of AWS, from the SDK or from the sandbox */
export type Reply = Record<string, any>;

/** Reads an account or a sandbox. */
export type Reader = (operation: string, input: Reply) => Promise<Reply>;

/** All pages of a list. */
export async function pages(read: (token?: string) => Promise<Reply>, items: string, token: 'nextToken' | 'NextToken'): Promise<any[]> {
  const found: any[] = [];
  let next: string | undefined;
  do {
    const page = await read(next);
    found.push(...page[items] ?? []);
    next = page[token];
  } while (next !== undefined);
  return found;
}

export const isTerminal = (status: string): boolean => /^(SUCCESSFUL|STOPPED|FAILED|ROLLBACK_SUCCESSFUL|ROLLBACK_FAILED)$/.test(status);

/** The revision that a daemon runs, or will run at the end of its deployment. */
export function revisionArnOf(daemon: Reply, deployment: Reply | undefined): string | undefined {
  const [only, ...others] = (daemon.currentRevisions ?? []) as Reply[];
  if (deployment && /^ROLLBACK/.test(deployment.status)) return deployment.rollback?.rollbackTargetDaemonRevisionArn ?? only?.arn;
  if (deployment && (!isTerminal(deployment.status) || deployment.status === 'SUCCESSFUL')) return deployment.targetDaemonRevision?.arn ?? only?.arn;
  return others.length === 0 ? only?.arn : deployment?.targetDaemonRevision?.arn;
}

export function settingsOf(daemon: Reply, deployment: Reply | undefined, revision: Reply): LiveSettings {
  const { drainPercent = 25, bakeTimeInMinutes = 0, alarms } = deployment?.deploymentConfiguration ?? {};
  const seen: Reply[] = [...daemon.currentRevisions ?? [], deployment?.targetDaemonRevision ?? {}];
  const own = seen.find(({ arn }) => arn === revision.daemonRevisionArn);
  return {
    DaemonTaskDefinitionArn: revision.daemonTaskDefinitionArn,
    CapacityProviderArns: (own?.capacityProviders ?? []).map(({ arn }: Reply) => arn).sort(),
    PropagateTags: revision.propagateTags ?? 'NONE',
    EnableECSManagedTags: revision.enableECSManagedTags ?? false,
    EnableExecuteCommand: revision.enableExecuteCommand ?? false,
    Critical: revision.critical ?? true,
    DrainPercent: drainPercent,
    BakeTimeInMinutes: bakeTimeInMinutes,
    AlarmNames: alarms?.enable === true ? [...alarms.alarmNames ?? []].sort() : [],
  };
}

/** The instances of each capacity provider, by its name. */
export function instancesOf(daemon: Reply, deployment: Reply | undefined): Record<string, Counted> {
  const counts: Record<string, Counted> = {};
  const add = (arn: string, instances: number, draining: number): void => {
    const { instances: before = 0, draining: drainingBefore = 0 } = counts[nameIn(arn)] ?? {};
    counts[nameIn(arn)] = { instances: before + instances, draining: drainingBefore + draining };
  };
  if (!deployment || isTerminal(deployment.status)) {
    for (const { arn, runningCount = 0, withoutDaemonCount = 0 } of (daemon.currentRevisions ?? []).flatMap(providersIn)) {
      add(arn, runningCount + withoutDaemonCount, 0);
    }
    return counts;
  }
  for (const { arn, runningInstanceCount = 0, withoutDaemonInstanceCount = 0, drainingInstanceCount = 0 }
    of [deployment.targetDaemonRevision ?? {}, ...deployment.sourceDaemonRevisions ?? []].flatMap(providersIn)) {
    add(arn, runningInstanceCount + withoutDaemonInstanceCount, drainingInstanceCount);
  }
  const { drainPercent = 25 } = deployment.deploymentConfiguration ?? {};
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, withDraining(count, drainPercent)]));
}

/**
 * What drains is counted apart from what runs. Its replacement may run already, or not: the size of the batch tells, if only one of the two
 * numbers of instances gives it.
 */
function withDraining({ instances, draining }: Counted, drainPercent: number): Counted {
  const batch = (number: number): number => Math.ceil(number * drainPercent / 100);
  const isReplaced = batch(instances) === draining && batch(instances + draining) !== draining;
  return { instances: isReplaced ? instances : instances + draining, draining };
}

const providersIn = ({ capacityProviders = [] }: Reply): Reply[] => capacityProviders;

export const nameIn = (arn: string): string => arn.split('/').at(-1)!;

/** Deployments or revisions, in batches of as many as ECS returns at once. */
export async function described(
  read: Reader, operation: string, argument: string, items: string, arns: readonly string[],
): Promise<Reply[]> {
  const found: Reply[] = [];
  for (let index = 0; index < arns.length; index += MOST_AT_ONCE) {
    found.push(...(await read(operation, { [argument]: arns.slice(index, index + MOST_AT_ONCE) }))[items] ?? []);
  }
  return found;
}

const MOST_AT_ONCE = 20;
