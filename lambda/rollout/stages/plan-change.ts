import { AGREEMENT_SECONDS, CLOCK_MARGIN_SECONDS, LATELY_SECONDS, READ_LAG_SECONDS, secondsSince, VISIBLE_SECONDS } from '../../timing';
import { PLAN_RULES, type PlanRead } from '../consistency/plan';
import { lacksInstances } from '../facts/deployment-status';
import {
  actualFleet, desiredFleet, differences, fleetAfter, isSameFleet, isUnreported, lostProviders, rollbackFleet, targetFleet, WHY_UNKNOWN,
} from '../facts/fleet-settings';
import { withNewest, withUnreadable } from '../facts/newest';
import { differ, tagChanges } from '../facts/ownership';
import type { DeploymentStatus, FleetSettings, ObservedDaemon, ObservedDeployment } from '../observation';
import type { Rollout } from '../rollout';
import { type State, withLog, withSighting } from '../state';
import { preflight } from './preflight';
import { carryOutPlan, furtherProviders, readSettings, waitFor } from './transitions';

export const tokenDiffers = ({ desired, previous, previousDaemonArn }: Rollout): boolean =>
  previous !== undefined && previousDaemonArn === undefined && previous.RolloutToken !== desired.RolloutToken;

const tokenChanged = (rollout: Rollout): boolean => !rollout.rollingBack && tokenDiffers(rollout);

/** Compares actual with desired: a lost reply, a duplicate and a rollback look the same from here. */
export function planChange(before: State, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const { latest } = daemon;
  if (PLAN_RULES['older-than-seen'].applies({ state: before, daemon, now, rollout })) return readSettings(before, rollout, VISIBLE_SECONDS);
  const known = withUnreadable(withObserved(before, daemon, rollout), daemon, now);
  const state = latest ? withNewest(known, latest, now) : known;
  const read: PlanRead = { state, daemon, now, rollout };
  const isEarly = PLAN_RULES['older-than-own-update'].applies(read) || PLAN_RULES['latest-deployment-unreadable'].applies(read);
  if (isEarly) return readSettings(state, rollout, VISIBLE_SECONDS);
  return latest ? planBeside(state, daemon, latest, now, rollout) : planAtRest(state, daemon, now, rollout);
}

/** Plans beside the latest deployment, by its status. */
function planBeside(state: State, daemon: ObservedDaemon, latest: ObservedDeployment, now: number, rollout: Rollout): State {
  const { arn, status } = latest;
  switch (status as DeploymentStatus) {
    case 'PENDING':
    case 'IN_PROGRESS':
      return planBesideDeployment(state, daemon, latest, now, rollout);
    case 'STOP_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return planBesideRollback(state, daemon, latest, now, rollout);
    case 'SUCCESSFUL':
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED':
      return planAtRest(state, daemon, now, rollout);
    default: // AWS may add a status (A33)
      return waitFor(state, { deployment: arn }, `the deployment ${arn}, whose status ${status} is unknown, to end`, now, rollout);
  }
}

/** Follows a deployment that leads to what is desired, replaces one of this very request, and waits for another one. */
function planBesideDeployment(state: State, daemon: ObservedDaemon, latest: ObservedDeployment, now: number, rollout: Rollout): State {
  const target = targetFleet(daemon, latest);
  const isOurs = target !== undefined && (!isOpen(target, rollout) || isOurOwn(state, latest, rollout));
  if (target && isHeadedFor(target, desiredFleet(rollout.desired)) && isOurs && !tokenChanged(rollout)) {
    return carryOutPlan(state, { kind: 'follow-deployment' }, now, rollout);
  }
  if (!target && PLAN_RULES['target-revision-unreadable'].applies({ state, daemon, now, rollout })) return readSettings(state, rollout, VISIBLE_SECONDS);
  const replaces = target && (rollout.request === 'create' || isToBeReverted(target, rollout) || lacksInstances(latest, now));
  if (replaces && !state.rejection) return preflight(state, { kind: 'update-daemon', supersedes: true }, now, rollout);
  return waitFor(state, { deployment: latest.arn }, `the deployment ${latest.arn}, which is not of this request, to end`, now, rollout);
}

