import {
  AGREEMENT_SECONDS, CLOCK_MARGIN_SECONDS, LATELY_SECONDS, READ_LAG_SECONDS, secondsSince, VISIBLE_SECONDS, WAIT_SECONDS,
} from '../../timing';
import { adoptionRecord } from '../facts/adoption-record';
import type { FleetSettings, Observation, ObservedDaemon, ObservedDeployment } from '../observation';
import { differ, hasOwner, isOurs, ownerOf, STACK_KEY, tagChanges, type Tags } from '../facts/ownership';
import { NO_DRIFT, type Drift, driftOf } from '../facts/drift';
import { type Rollout, showsOlderWrites } from '../rollout';
import {
  actualFleet, desiredFleet, differences, fleetAfter, isSameFleet, isUnreported, lostProviders, rollbackFleet, targetFleet,
} from '../facts/fleet-settings';
import { lastWriteAt, type State, withLog } from '../state';
import { fail } from '../report/response';
import { adopt, alreadyAdopted, isAdoptionLate, isCompleted, mayBeCompleted, withoutAdoption } from './adoption';
import { isOver, lacksInstances } from '../facts/deployment-status';
import { isOlderThanSeen, mayShowLater, withNewest, withUnreadable } from '../facts/newest';
import { preflight } from './preflight';
import { stillRejects } from './refusal';
import { effectiveRequest, isDeletion } from '../facts/subject';
import {
  carryOutPlan, furtherProviders, readSettings, readDaemonToDelete, readSettingsAndOperations, waitFor, keepWaiting,
} from './transitions';

export function planCreate(state: State, seen: Observation, now: number, rollout: Rollout): State {
  const { daemon } = seen;
  const { DaemonName } = rollout.desired;
  if (!daemon) return readSettings(state, rollout, 0);
  if (daemon === 'absent') return preflight({ ...state, plan: 'create-daemon', latestArn: '' }, now, rollout);
  if (daemon.status === 'DELETE_IN_PROGRESS') {
    return waitFor(state, { daemon: { arn: daemon.arn } }, `a daemon named ${DaemonName}, which is being deleted, to be gone`, now, rollout);
  }
  const tags = daemon.tags ?? {};
  if (!isOurs(tags, rollout)) {
    // what a create of ours that was cut off has made may not show its tags yet
    if (state.createdDaemon && !hasOwner(tags) && secondsSince(lastWriteAt(state), now) < READ_LAG_SECONDS) {
      return readSettings(state, rollout, VISIBLE_SECONDS);
    }
    if (rollout.desired.AdoptExisting && !rollout.rollingBack) return adopt(state, daemon, seen, now, rollout);
    return fail({ ...state, createdDaemon: false }, rollout, 'FAILED',
      `a daemon named ${DaemonName} exists already in the cluster ${rollout.desired.ClusterArn} and belongs to ${ownerOf(tags)}; it was left alone`
      + `; ${adviceOn(tags, rollout)}`);
  }
  // the tags may be of an adoption that was rolled back a moment ago, and not show yet whose the daemon is since (A28)
  if (adoptionRecord(tags) && !state.adoption && secondsSince(rollout.startedAt, now) < READ_LAG_SECONDS) {
    return readSettings(state, rollout, VISIBLE_SECONDS);
  }
  const own = alreadyAdopted({ ...state, createdDaemon: true }, daemon, now);
  return planChange(own, daemon, now, effectiveRequest(own, rollout));
}

/** What to do about a daemon of somebody else's that has the name. */
function adviceOn(tags: Tags, { stackId }: Rollout): string {
  if (tags[STACK_KEY] === stackId) return 'give one of the two resources another daemonName, or remove one';
  return hasOwner(tags) ? 'change the daemonName; only if that stack gives the daemon up, set adoptExisting to take it over'
    : 'change the daemonName, or set adoptExisting to take it over';
}

/** The same in an update, which adopts nothing: the other owner may have adopted the daemon from this resource. */
function adviceInUpdate(tags: Tags, { stackId }: Rollout): string {
  if (tags[STACK_KEY] === stackId) return 'give one of the two resources another daemonName, or remove one';
  return `change the daemonName${hasOwner(tags) ? '; only if that stack gives the daemon up,' : ', or'} remove the resource from its stack and add it again`
    + ' with adoptExisting, which takes over a daemon only when its resource is created';
}

