import {
  AGREEMENT_SECONDS, BATCH_PATIENCE_SECONDS, CLOCK_MARGIN_SECONDS, CONFIRM_SECONDS, DELETE_RETRY_SECONDS, DRAINING_SECONDS,
  READ_LAG_SECONDS, secondsSince, SETTLING_SECONDS,
} from '../../timing';
import type { Fault } from '../aws/fault';
import type { Observation } from '../observation';
import { isOurs, ownerOf } from '../facts/ownership';
import { type Rollout, showsOlderWrites } from '../rollout';
import { poll, type State } from '../state';
import { fail, succeed } from '../report/response';
import { releaseInstead } from './release';
import { waitForRejectingDeployment } from './refusal';
import { deletedDaemonArn, deletedDaemonName } from '../facts/subject';
import { afterDeletionOfPrevious, furtherProviders, readDaemonToDelete, requestWrite } from './transitions';

/** DeleteDaemon is sent once more if ECS has rolled the deletion back (A16). */
const MOST_DELETE_REQUESTS = 2;
const REFUSED = 'ECS refused the deletion';

export function watchDeletion(state: State, seen: Observation, now: number, rollout: Rollout): State {
  const { daemon } = seen;
  if (!daemon) return readDaemonToDelete(state, rollout);
  if (daemon === 'absent') return daemonAbsent(state, now, rollout);
  const ownedCreatedAt = Math.max(state.ownedCreatedAt ?? 0, daemon.createdAt);
  const present: State = { ...state, seenSince: undefined };
  const { tags } = daemon;
  if (tags) {
    // those of one that was made since may be those of one before it that had its name (A28); ECS dates it by another clock than ours
    const isNew = daemon.createdAt > rollout.startedAt && secondsSince(daemon.createdAt, now) < READ_LAG_SECONDS + CLOCK_MARGIN_SECONDS;
    if (isNew) return keepDraining(present, rollout, AGREEMENT_SECONDS);
    const instead = releaseInstead(present, daemon, seen, now, rollout);
    if (instead) return instead;
    // somebody has created a daemon of that name after ours was gone
    if (!isOurs(tags, rollout) && state.deletionSeen && daemon.createdAt > rollout.startedAt) return gone(state, rollout);
    if (!isOurs(tags, rollout)) return notOurs(state, tags, now, rollout);
  }
  const owned: State = { ...present, ownedCreatedAt, latestArn: daemon.latestArn, furtherProviderArns: furtherProviders(daemon, rollout) };
  switch (daemon.status) {
    case 'ACTIVE': return active(owned, daemon.tags !== undefined, now, rollout);
    case 'DELETE_IN_PROGRESS': return draining(owned, daemon.revisions.reduce((sum, { running }) => sum + running, 0), now, rollout);
    default: return keepDraining(owned, rollout, DRAINING_SECONDS, `DRAINING: ECS reports the status ${daemon.status}, which is unknown; keeps polling`);
  }
}

function active(state: State, ownerIsFresh: boolean, now: number, rollout: Rollout): State {
  const { deleteRequests = 0, deletionKnownAt } = state;
  // the read may be older than the deletion, be that one that has shown already (A28)
  const mayBeOlder = deletionKnownAt !== undefined && secondsSince(deletionKnownAt, now) < READ_LAG_SECONDS;
  if (mayBeOlder) return keepDraining(state, rollout, DRAINING_SECONDS);
  // somebody may have adopted it meanwhile, be it before the first request
  if (!ownerIsFresh) return readDaemonToDelete(state, rollout);
  if (deleteRequests === 0) return request(state, now, rollout);
  if (state.deletionCutOff && !state.deletionSeen) {
    const ecsStarted = state.ecsStarted === 'perhaps' ? undefined : state.ecsStarted;
    const unasked: State = { ...state, ecsStarted, deleteRequests: deleteRequests - 1 };
    return request(unasked, now, rollout, 'DRAINING: the interrupted request has had no effect; requests the deletion again');
  }
  if (deleteRequests < MOST_DELETE_REQUESTS) return request(state, now, rollout, 'DRAINING: the daemon is ACTIVE again; requests the deletion again');
  return fail({ ...state, phase: 'DRAINING' }, rollout, 'FAILED', `ECS has rolled the deletion of the daemon ${deletedDaemonName(state, rollout)} back twice`);
}

function request(state: State, now: number, rollout: Rollout, ...logLines: string[]): State {
  const counted = {
    ...state, deletionKnownAt: undefined, deletionSeen: false, deletionCutOff: undefined, deleteRequests: (state.deleteRequests ?? 0) + 1,
  };
  const lines = state.blockedOn?.startsWith(REFUSED) ? [] : [...logLines, `DRAINING: deletes the daemon ${deletedDaemonName(state, rollout)}`];
  return { ...requestWrite(counted, 'delete-daemon', now, ...lines), phase: 'DRAINING' };
}

/** The request was accepted, or nobody knows. */
export const deletionBegun = (state: State, now: number, rollout: Rollout, ...logLines: string[]): State =>
  keepDraining({ ...state, stage: 'drain', phase: 'DRAINING', blockedOn: undefined, deletionKnownAt: now }, rollout, CONFIRM_SECONDS, ...logLines);