/** Whether the stack rolls back what this deployment leads to: a new update supersedes it (A1). */
const isToBeReverted = (fleet: FleetSettings, { rollingBack, previous }: Rollout): boolean =>
  rollingBack && (!previous || isHeadedFor(fleet, desiredFleet(previous)));

/** ECS may reject an update during a rollback (A2). */
function planBesideRollback(state: State, daemon: ObservedDaemon, latest: ObservedDeployment, now: number, rollout: Rollout): State {
  const target = rollbackFleet(daemon, latest);
  if (target && isHeadedFor(target, desiredFleet(rollout.desired)) && !tokenChanged(rollout)) {
    return carryOutPlan(state, { kind: 'follow-rollback' }, now, rollout);
  }
  return waitFor(state, { deployment: latest.arn }, `ECS to roll the deployment ${latest.arn} back`, now, rollout);
}

/** Whether a deployment may be of an earlier attempt at this very request. */
const isOurOwn = ({ createdDaemon }: State, { createdAt }: ObservedDeployment, { startedAt }: Rollout): boolean =>
  createdDaemon === true && createdAt >= startedAt - CLOCK_MARGIN_SECONDS * 1000;

/** Whether settings may be those before or after the request, since ECS returns none that it changes (A38). */
const isOpen = (fleet: FleetSettings, { previous, desired }: Rollout): boolean =>
  previous !== undefined && isUnreported(fleet, desiredFleet(previous), desiredFleet(desired));

/** Whether the operation that is rolled back has left no deployment behind, or one that ECS has rolled back by itself. */
const hasNothingToRevert = (latest: ObservedDeployment | undefined, { rollingBack, operationBeganAt }: Rollout): boolean =>
  rollingBack && operationBeganAt !== undefined
  && (latest === undefined || latest.createdAt < operationBeganAt || latest.status === 'ROLLBACK_SUCCESSFUL');

/** Plans while no deployment is in progress. */
function planAtRest(state: State, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const { latest } = daemon;
  const desired = desiredFleet(rollout.desired);
  const target = latest && targetFleet(daemon, latest);
  // an earlier try of this very request has ended: its deployment is the one to judge
  if (latest && isOurOwn(state, latest, rollout) && target && isHeadedFor(target, desired)) {
    return carryOutPlan(state, { kind: 'follow-deployment' }, now, rollout);
  }
  const actual = fleetAtRest(daemon, now, rollout);
  if (actual === 'invisible' && PLAN_RULES['fleet-unreadable'].applies({ state, daemon, now, rollout })) {
    return readSettings(state, rollout, VISIBLE_SECONDS);
  }
  const isEqual = typeof actual !== 'string' && isSameFleet(actual, desired);
  if (!isEqual || tokenChanged(rollout)) return planUpdateOf(actual, state, now, rollout);
  if (showsPredecessor(state, daemon, now, rollout)) return carryOutPlan(state, { kind: 'none' }, now, rollout);
  const lines = state.sightings['daemon-as-desired'] === undefined
    ? ['PREFLIGHT: the daemon has the desired settings; reads again, since a write of an earlier request may not be visible yet'] : [];
  return readSettings(withSighting(state, 'daemon-as-desired', true, now), rollout, AGREEMENT_SECONDS, ...lines);
}

/** What the fleet runs while no deployment is in progress, as far as that can be known. */
export function fleetAtRest(daemon: ObservedDaemon, now: number, rollout: Rollout): ReturnType<typeof actualFleet> {
  const { latest } = daemon;
  const justEnded = latest?.endedAt !== undefined && secondsSince(latest.endedAt, now) < READ_LAG_SECONDS + CLOCK_MARGIN_SECONDS;
  // no instance runs it, and nothing tells any more whether it was rolled out to none (A10) or has failed (A15)
  const isForgotten = latest === undefined && daemon.revisions.every(({ running, withoutDaemon }) => running + withoutDaemon === 0);
  const actual = justEnded ? fleetAfter(daemon, latest) : isForgotten ? 'invisible' : actualFleet(daemon);
  return typeof actual !== 'string' && isOpen(actual, rollout) && !hasNothingToRevert(latest, rollout) ? 'invisible' : actual;
}