export function planUpdate(before: State, seen: Observation, now: number, rollout: Rollout): State {
  const { daemon } = seen;
  const { DaemonName } = rollout.desired;
  if (!daemon) return readSettings(before, rollout, 0);
  if (daemon === 'absent') return planAbsent(before, now, rollout);
  const state: State = { ...before, absentSince: undefined };
  if (daemon.status === 'DELETE_IN_PROGRESS') {
    if (state.release) return fail(state, rollout, 'FAILED', `the daemon ${DaemonName} is being deleted`);
    return waitFor(state, { daemon: { arn: daemon.arn } }, `the daemon ${DaemonName}, which is being deleted, to be gone`, now, rollout);
  }
  if (!isOurs(daemon.tags ?? {}, rollout)) {
    if (isAdoptionLate(state, now)) return readSettings(state, rollout, VISIBLE_SECONDS);
    if (state.adoption?.interrupted) return readSettings(withoutAdoption(state), rollout, 0);
    return fail(state, rollout, 'FAILED',
      `the daemon ${DaemonName} does not carry the tags of this stack and resource but belongs to ${ownerOf(daemon.tags ?? {})}; it was left alone`
      + `; ${adviceInUpdate(daemon.tags ?? {}, rollout)}`);
  }
  if (mayBeCompleted(state, daemon, rollout)) {
    if (!seen.openOperations) return readSettingsAndOperations(state, rollout);
    const adoptionCompleted = isCompleted(adoptionRecord(daemon.tags!)!, seen.openOperations);
    return planUpdate({ ...state, adoptionCompleted }, seen, now, { ...rollout, adoptionCompleted });
  }
  if (!asksForRollout(rollout)) return unchanged(state, daemon, now, rollout);
  return planChange(state, daemon, now, rollout);
}

/** Creates a daemon again that somebody has deleted. Reads may also be older than the daemon, be that two of them (A28). */
function planAbsent(before: State, now: number, rollout: Rollout): State {
  const state: State = { ...before, absentSince: before.absentSince ?? now };
  const isConfirmed = secondsSince(state.absentSince!, now) >= AGREEMENT_SECONDS && showsOlderWrites(rollout, now);
  const lines = before.absentSince === undefined ? [`PREFLIGHT: ECS returns no daemon ${rollout.desired.DaemonName}; reads again, since a read may be older`] : [];
  if (!isConfirmed) return readSettings(state, rollout, AGREEMENT_SECONDS, ...lines);
  const missing = `the daemon ${rollout.desired.DaemonName} does not exist any more: it was deleted outside of CloudFormation`;
  if (state.release) return fail(state, rollout, 'FAILED', missing);
  return readSettings({ ...state, absentSince: undefined, recreates: true }, rollout, 0, `PREFLIGHT: ${missing}; creates it again`);
}

const tokenDiffers = ({ desired, previous, previousDaemonArn }: Rollout): boolean =>
  previous !== undefined && previousDaemonArn === undefined && previous.RolloutToken !== desired.RolloutToken;

const tokenChanged = (rollout: Rollout): boolean => !rollout.rollingBack && tokenDiffers(rollout);

/**
 * Whether the request changes what instances run; if it does not, it never drains. A rollback from a new token does
 * not either, but it waits for the deployment that the token has begun.
 */
const asksForRollout = (rollout: Rollout): boolean =>
  rollout.previous === undefined || tokenDiffers(rollout) || !isSameFleet(desiredFleet(rollout.previous), desiredFleet(rollout.desired));

/** Compares actual with desired: a lost reply, a duplicate and a rollback look the same from here. */
function planChange(before: State, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const { latest, latestArn } = daemon;
  if (latest && isOlderThanSeen(before, latest, now)) return readSettings(before, rollout, VISIBLE_SECONDS);
  const known = withUnreadable(withObserved(before, daemon, rollout), daemon, now);
  const state = latest ? withNewest(known, latest, now) : known;
  if (isOlderThanOurs(state, latestArn, now)) return readSettings(state, rollout, VISIBLE_SECONDS);
  if (mayShowLater(state, now)) return readSettings(state, rollout, VISIBLE_SECONDS);
  const desired = desiredFleet(rollout.desired);

  switch (latest?.status) {
    case 'PENDING':
    case 'IN_PROGRESS': {
      const target = targetFleet(daemon, latest);
      const follows = target && isHeadedFor(target, desired) && (!isOpen(target, rollout) || isOurOwn(state, latest, rollout));
      if (follows && !tokenChanged(rollout)) return carryOutPlan({ ...state, plan: 'follow-deployment' }, now, rollout);
      // its revision may show later than the deployment (R41)
      if (!target && secondsSince(state.newest!.since, now) < READ_LAG_SECONDS) return readSettings(state, rollout, VISIBLE_SECONDS);
      // the stack takes back what we have begun: a new update supersedes it (A1)
      const begunByUs = (fleet: FleetSettings) =>
        rollout.rollingBack && (!rollout.previous || isHeadedFor(fleet, desiredFleet(rollout.previous)));
      const replaces = target && (rollout.request === 'create' || begunByUs(target) || lacksInstances(latest, now));
      if (replaces && !state.rejection) return planUpdateWrite({ ...state, supersedes: true }, now, rollout);
      return waitFor(state, { deployment: latestArn }, `the deployment ${latestArn}, which is not of this request, to end`, now, rollout);
    }
    case 'STOP_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS': {
      const target = rollbackFleet(daemon, latest);
      if (target && isHeadedFor(target, desired) && !tokenChanged(rollout)) return carryOutPlan({ ...state, plan: 'follow-rollback' }, now, rollout);
      // ECS may reject an update during a rollback (A2)
      return waitFor(state, { deployment: latestArn }, `ECS to roll the deployment ${latestArn} back`, now, rollout);
    }
    case undefined:
    case 'SUCCESSFUL':
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED':
      return planAtRest(state, daemon, desired, now, rollout);
    default:
      return waitFor(state, { deployment: latestArn }, `the deployment ${latestArn}, whose status ${latest!.status} is new to us, to end`, now, rollout);
  }
}