/** Decides what a rejected DeleteDaemon means: the deletion runs already, is gone, or is requested again (R38, A3, A16). */
export function deletionRefused(state: State, fault: Fault, now: number, rollout: Rollout): State {
  const blockedOn = `${REFUSED}: ${fault.message.slice(0, 200)}`;
  const unasked: State = { ...state, phase: 'DRAINING', deleteRequests: (state.deleteRequests ?? 1) - 1, blockedOn };
  // whose it is as well, since somebody may adopt it meanwhile
  const retry = (what: string): State =>
    readDaemonToDelete(unasked, rollout, DELETE_RETRY_SECONDS, ...(state.blockedOn === blockedOn ? [] : [`DRAINING: ${what}, tried again: ${fault.message}`]));
  switch (fault.kind) {
    case 'not-found':
    case 'not-active':
    case 'deleting':
      return deletionBegun({ ...state, ecsStarted: 'certainly' }, now, rollout);
    case 'denied':
      if (secondsSince(rollout.startedAt, now) >= SETTLING_SECONDS) return fail(state, rollout, 'FAILED', `${fault.name}: ${fault.message}`);
      return retry('not allowed yet');
    case 'throttled':
    case 'transient':
    case 'not-ready':
      return retry('ECS refuses for now');
    case 'refused':
      return waitForRejectingDeployment(unasked, fault, now) ?? retry('ECS refuses for now');
  }
}

function draining(before: State, running: number, now: number, rollout: Rollout): State {
  const deletionKnownAt = before.deletionKnownAt ?? now;
  const state: State = { ...before, phase: 'DRAINING', deletionSeen: true, deletionKnownAt, ecsStarted: 'certainly' };
  const sentence = `${running === 1 ? '1 instance still runs' : `${running} instances still run`} the daemon ${deletedDaemonName(state, rollout)}`;
  const logged = state.loggedDraining;
  if (logged?.running !== running) {
    return keepDraining({ ...state, loggedDraining: { running, at: now } }, rollout, DRAINING_SECONDS, ...(running > 0 ? [`DRAINING: ${sentence}`] : []));
  }
  if (logged.isStallLogged || secondsSince(logged.at, now) < BATCH_PATIENCE_SECONDS) return keepDraining(state, rollout, DRAINING_SECONDS);
  const standstill = `no progress for ${Math.floor(secondsSince(logged.at, now) / 60)} minutes: ${sentence}`;
  return keepDraining({ ...state, loggedDraining: { ...logged, isStallLogged: true }, blockedOn: sentence }, rollout, DRAINING_SECONDS, `DRAINING: ${standstill}`);
}

/** That the daemon is gone is believed when two reads agree (A16). */
function daemonAbsent(state: State, now: number, rollout: Rollout): State {
  const seenSince = state.seenSince ?? now;
  const waiting: State = { ...state, seenSince };
  // a daemon that was made a moment ago may not be visible yet, and the write of a Create that was cut short be on its way (E9, A28);
  // what was seen to be deleted by somebody else may be one before it that had its name (A28)
  const settled = showsOlderWrites(rollout, now);
  const isKnown = state.ownedCreatedAt !== undefined && (settled || (state.deleteRequests ?? 0) > 0);
  // the reads may be from before a daemon that we have seen, be that two of them; ECS dates it by another clock than ours
  const mayShowAgain = secondsSince(state.ownedCreatedAt ?? 0, now) < READ_LAG_SECONDS + CLOCK_MARGIN_SECONDS;
  const spacing = isKnown && !mayShowAgain ? CONFIRM_SECONDS : AGREEMENT_SECONDS;
  if (secondsSince(seenSince, now) >= spacing && (isKnown || settled) && !mayShowAgain) return gone(waiting, rollout);
  const lines = !isKnown && state.seenSince === undefined
    ? [`DRAINING: there is no daemon ${deletedDaemonName(state, rollout)}; reads again, since a new one may not be visible yet`] : [];
  return keepDraining(waiting, rollout, spacing, ...lines);
}

function gone(state: State, rollout: Rollout): State {
  const name = deletedDaemonName(state, rollout);
  if (!state.deletesPrevious) {
    return state.ownedCreatedAt !== undefined ? succeed(state, rollout, 'SUCCEEDED', `the daemon ${name} is deleted`)
      : succeed(state, rollout, 'UNCHANGED', `there is no daemon ${name}`);
  }
  return afterDeletionOfPrevious(state, rollout, ...(state.ownedCreatedAt !== undefined ? [`DRAINING: the daemon ${name} that the failed update had created is deleted`] : []));
}

function notOurs(state: State, tags: Readonly<Record<string, string>>, now: number, rollout: Rollout): State {
  // the tags of one that was made or adopted a moment ago may not be visible yet, or be those of one before it that had the name
  if (!showsOlderWrites(rollout, now)) return readDaemonToDelete(state, rollout, AGREEMENT_SECONDS);
  const sentence = `the daemon ${deletedDaemonName(state, rollout)} belongs to ${ownerOf(tags)}; it was left alone`;
  return state.deletesPrevious ? afterDeletionOfPrevious(state, rollout, `DRAINING: ${sentence}`) : succeed(state, rollout, 'UNCHANGED', sentence);
}

function keepDraining(state: State, rollout: Rollout, seconds: number, ...logLines: string[]): State {
  const arn = deletedDaemonArn(state, rollout);
  return poll({ ...state, stage: 'drain' }, seconds, { daemon: state.ownedCreatedAt === undefined ? { arn, tags: true } : { arn } }, ...logLines);
}