/** Plans an update, and logs why it is needed and what it changes besides. */
function planUpdateOf(actual: ReturnType<typeof actualFleet>, state: State, now: number, rollout: Rollout): State {
  if (typeof actual === 'string') {
    const line = `PREFLIGHT: an update is needed: ${WHY_UNKNOWN[actual]}`;
    return preflight({ ...withLog(state, line), driftReverted: undefined }, { kind: 'update-daemon' }, now, rollout);
  }
  const desired = desiredFleet(rollout.desired);
  const driftReverted = driftOf(actual, rollout).join('; ').slice(0, 300);
  const lost = lostProviders(actual, desired);
  const lines = [
    `PREFLIGHT: an update is needed: ${differences(actual, desired).join('; ') || 'a new rollout token'}`,
    ...driftReverted ? [`PREFLIGHT: changed outside CloudFormation, and reverted by this update: ${driftReverted}`] : [],
    ...lost.length > 0 ? [`PREFLIGHT: instances of ${lost.join(', ')} are drained, and run without the daemon from then on`] : [],
  ];
  return preflight({ ...withLog(state, ...lines), driftReverted: driftReverted || undefined }, { kind: 'update-daemon' }, now, rollout);
}

/**
 * The fleet settings that neither this template nor the one before has: somebody has changed them outside CloudFormation.
 *
 * In the rollback of a stack, the old settings are those that have failed, and do not count.
 */
function driftOf(actual: FleetSettings, { desired, previous, previousDaemonArn, rollingBack }: Rollout): string[] {
  if (!previous || previousDaemonArn || rollingBack) return [];
  const settingOf = (difference: string): string => difference.split(' is ')[0]!;
  const fromBefore = differences(actual, desiredFleet(previous)).map(settingOf);
  return differences(actual, desiredFleet(desired)).filter((difference) => fromBefore.includes(settingOf(difference)));
}

/**
 * The request before this one asked for something else. If its deployment is visible, it has ended; if not, its write may be on
 * the way still, and reads be as old as the lag (A28, FM24).
 */
function showsPredecessor(state: State, daemon: ObservedDaemon, now: number, rollout: Rollout): boolean {
  const { previous, previousDaemonArn, rollingBack } = rollout;
  if (previousDaemonArn || (!previous && !rollingBack)) return true;
  const { latest } = daemon;
  const target = latest && targetFleet(daemon, latest);
  // after a mere change of the token, a deployment before that one looks the same
  const tells = previous && !isSameFleet(desiredFleet(previous), desiredFleet(rollout.desired));
  if (tells && target && isHeadedFor(target, desiredFleet(previous)) && isOfPredecessor(latest, rollout)) return true;
  return !PLAN_RULES['predecessor-may-still-write'].applies({ state, daemon, now, rollout });
}

/** Whether a deployment is none of an earlier attempt at the same: in a rollback, it began in the operation that is rolled back. */
const isOfPredecessor = ({ createdAt, endedAt }: ObservedDeployment, { rollingBack, operationBeganAt, startedAt }: Rollout): boolean =>
  rollingBack ? operationBeganAt !== undefined && createdAt >= operationBeganAt
    : secondsSince(endedAt ?? createdAt, startedAt) < LATELY_SECONDS;

/** Like equality, but a deployment may not tell its providers. */
function isHeadedFor(target: FleetSettings, desired: FleetSettings): boolean {
  const { capacityProviderArns } = target.capacityProviderArns.length > 0 ? target : desired;
  return isSameFleet({ ...target, capacityProviderArns }, desired);
}

export function withObserved(state: State, daemon: ObservedDaemon, rollout: Rollout): State {
  const { latest, latestArn, revisions, tags = {} } = daemon;
  const revisionArn = revisions.find(({ running }) => running > 0)?.revisionArn ?? latest?.target?.revisionArn ?? revisions[0]?.revisionArn ?? '';
  const furtherProviderArns = furtherProviders(daemon, rollout);
  return { ...state, latestArn, revisionArn, furtherProviderArns, tagsDiffer: differ(tagChanges(tags, rollout, state.tagsWritten)) };
}