const UNLIKE = {
  mixed: 'instances run several revisions, lack the daemon, or are left open by a deployment that has failed',
  invisible: 'ECS does not tell what instances run', // after a failed first deployment (A4) or with an expired one (A15)
};

/** A read right after our own update may still show what was before it (A28). */
const isOlderThanOurs = ({ write, ecsStarted }: State, latestArn: string, now: number): boolean =>
  ecsStarted === 'certainly' && write?.command === 'update-daemon' && write.latestArn === latestArn
  && secondsSince(lastWriteAt({ write }), now) < READ_LAG_SECONDS;

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
function planAtRest(state: State, daemon: ObservedDaemon, desired: FleetSettings, now: number, rollout: Rollout): State {
  const { latest } = daemon;
  const target = latest && targetFleet(daemon, latest);
  // an earlier try of this very request has ended: its deployment is the one to judge
  if (latest && isOurOwn(state, latest, rollout) && target && isHeadedFor(target, desired)) return carryOutPlan({ ...state, plan: 'follow-deployment' }, now, rollout);
  const endedAt = Math.max(latest?.endedAt ?? 0, state.blocker?.endedAt ?? 0) + CLOCK_MARGIN_SECONDS * 1000;
  const changedAt = Math.max(rollout.startedAt, lastWriteAt(state), endedAt);
  const justEnded = latest?.endedAt !== undefined && secondsSince(latest.endedAt, now) < READ_LAG_SECONDS + CLOCK_MARGIN_SECONDS;
  // no instance runs it, and nothing tells any more whether it was rolled out to none (A10) or has failed (A15)
  const isForgotten = latest === undefined && daemon.revisions.every(({ running, withoutDaemon }) => running + withoutDaemon === 0);
  const shown = justEnded ? fleetAfter(daemon, latest) : isForgotten ? 'invisible' : actualFleet(daemon);
  const actual = typeof shown !== 'string' && isOpen(shown, rollout) && !hasNothingToRevert(latest, rollout) ? 'invisible' : shown;
  if (actual === 'invisible' && secondsSince(changedAt, now) < READ_LAG_SECONDS) return readSettings(state, rollout, VISIBLE_SECONDS);
  const equal = typeof actual !== 'string' && isSameFleet(actual, desired);
  if (!equal || tokenChanged(rollout)) {
    const why = equal ? 'a new rollout token' : typeof actual === 'string' ? UNLIKE[actual] : differences(actual, desired).join('; ');
    const drift = typeof actual === 'string' ? NO_DRIFT : driftOf(actual, latest, rollout);
    const byHand = drift.fleet.length > 0 ? [...drift.fleet, ...drift.rollout].join('; ').slice(0, 300) : '';
    const lost = typeof actual === 'string' ? [] : lostProviders(actual, desired);
    const lines = [
      `PREFLIGHT: an update is needed: ${why}`,
      ...byHand ? [`PREFLIGHT: changed by hand, and reset by this update: ${byHand}`] : rolloutDriftLines(drift),
      ...lost.length > 0 ? [`PREFLIGHT: instances of ${lost.join(', ')} are drained, and run without the daemon from then on`] : [],
    ];
    const replan = typeof actual === 'string' ? state.replan ?? 'found' : undefined;
    const next: State = { ...withLog(state, ...lines), supersedes: false, replan, driftReverted: byHand || undefined };
    return planUpdateWrite(next, now, rollout);
  }
  if (showsPredecessor(state, daemon, now, rollout)) return carryOutPlan({ ...state, plan: 'none' }, now, rollout);
  const line = state.seenSince === undefined
    ? ['PREFLIGHT: the daemon is as wanted; looks whether a write of an earlier request is still to be seen'] : [];
  return readSettings({ ...state, seenSince: state.seenSince ?? now }, rollout, AGREEMENT_SECONDS, ...line);
}

