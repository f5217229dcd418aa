import { lastPartOf } from '../../arn';
import type { DaemonProperties } from '../../contract';
import type { DaemonSettings, FleetSettings, ObservedDaemon, ObservedDeployment, RevisionCounts, RevisionSettings } from '../observation';

export const desiredSettings = (properties: DaemonProperties): DaemonSettings => ({
  taskDefinitionArn: properties.DaemonTaskDefinitionArn,
  capacityProviderArns: properties.CapacityProviderArns,
  drainPercent: properties.DrainPercent,
  bakeTimeInMinutes: properties.BakeTimeInMinutes,
  alarmNames: properties.AlarmNames,
  propagateTags: properties.PropagateTags,
  enableECSManagedTags: properties.EnableECSManagedTags,
  enableExecuteCommand: properties.EnableExecuteCommand,
  critical: properties.Critical,
});

export const desiredFleet = (properties: DaemonProperties): FleetSettings => desiredSettings(properties);

const LABELS: { readonly [K in keyof FleetSettings]: string } = {
  taskDefinitionArn: 'task definition',
  capacityProviderArns: 'capacity providers',
  propagateTags: 'tag propagation',
  enableECSManagedTags: 'ECS managed tags',
  enableExecuteCommand: 'execute command',
  critical: 'critical',
};

/** The settings that are known to differ, as sentences for an operator: `critical is true instead of false`. */
export function differences(actual: FleetSettings, desired: FleetSettings): string[] {
  return (Object.keys(LABELS) as (keyof FleetSettings)[])
    .filter((key) => isKnown(actual, key) && isKnown(desired, key) && printed(actual, key) !== printed(desired, key))
    .map((key) => `${LABELS[key]} is ${brief(actual, key)} instead of ${brief(desired, key)}`);
}

/** Whether ECS has returned a setting (A38). Every revision that runs has capacity providers. */
const isKnown = (settings: FleetSettings, key: keyof FleetSettings): boolean =>
  key === 'capacityProviderArns' ? settings[key].length > 0 : settings[key] !== undefined;

/** Whether ECS returns none of the settings that a change is about, so that `actual` may be what was before or after it. */
export function isUnreported(actual: FleetSettings, before: FleetSettings, after: FleetSettings): boolean {
  const changed = (Object.keys(LABELS) as (keyof FleetSettings)[]).filter((key) => printed(before, key) !== printed(after, key));
  return changed.length > 0 && changed.every((key) => !isKnown(actual, key));
}

export const isSameFleet = (a: FleetSettings, b: FleetSettings): boolean => differences(a, b).length === 0;

/** The names of the capacity providers that lose the daemon, be it to another daemon (A27). */
export function lostProviders(actual: FleetSettings, desired: FleetSettings): string[] {
  const [before, after] = [actual, desired].map(({ capacityProviderArns }) => capacityProviderArns.map(lastPartOf));
  return before!.filter((name) => !after!.includes(name));
}