/** A template may have changed them without a rollout, so that nothing shows that it was a person. */
const rolloutDriftLines = ({ rollout }: Drift): string[] => rollout.length > 0
  ? [`PREFLIGHT: the last deployment had other rollout settings, by hand or by an older template: ${rollout.join('; ')}`] : [];

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
  return agreed(state, AGREEMENT_SECONDS, now) && showsOlderWrites(rollout, now);
}

/** Whether a deployment is none of an earlier attempt at the same: in a rollback, it began in the operation that is rolled back. */
const isOfPredecessor = ({ createdAt, endedAt }: ObservedDeployment, { rollingBack, operationBeganAt, startedAt }: Rollout): boolean =>
  rollingBack ? operationBeganAt !== undefined && createdAt >= operationBeganAt
    : secondsSince(endedAt ?? createdAt, startedAt) < LATELY_SECONDS;

const agreed = ({ seenSince }: State, seconds: number, now: number): boolean =>
  seenSince !== undefined && secondsSince(seenSince, now) >= seconds;

/** Like equality, but a deployment may not tell its providers. */
function isHeadedFor(target: FleetSettings, desired: FleetSettings): boolean {
  const { capacityProviderArns } = target.capacityProviderArns.length > 0 ? target : desired;
  return isSameFleet({ ...target, capacityProviderArns }, desired);
}

function planUpdateWrite(state: State, now: number, rollout: Rollout): State {
  // what was rolled out already, and waited for its former owner to see it, is not rolled out again
  if (!rollout.rollingBack && state.watched?.endSeen?.status === 'SUCCESSFUL') {
    return fail(state, rollout, 'SUPERSEDED',
      `SUPERSEDED: the daemon ${rollout.desired.DaemonName} was rolled out, and changed by somebody else meanwhile: deployment ${state.latestArn}`);
  }
  return preflight({ ...state, plan: 'update-daemon' }, now, rollout);
}

/** Nothing that instances run was asked to change: no drain, whatever a person has changed by hand. */
function unchanged(before: State, daemon: ObservedDaemon, now: number, rollout: Rollout): State {
  const state = withObserved(before, daemon, rollout);
  const actual = actualFleet(daemon);
  const drift = typeof actual === 'string' ? [] : differences(actual, desiredFleet(rollout.desired));
  const line = drift.map((difference) => `PREFLIGHT: changed outside of CloudFormation, until the next rollout puts it back: ${difference}`);
  const ofRollout = typeof actual === 'string' ? [] : rolloutDriftLines(driftOf(actual, daemon.latest, rollout));
  const noted: State = { ...state, plan: 'none', logLines: [...state.logLines, ...line, ...ofRollout] };
  return carryOutPlan(noted, now, rollout);
}

function withObserved(state: State, daemon: ObservedDaemon, rollout: Rollout): State {
  const { latest, latestArn, revisions, tags = {} } = daemon;
  const revisionArn = revisions.find(({ running }) => running > 0)?.revisionArn ?? latest?.target?.revisionArn ?? revisions[0]?.revisionArn ?? '';
  const furtherProviderArns = furtherProviders(daemon, rollout);
  return { ...state, latestArn, revisionArn, furtherProviderArns, tagsDiffer: differ(tagChanges(tags, rollout, state.tagsWritten)) };
}

/** Plans anew when what stood in the way is over. */
export function watchBlocker(before: State, { daemon, deployment }: Observation, now: number, rollout: Rollout): State {
  const state = deployment && deployment !== 'missing' ? withNewest(before, deployment, now) : before;
  const isBlocked = deployment ? blocks(deployment, state, now)
    : daemon && daemon !== 'absent' && daemon.status === 'DELETE_IN_PROGRESS';
  if (isBlocked && 'look' in state.decision) return keepWaiting(state, WAIT_SECONDS, state.decision.reads, now, rollout);
  return isDeletion(state, rollout) ? readDaemonToDelete(state, rollout) : readSettings(state, rollout, 0);
}

const blocks = (deployment: ObservedDeployment | 'missing', { rejection }: State, now: number): boolean => rejection
  ? stillRejects(deployment, rejection.at, now) : deployment !== 'missing' && !isOver(deployment) && !lacksInstances(deployment, now);