const brief = (settings: FleetSettings, key: keyof FleetSettings): string => printed(settings, key).replaceAll(/arn:[^,]*?\//g, '') || 'none';

/** Like `isSameFleet`, where the providers are not known. */
export const isSameRevision = (a: RevisionSettings, b: RevisionSettings): boolean =>
  isSameFleet({ ...a, capacityProviderArns: [] }, { ...b, capacityProviderArns: [] });

/** Providers are a set: their order means nothing. In the rollback of a deployment ECS may name them without their ARN (A5). */
function printed(settings: FleetSettings, key: keyof FleetSettings): string {
  return key === 'capacityProviderArns' ? [...new Set(settings[key].map(lastPartOf))].sort().join(', ') : String(settings[key]);
}

/** What makes the settings of a fleet unknown. */
export const WHY_UNKNOWN = {
  mixed: 'instances run several revisions, are without the daemon, or are in an unknown state after a failed deployment',
  invisible: 'ECS does not return what instances run', // after a failed first deployment (A4) or with an expired one (A15)
};

/**
 * What the fleet runs while no deployment is in progress, joined from what ECS tells in four calls (R15).
 *
 * `mixed`: it runs several revisions, or instances are without the daemon, as a failed deployment leaves it (R23, A4). `invisible`: a
 * revision cannot be read yet (R41).
 */
export function actualFleet(daemon: ObservedDaemon): FleetSettings | 'mixed' | 'invisible' {
  const populated = daemon.revisions.filter(({ running, withoutDaemon }) => running + withoutDaemon > 0);
  const settled = daemon.latest?.status === 'SUCCESSFUL' ? daemon.latest.target : undefined;
  // what the last deployment has brought about is what new instances get, be there some that it has not reached (A7), or none (A10)
  const unreached = settled && populated.every(({ revisionArn }) => revisionArn !== settled.revisionArn) ? [settled] : [];
  const named = [...populated, ...unreached];
  const current = named.length > 0 ? named : daemon.revisions;
  const fleets = current.map((revision) => fleetOf(daemon, revision));
  const [first] = fleets;
  if (daemon.latest && leavesOpen(daemon.latest, daemon.revisions)) return 'mixed';
  if (hasFailedToStart(populated, daemon.latest, first !== undefined && first.critical !== false)) return 'mixed';
  if (!first || fleets.includes(undefined)) return 'invisible';
  return fleets.every((fleet) => fleet && isSameFleet(fleet, first)) ? first : 'mixed';
}

/** Whether instances are without the daemon because it does not start. */
function hasFailedToStart(populated: readonly RevisionCounts[], latest: ObservedDeployment | undefined, mayBeCritical: boolean): boolean {
  // Without an instance that runs it, a critical daemon does not start (R28), and another one has failed, by all that ECS returns (A15).
  if ((mayBeCritical || !latest) && populated.length > 0 && populated.every(({ running }) => running === 0)) return true;
  // An instance that loses a critical daemon is replaced: one without it has been left by a first deployment (R36).
  return mayBeCritical && !latest && populated.some(({ withoutDaemon }) => withoutDaemon > 0);
}

/** Whether a deployment has failed so that nobody knows what instances run from now on. `current`: the revisions that the daemon names. */
function leavesOpen({ status, target, rollbackTargetArn }: ObservedDeployment, current: readonly RevisionCounts[]): boolean {
  if (status !== 'STOPPED' && status !== 'ROLLBACK_FAILED') return false;
  const isDeletion = target === undefined; // new instances may get the daemon, or not (A16)
  const hadNowhereToGo = status === 'ROLLBACK_FAILED' && rollbackTargetArn === ''; // a first deployment (A4)
  const lacks = current.some(({ withoutDaemon }) => withoutDaemon > 0);
  // what has failed may be what new instances get, and what keeps them from registering (A4, R28)
  const isStillWanted = current.some(({ revisionArn, running }) => revisionArn === target?.revisionArn && running === 0);
  return isDeletion || hadNowhereToGo || lacks || isStillWanted;
}

/**
 * What the fleet runs when a deployment has ended a moment ago: what that has brought about, since the counts beside the daemon
 * may be older than the end (A28). `invisible`: only later counts can tell.
 */
export function fleetAfter(daemon: ObservedDaemon, ended: ObservedDeployment): FleetSettings | 'invisible' {
  switch (ended.status) {
    case 'SUCCESSFUL': return targetFleet(daemon, ended) ?? 'invisible';
    case 'ROLLBACK_SUCCESSFUL': return rollbackFleet(daemon, ended) ?? 'invisible';
    default: return 'invisible';
  }
}

/** What a deployment rolls out; undefined while its revision cannot be read. */
export const targetFleet = (daemon: ObservedDaemon, deployment: ObservedDeployment): FleetSettings | undefined =>
  deployment.target && fleetOf(daemon, deployment.target);

/** What ECS is rolling back to; undefined if it does not say. */
export function rollbackFleet(daemon: ObservedDaemon, deployment: ObservedDeployment): FleetSettings | undefined {
  const settings = daemon.settings[deployment.rollbackTargetArn];
  return settings && { ...settings, capacityProviderArns: providersOf({ ...daemon, latest: deployment }, deployment.rollbackTargetArn) };
}

function fleetOf(daemon: ObservedDaemon, revision: RevisionCounts): FleetSettings | undefined {
  const settings = daemon.settings[revision.revisionArn];
  return settings && { ...settings, capacityProviderArns: providersOf(daemon, revision.revisionArn) };
}

/**
 * The providers are visible only beside the counts of a revision (R15). Those of a rollback are all that it involves, the ones that it
 * leaves included (A27): they count where nothing else tells.
 */
function providersOf({ revisions, latest }: ObservedDaemon, revisionArn: string): string[] {
  const places = [...revisions, latest?.target, ...latest?.sources ?? []]
    .filter((place): place is RevisionCounts => place?.revisionArn === revisionArn);
  const beside = places.flatMap((place) => place.capacityProviderArns);
  const rolledBackTo = latest?.rollbackTargetArn === revisionArn ? latest.rollbackCapacityProviderArns : [];
  return [...new Set(beside.length > 0 ? beside : rolledBackTo)];
}
